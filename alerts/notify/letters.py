"""From a case to a letter: plain text first, HTML last, headers made of our own words only. Rendering never fails."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from enum import StrEnum
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from structlog import get_logger

from alerts.config import AlertsConfig, Person
from alerts.detection.grades import GRADE_NAMES, MEASURE_NAMES, Grade, Grading, Measure
from alerts.detection.signals import Coverage, Finding, Reason, Signal
from alerts.notify.quotes import Quote, clean
from alerts.words import ACTION_NAMES, STAGE_NAMES, STEP_NAMES, VERDICT_NAMES
from alerts.workflow.cases import Case
from alerts.workflow.ladder import Task
from alerts.workflow.rules import WORKFLOW, Action, Verdict
from stream.process.clock import SHANGHAI

TEMPLATES = Path(__file__).parent / "templates"
COLOURS = {Grade.RED: "#b3261e", Grade.ORANGE: "#b8570b", Grade.YELLOW: "#8a6a00", Grade.BLUE: "#1f5a99"}
_WIRE = SMTP.clone(cte_type="7bit")  # no server on the way needs to know 8BITMIME

log = get_logger()


class Occasion(StrEnum):
    """Why a letter is written."""

    OPENED = "opened"
    ROSE = "rose"
    EXPECTED = "expected"
    WARNED = "warned"
    ESCALATED = "escalated"


HEADINGS = {
    Occasion.OPENED: "发现负面信息异常上升，请处置",
    Occasion.ROSE: "负面信息继续明显上升",
    Occasion.EXPECTED: "事件进入下一环节，请办理",
    Occasion.WARNED: "办理时限将到，请抓紧",
    Occasion.ESCALATED: "上一责任岗位超时未办，现转请处置",
}

REASON_WORDS: Mapping[Reason, str] = {
    Reason.RISE: "短时间内持续高于常态（累积和 {measured:.1f}，阈值 {threshold:g}）",
    Reason.LEVEL: "最近一小时总量远高于常态（残差 {measured:.1f}，阈值 {threshold:g}）",
    Reason.SHARE: "负面占比异常升高（偶然概率 {measured:.1g}，阈值 {threshold:g}）",
    Reason.VOLUME: "总帖量同步上升，负面占比与平时相近（残差 {measured:.1f}，阈值 {threshold:g}）",
    Reason.COPIES: "其中 {measured:.0f} 条为雷同文字，可能有人集中转贴",
    Reason.FEW_POSTS: "折算后仅 {measured:.1f} 条，不足 {threshold:g} 条",
    Reason.FEW_VOICES: "仅 {measured:.0f} 个不同发言者，不足 {threshold:g} 个",
    Reason.COLD_START: "历史仅 {measured:.0f} 小时，不足 {threshold:g} 小时，暂不判定",
    Reason.UNSCORED: "{measured:.0f} 条未能评分，请人工查看",
    Reason.SOURCES_SILENT: "{threshold:.0f} 个信息源中有 {measured:.0f} 个未按时应答，实际数量可能更多",
    Reason.SOURCES_UNKNOWN: "没有信息源的运行记录，无法判断数据是否完整",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Everything a letter tells of: the case, what was found, and how sure the sources make us.

    `claims` are names of dangers and how many posts claim them: nobody has found out whether they are true.
    `dashboard` is the address where the topic is looked at, "" where there is none.
    """

    case: Case
    topic_name: str
    signal: Signal
    grading: Grading
    quotes: tuple[Quote, ...]
    coverage: tuple[Coverage, ...]
    claims: tuple[tuple[str, int], ...] = ()
    dashboard: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """To whom, why and what for: the letter's own side. `step` and `revision` make it one letter and no other."""

    occasion: Occasion
    step: str
    revision: int
    person: Person
    desk: str
    task: Task
    next_desk: str


@dataclass(frozen=True, slots=True)
class Letter:
    """Rendered bytes: as written, and without any post text."""

    message_id: str
    message: bytes
    plain: bytes


