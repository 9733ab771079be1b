"""Who must do what by when, and who is next if nobody does. Pure: what is due follows from rows and `now`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, TypeVar

from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from alerts.detection.grades import Grade
from alerts.workflow.cases import Case
from alerts.workflow.rules import WORKFLOW, Workflow
from stream.process.configuration import STRICT, Duration

OWNER = "owner"  # in a ladder: the desk that owns the case's topic

V = TypeVar("V")


@checked(frozen=True, kw_only=True, config=STRICT)
class Limit:
    """A time limit from first detection (`review`: from the end of the case), and where the number comes from."""

    within: Annotated[Duration, Field(gt=timedelta(0))]
    source: Annotated[str, Field(min_length=1)]


@checked(frozen=True, kw_only=True, config=STRICT)
class Ladder:
    """For each step the desks in order, and for each grade the limits. Ask by `rungs` and `limit`: they know defaults.

    `warn_at` is the part of a limit after which its desk is reminded; `least` is what anybody gets at the very least,
    also a next desk and a step that is late before it begins.
    """

    desks: dict[str, Annotated[tuple[str, ...], Field(min_length=1)]]
    limits: dict[Grade, dict[str, Limit]]
    warn_at: Annotated[float, Field(gt=0, lt=1)] = 0.9
    least: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(minutes=10)


def rungs(ladder: Ladder, step: str, workflow: Workflow = WORKFLOW) -> tuple[str, ...]:
    """Lists the desks of a step in order; where the ladder does not name it, those of the step it is like."""
    return _resolved(ladder.desks, step, workflow)


def limit(ladder: Ladder, grade: Grade, step: str, workflow: Workflow = WORKFLOW) -> Limit:
    """Finds what a grade allows a step; where the ladder does not name it, what it allows the step it is like."""
    return _resolved(ladder.limits[grade], step, workflow)


def mistakes(ladder: Ladder, workflow: Workflow = WORKFLOW) -> Iterator[str]:
    """Yields what a ladder names that no step is called, and what it leaves out though nothing stands in for it."""
    places = {"desks": ladder.desks} | {f"limits.{grade}": ladder.limits.get(grade, {}) for grade in Grade}
    for place, named in places.items():
        yield from (
            f"ladder.{place}: there is no step {step!r}, only {', '.join(workflow.steps)}"
            for step in named
            if step not in workflow.steps
        )
        yield from (
            f"ladder.{place}: {step} is missing" for step in workflow.steps if _source(named, step, workflow) is None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One row: a step owed by a desk. `turn` counts a case's rows of one step, `level` is the place on the ladder."""

    case_id: int
    step: str
    turn: int
    level: int
    desk: str
    began_at: datetime
    due_at: datetime
    warn_at: datetime
    warned_at: datetime | None = None
    ended_at: datetime | None = None


class Due(StrEnum):
    """What must happen to a task now."""

    WARN = "warn"
    BREACH = "breach"


def owed(case: Case, workflow: Workflow = WORKFLOW) -> str | None:
    """Finds the step whose clock runs now; None once nobody owes anything."""
    return workflow.owed(case.stage, acknowledged=case.acknowledged_at is not None)


def begin(
    case: Case, step: str, ladder: Ladder, *, owner: str, turn: int, now: datetime, workflow: Workflow = WORKFLOW
) -> Task:
    """Builds the first desk's task. Its limit runs from first detection, or from when the topic burnt again, yet leaves
    at least `ladder.least`."""
    counted_from = case.ended_at or case.rekindled_at or case.opened_at
    due = max(counted_from + limit(ladder, case.grade, step, workflow).within, now + ladder.least)
    desk = rungs(ladder, step, workflow)[0]
    return _task(ladder, desk, case_id=case.id, step=step, owner=owner, turn=turn, level=0, now=now, due=due)


def pass_on(
    task: Task, ladder: Ladder, *, grade: Grade, owner: str, now: datetime, workflow: Workflow = WORKFLOW
) -> Task:
    """Builds the next desk's task when nobody acted; on the last rung the same desk's again: nothing is ever let go.

    The next desk has half the step's limit; the last one is called again after the whole limit, without a reminder
    in between.
    """
    desks = rungs(ladder, task.step, workflow)
    level = min(task.level + 1, len(desks) - 1)
    within, again = limit(ladder, grade, task.step, workflow).within, level == task.level
    due = now + max(within if again else within / 2, ladder.least)
    heir = _task(
        ladder, desks[level], case_id=task.case_id, step=task.step, owner=owner, turn=task.turn + 1, level=level,
        now=now, due=due,
    )  # fmt: skip
    return replace(heir, warned_at=now) if again else heir


def tighten(task: Task, case: Case, ladder: Ladder, now: datetime, workflow: Workflow = WORKFLOW) -> Task:
    """Puts the task under the case's present grade, which may have risen: never later than it was."""
    strict = begin(case, task.step, ladder, owner=task.desk, turn=task.turn, now=now, workflow=workflow)
    if strict.due_at >= task.due_at:
        return task
    return replace(task, due_at=strict.due_at, warn_at=strict.warn_at)


def due(task: Task, now: datetime) -> Due | None:
    """Tells whether a task's desk must be reminded or the next one called."""
    if task.ended_at is not None:
        return None
    if task.due_at <= now:
        return Due.BREACH
    return Due.WARN if task.warned_at is None and task.warn_at <= now else None


def overdue(tasks: Sequence[Task], now: datetime, grace: timedelta = timedelta(minutes=5)) -> list[Task]:
    """Finds tasks that should have been passed on and were not: the watcher itself is standing still."""
    return [task for task in tasks if task.ended_at is None and task.due_at + grace < now]


def _task(
    ladder: Ladder, desk: str, *, case_id: int, step: str, owner: str, turn: int, level: int, now: datetime,
    due: datetime,
) -> Task:  # fmt: skip
    return Task(
        case_id=case_id,
        step=step,
        turn=turn,
        level=level,
        desk=owner if desk == OWNER else desk,
        began_at=now,
        due_at=due,
        warn_at=now + (due - now) * ladder.warn_at,
    )


def _source(named: Mapping[str, V], step: str, workflow: Workflow) -> str | None:
    """Finds the step by whose name a ladder answers for `step`: its own, or that of the nearest one it is like."""
    wanted: str | None = step
    while wanted is not None and wanted not in named:
        wanted = workflow.rule_of(wanted).like
    return wanted


def _resolved(named: Mapping[str, V], step: str, workflow: Workflow) -> V:
    source = _source(named, step, workflow)
    return named[source or step]
