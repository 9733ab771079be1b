"""What was seen of a site, up to where: boards, threads, posts. Written only after the log has what it speaks of."""

import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Engine, Index, select, text, update
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from crawlers.edge import identify
from crawlers.validators import Validators
from stream.codec import POSTS
from stream.messages import Post
from stream.state.database import Base, advisory_lock, reading, transaction
from stream.state.tombstones import gone, standing

PAST = b""  # in place of what was sent
REMEMBERED = text("length(sent) > 0")  # letter for letter as in the index, or SQLite does not use it


class BoardRow(Base):
    """A board's list. While not `complete`, a page without news does not end the walk: older ones were never read."""

    __tablename__ = "crawler_board"

    site: Mapped[str] = mapped_column(primary_key=True)
    board: Mapped[str] = mapped_column(primary_key=True)
    complete: Mapped[bool]
    listed_at: Mapped[datetime]


class ThreadRow(Base):
    """A thread: its counters as listed last, and when it is due to be read from end to end (None: when they move)."""

    __tablename__ = "crawler_thread"
    __table_args__ = (Index("crawler_thread_due", "site", "due_at"),)

    site: Mapped[str] = mapped_column(primary_key=True)
    thread: Mapped[str] = mapped_column(primary_key=True)
    listed: Mapped[str]
    published_at: Mapped[datetime | None]
    visited_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]


class PostRow(Base):
    """A post: `sent` is the last record the log took of it (compressed), None while the log may not have it.

    It is None, too, once the post was erased, `post_id` being by what that is known; and PAST once its time is over.
    """

    __tablename__ = "crawler_post"
    __table_args__ = (
        Index("crawler_post_thread", "site", "thread"),
        Index("crawler_post_id", "post_id"),
        Index("crawler_post_words", "first_seen_at", sqlite_where=REMEMBERED, postgresql_where=REMEMBERED),
    )

    site: Mapped[str] = mapped_column(primary_key=True)
    native_id: Mapped[str] = mapped_column(primary_key=True)
    post_id: Mapped[str]
    thread: Mapped[str]
    first_seen_at: Mapped[datetime]
    sent: Mapped[bytes | None]
    deleted: Mapped[bool] = mapped_column(default=False)
    missed: Mapped[bool] = mapped_column(default=False)


