"""A wave that a person called a false alarm teaches: the next one like it is shown as such."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from alerts.casefile.acting.steps import act
from alerts.casefile.casework import note_rekindling, note_rise, open_case
from alerts.casefile.context import CaseContext
from alerts.casefile.likeness import Alike
from alerts.casefile.precedents import SHOWN, with_precedents
from alerts.casefile.snapshot import CaseSnapshot, from_json, to_json
from alerts.casefile.tables import CaseRow, insert_case, read_case
from alerts.workflow.cases import ActRequest, Case
from stream.state.database import reading, transaction
from tests.alerts.casefile.conftest import signal_of

DAY = timedelta(days=1)


def judged(engine: Engine, new_case: Case, found: CaseSnapshot, stage: str = "false_alarm", **changes: object) -> int:
    """A case of before that a person ended."""
    ended = replace(new_case, stage=stage, ended_at=new_case.opened_at, **changes)  # type: ignore[arg-type]
    with transaction(engine) as session:
        row = insert_case(session, ended, to_json(found))
        row.open_key = None
        return row.id


def precedents(engine: Engine, found: CaseSnapshot) -> tuple[Alike, ...]:
    with reading(engine) as session:
        return with_precedents(session, found).alike


def test_only_false_alarms_of_the_same_topic_teach(
    engine: Engine, new_case: Case, found: CaseSnapshot, now: datetime
) -> None:
    judged(engine, new_case, found, stage="archived")
    judged(engine, new_case, found, topic="bills")
    assert precedents(engine, found) == ()
    number = judged(engine, new_case, found)
    assert precedents(engine, found) == (Alike(number, now, True, 0.0),)


def test_a_few_are_shown_the_newest_first(engine: Engine, new_case: Case, found: CaseSnapshot) -> None:
    numbers = [judged(engine, new_case, found) for _ in range(SHOWN + 2)]
    assert [one.case for one in precedents(engine, found)] == numbers[::-1][:SHOWN]


def test_a_wave_unlike_it_is_not_shown(engine: Engine, new_case: Case, found: CaseSnapshot, now: datetime) -> None:
    judged(engine, new_case, found)
    other = replace(found, signal=signal_of("outage", now + timedelta(hours=6)))
    assert precedents(engine, other) == ()
    same_texts = replace(other, texts=(("a" * 16, 9),))
    assert precedents(engine, same_texts) == ()
    number = judged(engine, new_case, replace(found, texts=(("a" * 16, 3),)))
    assert [(one.case, one.shape, one.texts) for one in precedents(engine, same_texts)] == [(number, False, 1.0)]


@pytest.fixture
def again(context: CaseContext, found: CaseSnapshot, now: datetime) -> Case:
    """A case that opened the day after one like it was judged a false alarm."""
    with transaction(context.engine) as session:
        first = open_case(session, context, found, (), now)
    act(context, first.id, ActRequest("judge_false_alarm", "张敏", "演练"), now)
    tomorrow = replace(found, signal=signal_of("outage", now + DAY))
    with transaction(context.engine) as session:
        return open_case(session, context, tomorrow, (), now + DAY)


def kept(context: CaseContext, case: Case) -> CaseSnapshot:
    with reading(context.engine) as session:
        return from_json(session.get_one(CaseRow, case.id).found)


def test_a_new_case_keeps_what_it_looks_like_and_a_rise_forgets_nothing(
    context: CaseContext, again: Case, found: CaseSnapshot, now: datetime
) -> None:
    before = kept(context, again)
    assert [(one.case, one.judged_at) for one in before.alike] == [(1, now)]
    assert before.calmed_at is None
    with transaction(context.engine) as session:
        note_rise(session, context, again, found, quoted=(), now=now + DAY)
    assert kept(context, again).alike == before.alike


def test_a_case_that_burns_again_keeps_when_it_was_calm(
    context: CaseContext, again: Case, found: CaseSnapshot, now: datetime
) -> None:
    with transaction(context.engine) as session:
        note_rekindling(session, context, again, found, quoted=(), now=now + 2 * DAY)
    assert kept(context, again).calmed_at == again.last_spike_at
    assert [one.case for one in kept(context, again).alike] == [1]
    with transaction(context.engine) as session:
        case = read_case(session.get_one(CaseRow, again.id))
        note_rise(session, context, case, found, quoted=(), now=now + 2 * DAY)
    assert kept(context, again).calmed_at == again.last_spike_at
