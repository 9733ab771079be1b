"""A case and what people's acts make of it, by the workflow's table; and what a further spike means beside it. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from alerts.detection.grades import Grade, gravest
from alerts.detection.signals import Signal, State
from alerts.words import ACTION_NAMES, STAGE_NAMES, VERDICT_NAMES, clock_time
from alerts.workflow.parts import Action, Verdict
from alerts.workflow.rules import WORKFLOW
from alerts.workflow.table import Workflow
from stream.errors import Rejected


class Refused(Rejected):
    """Raised when an action is not possible in a case's stage; `detail` says what is."""

    def __init__(self, detail: str) -> None:
        super().__init__("refused", detail)


class AlreadyAcknowledged(Refused):
    """Raised when somebody else was quicker, or the same person clicks twice: nothing is lost and nothing to do."""


class Unconfirmed(Refused):
    """Raised when an act wants a person's word that it is meant although something speaks against it: `why`."""

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}。确需办理请加 --confirm，记录中会写明")
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One episode of one topic. `notified` is the effective count last written about, `peak` the highest seen.

    `stage` is one of the workflow's. `ended_at` is None as long as the case is open. `calm_at` is since when the topic
    is calm again, None while it is not. `rekindled_at` is when its last wave after a calm began, `reopened_at` when a
    person began it anew: limits run from the later one. `previous_verdict` is what was found before that.

    `graded_by` set the grade: no rule moves it then. `seen_grade` is the gravest that the rules came to. `count_at_end`
    is the count that the case was last known by when it ended. `split_from` is the case it was taken out of, which
    keeps the topic's waves; `merged_into` the one that it went into. `supervised_at` is since when limits are halved.
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
    reopened_at: datetime | None = None
    previous_verdict: Verdict | None = None
    graded_by: str | None = None
    seen_grade: Grade | None = None
    count_at_end: float | None = None
    split_from: int | None = None
    merged_into: int | None = None
    supervised_at: datetime | None = None
    revision: int = 0

    @property
    def is_open(self) -> bool:
        return self.ended_at is None

    @property
    def counted_from(self) -> datetime:
        """The moment from which limits of an open case run."""
        return max(filter(None, (self.opened_at, self.rekindled_at, self.reopened_at)))


@dataclass(frozen=True, slots=True)
class ActRequest:
    """What a person wants to do to a case. `claimed`: nothing proves that it is `by` who asks, as on a command line.

    `statement` is what a draft says, `owner` the desk that puts things right, `until` when that has to be done.
    `confirm` does it although the topic still rises. `typed_by` wrote down what `by` said, by telephone as it may be.
    """

    action: str
    by: str
    note: str = ""
    verdict: Verdict | None = None
    claimed: bool = True
    statement: str = ""
    owner: str = ""
    until: datetime | None = None
    confirm: bool = False
    typed_by: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """What a person orders about a case beside its steps, and why. `claimed` and `typed_by` are as above."""

    by: str
    note: str
    claimed: bool = True
    typed_by: str = ""


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
        raise Refused("请写明办理意见")
    if chosen.second_person and by == brought_by:
        raise Refused(f"{ACTION_NAMES.get(action, action)}须由另一人办理：上一环节由{by}办理")
    stage = chosen.target(verdict or case.verdict)
    assert stage is not None, "what is allowed leads somewhere"
    moved = replace(
        case,
        stage=stage,
        verdict=verdict or case.verdict,
        acknowledged_at=case.acknowledged_at or at,
        acknowledged_by=case.acknowledged_by or by,
        revision=case.revision + 1,
    )
    if chosen.restarts:
        return _begun_anew(moved, at)
    return moved if workflow.is_open(stage) else ended(moved, at)


def ended(case: Case, at: datetime) -> Case:
    """Builds the case after its end, which is when it was closed and not when it was reviewed."""
    if not case.is_open:
        return case
    return replace(case, ended_at=at, count_at_end=case.notified)


def merged(case: Case, into: int, at: datetime, workflow: Workflow = WORKFLOW) -> Case:
    """Builds the case after it went into another one; `Refused` where it has ended or its verdict forbids it."""
    rule = workflow.order("merge")
    if case.verdict in rule.barred_by:
        raise Refused(f"事件 {case.id} 核实结论为{VERDICT_NAMES[case.verdict]}，须自行回应并整改，不能并入其他事件")
    still_open(case)
    assert rule.to is not None, "the table says where a merged case goes"
    gone = replace(case, stage=rule.to, merged_into=into, revision=case.revision + 1)
    return ended(gone, at)


