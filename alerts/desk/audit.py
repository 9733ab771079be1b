"""What must not be: clocks that ran out unnoticed, letters that go nowhere, histories that were changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.casefile.tables import EventRow, TaskRow, broken_link, read_task
from alerts.desk.letters import LetterStatus, list_letters
from alerts.desk.register import Register
from alerts.notify.tables import RowState
from alerts.workflow.ladder import Task, overdue
from stream.state.database import reading

STUCK_AFTER = timedelta(minutes=15)  # as long as the first channel is waited for by default


@dataclass(frozen=True, slots=True)
class OverdueTask:
    """A task that is over, and nobody called the next desk: the watcher stands still."""

    task: Task


@dataclass(frozen=True, slots=True)
class StuckLetter:
    """A letter that was refused, or has been waiting for too long."""

    letter: LetterStatus


@dataclass(frozen=True, slots=True)
class ChangedHistory:
    """A case's history that does not fit together from event `number` on."""

    case_id: int
    number: int


Complaint = OverdueTask | StuckLetter | ChangedHistory


def audit(register: Register, now: datetime) -> list[Complaint]:
    """Finds everything a person should see to."""
    with reading(register.engine) as session:
        tasks = [read_task(row) for row in session.scalars(select(TaskRow).where(TaskRow.ended_at.is_(None)))]
        changed = list(_changed(session))
    return [*map(OverdueTask, overdue(tasks, now)), *map(StuckLetter, _stuck(register, now)), *changed]


def _stuck(register: Register, now: datetime) -> list[LetterStatus]:
    waiting = list_letters(register)
    return [one for one in waiting if one.state is RowState.FAILED or now - one.queued_at > STUCK_AFTER]


def _changed(session: Session) -> Iterator[ChangedHistory]:
    events = session.scalars(select(EventRow).order_by(EventRow.case_id, EventRow.number))
    for case_id, history in groupby(events, key=lambda event: event.case_id):
        if (number := broken_link(list(history))) is not None:
            yield ChangedHistory(case_id, number)
