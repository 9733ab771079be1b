from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.config import AlertsConfig
from alerts.detection.grades import Grade
from alerts.workflow.cases import Case
from alerts.workflow.ladder import (
    Due,
    Ladder,
    begin,
    dated,
    due,
    hand_over,
    idle_limits,
    is_called_again,
    leaders,
    limit,
    mistakes,
    out_of_order,
    overdue,
    owed,
    pass_on,
    rungs,
    tighten,
    within,
)
from alerts.workflow.rules import WORKFLOW
from stream.process.configuration import Configuration
from tests.alerts.workflow.grown import grown

CONFIG = Configuration(Path(__file__).parents[3] / "configs" / "example", {}).add("alerts.yml", AlertsConfig)()
NOW = datetime(2026, 9, 21, 6, 0, tzinfo=UTC)
MINUTES = timedelta(minutes=1)
CASE = Case(
    id=1, topic="outage", stage="screening", grade=Grade.YELLOW, opened_at=NOW, since=NOW, notified=20.0, peak=20.0,
    last_spike_at=NOW,
)  # fmt: skip


def test_each_stage_waits_for_one_step_and_screening_first_for_a_sign_of_life() -> None:
    assert owed(CASE) == "acknowledge"
    assert owed(replace(CASE, acknowledged_at=NOW)) == "judge"
    assert owed(replace(CASE, stage="trouble")) == "take"
    for rule in (rule for rule in WORKFLOW.rules if not rule.until_acknowledged):
        assert owed(replace(CASE, stage=rule.stage, acknowledged_at=NOW)) == rule.step
    assert owed(replace(CASE, stage="archived")) is None


def test_a_limit_runs_from_first_detection_yet_leaves_time_to_act(config: AlertsConfig) -> None:
    first = begin(CASE, "acknowledge", config.ladder, owner="dispatch", turn=0, now=NOW)
    assert (first.desk, first.due_at, first.warn_at) == ("publicity", NOW + 60 * MINUTES, NOW + 54 * MINUTES)
    late = begin(CASE, "verify", config.ladder, owner="dispatch", turn=0, now=NOW + 600 * MINUTES)
    assert (late.desk, late.due_at) == ("dispatch", NOW + 610 * MINUTES)


def test_limits_that_are_shorter_than_what_anybody_gets_are_told() -> None:
    assert list(idle_limits(CONFIG.ladder)) == []
    found = list(idle_limits(replace(CONFIG.ladder, least=20 * MINUTES)))
    assert found == [
        "ladder.limits.red: acknowledge is shorter than ladder.least (0:20:00), so nobody else is called before that: "
        "lower least, or lengthen the limits"
    ]
    assert len(list(idle_limits(replace(CONFIG.ladder, least=timedelta(days=10))))) == 4


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
        task = pass_on(task, config.ladder, case=CASE, owner="dispatch", now=task.due_at)
        desks.append(task.desk)
    assert desks == ["publicity", "publicity_head", "leaders", "leaders", "leaders"]
    assert task.turn == 4


def test_a_last_rung_that_nobody_can_write_to_sends_the_call_to_the_first_one(config: AlertsConfig) -> None:
    task = begin(CASE, "acknowledge", config.ladder, owner="dispatch", turn=0, now=NOW)
    for _ in range(2):
        task = pass_on(task, config.ladder, case=CASE, owner="dispatch", now=task.due_at)
    assert (task.desk, is_called_again(task)) == ("leaders", False)
    refused = replace(task, due_at=task.began_at)
    heir = pass_on(refused, config.ladder, case=CASE, owner="dispatch", now=task.began_at)
    assert (heir.desk, heir.level, is_called_again(heir)) == ("publicity", 0, True)
    assert heir.due_at - heir.began_at == limit(config.ladder, CASE.grade, "acknowledge").within


