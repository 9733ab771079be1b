"""What is kept of answers to letters: each mail once, and whether the mailbox could be read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Engine, ForeignKey, Text, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from stream.state.database import Base, Serial, reading, transaction


class ReplyOutcome(StrEnum):
    """What became of a mail. The first four were answered, the others by nobody."""

    ACTED = "acted"
    ALREADY = "already"  # somebody else was quicker
    REFUSED = "refused"  # not now, or not by this person
    NOT_UNDERSTOOD = "not_understood"
    STRANGER = "stranger"  # answers no letter of ours, or its letter was to somebody who is gone
    NOT_RECIPIENT = "not_recipient"  # answers a letter that was sent to another address
    WRONG_CODE = "wrong_code"
    SPENT = "spent"  # the letter is old, or was answered often
    AUTOMATIC = "automatic"
    TOO_LONG = "too_long"
    UNREADABLE = "unreadable"


ANSWERED = (ReplyOutcome.ACTED, ReplyOutcome.ALREADY, ReplyOutcome.REFUSED, ReplyOutcome.NOT_UNDERSTOOD)


class ReplyRow(Base):
    """A mail that was dealt with: read again, it is nothing new. Of a stranger nothing is kept but that it came.

    `message_id` is the mail's own, or made of its bytes where it has none. `letter` is the Message-ID of ours that it
    answers, None where it answers none.
    """

    __tablename__ = "reply"

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    message_id: Mapped[str] = mapped_column(unique=True)
    at: Mapped[datetime]
    outcome: Mapped[str]
    letter: Mapped[str | None] = mapped_column(index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("alert_case.id"))


class InboxRow(Base):
    """How reading the mailbox goes; one row. `failing_since` and `reason` are None while it can be read."""

    __tablename__ = "inbox_health"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    read_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxStanding:
    """The mailbox as an operator asks about it: when it was last read, since when it cannot be, what came so far."""

    read_at: datetime | None
    failing_since: datetime | None
    reason: str
    counts: Mapping[str, int]


def is_known(session: Session, message_id: str) -> bool:
    """Tells whether the mail was dealt with before."""
    return session.scalar(select(ReplyRow.id).where(ReplyRow.message_id == message_id)) is not None


def uses(session: Session, letter: str) -> int:
    """Counts the mails that answered the letter and were answered."""
    answered = select(func.count()).where(ReplyRow.letter == letter, ReplyRow.outcome.in_(ANSWERED))
    return session.scalar(answered) or 0


def note_read(engine: Engine, now: datetime) -> None:
    """Notes that the mailbox was read to its end."""
    _note(engine, read_at=now, failing_since=None, reason=None)


def note_failing(engine: Engine, now: datetime, reason: str) -> None:
    """Notes that it could not be; since when is kept."""
    with reading(engine) as session:
        row = session.get(InboxRow, 1)
    since = row.failing_since if row is not None and row.failing_since is not None else now
    _note(engine, read_at=row.read_at if row else None, failing_since=since, reason=reason)


def read_standing(engine: Engine) -> InboxStanding:
    """Reads how the mailbox stands."""
    counted = select(ReplyRow.outcome, func.count()).group_by(ReplyRow.outcome).order_by(ReplyRow.outcome)
    with reading(engine) as session:
        row = session.get(InboxRow, 1)
        counts = {str(outcome): int(count) for outcome, count in session.execute(counted)}
    return InboxStanding(
        read_at=row.read_at if row else None, failing_since=row.failing_since if row else None,
        reason=(row.reason if row else None) or "", counts=counts,
    )  # fmt: skip


def forget_strangers(engine: Engine, before: datetime) -> None:
    """Removes what was kept of mails that were answered by nobody and came before then: anybody can send some."""
    old = delete(ReplyRow).where(ReplyRow.at < before, ReplyRow.outcome.not_in(ANSWERED))
    with transaction(engine) as session:
        session.execute(old)


def _note(engine: Engine, **values: datetime | str | None) -> None:
    with transaction(engine) as session:
        session.merge(InboxRow(id=1, **values))
