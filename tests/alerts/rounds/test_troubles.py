"""From a dead source to a case, to a letter that it is well again: over rounds, restarts and other watchers."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from alerts.casefile.acting.steps import act
from alerts.casefile.context import CaseContext
from alerts.casefile.tables import CaseRow, EventRow
from alerts.incidents.debounce import Move
from alerts.incidents.facts import QuarantineFact
from alerts.incidents.tables import TroubleRow
from alerts.notify.contents.bulletin import Bulletin
from alerts.notify.contents.letter import Letter
from alerts.notify.tables import OutboxRow
from alerts.rounds.stock import Stock
from alerts.rounds.troubles import TroubleRound, read_troubles
from alerts.watch import Watcher
from alerts.workflow.cases import ActRequest
from stream.state.database import reading, transaction
from stream.state.source_health import SourceHealth
from tests.alerts.rounds.conftest import Machine

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
KEY = "blocked:bbs"

Queued = Callable[[], list[tuple[Any, Letter]]]


class Minding(TroubleRound):
    """Rounds on a machine whose letters go at once."""

    def __call__(self, now: datetime) -> dict[str, Move]:
        done = super().__call__(now)
        with transaction(self._context.engine) as session:
            session.execute(update(OutboxRow).values(state="sent"))
        return done


@pytest.fixture
def minding(context: CaseContext, stock: Stock) -> TroubleRound:
    return Minding(context, "w", stock)


def source(context: CaseContext, **values: object) -> None:
    with transaction(context.engine) as session:
        session.execute(update(SourceHealth).values(**values))


def cases(context: CaseContext) -> list[tuple[str, str]]:
    with reading(context.engine) as session:
        return [(row.topic, row.stage) for row in session.scalars(select(CaseRow).order_by(CaseRow.id))]


def rounds(minding: TroubleRound, first: datetime, last: datetime, every: timedelta = 5 * MINUTE) -> None:
    while first <= last:
        minding(first)
        first += every


def test_a_machine_on_which_all_is_well_has_no_incident(
    minding: TroubleRound, context: CaseContext, now: datetime
) -> None:
    assert minding(now) == {}
    assert cases(context) == []


def test_a_blocked_source_is_a_case_once_it_holds_and_is_over_by_itself(
    minding: TroubleRound, context: CaseContext, now: datetime, queued: Queued
) -> None:
    source(context, state="blocked", reason="robots.txt")
    assert minding(now) == {KEY: Move.NOTE}
    assert minding(now + 29 * MINUTE) == {KEY: Move.KEEP}
    assert cases(context) == []
    assert minding(now + 30 * MINUTE) == {KEY: Move.OPEN}
    assert minding(now + 31 * MINUTE) == {KEY: Move.KEEP}
    assert cases(context) == [("incident:blocked:bbs", "trouble")]
    with reading(context.engine) as session:
        assert [(row.key, row.case_id) for row in read_troubles(session)] == [(KEY, 1)]
    source(context, state="ok", reason="")
    assert minding(now + 40 * MINUTE) == {KEY: Move.FADE}
    assert minding(now + 50 * MINUTE) == {KEY: Move.RECOVER}
    assert cases(context) == [("incident:blocked:bbs", "mended")]
    assert [type(letter).__name__ for _, letter in queued()] == ["Notice", "Bulletin"]
    with reading(context.engine) as session:
        assert read_troubles(session) == []
    rounds(minding, now + HOUR, now + 25 * HOUR, HOUR)
    with reading(context.engine) as session:
        assert session.scalar(select(TroubleRow)) is None


def test_what_flaps_is_told_of_once_a_day(
    minding: TroubleRound, context: CaseContext, now: datetime, queued: Queued
) -> None:
    for hour in range(0, 20, 2):
        source(context, state="blocked")
        rounds(minding, now + hour * HOUR, now + (hour + 1) * HOUR)
        source(context, state="ok")
        rounds(minding, now + (hour + 1) * HOUR + MINUTE, now + (hour + 2) * HOUR - MINUTE)
    assert cases(context) == [("incident:blocked:bbs", "mended")]
    assert len(queued()) == 2


def test_what_people_closed_while_it_lasts_is_told_again_the_next_day(
    minding: TroubleRound, context: CaseContext, now: datetime
) -> None:
    source(context, state="blocked")
    rounds(minding, now, now + 30 * MINUTE)
    act(context, 1, ActRequest("no_fault", "张敏", "网站改版，不再采集"), now + HOUR)
    rounds(minding, now + HOUR, now + 24 * HOUR, HOUR)
    assert len(cases(context)) == 1
    minding(now + 24 * HOUR + 30 * MINUTE)
    assert cases(context)[1:] == [("incident:blocked:bbs", "trouble")]


def test_a_watcher_that_starts_again_goes_on_from_rows(
    minding: TroubleRound, context: CaseContext, stock: Stock, now: datetime
) -> None:
    source(context, state="blocked")
    minding(now)
    again = TroubleRound(context, "w", stock)
    assert again(now + 30 * MINUTE) == {KEY: Move.OPEN}
    assert TroubleRound(context, "w", stock)(now + 31 * MINUTE) == {KEY: Move.KEEP}
    assert len(cases(context)) == 1


def test_beside_another_watcher_nothing_is_done(minding: TroubleRound, context: CaseContext, now: datetime) -> None:
    source(context, state="blocked")
    Watcher(context, [], "other").escalate(now)
    assert minding(now) == {}
    with reading(context.engine) as session:
        assert session.scalar(select(TroubleRow)) is None


def test_posts_that_wait_and_a_full_quarantine_are_two_incidents(
    minding: TroubleRound, context: CaseContext, machine: Machine, now: datetime
) -> None:
    machine.is_behind, machine.complete_until = True, now - HOUR
    machine.quarantine = QuarantineFact(5000, 0)
    rounds(minding, now, now + 10 * MINUTE)
    assert {topic for topic, _ in cases(context)} == {"incident:behind:all", "incident:quarantine:all"}


def test_one_trouble_that_cannot_be_told_stops_no_other(
    minding: TroubleRound, context: CaseContext, machine: Machine, now: datetime
) -> None:
    source(context, state="blocked")
    machine.quarantine = QuarantineFact(5000, 0)
    minding(now)
    with transaction(context.engine) as session:
        session.execute(update(TroubleRow).where(TroubleRow.key == KEY).values(first_seen_at=now - HOUR))
        bad = session.get_one(TroubleRow, "quarantine:all")
        bad.first_seen_at = now - HOUR
    context.config.people.pop("zhang_min")  # whom letters would go to
    try:
        assert minding(now + MINUTE) == {KEY: Move.OPEN, "quarantine:all": Move.OPEN}
    finally:
        assert cases(context) == []  # each one's transaction is undone as a whole, and the next round tries again


def test_the_history_of_an_incident_says_what_was_wrong(
    minding: TroubleRound, context: CaseContext, now: datetime, queued: Queued
) -> None:
    source(context, state="blocked", reason="robots.txt")
    rounds(minding, now, now + 30 * MINUTE)
    with reading(context.engine) as session:
        event = session.scalars(select(EventRow)).one()
    assert (event.kind, event.note) == ("opened", queued()[0][1].headline)
    assert "robots.txt" in event.note
    assert not any(isinstance(letter, Bulletin) for _, letter in queued())