def message_id(case_id: int, step: str, recipient: str, revision: int, host: str) -> str:
    """The same for the same letter for ever, so that a second copy can be told by every mail program."""
    who = hashlib.sha256(recipient.encode()).hexdigest()[:8]
    return f"<{case_id}.{step}.{who}.{revision}@{host}>"


def subject_line(subject: Subject) -> str:
    """Words of ours and of the configuration, and numbers; never of a post."""
    found = subject.signal
    topic = clean(subject.topic_name, 60)
    return (
        f"[舆情·{GRADE_NAMES[subject.case.grade]}] 事件{subject.case.id} 话题「{topic}」"
        f"负面 {found.negative}（常态 {usual(found.expected)}）"
    )


def write(subject: Subject, delivery: Delivery, config: AlertsConfig, now: datetime) -> Letter:
    """The letter in both forms. A template that fails is replaced by plain words that say so."""
    name = message_id(subject.case.id, delivery.step, delivery.person.email, delivery.revision, config.host)
    try:
        facts = _facts(subject, delivery, config, now)
        bare = {**facts, "quotes": (), "withheld": True}
        text, html = _render("letter.txt.j2", facts), _render("letter.html.j2", facts)
        plain = _render("letter.txt.j2", bare)
    except Exception:  # whatever a post or an edited template did: people must still be told
        log.exception("letter_template_failed", case=subject.case.id, step=delivery.step)
        text = plain = _last_resort(subject, delivery)
        html = None
    head = _Head(config, delivery.person, subject_line(subject), name, f"<{subject.case.id}.root@{config.host}>", now)
    return Letter(name, head.message(text, html), head.message(plain, None))


def usual(expected: float) -> str:
    """An expected count as people read it."""
    return f"{expected:.0f}" if expected >= 1 else "不足 1"


def in_words(finding: Finding) -> str:
    """A finding as a sentence with its numbers."""
    return REASON_WORDS[finding.reason].format(measured=finding.measured, threshold=finding.threshold)


def unverified(claims: Sequence[tuple[str, int]]) -> str:
    """What is claimed, in a line that says it is only claimed; empty where nothing is."""
    told = "、".join(f"{count} 条称有{clean(name, 60)}" for name, count in claims)
    return f"{told}，说到了地点和时间；是否属实，待核实" if told else ""


def local(moment: datetime) -> str:
    """A time as staff read it: month, day and minute in Asia/Shanghai."""
    return moment.astimezone(SHANGHAI).strftime("%m月%d日 %H:%M")


def grading_lines(grading: Grading) -> list[str]:
    """Why this grade, and what would raise it."""
    lines = [
        f"{MEASURE_NAMES[one.criterion.measure]} {_number(one.criterion.measure, one.measured)} ≥ "
        f"{_number(one.criterion.measure, one.criterion.at_least)}，达到「{GRADE_NAMES[one.criterion.grade]}」标准"
        for one in grading.held
    ]
    order = list(Grade)
    above = [one for one in grading.weighed if order.index(one.criterion.grade) < order.index(grading.grade)]
    nearest = [one for one in above if order.index(one.criterion.grade) == order.index(grading.grade) - 1]
    return (lines or ["未达到更高等级的任何一项标准"]) + [
        f"若{MEASURE_NAMES[one.criterion.measure]}达到 {_number(one.criterion.measure, one.criterion.at_least)}"
        f"（现为 {_number(one.criterion.measure, one.measured)}），将升为「{GRADE_NAMES[one.criterion.grade]}」"
        for one in nearest
    ]


@dataclass(frozen=True, slots=True)
class _Head:
    config: AlertsConfig
    person: Person
    subject: str
    message_id: str
    root: str
    now: datetime

    def message(self, text: str, html: str | None) -> bytes:
        message = EmailMessage(policy=_WIRE)
        message["From"] = Address(clean(self.config.organisation), addr_spec=self.config.sender)
        message["To"] = Address(clean(self.person.name), addr_spec=self.person.email)
        message["Subject"] = self.subject
        message["Date"] = format_datetime(self.now)
        message["Message-ID"] = self.message_id
        message["In-Reply-To"] = self.root
        message["References"] = self.root
        message["List-Id"] = f"<wenfeng.{self.config.host}>"
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message.set_content(_encodable(text))
        if html is not None:
            message.add_alternative(_encodable(html), subtype="html")
        return message.as_bytes()


