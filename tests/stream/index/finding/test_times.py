"""Times as they are typed, in Beijing."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.errors import Rejected
from stream.index.finding.times import read_since, read_until

NOW = datetime(2026, 9, 22, 17, 30, tzinfo=UTC)  # in Beijing half past one on the 23rd


def utc(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 9, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "since", "until"),
    [
        ("2026-09-22", utc(21, 16), utc(22, 16)),
        ("2026/9/22", utc(21, 16), utc(22, 16)),
        ("2026年9月22日", utc(21, 16), utc(22, 16)),
        ("2026-09-22 14:00", utc(22, 6), utc(22, 6)),
        ("2026-09-22T14:00", utc(22, 6), utc(22, 6)),
        ("2026-09-22 14:00:30", utc(22, 6) + timedelta(seconds=30), utc(22, 6) + timedelta(seconds=30)),
        ("2026年9月22日14:00", utc(22, 6), utc(22, 6)),
        ("2026-09-22T14:00:00Z", utc(22, 14), utc(22, 14)),
        ("2026-09-22T14:00:00+08:00", utc(22, 6), utc(22, 6)),
        ("今天", utc(22, 16), utc(23, 16)),
        (" 昨天 ", utc(21, 16), utc(22, 16)),
        ("前天", utc(20, 16), utc(21, 16)),
        ("昨天 14:00", utc(22, 6), utc(22, 6)),
        ("24h", utc(21, 17, 30), utc(21, 17, 30)),
        ("7d", utc(15, 17, 30), utc(15, 17, 30)),
        ("30分钟", utc(22, 17), utc(22, 17)),
        ("3 天", utc(19, 17, 30), utc(19, 17, 30)),
    ],
)
def test_a_time_is_read_as_staff_mean_it(typed: str, since: datetime, until: datetime) -> None:
    assert read_since(typed, NOW) == since
    assert read_until(typed, NOW) == until


@pytest.mark.parametrize(
    "typed", ["", "下周", "14:00", "2026-13-01", "2026-09-22 25:00", "2026-09", "-3d", "3", "昨天 x"]
)
def test_what_is_no_time_is_refused_with_examples(typed: str) -> None:
    for read in (read_since, read_until):
        with pytest.raises(Rejected, match="不是时间：请写 2026-09-22") as refused:
            read(typed, NOW)
        assert refused.value.reason == "time"


@given(st.text(max_size=12) | st.text("0123456789-: 天hdm昨今年月日T+Z", max_size=20))
def test_any_text_is_a_time_or_refused(typed: str) -> None:
    try:
        assert read_since(typed, NOW).tzinfo is not None
    except Rejected as refused:
        assert refused.detail  # noqa: PT017


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))
def test_a_day_is_included_whole(moment: datetime) -> None:
    day = f"{moment:%Y-%m-%d}"
    assert read_until(day, NOW) - read_since(day, NOW) == timedelta(days=1)
    assert read_since(day, NOW) <= read_since(f"{moment:%Y-%m-%d %H:%M}", NOW) < read_until(day, NOW)
