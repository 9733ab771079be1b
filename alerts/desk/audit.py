"""What must not be: clocks that ran out unnoticed, letters that go nowhere, histories that were changed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.casefile.guards.failures import Failure
from alerts.casefile.tables import CaseRow, EventRow, TaskRow, broken_link, read_task
from alerts.desk.letters import LetterStatus, list_letters
from alerts.desk.register import Register
from alerts.notify.delivery import LOST
from alerts.notify.outbox import nobody_reached
from alerts.notify.tables import RowState
from alerts.workflow.ladder import Task, overdue
from alerts.workflow.rules import WORKFLOW
from stream.state.database import reading

STUCK_AFTER = timedelta(minutes=15)  # as long as the first channel is waited for by default


@dataclass(frozen=True, slots=True)
class OverdueTask:
    """A task that is over, and nobody called the next desk: the watcher stands still."""

    task: Task


@dataclass(frozen=True, slots=True)
class UnownedStep:
    """A step that a case owes and nobody has: its row is gone."""

    case_id: int
    step: str


@dataclass(frozen=True, slots=True)
class StuckLetter:
    """A letter that was refused, or has been waiting for too long."""

    letter: LetterStatus


@dataclass(frozen=True, slots=True)
class LostAnswers:
    """A letter that its channel has heard several times and never answered: it has likely arrived, nobody knows."""

    letter: LetterStatus


@dataclass(frozen=True, slots=True)
class UnreachableDesk:
    """A desk whose task runs and of whose people nobody can be written to by the main channel."""

    task: Task


@dataclass(frozen=True, slots=True)
class ChangedHistory:
    """A case's history that does not fit together from event `number` on."""

    case_id: int
    number: int


@dataclass(frozen=True, slots=True)
class Failing:
    """A topic, a task, a letter's words that fail by themselves, while the rest goes on."""

    failure: Failure


Complaint = OverdueTask | UnownedStep | StuckLetter | LostAnswers | UnreachableDesk | ChangedHistory | Failing


def audit(register: Register, now: datetime, failures: Iterable[Failure] = ()) -> list[Complaint]:
    """Finds everything a person should see to; `failures` is what the watcher noted."""
    with reading(register.engine) as session:
        rows = list(session.scalars(select(TaskRow).where(TaskRow.ended_at.is_(None)).order_by(TaskRow.id)))
        deaf = [UnreachableDesk(read_task(row)) for row in rows if nobody_reached(session, row.id)]
        changed = list(changed_histories(session))
        unowned = [UnownedStep(*one) for one in unowned_steps(session)]
    failing, late = map(Failing, failures), map(OverdueTask, overdue([read_task(row) for row in rows], now))
    return [*failing, *late, *unowned, *deaf, *_stuck(register, now), *changed]


def _stuck(register: Register, now: datetime) -> Iterator[StuckLetter | LostAnswers]:
    """Yields letters that wait for too long; one that is held may, until it should have been let go."""
    for one in list_letters(register):
        since = one.held_until if one.is_held and one.held_until else one.queued_at
        if one.state is not RowState.FAILED and one.lost >= LOST:
            yield LostAnswers(one)
        elif one.state is RowState.FAILED or now - since > STUCK_AFTER:
            yield StuckLetter(one)


def unowned_steps(session: Session) -> list[tuple[int, str]]:
    """Derives anew what every case owes, and finds the cases, by number, of which nobody has that step.

    Reads no more of a case than that: what else is spoilt of one keeps no other from being found.
    """
    owing = [stage for stage in WORKFLOW.stages if WORKFLOW.owed(stage, acknowledged=False)]
    stages = select(CaseRow.id, CaseRow.stage, CaseRow.acknowledged_at).where(CaseRow.stage.in_(owing))
    running = select(TaskRow.case_id, TaskRow.step).where(TaskRow.ended_at.is_(None))
    owned = {(case_id, step) for case_id, step in session.execute(running)}
    steps = (
        (case_id, WORKFLOW.owed(stage, acknowledged=at is not None))
        for case_id, stage, at in session.execute(stages.order_by(CaseRow.id))
    )
    return [(case_id, step) for case_id, step in steps if step is not None and (case_id, step) not in owned]


def changed_histories(session: Session) -> Iterator[ChangedHistory]:
    """Yields the cases whose histories do not fit together."""
    events = session.scalars(select(EventRow).order_by(EventRow.case_id, EventRow.number))
    for case_id, history in groupby(events, key=lambda event: event.case_id):
        if (number := broken_link(list(history))) is not None:
            yield ChangedHistory(case_id, number)
