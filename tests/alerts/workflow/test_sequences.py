"""Whatever is tried in whatever order, by the shipped table and by one with a step more: what must always hold."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.config import AlertsConfig
from alerts.detection.grades import Grade
from alerts.workflow.cases import AlreadyAcknowledged, Case, Refused, allowed, apply, merged
from alerts.workflow.ladder import Due, begin, due, limit, owed, pass_on, rungs, tighten
from alerts.workflow.parts import Verdict
from alerts.workflow.rules import WORKFLOW
from alerts.workflow.table import Workflow
from stream.process.configuration import Configuration
from tests.alerts.conftest import ROOT
from tests.alerts.workflow.grown import grown

NOON = datetime(2026, 9, 21, 4, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NEW = Case(
    id=1, topic="outage", stage="screening", grade=Grade.BLUE, opened_at=NOON, since=NOON, notified=20.0, peak=20.0,
    last_spike_at=NOON,
)  # fmt: skip
TABLES = st.sampled_from([WORKFLOW, grown()])
PEOPLE = st.sampled_from(["张敏", "李强"])
TRIES = st.lists(
    st.tuples(st.sampled_from(grown().actions), PEOPLE, st.sampled_from([None, *Verdict]), st.integers(0, 600)),
    max_size=60,
)
CHOICES = st.lists(st.tuples(st.integers(0, 9), st.sampled_from(list(Verdict))), max_size=60)
GRADES = st.sampled_from(list(Grade))


def ladder_config() -> AlertsConfig:
    return Configuration(ROOT / "configs" / "example", {}).add("alerts.yml", AlertsConfig)()


LADDER = ladder_config().ladder


def walk(workflow: Workflow, choices: list[tuple[int, Verdict]]) -> list[Case]:
    """A case through what is offered to it, one choice after the other; the second person is always another one."""
    walked = [NEW]
    for number, (which, verdict) in enumerate(choices):
        case = walked[-1]
        offered = allowed(case, workflow)
        action = offered[which % len(offered)]
        by, brought_by = ("张敏", "李强") if number % 2 else ("李强", "张敏")
        walked.append(
            apply(
                case, action.key, by=by, at=NOON + number * MINUTE, note="x", brought_by=brought_by,
                verdict=verdict if action.verdict else None, workflow=workflow,
            )
        )  # fmt: skip
    return walked


@given(TABLES, TRIES)
def test_a_try_is_refused_or_leads_where_the_table_says(
    workflow: Workflow, tries: list[tuple[str, str, Verdict | None, int]]
) -> None:
    case, brought_by, now = NEW, None, NOON
    for action, by, verdict, minutes in tries:
        now += minutes * MINUTE
        try:
            after = apply(
                case, action, by=by, at=now, note="x", brought_by=brought_by, verdict=verdict, workflow=workflow
            )
        except AlreadyAcknowledged:
            assert case.acknowledged_by
            continue
        except Refused:
            continue
        assert after.stage in workflow.targets(case.stage, action)
        assert after.revision == case.revision + 1
        brought_by = by if after.stage != case.stage else brought_by
        case = after


@given(TABLES, CHOICES)
def test_everything_offered_can_be_done_and_there_is_always_something(
    workflow: Workflow, choices: list[tuple[int, Verdict]]
) -> None:
    for case in walk(workflow, choices):
        assert allowed(case, workflow)
        assert case.stage in workflow.stages
        assert case.is_open == workflow.is_open(case.stage)
        assert (owed(case, workflow) is None) == (case.stage in ("archived", "false_alarm", "merged"))


@given(TABLES, CHOICES)
def test_an_act_of_anybody_acknowledges_and_only_a_reopening_takes_it_back(
    workflow: Workflow, choices: list[tuple[int, Verdict]]
) -> None:
    for before, after in pairwise(walk(workflow, choices)):
        reopened = before.ended_at is not None and after.ended_at is None
        assert (after.acknowledged_at is None) == reopened
        assert (after.verdict is None) >= reopened
        if before.acknowledged_at and not reopened:
            assert (after.acknowledged_at, after.acknowledged_by) == (before.acknowledged_at, before.acknowledged_by)


@given(CHOICES)
def test_what_is_true_reaches_its_end_by_the_remedy_alone(choices: list[tuple[int, Verdict]]) -> None:
    since_true: list[str] = []
    for case in walk(WORKFLOW, choices):
        since_true = [*since_true, case.stage] if case.verdict is Verdict.TRUE else []
        if since_true and case.stage in ("guiding", "tracking", "reviewing", "archived"):
            assert "remedying" in since_true


@given(TABLES, CHOICES)
def test_no_answer_is_given_before_another_person_approved_it(
    workflow: Workflow, choices: list[tuple[int, Verdict]]
) -> None:
    """Nobody comes to the answer but from the last approval, after each verdict and each correction anew."""
    last = "checking" if "checking" in workflow.stages else "approving"
    for before, after in pairwise(walk(workflow, choices)):
        if after.stage == "responding":
            assert before.stage == last


@given(CHOICES)
def test_what_was_answered_and_archived_was_written_by_one_and_approved_by_another(
    choices: list[tuple[int, Verdict]],
) -> None:
    passed: list[str] = []
    for case in walk(WORKFLOW, choices):
        passed = [] if case.stage == "screening" else [*passed, case.stage]
        if case.stage == "archived" and case.verdict is not Verdict.NOT_OURS:
            wrote, approved, answered = map(passed.index, ("wording", "approving", "responding"))
            assert wrote < approved < answered


@given(TABLES, CHOICES, st.lists(st.integers(0, 3_000), max_size=30))
def test_every_clock_ends(workflow: Workflow, choices: list[tuple[int, Verdict]], waits: list[int]) -> None:
    """Whoever is called has a moment at which the next one is, or the same one again; none is put off for ever."""
    case = walk(workflow, choices)[-1]
    step, now = owed(case, workflow), NOON
    if step is None:
        return
    task = begin(case, step, LADDER, owner="dispatch", turn=0, now=now, workflow=workflow)
    longest = max(limit(LADDER, grade, step, workflow).within for grade in Grade)
    for wait in waits:
        now += wait * MINUTE
        assert task.due_at - task.began_at <= max(longest, LADDER.least) or task.began_at == NOON
        if due(task, now) is Due.BREACH:
            task = pass_on(task, LADDER, case=case, owner="dispatch", now=now, workflow=workflow)
            assert now < task.due_at <= now + max(longest, LADDER.least)


@given(CHOICES, st.sampled_from(["assign", "copy", "supervise", "regrade", "merge", "split"]))
def test_an_order_never_leads_to_an_end_but_by_merging(choices: list[tuple[int, Verdict]], order: str) -> None:
    case, rule = walk(WORKFLOW, choices)[-1], WORKFLOW.order(order)
    if rule.to is not None and case.is_open and case.verdict not in rule.barred_by:
        assert merged(case, 9, NOON).stage == rule.to == "merged"
    else:
        assert rule.to is None or order == "merge"


@given(TABLES, GRADES, CHOICES, st.integers(0, 20_000))
def test_every_task_has_a_desk_and_time_to_act(
    workflow: Workflow, grade: Grade, choices: list[tuple[int, Verdict]], minutes: int
) -> None:
    case = replace(walk(workflow, choices)[-1], grade=grade)
    step, now = owed(case, workflow), NOON + minutes * MINUTE
    if step is None:
        return
    task = begin(case, step, LADDER, owner="dispatch", turn=0, now=now, workflow=workflow)
    levels = []
    for _ in range(5):
        assert task.began_at < task.warn_at < task.due_at
        assert task.due_at - task.began_at >= LADDER.least
        assert task.desk in ladder_desks()
        levels.append(task.level)
        task = pass_on(task, LADDER, case=case, owner="dispatch", now=task.due_at, workflow=workflow)
    last = len(rungs(LADDER, step, workflow)) - 1
    assert levels == [min(level, last) for level in range(5)]


def ladder_desks() -> set[str]:
    return {"dispatch", *(desk for desks in LADDER.desks.values() for desk in desks)} - {"owner"}


@given(GRADES, GRADES, st.sampled_from(WORKFLOW.steps), st.integers(0, 20_000))
def test_a_change_of_grade_never_gives_more_time(before: Grade, after: Grade, step: str, minutes: int) -> None:
    case, now = replace(NEW, grade=before), NOON + minutes * MINUTE
    task = begin(case, step, LADDER, owner="dispatch", turn=0, now=NOON)
    tightened = tighten(task, replace(case, grade=after), LADDER, now)
    assert tightened.due_at <= task.due_at
    assert replace(tightened, due_at=task.due_at, warn_at=task.warn_at) == task
    assert step != "remedy" or tightened == task, "a person set its date"


@pytest.mark.parametrize("step", WORKFLOW.steps)
def test_a_graver_grade_has_no_longer_limit(step: str) -> None:
    limits = [limit(LADDER, grade, step).within for grade in Grade]
    assert limits == sorted(limits)
