"""What people said of single posts: labels given at the screening list or handed in as a table.

They lie in the state database until somebody measures the model by them, or hands them to a training by name; nothing
learns from them by itself. A label of an indexed post names it and keeps none of its words.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Engine, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from stream.messages import Label
from stream.state.database import Base, Serial, reading, transaction


class Origin(StrEnum):
    """Where a label comes from."""

    TABLE = "table"
    SCREENING = "screening"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostLabel:
    """A label by a person. Either `post_id` with the `content_hash` that was read, or a `text` that is in no index."""

    label: Label
    by: str
    at: datetime
    origin: Origin
    emotion: str | None = None
    post_id: str | None = None
    content_hash: str | None = None
    text: str | None = None
    case_id: int | None = None


class PostLabelRow(Base):
    """A label as it was given; a later one of the same post or text counts instead of it, and does not remove it."""

    __tablename__ = "review"

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    post_id: Mapped[str | None] = mapped_column(index=True)
    content_hash: Mapped[str | None]
    text: Mapped[str | None] = mapped_column(Text)
    label: Mapped[str]
    emotion: Mapped[str | None]
    by: Mapped[str]
    at: Mapped[datetime]
    origin: Mapped[str]
    case_id: Mapped[int | None] = mapped_column(Serial)


def save_labels(engine: Engine, labels: Iterable[PostLabel]) -> None:
    """Stores labels, all or none."""
    with transaction(engine) as session:
        session.add_all(
            PostLabelRow(
                post_id=one.post_id, content_hash=one.content_hash, text=one.text, label=one.label.value,
                emotion=one.emotion, by=one.by, at=one.at, origin=one.origin.value, case_id=one.case_id,
            )
            for one in labels
        )  # fmt: skip


def latest_labels(engine: Engine) -> list[PostLabel]:
    """Reads the last label of each post and of each text, in the order in which they were given."""
    with reading(engine) as session:
        found = {
            row.post_id or f"text:{row.text}": row
            for row in session.scalars(select(PostLabelRow).order_by(PostLabelRow.id))
        }
        return [
            PostLabel(
                label=Label(row.label), by=row.by, at=row.at, origin=Origin(row.origin), emotion=row.emotion,
                post_id=row.post_id, content_hash=row.content_hash, text=row.text, case_id=row.case_id,
            )
            for row in sorted(found.values(), key=lambda row: row.id)
        ]  # fmt: skip
