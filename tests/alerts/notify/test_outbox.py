"""What is put in line, taken back, and moved when the configuration has other channels than when it was queued."""

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError

from alerts.casefile.tables import TaskRow
from alerts.notify.channel import Medium, Unreachable
from alerts.notify.outbox import CaseRef, Outcome, queue, reroute, withdraw
from alerts.notify.tables import OutboxRow
from alerts.people.directory import Person
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

TWO = routing("door", "second")


@pytest.fixture
def ref(engine: Engine) -> CaseRef:
    return open_task(engine)


def test_there_is_a_row_for_each_channel_with_the_form_of_its_medium(engine: Engine, ref: CaseRef) -> None:
    put(engine, routing("door", "chat", "robot", media={"chat": Medium.TEXT, "robot": Medium.MARKDOWN}), ref)
    door, chat, robot = rows(engine)
    assert [(row.channel, row.place, row.medium) for row in (door, chat, robot)] == [
        ("door", 0, "mail"), ("chat", 1, "text"), ("robot", 2, "markdown")
    ]  # fmt: skip
    assert [row.next_at for row in (door, chat, robot)] == [NOW, NOW + QUARTER, NOW + 2 * QUARTER]
    assert door.message.startswith(b"From: ")
    assert chat.message.decode().startswith("【请15:02前签收】涉停电抢修信息·较大")
    assert robot.message.decode().startswith("**")
    for row in (door, chat, robot):
        assert (row.person, row.recipient, row.state) == ("zhang", "zhang.min@example.com", "queued")
        assert "停电三天没人管" not in row.plain.decode("utf-8", "replace")


def test_the_same_notice_is_queued_once_also_after_it_was_sent_or_with_other_channels(
    engine: Engine, ref: CaseRef
) -> None:
    put(engine, TWO, ref)
    put(engine, TWO, ref, notice(headline="anders"))
    send(engine, TWO, NOW, Door([True]), Door([True], "second"))
    put(engine, routing("third"), ref)
    assert len(rows(engine)) == 2


def test_a_notice_for_somebody_whom_nothing_reaches_makes_no_row(engine: Engine, ref: CaseRef) -> None:
    assert put(engine, TWO, ref, person="nobody") == []
    assert rows(engine) == []


def test_what_is_rolled_back_was_never_queued(engine: Engine, ref: CaseRef) -> None:
    with pytest.raises(KeyboardInterrupt), transaction(engine) as session:  # noqa: PT012
        queue(session, TWO, notice(), "zhang", ref)
        raise KeyboardInterrupt
    assert rows(engine) == []


def test_an_address_that_is_none_costs_neither_the_case_nor_the_other_channels(engine: Engine, ref: CaseRef) -> None:
    """As a row of a version that let `a..b@` pass, which no mail library writes."""
    person = Person(name="张敏", addresses={"door": "a..b@example.com", "second": "b@example.com"})
    ways = routing("door", "second", people={"zhang": person})
    (failed,) = put(engine, ways, ref)
    assert (failed.outcome, failed.recipient) == (Outcome.NOT_DELIVERED, "a..b@example.com")
    assert states(engine) == {"door": "failed", "second": "queued"}
    assert rows(engine)[1].next_at == NOW  # nothing to wait for
    assert kinds(engine) == ["opened", "not_delivered"]
    with reading(engine) as session:
        assert session.scalars(select(TaskRow)).one().due_at == NOW
    send(engine, ways, NOW, Door([True]), Door([True], "second"))
    assert states(engine) == {"door": "failed", "second": "sent"}


def test_withdrawn_are_the_rows_of_the_task_that_nobody_is_sending(engine: Engine, ref: CaseRef) -> None:
    other = open_task(engine, "other")
    put(engine, TWO, ref)
    put(engine, TWO, other, notice("2.a@h"))
    with transaction(engine) as session:
        session.scalars(select(OutboxRow).where(OutboxRow.place == 0)).first().state = "claimed"  # type: ignore[union-attr]
    with transaction(engine) as session:
        withdraw(session, ref.task_id or 0)
    assert [(row.case_id, row.place, row.state) for row in rows(engine)] == [
        (1, 0, "claimed"), (1, 1, "withdrawn"), (2, 0, "queued"), (2, 1, "queued")
    ]  # fmt: skip


