"""What a case's event says of its clocks, held against configs/example/alerts.yml."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts.config import AlertsConfig
from alerts.workflow.limits import clocked
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
    told = clocked(happened, config.ladder)
    assert (told.spent, told.limit, told.met) == (3660.0, 3600.0, False)
    assert clocked(replace(happened, at=happened.opened_at + 60 * MINUTE), config.ladder).met is True
    assert clocked(replace(happened, grade="blue"), config.ladder).met is True
    assert clocked(replace(happened, kind="judge"), config.ladder).met is False  # whoever judges has acknowledged


def test_only_what_ends_a_step_is_judged(happened: CaseEvent, config: AlertsConfig) -> None:
    program = replace(happened, kind="escalated", by="program")
    assert (clocked(program, config.ladder).met, clocked(program, config.ladder).spent) == (None, 3660.0)
    assert clocked(replace(happened, step="close", kind="track"), config.ladder).met is None
    nobody = clocked(replace(happened, step=None, desk=None), config.ladder)
    assert (nobody.spent, nobody.limit, nobody.met) == (None, None, None)


def test_the_first_word_is_due_by_the_grade_and_kept_or_not(happened: CaseEvent, config: AlertsConfig) -> None:
    told = clocked(happened, config.ladder)
    assert (told.first_word_due_at, told.first_word_met) == (happened.opened_at + 48 * 60 * MINUTE, None)
    silent = replace(happened, at=happened.opened_at + 49 * 60 * MINUTE)
    assert clocked(silent, config.ladder).first_word_met is False
    said = clocked(replace(silent, first_word_at=happened.opened_at + 30 * MINUTE), config.ladder)
    assert (said.first_word_met, said.first_word_after) == (True, 1800.0)
    assert clocked(replace(said, grade="red", first_word_at=silent.at), config.ladder).first_word_met is False


def test_a_false_alarm_owes_no_word(happened: CaseEvent, config: AlertsConfig) -> None:
    late = happened.opened_at + 99 * 60 * MINUTE
    ended = replace(happened, at=late, ended_at=late, stage="false_alarm", kind="judge_false_alarm", step="judge")
    told = clocked(ended, config.ladder)
    assert (told.first_word_met, told.outcome, told.ended_after) == (None, "误报", 99 * 3600.0)


def test_a_case_ends_with_its_verdict_and_the_review_runs_from_there(happened: CaseEvent, config: AlertsConfig) -> None:
    ended = happened.opened_at + 30 * 60 * MINUTE
    closed = replace(happened, at=ended, ended_at=ended, stage="reviewing", verdict="谣言", kind="close", step="close")
    told = clocked(closed, config.ladder)
    assert (told.outcome, told.spent, told.ended_after) == ("谣言", 30 * 3600.0, 30 * 3600.0)
    reviewed = clocked(replace(closed, at=ended + 60 * MINUTE, step="review", kind="review"), config.ladder)
    assert (reviewed.spent, reviewed.limit, reviewed.met) == (3600.0, 72 * 3600.0, True)
    assert clocked(happened, config.ladder).outcome is None
