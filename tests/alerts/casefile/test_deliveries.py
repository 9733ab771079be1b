"""What the sender reports becomes the case's history; a desk that cannot be reached has no time left."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import Engine, select

from alerts.casefile.deliveries import note_attempt
from alerts.casefile.tables import EventKind, EventRow, TaskRow, broken_link
from alerts.notify.outbox import Attempt, CaseRef, Outcome
from stream.state.database import reading, transaction
from tests.alerts.notify.posting import MINUTE, NOW, ZHANG, notice, open_task, put, routing, rows


@pytest.fixture
def ref(engine: Engine) -> CaseRef:
    return open_task(engine)


def attempt(engine: Engine, outcome: Outcome, number: int = 0) -> Attempt:
    row = rows(engine)[number]
    return Attempt(
        at=NOW + MINUTE, row_id=row.id, case_id=row.case_id, task_id=row.task_id, step=row.step, place=row.place,
        recipient=row.recipient, message_id=row.message_id, outcome=outcome, answer="door: 250 ok",
    )  # fmt: skip


def note(engine: Engine, one: Attempt) -> tuple[EventRow, TaskRow]:
    with transaction(engine) as session:
        note_attempt(session, one)
    with reading(engine) as session:
        events = session.scalars(select(EventRow).where(EventRow.case_id == 1).order_by(EventRow.number)).all()
        assert broken_link(events) is None
        return events[-1], session.scalars(select(TaskRow).where(TaskRow.case_id == 1)).one()


@pytest.mark.parametrize("outcome", [one for one in Outcome if one is not Outcome.WAITS])
def test_every_outcome_but_waiting_is_an_event_of_that_name(engine: Engine, ref: CaseRef, outcome: Outcome) -> None:
    put(engine, routing("door"), ref)
    event, _ = note(engine, attempt(engine, outcome))
    assert EventKind(event.kind) == outcome
    assert (event.by, event.note, event.at) == ("outbox", "zhang.min@example.com", NOW + MINUTE)
    assert json.loads(event.detail) == {
        "step": "opened-acknowledge", "message_id": "<1.opened-acknowledge.ab.0@example.com>", "answer": "door: 250 ok"
    }  # fmt: skip


def test_the_time_of_a_desk_that_nobody_reached_is_over(engine: Engine, ref: CaseRef) -> None:
    put(engine, routing("door"), ref)
    _, task = note(engine, attempt(engine, Outcome.NOT_DELIVERED))
    assert task.due_at == NOW + MINUTE


@pytest.mark.parametrize("outcome", [Outcome.SENT, Outcome.SECOND_CHANNEL, Outcome.SENT_WITHOUT_TEXT])
def test_any_other_outcome_leaves_the_desk_its_time(engine: Engine, ref: CaseRef, outcome: Outcome) -> None:
    put(engine, routing("door"), ref)
    _, task = note(engine, attempt(engine, outcome))
    assert task.due_at == NOW + 60 * MINUTE


def test_somebody_else_of_the_desk_who_may_still_be_reached_keeps_it_its_time(engine: Engine, ref: CaseRef) -> None:
    ways = routing("door", people={"zhang": ZHANG, "li": ZHANG})
    put(engine, ways, ref, notice("1.a@h"))
    put(engine, ways, ref, notice("1.b@h"), "li")
    _, task = note(engine, attempt(engine, Outcome.NOT_DELIVERED))
    assert task.due_at == NOW + 60 * MINUTE


def test_a_second_channel_that_refuses_takes_nobodys_time(engine: Engine, ref: CaseRef) -> None:
    put(engine, routing("door", "second"), ref)
    _, task = note(engine, attempt(engine, Outcome.NOT_DELIVERED, 1))
    assert task.due_at == NOW + 60 * MINUTE


def test_the_time_of_a_desk_that_is_called_again_is_never_cut_short(engine: Engine, ref: CaseRef) -> None:
    """Nobody is left to hurry to: the next call comes after the step's limit, not in the next round."""
    put(engine, routing("door"), ref)
    with transaction(engine) as session:
        session.get_one(TaskRow, ref.task_id).warned_at = NOW
    event, task = note(engine, attempt(engine, Outcome.NOT_DELIVERED))
    assert (event.kind, task.due_at) == ("not_delivered", NOW + 60 * MINUTE)


def test_a_letter_that_a_newer_one_replaced_does_not_count_as_a_way_to_the_desk(engine: Engine, ref: CaseRef) -> None:
    put(engine, routing("door"), ref, notice("1.a@h"))
    put(engine, routing("door"), ref, notice("1.b@h"))
    assert [row.state for row in rows(engine)] == ["withdrawn", "queued"]
    _, task = note(engine, attempt(engine, Outcome.NOT_DELIVERED, 1))
    assert task.due_at == NOW + MINUTE


def test_a_task_that_has_ended_is_not_touched_and_one_of_another_case_neither(engine: Engine, ref: CaseRef) -> None:
    put(engine, routing("door"), ref)
    open_task(engine, "other")
    with transaction(engine) as session:
        session.get_one(TaskRow, ref.task_id).ended_at = NOW
    _, task = note(engine, attempt(engine, Outcome.NOT_DELIVERED))
    assert task.due_at == NOW + 60 * MINUTE
    with reading(engine) as session:
        assert session.scalars(select(TaskRow).where(TaskRow.case_id == 2)).one().due_at == NOW + 60 * MINUTE


def test_a_notice_without_a_task_is_recorded_and_ends_nothing(engine: Engine, ref: CaseRef) -> None:
    put(engine, routing("door"), CaseRef(ref.case_id, None, "brief", 0))
    event, task = note(engine, replace(attempt(engine, Outcome.NOT_DELIVERED), task_id=None))
    assert event.kind == "not_delivered"
    assert task.due_at == NOW + 60 * MINUTE
