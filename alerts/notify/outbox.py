"""Letters on their way out: rows that survive a crash, claimed by one sender at a time. Only here is backoff known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import Engine, and_, func, or_, select, update
from sqlalchemy.orm import Session
from structlog import get_logger

from alerts.casefile.tables import EventKind, OutboxRow, TaskRow, record
from alerts.notify.channel import Channel, Undeliverable, Unreachable
from alerts.notify.letters import Letter
from stream.process.failpoints import failpoint
from stream.process.holders import ended, holder
from stream.state.database import reading, transaction

BACKOFF = tuple(timedelta(minutes=m) for m in (1, 2, 5, 10, 30))  # then every 30 minutes, without end
GIVE_WAY = 3  # letters in a row that met a closed door: the rest of the round would only wait at it
MARGIN = timedelta(minutes=1)
SENDER = "outbox"

log = get_logger()


class Fate(StrEnum):
    """What became of one attempt."""

    SENT = "sent"
    WAITS = "waits"
    AGAIN_WITHOUT_TEXT = "again_without_text"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One letter, one try, and the far side's words."""

    case_id: int
    step: str
    recipient: str
    message_id: str
    fate: Fate
    answer: str


def queue(
    session: Session, letter: Letter, *, case_id: int, step: str, recipient: str, revision: int, task_id: int | None,
    now: datetime,
) -> bool:  # fmt: skip
    """Puts a letter in line within the caller's transaction; False if this very letter is in line or sent already."""
    same = select(OutboxRow.id).where(OutboxRow.message_id == letter.message_id)
    if session.scalar(same) is not None:
        return False
    session.add(
        OutboxRow(
            case_id=case_id, step=step, recipient=recipient, revision=revision, task_id=task_id,
            message_id=letter.message_id, message=letter.message, plain=letter.plain, queued_at=now, next_at=now,
        )
    )  # fmt: skip
    session.flush()
    return True


def withdraw(session: Session, task_id: int) -> None:
    """Takes back the letters of a task that is done and that nobody is sending just now."""
    waiting = and_(OutboxRow.task_id == task_id, OutboxRow.state == "queued")
    session.execute(update(OutboxRow).where(waiting).values(state="withdrawn"))


def deliver(now: datetime, engine: Engine, channels: Sequence[Channel], *, second_after: timedelta) -> list[Attempt]:
    """Tries every letter that is due, once, through the first channel.

    A letter the first channel has not taken `second_after` it was queued also goes through the second, once; the first
    is tried on. Stops early when door after door is closed: the rest is still due in the next round.
    """
    _free_abandoned(engine)
    attempts: list[Attempt] = []
    closed = 0
    while closed < GIVE_WAY and (row := _claim(engine, now, _longest(channels))):
        attempt = _send(engine, row, channels[0], now)
        attempts.append(attempt)
        closed = closed + 1 if attempt.fate is Fate.WAITS else 0
        if attempt.fate is Fate.WAITS and row.second_at is None and now - row.queued_at >= second_after:
            _send_second(engine, row, channels[1:], now)
    return attempts


def retry(engine: Engine, now: datetime, row_id: int) -> bool:
    """Makes a waiting or failed letter due now; False if it is neither."""
    with transaction(engine) as session:
        row = session.get(OutboxRow, row_id, with_for_update=True)
        if row is None or row.state not in ("queued", "failed"):
            return False
        row.state, row.next_at = "queued", now
        return True


def _longest(channels: Sequence[Channel]) -> timedelta:
    return sum((channel.longest for channel in channels), MARGIN)


def _free_abandoned(engine: Engine) -> None:
    """Puts back in line what a sender of this machine had claimed that has ended: nobody waits for its lease."""
    with reading(engine) as session:
        claimed = list(session.scalars(select(OutboxRow).where(OutboxRow.state == "claimed")))
    dead = [row.token for row in claimed if row.token and ended(row.token.partition(" ")[2])]
    if dead:
        with transaction(engine) as session:
            theirs = update(OutboxRow).where(OutboxRow.state == "claimed", OutboxRow.token.in_(dead))
            session.execute(theirs.values(state="queued", token=None, lease_until=None))


