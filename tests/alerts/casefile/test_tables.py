"""How a case, its events and its tasks go into the tables and come out again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from alerts.casefile.tables import (
    AnnouncementRow,
    CaseRow,
    EventKind,
    EventRow,
    broken_link,
    brought_by,
    insert_case,
    insert_task,
    next_turn,
    read_case,
    read_task,
    record,
    update_case,
)
from alerts.words import VERDICT_NAMES
from alerts.workflow.cases import Case
from alerts.workflow.ladder import Task
from alerts.workflow.parts import Verdict
from stream.codec import CASE_EVENTS
from stream.errors import Fenced
from stream.messages import CaseEvent
from stream.state.database import reading, transaction

HOUR = timedelta(hours=1)


def kept(engine: Engine, case: Case) -> Case:
    with transaction(engine) as session:
        return read_case(insert_case(session, case, "{}"))


def events(session: Session) -> Sequence[EventRow]:
    return session.scalars(select(EventRow).order_by(EventRow.number)).all()


def announced(engine: Engine) -> list[CaseEvent]:
    with reading(engine) as session:
        rows = session.scalars(select(AnnouncementRow.message).order_by(AnnouncementRow.event_id))
        return [CASE_EVENTS.decode(message) for message in rows]


@pytest.mark.parametrize("verdict", [None, *Verdict])
def test_a_case_comes_back_as_it_went_in_with_its_verdict_by_key(
    engine: Engine, new_case: Case, verdict: Verdict | None
) -> None:
    case = kept(engine, replace(new_case, verdict=verdict, acknowledged_by="张敏"))
    assert case == replace(new_case, id=case.id, verdict=verdict, acknowledged_by="张敏")
    with reading(engine) as session:
        assert session.get_one(CaseRow, case.id).verdict == (str(verdict) if verdict else None)


def test_a_case_that_ends_makes_room_for_the_next_of_its_topic(engine: Engine, new_case: Case, now: datetime) -> None:
    case = kept(engine, new_case)
    with transaction(engine) as session:
        update_case(session, case, replace(case, stage="false_alarm", ended_at=now))
        assert session.get_one(CaseRow, case.id, populate_existing=True).open_key is None
    other = kept(engine, new_case)
    assert (case.id, other.id) == (1, 2)


def test_who_comes_second_is_fenced(engine: Engine, new_case: Case) -> None:
    case = kept(engine, new_case)
    with transaction(engine) as session:
        update_case(session, case, replace(case, peak=50.0), "found")
    with pytest.raises(Fenced, match="case 1 was changed"), transaction(engine) as session:
        update_case(session, case, replace(case, peak=60.0))
    with reading(engine) as session:
        row = session.get_one(CaseRow, case.id)
        assert (row.peak, row.found, row.revision) == (50.0, "found", 1)


def test_turns_of_a_step_are_counted_by_case_and_step(engine: Engine, new_case: Case, now: datetime) -> None:
    case = kept(engine, new_case)
    task = Task(
        case_id=case.id, step="verify", turn=0, level=0, desk="dispatch", began_at=now, due_at=now + HOUR,
        warn_at=now + HOUR / 2,
    )  # fmt: skip
    with transaction(engine) as session:
        assert next_turn(session, case.id, "verify") == 0
        assert read_task(insert_task(session, task)) == task
        insert_task(session, replace(task, turn=4))
        assert next_turn(session, case.id, "verify") == 5
        assert next_turn(session, case.id, "judge") == 0


@pytest.mark.parametrize("column", ["note", "by", "kind", "detail"])
def test_a_history_shows_what_was_changed(engine: Engine, new_case: Case, now: datetime, column: str) -> None:
    case = kept(engine, new_case)
    with transaction(engine) as session:
        for number in range(4):
            record(session, case.id, EventKind.ROSE, at=now + number * HOUR, by="watch", detail={"n": number})
        assert broken_link(events(session)) is None
        assert broken_link([]) is None
        session.execute(update(EventRow).where(EventRow.number == 3).values({column: "x"}))
    with reading(engine) as session:
        assert broken_link(events(session)) == 3


def test_a_history_shows_what_was_taken_out_or_put_in(engine: Engine, new_case: Case, now: datetime) -> None:
    case = kept(engine, new_case)
    with transaction(engine) as session:
        for number in range(3):
            record(session, case.id, EventKind.ROSE, at=now + number * HOUR, by="watch")
        one, two, three = events(session)
        assert broken_link([one, three]) == 2
        assert broken_link([two, three]) == 1
        assert broken_link([one, two, two, three]) == 3


def test_who_brought_a_case_to_its_stage_is_the_first_of_those_who_acted_there(
    engine: Engine, new_case: Case, now: datetime
) -> None:
    case = kept(engine, new_case)

    def did(kind: str, by: str, **detail: object) -> None:
        with transaction(engine) as session:
            record(session, case.id, kind, at=now, by=by, detail=detail)

    def who(stage: str) -> str | None:
        with reading(engine) as session:
            return brought_by(session, case.id, stage)

    assert who("screening") is None
    did("opened", "watch")
    did("verify", "陈伟", stage="responding")
    did("guide", "李强", stage="tracking")
    did("escalated", "watch", step="close")
    did("track", "张敏", stage="tracking")
    assert who("tracking") == "李强"
    assert who("responding") is None, "the case is not there any more"
    did("verify", "孙丽", stage="responding")
    assert who("responding") == "孙丽"


def test_the_wire_keeps_the_words_of_a_verdict(engine: Engine, new_case: Case, now: datetime) -> None:
    """Kibana shows the field as it comes, and past records have words."""
    for number, verdict in enumerate((None, *Verdict)):
        case = kept(engine, replace(new_case, topic=f"topic{number}", verdict=verdict))
        with transaction(engine) as session:
            record(session, case.id, "verify", at=now, by="陈伟", detail={"verdict": str(verdict)})
    assert [one.verdict for one in announced(engine)] == [None, *VERDICT_NAMES.values()]


def test_the_first_word_of_a_case_is_told_with_every_later_event(engine: Engine, new_case: Case, now: datetime) -> None:
    case = kept(engine, new_case)
    for hour, kind in enumerate(("opened", "judge", "clarify", "track", "respond")):
        with transaction(engine) as session:
            record(session, case.id, kind, at=now + hour * HOUR, by="x")
    told = announced(engine)
    assert [one.first_word_at for one in told] == [None, None, *[now + 2 * HOUR] * 3]
    assert [one.by for one in told] == ["program", *["person"] * 4]
    assert [one.number for one in told] == [1, 2, 3, 4, 5]
