"""Case, then task, then outbox: who acts and who delivers at the same moment wait for each other, and never both ways.

Real transactions in two threads on PostgreSQL, where they run side by side. The act is held up right after it has
locked its case, the sender goes on until it waits for that case or has written to the outbox. When a sender wrote to
the outbox first and then recorded it, both stood still here until the database ended one of them.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, current_thread
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from alerts.casefile.acting.steps import act
from alerts.casefile.context import CaseContext
from alerts.casefile.deliveries import note_attempt
from alerts.casefile.tables import EventRow, broken_link
from alerts.notify.channel import Channel, Undeliverable, Unreachable
from alerts.notify.delivery import deliver
from alerts.notify.outbox import Outcome
from alerts.notify.tables import OutboxRow
from alerts.watch import Watcher
from alerts.workflow.cases import ActRequest
from stream.index.sqlite.posts import SqliteIndexReader
from stream.messages import ScoredPost
from stream.state.database import reading
from tests.alerts.notify.posting import Door

MINUTE = timedelta(minutes=1)
PATIENCE = 30  # seconds, at most
CLOSED, REFUSED = Unreachable("closed"), Undeliverable("550 no")

pytestmark = pytest.mark.parametrize("state_url", ["postgres"], indirect=True)


@contextmanager
def interleaved(engine: Engine, sender: str) -> Iterator[Event]:
    """Holds the thread `act` where it has locked a case until the thread `sender` wrote to the outbox or asks for it.

    Gives the moment at which the case is locked.
    """
    locked, there = Event(), Event()

    def before(_: Any, __: Any, statement: str, *___: Any) -> None:
        if current_thread().name == sender and _locks_case(statement):
            there.set()

    def after(_: Any, __: Any, statement: str, *___: Any) -> None:
        name = current_thread().name
        if name.startswith("act") and _locks_case(statement) and not locked.is_set():
            locked.set()
            assert there.wait(PATIENCE)
        if name == sender and locked.is_set() and statement.startswith("UPDATE alert_outbox"):
            there.set()

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    try:
        yield locked
    finally:
        event.remove(engine, "before_cursor_execute", before)
        event.remove(engine, "after_cursor_execute", after)


def _locks_case(statement: str) -> bool:
    return "FROM alert_case" in statement and "FOR UPDATE" in statement


class Waiting:
    """A channel that answers once the case is locked by somebody else."""

    longest = MINUTE

    def __init__(self, name: str, locked: Event, answer: Exception | None) -> None:
        self.name, self._locked, self._answer = name, locked, answer

    def send(self, recipient: str, content: bytes, message_id: str) -> str:
        assert self._locked.wait(30)
        if self._answer is not None:
            raise self._answer
        return "250 taken"


@pytest.fixture
def two_channels(
    context: CaseContext, quiet_weeks: None, rumour: Callable[..., list[ScoredPost]], now: datetime, tmp_path: Path
) -> CaseContext:
    """One case with a notice that the first channel did not take and the second is due to."""
    channels: Any = {"channels": {"door": context.config.in_use["folder"], "second": context.config.in_use["folder"]}}
    there = replace(context, config=replace(context.config, folder=None, **channels))
    rumour(30)
    watcher = Watcher(there, [Door([CLOSED]), Door([CLOSED], "second")], "w")
    assert len(watcher.look(now)) == 1
    assert [one.outcome for one in watcher.deliver(now)] == [Outcome.WAITS]
    return there


@pytest.mark.parametrize(
    ("first", "second", "outcome"),
    [
        (CLOSED, None, Outcome.SECOND_CHANNEL),
        (None, None, Outcome.SENT),
        (REFUSED, REFUSED, Outcome.SENT_WITHOUT_TEXT),
        (CLOSED, REFUSED, Outcome.SENT_WITHOUT_TEXT),
    ],
)
def test_a_person_acts_while_a_notice_is_written_down_and_neither_is_undone(
    two_channels: CaseContext, now: datetime, tmp_path: Path, first: Exception | None, second: Exception | None,
    outcome: Outcome,
) -> None:  # fmt: skip
    engine, late = two_channels.engine, now + 20 * MINUTE

    def answer() -> None:
        reader = SqliteIndexReader(tmp_path / "index.db")
        act(replace(two_channels, reader=reader), 1, ActRequest("acknowledge", "张敏"), late)
        reader.close()

    by = (
        "send second" if first is CLOSED else "send door"
    )  # else the act takes back what the second one has not claimed
    with interleaved(engine, by) as locked:
        channels: list[Channel] = [Waiting("door", locked, first), Waiting("second", locked, second)]
        with ThreadPoolExecutor(1, "send") as sender, ThreadPoolExecutor(1, "act") as actor:
            sending = sender.submit(deliver, engine, channels, two_channels.config.routing, late, note_attempt)
            acting = actor.submit(answer)
            acting.result(60)
            assert outcome in [attempt.outcome for attempt in sending.result(60)]
    with reading(engine) as session:
        events = session.scalars(select(EventRow).order_by(EventRow.number)).all()
        rows = session.scalars(select(OutboxRow)).all()
    assert broken_link(events) is None
    assert {"acknowledge", str(outcome)} <= {one.kind for one in events}
    assert not [row for row in rows if row.state == "claimed"]
