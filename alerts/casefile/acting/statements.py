"""The words by which a case is answered: one person writes them, another one stands for them, then they are used."""

from datetime import datetime

from sqlalchemy.orm import Session

from alerts.casefile.acting.deeds import Doer
from alerts.casefile.papers import StatementRow, approved_statement, newest_statement, void_statement
from alerts.workflow.cases import ActRequest, Case, Refused
from alerts.workflow.parts import Action, Wording

LONGEST = 20_000  # characters of a statement


def handle_wording(
    session: Session, case: Case, action: Action, request: ActRequest, by: Doer, now: datetime
) -> dict[str, object]:
    """Does to the case's statement what the action is about, and says for the record which revision it was.

    `Refused` where there are no words, nobody else to stand for them, or none that anybody stands for.
    """
    if action.verdict or action.restarts:
        void_statement(session, case.id, now)
    if action.wording is not Wording.WRITES and request.statement:
        raise Refused("只有拟定口径（draft）可以附口径文本")
    match action.wording:
        case None:
            return {}
        case Wording.WRITES:
            return {"statement": _write(session, case, request.statement, by, now).revision}
        case Wording.APPROVES | Wording.SENDS_BACK:
            row = newest_statement(session, case.id)
            if row is None:
                raise Refused("没有待审批的口径，请先拟定口径 draft")
            _judge(row, action.wording, request.note, by, now)
        case Wording.PUBLISHES:
            row = approved_statement(session, case.id)
            if row is None:
                raise Refused("没有经另一人审批的口径，不能对外发布；请先拟定口径 draft，再由另一人审批 approve")
            row.published_at = now
    return {"statement": row.revision}


def _write(session: Session, case: Case, text: str, by: Doer, now: datetime) -> StatementRow:
    words = text.strip()
    if not words:
        raise Refused("请给出口径文本：--statement 文字，或 --statement-file 文件")
    if len(words) > LONGEST:
        raise Refused(f"口径文本过长：{len(words)} 字，最多 {LONGEST} 字")
    before = newest_statement(session, case.id)
    if before is not None and before.approved_at is not None and before.void_at is None:
        before.void_at = now  # approved and not used, or used in a wave before: the new words take its place
    revision = before.revision + 1 if before else 1
    row = StatementRow(case_id=case.id, revision=revision, text=words, by=by.name, at=now)
    session.add(row)
    session.flush()
    return row


def _judge(row: StatementRow, wording: Wording, note: str, by: Doer, now: datetime) -> None:
    if wording is Wording.SENDS_BACK:
        row.sent_back_by, row.sent_back_at, row.sent_back_why = by.name, now, note
        return
    if by.name == row.by:
        raise Refused(f"口径须由另一人审批：第 {row.revision} 稿由{row.by}拟定")
    if by.typed_by == row.by:
        raise Refused(f"第 {row.revision} 稿由{row.by}拟定，其审批不能由拟稿人代为录入")
    row.approved_by, row.approved_at = by.name, now