R = TypeVar("R", ThreadRow, PostRow)


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of one post; `post` is the record the log has, if any.

    A `closed` one was erased or is past its time, and is not to be sent again.
    """

    first_seen_at: datetime
    post: Post | None
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """A thread as a list shows it; `counters` are compared with what they were, never computed with."""

    thread: str
    counters: str


class Cursors:
    """The memory of one site. Every method is one transaction."""

    def __init__(self, engine: Engine, site: str) -> None:
        self._engine = engine
        self._site = site
        self.validators = Validators(engine, site)

    def open_board(self, board: str, now: datetime) -> bool:
        """Begins a walk through a list; whether the last one came to its end, so that this one may stop early."""
        with self._writing() as session:
            row = session.get(BoardRow, (self._site, board))
            complete = row is not None and row.complete
            session.merge(BoardRow(site=self._site, board=board, complete=False, listed_at=now))
        return complete

    def close_board(self, board: str, now: datetime) -> None:
        """Ends a walk that saw every page it had to."""
        with self._writing() as session:
            session.merge(BoardRow(site=self._site, board=board, complete=True, listed_at=now))

    def list_threads(self, rows: Sequence[Listed], now: datetime) -> frozenset[str]:
        """Remembers what a list shows; the threads that are new or moved, which are due from now on."""
        with self._writing() as session:
            known = {
                row.thread: row for row in self._find(session, ThreadRow, ThreadRow.thread, [r.thread for r in rows])
            }
            news = {
                row.thread: row for row in rows if row.thread not in known or known[row.thread].listed != row.counters
            }
            for name, row in news.items():
                if name in known:
                    known[name].listed, known[name].due_at = row.counters, now
                else:
                    session.add(ThreadRow(site=self._site, thread=name, listed=row.counters, due_at=now))
        return frozenset(news)

    def due(self, now: datetime) -> list[str]:
        """Finds the threads to be read now, the most recently published first."""
        with reading(self._engine) as session:
            wanted = select(ThreadRow.thread).where(ThreadRow.site == self._site, ThreadRow.due_at <= now)
            return list(
                session.scalars(wanted.order_by(ThreadRow.published_at.is_not(None), ThreadRow.published_at.desc()))
            )

    def visited(self, thread: str, due_at: datetime | None, *, published_at: datetime | None, now: datetime) -> None:
        """Notes that a thread was read from end to end, or cannot be; the next time is `due_at`."""
        with self._writing() as session:
            row = session.get(ThreadRow, (self._site, thread))
            if row is None:
                row = ThreadRow(site=self._site, thread=thread, listed="")
                session.add(row)
            row.published_at = published_at or row.published_at
            row.visited_at, row.due_at = now, due_at

    def meet(self, thread: str, native_ids: Sequence[str], now: datetime) -> Mapping[str, Known]:
        """Tells what is known of posts that a page shows; those not met before are from `now`, also after a crash."""
        with self._writing() as session:
            rows = {row.native_id: row for row in self._find(session, PostRow, PostRow.native_id, native_ids)}
            for native_id in dict.fromkeys(native_ids):
                if native_id not in rows:
                    rows[native_id] = PostRow(
                        site=self._site,
                        native_id=native_id,
                        post_id=identify(self._site, native_id),
                        thread=thread,
                        first_seen_at=now,
                        deleted=False,
                        missed=False,
                    )
                    session.add(rows[native_id])
                rows[native_id].thread, rows[native_id].missed = thread, False
            erased = gone(session, {row.post_id for row in rows.values()}, now)
            for row in rows.values():
                row.sent = None if row.post_id in erased else row.sent
        return {
            native_id: Known(row.first_seen_at, _unpack(row.sent), row.post_id in erased or row.sent == PAST)
            for native_id, row in rows.items()
        }

    def keep(self, posts: Iterable[Post]) -> None:
        """Remembers what the log now has."""
        sent = {post.native_id: post for post in posts}
        with self._writing() as session:
            for row in self._find(session, PostRow, PostRow.native_id, list(sent)):
                post = sent[row.native_id]
                row.sent, row.deleted = zlib.compress(POSTS.encode(post)), post.deleted_at is not None

    def living(self, thread: str) -> Mapping[str, Post]:
        """Finds the posts of a thread that the log has as not deleted."""
        with reading(self._engine) as session:
            rows = session.scalars(
                select(PostRow).where(
                    PostRow.site == self._site,
                    PostRow.thread == thread,
                    REMEMBERED,
                    PostRow.deleted.is_(False),
                )
            )
            posts = {row.native_id: _unpack(row.sent) for row in rows}
        return {native_id: post for native_id, post in posts.items() if post is not None}

    def miss(self, native_ids: Collection[str]) -> frozenset[str]:
        """Notes posts that were doubtfully absent; those of them that were so at the last reading too."""
        with self._writing() as session:
            rows = self._find(session, PostRow, PostRow.native_id, native_ids)
            again = frozenset(row.native_id for row in rows if row.missed)
            for row in rows:
                row.missed = True
        return again

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        with transaction(self._engine) as session:
            advisory_lock(session, f"crawler {self._site}")
            yield session

    def _find(
        self, session: Session, kind: type[R], column: InstrumentedAttribute[str], names: Collection[str]
    ) -> list[R]:
        site: InstrumentedAttribute[str] = kind.site
        return list(session.scalars(select(kind).where(site == self._site, column.in_(names))))


def forget(engine: Engine, now: datetime, keep: timedelta) -> None:
    """Drops the words of erased posts and of those first seen longer ago than `keep`, of every site.

    No page may ever show them again, so it is not left to a crawl. That they were met stays known.
    """
    erased = PostRow.post_id.in_(standing(now))
    past = PostRow.first_seen_at < now - keep
    with transaction(engine) as session:
        session.execute(update(PostRow).where(erased, REMEMBERED).values(sent=None))
        session.execute(update(PostRow).where(past, REMEMBERED).values(sent=PAST))


def _unpack(sent: bytes | None) -> Post | None:
    return None if not sent else POSTS.decode(zlib.decompress(sent))
