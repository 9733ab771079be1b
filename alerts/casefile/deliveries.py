"""What becomes of a case's notices, written into its history; where a desk cannot be reached, its time is over."""

from sqlalchemy import and_, update
from sqlalchemy.orm import Session

from alerts.casefile.tables import EventKind, TaskRow, record
from alerts.notify.outbox import Attempt, Outcome, unreachable

SENDER = "outbox"

_KINDS = {
    Outcome.SENT: EventKind.SENT,
    Outcome.SECOND_CHANNEL: EventKind.SECOND_CHANNEL,
    Outcome.SENT_WITHOUT_TEXT: EventKind.SENT_WITHOUT_TEXT,
    Outcome.NOT_DELIVERED: EventKind.NOT_DELIVERED,
}


def note_attempt(session: Session, attempt: Attempt) -> None:
    """Records an attempt, which locks the case; the watcher then calls the next desk where nobody could be reached."""
    detail = {"step": attempt.step, "message_id": attempt.message_id, "answer": attempt.answer}
    record(
        session, attempt.case_id, _KINDS[attempt.outcome], at=attempt.at, by=SENDER, note=attempt.recipient,
        detail=detail,
    )  # fmt: skip
    if attempt.outcome is Outcome.NOT_DELIVERED and unreachable(session, attempt):
        running = and_(TaskRow.id == attempt.task_id, TaskRow.ended_at.is_(None))
        session.execute(update(TaskRow).where(running).values(due_at=attempt.at))
