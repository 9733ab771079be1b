from dataclasses import replace
from datetime import UTC, datetime, timedelta

from alerts.config import AlertsConfig
from alerts.detection.grades import Grade
from alerts.workflow.cases import Case
from alerts.workflow.ladder import Due, Ladder, begin, due, limit, mistakes, overdue, owed, pass_on, rungs, tighten
from alerts.workflow.rules import WORKFLOW
from tests.alerts.workflow.grown import grown

NOW = datetime(2026, 9, 21, 6, 0, tzinfo=UTC)
MINUTES = timedelta(minutes=1)
CASE = Case(
    id=1, topic="outage", stage="screening", grade=Grade.YELLOW, opened_at=NOW, since=NOW, notified=20.0, peak=20.0,
    last_spike_at=NOW,
)  # fmt: skip


def test_each_stage_waits_for_one_step_and_screening_first_for_a_sign_of_life() -> None:
    assert owed(CASE) == "acknowledge"
    assert owed(replace(CASE, acknowledged_at=NOW)) == "judge"
    for rule in WORKFLOW.rules[1:]:
        assert owed(replace(CASE, stage=rule.stage, acknowledged_at=NOW)) == rule.step
    assert owed(replace(CASE, stage="archived")) is None


def test_a_limit_runs_from_first_detection_yet_leaves_time_to_act(config: AlertsConfig) -> None:
    first = begin(CASE, "acknowledge", config.ladder, owner="dispatch", turn=0, now=NOW)
    assert (first.desk, first.due_at, first.warn_at) == ("publicity", NOW + 60 * MINUTES, NOW + 54 * MINUTES)
    late = begin(CASE, "verify", config.ladder, owner="dispatch", turn=0, now=NOW + 600 * MINUTES)
    assert (late.desk, late.due_at) == ("dispatch", NOW + 610 * MINUTES)


def test_limits_of_a_case_that_burns_again_run_from_there_and_its_review_from_its_end(config: AlertsConfig) -> None:
    again = replace(CASE, stage="responding", rekindled_at=NOW + 50 * 60 * MINUTES)
    task = begin(again, "respond", config.ladder, owner="dispatch", turn=1, now=NOW + 50 * 60 * MINUTES)
    assert task.due_at - NOW == 50 * 60 * MINUTES + limit(config.ladder, Grade.YELLOW, "respond").within
    late = begin(again, "respond", config.ladder, owner="dispatch", turn=1, now=NOW + 500 * 60 * MINUTES)
    assert late.due_at == NOW + 500 * 60 * MINUTES + config.ladder.least
    ended = replace(again, stage="reviewing", ended_at=NOW + timedelta(days=9))
    review = begin(ended, "review", config.ladder, owner="dispatch", turn=0, now=NOW + timedelta(days=9))
    assert review.due_at == NOW + timedelta(days=12)


def test_the_review_is_counted_from_the_end_of_the_case(config: AlertsConfig) -> None:
    ended = replace(CASE, stage="reviewing", ended_at=NOW + timedelta(days=9))
    task = begin(ended, "review", config.ladder, owner="dispatch", turn=0, now=NOW + timedelta(days=9))
    assert task.due_at == NOW + timedelta(days=12)


def test_the_ladder_is_climbed_and_its_last_rung_never_lets_go(config: AlertsConfig) -> None:
    task = begin(CASE, "acknowledge", config.ladder, owner="dispatch", turn=0, now=NOW)
    desks = [task.desk]
    for _ in range(4):
        task = pass_on(task, config.ladder, grade=CASE.grade, owner="dispatch", now=task.due_at)
        desks.append(task.desk)
    assert desks == ["publicity", "publicity_head", "leaders", "leaders", "leaders"]
    assert task.turn == 4


