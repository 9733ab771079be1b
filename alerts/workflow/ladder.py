"""Who must do what by when, and who is next if nobody does. Pure: what is due follows from rows and `now`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, TypeVar

from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from alerts.detection.grades import Grade
from alerts.workflow.cases import Case
from alerts.workflow.rules import WORKFLOW
from alerts.workflow.table import Workflow
from stream.calendar import CALENDAR
from stream.process.clock import SHANGHAI
from stream.process.configuration import STRICT, Duration

OWNER = "owner"  # in a ladder: the desk that owns the case's topic

V = TypeVar("V")


@checked(frozen=True, kw_only=True, config=STRICT)
class Limit:
    """A time limit from first detection (`review`: from the end of the case), and where the number comes from."""

    within: Annotated[Duration, Field(gt=timedelta(0))]
    source: Annotated[str, Field(min_length=1)]


@checked(frozen=True, kw_only=True, config=STRICT)
class HolidayFactor:
    """The part of a limit that is left where its clock begins on a public holiday, and where the number comes from."""

    factor: Annotated[float, Field(gt=0, le=1)]
    source: Annotated[str, Field(min_length=1)]


@checked(frozen=True, kw_only=True, config=STRICT)
class Ladder:
    """For each step the desks in order, and for each grade the limits. Ask by `rungs` and `limit`: they know defaults.

    `warn_at` is the part of a limit after which its desk is reminded; `least` is what anybody gets at the very least,
    also a next desk and a step that is late before it begins. `may_always` are desks whose people may do every step;
    None: the last desk that is called over the first step. `supervised` is the part of a limit that a case under
    supervision has, `holiday_factor` the part that is left of one that begins on a holiday; None: all of it.
    """

    desks: dict[str, Annotated[tuple[str, ...], Field(min_length=1)]]
    limits: dict[Grade, dict[str, Limit]]
    warn_at: Annotated[float, Field(gt=0, lt=1)] = 0.9
    least: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(minutes=10)
    may_always: tuple[str, ...] | None = None
    supervised: Annotated[float, Field(gt=0, le=1)] = 0.5
    holiday_factor: HolidayFactor | None = None


def rungs(ladder: Ladder, step: str, workflow: Workflow = WORKFLOW) -> tuple[str, ...]:
    """Lists the desks of a step in order; where the ladder does not name it, those of the step it is like."""
    return _resolved(ladder.desks, step, workflow)


def limit(ladder: Ladder, grade: Grade, step: str, workflow: Workflow = WORKFLOW) -> Limit:
    """Finds what a grade allows a step; where the ladder does not name it, what it allows the step it is like."""
    return _resolved(ladder.limits[grade], step, workflow)


def limit_from(ladder: Ladder, grade: Grade, step: str, began: datetime, workflow: Workflow = WORKFLOW) -> Limit:
    """Finds what a grade allows a step whose clock began at an aware moment: less on a holiday, with both sources."""
    whole, holiday = limit(ladder, grade, step, workflow), ladder.holiday_factor
    if holiday is None or not CALENDAR.is_holiday(began.astimezone(SHANGHAI).date()):
        return whole
    return Limit(
        within=whole.within * holiday.factor, source=f"{whole.source}；节假日乘以 {holiday.factor:g}：{holiday.source}"
    )


def leaders(ladder: Ladder, workflow: Workflow = WORKFLOW) -> tuple[str, ...]:
    """Lists the desks whose people may do everything always, and supervise."""
    return rungs(ladder, workflow.steps[0], workflow)[-1:] if ladder.may_always is None else ladder.may_always


def within(ladder: Ladder, case: Case, step: str, workflow: Workflow = WORKFLOW) -> timedelta:
    """Finds the time that a case's grade allows a step, less where its clock began on a holiday or it is supervised."""
    part = 1.0 if case.supervised_at is None else ladder.supervised
    return limit_from(ladder, case.grade, step, _counted_from(case), workflow).within * part


def mistakes(ladder: Ladder, workflow: Workflow = WORKFLOW) -> Iterator[str]:
    """Yields what a ladder names that no step is called, and what it leaves out though nothing stands in for it."""
    places = {"desks": ladder.desks} | {f"limits.{grade}": ladder.limits.get(grade, {}) for grade in Grade}
    for place, named in places.items():
        yield from (
            f"ladder.{place}: there is no step {step!r}, only {', '.join(workflow.steps)}"
            for step in named
            if step not in workflow.steps
        )
        own = (step for step in workflow.steps if workflow.rule_of(step).like is None)  # others have what these have
        yield from (f"ladder.{place}: {step} is missing" for step in own if step not in named)


def out_of_order(ladder: Ladder, workflow: Workflow = WORKFLOW) -> Iterator[str]:
    """Yields limits that are over before those of a step that must be done first; only such as are written down.

    All run from the same moment, but for those of ended cases, and of a step whose date a person sets.
    """
    rules = [rule for rule in workflow.rules if not (rule.ended or rule.dated or rule.stage in workflow.starts)]
    for grade, limits in ladder.limits.items():
        written = [rule.step for rule in rules if rule.step in limits]
        for before, step in pairwise(written):
            first, then = limits[before].within, limits[step].within
            if then < first:
                yield (
                    f"ladder.limits.{grade}: {step} is due after {_short(then)}, before {before}, which comes first, "
                    f"after {_short(first)}"
                )


def _short(time: timedelta) -> str:
    minutes = time / timedelta(minutes=1)
    return f"{minutes / 60:g}h" if minutes >= 60 else f"{minutes:g}m"


