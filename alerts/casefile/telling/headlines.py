"""Why people are written to, in one sentence: a form for each occasion. Pure."""

from collections.abc import Mapping
from datetime import datetime

from alerts.casefile.snapshot import CaseSnapshot
from alerts.detection.signals import State
from alerts.detection.triggers import When
from alerts.notify.contents.notice import Demand, Occasion
from alerts.notify.contents.phrases import matter, neutral
from alerts.notify.contents.situation import Situation

HEADLINES: Mapping[Occasion, str] = {
    Occasion.OPENED: "监测发现涉及「{named}」的负面信息异常增多，请及时研判处置",
    Occasion.ROSE: "负面信息持续增多{grown}，请关注并视情提级",
    Occasion.REKINDLED: "{matter}平静后再度升温（复燃），请及时研判处置",
    Occasion.NEWS: "事件出现新情况，请关注并视情提级",
    Occasion.EXPECTED: "事件已转入「{step}」环节，请您牵头办理",
    Occasion.WARNED: "距办理时限不足 {minutes} 分钟，请抓紧办理（催办）",
    Occasion.ESCALATED: "{before}未在时限内办理，现转请您处置",
    Occasion.STATEMENT: "回应口径已拟定，请您审核",
    Occasion.VERDICT: "核实结论已作出：{verdict}，请办理下一环节",
    Occasion.ASSIGNED: "事件已转办至{desk}，请您牵头办理",
    Occasion.SUPERVISED: "事件已列入督办，请抓紧办理并反馈",
    Occasion.REGRADED: "事件等级已由人工调整，请按现有时限办理",
    Occasion.REMEDY: "所反映情况须整改落实，请您牵头办理",
    Occasion.MERGED: "另一事件已并入本事件，请一并办理",
    Occasion.SPLIT: "部分情况已拆分立案，请及时研判处置",
    Occasion.CLEAR: "负面信息已回落至常态，请按流程收尾",
    Occasion.TROUBLE: "系统运行异常：{topic}，请及时排查处理",
}
DRIED_UP = "{matter}总帖量异常减少，请先核对采集，再行研判"
LATE = "补报：此前涉及「{named}」的负面信息曾异常增多，请及时研判处置"
PASSED = "负面信息峰值更新为 {peak} 条，近一小时已降至 {hour} 条，请关注"
BY_TRIGGER = "监测发现涉及「{named}」的情况需要关注，请及时研判处置"
BY_HAND = "收到涉及「{named}」的人工上报，请及时研判处置"


def headline(
    occasion: Occasion, snapshot: CaseSnapshot, *, topic: str, verdict: str, demand: Demand, before: str,
    situation: Situation | None, now: datetime,
) -> str:  # fmt: skip
    """Says why people are written to; `before` is the desk that let its time go by, "" for none.

    Of a new case it says what kind of wave opened it, or what beside counts did.
    """
    form = _opening(snapshot) if occasion is Occasion.OPENED else HEADLINES[occasion]
    if occasion is Occasion.ROSE and situation is not None and _has_fallen(situation):
        return PASSED.format(peak=situation.peak, hour=situation.negative)
    return form.format(
        matter=matter(topic), named=neutral(topic), topic=topic, step=demand.step, desk=demand.desk,
        verdict=verdict or "见下",
        before=before or "上一责任岗位", grown=_grown(situation), minutes=_minutes(demand.due_at, now),
    )  # fmt: skip


def _opening(snapshot: CaseSnapshot) -> str:
    signal = snapshot.signal
    if snapshot.triggers and signal.state is not State.SPIKE:
        return BY_HAND if any(one.when is When.HAND for one in snapshot.triggers) else BY_TRIGGER
    return DRIED_UP if signal.fell else LATE if signal.late else HEADLINES[Occasion.OPENED]


def _grown(now: Situation | None) -> str:
    return f"（{now.before} 条→{now.negative} 条）" if now is not None and now.before is not None else ""


def _has_fallen(now: Situation) -> bool:
    """Tells whether the rise that is written about was over when it was found: posts came late."""
    return now.before is not None and now.negative <= now.before


def _minutes(due_at: datetime, now: datetime) -> int:
    """Rounds up to minutes, then to fives: «less than 5 minutes» is what people say of four and a half."""
    minutes = -(-max(1.0, (due_at - now).total_seconds()) // 60)
    return int(-(-minutes // 5) * 5)