def test_a_graver_grade_brings_the_limit_forward_and_never_back(config: AlertsConfig) -> None:
    task = begin(CASE, "acknowledge", config.ladder, owner="dispatch", turn=0, now=NOW)
    graver = replace(CASE, grade=Grade.RED)
    assert tighten(task, graver, config.ladder, NOW).due_at == NOW + 15 * MINUTES
    assert tighten(task, graver, config.ladder, NOW + 30 * MINUTES).due_at == NOW + 40 * MINUTES
    assert tighten(task, replace(CASE, grade=Grade.BLUE), config.ladder, NOW) == task


def test_what_is_due_follows_from_the_row_and_the_time(config: AlertsConfig) -> None:
    task = begin(CASE, "acknowledge", config.ladder, owner="dispatch", turn=0, now=NOW)
    assert due(task, task.warn_at - MINUTES) is None
    assert due(task, task.warn_at) is Due.WARN
    warned = replace(task, warned_at=task.warn_at)
    assert due(warned, task.due_at - MINUTES) is None
    assert due(warned, task.due_at) is Due.BREACH
    assert due(replace(task, ended_at=NOW), task.due_at) is None


def test_an_auditor_finds_what_the_watcher_left_lying(config: AlertsConfig) -> None:
    task = begin(CASE, "acknowledge", config.ladder, owner="dispatch", turn=0, now=NOW)
    assert overdue([task], task.due_at + 5 * MINUTES) == []
    assert overdue([task], task.due_at + 6 * MINUTES) == [task]


def test_a_ladder_of_before_a_new_step_knows_its_desks_and_limits(config: AlertsConfig) -> None:
    workflow = grown()
    assert list(mistakes(config.ladder, workflow)) == []
    assert rungs(config.ladder, "approve", workflow) == config.ladder.desks["verify"]
    assert limit(config.ladder, Grade.RED, "approve", workflow) == config.ladder.limits[Grade.RED]["verify"]
    case = replace(CASE, stage="approving", acknowledged_at=NOW)
    assert owed(case, workflow) == "approve"
    task = begin(case, "approve", config.ladder, owner="dispatch", turn=0, now=NOW, workflow=workflow)
    assert (task.desk, task.due_at) == ("dispatch", NOW + 240 * MINUTES)
    heir = pass_on(task, config.ladder, grade=case.grade, owner="dispatch", now=task.due_at, workflow=workflow)
    assert (heir.step, heir.desk, heir.due_at) == ("approve", "publicity_head", task.due_at + 120 * MINUTES)
    assert tighten(task, replace(case, grade=Grade.RED), config.ladder, NOW, workflow).due_at == NOW + 120 * MINUTES


def test_a_ladder_that_names_the_new_step_is_heard_part_by_part(config: AlertsConfig) -> None:
    own = limit(config.ladder, Grade.RED, "acknowledge")
    limits = {**config.ladder.limits, Grade.RED: {**config.ladder.limits[Grade.RED], "approve": own}}
    ladder = replace(config.ladder, desks={**config.ladder.desks, "approve": ("leaders",)}, limits=limits)
    workflow = grown()
    assert list(mistakes(ladder, workflow)) == []
    assert rungs(ladder, "approve", workflow) == ("leaders",)
    assert limit(ladder, Grade.RED, "approve", workflow) == own
    assert limit(ladder, Grade.BLUE, "approve", workflow) == ladder.limits[Grade.BLUE]["verify"]


def test_every_mistake_of_a_ladder_is_told(config: AlertsConfig) -> None:
    """Steps nobody knows, old steps left out, grades left out; a new step suffers with the one it is like."""
    ladder = Ladder(
        desks={step: ("publicity",) for step in WORKFLOW.steps if step != "verify"} | {"dance": ("publicity",)},
        limits={Grade.RED: config.ladder.limits[Grade.RED]},
    )
    told = list(mistakes(ladder))
    assert f"ladder.desks: there is no step 'dance', only {', '.join(WORKFLOW.steps)}" in told
    assert "ladder.desks: verify is missing" in told
    assert "ladder.limits.blue: close is missing" in told
    assert not [one for one in told if "red" in one]
    assert len(told) == 2 + 3 * len(WORKFLOW.steps)
    assert "ladder.desks: approve is missing" in list(mistakes(ladder, grown()))