def _claim(engine: Engine, now: datetime, hold: timedelta) -> OutboxRow | None:
    """The letter longest due, ours until `hold` is over. A dead sender's letter is free after that, if not before."""
    free = and_(OutboxRow.state == "queued", OutboxRow.next_at <= now)
    abandoned = and_(OutboxRow.state == "claimed", OutboxRow.lease_until <= now)
    oldest = select(OutboxRow).where(or_(free, abandoned)).order_by(OutboxRow.next_at, OutboxRow.id).limit(1)
    with transaction(engine) as session:
        row = session.scalar(oldest.with_for_update(skip_locked=True))
        if row is not None:
            row.state, row.token, row.lease_until = "claimed", f"{uuid4().hex} {holder()}", now + hold
            row.attempts += 1
        return row


def _send(engine: Engine, row: OutboxRow, channel: Channel, now: datetime) -> Attempt:
    failpoint("outbox.claimed")
    try:
        answer = channel.send(row.recipient, row.plain if row.without_text else row.message)
        failpoint("outbox.accepted")
        fate = Fate.SENT
    except Unreachable as error:
        fate, answer = Fate.WAITS, error.reason
    except Undeliverable as error:
        fate, answer = (Fate.FAILED if row.without_text else Fate.AGAIN_WITHOUT_TEXT), error.detail
    _settle(engine, row, fate, f"{channel.name}: {answer}", now)
    failpoint("outbox.settled")
    log.info("letter", case=row.case_id, step=row.step, message_id=row.message_id, fate=fate, answer=answer)
    return Attempt(row.case_id, row.step, row.recipient, row.message_id, fate, answer)


def _settle(engine: Engine, claimed: OutboxRow, fate: Fate, answer: str, now: datetime) -> None:
    """Writes down an attempt, unless the claim ran out and somebody else took the letter."""
    with transaction(engine) as session:
        ours = select(OutboxRow).where(OutboxRow.id == claimed.id, OutboxRow.token == claimed.token)
        row = session.scalar(ours.with_for_update())
        if row is None:
            return
        row.answer, row.token, row.lease_until = answer, None, None
        if fate is Fate.WAITS:
            row.state, row.next_at = "queued", now + BACKOFF[min(row.attempts, len(BACKOFF)) - 1]
            return
        row.state = {Fate.SENT: "sent", Fate.AGAIN_WITHOUT_TEXT: "queued", Fate.FAILED: "failed"}[fate]
        row.sent_at = now if fate is Fate.SENT else None
        row.without_text = row.without_text or fate is Fate.AGAIN_WITHOUT_TEXT
        _tell(session, row, _KINDS[fate], now)
        if fate is Fate.FAILED:
            _call_next(session, row, now)


_KINDS = {
    Fate.SENT: EventKind.SENT,
    Fate.AGAIN_WITHOUT_TEXT: EventKind.SENT_WITHOUT_TEXT,
    Fate.FAILED: EventKind.NOT_DELIVERED,
}


def _call_next(session: Session, failed: OutboxRow, now: datetime) -> None:
    """Where nobody of a task's desk could be written to, its time is over at once: the next desk is called."""
    session.flush()
    others = select(func.count()).where(OutboxRow.task_id == failed.task_id, OutboxRow.state != "failed")
    if failed.task_id is None or session.scalar(others):
        return
    running = and_(TaskRow.id == failed.task_id, TaskRow.ended_at.is_(None))
    session.execute(update(TaskRow).where(running).values(due_at=now))


def _send_second(engine: Engine, row: OutboxRow, channels: Sequence[Channel], now: datetime) -> None:
    for channel in channels[:1]:
        try:
            answer = channel.send(row.recipient, row.plain if row.without_text else row.message)
        except (Unreachable, Undeliverable) as error:
            log.warning("second_channel", channel=channel.name, message_id=row.message_id, error=str(error))
            continue
        with transaction(engine) as session:
            session.execute(update(OutboxRow).where(OutboxRow.id == row.id).values(second_at=now))
            row.answer = f"{channel.name}: {answer}"
            _tell(session, row, EventKind.SECOND_CHANNEL, now)


def _tell(session: Session, row: OutboxRow, kind: EventKind, now: datetime) -> None:
    detail = {"step": row.step, "message_id": row.message_id, "answer": row.answer or ""}
    record(session, row.case_id, kind, at=now, by=SENDER, note=row.recipient, detail=detail)
