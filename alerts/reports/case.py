"""专报 and 复盘: all of one case, from its first post to what was put right. Pure but `gather_case`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from alerts.desk.register import Register
from alerts.desk.telling import KnownNames, basis, known_names, who
from alerts.detection.grades import GRADE_NAMES
from alerts.notify.contents.quotes import clean
from alerts.reports.charts import Mark, bar_chart, trend_chart
from alerts.reports.clocks import StepClock, step_clocks
from alerts.reports.document import Block, Heading, OfficialReport, Prose, ReportLayout, ReportTable, numbered
from alerts.reports.phrases import minute, part, period, span
from alerts.reports.records import CaseRecord, Papers, issue_of, read_papers, read_record
from alerts.reports.timeline import event_rows
from alerts.reports.wave import AnsweredSpan, FirstSource, WaveFacts, read_posts, sum_up
from alerts.words import ACTION_NAMES, OLD_NAMES, STAGE_NAMES, STEP_NAMES, UNVERIFIED, VERDICT_NAMES
from alerts.workflow.cases import Refused
from alerts.workflow.parts import Verdict
from alerts.workflow.rules import WORKFLOW
from stream.index.port import Reader
from stream.messages import Label
from stream.process.clock import SHANGHAI

SERIES = "舆情快报"
LABEL_NAMES = {Label.NEGATIVE: "负面", Label.NEUTRAL: "中性", Label.POSITIVE: "正面", Label.UNCERTAIN: "待人工判别"}
INDEX_AWAY = "本报告生成时帖文索引不可用，传播、内容和答复效果各项未能统计；处置经过和时限来自事件记录，不受影响。"
MARKED = {"opened": "立案", "rekindled": "复燃", "close": "销号"}
MOST_MARKS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """What a case's report is made of; `wave` is None where the index was away."""

    record: CaseRecord
    names: KnownNames
    fields: Mapping[str, str]
    wave: WaveFacts | None
    clocks: tuple[StepClock, ...]
    papers: Papers
    unit: str
    issue: int


def gather_case(register: Register, reader: Reader | None, case_id: int, now: datetime) -> CaseFacts:
    """Gathers everything of one case until its end, or `now`; `Refused` if there is none."""
    record = read_record(register, case_id)
    case = record.details.case
    if record.details.trouble is not None:
        raise Refused(f"事件 {case_id} 是系统故障，不出专报")
    until = min(now, case.ended_at or now)
    posts = read_posts(reader, case.topic, case.since, until) if reader else None
    began = case.opened_at.astimezone(SHANGHAI).replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    return CaseFacts(
        record=record, names=known_names(register),
        fields={key: one.name for key, one in register.topics.fields.items()},
        wave=None
        if posts is None
        else sum_up(posts, case.since, until, answered_spans(record, until), now, register.source_names),
        clocks=step_clocks(case, record.tasks, record.details.history, register.config.ladder, now),
        papers=read_papers(register.engine, case_id), unit=register.config.organisation,
        issue=issue_of(register.engine, case_id, began),
    )  # fmt: skip


def answered_spans(record: CaseRecord, until: datetime) -> tuple[AnsweredSpan, ...]:
    """Finds every word to the public, with when its wave began and when the next one did or the case ended."""
    history = record.details.history
    waves = [record.details.case.since, *(one.at for one in history if one.kind == "rekindled")]
    said = [one.at for one in history if one.is_act and one.kind in WORKFLOW.first_words and one.at < until]
    return tuple(
        (max(one for one in waves if one <= at), at, min([one for one in waves if one > at], default=until))
        for at in said
        if waves[0] <= at
    )


def case_report(facts: CaseFacts, now: datetime, *, classified: str, issue: int | None) -> OfficialReport:
    """Composes the report; `issue` is its number where an office counts otherwise."""
    details = facts.record.details
    ended, first = details.case.ended_at, facts.wave.first if facts.wave else None
    since = first.at if first else details.case.since
    kind = "复盘报告" if ended else "情况专报"
    sections: list[tuple[str, list[Block]]] = [
        ("事件概况", list(_overview(facts, now))),
        ("首发来源", list(_first_source(facts))),
        ("传播情况", list(_spread(facts))),
        ("内容与情感", list(_content(facts))),
        ("处置经过", [event_rows(details.history, facts.names)]),
        ("时限执行", list(_limits(facts))),
        ("答复效果", list(_effect(facts))),
        ("口径与整改", list(_papers(facts))),
        ("评估与教训", list(_lessons(facts))),
    ]
    return OfficialReport(
        form=ReportLayout.OFFICIAL, unit=facts.unit, series=SERIES, issue=issue or facts.issue, classified=classified,
        title=f"关于「{clean(details.topic, 60)}」舆情事件的{kind}", period=period(since, ended or now),
        made_at=now, blocks=numbered(sections),
    )  # fmt: skip