@given(refusals=st.lists(st.booleans(), min_size=1, max_size=40), step=st.sampled_from(WORKFLOW.steps))
def test_nobody_is_called_without_a_pause_whoever_refuses(refusals: list[bool], step: str) -> None:
    """A refusal ends a desk's time at once, but for one that is called again: a lap of the ladder takes a limit."""
    ladder, now = CONFIG.ladder, NOW
    task = begin(CASE, step, ladder, owner="dispatch", turn=0, now=now)
    within, calls = limit(ladder, CASE.grade, step).within, [now]
    for refused in refusals:
        now = task.began_at if refused and not is_called_again(task) else task.due_at
        task = pass_on(replace(task, due_at=now), ladder, case=CASE, owner="dispatch", now=now)
        calls.append(now)
    most = len(rungs(ladder, step)) + 1  # the ladder once, and the first desk once more
    for at in calls:
        assert len([one for one in calls if at <= one < at + within]) <= 2 * most


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
    assert rungs(config.ladder, "check", workflow) == config.ladder.desks["verify"]
    assert limit(config.ladder, Grade.RED, "check", workflow) == config.ladder.limits[Grade.RED]["verify"]
    case = replace(CASE, stage="checking", acknowledged_at=NOW)
    assert owed(case, workflow) == "check"
    task = begin(case, "check", config.ladder, owner="dispatch", turn=0, now=NOW, workflow=workflow)
    assert (task.desk, task.due_at) == ("dispatch", NOW + 240 * MINUTES)
    heir = pass_on(task, config.ladder, case=case, owner="dispatch", now=task.due_at, workflow=workflow)
    assert (heir.step, heir.desk, heir.due_at) == ("check", "publicity_head", task.due_at + 120 * MINUTES)
    assert tighten(task, replace(case, grade=Grade.RED), config.ladder, NOW, workflow).due_at == NOW + 120 * MINUTES


def test_a_ladder_that_names_the_new_step_is_heard_part_by_part(config: AlertsConfig) -> None:
    own = limit(config.ladder, Grade.RED, "acknowledge")
    limits = {**config.ladder.limits, Grade.RED: {**config.ladder.limits[Grade.RED], "check": own}}
    ladder = replace(config.ladder, desks={**config.ladder.desks, "check": ("leaders",)}, limits=limits)
    workflow = grown()
    assert list(mistakes(ladder, workflow)) == []
    assert rungs(ladder, "check", workflow) == ("leaders",)
    assert limit(ladder, Grade.RED, "check", workflow) == own
    assert limit(ladder, Grade.BLUE, "check", workflow) == ladder.limits[Grade.BLUE]["verify"]


def test_every_mistake_of_a_ladder_is_told(config: AlertsConfig) -> None:
    """Steps nobody knows, steps left out, grades left out; of a step that is like another one only that one."""
    ladder = Ladder(
        desks={step: ("publicity",) for step in WORKFLOW.steps if step != "verify"} | {"dance": ("publicity",)},
        limits={Grade.RED: config.ladder.limits[Grade.RED]},
    )
    told = list(mistakes(ladder))
    assert f"ladder.desks: there is no step 'dance', only {', '.join(WORKFLOW.steps)}" in told
    assert "ladder.desks: verify is missing" in told
    assert "ladder.limits.blue: close is missing" in told
    assert not [one for one in told if "red" in one]
    own = [step for step in WORKFLOW.steps if WORKFLOW.rule_of(step).like is None]
    assert len(told) == 2 + 3 * len(own)
    assert not [one for one in mistakes(ladder, grown()) if "check" in one and "missing" in one]


def test_a_step_that_nobody_wrote_is_not_missing_beside_the_one_it_is_like(config: AlertsConfig) -> None:
    limits = dict(config.ladder.limits)
    limits[Grade.RED] = {step: one for step, one in limits[Grade.RED].items() if step != "acknowledge"}
    assert list(mistakes(replace(config.ladder, limits=limits))) == ["ladder.limits.red: acknowledge is missing"]


def hurried(config: AlertsConfig, **minutes: int) -> Ladder:
    red = {
        step: replace(one, within=timedelta(minutes=minutes.get(step, one.within / timedelta(minutes=1))))
        for step, one in config.ladder.limits[Grade.RED].items()
    }
    return replace(config.ladder, limits={**config.ladder.limits, Grade.RED: red})


def test_a_step_that_is_due_before_an_earlier_one_is_told_with_both_times(config: AlertsConfig) -> None:
    assert list(out_of_order(hurried(config, judge=5))) == [
        "ladder.limits.red: judge is due after 5m, before acknowledge, which comes first, after 15m"
    ]


def test_equal_limits_and_those_that_run_from_elsewhere_are_in_order(config: AlertsConfig) -> None:
    assert list(out_of_order(config.ladder)) == []
    assert list(out_of_order(hurried(config, judge=15, review=1, remedy=1))) == []


@pytest.mark.parametrize("folder", ["configs", "configs/example"])
def test_the_limits_that_are_shipped_are_in_order(folder: str) -> None:
    shipped = Configuration(Path(__file__).parents[3] / folder, {}).add("alerts.yml", AlertsConfig)()
    assert list(out_of_order(shipped.ladder)) == []


