"""Steps against their limits, as the record of a case has them."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts.config import AlertsConfig
from alerts.desk.cases import HistoryEntry
from alerts.desk.register import Register
from alerts.detection.grades import Grade
from alerts.reports.clocks import StepClock, step_clocks
from alerts.reports.records import read_record
from alerts.workflow.cases import Case
from alerts.workflow.ladder import Task
from tests.alerts.reports.conftest import HOUR, MINUTE


@pytest.fixture
def case(now: datetime) -> Case:
    return Case(
        id=1, topic="outage", stage="verifying", grade=Grade.YELLOW, opened_at=now, since=now, notified=1.0, peak=1.0,
        last_spike_at=now,
    )  # fmt: skip


def entry(at: datetime, kind: str, *, is_act: bool = True, **detail: object) -> HistoryEntry:
    return HistoryEntry(
        number=1, at=at, kind=kind, by="x", note="", is_act=is_act, stage=None, verdict=None, claimed=False,
        unlisted=False, detail=detail,
    )  # fmt: skip


def task(step: str, began: datetime, ended: datetime | None, *, desk: str = "publicity", turn: int = 0) -> Task:
    return Task(
        case_id=1, step=step, turn=turn, level=turn, desk=desk, began_at=began, due_at=began + HOUR,
        warn_at=began + HOUR, ended_at=ended,
    )  # fmt: skip


def clocks(
    config: AlertsConfig, case: Case, tasks: list[Task], history: list[HistoryEntry], now: datetime
) -> tuple[StepClock, ...]:
    return step_clocks(case, tasks, history, config.ladder, now)


def test_a_step_done_in_time_has_its_time_limit_and_source(config: AlertsConfig, case: Case, now: datetime) -> None:
    done = now + 30 * MINUTE
    (one,) = clocks(config, case, [task("acknowledge", now, done)], [entry(done, "acknowledge")], done)
    assert (one.needed, one.within, one.kept, one.dropped) == (30 * MINUTE, HOUR, True, False)
    assert one.source == "set by the organisation"
    assert one.missed_by == ()


def test_a_step_passed_on_is_one_step_and_names_who_let_it_pass(
    config: AlertsConfig, case: Case, now: datetime
) -> None:
    passed, done = now + 61 * MINUTE, now + 70 * MINUTE
    tasks = [
        task("acknowledge", now, passed),
        task("acknowledge", passed, done, desk="publicity_head", turn=1),
    ]
    history = [entry(passed, "escalated", is_act=False, step="acknowledge"), entry(done, "acknowledge")]
    (one,) = clocks(config, case, tasks, history, done)
    assert (one.desk, one.missed_by, one.needed, one.kept) == ("publicity_head", ("publicity",), 70 * MINUTE, False)


def test_a_step_owed_again_after_a_new_wave_has_a_limit_of_its_own(
    config: AlertsConfig, case: Case, now: datetime
) -> None:
    first, again, second = now + HOUR, now + 50 * HOUR, now + 60 * HOUR
    tasks = [task("respond", now, first), task("respond", again, second, turn=1)]
    history = [entry(first, "clarify"), entry(again, "rekindled", is_act=False), entry(second, "clarify")]
    one, two = clocks(config, case, tasks, history, second)
    assert (one.needed, two.needed) == (HOUR, 10 * HOUR)
    assert (one.since, two.since) == (now, again)
    assert one.kept
    assert two.kept


def test_a_step_given_up_for_a_new_wave_is_dropped_and_not_judged(
    config: AlertsConfig, case: Case, now: datetime
) -> None:
    again = now + 50 * HOUR
    history = [entry(again, "rekindled", is_act=False)]
    (one,) = clocks(config, case, [task("close", now, again)], history, again)
    assert (one.needed, one.kept, one.dropped) == (None, None, True)


@pytest.mark.parametrize(("after", "kept"), [(30 * MINUTE, None), (2 * HOUR, False)])
def test_a_step_not_done_is_missed_once_its_limit_is_over(
    config: AlertsConfig, case: Case, now: datetime, after: timedelta, kept: bool | None
) -> None:
    (one,) = clocks(config, case, [task("acknowledge", now, None)], [], now + after)
    assert (one.kept, one.dropped, one.ended_at) == (kept, False, None)


def test_the_grade_is_that_of_the_time_at_which_the_step_ended(config: AlertsConfig, case: Case, now: datetime) -> None:
    done = now + 30 * MINUTE
    history = [
        entry(now, "opened", is_act=False, grade="blue"), entry(done, "acknowledge"),
        entry(done + HOUR, "rose", is_act=False, grade="orange"),
    ]  # fmt: skip
    (one,) = clocks(config, replace(case, grade=Grade.ORANGE), [task("acknowledge", now, done)], history, done)
    assert (one.grade, one.within) == (Grade.BLUE, 4 * HOUR)


def test_a_step_of_another_table_is_passed_over(config: AlertsConfig, case: Case, now: datetime) -> None:
    assert clocks(config, case, [task("dance", now, None)], [], now) == ()


def test_a_whole_case_has_every_step_once_and_one_was_late(
    register: Register, ended: int, now: datetime, config: AlertsConfig
) -> None:
    record = read_record(register, ended)
    case, history = record.details.case, record.details.history
    found = step_clocks(case, record.tasks, history, config.ladder, now + 50 * HOUR)
    assert sorted(one.step for one in found) == sorted(
        [
            *("acknowledge", "judge", "report", "verify", "word", "approve", "respond"),
            *("plan", "remedy", "guide", "close", "review"),
        ]
    )
    late = [(one.step, one.missed_by) for one in found if one.kept is False]
    assert late == [("acknowledge", ("publicity",))]
    review = next(one for one in found if one.step == "review")
    assert review.needed == 4 * HOUR, "counted from the end of the case"
