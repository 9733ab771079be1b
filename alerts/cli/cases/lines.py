"""Parts of a case as lines for a person at a terminal: a case in a list, and what people made of one."""

from collections.abc import Iterator

from alerts.casefile.papers import Remedy, Statement
from alerts.casefile.wording import fired_lines
from alerts.desk.cases import CaseDetails, CaseSummary
from alerts.detection.grades import GRADE_NAMES
from alerts.notify.contents.phrases import local
from alerts.words import STAGE_NAMES, UNVERIFIED, VERDICT_NAMES
from alerts.workflow.parts import Verdict


def summary_line(one: CaseSummary) -> str:
    """Writes a case in the list: number, grade, topic, stage, since when, the next limit, verdict."""
    shown = one.case
    return "\t".join(
        [
            str(shown.id),
            GRADE_NAMES[shown.grade],
            one.topic,
            STAGE_NAMES.get(shown.stage, shown.stage),
            f"自 {local(shown.since)}",
            f"时限 {local(one.due_at)}" if one.due_at else "无待办",
            verdict_word(shown.verdict),
        ]
    )


def paper_lines(details: CaseDetails) -> Iterator[str]:
    """Yields the statement's revisions, what is to be put right, and who has copies, a line each."""
    yield from map(statement_line, details.statements)
    yield from (remedy_line(one, details) for one in details.remedies)
    if details.copied_to:
        yield "抄送：" + "、".join(details.copied_to)


def statement_line(one: Statement) -> str:
    """Says of a revision of the statement who wrote it, who stands for it, and what became of it."""
    state = "待审批"
    if one.sent_back_at is not None:
        state = f"{local(one.sent_back_at)} 由{one.sent_back_by}退回：{one.sent_back_why}"
    elif one.approved_at is not None:
        state = f"{local(one.approved_at)} 由{one.approved_by}审批通过"
    state += f"，{local(one.published_at)} 对外发布" if one.published_at else ""
    state += f"，{local(one.void_at)} 作废" if one.void_at else ""
    return f"口径第 {one.revision} 稿（{one.by}，{local(one.at)}；{state}）：{one.text}"


def remedy_line(one: Remedy, details: CaseDetails) -> str:
    """Says of a plan whose it is, until when, and what became of it."""
    desk = details.desks.get(one.desk, one.desk)
    state = "办理中"
    if one.done_at is not None:
        state = f"{local(one.done_at)} 由{one.done_by}报完成：{one.proof}"
    elif one.replaced_at is not None:
        state = f"{local(one.replaced_at)} 已改期或改由他岗办理"
    return f"整改第 {one.number} 项（{desk}，期限 {local(one.until)}；{state}）：{one.plan}"


def standing_lines(details: CaseDetails) -> Iterator[str]:
    """Yields what people made of the case beside its steps, a line each."""
    shown = details.case
    if shown.graded_by:
        yield f"等级由{shown.graded_by}认定，系统不自动改动"
    if shown.supervised_at:
        yield f"{local(shown.supervised_at)} 起督办，时限减半"
    if shown.reopened_at:
        yield f"{local(shown.reopened_at)} 重新启动，时限由此起算；此前结论：{verdict_word(shown.previous_verdict)}"
    if shown.split_from:
        yield f"由事件 {shown.split_from} 拆分"
    if shown.merged_into:
        yield f"已并入事件 {shown.merged_into}"
    for one in details.merged:
        signal = one.snapshot.signal
        yield f"并入：事件 {one.case.id}「{one.topic}」，负面 {signal.negative}，截至 {local(signal.at)}"
        yield from (f"  - {line}" for line in fired_lines(one.snapshot.triggers))


def verdict_word(verdict: Verdict | None) -> str:
    """Names the verdict, or that there is none."""
    return VERDICT_NAMES[verdict] if verdict else UNVERIFIED
