"""Rounds of sending: rows that survive a crash, claimed by one sender at a time. Only here is backoff known.

Every channel has a few threads of its own: one that hangs holds up neither the other letters nor the other channels.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from threading import Lock, Thread
from uuid import uuid4

from sqlalchemy import ColumnElement, Engine, Update, and_, case, exists, or_, select, update
from sqlalchemy.orm import Session, aliased
from structlog import get_logger

from alerts.notify.attempts import try_once
from alerts.notify.channel import AnswerLost, Channel, Undeliverable, Unreachable
from alerts.notify.holding.decision import OpenCase
from alerts.notify.holding.sorting import sort_mail
from alerts.notify.outbox import Attempt, Outcome, attempted, reroute
from alerts.notify.routing import Routing
from alerts.notify.tables import OutboxRow, RowState
from stream.errors import Retryable
from stream.process.clock import Clock
from stream.process.failpoints import failpoint
from stream.process.holders import ended, holder
from stream.state.database import reading, transaction

BACKOFF = tuple(timedelta(minutes=m) for m in (1, 2, 5, 10, 30))  # then every 30 minutes, without end
AT_ONCE = 3  # letters on their way by one channel; and as many turned away in a row end its round: the door is closed
MARGIN = timedelta(minutes=1)
GRACE = timedelta(minutes=1)  # a first try as young as that is waited for before the next channel is used
LOST = 2  # answers in a row that never came: after those it is likely kept, and copies are given sparingly
LOST_WAITS = tuple(timedelta(hours=h) for h in (6, 12, 24))  # then every 24 hours; set by us

Settled = Callable[[Session, Attempt], None]

log = get_logger()


class _ClaimLost(Exception):
    """Raised to undo what was written about a row that somebody else took meanwhile."""


def deliver(
    engine: Engine, channels: Sequence[Channel], routing: Routing, now: datetime, settled: Settled
) -> list[Attempt]:
    """Does one whole round at the moment `now`, and waits for every try of it: see `Sender`."""
    return Sender(engine, channels, routing, settled).round(now)


class Sender:
    """Sends what is due, a few letters at once by each channel.

    A further channel is due when its wait is over and those before it were tried in vain, or hang; they are tried on.
    What one of them takes is withdrawn from those behind it. A channel at whose door row after row is turned away is
    left alone until the next round. `settled` is called, for every outcome but WAITS, within the transaction that
    writes it down and before any row is locked: it may lock the case and its task.

    With a `clock` a try is dated when it ended, without one by its round. With `patience`, in seconds, a round ends
    then and what hangs goes on beside the next ones; without, it waits for all.
    """

    def __init__(
        self, engine: Engine, channels: Sequence[Channel], routing: Routing, settled: Settled, *,
        clock: Clock | None = None, patience: float | None = None,
    ) -> None:  # fmt: skip
        self._engine, self._routing, self._settled = engine, routing, settled
        self._channels = {channel.name: channel for channel in channels}
        self._clock, self._patience = clock, patience
        self._turn = Lock()
        self._busy: Counter[str] = Counter()  # letters on their way by each channel
        self._closed: Counter[str] = Counter()  # turned away in a row in this round
        self._threads: list[Thread] = []
        self._done: list[Attempt] = []
        self._failed: list[BaseException] = []
        self._now: datetime | None = None

    def round(self, now: datetime, open_cases: Sequence[OpenCase] = ()) -> list[Attempt]:
        """Tries every row that is due, once, by its channel; returns what was tried to its end.

        Raises what failed in a thread, which may be one of an earlier round.
        """
        self._now = now
        _free_abandoned(self._engine, now)
        reroute(self._engine, self._routing, self._channels)
        sort_mail(self._engine, self._routing, now, open_cases)
        with self._turn:
            self._closed.clear()
        ends = None if self._patience is None else time.monotonic() + self._patience
        attempts: list[Attempt] = []
        while True:  # what one channel could not take may be due by the next one now
            for channel in self._channels.values():
                self._start(channel)
            self._join(ends)
            done = self._take()
            attempts += done
            if not done or (ends is not None and time.monotonic() >= ends):
                return attempts

    def finish(self, seconds: float) -> None:
        """Waits so long at most for what is on its way; what is left is claimed, and sent again by the next sender."""
        self._join(time.monotonic() + seconds)

    def _moment(self) -> datetime:
        assert self._now is not None
        return self._clock.now() if self._clock else self._now

    def _start(self, channel: Channel) -> None:
        """Claims rows for as long as the channel may have more on their way, each with a thread that goes on by it."""
        while True:
            with self._turn:
                if self._busy[channel.name] + self._closed[channel.name] >= AT_ONCE:
                    return
                self._busy[channel.name] += 1
            try:
                row = _claim(self._engine, self._moment(), channel)
            except BaseException:
                self._leave(channel)
                raise
            if row is None:
                self._leave(channel)
                return
            thread = Thread(target=self._work, args=(channel, row), name=f"send {channel.name}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _work(self, channel: Channel, row: OutboxRow | None) -> None:
        try:
            while row is not None:
                attempt = _sent_alone(self._engine, row, channel, self._moment, self._settled)
                row = _claim(self._engine, self._moment(), channel) if self._goes_on(channel, attempt) else None
        except BaseException as error:  # the round's to raise: a thread of its own would die unseen
            with self._turn:
                self._failed.append(error)
        finally:
            self._leave(channel)

    def _goes_on(self, channel: Channel, attempt: Attempt | None) -> bool:
        with self._turn:
            self._done += [attempt] if attempt else []
            turned_away = attempt is not None and attempt.outcome is Outcome.WAITS
            self._closed[channel.name] = self._closed[channel.name] + 1 if turned_away else 0
            return self._busy[channel.name] + self._closed[channel.name] <= AT_ONCE

    def _leave(self, channel: Channel) -> None:
        with self._turn:
            self._busy[channel.name] -= 1

    def _join(self, ends: float | None) -> None:
        for thread in self._threads:
            thread.join(None if ends is None else max(0.0, ends - time.monotonic()))
        self._threads = [thread for thread in self._threads if thread.is_alive()]

    def _take(self) -> list[Attempt]:
        with self._turn:
            done, self._done = self._done, []
            failed, self._failed = self._failed, []
        if failed:
            raise failed[0]
        return done


_BACK = case((OutboxRow.instead.is_(None), RowState.QUEUED), else_=RowState.WITHDRAWN)


def _free_abandoned(engine: Engine, now: datetime) -> None:
    """Puts back in line what a sender had claimed whose time is up, or that ended on this machine."""
    claimed = OutboxRow.state == RowState.CLAIMED
    with reading(engine) as session:
        rows = list(session.scalars(select(OutboxRow).where(claimed).order_by(OutboxRow.id)))
    for row in rows:
        if _is_abandoned(row, now):
            with transaction(engine) as session:  # each by itself: see outbox.py on locks
                theirs = update(OutboxRow).where(OutboxRow.id == row.id, claimed, OutboxRow.token == row.token)
                session.execute(theirs.values(state=_BACK, token=None, lease_until=None))


def _is_abandoned(row: OutboxRow, now: datetime) -> bool:
    expired = row.lease_until is not None and row.lease_until <= now
    return expired or (row.token is not None and ended(row.token.partition(" ")[2]))


def _claim(engine: Engine, now: datetime, channel: Channel) -> OutboxRow | None:
    """Claims the row longest due, for as long as its channel may take. What a channel before took needs nobody now."""
    with transaction(engine) as session:
        due = select(OutboxRow).where(_is_due(now, channel.name))
        first = due.order_by(OutboxRow.next_at, OutboxRow.place, OutboxRow.id).limit(1)
        while row := session.scalar(first.with_for_update(skip_locked=True)):
            if not _earlier_is(session, row, RowState.SENT):
                row.state, row.token = RowState.CLAIMED, f"{uuid4().hex} {holder()}"
                row.lease_until, row.tried_at = now + channel.longest + MARGIN, now
                row.attempts += 1
                return row
            row.state = RowState.WITHDRAWN
            session.flush()
    return None


def _is_due(now: datetime, channel: str) -> ColumnElement[bool]:
    before, hanging = aliased(OutboxRow), aliased(OutboxRow)
    held_up = and_(
        hanging.channel == before.channel, hanging.state == RowState.CLAIMED, hanging.tried_at <= now - GRACE
    )
    waits_its_turn = and_(before.state == RowState.QUEUED, before.attempts == 0, ~exists().where(held_up))
    young = or_(before.tried_at.is_(None), before.tried_at > now - GRACE)
    is_tried_first = and_(before.state == RowState.CLAIMED, before.attempts <= 1, young)
    earlier = and_(before.message_id == OutboxRow.message_id, before.place < OutboxRow.place)
    may_go = and_(OutboxRow.state == RowState.QUEUED, OutboxRow.cleared.is_(True), OutboxRow.channel == channel)
    return and_(may_go, OutboxRow.next_at <= now, ~exists().where(earlier, or_(waits_its_turn, is_tried_first)))


def _earlier_is(session: Session, row: OutboxRow, state: RowState) -> bool:
    earlier = and_(OutboxRow.message_id == row.message_id, OutboxRow.place < row.place, OutboxRow.state == state)
    return session.scalar(select(OutboxRow.id).where(earlier).limit(1)) is not None


def _send(
    engine: Engine, row: OutboxRow, channel: Channel, moment: Callable[[], datetime], settled: Settled
) -> Attempt:
    lost = False
    failpoint("outbox.claimed")
    try:
        content = row.plain if row.without_text else row.message
        answer = try_once(channel, row.recipient, content, row.message_id)
        failpoint("outbox.accepted")
        outcome = Outcome.SENT if row.place == 0 else Outcome.SECOND_CHANNEL
    except Unreachable as error:
        outcome, answer, lost = Outcome.WAITS, error.reason, isinstance(error, AnswerLost)
    except Undeliverable as error:
        outcome = Outcome.NOT_DELIVERED if row.without_text else Outcome.SENT_WITHOUT_TEXT
        answer = error.detail
    tried = attempted(row, outcome, f"{channel.name}: {answer}", moment(), lost=lost)
    _settle(engine, row, tried, settled)
    failpoint("outbox.settled")
    log.info(
        "letter", case=row.case_id, step=row.step, message_id=row.message_id, channel=channel.name, outcome=outcome,
        answer=answer,
    )  # fmt: skip
    return tried


def _sent_alone(
    engine: Engine, row: OutboxRow, channel: Channel, moment: Callable[[], datetime], settled: Settled
) -> Attempt | None:
    """Sends one letter, whose failure is its own: it stays claimed until its time is up, and then is tried again."""
    try:
        return _send(engine, row, channel, moment, settled)
    except (Retryable, MemoryError):
        raise
    except Exception:
        log.exception("letter_failed", case=row.case_id, message_id=row.message_id, channel=channel.name)
        return None


def _settle(engine: Engine, claimed: OutboxRow, attempt: Attempt, settled: Settled) -> None:
    """Writes down an attempt, unless the claim ran out and somebody else took the row."""
    try:
        with transaction(engine) as session:
            if attempt.outcome is not Outcome.WAITS:
                settled(session, attempt)
            ours = select(OutboxRow).where(OutboxRow.id == claimed.id, OutboxRow.token == claimed.token)
            row = session.scalar(ours.with_for_update())
            if row is None:
                raise _ClaimLost
            row.answer, row.token, row.lease_until = attempt.answer, None, None
            _write_down(session, row, attempt)
    except _ClaimLost:
        log.warning("claim_lost", case=claimed.case_id, message_id=claimed.message_id, outcome=attempt.outcome)


def _write_down(session: Session, row: OutboxRow, attempt: Attempt) -> None:
    behind = and_(
        OutboxRow.message_id == row.message_id, OutboxRow.place > row.place, OutboxRow.state == RowState.QUEUED
    )
    match attempt.outcome:
        case Outcome.WAITS:
            row.state = RowState.QUEUED if row.instead is None else RowState.WITHDRAWN
            row.lost = row.lost + 1 if attempt.lost else 0
            row.next_at = attempt.at + _wait(row)
            if row.lost >= LOST:
                session.execute(_at_once(behind, attempt.at))
        case Outcome.SENT_WITHOUT_TEXT:
            row.state = RowState.QUEUED if row.instead is None else RowState.WITHDRAWN
            row.without_text = True
        case Outcome.SENT | Outcome.SECOND_CHANNEL:
            row.state, row.sent_at = RowState.SENT, attempt.at
            session.execute(update(OutboxRow).where(behind).values(state=RowState.WITHDRAWN))
        case Outcome.NOT_DELIVERED:
            row.state = RowState.FAILED
            session.execute(_at_once(behind, attempt.at))


def _wait(row: OutboxRow) -> timedelta:
    """Tells how long a row waits after the tries it has behind it."""
    if row.lost >= LOST:
        return LOST_WAITS[min(row.lost - LOST, len(LOST_WAITS) - 1)]
    return BACKOFF[min(row.attempts, len(BACKOFF)) - 1]


def _at_once(behind: ColumnElement[bool], at: datetime) -> Update:
    """Makes the next channels due: nothing is to be hoped for from the one before them."""
    return update(OutboxRow).where(behind, OutboxRow.next_at > at).values(next_at=at)
