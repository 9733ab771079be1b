"""每日舆情 and 舆情周报: a period's facts in the words and tables of an office. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from alerts.detection.grades import GRADE_NAMES
from alerts.notify.contents.quotes import clean
from alerts.reports.charts import comparison_chart, trend_chart
from alerts.reports.clocks import StepClock
from alerts.reports.document import Block, OfficialReport, Prose, ReportLayout, ReportTable, numbered
from alerts.reports.periods import PeriodFacts, TopicWeight
from alerts.reports.phrases import HOUR, change, day, minute, part, period, span
from alerts.reports.records import CaseRecord
from alerts.words import STAGE_NAMES, STEP_NAMES, UNVERIFIED, VERDICT_NAMES
from alerts.workflow.ladder import Task
from stream.process.clock import SHANGHAI

DAY, WEEK = timedelta(days=1), timedelta(days=7)
DAILY_SERIES, WEEKLY_SERIES = "每日舆情", "舆情周报"
TOLD = 4  # topics named in the daily's text: it is to have about 500 characters
CASES_TOLD, DUE_TOLD, BLIND_TOLD = 4, 4, 3
INDEX_AWAY = "本报告生成时帖文索引不可用，帖文数量未能统计；事件和时限来自事件记录，不受影响。"


def daily_report(facts: PeriodFacts, now: datetime, *, classified: str, issue: int | None) -> OfficialReport:
    """Composes the report of a day; its number is the day's within the year where the office gives none."""
    local = facts.until.astimezone(SHANGHAI)
    sections: list[tuple[str, list[Block]]] = [
        ("总体情况", list(_overview(facts))),
        ("事件办理", [Prose("".join(_cases(facts)))]),
        ("待办提示", [Prose(_due(facts))]),
        ("数据情况", [Prose(_coverage(facts))]),
    ]
    return OfficialReport(
        form=ReportLayout.DAILY, unit=facts.unit, series=DAILY_SERIES, issue=issue or local.timetuple().tm_yday,
        classified=classified, title=f"每日舆情（{day(facts.until)}）", period=period(facts.since, facts.until),
        made_at=now, blocks=numbered(sections),
    )  # fmt: skip


def weekly_report(facts: PeriodFacts, now: datetime, *, classified: str, issue: int | None) -> OfficialReport:
    """Composes the report of a week; its number is the week's of the year where the office gives none."""
    local = facts.until.astimezone(SHANGHAI)
    sections: list[tuple[str, list[Block]]] = [
        ("总体情况", list(_week(facts))),
        ("各话题情况", list(_by_topic(facts))),
        ("各部门情况", list(_by_desk(facts))),
        ("事件办理", list(_case_table(facts))),
        ("待办与数据情况", [Prose(_due(facts)), Prose(_coverage(facts))]),
    ]
    return OfficialReport(
        form=ReportLayout.OFFICIAL, unit=facts.unit, series=WEEKLY_SERIES, issue=issue or local.isocalendar().week,
        classified=classified, title="一周舆情综述", period=period(facts.since, facts.until), made_at=now,
        blocks=numbered(sections),
    )  # fmt: skip


def _overview(facts: PeriodFacts) -> Iterator[Block]:
    if facts.topics is None or facts.trend is None:
        yield Prose(INDEX_AWAY)
        return
    yield Prose(_sums(facts, "前一日") + _foremost(facts.topics))
    yield trend_chart(facts.trend, facts.step, f"图　每{_step(facts)}帖文数")


def _step(facts: PeriodFacts) -> str:
    return "日" if facts.step == DAY else "小时" if facts.step == HOUR else f" {span(facts.step)}"


def _sums(facts: PeriodFacts, before: str) -> str:
    """Says how many posts there were; a post of two topics counts for each of them only in the tables."""
    assert facts.topics is not None
    assert facts.trend is not None
    total, negative = sum(one.total for one in facts.trend), sum(one.negative for one in facts.trend)
    moved = change(sum(one.negative_before for one in facts.topics), sum(one.negative for one in facts.topics))
    share = f"，占 {part(negative / total)}" if total else ""
    return f"共采集帖文 {total} 条，其中负面 {negative} 条{share}；涉及监测话题的负面帖文较{before}{moved}。"


def _foremost(topics: Sequence[TopicWeight]) -> str:
    most = sorted((one for one in topics if one.total), key=lambda one: (-one.negative, -one.total))[:TOLD]
    if not most:
        return "各话题没有帖文。"
    told = "；".join(
        f"「{one.name}」{one.total} 条、负面 {one.negative} 条（{change(one.negative_before, one.negative)}）"
        for one in most
    )
    return f"负面较多的话题：{told}。"


def _cases(facts: PeriodFacts) -> Iterator[str]:
    """Says what was opened, ended and goes on."""
    yield f"新立案 {len(facts.opened)} 起，办结 {len(facts.closed)} 起，在办 {len(facts.still_open)} 起。"
    kinds = (("在办", facts.still_open), ("办结", facts.closed))
    for word, cases in kinds:
        for one in cases[:CASES_TOLD]:
            yield f"{word}：事件 {_case(one)}。"
        if len(cases) > CASES_TOLD:
            yield f"另有{word} {len(cases) - CASES_TOLD} 起。"


def _case(one: CaseRecord) -> str:
    case = one.details.case
    verdict = VERDICT_NAMES[case.verdict] if case.verdict else UNVERIFIED
    stage = STAGE_NAMES.get(case.stage, case.stage)
    return f"{case.id}「{clean(one.details.topic, 40)}」，{GRADE_NAMES[case.grade]}，{verdict}，{stage}"


