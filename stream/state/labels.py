"""What people said of single posts: labels given at the screening list or handed in as a table.

They lie in the state database until somebody measures the model by them, or hands them to a training by name; nothing
learns from them by itself. A label of an indexed post names it and keeps none of its words.

`uncertain` is a person's word as well: they looked and could not tell. It is kept, so that nobody is asked again, and
is no label: nothing measures or learns by it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Engine, Select, Text, select
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
    """A label as it was given; a later one of the same post or text counts instead of it, and does not remove it.

    One that its person takes back within minutes is removed: it was a slip.
    """

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


def latest_labels(engine: Engine, since: datetime | None = None) -> list[PostLabel]:
    """Reads the last label of each post and of each text, of those given since then, in the order they were given."""
    given = select(PostLabelRow).order_by(PostLabelRow.id)
    with reading(engine) as session:
        rows = session.scalars(given if since is None else given.where(PostLabelRow.at >= since))
        found = {row.post_id or f"text:{row.text}": row for row in rows}
        return [_read(row) for row in sorted(found.values(), key=lambda row: row.id)]


def last_screened(engine: Engine, by: str, since: datetime) -> PostLabel | None:
    """Reads the last label that a person gave at the screening list, if it was since then."""
    with reading(engine) as session:
        row = session.scalars(_own(by, since)).first()
        return None if row is None else _read(row)


def take_back(engine: Engine, by: str, since: datetime, post_id: str | None = None) -> PostLabel | None:
    """Removes a person's last label of the screening list, if it was given since then, and returns it; None for none.

    With `post_id` only where it is of that post: whoever asks twice takes back one. The label before counts again.
    """
    with transaction(engine) as session:
        row = session.scalars(_own(by, since).with_for_update()).first()
        if row is None or post_id not in (None, row.post_id):
            return None
        session.delete(row)
        return _read(row)


def _own(by: str, since: datetime) -> Select[PostLabelRow]:
    own = (PostLabelRow.by == by, PostLabelRow.origin == Origin.SCREENING.value, PostLabelRow.at >= since)
    return select(PostLabelRow).where(*own).order_by(PostLabelRow.id.desc()).limit(1)


def _read(row: PostLabelRow) -> PostLabel:
    return PostLabel(
        label=Label(row.label), by=row.by, at=row.at, origin=Origin(row.origin), emotion=row.emotion,
        post_id=row.post_id, content_hash=row.content_hash, text=row.text, case_id=row.case_id,
    )  # fmt: skip
