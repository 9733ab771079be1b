"""Each brief goes once, at its time or late, over the days since the one before it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.briefs.calendar import FIRST_LATE, due
from alerts.briefs.policy import BriefKind, BriefsConfig, DailyBrief, HandoverBrief, WeeklyBrief
from stream.calendar import CALENDAR
from stream.process.clock import SHANGHAI

WHO = ("li_qiang",)
DAILY = BriefsConfig(daily=DailyBrief(people=WHO))
ALL = BriefsConfig(daily=DailyBrief(people=WHO), weekly=WeeklyBrief(people=WHO), handover=HandoverBrief(people=WHO))
MINUTE = timedelta(minutes=1)
works = CALENDAR.is_working_day


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def days(config: BriefsConfig, now: str, **sent: str) -> list[tuple[str, str]]:
    before = {BriefKind(kind): day for kind, day in sent.items()}
    return [(one.kind.value, one.day) for one in due(config, before, beijing(now), works)]


def test_nothing_is_due_where_nothing_is_configured() -> None:
    assert days(BriefsConfig(), "2026-09-21 09:00") == []


def test_the_daily_one_is_due_at_its_minute_and_once() -> None:
    assert days(DAILY, "2026-09-22 08:59", daily="2026-09-21 09:00") == []
    assert days(DAILY, "2026-09-22 09:00", daily="2026-09-21 09:00") == [("daily", "2026-09-22 09:00")]
    assert days(DAILY, "2026-09-22 09:01", daily="2026-09-22 09:00") == []


def test_one_that_was_missed_goes_late_and_of_several_the_newest_alone() -> None:
    assert days(DAILY, "2026-09-22 23:00", daily="2026-09-21 09:00") == [("daily", "2026-09-22 09:00")]
    assert days(DAILY, "2026-09-24 03:00", daily="2026-09-17 09:00") == [("daily", "2026-09-23 09:00")]


def test_a_clock_set_back_sends_nothing_twice() -> None:
    assert days(DAILY, "2026-09-21 09:00", daily="2026-09-22 09:00") == []


def test_an_installation_begins_with_the_next_one_not_with_that_of_hours_ago() -> None:
    assert days(DAILY, "2026-09-22 10:59") == [("daily", "2026-09-22 09:00")]
    assert days(DAILY, "2026-09-22 11:00") == []
    assert timedelta(hours=2) == FIRST_LATE


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ("2026-09-22 09:00", ("2026-09-21 00:00", "2026-09-22 00:00")),  # Tuesday: Monday
        ("2026-09-21 09:00", ("2026-09-20 00:00", "2026-09-21 00:00")),  # Monday after a Sunday that is worked (调休)
        ("2026-09-14 09:00", ("2026-09-11 00:00", "2026-09-14 00:00")),  # an ordinary Monday: Friday to Sunday
        ("2026-10-08 09:00", ("2026-09-30 00:00", "2026-10-08 00:00")),  # after the National Day's holidays
    ],
)
def test_it_tells_of_every_day_since_the_one_before(now: str, told: tuple[str, str]) -> None:
    (slot,) = due(DAILY, {}, beijing(now), works)
    assert (slot.since, slot.until) == tuple(map(beijing, told))


def test_a_holiday_has_none_and_a_worked_sunday_has_one() -> None:
    assert not works(date(2026, 10, 5))
    assert works(date(2026, 9, 20))
    assert days(DAILY, "2026-10-05 09:00", daily="2026-09-30 09:00") == []
    assert days(DAILY, "2026-09-20 09:00", daily="2026-09-18 09:00") == [("daily", "2026-09-20 09:00")]
    every_day = BriefsConfig(daily=DailyBrief(people=WHO, days="all"))
    assert days(every_day, "2026-10-05 09:00", daily="2026-10-04 09:00") == [("daily", "2026-10-05 09:00")]


def test_the_weekly_one_compares_seven_days_up_to_its_day() -> None:
    weekly = BriefsConfig(weekly=WeeklyBrief(people=WHO, at="周三 09:30"))
    (slot,) = due(weekly, {BriefKind.WEEKLY: "2026-09-16 09:30"}, beijing("2026-09-24 12:00"), works)
    assert (slot.day, slot.people) == ("2026-09-23 09:30", WHO)
    assert (slot.since, slot.until) == (beijing("2026-09-16 00:00"), beijing("2026-09-23 00:00"))


def test_the_handover_is_due_at_each_change_of_duty_also_before_the_first_of_a_day() -> None:
    handover = BriefsConfig(handover=HandoverBrief(people=WHO))
    assert days(handover, "2026-09-22 08:00", handover="2026-09-21 20:00") == [("handover", "2026-09-22 08:00")]
    assert days(handover, "2026-09-22 03:00", handover="2026-09-21 08:00") == [("handover", "2026-09-21 20:00")]
    (slot,) = due(handover, {}, beijing("2026-09-22 08:00"), works)
    assert (slot.since, slot.until) == (beijing("2026-09-21 20:00"), beijing("2026-09-22 08:00"))


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=60))
def test_whenever_it_is_asked_each_goes_once_and_in_order(waits: list[int]) -> None:
    now, sent = beijing("2026-09-14 07:00"), dict[BriefKind, str]()
    told: list[tuple[str, str]] = []
    for minutes in waits:
        now += minutes * MINUTE
        for slot in due(ALL, sent, now, works):
            assert slot.at <= now
            assert slot.since < slot.until <= slot.at
            assert slot.day > sent.get(slot.kind, "")
            sent[slot.kind] = slot.day
            told.append((slot.kind, slot.day))
        assert all(now - slot.at >= FIRST_LATE for slot in due(ALL, sent, now, works))
    assert len(set(told)) == len(told)
