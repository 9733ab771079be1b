"""Which hour of a week an hour is taken for, by China's calendar."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.detection.series.days import HOURS, MONTH_DAYS, OfficeCalendar
from stream.process.clock import SHANGHAI

CALENDAR = OfficeCalendar()
WEDNESDAY, SUNDAY = 2 * 24, 6 * 24


def at(day: str, hour: int = 9) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), SHANGHAI) + timedelta(hours=hour)


def test_an_ordinary_monday_behaves_like_itself() -> None:
    slot = CALENDAR.slot(at("2026-09-14"))
    assert (slot.hour, slot.like, slot.hour_of_day, slot.moved) == (9, 9, 9, False)


@pytest.mark.parametrize("day", ["2026-10-01", "2026-10-02", "2026-10-05", "2026-10-06", "2026-10-07", "2026-09-25"])
def test_a_weekday_of_national_day_or_mid_autumn_is_expected_like_a_sunday(day: str) -> None:
    slot = CALENDAR.slot(at(day))
    assert slot.moved
    assert slot.like == SUNDAY + 9


@pytest.mark.parametrize("day", ["2026-09-20", "2026-10-10"])
def test_a_weekend_day_that_is_worked_is_expected_like_a_wednesday(day: str) -> None:
    slot = CALENDAR.slot(at(day))
    assert slot.moved
    assert slot.like == WEDNESDAY + 9


@pytest.mark.parametrize("day", ["2026-10-03", "2026-10-04", "2026-10-08", "2026-10-11", "2026-09-19"])
def test_a_weekend_within_the_holidays_and_the_days_after_are_themselves(day: str) -> None:
    assert not CALENDAR.slot(at(day)).moved


def test_the_day_is_beijings_whatever_zone_a_moment_is_told_in() -> None:
    slot = CALENDAR.slot(datetime(2026, 9, 30, 16, 30, tzinfo=UTC))
    assert slot.day == date(2026, 10, 1)
    assert (slot.hour_of_day, slot.minute) == (0, 30)


def test_the_minute_knows_seconds() -> None:
    assert CALENDAR.slot(at("2026-09-14") + timedelta(minutes=2, seconds=30)).minute == 2.5


@pytest.mark.parametrize(
    ("day", "place"),
    [("2026-09-01", 0), ("2026-09-25", 24), ("2026-09-26", 26), ("2026-09-30", 30), ("2026-10-26", 25),
     ("2026-10-31", 30), ("2026-02-23", 22), ("2026-02-24", 26), ("2026-02-28", 30), ("2026-12-31", 30)],
)  # fmt: skip
def test_the_last_five_days_of_a_month_are_counted_from_its_end(day: str, place: int) -> None:
    assert CALENDAR.slot(at(day)).month_day == place


@given(st.datetimes(datetime(1971, 1, 1), datetime(2099, 12, 31)))
def test_every_moment_has_a_place_in_week_and_month(moment: datetime) -> None:
    slot = CALENDAR.slot(moment.replace(tzinfo=UTC))
    assert 0 <= slot.hour < HOURS
    assert 0 <= slot.like < HOURS
    assert slot.like % 24 == slot.hour_of_day
    assert 0 <= slot.month_day < MONTH_DAYS
    assert 0 <= slot.minute < 60


def test_a_year_that_is_not_set_yet_has_its_fixed_holidays() -> None:
    assert CALENDAR.slot(at("2040-10-01")).like == SUNDAY + 9
