"""What stands in a brief, from facts: a headline that can be read out, and sections of lines. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.briefs.calendar import BriefSlot
from alerts.briefs.policy import BriefKind
from alerts.detection.grades import GRADE_NAMES, Grade
from alerts.notify.contents.bulletin import Section
from alerts.words import STAGE_NAMES, STEP_NAMES, VERDICT_NAMES
from alerts.workflow.parts import Verdict
from stream.process.clock import local_time

SOON = timedelta(hours=12)  # what is due within a turn of duty
MOST = 30  # lines of one section: a letter is read on a phone
TITLES = {BriefKind.DAILY: "每日舆情", BriefKind.WEEKLY: "每周舆情", BriefKind.HANDOVER: "值班交接"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicCount:
    """A topic's posts in the brief's time, and how many negatives as long a time had before: `usual` of four weeks
    (the median; None where nothing is known yet), `before` in the time just before."""

    name: str
    total: int
    negative: int
    before: int
    usual: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """A case as a brief tells of it; `step`, `desk` and `due_at` are None where nobody owes anything."""

    number: int
    topic: str
    grade: Grade
    stage: str
    opened_at: datetime
    ended_at: datetime | None = None
    verdict: Verdict | None = None
    step: str | None = None
    desk: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefFacts:
    """What happened, and how things stand. `counts` is None where the index was away, and `unsure` with it.

    `closed` ended within the brief's time. `troubles` are sentences, `silent` sources that should have answered.
    """

    counts: tuple[TopicCount, ...] | None
    unsure: int | None
    running: tuple[CaseLine, ...] = ()
    closed: tuple[CaseLine, ...] = ()
    troubles: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()


def subject(slot: BriefSlot, organisation: str) -> str:
    """Writes the subject: what it is, of which days."""
    return f"【{TITLES[slot.kind]}】{organisation} {_days(slot)}"


def headline(slot: BriefSlot, facts: BriefFacts) -> str:
    """Writes the whole in one sentence."""
    parts = []
    if slot.kind is not BriefKind.HANDOVER:
        negative = None if facts.counts is None else sum(one.negative for one in facts.counts)
        parts.append("统计暂缺（索引未应答）" if negative is None else f"{_days(slot)}各话题共有负面信息 {negative} 条")
    parts.append(f"未结事件 {len(facts.running)} 件" if facts.running else "没有未结事件")
    if slot.kind is BriefKind.HANDOVER:
        soon = sum(one.due_at is not None and one.due_at <= slot.at + SOON for one in facts.running)
        parts.append(f"12 小时内到时限 {soon} 件")
    parts.append(f"系统故障 {len(facts.troubles)} 项" if facts.troubles else "系统运行正常")
    return "，".join(parts) + "。"


def sections(slot: BriefSlot, facts: BriefFacts) -> tuple[Section, ...]:
    """Lays out the brief in reading order."""
    if slot.kind is BriefKind.HANDOVER:
        soon = [one for one in facts.running if one.due_at is not None and one.due_at <= slot.at + SOON]
        told = [
            _section("未来 12 小时内到时限", map(_turn, soon), "没有"),
            _section("未结事件", map(_running, facts.running), "没有"),
            _section("读取不到的信息源", facts.silent, "没有"),
            _section("系统故障", facts.troubles, "没有"),
        ]
        return tuple(told)
    screen = "统计暂缺" if facts.unsure is None else f"{facts.unsure} 条，请在 python -m alerts screening list 中复核"
    return (
        _section("各话题负面信息", _counts(slot, facts.counts), "没有话题"),
        _section("未结事件（轮到谁、时限）", map(_running, facts.running), "没有"),
        _section("期间办结", map(_closed, facts.closed), "没有"),
        _section("模型拿不准、待人工复核的帖文", (screen,), ""),
        _section("系统故障", facts.troubles, "没有"),
    )


def _counts(slot: BriefSlot, counts: Sequence[TopicCount] | None) -> list[str]:
    if counts is None:
        return ["统计暂缺：索引未应答。"]
    ranked = sorted(counts, key=lambda one: -one.negative)
    return [_weekly(one) if slot.kind is BriefKind.WEEKLY else _daily(one) for one in ranked]


def _daily(one: TopicCount) -> str:
    usual = "尚无常态可比" if one.usual is None else f"常态约 {one.usual:.0f}"
    return f"{one.name}：负面 {one.negative}（{usual}），共 {one.total} 条"


def _weekly(one: TopicCount) -> str:
    change = one.negative - one.before
    how = "持平" if not change else f"{'增加' if change > 0 else '减少'} {abs(change)}"
    return f"{one.name}：本周负面 {one.negative}，上周 {one.before}，{how}；共 {one.total} 条"


def _running(one: CaseLine) -> str:
    head = f"事件 {one.number}　{one.topic}　{GRADE_NAMES[one.grade]}　{STAGE_NAMES.get(one.stage, one.stage)}"
    return f"{head}　{_whose(one)}"


def _turn(one: CaseLine) -> str:
    return f"{_whose(one)}：事件 {one.number}　{one.topic}"


def _whose(one: CaseLine) -> str:
    if one.step is None or one.due_at is None:
        return "无待办"
    return f"{one.desk}须在 {_time(one.due_at)} 前完成{STEP_NAMES.get(one.step, one.step)}"


def _closed(one: CaseLine) -> str:
    verdict = f"，核实结论：{VERDICT_NAMES[one.verdict]}" if one.verdict else ""
    ended = one.ended_at or one.opened_at
    hours = (ended - one.opened_at) / timedelta(hours=1)
    stage = STAGE_NAMES.get(one.stage, one.stage)
    return f"事件 {one.number}　{one.topic}　{stage}（{_time(ended)}，历时 {hours:.1f} 小时{verdict}）"


def _section(title: str, lines: Iterable[str], none: str) -> Section:
    told = list(lines)
    more = [f"……另有 {len(told) - MOST} 项"] if len(told) > MOST else []
    return Section(title, tuple([*told[:MOST], *more] or [none]))


def _days(slot: BriefSlot) -> str:
    if slot.kind is BriefKind.HANDOVER:
        return local_time(slot.at, "%m月%d日 %H:%M")
    first, last = local_time(slot.since, "%m月%d日"), local_time(slot.until - timedelta(seconds=1), "%m月%d日")
    return first if first == last else f"{first}至{last}"


def _time(moment: datetime) -> str:
    return local_time(moment, "%m月%d日 %H:%M")
