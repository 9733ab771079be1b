"""Whole milliseconds: down for what is kept, up for the ends of ranges, back without a loss."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.messages import wire_time
from stream.process.moments import EPOCH, MILLISECOND, from_ms, to_ms, to_ms_up

MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))


@given(MOMENTS)
def test_down_and_up_are_the_whole_milliseconds_around_a_moment(moment: datetime) -> None:
    down, up = to_ms(moment), to_ms_up(moment)
    assert from_ms(down) <= moment <= from_ms(up)
    assert up - down == bool(moment.microsecond % 1000)


@given(st.integers(-10_000_000_000_000, 10_000_000_000_000))
def test_what_is_written_is_read_back(ms: int) -> None:
    assert to_ms(from_ms(ms)) == to_ms_up(from_ms(ms)) == ms


@given(MOMENTS, MOMENTS)
def test_the_order_of_times_is_kept(one: datetime, other: datetime) -> None:
    if one <= other:
        assert to_ms(one) <= to_ms(other)
        assert to_ms_up(one) <= to_ms_up(other)


@given(MOMENTS)
def test_they_are_rounded_as_on_the_wire(moment: datetime) -> None:
    assert wire_time(from_ms(to_ms(moment))) == wire_time(moment)


@pytest.mark.parametrize(
    ("moment", "down", "up"),
    [
        (EPOCH, 0, 0),
        (EPOCH + MILLISECOND, 1, 1),
        (EPOCH + timedelta(microseconds=1), 0, 1),
        (EPOCH - timedelta(microseconds=1), -1, 0),
        (EPOCH - MILLISECOND, -1, -1),
        (datetime(2026, 9, 21, 12, tzinfo=timezone(timedelta(hours=8))), 1_789_963_200_000, 1_789_963_200_000),
    ],
    ids=str,
)
def test_each_side_of_the_epoch_and_each_zone(moment: datetime, down: int, up: int) -> None:
    assert (to_ms(moment), to_ms_up(moment)) == (down, up)


def test_a_range_half_open_holds_its_beginning_and_not_its_end() -> None:
    since, until = EPOCH + 1.5 * MILLISECOND, EPOCH + 4 * MILLISECOND
    held = [ms for ms in range(10) if to_ms_up(since) <= ms < to_ms_up(until)]
    assert held == [2, 3]
    assert all(since <= from_ms(ms) < until for ms in held)
