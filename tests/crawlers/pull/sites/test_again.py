from datetime import UTC, datetime, timedelta

import pytest

from crawlers.pull.sites.again import look_again

NOW = datetime(2026, 11, 19, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age", "pause"),
    [
        (timedelta(0), timedelta(hours=12)),
        (timedelta(days=2), timedelta(days=1)),
        (timedelta(days=7), timedelta(days=7)),
        (timedelta(days=30), None),
    ],
)
def test_the_older_the_less_often_until_never(age: timedelta, pause: timedelta | None) -> None:
    assert look_again(NOW - age, NOW) == (None if pause is None else NOW + pause)


def test_what_says_no_time_counts_as_two_days_old_and_what_is_ahead_as_new() -> None:
    assert look_again(None, NOW) == NOW + timedelta(days=1)
    assert look_again(NOW + timedelta(hours=1), NOW) == NOW + timedelta(hours=12)
