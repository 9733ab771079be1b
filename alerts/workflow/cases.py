"""A case and what people's acts make of it, by the workflow's table; and what a further spike means beside it. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from alerts.detection.grades import Grade
from alerts.detection.signals import Signal
from alerts.words import ACTION_NAMES, STAGE_NAMES, VERDICT_NAMES, clock_time
from alerts.workflow.rules import WORKFLOW, Action, Verdict, Workflow
from stream.errors import Rejected


class Refused(Rejected):
    """Raised when an action is not possible in a case's stage; `detail` says what is."""

    def __init__(self, detail: str) -> None:
        super().__init__("refused", detail)


class AlreadyAcknowledged(Refused):
    """Raised when somebody else was quicker, or the same person clicks twice: nothing is lost and nothing to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One episode of one topic. `notified` is the effective count last written about, `peak` the highest seen.

    `stage` is one of the workflow's. `ended_at` is None as long as the case is open. `calm_at` is since when the topic
    is calm again, None while it is not. `rekindled_at` is when its last wave after a calm began: limits run from there.
    `revision` grows with every change.
    """

    id: int
    topic: str
    stage: str
    grade: Grade
    opened_at: datetime
    since: datetime
    notified: float
    peak: float
    last_spike_at: datetime
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    verdict: Verdict | None = None
    calm_at: datetime | None = None
    ended_at: datetime | None = None
    rekindled_at: datetime | None = None
    revision: int = 0

    @property
    def is_open(self) -> bool:
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class ActRequest:
    """What a person wants to do to a case. `claimed`: nothing proves that it is `by` who asks, as on a command line."""

    action: str
    by: str
    note: str = ""
    verdict: Verdict | None = None
    claimed: bool = True


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A report by hand: a person asks for a case on a topic, and why. `posts` are ids, `claimed` is as above."""

    topic: str
    by: str
    why: str
    grade: Grade = Grade.BLUE
    posts: tuple[str, ...] = ()
    claimed: bool = True


def allowed(case: Case, workflow: Workflow = WORKFLOW) -> tuple[Action, ...]:
    """Lists what can be done now, what fulfils the step owed first."""
    possible = workflow.possible(case.stage, acknowledged=case.acknowledged_at is not None)
    return tuple(action for action in possible if _is_possible(case, action))


def apply(
    case: Case, action: str, *, by: str, at: datetime, brought_by: str | None, note: str = "",
    verdict: Verdict | None = None, workflow: Workflow = WORKFLOW,
) -> Case:  # fmt: skip
    """Builds the case after `action`; raises `Refused` where the table, the verdict, the note or the person forbids it.

    `brought_by` is who brought the case to its stage, None where nobody did: a second person must be another one.
    """
    if not by.strip():
        raise Refused("每个处置动作都要写明操作人")
    if workflow.acknowledges(action) and case.acknowledged_at and case.acknowledged_by:
        raise AlreadyAcknowledged(f"{case.acknowledged_by}已于 {clock_time(case.acknowledged_at, at)} 签收")
    chosen = next((one for one in allowed(case, workflow) if one.key == action), None)
    if chosen is None:
        raise Refused(_impossible(case, action, workflow))
    if chosen.verdict == (verdict is None):
        raise Refused(
            f"{ACTION_NAMES.get(action, action)}要给出结论：" + "、".join(VERDICT_NAMES.values())
            if chosen.verdict
            else f"{ACTION_NAMES.get(action, action)}不能给出核实结论"
        )
    if chosen.note and not note.strip():
        raise Refused("请写明事由")
    if chosen.second_person and by == brought_by:
        raise Refused(f"{ACTION_NAMES.get(action, action)}须由另一人办理：上一环节由{by}办理")
    stage = chosen.target(verdict or case.verdict)
    assert stage is not None, "what is allowed leads somewhere"
    return replace(
        case,
        stage=stage,
        verdict=None if chosen.restarts else verdict or case.verdict,
        acknowledged_at=None if chosen.restarts else case.acknowledged_at or at,
        acknowledged_by=None if chosen.restarts else case.acknowledged_by or by,
        ended_at=None if workflow.is_open(stage) else case.ended_at or at,
        revision=case.revision + 1,
    )


class Correlation(StrEnum):
    """What a spike is beside the cases of its topic."""

    OPENS = "opens"
    JOINS = "joins"
    ROSE = "rose"
    REKINDLED = "rekindled"  # open, calm for a while, and burning again
    SAME_EPISODE = "same_episode"  # ended by a person, and the very same wave still runs


def correlate(
    last: Case | None, signal: Signal, rise: float, forget_after: timedelta, *, new_wave: bool
) -> Correlation:
    """Decides what `signal`, a spike, means beside the topic's `last` case.

    `new_wave` says that it goes on from nothing that was told. A wave judged a false alarm or closed opens no new case
    until it was calm, grew `rise`-fold, or `forget_after` went by.
    """
    if last is None:
        return Correlation.OPENS
    if last.ended_at is None:
        if signal.fell:  # silence adds nothing to what is dealt with
            return Correlation.JOINS
        if new_wave:
            return Correlation.REKINDLED
        return Correlation.ROSE if signal.effective >= rise * last.notified else Correlation.JOINS
    over = last.calm_at is not None or new_wave or signal.at - last.ended_at >= forget_after
    return Correlation.OPENS if over or signal.effective >= rise * last.peak else Correlation.SAME_EPISODE


def rekindle(case: Case, at: datetime, workflow: Workflow = WORKFLOW) -> Case:
    """Builds the case after its topic burns again: steps that answered the wave before are owed anew."""
    stage = workflow.rekindled(case.stage, case.verdict)
    return replace(case, stage=stage, rekindled_at=at, calm_at=None, revision=case.revision + 1)


def _is_possible(case: Case, action: Action) -> bool:
    if case.verdict in action.barred_by:
        return False
    return action.verdict or action.target(case.verdict) is not None


def _impossible(case: Case, action: str, workflow: Workflow) -> str:
    possible = "、".join(f"{ACTION_NAMES.get(one.key, one.key)} {one.key}" for one in allowed(case, workflow))
    verdict = f"（核实结论：{VERDICT_NAMES[case.verdict]}）" if case.verdict else ""
    stage = STAGE_NAMES.get(case.stage, case.stage)
    return f"事件处于「{stage}」{verdict}，不能{ACTION_NAMES.get(action, action)}；可以：{possible}"
