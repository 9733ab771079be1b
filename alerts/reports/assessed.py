"""The assessment as an office files it: its rows read, and put into a report or into CSV."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from alerts.desk.register import Register
from alerts.desk.telling import PROGRAM as BY_PROGRAM
from alerts.desk.telling import KnownNames, basis, known_names
from alerts.detection.grades import GRADE_NAMES
from alerts.reports.assessment import (
    DETECT,
    FIRST_WORD,
    AssessedCase,
    DeskRow,
    RemedyRate,
    TimeRow,
    desk_rows,
    limits_kept,
    overall,
    remedy_rates,
    time_rows,
)
from alerts.reports.clocks import step_clocks
from alerts.reports.document import Block, OfficialReport, Prose, ReportLayout, ReportTable, numbered
from alerts.reports.phrases import part, period, span
from alerts.reports.records import CaseRecord, read_records
from alerts.reports.wave import MOST
from alerts.words import OLD_NAMES, STEP_NAMES
from alerts.workflow.ladder import limit_from, rungs
from alerts.workflow.rules import WORKFLOW
from stream.errors import Retryable
from stream.index.port import Query, Reader
from stream.messages import Act, Label

SERIES = "舆情考核"
NAMES = {DETECT: "发现（首帖至立案）", FIRST_WORD: "首次对外答复（自立案）"}
MENDED = (*WORKFLOW.mending, *OLD_NAMES)  # acts after which what was found true is put right, of any version's table


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentFacts:
    """What an assessment of [since, until) is made of; `appeals` by field, None where the index was away."""

    since: datetime
    until: datetime
    cases: tuple[AssessedCase, ...]
    appeals: tuple[tuple[str, int], ...] | None
    names: KnownNames
    topics: Mapping[str, str]
    unit: str


def gather_assessment(
    register: Register, reader: Reader | None, since: datetime, until: datetime, now: datetime
) -> AssessmentFacts:
    """Gathers the cases opened in [since, until) as they stand at `now`, and the appeals of that time."""
    records = [one for one in read_records(register, since, until) if since <= one.details.case.opened_at < until]
    topics = {key: one.name for key, one in register.topics.watched.items()}
    return AssessmentFacts(
        since=since, until=until, cases=tuple(_assessed(register, reader, one, now) for one in records),
        appeals=_appeals(register, reader, since, until), names=known_names(register), topics=topics,
        unit=register.config.organisation,
    )  # fmt: skip


def _assessed(register: Register, reader: Reader | None, record: CaseRecord, now: datetime) -> AssessedCase:
    case, history, ladder = record.details.case, record.details.history, register.config.ladder
    watched = register.topics.watched.get(case.topic)
    owner = watched.owner if watched else next(iter(register.config.desks))
    step = WORKFLOW.first_word_step
    allowed = limit_from(ladder, case.grade, step, case.opened_at) if step else None
    acts = [one for one in history if one.is_act]
    first = rungs(ladder, step)[0] if step else ""
    return AssessedCase(
        case=case.id, topic=case.topic, owner=owner, grade=case.grade,
        first_post_at=_first_post(reader, case.topic, case.since, case.opened_at), opened_at=case.opened_at,
        first_word_at=next((one.at for one in acts if one.kind in WORKFLOW.first_words), None),
        word_limit=(allowed.within, allowed.source) if allowed else None,
        word_desk=first if first in register.config.desks else owner,
        false_alarm=WORKFLOW.is_false_alarm(case.stage), verdict=case.verdict,
        remedied=any(one.kind in MENDED for one in acts),
        clocks=step_clocks(case, record.tasks, history, ladder, now),
    )  # fmt: skip


def _first_post(reader: Reader | None, topic: str, since: datetime, until: datetime) -> datetime | None:
    if reader is None:
        return None
    asked = Query(topics=(topic,), labels=(Label.NEGATIVE,), charted_since=since, charted_until=until)
    try:
        return min((post.charted_at for post in islice(reader.export(asked), MOST)), default=None)
    except Retryable:
        return None


def _appeals(
    register: Register, reader: Reader | None, since: datetime, until: datetime
) -> tuple[tuple[str, int], ...] | None:
    if reader is None:
        return None
    about = {key: Query(acts=(Act.APPEAL,), fields=(key,), charted_since=since, charted_until=until)
             for key in register.topics.fields}  # fmt: skip
    try:
        return tuple((register.topics.fields[key].name, reader.count(query)) for key, query in about.items())
    except Retryable:
        return None


def assessment_report(facts: AssessmentFacts, now: datetime, *, classified: str, issue: int | None) -> OfficialReport:
    """Composes the report."""
    rows = time_rows(facts.cases)
    sections: list[tuple[str, list[Block]]] = [
        ("总体情况", [Prose(_overall(facts, rows))]),
        ("各环节用时与时限", _times(facts, rows)),
        ("各部门情况", _desks(facts)),
        ("诉求办理", list(_remedies(facts))),
        ("说明", [Prose(EXPLAINED)]),
    ]
    return OfficialReport(
        form=ReportLayout.OFFICIAL, unit=facts.unit, series=SERIES, issue=issue or 1, classified=classified,
        title="舆情处置考核表", period=period(facts.since, facts.until), made_at=now, blocks=numbered(sections),
    )  # fmt: skip


EXPLAINED = (
    "时限自首次发现起算（复燃的自复燃、复盘自办结），依据随行列出。中位数为半数事件不超过的用时，九成值为九成事件不超过的用时。"
    "环节归首先被通知的岗位；本表以岗位为单位，不对个人、更不对发帖人作统计。"
)


def _overall(facts: AssessmentFacts, rows: list[TimeRow]) -> str:
    alarms = sum(one.false_alarm for one in facts.cases)
    kept, judged = (sum(one[at] for what, one in limits_kept(rows).items() if what != FIRST_WORD) for at in (0, 1))
    told = f"共立案 {len(facts.cases)} 起"
    told += f"，其中误报 {alarms} 起，占 {part(alarms / len(facts.cases))}。" if facts.cases else "。"
    if not judged:
        return told + "没有可考核的时限。"
    return told + f"各项时限共考核 {judged} 次，按时 {kept} 次，占 {part(kept / judged)}。"


def _times(facts: AssessmentFacts, rows: list[TimeRow]) -> list[Block]:
    told = tuple(
        (_what(one.what), f"{_desk(one.desk, facts.names)}／{GRADE_NAMES[one.grade]}", str(one.times),
         _length(one.median), _length(one.ninetieth), f"{one.kept}/{one.judged}" if one.judged else "—", _allowed(one))
        for one in rows
    )  # fmt: skip
    head = ("事项", "岗位／等级", "次数", "中位数", "九成值", "按时", "时限及依据")
    return [ReportTable(head, told, (1.8, 1.7, 0.7, 1.2, 1.2, 0.8, 2.6))] if told else []


def _allowed(one: TimeRow) -> str:
    return f"{span(one.within)}（{basis(one.source)}）" if one.within is not None else "未设时限"


def _what(key: str) -> str:
    return NAMES.get(key) or STEP_NAMES.get(key, key)


def _desk(key: str, names: KnownNames) -> str:
    return names.desk(key) if key else BY_PROGRAM


def _length(length: timedelta | None) -> str:
    return "—" if length is None else span(length)


def _desks(facts: AssessmentFacts) -> list[Block]:
    rows = tuple(_desk_cells(one, facts.names) for one in desk_rows(facts.cases))
    head = ("部门", "归口事件", "误报", "承办环节", "超时", "逾期被升级")
    return [ReportTable(head, rows, (2.4, 1.2, 1, 1.2, 1, 1.4))] if rows else []


def _desk_cells(one: DeskRow, names: KnownNames) -> tuple[str, ...]:
    counts = (one.cases, one.false_alarms, one.steps, one.late, one.passed_on)
    return (names.desk(one.desk), *map(str, counts))


def _remedies(facts: AssessmentFacts) -> Iterator[Block]:
    if facts.appeals is None:
        yield Prose("索引不可用，诉求数量未能统计。")
    elif facts.appeals:
        yield ReportTable(("诉求领域", "帖文"), tuple((name, str(count)) for name, count in facts.appeals), (3, 1))
    rates = remedy_rates(facts.cases)
    whole = overall(rates)
    told = f"核实属实或部分属实的事件 {whole.found_true} 起"
    rate = f"，完成整改 {whole.remedied} 起，诉求办结率 {part(whole.part)}。"
    yield Prose(told + (rate if whole.found_true else "，不计诉求办结率。"))
    if rates:
        yield ReportTable(
            ("话题", "属实事件", "已整改", "办结率"), tuple(_rate(one, facts) for one in rates), (2.4, 1, 1, 1)
        )


def _rate(one: RemedyRate, facts: AssessmentFacts) -> tuple[str, ...]:
    return (facts.topics.get(one.topic, one.topic), str(one.found_true), str(one.remedied), part(one.part))


def assessment_csv(facts: AssessmentFacts) -> str:
    """Writes the times by desk and grade as CSV, lengths in seconds; read by spreadsheets as UTF-8 by its mark."""
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    table.writerow(("事项", "岗位", "等级", "次数", "中位数(秒)", "九成值(秒)", "按时", "考核", "时限(秒)", "依据"))
    for one in time_rows(facts.cases):
        lengths = ("" if some is None else round(some.total_seconds()) for some in (one.median, one.ninetieth))
        within = "" if one.within is None else round(one.within.total_seconds())
        desk = _desk(one.desk, facts.names)
        table.writerow(
            (_what(one.what), desk, GRADE_NAMES[one.grade], one.times, *lengths, one.kept, one.judged, within,
             basis(one.source))
        )  # fmt: skip
    return "\ufeff" + written.getvalue()
