"""Who has a case's page open is known to the others for two minutes."""

from datetime import datetime, timedelta

from sqlalchemy import Engine, select

from alerts.console.tables import ViewingRow
from alerts.console.viewing import EVERY, LOOKING, note_viewing
from stream.state.database import reading

SECOND = timedelta(seconds=1)


def rows(engine: Engine) -> list[tuple[int, str, datetime]]:
    with reading(engine) as session:
        found = session.scalars(select(ViewingRow).order_by(ViewingRow.case_id, ViewingRow.person))
        return [(row.case_id, row.person, row.at) for row in found]


def test_the_others_who_look_are_named_and_oneself_is_not(engine: Engine, now: datetime) -> None:
    assert note_viewing(engine, 1, "zhang_min", now) == ()
    assert note_viewing(engine, 1, "li_qiang", now + SECOND) == ("zhang_min",)
    assert note_viewing(engine, 1, "zhang_min", now + SECOND) == ("li_qiang",)
    assert note_viewing(engine, 2, "zhang_min", now) == ()


def test_who_has_not_been_heard_of_for_two_minutes_is_gone(engine: Engine, now: datetime) -> None:
    note_viewing(engine, 1, "zhang_min", now)
    assert note_viewing(engine, 1, "li_qiang", now + LOOKING) == ()
    assert rows(engine) == [(1, "li_qiang", now + LOOKING), (1, "zhang_min", now)]
    note_viewing(engine, 1, "li_qiang", now + LOOKING + EVERY)
    assert rows(engine) == [(1, "li_qiang", now + LOOKING + EVERY)]


def test_a_look_is_written_down_no_more_often_than_needed(engine: Engine, now: datetime) -> None:
    note_viewing(engine, 1, "zhang_min", now)
    note_viewing(engine, 1, "zhang_min", now + EVERY - SECOND)
    assert rows(engine) == [(1, "zhang_min", now)]
    note_viewing(engine, 1, "zhang_min", now + EVERY)
    assert rows(engine) == [(1, "zhang_min", now + EVERY)]
