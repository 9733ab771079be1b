from dataclasses import replace
from datetime import UTC, datetime, timedelta

from alerts.config import AlertsConfig
from alerts.detection.grades import Grade
from alerts.workflow.cases import Case, Stage
from alerts.workflow.ladder import OWED, Due, Step, begin, due, overdue, owed, pass_on, tighten

NOW = datetime(2026, 9, 21, 6, 0, tzinfo=UTC)
MINUTES = timedelta(minutes=1)
CASE = Case(
    id=1, topic="outage", stage=Stage.SCREENING, grade=Grade.YELLOW, opened_at=NOW, since=NOW, notified=20.0, peak=20.0,
    last_spike_at=NOW,
)  # fmt: skip


def test_each_stage_waits_for_one_step_and_screening_first_for_a_sign_of_life() -> None:
    assert owed(CASE) is Step.ACKNOWLEDGE
    assert owed(replace(CASE, acknowledged_at=NOW)) is Step.JUDGE
    for stage, step in OWED.items():
        assert owed(replace(CASE, stage=stage, acknowledged_at=NOW)) is step
    assert owed(replace(CASE, stage=Stage.ARCHIVED)) is None


def test_a_limit_runs_from_first_detection_yet_leaves_time_to_act(config: AlertsConfig) -> None:
    first = begin(CASE, Step.ACKNOWLEDGE, config.ladder, owner="dispatch", turn=0, now=NOW)
    assert (first.desk, first.due_at, first.warn_at) == ("publicity", NOW + 60 * MINUTES, NOW + 54 * MINUTES)
    late = begin(CASE, Step.VERIFY, config.ladder, owner="dispatch", turn=0, now=NOW + 600 * MINUTES)
    assert (late.desk, late.due_at) == ("dispatch", NOW + 610 * MINUTES)


def test_the_review_is_counted_from_the_end_of_the_case(config: AlertsConfig) -> None:
    ended = replace(CASE, stage=Stage.REVIEWING, ended_at=NOW + timedelta(days=9))
    task = begin(ended, Step.REVIEW, config.ladder, owner="dispatch", turn=0, now=NOW + timedelta(days=9))
    assert task.due_at == NOW + timedelta(days=12)


def test_the_ladder_is_climbed_and_its_last_rung_never_lets_go(config: AlertsConfig) -> None:
    task = begin(CASE, Step.ACKNOWLEDGE, config.ladder, owner="dispatch", turn=0, now=NOW)
    desks = [task.desk]
    for _ in range(4):
        task = pass_on(task, config.ladder, grade=CASE.grade, owner="dispatch", now=task.due_at)
        desks.append(task.desk)
    assert desks == ["publicity", "publicity_head", "leaders", "leaders", "leaders"]
    assert task.turn == 4


def test_a_graver_grade_brings_the_limit_forward_and_never_back(config: AlertsConfig) -> None:
    task = begin(CASE, Step.ACKNOWLEDGE, config.ladder, owner="dispatch", turn=0, now=NOW)
    graver = replace(CASE, grade=Grade.RED)
    assert tighten(task, graver, config.ladder, NOW).due_at == NOW + 15 * MINUTES
    assert tighten(task, graver, config.ladder, NOW + 30 * MINUTES).due_at == NOW + 40 * MINUTES
    assert tighten(task, replace(CASE, grade=Grade.BLUE), config.ladder, NOW) == task


def test_what_is_due_follows_from_the_row_and_the_time(config: AlertsConfig) -> None:
    task = begin(CASE, Step.ACKNOWLEDGE, config.ladder, owner="dispatch", turn=0, now=NOW)
    assert due(task, task.warn_at - MINUTES) is None
    assert due(task, task.warn_at) is Due.WARN
    warned = replace(task, warned_at=task.warn_at)
    assert due(warned, task.due_at - MINUTES) is None
    assert due(warned, task.due_at) is Due.BREACH
    assert due(replace(task, ended_at=NOW), task.due_at) is None


def test_an_auditor_finds_what_the_watcher_left_lying(config: AlertsConfig) -> None:
    task = begin(CASE, Step.ACKNOWLEDGE, config.ladder, owner="dispatch", turn=0, now=NOW)
    assert overdue([task], task.due_at + 5 * MINUTES) == []
    assert overdue([task], task.due_at + 6 * MINUTES) == [task]
