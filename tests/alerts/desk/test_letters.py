from datetime import datetime, timedelta

from sqlalchemy import update

from alerts.desk.letters import list_letters, retry_letter
from alerts.desk.register import Register
from alerts.notify.tables import OutboxRow
from alerts.watch import Watcher
from stream.state.database import transaction

HOUR = timedelta(hours=1)


def change(register: Register, **values: object) -> None:
    with transaction(register.engine) as session:
        session.execute(update(OutboxRow).values(**values))


def test_an_installation_without_a_letter_has_none(register: Register, now: datetime) -> None:
    assert list_letters(register, also_done=True) == []
    assert not retry_letter(register, 1, now)


def test_a_letter_waits_until_it_is_sent(register: Register, watcher: Watcher, opened: int, now: datetime) -> None:
    (letter,) = list_letters(register)
    assert (letter.case_id, letter.state, letter.step) == (opened, "queued", "opened-acknowledge")
    assert (letter.recipient, letter.attempts, letter.answer) == ("zhang.min@example.com", 0, "")
    assert (letter.queued_at, letter.next_at, letter.sent_at) == (now, now, None)
    watcher.deliver(now + HOUR)
    assert list_letters(register) == []
    (sent,) = list_letters(register, also_done=True)
    assert (sent.state, sent.attempts, sent.sent_at) == ("sent", 1, now + HOUR)
    assert sent.answer.startswith("folder: ")


def test_a_letter_that_was_taken_back_is_done(register: Register, opened: int) -> None:
    change(register, state="withdrawn")
    assert list_letters(register) == []
    assert len(list_letters(register, also_done=True)) == 1


def test_a_refused_letter_is_tried_again_when_somebody_says_so(register: Register, opened: int, now: datetime) -> None:
    change(register, state="failed", next_at=now + 9 * HOUR, answer="smtp: 550")
    (refused,) = list_letters(register)
    assert (refused.state, refused.answer) == ("failed", "smtp: 550")
    assert retry_letter(register, refused.id, now + HOUR)
    (again,) = list_letters(register)
    assert (again.state, again.next_at) == ("queued", now + HOUR)


def test_a_letter_that_is_on_its_way_or_done_is_left_alone(register: Register, opened: int, now: datetime) -> None:
    (letter,) = list_letters(register)
    for state in ("claimed", "sent", "withdrawn"):
        change(register, state=state)
        assert not retry_letter(register, letter.id, now)
    assert not retry_letter(register, letter.id + 1, now)