def _overview(facts: CaseFacts, now: datetime) -> Iterator[Block]:
    details, wave = facts.record.details, facts.wave
    case = details.case
    verdict = VERDICT_NAMES[case.verdict] if case.verdict else UNVERIFIED
    stage = STAGE_NAMES.get(case.stage, case.stage)
    told = f"{minute(case.opened_at)}，就话题「{clean(details.topic, 60)}」立案（事件 {case.id}），"
    told += f"等级「{GRADE_NAMES[case.grade]}」。"
    if wave:
        told += f"截至{minute(wave.until)}，涉及帖文 {wave.total} 条，"
        told += f"其中负面 {wave.negative} 条，由 {wave.authors} 人发布，文字 {wave.texts} 种。"
    told += f"核实结论：{verdict}。现处于「{stage}」"
    told += f"，{minute(case.ended_at)}办结，历时 {span(case.ended_at - case.opened_at)}。" if case.ended_at else "。"
    yield Prose(told)
    if wave is None:
        yield Prose(INDEX_AWAY)
    elif wave.cut:
        yield Prose("帖文超过 2 万条，以下各项按其中 2 万条统计。")
    if details.broken is not None:
        yield Prose(f"注意：事件记录自第 {details.broken} 条起与原记录不符，请先查明。")


def _first_source(facts: CaseFacts) -> Iterator[Block]:
    if facts.wave is None:
        return
    first = facts.wave.first
    if first is None:
        yield Prose("本事件期间索引中没有负面帖文。")
        return
    opened = facts.record.details.case.opened_at
    yield Prose(f"首发至立案 {span(opened - first.at)}。" if opened >= first.at else "立案早于第一条负面帖文。")
    yield ReportTable(("项目", "内容"), first_rows(first), (1, 5))


def first_rows(first: FirstSource) -> tuple[tuple[str, str], ...]:
    """Says where the first negative post stands, and whether it still does as it was."""
    now = "已不在源站" if first.removed else "发帖人此后已修改" if first.edited else "采集时仍在"
    return (
        ("首发时间", minute(first.at)), ("首发平台", first.site + (f"「{first.board}」版" if first.board else "")),
        ("标题", first.title or "（无标题）"), ("链接", first.url), ("现状", now),
    )  # fmt: skip


def _spread(facts: CaseFacts) -> Iterator[Block]:
    wave = facts.wave
    if wave is None:
        return
    path = "→".join(f"{one.site}（{minute(one.first_at)}）" for one in wave.sites)
    peak = max(wave.trend, key=lambda one: one.negative)
    yield Heading("（一）走势", level=2)
    yield Prose(
        f"负面帖文最多的时段为{minute(peak.start)}起的 {span(wave.step)}，{peak.negative} 条。"
        f"期间 {wave.edited} 条帖文被发帖人修改，{wave.removed} 条已不在源站。"
    )
    yield trend_chart(wave.trend, wave.step, f"图 1　帖文走势（每柱 {span(wave.step)}）及处置节点", _marks(facts))
    yield Heading("（二）平台与路径", level=2)
    yield Prose(f"按首次出现的先后：{path}。" if wave.sites else "没有帖文。")
    rows = tuple((one.site, minute(one.first_at), str(one.posts), str(one.negative)) for one in wave.sites)
    yield ReportTable(("平台", "首次出现", "帖文", "负面"), rows, (3, 2, 1, 1))
    yield Heading("（三）主要主题帖", level=2)
    threads = tuple(
        (
            minute(one.first_at),
            f"{one.title}（{one.site}）",
            str(one.posts),
            str(one.negative),
            _reach(one.views, one.replies),
        )
        for one in wave.threads
    )
    yield ReportTable(("首次出现", "主题帖", "帖文", "负面", "浏览／回复"), threads, (2, 3.7, 0.8, 0.8, 1.4))


def _reach(views: int | None, replies: int | None) -> str:
    return f"{'—' if views is None else views}／{'—' if replies is None else replies}"


def _marks(facts: CaseFacts) -> list[Mark]:
    words = MARKED | {key: ACTION_NAMES.get(key, key) for key in WORKFLOW.first_words}
    history = facts.record.details.history
    return [(one.at, words[one.kind]) for one in history if one.kind in words][:MOST_MARKS]


def _content(facts: CaseFacts) -> Iterator[Block]:
    wave = facts.wave
    if wave is None:
        return
    labels = "，".join(f"{LABEL_NAMES[label]} {count} 条" for label, count in wave.labels)
    fields = "、".join(f"{facts.fields.get(key, key)} {count} 条" for key, count in wave.appeals)
    yield Prose(
        f"按模型判别：{labels}。{f'诉求涉及：{fields}。' if fields else ''}倾向由模型判别，供参考，不等于事实。"
    )
    yield bar_chart([(LABEL_NAMES[label], count) for label, count in wave.labels], "图 2　情感倾向")
    yield Heading("（一）主要说法", level=2)
    said = [one for one in wave.sayings if one.posts > 1] or wave.sayings[:1]
    rows = tuple((one.text, str(one.posts), str(one.authors), minute(one.first_at)) for one in said)
    yield ReportTable(("说法（网民原话，未经核实）", "帖文", "人数", "首次出现"), rows, (4.7, 0.8, 0.8, 2))
    quotes = [one for one in wave.quotes if one.text]
    if quotes:
        yield Heading("（二）言论摘录", level=2)
        yield Prose("以下为网民原话，个人信息已隐去，未经核实。")
        yield from (Prose(f"“{one.text}”（{one.site}，{minute(one.at)}）") for one in quotes)


