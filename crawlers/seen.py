"""Which posts were met before, and what they said: the memory of sources that have no threads to revisit."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from stream.messages import Post
from stream.state import Base, transaction


class SeenRow(Base):
    """One post: when it was first met, and the hash of its words once the log has them."""

    __tablename__ = "crawler_seen"

    post_id: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(index=True)
    first_seen_at: Mapped[datetime]
    content_hash: Mapped[str | None]


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of one post; `content_hash` is None while the log may not have it."""

    first_seen_at: datetime
    content_hash: str | None


class Seen:
    """The posts of one source. `meet` before the log, `keep` after it has acknowledged."""

    def __init__(self, engine: Engine, source: str) -> None:
        self._engine = engine
        self._source = source

    def meet(self, post_ids: Collection[str], now: datetime) -> Mapping[str, Known]:
        """What is known of each; those not met before are from `now`, also after a crash before `keep`."""
        with transaction(self._engine) as session:
            rows = _rows(session, post_ids)
            new = [
                SeenRow(post_id=post_id, source=self._source, first_seen_at=now, content_hash=None)
                for post_id in dict.fromkeys(post_ids)
                if post_id not in rows
            ]
            session.add_all(new)
            rows |= {row.post_id: row for row in new}
        return {post_id: Known(row.first_seen_at, row.content_hash) for post_id, row in rows.items()}

    def keep(self, posts: Iterable[Post]) -> None:
        """Remembers what the log now has."""
        hashes = {post.id: post.content_hash for post in posts}
        with transaction(self._engine) as session:
            for post_id, row in _rows(session, hashes).items():
                row.content_hash = hashes[post_id]


def _rows(session: Session, post_ids: Collection[str]) -> dict[str, SeenRow]:
    found = session.scalars(select(SeenRow).where(SeenRow.post_id.in_(post_ids)))
    return {row.post_id: row for row in found}
