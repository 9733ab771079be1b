"""Who must do what by when, and who is next if nobody does. Pure: what is due follows from rows and `now`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from alerts.detection.grades import Grade
from alerts.workflow.cases import Action, Case, Stage
from stream.process.configuration import STRICT, Duration


class Step(StrEnum):
    """A deed that is owed, with a clock of its own."""

    ACKNOWLEDGE = "acknowledge"
    JUDGE = "judge"
    REPORT = "report"
    VERIFY = "verify"
    RESPOND = "respond"
    REMEDY = "remedy"
    GUIDE = "guide"
    CLOSE = "close"
    REVIEW = "review"


STEP_NAMES = {
    Step.ACKNOWLEDGE: "收到确认",
    Step.JUDGE: "初筛研判",
    Step.REPORT: "上报",
    Step.VERIFY: "核实",
    Step.RESPOND: "澄清/回应",
    Step.REMEDY: "整改",
    Step.GUIDE: "引导",
    Step.CLOSE: "跟踪销号",
    Step.REVIEW: "复盘",
}

#: What each stage waits for. A stage that is not here waits for nobody.
OWED: Mapping[Stage, Step] = {
    Stage.SCREENING: Step.JUDGE,
    Stage.REPORTING: Step.REPORT,
    Stage.VERIFYING: Step.VERIFY,
    Stage.RESPONDING: Step.RESPOND,
    Stage.REMEDYING: Step.REMEDY,
    Stage.GUIDING: Step.GUIDE,
    Stage.TRACKING: Step.CLOSE,
    Stage.REVIEWING: Step.REVIEW,
}

#: How each step is done on the command line: the actions that fulfil it.
FULFILLED_BY: Mapping[Step, tuple[Action, ...]] = {
    Step.ACKNOWLEDGE: (Action.ACKNOWLEDGE,),
    Step.JUDGE: (Action.JUDGE, Action.JUDGE_FALSE_ALARM),
    Step.REPORT: (Action.REPORT,),
    Step.VERIFY: (Action.VERIFY,),
    Step.RESPOND: (Action.CLARIFY, Action.RESPOND),
    Step.REMEDY: (Action.REMEDY,),
    Step.GUIDE: (Action.GUIDE,),
    Step.CLOSE: (Action.CLOSE,),
    Step.REVIEW: (Action.REVIEW,),
}

OWNER = "owner"  # in a ladder: the desk that owns the case's topic


@checked(frozen=True, kw_only=True, config=STRICT)
class Limit:
    """A time limit from first detection (`review`: from the end of the case), and where the number comes from."""

    within: Annotated[Duration, Field(gt=timedelta(0))]
    source: Annotated[str, Field(min_length=1)]


@checked(frozen=True, kw_only=True, config=STRICT)
class Ladder:
    """For each step the desks in order, and for each grade the limits.

    `warn_at` is the part of a limit after which its desk is reminded; `least` is what anybody gets at the very least,
    also a next desk and a step that is late before it begins.
    """

    desks: dict[Step, Annotated[tuple[str, ...], Field(min_length=1)]]
    limits: dict[Grade, dict[Step, Limit]]
    warn_at: Annotated[float, Field(gt=0, lt=1)] = 0.9
    least: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One row: a step owed by a desk. `turn` counts a case's rows of one step, `level` is the place on the ladder."""

    case_id: int
    step: Step
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


def owed(case: Case) -> Step | None:
    """The step whose clock runs now; None once nobody owes anything."""
    unseen = case.stage is Stage.SCREENING and case.acknowledged_at is None
    return Step.ACKNOWLEDGE if unseen else OWED.get(case.stage)


def begin(case: Case, step: Step, ladder: Ladder, *, owner: str, turn: int, now: datetime) -> Task:
    """The first desk's task. Its limit runs from first detection, yet leaves at least `ladder.least`."""
    counted_from = case.ended_at or case.opened_at
    due = max(counted_from + ladder.limits[case.grade][step].within, now + ladder.least)
    return _task(case.id, step, ladder, owner=owner, turn=turn, level=0, now=now, due=due)


def pass_on(task: Task, ladder: Ladder, *, grade: Grade, owner: str, now: datetime) -> Task:
    """The next desk's task when nobody acted; on the last rung the same desk again, so that nothing is ever let go.

    The next desk has half the step's limit; the last one is called again after the whole limit, without a reminder
    in between.
    """
    level = min(task.level + 1, len(ladder.desks[task.step]) - 1)
    limit, again = ladder.limits[grade][task.step].within, level == task.level
    due = now + max(limit if again else limit / 2, ladder.least)
    heir = _task(task.case_id, task.step, ladder, owner=owner, turn=task.turn + 1, level=level, now=now, due=due)
    return replace(heir, warned_at=now) if again else heir


def tighten(task: Task, case: Case, ladder: Ladder, now: datetime) -> Task:
    """The task under the case's present grade, which may have risen: never later than it was."""
    strict = begin(case, task.step, ladder, owner=task.desk, turn=task.turn, now=now)
    if strict.due_at >= task.due_at:
        return task
    return replace(task, due_at=strict.due_at, warn_at=strict.warn_at)


def due(task: Task, now: datetime) -> Due | None:
    """Whether a task's desk must be reminded or the next one called."""
    if task.ended_at is not None:
        return None
    if task.due_at <= now:
        return Due.BREACH
    return Due.WARN if task.warned_at is None and task.warn_at <= now else None


def overdue(tasks: Sequence[Task], now: datetime, grace: timedelta = timedelta(minutes=5)) -> list[Task]:
    """Tasks that should have been passed on and were not: the watcher itself is standing still."""
    return [task for task in tasks if task.ended_at is None and task.due_at + grace < now]


def _task(
    case_id: int, step: Step, ladder: Ladder, *, owner: str, turn: int, level: int, now: datetime, due: datetime
) -> Task:
    desk = ladder.desks[step][level]
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
