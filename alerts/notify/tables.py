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
    WITHDRAWN = "withdrawn"  # its task is done, or a channel before it was enough


PENDING = (RowState.QUEUED, RowState.CLAIMED)


class OutboxRow(Base):
    """A notice for one person by one channel, with retries, a claim and an answer of its own.

    `message` is the notice in the form of the channel's medium, frozen when it was queued: a copy sent after a lost
    answer is the same bytes under the same Message-ID, whatever became of templates and configuration since, and what
    people were sent can be shown afterwards. `plain` is the same without post text, for a server that objects.
    `notice` is what both say, as JSON, for a channel of another medium that has to take the row over.
    `place` counts a person's channels, 0 the main one. `channel` is None until there is one to go by; `person` and
    `notice` are None where an earlier version queued the row.
    """

    __tablename__ = "alert_outbox"
    __table_args__ = (
        UniqueConstraint("message_id", "channel"),
        CheckConstraint("state in ('queued', 'claimed', 'sent', 'failed', 'withdrawn')"),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("alert_case.id"))
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
    state: Mapped[str] = mapped_column(default=RowState.QUEUED)
    token: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(index=True)
    queued_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(Text)