def test_what_was_withdrawn_is_never_sent(engine: Engine, ref: CaseRef) -> None:
    put(engine, TWO, ref)
    with transaction(engine) as session:
        withdraw(session, ref.task_id or 0)
    assert send(engine, TWO, NOW + 60 * MINUTE, Door([True]), Door([True], "second")) == []


def test_a_channel_that_was_renamed_takes_its_rows_with_it(engine: Engine, ref: CaseRef) -> None:
    put(engine, TWO, ref)
    before = rows(engine)[0].message
    relay, second = Door([True], "relay"), Door([True], "second")
    send(engine, routing("relay", "second"), NOW, relay, second)
    assert states(engine) == {"relay": "sent", "second": "withdrawn"}
    assert relay.taken[0][1] == before


def test_rows_of_a_channel_that_is_gone_are_left_to_those_that_are_there(engine: Engine, ref: CaseRef) -> None:
    put(engine, TWO, ref)
    second = Door([True], "second")
    send(engine, routing("second"), NOW + 16 * MINUTE, second)
    assert states(engine) == {"door": "withdrawn", "second": "sent"}


def test_a_row_that_moves_to_another_medium_is_written_anew_and_says_the_same(engine: Engine, ref: CaseRef) -> None:
    put(engine, routing("door"), ref)
    chat = Door([True], "chat")
    send(engine, routing("chat", media={"chat": Medium.TEXT}), NOW, chat)
    (row,) = rows(engine)
    assert (row.channel, row.medium, row.state) == ("chat", "text", "sent")
    assert "停电三天没人管" in chat.taken[0][1].decode()


def test_a_row_moves_to_where_the_person_is_reached_now(engine: Engine, ref: CaseRef) -> None:
    put(engine, routing("door"), ref)
    moved = Person(name="张敏", email="new@example.com")
    relay = Door([True], "relay")
    send(engine, routing("relay", people={"zhang": moved}), NOW, relay)
    assert relay.taken[0][0] == "new@example.com"
    assert b"To: =?utf-8?b?5byg5pWP?= <new@example.com>" in relay.taken[0][1]


def test_a_row_without_any_way_out_waits_and_goes_once_there_is_one(engine: Engine, ref: CaseRef) -> None:
    put(engine, routing("door"), ref)
    nobody = routing("second", people={})
    assert send(engine, nobody, NOW, Door([True], "second")) == []
    assert states(engine) == {"door": "queued"}
    second = Door([True], "second")
    send(engine, routing("second"), NOW, second)
    assert states(engine) == {"second": "sent"}


def test_a_notice_of_a_newer_program_that_has_to_move_fails_in_words(engine: Engine, ref: CaseRef) -> None:
    put(engine, routing("door"), ref)
    with transaction(engine) as session:
        session.scalars(select(OutboxRow)).one().notice = '{"version": 2}'
    reroute(engine, routing("chat", media={"chat": Medium.TEXT}), ["chat"])
    (row,) = rows(engine)
    assert row.state == "failed"
    assert "version 2" in (row.answer or "")


def test_a_channel_that_is_only_away_keeps_its_rows(engine: Engine, ref: CaseRef) -> None:
    put(engine, TWO, ref)
    send(engine, TWO, NOW, Door([Unreachable("x")]), Door([Unreachable("x")], "second"))
    assert states(engine) == {"door": "queued", "second": "queued"}


def test_two_rows_of_one_notice_for_one_channel_cannot_be(engine: Engine, ref: CaseRef) -> None:
    put(engine, TWO, ref)
    with pytest.raises(IntegrityError), transaction(engine) as session:
        session.scalars(select(OutboxRow).where(OutboxRow.place == 1)).one().channel = "door"


def test_people_of_one_desk_have_rows_of_their_own(engine: Engine, ref: CaseRef) -> None:
    ways = routing("door", people={"zhang": ZHANG, "li": Person(name="李强", email="li@example.com")})
    put(engine, ways, ref, notice("1.a@h"))
    put(engine, ways, ref, notice("1.b@h"), "li")
    door = Door([True])
    send(engine, ways, NOW, door)
    assert sorted(to for to, _, _ in door.taken) == ["li@example.com", "zhang.min@example.com"]