def still_open(case: Case) -> None:
    """Raises `Refused` where the case has ended: nothing is ordered about it any more."""
    if not case.is_open:
        raise Refused(
            f"事件 {case.id} 已结（{STAGE_NAMES.get(case.stage, case.stage)}），如需继续办理请先重新启动 reopen"
        )


def regrade(case: Case, automatic: Grade) -> Case:
    """Builds the case after the rules came to `automatic`: a grade only ever rises, and one set by a person stays."""
    seen = gravest(automatic, case.seen_grade or automatic)
    grade = case.grade if case.graded_by else gravest(case.grade, automatic)
    return replace(case, grade=grade, seen_grade=seen)


def rising(present: Signal, told: Signal) -> str | None:
    """Says in figures that the topic still rises beside what was last told of it; None where it does not."""
    more = present.effective > told.effective and present.length <= told.length
    if present.state is not State.SPIKE and not more:
        return None
    return (
        f"当前负面 {present.negative} 条（折合 {present.effective:.0f}，常态 {present.expected:.0f}），"
        f"上次通知时 {told.negative} 条（折合 {told.effective:.0f}）"
    )


class Correlation(StrEnum):
    """What a spike is beside the cases of its topic."""

    OPENS = "opens"
    JOINS = "joins"
    ROSE = "rose"
    REKINDLED = "rekindled"  # open, calm for a while, and burning again
    SAME_EPISODE = "same_episode"  # ended by a person, and the very same wave still runs


def correlate(
    last: Case | None, signal: Signal, rise: float, forget_after: timedelta, *, new_wave: bool,
    grade: Grade = Grade.BLUE,
) -> Correlation:  # fmt: skip
    """Decides what `signal`, a spike that the rules hold for of `grade`, means beside the topic's `last` case.

    `new_wave` says that it goes on from nothing that was told. A wave judged a false alarm or closed opens no new case
    until it was calm, grew `rise`-fold beyond the count at its end, became graver than it ever was, or `forget_after`
    went by. Then it is a case of its own: what a person closed stays closed as it was, and only an open case has a
    clock and a next desk for a letter that nobody reads.
    """
    if last is None:
        return Correlation.OPENS
    if last.ended_at is None:
        if signal.fell:  # silence adds nothing to what is dealt with
            return Correlation.JOINS
        if new_wave:
            return Correlation.REKINDLED
        return Correlation.ROSE if signal.effective >= rise * last.notified else Correlation.JOINS
    known = gravest(last.grade, last.seen_grade or last.grade)
    graver = not signal.fell and gravest(known, grade) is not known
    over = last.calm_at is not None or new_wave or graver or signal.at - last.ended_at >= forget_after
    before = last.peak if last.count_at_end is None else last.count_at_end
    return Correlation.OPENS if over or signal.effective >= rise * before else Correlation.SAME_EPISODE


def rekindle(case: Case, at: datetime, workflow: Workflow = WORKFLOW) -> Case:
    """Builds the case after its topic burns again: steps that answered the wave before are owed anew."""
    stage = workflow.rekindled(case.stage, case.verdict)
    return replace(case, stage=stage, rekindled_at=at, calm_at=None, revision=case.revision + 1)


def _begun_anew(case: Case, at: datetime) -> Case:
    return replace(
        case, verdict=None, previous_verdict=case.verdict or case.previous_verdict, acknowledged_at=None,
        acknowledged_by=None, ended_at=None, count_at_end=None, reopened_at=at, graded_by=None, merged_into=None,
        supervised_at=None,
    )  # fmt: skip


def _is_possible(case: Case, action: Action) -> bool:
    if case.verdict in action.barred_by:
        return False
    return action.verdict or action.target(case.verdict) is not None


def _impossible(case: Case, action: str, workflow: Workflow) -> str:
    possible = "、".join(f"{ACTION_NAMES.get(one.key, one.key)} {one.key}" for one in allowed(case, workflow))
    verdict = f"（核实结论：{VERDICT_NAMES[case.verdict]}）" if case.verdict else ""
    stage = STAGE_NAMES.get(case.stage, case.stage)
    return f"事件处于「{stage}」{verdict}，不能办理「{ACTION_NAMES.get(action, action)}」；可以：{possible}"
