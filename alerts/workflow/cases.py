"""A case and the steps it goes through: 初筛研判 → 上报 → 核实 → 澄清/回应 → 引导 → 跟踪销号 → 复盘. Pure.

The workflow is the table `TRANSITIONS`. A claim found true is answered and put right: from 属实 there is no way past
整改, and none back to a clarification.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from alerts.detection.grades import Grade
from alerts.detection.signals import Signal
from stream.errors import Rejected


class Stage(StrEnum):
    """What the case waits for."""

    SCREENING = "screening"
    REPORTING = "reporting"
    VERIFYING = "verifying"
    RESPONDING = "responding"
    REMEDYING = "remedying"
    GUIDING = "guiding"
    TRACKING = "tracking"
    REVIEWING = "reviewing"
    ARCHIVED = "archived"
    FALSE_ALARM = "false_alarm"


STAGE_NAMES = {
    Stage.SCREENING: "初筛研判",
    Stage.REPORTING: "上报",
    Stage.VERIFYING: "核实",
    Stage.RESPONDING: "澄清/回应",
    Stage.REMEDYING: "回应与整改",
    Stage.GUIDING: "引导",
    Stage.TRACKING: "跟踪销号",
    Stage.REVIEWING: "复盘",
    Stage.ARCHIVED: "已归档",
    Stage.FALSE_ALARM: "误报",
}
OPEN = frozenset(Stage) - {Stage.REVIEWING, Stage.ARCHIVED, Stage.FALSE_ALARM}


class Action(StrEnum):
    """What a person may do to a case."""

    ACKNOWLEDGE = "acknowledge"
    JUDGE = "judge"
    JUDGE_FALSE_ALARM = "judge_false_alarm"
    REPORT = "report"
    VERIFY = "verify"
    CLARIFY = "clarify"
    RESPOND = "respond"
    REMEDY = "remedy"
    GUIDE = "guide"
    TRACK = "track"
    CLOSE = "close"
    REVIEW = "review"
    REOPEN = "reopen"


ACTION_NAMES = {
    Action.ACKNOWLEDGE: "收到确认",
    Action.JUDGE: "研判成立",
    Action.JUDGE_FALSE_ALARM: "判为误报",
    Action.REPORT: "上报",
    Action.VERIFY: "核实结论",
    Action.CLARIFY: "发布澄清",
    Action.RESPOND: "公开回应",
    Action.REMEDY: "完成整改",
    Action.GUIDE: "引导",
    Action.TRACK: "跟踪记录",
    Action.CLOSE: "销号",
    Action.REVIEW: "复盘",
    Action.REOPEN: "重新启动",
}


class Verdict(StrEnum):
    """What the verification found. Before it, nothing is called a rumour."""

    RUMOUR = "谣言"
    TRUE = "属实"
    PARTLY_TRUE = "部分属实"
    OPINION = "观点/评价"
    UNVERIFIABLE = "无法核实"
    NOT_OURS = "非本单位"


_AFTER_VERDICT = {
    Verdict.RUMOUR: Stage.RESPONDING,
    Verdict.TRUE: Stage.RESPONDING,
    Verdict.PARTLY_TRUE: Stage.RESPONDING,
    Verdict.OPINION: Stage.RESPONDING,
    Verdict.UNVERIFIABLE: Stage.RESPONDING,
    Verdict.NOT_OURS: Stage.TRACKING,
}
_AFTER_RESPONSE = {
    Verdict.TRUE: Stage.REMEDYING,
    Verdict.PARTLY_TRUE: Stage.REMEDYING,
    Verdict.OPINION: Stage.GUIDING,
    Verdict.UNVERIFIABLE: Stage.GUIDING,
    Verdict.RUMOUR: Stage.GUIDING,
}
_AFTER_CLARIFICATION = {Verdict.RUMOUR: Stage.GUIDING, Verdict.UNVERIFIABLE: Stage.GUIDING}

#: Where an action leads; where the way forks, by the verdict. What is not in the table cannot be done.
TRANSITIONS: Mapping[tuple[Stage, Action], Stage | Mapping[Verdict, Stage]] = {
    (Stage.SCREENING, Action.ACKNOWLEDGE): Stage.SCREENING,
    (Stage.SCREENING, Action.JUDGE): Stage.REPORTING,
    (Stage.SCREENING, Action.JUDGE_FALSE_ALARM): Stage.FALSE_ALARM,
    (Stage.REPORTING, Action.REPORT): Stage.VERIFYING,
    (Stage.VERIFYING, Action.VERIFY): _AFTER_VERDICT,
    (Stage.RESPONDING, Action.VERIFY): _AFTER_VERDICT,
    (Stage.RESPONDING, Action.RESPOND): _AFTER_RESPONSE,
    (Stage.RESPONDING, Action.CLARIFY): _AFTER_CLARIFICATION,
    (Stage.REMEDYING, Action.REMEDY): Stage.GUIDING,
    (Stage.GUIDING, Action.VERIFY): _AFTER_VERDICT,
    (Stage.GUIDING, Action.GUIDE): Stage.TRACKING,
    (Stage.TRACKING, Action.VERIFY): _AFTER_VERDICT,
    (Stage.TRACKING, Action.TRACK): Stage.TRACKING,
    (Stage.TRACKING, Action.CLOSE): Stage.REVIEWING,
    (Stage.REVIEWING, Action.REVIEW): Stage.ARCHIVED,
    (Stage.REVIEWING, Action.REOPEN): Stage.SCREENING,
    (Stage.ARCHIVED, Action.REOPEN): Stage.SCREENING,
    (Stage.FALSE_ALARM, Action.REOPEN): Stage.SCREENING,
}


class Refused(Rejected):
    """Raised when an action is not possible in a case's stage; `detail` says what is."""

    def __init__(self, detail: str) -> None:
        super().__init__("refused", detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One episode of one topic. `notified` is the effective count last written about, `peak` the highest seen.

    `calm_at` is since when the topic is calm again, None while it is not. `revision` grows with every change.
    """

    id: int
    topic: str
    stage: Stage
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
    revision: int = 0

    @property
    def is_open(self) -> bool:
        return self.stage in OPEN


def allowed(case: Case) -> tuple[Action, ...]:
    """What can be done now."""
    return tuple(action for stage, action in TRANSITIONS if stage is case.stage and _leads(case, action))


def apply(case: Case, action: Action, *, by: str, at: datetime, note: str = "", verdict: Verdict | None = None) -> Case:
    """The case after `action`; raises `Refused` where the table, the verdict or the note does not permit it."""
    if not by.strip():
        raise Refused("每个处置动作都要写明操作人")
    if (verdict is None) == (action is Action.VERIFY):
        raise Refused("核实要给出结论（且只有核实能给）：" + "、".join(Verdict))
    if action is not Action.ACKNOWLEDGE and not note.strip():
        raise Refused("请写明事由")
    stage = _target(case, action, verdict)
    return replace(
        case,
        stage=stage,
        verdict=None if action is Action.REOPEN else verdict or case.verdict,
        acknowledged_at=None if action is Action.REOPEN else case.acknowledged_at or at,
        acknowledged_by=None if action is Action.REOPEN else case.acknowledged_by or by,
        ended_at=None if stage in OPEN else case.ended_at or at,
        revision=case.revision + 1,
    )


class Meeting(StrEnum):
    """What a spike does when it meets the cases of its topic."""

    OPENS = "opens"
    JOINS = "joins"
    ROSE = "rose"
    SAME_EPISODE = "same_episode"  # ended by a person, and the very same wave still runs


def meet(last: Case | None, signal: Signal, rise: float, forget_after: timedelta) -> Meeting:
    """What `signal`, a spike, means beside the topic's `last` case.

    A wave judged a false alarm or closed opens no new case until it was calm, grew `rise`-fold, or `forget_after`
    went by.
    """
    if last is None:
        return Meeting.OPENS
    if last.is_open:
        return Meeting.ROSE if signal.effective >= rise * last.notified else Meeting.JOINS
    over = last.calm_at is not None or last.ended_at is None or signal.at - last.ended_at >= forget_after
    return Meeting.OPENS if over or signal.effective >= rise * last.peak else Meeting.SAME_EPISODE


def _leads(case: Case, action: Action) -> bool:
    target = TRANSITIONS[case.stage, action]
    if action is Action.VERIFY:
        return case.verdict is not Verdict.TRUE  # found true is not argued away: it is answered and put right
    return isinstance(target, Stage) or case.verdict in target


def _target(case: Case, action: Action, verdict: Verdict | None) -> Stage:
    target = TRANSITIONS.get((case.stage, action))
    if isinstance(target, Stage):
        return target
    chosen = verdict or case.verdict
    if target is None or chosen is None or not _leads(case, action):
        possible = "、".join(f"{ACTION_NAMES[one]} {one}" for one in allowed(case))
        verdict_words = f"（核实结论：{case.verdict}）" if case.verdict else ""
        raise Refused(
            f"事件处于「{STAGE_NAMES[case.stage]}」{verdict_words}，不能{ACTION_NAMES[action]}；可以：{possible}"
        )
    return target[chosen]
