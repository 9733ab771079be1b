"""What became of a case's letters."""

from datetime import datetime

from sqlalchemy import update

from alerts.casefile.context import CaseContext
from alerts.desk.dealing.letters import letters_of
from alerts.desk.register import Register
from alerts.notify.tables import OutboxRow, RowState
from stream.state.database import transaction
from tests.alerts.desk.dealing.conftest import MINUTE, Walk


def test_letters_are_told_the_newest_first_by_why_and_to_whom(
    context: CaseContext, register: Register, walk: Walk, now: datetime
) -> None:
    walk("judge")
    told = letters_of(register, 1)
    assert [(one.what, one.person, one.state) for one in told][-1] == (
        "首次通知「签收」", "张敏", RowState.WITHDRAWN,
    )  # fmt: skip
    assert (told[0].what, told[0].person) == ("下一环节通知「上报」", "李强")
    assert told[0].queued_at == now + 2 * MINUTE


def test_a_letter_that_was_refused_has_the_server_s_words(
    context: CaseContext, register: Register, walk: Walk, now: datetime
) -> None:
    walk("acknowledge")
    with transaction(context.engine) as session:
        said = update(OutboxRow).values(state=RowState.FAILED, answer="550 no such user", person="gone", step="odd-1")
        session.execute(said)
    told = letters_of(register, 1)
    assert {(one.state, one.answer, one.what) for one in told} == {(RowState.FAILED, "550 no such user", "通知")}
    assert told[-1].person.endswith("zhang.min@example.com"), "who left alerts.yml is known by the address"


def test_another_case_s_letters_are_not_told(register: Register, walk: Walk) -> None:
    walk("acknowledge")
    assert letters_of(register, 2) == ()


def test_a_way_that_was_not_needed_is_no_second_letter(
    context: CaseContext, register: Register, walk: Walk, now: datetime
) -> None:
    walk("acknowledge")
    number = len(letters_of(register, 1))
    for state, told in ((RowState.WITHDRAWN, 0), (RowState.QUEUED, 0), (RowState.SENT, number)):
        with transaction(context.engine) as session:
            session.execute(update(OutboxRow).values(place=1, state=state))
        assert len(letters_of(register, 1)) == told