def test_a_ladder_written_before_there_were_statements_and_plans_knows_who_has_them(config: AlertsConfig) -> None:
    new = {"word", "approve", "plan"}
    ladder = replace(
        config.ladder,
        desks={step: desks for step, desks in config.ladder.desks.items() if step not in new},
        limits={grade: {s: one for s, one in of.items() if s not in new} for grade, of in config.ladder.limits.items()},
    )
    assert list(mistakes(ladder)) == []
    assert rungs(ladder, "word") == rungs(ladder, "approve") == ladder.desks["respond"]
    assert rungs(ladder, "plan") == ladder.desks["remedy"]
    assert limit(ladder, Grade.RED, "approve") == ladder.limits[Grade.RED]["respond"]


def test_limits_of_a_reopened_case_run_from_the_reopening(config: AlertsConfig) -> None:
    """Case 12 of the alert cases: five days later every step had ten minutes."""
    later = NOW + timedelta(days=5)
    case = replace(CASE, reopened_at=later)
    task = begin(case, "verify", config.ladder, owner="dispatch", turn=1, now=later)
    assert task.due_at - later == limit(config.ladder, Grade.YELLOW, "verify").within


def test_a_supervised_case_has_half_the_time_and_never_less_than_the_least(config: AlertsConfig) -> None:
    case = replace(CASE, supervised_at=NOW)
    assert within(config.ladder, case, "verify") == limit(config.ladder, Grade.YELLOW, "verify").within / 2
    task = begin(case, "verify", config.ladder, owner="dispatch", turn=0, now=NOW)
    assert task.due_at == NOW + 120 * MINUTES
    heir = pass_on(task, config.ladder, case=case, owner="dispatch", now=task.due_at)
    assert heir.due_at == task.due_at + 60 * MINUTES
    late = begin(case, "verify", config.ladder, owner="dispatch", turn=0, now=NOW + 300 * MINUTES)
    assert late.due_at == NOW + 300 * MINUTES + config.ladder.least
    running = begin(CASE, "verify", config.ladder, owner="dispatch", turn=0, now=NOW)
    assert tighten(running, case, config.ladder, NOW).due_at == NOW + 120 * MINUTES


def test_a_step_that_is_handed_over_has_the_rest_of_its_limit_and_at_least_the_least(config: AlertsConfig) -> None:
    task = replace(begin(CASE, "verify", config.ladder, owner="dispatch", turn=0, now=NOW), warned_at=NOW)
    early = hand_over(task, "safety", config.ladder, NOW + 60 * MINUTES)
    assert (early.desk, early.due_at, early.began_at, early.turn) == ("safety", task.due_at, NOW + 60 * MINUTES, 1)
    assert (early.warned_at, early.level) == (None, task.level)
    assert early.warn_at == early.began_at + (early.due_at - early.began_at) * config.ladder.warn_at
    late = hand_over(task, "safety", config.ladder, task.due_at - MINUTES)
    assert late.due_at == task.due_at - MINUTES + config.ladder.least
    assert pass_on(late, config.ladder, case=CASE, owner="dispatch", now=late.due_at).desk == "publicity_head"


def test_a_planned_date_is_kept_whatever_the_grade_becomes_and_the_ladder_is_climbed_after_it(
    config: AlertsConfig,
) -> None:
    case = replace(CASE, stage="remedying")
    begun = begin(case, "remedy", config.ladder, owner="dispatch", turn=0, now=NOW)
    until = NOW + timedelta(days=10)
    task = dated(begun, "safety", until, config.ladder)
    assert (task.desk, task.due_at, task.warn_at) == ("safety", until, NOW + timedelta(days=9))
    assert tighten(task, replace(case, grade=Grade.RED, supervised_at=NOW), config.ladder, NOW) == task
    assert pass_on(task, config.ladder, case=case, owner="dispatch", now=until).desk == "leaders"
    assert dated(begun, "safety", NOW - MINUTES, config.ladder).due_at == NOW + config.ladder.least


def test_who_may_always_is_named_or_is_the_last_one_called_over_the_first_step(config: AlertsConfig) -> None:
    assert leaders(config.ladder) == ("leaders",)
    assert leaders(replace(config.ladder, may_always=None)) == ("leaders",)
    assert leaders(replace(config.ladder, may_always=("safety", "leaders"))) == ("safety", "leaders")
    assert leaders(replace(config.ladder, may_always=())) == ()


def test_a_step_may_begin_on_a_later_rung(config: AlertsConfig) -> None:
    task = begin(CASE, "approve", config.ladder, owner="dispatch", turn=0, now=NOW, level=1)
    assert (task.desk, task.level) == ("leaders", 1)
