"""Days without a server end in one letter that counts the others; what is over is taken back."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from alerts.casefile.tables import TaskRow
from alerts.notify.channel import Unreachable
from alerts.notify.contents.bulletin import Bulletin
from alerts.notify.contents.letter import read_letter
from alerts.notify.outbox import CaseRef, queue, withdraw
from alerts.notify.staleness import Missed, missed, with_missed
from alerts.notify.tables import OutboxRow
from alerts.people.directory import Person
from stream.state.database import reading, transaction
from tests.alerts.notify.posting import MINUTE, NOW, ZHANG, Door, notice, open_task, put, routing, rows, send

HOUR = 60 * MINUTE
CLOSED = Unreachable("closed")
ONE = routing("door")
TWO = routing("door", "second")


@pytest.fixture
def ref(engine: Engine) -> CaseRef:
    return open_task(engine)


def headline(row: OutboxRow) -> str:
    return read_letter(row.notice or "").headline


def by_name(engine: Engine) -> dict[str, OutboxRow]:
    return {row.message_id: row for row in rows(engine) if row.place == 0}


def test_a_newer_letter_about_the_same_takes_the_place_of_those_that_did_not_go_out(
    engine: Engine, ref: CaseRef
) -> None:
    for hour in range(4):
        at = NOW + hour * HOUR
        put(engine, ONE, ref, notice(f"1.{hour}@h", at=at))
        send(engine, ONE, at, Door([CLOSED]))
    found = by_name(engine)
    assert [found[f"<1.{n}@h>"].state for n in range(4)] == ["withdrawn"] * 3 + ["queued"]
    assert {found[f"<1.{n}@h>"].instead for n in range(3)} == {"<1.3@h>"}
    assert headline(found["<1.3@h>"]).endswith("（此前另有 3 封未能送达，最早 9月21日14:02）")
    door = Door([True])
    send(engine, ONE, NOW + 9 * HOUR, door)
    assert [name for _, _, name in door.taken] == ["<1.3@h>"]


def test_the_letter_of_the_next_task_on_the_same_rung_counts_those_of_the_one_before(
    engine: Engine, ref: CaseRef
) -> None:
    before = ref
    for turn in range(1, 4):
        put(engine, ONE, before, notice(f"1.{turn}@h", at=NOW + turn * HOUR))
        send(engine, ONE, NOW + turn * HOUR, Door([CLOSED]))
        with transaction(engine) as session:
            old = session.get_one(TaskRow, before.task_id)
            task = TaskRow(
                case_id=old.case_id, step=old.step, turn=turn, level=0, desk=old.desk, began_at=NOW, due_at=NOW,
                warn_at=NOW,
            )  # fmt: skip
            session.add(task)
            session.flush()
            after = CaseRef(ref.case_id, task.id, "overdue", turn, replaces=before.task_id)
            queue(session, ONE, notice(f"1.next{turn}@h", at=NOW + (turn + 0.5) * HOUR), "zhang", after)
            withdraw(session, before.task_id or 0)
        before = after
    waiting = [row for row in rows(engine) if row.state == "queued"]
    assert [row.message_id for row in waiting] == ["<1.next3@h>"]
    # three tried, two overtaken after half an hour
    assert "此前另有 5 封未能送达，最早 9月21日15:02" in headline(waiting[0])


def test_what_was_overtaken_at_once_and_never_tried_is_not_counted(engine: Engine, ref: CaseRef) -> None:
    put(engine, ONE, ref, notice("1.a@h"))
    put(engine, ONE, ref, notice("1.b@h", at=NOW + MINUTE))
    assert "此前另有" not in headline(by_name(engine)["<1.b@h>"])
    assert by_name(engine)["<1.a@h>"].state == "withdrawn"


def test_letters_to_others_about_other_cases_and_other_tasks_stay(engine: Engine, ref: CaseRef) -> None:
    ways = routing("door", people={"zhang": ZHANG, "li": Person(name="李强", email="li@example.com")})
    other = open_task(engine, "other")
    put(engine, ways, ref, notice("1.a@h"))
    put(engine, ways, ref, notice("1.b@h"), "li")
    put(engine, ways, other, notice("2.a@h"))
    put(engine, ways, CaseRef(ref.case_id, None, "brief", 0), notice("1.c@h"))
    assert {row.state for row in rows(engine)} == {"queued"}


def test_what_was_sent_is_neither_taken_back_nor_counted(engine: Engine, ref: CaseRef) -> None:
    put(engine, ONE, ref, notice("1.a@h"))
    send(engine, ONE, NOW, Door([True]))
    put(engine, ONE, ref, notice("1.b@h", at=NOW + HOUR))
    assert by_name(engine)["<1.a@h>"].state == "sent"
    assert "此前另有" not in headline(by_name(engine)["<1.b@h>"])


def test_what_the_second_channel_took_is_counted_by_the_main_one(engine: Engine, ref: CaseRef) -> None:
    """A folder takes everything, and nobody may look into it."""
    put(engine, TWO, ref, notice("1.a@h"))
    for minute in (0, 16):
        send(engine, TWO, NOW + minute * MINUTE, Door([CLOSED]), Door([True], "second"))
    put(engine, TWO, ref, notice("1.b@h", at=NOW + HOUR))
    assert "此前另有 1 封未能送达" in headline(by_name(engine)["<1.b@h>"])


@pytest.mark.parametrize("answer", [CLOSED, True])
def test_a_letter_that_is_taken_back_while_it_is_sent_is_not_tried_again(
    engine: Engine, ref: CaseRef, answer: bool | Exception
) -> None:
    put(engine, ONE, ref)

    class Slow(Door):
        def send(self, recipient: str, content: bytes, message_id: str) -> str:
            with transaction(engine) as session:
                withdraw(session, ref.task_id or 0)
            return super().send(recipient, content, message_id)

    send(engine, ONE, NOW, Slow([answer]))
    (row,) = rows(engine)
    assert (row.state, row.instead) == ("sent" if answer is True else "withdrawn", "over")
    assert send(engine, ONE, NOW + 9 * HOUR, Door([True])) == []


def test_a_bulletin_says_it_in_its_headline_too() -> None:
    bulletin = Bulletin(id="b@h", at=NOW, organisation="甲", person="乙", subject="丙", headline="丁", sections=())
    assert with_missed(bulletin, Missed(2, NOW)).headline == "丁（此前另有 2 封未能送达，最早 9月21日14:02）"
    assert with_missed(bulletin, None) is bulletin


def test_only_late_letters_count(engine: Engine, ref: CaseRef) -> None:
    put(engine, ONE, ref)
    with reading(engine) as session:
        row = session.scalars(select(OutboxRow)).one()
    assert missed([row], NOW + timedelta(minutes=4)) is None
    assert missed([row], NOW + timedelta(minutes=5)) == Missed(1, NOW)
    row.held_for = "quiet"
    assert missed([row], NOW + HOUR) is None
    row.attempts = 1
    assert missed([row], NOW + HOUR) == Missed(1, NOW)
