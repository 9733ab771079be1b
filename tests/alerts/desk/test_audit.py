from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import delete, text, update

from alerts.casefile.tables import EventRow, TaskRow, record
from alerts.desk.audit import STUCK_AFTER, ChangedHistory, OverdueTask, StuckLetter, UnownedStep, UnreachableDesk, audit
from alerts.desk.register import Register
from alerts.notify.tables import OutboxRow, RowState
from alerts.watch import Watcher
from stream.state.database import transaction

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def test_an_installation_without_a_case_has_nothing_to_complain_of(register: Register, now: datetime) -> None:
    assert audit(register, now) == []


def test_a_task_that_is_over_is_the_watchers_to_pass_on_for_five_minutes(
    register: Register, watcher: Watcher, opened: int, now: datetime
) -> None:
    watcher.deliver(now)
    assert audit(register, now + HOUR + 5 * MINUTE) == []
    (complaint,) = audit(register, now + HOUR + 6 * MINUTE)
    assert isinstance(complaint, OverdueTask)
    assert (complaint.task.case_id, complaint.task.step) == (opened, "acknowledge")
    watcher.escalate(now + HOUR + 6 * MINUTE)
    watcher.deliver(now + HOUR + 6 * MINUTE)
    assert audit(register, now + HOUR + 6 * MINUTE) == []


def test_a_letter_that_waits_too_long_or_was_refused_is_stuck(register: Register, opened: int, now: datetime) -> None:
    assert audit(register, now + STUCK_AFTER) == []
    (complaint,) = audit(register, now + STUCK_AFTER + MINUTE)
    assert isinstance(complaint, StuckLetter)
    assert complaint.letter.recipient == "zhang.min@example.com"
    with transaction(register.engine) as session:
        session.execute(update(OutboxRow).values(state="failed"))
    deaf, refused = audit(register, now)
    assert isinstance(deaf, UnreachableDesk)
    assert (deaf.task.case_id, deaf.task.desk) == (opened, "publicity")
    assert refused == StuckLetter(replace(complaint.letter, state=RowState.FAILED))


def test_each_history_is_held_against_itself(register: Register, opened: int, now: datetime) -> None:
    with transaction(register.engine) as session:
        for number in range(3):
            record(session, opened, "track", at=now, by="张敏", note=str(number))
    assert audit(register, now) == []
    with transaction(register.engine) as session:
        session.execute(text("UPDATE alert_event SET note = 'x' WHERE number = 3"))
    assert audit(register, now) == [ChangedHistory(opened, 3)]
    with transaction(register.engine) as session:
        session.execute(text("DELETE FROM alert_announcement"))
        session.execute(delete(EventRow).where(EventRow.number == 2))
    assert audit(register, now) == [ChangedHistory(opened, 2)]


def test_a_step_that_is_owed_and_nobodys_is_found(register: Register, opened: int, now: datetime) -> None:
    with transaction(register.engine) as session:
        session.execute(update(TaskRow).values(ended_at=now))
    assert audit(register, now) == [UnownedStep(opened, "acknowledge")]
