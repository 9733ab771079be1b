"""Limits whose clock begins on a public holiday, as the ladder has them and as the dashboards are told of them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.config import AlertsConfig
from alerts.detection.grades import Grade
from alerts.workflow.cases import Case
from alerts.workflow.ladder import HolidayFactor, Ladder, begin, limit, limit_from, pass_on, tighten, within
from alerts.workflow.limits import with_limits
from stream.calendar import WorkCalendar
from stream.messages import CaseEvent, event_id
from stream.process.clock import SHANGHAI
from stream.process.configuration import Configuration

HOUR = timedelta(hours=1)
HALF = HolidayFactor(factor=0.5, source="eefung")
CONFIG = Configuration(Path(__file__).parents[3] / "configs" / "example", {}).add("alerts.yml", AlertsConfig)()
NATIONAL_DAY = datetime(2026, 10, 2, 6, 0, tzinfo=UTC)
WORKDAY = datetime(2026, 9, 21, 6, 0, tzinfo=UTC)


@pytest.fixture
def ladder(config: AlertsConfig) -> Ladder:
    return replace(config.ladder, holiday_factor=HALF)


def case_of(moment: datetime, grade: Grade = Grade.YELLOW) -> Case:
    return Case(
        id=1, topic="outage", stage="screening", grade=grade, opened_at=moment, since=moment, notified=20.0,
        peak=20.0, last_spike_at=moment,
    )  # fmt: skip


def event_of(case: Case, after: timedelta) -> CaseEvent:
    return CaseEvent(
        id=event_id("case", 1, 5), case_id=1, number=5, at=case.opened_at + after, kind="acknowledge", by="person",
        topic="outage", grade="yellow", stage="screening", verdict=None, peak=20.0, opened_at=case.opened_at,
        acknowledged_at=None, ended_at=None, elapsed=after.total_seconds(), step="acknowledge", desk="publicity",
    )  # fmt: skip


def test_a_limit_that_begins_on_a_holiday_is_half_as_long_and_says_why(ladder: Ladder) -> None:
    found = limit_from(ladder, Grade.BLUE, "acknowledge", NATIONAL_DAY)
    assert found.within == 2 * HOUR
    assert found.source == f"{limit(ladder, Grade.BLUE, 'acknowledge').source}；节假日乘以 0.5：eefung"


def test_a_limit_that_begins_on_any_other_day_is_whole(ladder: Ladder) -> None:
    weekend, worked = (datetime(2026, *day, 4, tzinfo=UTC) for day in ((9, 12), (9, 20)))
    for moment in (WORKDAY, weekend, worked):
        assert limit_from(ladder, Grade.BLUE, "acknowledge", moment) == limit(ladder, Grade.BLUE, "acknowledge")


def test_without_a_factor_a_holiday_is_a_day_like_others(config: AlertsConfig) -> None:
    assert config.ladder.holiday_factor is None
    assert within(config.ladder, case_of(NATIONAL_DAY), "acknowledge") == HOUR


def test_the_holiday_begins_at_midnight_in_china(ladder: Ladder) -> None:
    before, after = (datetime(2026, 10, 1, tzinfo=SHANGHAI) + one for one in (-timedelta(minutes=1), timedelta(0)))
    assert [within(ladder, case_of(one.astimezone(UTC)), "acknowledge") for one in (before, after)] == [HOUR, HOUR / 2]


def test_the_day_on_which_the_clock_began_counts_whenever_the_step_begins(ladder: Ladder) -> None:
    later = NATIONAL_DAY + timedelta(days=10)  # a working day
    case = replace(case_of(NATIONAL_DAY), stage="verifying", acknowledged_at=later)
    assert within(ladder, case, "verify") == 2 * HOUR
    assert within(ladder, replace(case, reopened_at=later), "verify") == 4 * HOUR
    assert within(ladder, replace(case, stage="reviewing", ended_at=later), "review") == 72 * HOUR


def test_tasks_are_due_sooner_and_the_next_desk_is_called_sooner(ladder: Ladder) -> None:
    case = case_of(NATIONAL_DAY)
    task = begin(case, "acknowledge", ladder, owner="dispatch", turn=0, now=NATIONAL_DAY)
    assert task.due_at == NATIONAL_DAY + HOUR / 2
    heir = pass_on(task, ladder, case=case, owner="dispatch", now=task.due_at)
    assert (heir.desk, heir.due_at - task.due_at) == ("publicity_head", HOUR / 4)
    graver = tighten(task, replace(case, grade=Grade.RED), ladder, NATIONAL_DAY)
    assert graver.due_at == NATIONAL_DAY + ladder.least  # half of 15 minutes is less than anybody gets


def test_a_case_under_supervision_has_half_of_the_half(ladder: Ladder) -> None:
    case = replace(case_of(NATIONAL_DAY), supervised_at=NATIONAL_DAY)
    assert within(ladder, case, "verify") == HOUR


def test_the_dashboards_are_told_the_same_limit(ladder: Ladder, config: AlertsConfig) -> None:
    event = event_of(case_of(NATIONAL_DAY), 45 * timedelta(minutes=1))
    held = with_limits(event, ladder)
    assert (held.spent, held.limit, held.met) == (2700.0, 1800.0, False)
    assert held.first_word_due_at == NATIONAL_DAY + 24 * HOUR
    whole = with_limits(event, config.ladder)
    assert (whole.limit, whole.met) == (3600.0, True)
    assert whole.first_word_due_at == NATIONAL_DAY + 48 * HOUR


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)), st.floats(0.01, 1),
    st.sampled_from(Grade), st.sampled_from(["acknowledge", "verify", "respond"]),
)  # fmt: skip
def test_no_factor_leaves_anybody_less_than_the_least_or_more_than_the_whole(
    moment: datetime, factor: float, grade: Grade, step: str
) -> None:
    ladder = replace(CONFIG.ladder, holiday_factor=HolidayFactor(factor=factor, source="x"))
    task = begin(case_of(moment, grade), step, ladder, owner="dispatch", turn=0, now=moment)
    whole = limit(ladder, grade, step).within
    is_holiday = WorkCalendar().is_holiday(moment.astimezone(SHANGHAI).date())
    assert task.due_at - moment == (max(whole * factor, ladder.least) if is_holiday else whole)


def test_the_calendar_has_these_days_as_they_are_taken_here() -> None:
    calendar = WorkCalendar()
    assert calendar.is_holiday(NATIONAL_DAY.date())
    assert not any(calendar.is_holiday(date(2026, *day)) for day in ((9, 12), (9, 20), (9, 21), (10, 12)))