def _due(facts: PeriodFacts) -> str:
    if not facts.due:
        return "没有待办环节。"
    told = "；".join(_owed(one, task, facts) for one, task in facts.due[:DUE_TOLD])
    rest = len(facts.due) - DUE_TOLD
    return told + (f"；另有 {rest} 项。" if rest > 0 else "。")


def _owed(one: CaseRecord, task: Task, facts: PeriodFacts) -> str:
    step, late = STEP_NAMES.get(task.step, task.step), "（已超时）" if task.due_at < facts.until else ""
    return f"事件 {one.details.case.id}「{step}」由{facts.names.desk(task.desk)}于{minute(task.due_at)}前办理{late}"


def _coverage(facts: PeriodFacts) -> str:
    """Says how far the counts can be trusted."""
    if not facts.sources:
        return "没有信息源的运行记录，无法判断数据是否完整。"
    told = f"信息源 {facts.sources} 个"
    told += (
        f"，其中 {len(facts.silent)} 个未按时应答（{'、'.join(facts.silent)}）。" if facts.silent else "，均按时应答。"
    )
    if facts.blind:
        length = sum((until - since for since, until in facts.blind), timedelta())
        spans = "、".join(f"{minute(since)} 至 {minute(until)}" for since, until in facts.blind[:BLIND_TOLD])
        spans += " 等" if len(facts.blind) > BLIND_TOLD else ""
        told += f"半数以上信息源未应答的时段（监测盲区）共 {span(length)}：{spans}，期间数量不完整。"
    else:
        told += "没有监测盲区。"
    return told


def _week(facts: PeriodFacts) -> Iterator[Block]:
    if facts.topics is None or facts.trend is None:
        yield Prose(INDEX_AWAY)
        return
    yield Prose(_sums(facts, "上周") + _foremost(facts.topics))
    yield trend_chart(facts.trend, facts.step, f"图 1　每{_step(facts)}帖文数")


def _by_topic(facts: PeriodFacts) -> Iterator[Block]:
    if facts.topics is None:
        return
    rows = tuple(
        (one.name, one.desk, str(one.total), str(one.negative), str(one.negative_before),
         change(one.negative_before, one.negative), str(one.appeals))
        for one in facts.topics
    )  # fmt: skip
    yield ReportTable(
        ("话题", "责任部门", "帖文", "负面", "上周负面", "变化", "诉求"), rows, (2, 2.2, 1, 1, 1.4, 1.3, 1)
    )
    compared = [(one.name, one.negative_before, one.negative) for one in facts.topics]
    yield comparison_chart(compared, "图 2　各话题负面帖文，本周与上周")


def _by_desk(facts: PeriodFacts) -> Iterator[Block]:
    """Puts together what each desk owns, and how it kept its limits in the period's cases."""
    clocks = [one for some in facts.clocks.values() for one in some if _within(one, facts)]
    desks = list(dict.fromkeys([*(one.desk for one in facts.topics or ()), *(_desk(one, facts) for one in clocks)]))
    rows = tuple(_desk_row(desk, facts, [one for one in clocks if _desk(one, facts) == desk]) for desk in desks)
    if rows:
        yield ReportTable(
            ("部门", "本周负面", "上周负面", "办理环节", "按时", "超时"), rows, (2.4, 1.2, 1.2, 1.2, 1, 1)
        )


def _within(clock: StepClock, facts: PeriodFacts) -> bool:
    """Tells whether a step was judged in the period: done within it, or running out within it undone."""
    when = clock.ended_at or clock.due_at
    return clock.kept is not None and facts.since <= when < facts.until


def _desk(clock: StepClock, facts: PeriodFacts) -> str:
    """Names the desk whose step it was: the first that was called."""
    return facts.names.desk((*clock.missed_by, clock.desk)[0])


def _desk_row(desk: str, facts: PeriodFacts, clocks: Sequence[StepClock]) -> tuple[str, ...]:
    owned = [one for one in facts.topics or () if one.desk == desk]
    kept = sum(one.kept is True for one in clocks)
    counts = (sum(one.negative for one in owned), sum(one.negative_before for one in owned))
    told = tuple(map(str, counts)) if facts.topics is not None and owned else ("—", "—")
    return (desk, *told, str(len(clocks)), str(kept), str(len(clocks) - kept))


def _case_table(facts: PeriodFacts) -> Iterator[Block]:
    yield Prose(f"新立案 {len(facts.opened)} 起，办结 {len(facts.closed)} 起，期末在办 {len(facts.still_open)} 起。")
    rows = tuple(_case_row(one, facts) for one in facts.cases)
    if rows:
        head = ("事件", "话题", "等级", "结论", "环节", "立案", "超时环节")
        yield ReportTable(head, rows, (0.8, 1.6, 1.1, 1.3, 1.3, 1.9, 1.3))


def _case_row(one: CaseRecord, facts: PeriodFacts) -> tuple[str, ...]:
    case = one.details.case
    missed = sum(clock.kept is False for clock in facts.clocks[case.id])
    verdict = VERDICT_NAMES[case.verdict] if case.verdict else UNVERIFIED
    stage = STAGE_NAMES.get(case.stage, case.stage)
    topic = clean(one.details.topic, 40)
    return (str(case.id), topic, GRADE_NAMES[case.grade], verdict, stage, minute(case.opened_at), str(missed))
