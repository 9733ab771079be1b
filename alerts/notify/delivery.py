"""Rounds of sending: rows that survive a crash, claimed by one sender at a time. Only here is backoff known."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import ColumnElement, Engine, and_, exists, or_, select, update
from sqlalchemy.orm import Session, aliased
from structlog import get_logger

from alerts.notify.channel import Channel, Undeliverable, Unreachable
from alerts.notify.outbox import Attempt, Outcome, attempted, reroute
from alerts.notify.routing import Routing
from alerts.notify.tables import OutboxRow, RowState
from stream.process.failpoints import failpoint
from stream.process.holders import ended, holder
from stream.state.database import reading, transaction

BACKOFF = tuple(timedelta(minutes=m) for m in (1, 2, 5, 10, 30))  # then every 30 minutes, without end
GIVE_WAY = 3  # rows in a row that met a closed door: the rest of the round would only wait at it
MARGIN = timedelta(minutes=1)

Settled = Callable[[Session, Attempt], None]

log = get_logger()


class _ClaimLost(Exception):
    """Raised to undo what was written about a row that somebody else took meanwhile."""


def deliver(
    engine: Engine, channels: Sequence[Channel], routing: Routing, now: datetime, settled: Settled
) -> list[Attempt]:
    """Tries every row that is due, once, by its channel.

    A further channel is due when its wait is over and those before it were tried in vain; they are tried on. What one
    of them takes is withdrawn from those behind it. A channel at whose door row after row is turned away is left alone
    until the next round. `settled` is called, for every outcome but WAITS, within the transaction that writes it down
    and before any row is locked: it may lock the case and its task.
    """
    opened = {channel.name: channel for channel in channels}
    _free_abandoned(engine, now)
    reroute(engine, routing, opened)
    attempts: list[Attempt] = []
    closed: Counter[str] = Counter()
    while row := _claim(engine, now, {name: one for name, one in opened.items() if closed[name] < GIVE_WAY}):
        channel = opened[row.channel or ""]
        attempt = _send(engine, row, channel, now, settled)
        attempts.append(attempt)
        closed[channel.name] = closed[channel.name] + 1 if attempt.outcome is Outcome.WAITS else 0
    return attempts


def _free_abandoned(engine: Engine, now: datetime) -> None:
    """Puts back in line what a sender had claimed whose time is up, or that ended on this machine."""
    claimed = OutboxRow.state == RowState.CLAIMED
    with reading(engine) as session:
        rows = list(session.scalars(select(OutboxRow).where(claimed).order_by(OutboxRow.id)))
    for row in rows:
        if _is_abandoned(row, now):
            with transaction(engine) as session:  # each by itself: see outbox.py on locks
                theirs = update(OutboxRow).where(OutboxRow.id == row.id, claimed, OutboxRow.token == row.token)
                session.execute(theirs.values(state=RowState.QUEUED, token=None, lease_until=None))


def _is_abandoned(row: OutboxRow, now: datetime) -> bool:
    expired = row.lease_until is not None and row.lease_until <= now
    return expired or (row.token is not None and ended(row.token.partition(" ")[2]))


def _claim(engine: Engine, now: datetime, channels: Mapping[str, Channel]) -> OutboxRow | None:
    """Claims the row longest due, for as long as its channel may take. What a channel before took needs nobody now."""
    with transaction(engine) as session:
        due = select(OutboxRow).where(_is_due(now, channels)).order_by(OutboxRow.next_at, OutboxRow.place, OutboxRow.id)
        while row := session.scalar(due.limit(1).with_for_update(skip_locked=True)):
            if not _earlier_is(session, row, RowState.SENT):
                row.state, row.token = RowState.CLAIMED, f"{uuid4().hex} {holder()}"
                row.lease_until = now + channels[row.channel or ""].longest + MARGIN
                row.attempts += 1
                return row
            row.state = RowState.WITHDRAWN
            session.flush()
    return None


def _is_due(now: datetime, channels: Collection[str]) -> ColumnElement[bool]:
    before = aliased(OutboxRow)
    untried = or_(before.state == RowState.CLAIMED, and_(before.state == RowState.QUEUED, before.attempts == 0))
    earlier = and_(before.message_id == OutboxRow.message_id, before.place < OutboxRow.place)
    queued = and_(OutboxRow.state == RowState.QUEUED, OutboxRow.next_at <= now, OutboxRow.channel.in_(channels))
    return and_(queued, ~exists().where(earlier, untried))


def _earlier_is(session: Session, row: OutboxRow, state: RowState) -> bool:
    earlier = and_(OutboxRow.message_id == row.message_id, OutboxRow.place < row.place, OutboxRow.state == state)
    return session.scalar(select(OutboxRow.id).where(earlier).limit(1)) is not None


def _send(engine: Engine, row: OutboxRow, channel: Channel, now: datetime, settled: Settled) -> Attempt:
    failpoint("outbox.claimed")
    try:
        answer = channel.send(row.recipient, row.plain if row.without_text else row.message, row.message_id)
        failpoint("outbox.accepted")
        outcome = Outcome.SENT if row.place == 0 else Outcome.SECOND_CHANNEL
    except Unreachable as error:
        outcome, answer = Outcome.WAITS, error.reason
    except Undeliverable as error:
        outcome = Outcome.NOT_DELIVERED if row.without_text else Outcome.SENT_WITHOUT_TEXT
        answer = error.detail
    attempt = attempted(row, outcome, f"{channel.name}: {answer}", now)
    _settle(engine, row, attempt, settled)
    failpoint("outbox.settled")
    log.info(
        "letter", case=row.case_id, step=row.step, message_id=row.message_id, channel=channel.name, outcome=outcome,
        answer=answer,
    )  # fmt: skip
    return attempt


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
            row.state = RowState.QUEUED
            row.next_at = attempt.at + BACKOFF[min(row.attempts, len(BACKOFF)) - 1]
        case Outcome.SENT_WITHOUT_TEXT:
            row.state, row.without_text = RowState.QUEUED, True
        case Outcome.SENT | Outcome.SECOND_CHANNEL:
            row.state, row.sent_at = RowState.SENT, attempt.at
            session.execute(update(OutboxRow).where(behind).values(state=RowState.WITHDRAWN))
        case Outcome.NOT_DELIVERED:
            row.state = RowState.FAILED
            soon = and_(behind, OutboxRow.next_at > attempt.at)
            session.execute(update(OutboxRow).where(soon).values(next_at=attempt.at))