def _encodable(text: str) -> str:
    """Half a surrogate pair, which YAML and JSON can hold, would cost the whole letter."""
    return text.encode("utf-8", "replace").decode()


def _render(name: str, facts: Mapping[str, object]) -> str:
    return _ENVIRONMENT.get_template(name).render(facts)


def _facts(subject: Subject, delivery: Delivery, config: AlertsConfig, now: datetime) -> dict[str, object]:
    case, found = subject.case, subject.signal
    return {
        "organisation": config.organisation,
        "heading": HEADINGS[delivery.occasion],
        "case": case,
        "topic": clean(subject.topic_name, 60),
        "grade": GRADE_NAMES[case.grade],
        "colour": COLOURS[case.grade],
        "stage": STAGE_NAMES[case.stage],
        "truth": _truth(case.verdict),
        "found": found,
        "claims": unverified(subject.claims),
        "reasons": [in_words(finding) for finding in found.findings],
        "grading": grading_lines(subject.grading),
        "quotes": subject.quotes,
        "withheld": False,
        "coverage": subject.coverage,
        "silent": found.silent,
        "dashboard": subject.dashboard,
        "person": delivery.person.name,
        "desk": delivery.desk,
        "step": STEP_NAMES[delivery.task.step],
        "due_at": delivery.task.due_at,
        "next_desk": delivery.next_desk,
        "commands": commands(case.id, delivery),
        "now": now,
    }


def commands(case_id: int, delivery: Delivery) -> list[tuple[str, str]]:
    """What can be done about the step owed, and the command lines that do it."""
    by = delivery.person.name
    return [
        (_command_name(one), f"python -m alerts case act {case_id} {one.key} --by {by}{_options(one)}")
        for one in WORKFLOW.rule_of(delivery.task.step).done_by
    ]


def _command_name(action: Action) -> str:
    name = ACTION_NAMES[action.key]
    return f"{name}（结论：{'、'.join(VERDICT_NAMES.values())}）" if action.verdict else name


def _options(action: Action) -> str:
    return (" --verdict 结论" if action.verdict else "") + (" --note 事由" if action.note else "")


def _truth(verdict: Verdict | None) -> str:
    return "待核实。核实结论作出之前，请勿以“谣言”相称。" if verdict is None else f"核实结论：{VERDICT_NAMES[verdict]}"


def _last_resort(subject: Subject, delivery: Delivery) -> str:
    found = subject.signal
    return (
        f"{HEADINGS[delivery.occasion]}\n\n"
        f"事件 {subject.case.id}，话题「{clean(subject.topic_name, 60)}」，等级：{GRADE_NAMES[subject.case.grade]}\n"
        f"自 {local(found.since)} 起，最近一小时负面 {found.negative} 条"
        f"（常态 {usual(found.expected)}），{found.voices} 个发言者。\n"
        f"{unverified(subject.claims)}\n"
        f"请 {delivery.desk} 在 {local(delivery.task.due_at)} 前完成：{STEP_NAMES[delivery.task.step]}\n"
        + "".join(f"{name}：{line}\n" for name, line in commands(subject.case.id, delivery))
        + "\n本信为简版：正常版式生成失败，未附帖文摘录，请在检索页面查看原文，并通知系统管理员。\n"
    )


def _number(measure: Measure, value: float) -> str:
    if measure is Measure.SHARE:
        return f"{value:.0%}"
    return f"{value:.1f} 倍" if measure is Measure.FACTOR else f"{value:.0f}"


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=select_autoescape(enabled_extensions=("html.j2",), default_for_string=True, default=False),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters |= {"local": local, "usual": usual}
