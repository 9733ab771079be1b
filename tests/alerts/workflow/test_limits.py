"""What a case's event says of its clocks, held against configs/example/alerts.yml."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts.config import AlertsConfig
from alerts.workflow.limits import with_limits
from alerts.workflow.parts import Action, StepRule
from alerts.workflow.table import Workflow
from stream.messages import CaseEvent, event_id

MINUTE = timedelta(minutes=1)


@pytest.fixture
def happened(now: datetime) -> CaseEvent:
    return CaseEvent(
        id=event_id("case", 1, 5), case_id=1, number=5, at=now + 61 * MINUTE, kind="acknowledge", by="person",
        topic="outage", grade="yellow", stage="screening", verdict=None, peak=20.0, opened_at=now,
        acknowledged_at=None, ended_at=None, elapsed=3660.0, step="acknowledge", desk="publicity",
    )  # fmt: skip


def test_an_act_is_held_against_the_limit_of_its_step_and_grade(happened: CaseEvent, config: AlertsConfig) -> None:
    held = with_limits(happened, config.ladder)
    assert (held.spent, held.limit, held.met) == (3660.0, 3600.0, False)
    assert with_limits(replace(happened, at=happened.opened_at + 60 * MINUTE), config.ladder).met is True
    assert with_limits(replace(happened, grade="blue"), config.ladder).met is True
    assert with_limits(replace(happened, kind="judge"), config.ladder).met is False  # whoever judges has acknowledged


def test_only_what_ends_a_step_is_judged(happened: CaseEvent, config: AlertsConfig) -> None:
    program = replace(happened, kind="escalated", by="program")
    assert (with_limits(program, config.ladder).met, with_limits(program, config.ladder).spent) == (None, 3660.0)
    assert with_limits(replace(happened, step="close", kind="track"), config.ladder).met is None
    nobody = with_limits(replace(happened, step=None, desk=None), config.ladder)
    assert (nobody.spent, nobody.limit, nobody.met) == (None, None, None)


def test_the_first_word_is_due_by_the_grade_and_kept_or_not(happened: CaseEvent, config: AlertsConfig) -> None:
    held = with_limits(happened, config.ladder)
    assert (held.first_word_due_at, held.first_word_met) == (happened.opened_at + 48 * 60 * MINUTE, None)
    silent = replace(happened, at=happened.opened_at + 49 * 60 * MINUTE)
    assert with_limits(silent, config.ladder).first_word_met is False
    said = with_limits(replace(silent, first_word_at=happened.opened_at + 30 * MINUTE), config.ladder)
    assert (said.first_word_met, said.first_word_after) == (True, 1800.0)
    assert with_limits(replace(said, grade="red", first_word_at=silent.at), config.ladder).first_word_met is False


def test_limits_of_a_reopened_case_run_from_the_reopening(happened: CaseEvent, config: AlertsConfig) -> None:
    """Case 12 of the alert cases: opened again after five days, its first word was overdue at once."""
    again = happened.opened_at + timedelta(days=5)
    late = replace(happened, at=again + 30 * MINUTE, reopened_at=again)
    held = with_limits(late, config.ladder)
    assert (held.first_word_due_at, held.first_word_met) == (again + 48 * 60 * MINUTE, None)
    assert (held.spent, held.met) == (1800.0, True)


def test_a_false_alarm_owes_no_word(happened: CaseEvent, config: AlertsConfig) -> None:
    late = happened.opened_at + 99 * 60 * MINUTE
    ended = replace(happened, at=late, ended_at=late, stage="false_alarm", kind="judge_false_alarm", step="judge")
    held = with_limits(ended, config.ladder)
    assert (held.first_word_met, held.outcome, held.ended_after) == (None, "误报", 99 * 3600.0)


def test_a_case_ends_with_its_verdict_and_the_review_runs_from_there(happened: CaseEvent, config: AlertsConfig) -> None:
    ended = happened.opened_at + 30 * 60 * MINUTE
    closed = replace(happened, at=ended, ended_at=ended, stage="reviewing", verdict="谣言", kind="close", step="close")
    held = with_limits(closed, config.ladder)
    assert (held.outcome, held.spent, held.ended_after) == ("谣言", 30 * 3600.0, 30 * 3600.0)
    reviewed = with_limits(replace(closed, at=ended + 60 * MINUTE, step="review", kind="review"), config.ladder)
    assert (reviewed.spent, reviewed.limit, reviewed.met) == (3600.0, 72 * 3600.0, True)
    assert with_limits(happened, config.ladder).outcome is None


def test_an_event_of_a_step_that_the_table_no_longer_knows_is_passed_on(
    happened: CaseEvent, config: AlertsConfig
) -> None:
    old = with_limits(replace(happened, step="dance", stage="dancing"), config.ladder)
    assert (old.spent, old.limit, old.met, old.outcome) == (None, None, None, None)
    assert old.first_word_due_at == happened.opened_at + 48 * 60 * MINUTE


def test_a_case_that_ended_undecided_says_so(happened: CaseEvent, config: AlertsConfig) -> None:
    ended = replace(happened, stage="archived", ended_at=happened.at)
    assert with_limits(ended, config.ladder).outcome == "未定"
    assert with_limits(replace(ended, verdict="属实"), config.ladder).outcome == "属实"


def test_a_table_without_an_answer_owes_no_first_word(happened: CaseEvent, config: AlertsConfig) -> None:
    do = Action("do", "end")
    short = Workflow((StepRule(stage="screening", step="judge", done_by=(do,)), StepRule(stage="end", ended=True)))
    held = with_limits(replace(happened, at=happened.at + timedelta(days=9)), config.ladder, short)
    assert (held.first_word_due_at, held.first_word_met) == (None, None)


def test_an_incident_owes_the_public_no_word_and_ends_under_its_stages_name(
    happened: CaseEvent, config: AlertsConfig
) -> None:
    late = replace(happened, topic="incident:failed:bbs", stage="trouble", step="mend", at=happened.at + timedelta(9))
    held = with_limits(late, config.ladder)
    assert (held.first_word_due_at, held.first_word_met, held.outcome) == (None, None, None)
    assert held.limit == timedelta(hours=4).total_seconds()
    assert with_limits(replace(late, stage="mended", ended_at=late.at), config.ladder).outcome == "故障已排除"
