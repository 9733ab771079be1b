"""What becomes of a case's notices, written into its history; where a desk cannot be reached, its time is over."""

from sqlalchemy.orm import Session

from alerts.casefile.tables import EventKind, TaskRow, read_task, record
from alerts.notify.outbox import Attempt, Outcome, unreachable
from alerts.workflow.ladder import is_called_again

SENDER = "outbox"

_KINDS = {
    Outcome.SENT: EventKind.SENT,
    Outcome.SECOND_CHANNEL: EventKind.SECOND_CHANNEL,
    Outcome.SENT_WITHOUT_TEXT: EventKind.SENT_WITHOUT_TEXT,
    Outcome.NOT_DELIVERED: EventKind.NOT_DELIVERED,
}


def note_attempt(session: Session, attempt: Attempt) -> None:
    """Records an attempt, which locks the case; the watcher then calls the next desk where nobody could be reached.

    What is about no case has no history: its row in the outbox says what became of it.
    """
    if attempt.case_id is None:
        return
    detail = {"step": attempt.step, "message_id": attempt.message_id, "answer": attempt.answer}
    record(
        session, attempt.case_id, _KINDS[attempt.outcome], at=attempt.at, by=SENDER, note=attempt.recipient,
        detail=detail,
    )  # fmt: skip
    if attempt.outcome is Outcome.NOT_DELIVERED and unreachable(session, attempt):
        _hurry(session, attempt)


def _hurry(session: Session, attempt: Attempt) -> None:
    """Ends the time of a desk that cannot be written to; of one that is called again not: it would never end."""
    row = session.get(TaskRow, attempt.task_id, with_for_update=True)
    if row is not None and row.ended_at is None and not is_called_again(read_task(row)):
        row.due_at = attempt.at
