"""A round of sending: what each answer of a channel does to a row, to those behind it, and to the case's history."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from smtplib import SMTPException
from ssl import SSLError
from threading import Barrier

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from alerts.casefile.deliveries import note_attempt
from alerts.casefile.tables import EventRow, TaskRow, broken_link
from alerts.notify.channel import Undeliverable, Unreachable
from alerts.notify.delivery import deliver
from alerts.notify.outbox import Attempt, CaseRef, Outcome, retry
from alerts.notify.tables import OutboxRow
from alerts.people.directory import Person
from stream.process.holders import this_machine
from stream.state.database import reading, transaction
from tests.alerts.notify.posting import (
    MINUTE,
    NOW,
    QUARTER,
    ZHANG,
    Door,
    kinds,
    notice,
    open_task,
    put,
    routing,
    rows,
    send,
    states,
)

CLOSED = Unreachable("closed")
ONE = routing("door")
TWO = routing("door", "second")
THREE = routing("door", "second", "third")


@pytest.fixture
def ref(engine: Engine) -> CaseRef:
    return open_task(engine)


@pytest.fixture
def one(engine: Engine, ref: CaseRef) -> Engine:
    """One notice in line for the one channel."""
    assert put(engine, ONE, ref) == []
    return engine


def outcomes(engine: Engine, ways: object, at: object, *doors: Door) -> list[Outcome]:
    return [attempt.outcome for attempt in send(engine, ways, at, *doors)]  # type: ignore[arg-type]


def due_at(engine: Engine) -> object:
    with reading(engine) as session:
        return session.scalars(select(TaskRow)).one().due_at


def test_what_was_sent_is_recorded_with_the_servers_words_and_never_sent_again(one: Engine) -> None:
    door = Door([True])
    assert outcomes(one, ONE, NOW, door) == [Outcome.SENT]
    assert send(one, ONE, NOW + 9000 * MINUTE, door) == []
    (row,) = rows(one)
    assert (row.state, row.answer, row.sent_at) == ("sent", "door: 250 taken", NOW)
    assert door.taken == [("zhang.min@example.com", row.message, row.message_id)]
    assert kinds(one) == ["opened", "sent"]


def test_a_closed_door_is_tried_after_1_2_5_10_and_then_every_30_minutes(one: Engine) -> None:
    door, tries = Door([CLOSED]), []
    for minute in range(120):
        tries += [minute for _ in send(one, ONE, NOW + minute * MINUTE, door)]
    assert tries == [0, 1, 3, 8, 18, 48, 78, 108]
    door.script = [True]
    assert outcomes(one, ONE, NOW + 140 * MINUTE, door) == [Outcome.SENT]


def test_the_second_channel_is_used_once_when_the_first_stays_away_which_is_tried_on(
    engine: Engine, ref: CaseRef
) -> None:
    put(engine, TWO, ref)
    first, second = Door([CLOSED]), Door([True], "second")
    for minute in range(60):
        send(engine, TWO, NOW + minute * MINUTE, first, second)
        assert len(second.taken) == (minute >= 15)
    assert states(engine) == {"door": "queued", "second": "sent"}
    assert kinds(engine) == ["opened", "second_channel"]
    first.script = [True]
    assert outcomes(engine, TWO, NOW + 100 * MINUTE, first, second) == [Outcome.SENT]
    assert first.taken[0][1:] == second.taken[0][1:]


def test_the_third_channel_is_used_where_the_second_stays_away_too(engine: Engine, ref: CaseRef) -> None:
    put(engine, THREE, ref)
    doors = Door([CLOSED]), Door([CLOSED], "second"), Door([True], "third")
    for minute in range(40):
        send(engine, THREE, NOW + minute * MINUTE, *doors)
        assert len(doors[2].taken) == (minute >= 30)
    assert states(engine) == {"door": "queued", "second": "queued", "third": "sent"}


def test_a_channel_that_took_a_notice_withdraws_it_from_those_behind_it(engine: Engine, ref: CaseRef) -> None:
    put(engine, THREE, ref)
    doors = Door([CLOSED]), Door([True], "second"), Door([True], "third")
    for minute in range(60):
        send(engine, THREE, NOW + minute * MINUTE, *doors)
    assert states(engine) == {"door": "queued", "second": "sent", "third": "withdrawn"}


def test_after_hours_without_a_sender_the_main_channel_comes_first_and_is_enough(engine: Engine, ref: CaseRef) -> None:
    put(engine, THREE, ref)
    doors = Door([True]), Door([True], "second"), Door([True], "third")
    assert outcomes(engine, THREE, NOW + 300 * MINUTE, *doors) == [Outcome.SENT]
    assert states(engine) == {"door": "sent", "second": "withdrawn", "third": "withdrawn"}


def test_the_second_channel_is_not_used_while_the_first_is_being_tried(engine: Engine, ref: CaseRef) -> None:
    put(engine, TWO, ref)
    second = Door([True], "second")

    class Slow(Door):
        def send(self, recipient: str, content: bytes, message_id: str) -> str:
            assert send(engine, TWO, NOW + 20 * MINUTE, Door([True]), second) == []
            return super().send(recipient, content, message_id)

    assert outcomes(engine, TWO, NOW + 20 * MINUTE, Slow([True]), second) == [Outcome.SENT]
    assert second.taken == []


def test_a_refused_notice_goes_once_more_without_post_text(one: Engine) -> None:
    door = Door([Undeliverable("554 spam"), True])
    assert outcomes(one, ONE, NOW, door) == [Outcome.SENT_WITHOUT_TEXT, Outcome.SENT]
    (row,) = rows(one)
    assert door.taken[0][1] == row.plain != row.message
    assert (row.state, row.without_text) == ("sent", True)
    assert kinds(one) == ["opened", "sent_without_text", "sent"]


def test_refused_twice_it_has_failed_and_the_desks_time_is_over(one: Engine) -> None:
    assert outcomes(one, ONE, NOW, Door([Undeliverable("550 no")])) == [
        Outcome.SENT_WITHOUT_TEXT, Outcome.NOT_DELIVERED
    ]  # fmt: skip
    assert kinds(one) == ["opened", "sent_without_text", "not_delivered"]
    assert due_at(one) == NOW


def test_a_refusal_makes_the_next_channel_due_at_once_and_still_calls_the_next_desk(
    engine: Engine, ref: CaseRef
) -> None:
    put(engine, THREE, ref)
    doors = Door([Undeliverable("550 no")]), Door([True], "second"), Door([True], "third")
    assert outcomes(engine, THREE, NOW, *doors) == [
        Outcome.SENT_WITHOUT_TEXT, Outcome.NOT_DELIVERED, Outcome.SECOND_CHANNEL
    ]  # fmt: skip
    assert states(engine) == {"door": "failed", "second": "sent", "third": "withdrawn"}
    assert due_at(engine) == NOW


def test_a_second_channel_that_refuses_ends_nobodys_time(engine: Engine, ref: CaseRef) -> None:
    put(engine, TWO, ref)
    doors = Door([CLOSED]), Door([Undeliverable("no")], "second")
    for minute in range(20):
        send(engine, TWO, NOW + minute * MINUTE, *doors)
    assert states(engine) == {"door": "queued", "second": "failed"}
    assert due_at(engine) == NOW + 60 * MINUTE


def test_a_desk_counts_as_reached_while_anybody_there_may_still_be(engine: Engine, ref: CaseRef) -> None:
    ways = routing("door", people={"zhang": ZHANG, "li": Person(name="李强", email="li@example.com")})
    put(engine, ways, ref, notice("1.a@h"))
    put(engine, ways, ref, notice("1.b@h"), "li")

    class Choosy(Door):
        def send(self, recipient: str, content: bytes, message_id: str) -> str:
            if recipient.startswith("li"):
                raise CLOSED
            raise Undeliverable("550 no")

    send(engine, ways, NOW, Choosy([True]))
    assert due_at(engine) == NOW + 60 * MINUTE
    send(engine, ways, NOW + MINUTE, Door([Undeliverable("550 no")]))
    assert due_at(engine) == NOW + MINUTE


def test_a_channel_that_is_away_is_left_alone_for_the_round_and_the_others_go_on(engine: Engine, ref: CaseRef) -> None:
    people = {
        f"p{n}": Person(name="甲", email=f"{n}@example.com", addresses={} if n < 5 else {"second": f"s{n}@example.com"})
        for n in range(8)
    }
    ways = routing("door", "second", people=people)
    for number, key in enumerate(people):
        put(engine, ways, ref, notice(f"1.{number}@h"), key)
    closed, second = Door([CLOSED]), Door([True], "second")
    assert len(send(engine, ways, NOW, closed, second)) == 3  # of eight
    late = NOW + 16 * MINUTE
    sent = send(engine, ways, late, closed, second)
    assert [one.outcome for one in sent].count(Outcome.WAITS) == 3
    assert len(second.taken) >= 3


def test_what_a_dead_sender_had_claimed_goes_out_after_its_time_with_the_same_bytes(one: Engine) -> None:
    class Dies(BaseException):
        pass

    class Deadly(Door):
        def send(self, recipient: str, content: bytes, message_id: str) -> str:
            super().send(recipient, content, message_id)
            raise Dies

    deadly, door = Deadly([True]), Door([True])
    with pytest.raises(Dies):
        send(one, ONE, NOW, deadly)
    assert send(one, ONE, NOW + MINUTE, door) == []
    assert len(send(one, ONE, NOW + 2 * MINUTE, door)) == 1
    assert deadly.taken == door.taken


def test_a_sender_of_this_machine_that_ended_is_not_waited_for(one: Engine) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with transaction(one) as session:
        row = session.scalars(select(OutboxRow)).one()
        row.state, row.token, row.lease_until = "claimed", f"1f {this_machine()} {gone.pid}", NOW + 20 * MINUTE
    assert outcomes(one, ONE, NOW, Door([True])) == [Outcome.SENT]


@pytest.mark.parametrize("answer", [CLOSED, Undeliverable("550 no"), True])
def test_a_sender_that_lost_its_claim_changes_nothing(one: Engine, answer: bool | Exception) -> None:
    class Slow(Door):
        def send(self, recipient: str, content: bytes, message_id: str) -> str:
            send(one, ONE, NOW + 10 * MINUTE, Door([True]))
            return super().send(recipient, content, message_id)

    send(one, ONE, NOW, Slow([answer]))
    assert rows(one)[0].state == "sent"
    assert kinds(one) == ["opened", "sent"]


def test_a_failed_notice_can_be_tried_again_by_hand_and_a_sent_one_not(one: Engine) -> None:
    send(one, ONE, NOW, Door([Undeliverable("550 no")]))
    (row,) = rows(one)
    assert row.state == "failed"
    assert retry(one, NOW, row.id)
    assert outcomes(one, ONE, NOW, Door([True])) == [Outcome.SENT]
    assert not retry(one, NOW, row.id)
    assert not retry(one, NOW, 999)


def test_a_waiting_notice_can_be_tried_at_once_by_hand(one: Engine) -> None:
    send(one, ONE, NOW, Door([CLOSED]))
    assert retry(one, NOW, rows(one)[0].id)
    assert outcomes(one, ONE, NOW, Door([True])) == [Outcome.SENT]


def test_of_many_senders_at_once_each_notice_is_sent_by_one_and_the_history_stays_whole(
    engine: Engine, ref: CaseRef
) -> None:
    ways = routing("door", people={f"p{number}": ZHANG for number in range(24)})
    for number in range(24):
        put(engine, ways, ref, notice(f"1.{number}@h"), f"p{number}")
    door = Door([True])
    with ThreadPoolExecutor(6) as pool:
        rounds = [pool.submit(send, engine, ways, NOW, door) for _ in range(6)]
        sent = [attempt.message_id for one in rounds for attempt in one.result()]
    assert len(sent) == len(set(sent)) == len(door.taken) == 24
    with reading(engine) as session:
        events = session.scalars(select(EventRow).order_by(EventRow.number)).all()
        assert (len(events), broken_link(events)) == (25, None)


def test_two_refused_at_the_same_moment_still_call_the_next_desk(engine: Engine, ref: CaseRef) -> None:
    ways = routing("door", people={"zhang": ZHANG, "li": ZHANG})
    put(engine, ways, ref, notice("1.a@h"))
    put(engine, ways, ref, notice("1.b@h"), "li")
    together = Barrier(2)

    class Refusing(Door):
        def send(self, recipient: str, content: bytes, message_id: str) -> str:
            together.wait(10)
            raise Undeliverable("550 no")

    with ThreadPoolExecutor(2) as pool:
        rounds = [pool.submit(send, engine, ways, NOW, Refusing([True])) for _ in range(2)]
        told = [attempt.outcome for one in rounds for attempt in one.result()]
    assert told.count(Outcome.NOT_DELIVERED) == 2
    assert due_at(engine) == NOW


def test_what_the_record_refuses_is_not_written_down_and_sent_again(one: Engine) -> None:
    """The far side has it, the record has not: a copy under the same name is better than a gap."""
    door = Door([True])

    def broken(*_: object) -> None:
        raise Unreachable("the history cannot be written now")

    with pytest.raises(Unreachable):
        deliver(one, [door], ONE, NOW, broken)
    assert rows(one)[0].state == "claimed"
    assert outcomes(one, ONE, NOW + 2 * MINUTE, door) == [Outcome.SENT]
    assert len(door.taken) == 2
    assert door.taken[0] == door.taken[1]


def test_waits_are_a_quarter_of_an_hour_apart(engine: Engine, ref: CaseRef) -> None:
    put(engine, THREE, ref)
    assert [row.next_at - NOW for row in rows(engine)] == [0 * QUARTER, QUARTER, 2 * QUARTER]


@pytest.mark.parametrize(
    "error", [UnicodeError("x"), ValueError("x"), KeyError("x"), ZeroDivisionError(), SSLError("x"), SMTPException()]
)
def test_whatever_a_channel_raises_is_waited_with_and_the_next_channel_takes_the_letter(
    engine: Engine, ref: CaseRef, error: Exception
) -> None:
    put(engine, TWO, ref)
    put(engine, ONE, open_task(engine, "coal"), notice("2.a@h"))
    broken, second = Door([error]), Door([True], "second")
    assert outcomes(engine, TWO, NOW, broken, second) == [Outcome.WAITS, Outcome.WAITS]
    assert Outcome.SECOND_CHANNEL in outcomes(engine, TWO, NOW + QUARTER, broken, second)
    assert states(engine)["second"] == "sent"
    assert type(error).__name__ in str(next(row.answer for row in rows(engine) if row.channel == "door"))


def test_a_letter_whose_record_cannot_be_written_keeps_no_other_from_being_sent(engine: Engine, ref: CaseRef) -> None:
    put(engine, ONE, ref)
    put(engine, ONE, open_task(engine, "coal"), notice("2.a@h"))
    door = Door([True])

    def settled(session: Session, attempt: Attempt) -> None:
        if attempt.message_id != "<2.a@h>":
            raise ZeroDivisionError
        note_attempt(session, attempt)

    sent = deliver(engine, [door], ONE, NOW, settled)
    assert [one.message_id for one in sent] == ["<2.a@h>"]
    assert sorted(row.state for row in rows(engine)) == ["claimed", "sent"]  # tried again once its time is up
    later = send(engine, ONE, NOW + 10 * MINUTE, door)
    assert [one.outcome for one in later] == [Outcome.SENT]