def _limits(facts: CaseFacts) -> Iterator[Block]:
    rows = tuple(_limit_row(one, facts.names) for one in facts.clocks)
    if not rows:
        yield Prose("没有环节起算。")
        return
    judged = [one.kept for one in facts.clocks if one.kept is not None]
    missed = [STEP_NAMES.get(one.step, one.step) for one in facts.clocks if one.kept is False]
    called = [one for one in facts.clocks if one.missed_by]
    told = f"各环节共 {len(judged)} 次计时，按时 {sum(judged)} 次"
    told += f"，超时 {len(missed)} 次（{'、'.join(missed)}）。" if missed else "，没有超时。"
    if called:
        told += "超时未办、逐级升级的：" + "；".join(_passed(one, facts.names) for one in called) + "。"
    yield Prose(told + "时限自首次发现（复燃的自复燃、复盘自办结）起算。")
    yield ReportTable(("环节", "时限", "实际用时", "结果", "依据"), rows, (2.3, 1.1, 1.7, 0.8, 3.4))


def _limit_row(one: StepClock, names: KnownNames) -> tuple[str, ...]:
    kept = {True: "按时", False: "超时", None: "—"}[one.kept]
    needed = span(one.needed) if one.needed is not None else "未办即转其他环节" if one.dropped else "尚未完成"
    step = STEP_NAMES.get(one.step, one.step)
    return (f"{step}（{names.desk(one.desk)}）", span(one.within), needed, kept, basis(one.source))


def _passed(one: StepClock, names: KnownNames) -> str:
    return f"「{STEP_NAMES.get(one.step, one.step)}」" + "、".join(map(names.desk, one.missed_by))


def _effect(facts: CaseFacts) -> Iterator[Block]:
    if facts.wave is None:
        return
    if not facts.wave.answers:
        yield Prose("尚未对外答复。")
        return
    opened = facts.record.details.case.opened_at
    yield Prose(f"首次对外答复于{minute(facts.wave.answers[0].at)}，距立案 {span(facts.wave.answers[0].at - opened)}。")
    rows = tuple(
        (minute(one.at), f"{part(one.before.part)}（{one.before.negative}/{one.before.total}）",
         f"{part(one.after.part)}（{one.after.negative}/{one.after.total}）")
        for one in facts.wave.answers
    )  # fmt: skip
    yield ReportTable(
        ("答复时间", "答复前负面占比（负面／全部）", "答复后负面占比（负面／全部）"), rows, (1.6, 2.4, 2.4)
    )
    yield Prose("答复前自本轮升温起计，答复后计至下一轮升温或办结。占比变化与答复先后相随，不等于因果。")


def _papers(facts: CaseFacts) -> Iterator[Block]:
    for words in facts.papers.statements:
        approved = f"，{words.approved_by}审批" if words.approved_by else "，未经审批"
        yield Prose(f"口径第 {words.revision} 稿（{words.by}拟定{approved}）：{clean(words.text, 600)}")
    for plan in facts.papers.remedies:
        if plan.replaced_at is None:
            done = f"{minute(plan.done_at)}完成，{plan.proof}" if plan.done_at else "尚未完成"
            yield Prose(f"整改（{facts.names.desk(plan.desk)}，{minute(plan.until)}前）：{plan.plan}；{done}。")
    acts = [one for one in facts.record.details.history if one.kind in OLD_NAMES]  # of a version without plans
    yield from (Prose(f"{minute(one.at)}，{who(one)}：{clean(one.note, 300)}。") for one in acts)
    verdict = facts.record.details.case.verdict
    if not acts and not facts.papers.remedies and verdict in (Verdict.TRUE, Verdict.PARTLY_TRUE):
        yield Prose("核实属实的问题尚无整改记录。")


def _lessons(facts: CaseFacts) -> Iterator[Block]:
    reviews = [one for one in facts.record.details.history if one.kind == "review"]
    yield from (Prose(f"{who(one)}（{minute(one.at)}）：{clean(one.note, 1500)}") for one in reviews)
    slow = [one for one in facts.clocks if one.kept is False]
    for one in slow:
        needed = f"用时 {span(one.needed)}" if one.needed else "尚未完成"
        step = STEP_NAMES.get(one.step, one.step)
        yield Prose(f"「{step}」{needed}，超过时限 {span(one.within)}（{facts.names.desk(one.desk)}）。")
    if facts.record.details.case.is_open:
        yield Prose("事件尚未办结，办结后补充复盘。")
    elif not reviews:
        yield Prose("尚未复盘。")
