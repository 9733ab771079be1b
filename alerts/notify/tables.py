"""The outbox's table: a row for each person and channel that a notice has to go by."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from stream.state.database import Base, Serial


class RowState(StrEnum):
    """Where a row is on its way out."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"  # refused for good
    WITHDRAWN = "withdrawn"  # its task is done, a channel before it was enough, or something went in its place


PENDING = (RowState.QUEUED, RowState.CLAIMED)
DIGEST = "<digest."  # what the Message-ID of a digest begins with
OVER = "over"  # in OutboxRow.instead: nothing came in its place, what it asked for is done or asked of others


class OutboxRow(Base):
    """A notice for one person by one channel, with retries, a claim and an answer of its own.

    `message` is the notice in the form of the channel's medium, frozen when it was queued: a copy sent after a lost
    answer is the same bytes under the same Message-ID, whatever became of templates and configuration since, and what
    people were sent can be shown afterwards. `plain` is the same without post text, for a server that objects.
    `notice` is what both say, as JSON, for a channel of another medium that has to take the row over.
    `place` counts a person's channels, 0 the main one. `channel` is None until there is one to go by; `person` and
    `notice` are None where an earlier version queued the row.

    `topic`, `owner`, `desk` (keys), `colour` and `occasion` are what is decided by whether and when it may go; None for
    what has none of it. `cleared` says that it may go by now. Until then it is unsorted, or held until `held_until`
    for the reason `held_for`. `lost` counts tries whose answer never came, `tried_at` is when the last one began.
    `instead` is the Message-ID of what went in its place, or OVER: never to be tried again, also if it is just now.
    """

    __tablename__ = "alert_outbox"
    __table_args__ = (
        UniqueConstraint("message_id", "channel"),
        CheckConstraint("state in ('queued', 'claimed', 'sent', 'failed', 'withdrawn')"),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("alert_case.id"), index=True)  # None: about no case
    task_id: Mapped[int | None] = mapped_column(ForeignKey("alert_task.id"), index=True)
    step: Mapped[str]
    revision: Mapped[int]
    person: Mapped[str | None]
    channel: Mapped[str | None]
    medium: Mapped[str]
    place: Mapped[int]
    recipient: Mapped[str]
    message_id: Mapped[str]
    notice: Mapped[str | None] = mapped_column(Text)
    message: Mapped[bytes] = mapped_column(LargeBinary)
    plain: Mapped[bytes] = mapped_column(LargeBinary)
    without_text: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(default=RowState.QUEUED, index=True)
    token: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(index=True)
    queued_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(Text)
    topic: Mapped[str | None]
    owner: Mapped[str | None]
    desk: Mapped[str | None]
    colour: Mapped[str | None]
    occasion: Mapped[str | None]
    cleared: Mapped[bool] = mapped_column(default=False)
    held_for: Mapped[str | None]
    held_until: Mapped[datetime | None]
    lost: Mapped[int] = mapped_column(default=0)
    tried_at: Mapped[datetime | None]
    instead: Mapped[str | None] = mapped_column(index=True)


class SilenceRow(Base):
    """A topic of which nothing is written for a while, `up_to` a colour: why, until when, who said so."""

    __tablename__ = "silence"

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    topic: Mapped[str] = mapped_column(index=True)
    began_at: Mapped[datetime]
    until: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[str]
    up_to: Mapped[str]
