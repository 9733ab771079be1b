"""The steps of a case against their limits: how long each took, how long it might, and whose it was. Pure.

Limits run as the ladder's do, from first detection, from a new wave or from the case's end; what is asked is whether
the organisation kept them, whoever was called when. The grade is that of the moment at which the step ended.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.casefile.tables import EventKind
from alerts.desk.cases import HistoryEntry
from alerts.detection.grades import Grade
from alerts.workflow.cases import Case
from alerts.workflow.ladder import Ladder, Task, limit_from
from alerts.workflow.rules import WORKFLOW
from alerts.workflow.table import Workflow


@dataclass(frozen=True, slots=True, kw_only=True)
class StepClock:
    """One time that a step was owed. `needed` runs from `since`, None while it is not done.

    `missed_by` are the desks that were passed over because they did not act, `done_by` is the desk whose clock ran
    last. `kept`: None while it may still be, or where the step was `dropped` because the case went another way.
    """

    step: str
    grade: Grade
    since: datetime
    due_at: datetime
    ended_at: datetime | None
    needed: timedelta | None
    within: timedelta
    source: str
    desk: str
    missed_by: tuple[str, ...]
    kept: bool | None
    dropped: bool


def step_clocks(
    case: Case,
    tasks: Sequence[Task],
    history: Sequence[HistoryEntry],
    ladder: Ladder,
    now: datetime,
    workflow: Workflow = WORKFLOW,
) -> tuple[StepClock, ...]:
    """Holds every step the case ever owed against its limit, in order of their beginnings."""
    found = (_clock(case, turn, history, ladder, now, workflow) for turn in _turns(tasks, history, workflow))
    return tuple(sorted(found, key=lambda one: (one.since, one.ended_at or now)))


def _turns(tasks: Sequence[Task], history: Sequence[HistoryEntry], workflow: Workflow) -> Iterator[list[Task]]:
    """Puts together the tasks by which one step was passed from desk to desk."""
    passed = {(one.detail.get("step"), one.at) for one in history if one.kind == EventKind.ESCALATED}
    running: dict[str, list[Task]] = {}
    for task in sorted(tasks, key=lambda one: (one.began_at, one.turn)):
        if task.step not in workflow.steps:  # of another table
            continue
        if task.step in running and (task.step, task.began_at) in passed:
            running[task.step].append(task)
            continue
        if task.step in running:
            yield running[task.step]
        running[task.step] = [task]
    yield from running.values()


def _clock(
    case: Case, turn: list[Task], history: Sequence[HistoryEntry], ladder: Ladder, now: datetime, workflow: Workflow
) -> StepClock:
    first, last = turn[0], turn[-1]
    ended = last.ended_at if _was_done(last, history, workflow) else None
    grade = _grade_at(case, history, last.ended_at or now)
    rule = workflow.rule_of(last.step)
    since = first.began_at if rule.ended else _counted_from(case, history, first.began_at)
    allowed = limit_from(ladder, grade, last.step, since, workflow)
    due = since + allowed.within
    return StepClock(
        step=last.step, grade=grade, since=since, due_at=due, ended_at=ended,
        needed=ended - since if ended else None, within=allowed.within, source=allowed.source, desk=last.desk,
        missed_by=tuple(dict.fromkeys(one.desk for one in turn[:-1])),
        kept=ended <= due if ended else False if last.ended_at is None and now > due else None,
        dropped=ended is None and last.ended_at is not None,
    )  # fmt: skip


def _was_done(task: Task, history: Sequence[HistoryEntry], workflow: Workflow) -> bool:
    acts = (one for one in history if one.is_act and one.at == task.ended_at)
    return any(workflow.fulfils(one.kind, task.step) for one in acts)


def _counted_from(case: Case, history: Sequence[HistoryEntry], began: datetime) -> datetime:
    """Finds the beginning of the wave that the step answers."""
    again = [one.at for one in history if one.kind == EventKind.REKINDLED and one.at <= began]
    return max([case.opened_at, *again])


def _grade_at(case: Case, history: Sequence[HistoryEntry], moment: datetime) -> Grade:
    grades = [one.detail.get("grade") for one in history if one.at <= moment]
    known = [Grade(str(one)) for one in grades if one in set(Grade)]
    return known[-1] if known else case.grade
