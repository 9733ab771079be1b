from datetime import UTC, datetime

import pytest

from alerts.notify.phrases import local, usual


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (datetime(2026, 9, 21, 6, 2, 59, tzinfo=UTC), "09月21日 14:02"),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), "01月01日 00:00"),
    ],
)
def test_a_time_is_told_in_shanghai(moment: datetime, told: str) -> None:
    assert local(moment) == told


@pytest.mark.parametrize(
    ("expected", "told"), [(0.0, "不足 1"), (0.99, "不足 1"), (1.0, "1"), (4.5, "4"), (99.6, "100")]
)
def test_an_expected_count_is_whole_or_less_than_one(expected: float, told: str) -> None:
    assert usual(expected) == told