def idle_limits(ladder: Ladder) -> Iterator[str]:
    """Yields the limits, a sentence a grade, that are shorter than what anybody gets at the least: they never count."""
    for grade, limits in ladder.limits.items():
        if short := [step for step, one in limits.items() if one.within < ladder.least]:
            yield (
                f"ladder.limits.{grade}: {', '.join(short)} {'is' if len(short) == 1 else 'are'} shorter than "
                f"ladder.least ({ladder.least}), so nobody else is called before that: lower least, or lengthen the "
                "limits"
            )


def without_second_person(
    ladder: Ladder, people: Mapping[str, Sequence[str]], workflow: Workflow = WORKFLOW
) -> Iterator[str]:
    """Yields steps that want a second person where nobody but one and the same is called; `people` are the desks'."""
    for rule in workflow.rules:
        if not any(action.second_person for action in rule.done_by):
            continue
        before = [one.step for one in workflow.rules if any(rule.stage == action.to for action in one.done_by)]
        steps = [step for step in (*before, rule.step) if step is not None]
        desks = {*leaders(ladder, workflow), *(desk for step in steps for desk in rungs(ladder, step, workflow))}
        called = {person for desk in desks for person in people.get(desk, ())}
        if OWNER not in desks and len(called) == 1:
            yield (
                f"ladder.desks: {called.pop()} alone is called over {' and '.join(steps)}, and nobody passes their own"
                " words: name a desk with other people"
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


def seated(rung: str, owner: str) -> str:
    """Returns the desk that a rung means: itself, or the one that owns the case's topic."""
    return owner if rung == OWNER else rung


def owed(case: Case, workflow: Workflow = WORKFLOW) -> str | None:
    """Finds the step whose clock runs now; None once nobody owes anything."""
    return workflow.owed(case.stage, acknowledged=case.acknowledged_at is not None)


def begin(
    case: Case, step: str, ladder: Ladder, *, owner: str, turn: int, now: datetime, level: int = 0,
    workflow: Workflow = WORKFLOW,
) -> Task:  # fmt: skip
    """Builds the task of the desk on the rung `level`, the first one by default.

    Its limit runs from first detection, from when the topic burnt again or the case was reopened, yet leaves at least
    `ladder.least`.
    """
    due = max(_counted_from(case) + within(ladder, case, step, workflow), now + ladder.least)
    desk = rungs(ladder, step, workflow)[level]
    return _task(ladder, desk, case_id=case.id, step=step, owner=owner, turn=turn, level=level, now=now, due=due)


def dated(task: Task, desk: str, until: datetime, ladder: Ladder) -> Task:
    """Builds the task as a person's plan has it: of that desk, due at that moment, or after the least anybody gets."""
    due = max(until, task.began_at + ladder.least)
    return replace(task, desk=desk, due_at=due, warn_at=task.began_at + (due - task.began_at) * ladder.warn_at)


def hand_over(task: Task, desk: str, ladder: Ladder, now: datetime) -> Task:
    """Builds the task of a desk that a step was handed to: with the rest of the limit, at least `ladder.least`."""
    due = max(task.due_at, now + ladder.least)
    heir = replace(task, desk=desk, turn=task.turn + 1, began_at=now, due_at=due, warned_at=None, ended_at=None)
    return replace(heir, warn_at=now + (due - now) * ladder.warn_at)


def pass_on(
    task: Task, ladder: Ladder, *, case: Case, owner: str, now: datetime, workflow: Workflow = WORKFLOW
) -> Task:
    """Builds the next desk's task when nobody acted; on the last rung the same desk's again: nothing is ever let go.

    The next desk has half the step's limit; the last one is called again after the whole limit, without a reminder
    in between. Where the last one's time was cut short, since nobody there can be written to, the first desk is called
    again instead. Who is called again keeps the whole limit whatever becomes of the letter: see `is_called_again`.
    """
    desks = rungs(ladder, task.step, workflow)
    level = min(task.level + 1, len(desks) - 1)
    allowed, again = within(ladder, case, task.step, workflow), level == task.level
    if again and task.due_at - task.began_at < ladder.least:  # nobody is ever given less, but for a refusal
        level = 0
    due = now + max(allowed if again else allowed / 2, ladder.least)
    heir = _task(
        ladder, desks[level], case_id=task.case_id, step=task.step, owner=owner, turn=task.turn + 1, level=level,
        now=now, due=due,
    )  # fmt: skip
    return replace(heir, warned_at=now) if again else heir


def is_called_again(task: Task) -> bool:
    """Tells whether the ladder was climbed in vain before this call: then there is nobody else to hurry to."""
    return task.warned_at is not None and task.warned_at == task.began_at


def tighten(task: Task, case: Case, ladder: Ladder, now: datetime, workflow: Workflow = WORKFLOW) -> Task:
    """Puts the task under the case's present grade, which may have risen: never later than it was.

    What a person set the date of stays as it is.
    """
    if task.step in workflow.steps and workflow.rule_of(task.step).dated:  # a row may be of an older table
        return task
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


def _counted_from(case: Case) -> datetime:
    return case.ended_at or case.counted_from


def _task(
    ladder: Ladder, desk: str, *, case_id: int, step: str, owner: str, turn: int, level: int, now: datetime,
    due: datetime,
) -> Task:  # fmt: skip
    return Task(
        case_id=case_id,
        step=step,
        turn=turn,
        level=level,
        desk=seated(desk, owner),
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
    known = step if step in workflow.steps else workflow.steps[0]  # a row may be of an older table
    return named[_source(named, known, workflow) or known]
