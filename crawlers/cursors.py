"""What was seen of a site, up to where: boards, threads, posts. Written only after the log has what it speaks of."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Index, Row, Table, bindparam, false, func, insert, null, select, text, update
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from crawlers.counters import fuller, listed_anew, whose
from crawlers.edge import identify, name_of
from crawlers.packing import Unpacking, pack
from crawlers.validators import Validators
from stream.codec import POSTS
from stream.messages import Post
from stream.state.database import Base, advisory_lock, reading, transaction, writing
from stream.state.tombstones import gone, standing

_AT_ONCE = 5000  # ids in one question: SQLite takes 32,766 values
A_DAY = timedelta(days=1)
PAST = b""  # in place of what was sent
REMEMBERED = text("length(sent) > 0")  # letter for letter as in the index, or SQLite does not use it


class BoardRow(Base):
    """A board's list. While not `complete`, a page without news does not end the walk: older ones were never read.

    A forum's is not from the moment that news of it are remembered until a walk came to its end.

    `name` is there once a page of it was read; `lost_at` is when it was found not to be public any more.
    """

    __tablename__ = "crawler_board"

    site: Mapped[str] = mapped_column(primary_key=True)
    board: Mapped[str] = mapped_column(primary_key=True)
    complete: Mapped[bool]
    listed_at: Mapped[datetime]
    name: Mapped[str | None]
    lost_at: Mapped[datetime | None]


class ThreadRow(Base):
    """A thread: its counters as listed last, and when it is due to be read from end to end (None: when they move).

    `board` is the one in whose list it stood last, None for one that was only pinned there and tells none itself. The
    `gone` were not there any more when they were read, nor listed since.
    """

    __tablename__ = "crawler_thread"
    __table_args__ = (
        Index("crawler_thread_due", "site", "due_at"),
        Index("crawler_thread_board", "site", "board"),
    )

    site: Mapped[str] = mapped_column(primary_key=True)
    thread: Mapped[str] = mapped_column(primary_key=True)
    listed: Mapped[str]
    published_at: Mapped[datetime | None]
    visited_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    board: Mapped[str | None]
    gone: Mapped[bool] = mapped_column(default=False, server_default=false())


class PostRow(Base):
    """A post: `sent` is the last record the log took of it (compressed), None while the log may not have it.

    It is None, too, once the post was erased, `post_id` being by what that is known; and PAST once its time is over.
    """

    __tablename__ = "crawler_post"
    __table_args__ = (
        Index("crawler_post_thread", "site", "thread", "deleted"),  # a list's posts are counted by it alone
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


R = TypeVar("R", BoardRow, ThreadRow, PostRow)

# Posts are asked for and noted with every page: by statements made once, without an object a row.
_POSTS = PostRow.__table__
assert isinstance(_POSTS, Table)
_MET = select(*(_POSTS.c[name] for name in ("native_id", "thread", "first_seen_at", "sent", "missed"))).where(
    _POSTS.c.site == bindparam("site"), _POSTS.c.native_id.in_(bindparam("names", expanding=True))
)
_NEW = insert(_POSTS).values(sent=null(), deleted=false(), missed=false())
_THIS = _POSTS.c.site == bindparam("of_site"), _POSTS.c.native_id == bindparam("of_name")
_PLACED = update(_POSTS).where(*_THIS).values(thread=bindparam("to_thread"), missed=False)
_ERASED = update(_POSTS).where(*_THIS).values(sent=None)
_KEPT = update(_POSTS).where(*_THIS).values(sent=bindparam("taken"), deleted=bindparam("is_deleted"))
_THREADS = ThreadRow.__table__
assert isinstance(_THREADS, Table)
_VISITED = update(_THREADS).where(
    _THREADS.c.site == bindparam("of_site"), _THREADS.c.thread == bindparam("of_name")
).values(
    published_at=func.coalesce(bindparam("published", type_=_THREADS.c.published_at.type), _THREADS.c.published_at),
    visited_at=bindparam("now"), due_at=bindparam("due"), gone=bindparam("is_gone"),
    board=func.coalesce(_THREADS.c.board, bindparam("of_board", type_=_THREADS.c.board.type)),
)  # fmt: skip
_LIVING = select(_POSTS.c.native_id, _POSTS.c.sent).where(
    _POSTS.c.site == bindparam("site"), _POSTS.c.thread == bindparam("thread"), REMEMBERED, _POSTS.c.deleted.is_(False)
)


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
    """A thread as a list shows it; `counters` are compared with what they were, never computed with.

    `board` is whose list it is, None where the thread is pinned and may be another board's. `counters` are None where
    a row only points at a thread that was moved away: what it says of the thread stands still.
    """

    thread: str
    counters: str | None
    board: str | None = None


class Cursors:
    """The memory of one site. Every method is one transaction."""

    def __init__(self, engine: Engine, site: str) -> None:
        self._engine = engine
        self._site = site
        self._unpack = Unpacking()
        self.validators = Validators(engine, site)

    def open_board(self, board: str, now: datetime) -> bool:
        """Begins a walk through a list; whether the last one came to its end, so that this one may stop early."""
        with self._writing() as session:
            row = session.get(BoardRow, (self._site, board))
            complete = row is not None and row.complete
            session.merge(BoardRow(site=self._site, board=board, complete=False, listed_at=now))
        return complete

    def is_complete(self, board: str) -> bool:
        """Tells whether all that is remembered of a list was gone through to its end, so that a walk may stop early."""
        with reading(self._engine) as session:
            row = session.get(BoardRow, (self._site, board))
            return row is not None and row.complete

    def close_board(self, board: str, now: datetime) -> None:
        """Ends a walk that saw every page it had to."""
        with self._writing() as session:
            session.merge(BoardRow(site=self._site, board=board, complete=True, listed_at=now))

    def list_threads(self, rows: Sequence[Listed], now: datetime) -> frozenset[str]:
        """Remembers what a list shows; the threads that are new or moved, which are due from now on.

        Where a board has news there may be more on its next page: it is not complete any more, in the same transaction.
        """
        with self._writing() as session:
            known = {
                row.thread: row for row in self._find(session, ThreadRow, ThreadRow.thread, [r.thread for r in rows])
            }
            news = {
                row.thread: row
                for row in rows
                if row.thread not in known or listed_anew(known[row.thread].listed, row.counters)
            }
            for name, row in news.items():
                if name in known:
                    known[name].listed, known[name].due_at = row.counters or "", now
                else:
                    listed = row.counters or ""
                    session.add(ThreadRow(site=self._site, thread=name, listed=listed, due_at=now, board=row.board))
            for row in rows:
                if (one := known.get(row.thread)) is not None:
                    one.gone, one.listed = False, fuller(one.listed, row.counters)
                    one.board = whose(one.board, row.board, row.counters)
            boards = {row.board for row in news.values() if row.board is not None}
            for board in self._find(session, BoardRow, BoardRow.board, boards):
                board.complete = False
        return frozenset(news)

    def read_board(self, board: str, name: str, now: datetime) -> None:
        """Notes that a board's list was read, and what it is called; threads of one that is public again are due."""
        with self._writing() as session:
            row = session.get(BoardRow, (self._site, board))
            if row is None:
                row = BoardRow(site=self._site, board=board, complete=False, listed_at=now)
                session.add(row)
            if row.lost_at is not None:
                wanted = ThreadRow.site == self._site, ThreadRow.board == board
                session.execute(update(ThreadRow).where(*wanted).values(due_at=now))
            row.name, row.lost_at = name or board, None

    def boards(self) -> Mapping[str, str]:
        """Tells the names of the boards that were ever read, by their ids."""
        with reading(self._engine) as session:
            rows = session.scalars(select(BoardRow).where(BoardRow.site == self._site))
            return {row.board: row.name or row.board for row in rows if row.name is not None or row.complete}

    def lose(self, boards: Collection[str], now: datetime) -> list[str]:
        """Notes boards that are not public any more; the threads of those found so now are due, and returned."""
        with self._writing() as session:
            found = [row for row in self._find(session, BoardRow, BoardRow.board, boards) if row.lost_at is None]
            for row in found:
                row.lost_at = now
            names = [row.board for row in found]
            listed = select(ThreadRow).where(ThreadRow.site == self._site, ThreadRow.board.in_(names))
            threads = list(session.scalars(listed))
            for thread in threads:
                thread.due_at = now
            return [thread.thread for thread in threads]

    def never_read(self, now: datetime) -> frozenset[str]:
        """Finds, of the threads that are due, those that were listed once and never read."""
        with reading(self._engine) as session:
            wanted = ThreadRow.site == self._site, ThreadRow.due_at <= now, ThreadRow.visited_at.is_(None)
            return frozenset(session.scalars(select(ThreadRow.thread).where(*wanted)))

    def sweep(self, share: float, older_than: datetime, now: datetime) -> list[str]:
        """Finds old threads to look at again though nothing calls for it: those whose last visit is longest ago.

        Old are those published before `older_than` and not due at any time. A `share` of them is looked at in a day,
        counted by the visits of the last one.
        """
        old = (
            ThreadRow.site == self._site, ThreadRow.due_at.is_(None), ThreadRow.visited_at.is_not(None),
            ThreadRow.published_at < older_than,
        )  # fmt: skip
        counted = select(func.count(), func.count().filter(ThreadRow.visited_at > now - A_DAY)).where(*old)
        with reading(self._engine) as session:
            known, looked_at = session.execute(counted).one()
            left = ceil(known * share) - looked_at
            wanted = select(ThreadRow.thread).where(*old).order_by(ThreadRow.visited_at).limit(max(0, left))
            return list(session.scalars(wanted))

    def due(self, now: datetime) -> list[str]:
        """Finds the threads to be read now, the most recently published first."""
        with reading(self._engine) as session:
            wanted = select(ThreadRow.thread).where(ThreadRow.site == self._site, ThreadRow.due_at <= now)
            newest = ThreadRow.published_at.is_not(None), ThreadRow.published_at.desc()
            return list(session.scalars(wanted.order_by(*newest)))

    def visited(
        self, thread: str, due_at: datetime | None, *, published_at: datetime | None, now: datetime,
        board: str | None = None, gone: bool = False,
    ) -> None:  # fmt: skip
        """Notes that a thread was read from end to end, or cannot be, being `gone`; the next time is `due_at`.

        `board` is whose it is by its own word, which a list did not tell where it was pinned.
        """
        told = {"published": published_at, "now": now, "due": due_at, "of_board": board, "is_gone": gone}
        with self._noting() as connection:
            if not connection.execute(_VISITED, self._this(thread) | told).rowcount:
                connection.execute(insert(ThreadRow), {"site": self._site, "thread": thread, "listed": ""})
                connection.execute(_VISITED, self._this(thread) | told)

    def meet(self, thread: str, native_ids: Sequence[str], now: datetime) -> Mapping[str, Known]:
        """Tells what is known of posts that a page shows; those not met before are from `now`, also after a crash."""
        ids = {native_id: identify(self._site, native_id) for native_id in native_ids}
        with self._noting(flushed=False) as connection:  # a power cut before they are kept has them met anew
            rows = {row.native_id: row for row in connection.execute(_MET, {"site": self._site, "names": list(ids)})}
            if new := ids.keys() - rows.keys():
                first = {"site": self._site, "thread": thread, "first_seen_at": now}
                connection.execute(_NEW, [first | {"native_id": one, "post_id": ids[one]} for one in ids if one in new])
            if moved := [one for one, row in rows.items() if row.missed or row.thread != thread]:
                connection.execute(_PLACED, [self._this(one) | {"to_thread": thread} for one in moved])
            erased = gone(connection, set(ids.values()), now)
            if lost := [one for one, row in rows.items() if ids[one] in erased and row.sent is not None]:
                connection.execute(_ERASED, [self._this(one) for one in lost])
        return {
            one: Known(now, None, ids[one] in erased) if one in new else self._known(rows[one], ids[one] in erased)
            for one in ids
        }

    def keep(self, posts: Sequence[Post], records: Sequence[bytes] | None = None) -> None:
        """Remembers what the log now has; `records` are what the posts were sent as, where that is at hand."""
        records = records if records is not None else [POSTS.encode(post) for post in posts]
        taken = {post.native_id: (post, pack(record)) for post, record in zip(posts, records, strict=True)}
        kept = [
            self._this(name) | {"taken": sent, "is_deleted": post.deleted_at is not None}
            for name, (post, sent) in taken.items()
        ]
        with self._noting() as connection:
            connection.execute(_KEPT, kept)
        for post, sent in taken.values():
            self._unpack.note(sent, post)

    def living(self, thread: str) -> Mapping[str, Post]:
        """Finds the posts of a thread that the log has as not deleted."""
        with reading(self._engine) as session:
            rows = session.connection().execute(_LIVING, {"site": self._site, "thread": thread}).all()
        posts = {row.native_id: self._unpack(row.sent) for row in rows}
        return {native_id: post for native_id, post in posts.items() if post is not None}

    def remembered(self, native_ids: Collection[str]) -> Mapping[str, tuple[str, Post | None]]:
        """Tells of ids that were met, as they are told, in which thread or list, and what the log has under them."""
        names = {told: name_of(told) for told in native_ids}
        known: dict[str, tuple[str, Post | None]] = {}
        with reading(self._engine) as session:
            wanted = sorted(set(names.values()))
            for start in range(0, len(wanted), _AT_ONCE):
                found = self._find(session, PostRow, PostRow.native_id, wanted[start : start + _AT_ONCE])
                known |= {row.native_id: (row.thread, self._unpack(row.sent)) for row in found}
        return {told: known[name] for told, name in names.items() if name in known}

    def living_ids(self, thread: str) -> frozenset[str]:
        """Finds the ids of what `living` finds, without the posts: a list may have a hundred thousand."""
        wanted = select(PostRow.native_id).where(
            PostRow.site == self._site, PostRow.thread == thread, REMEMBERED, PostRow.deleted.is_(False)
        )
        with reading(self._engine) as session:
            return frozenset(session.scalars(wanted))

    def latest(self, thread: str, most: int) -> list[Post]:
        """Finds the posts of a thread or list that were met last and not forgotten."""
        wanted = select(PostRow.sent).where(PostRow.site == self._site, PostRow.thread == thread, REMEMBERED)
        with reading(self._engine) as session:
            sent = list(session.scalars(wanted.order_by(PostRow.first_seen_at.desc()).limit(most)))
        return [post for post in map(self._unpack, sent) if post is not None]

    def standing(self, thread: str) -> int:
        """Counts the posts of a thread or list that were met and are not known as deleted, forgotten ones too."""
        wanted = select(func.count()).where(
            PostRow.site == self._site, PostRow.thread == thread, PostRow.deleted.is_(False)
        )
        with reading(self._engine) as session:
            return session.scalar(wanted) or 0

    def listed(self, thread: str) -> tuple[str | None, datetime | None]:
        """Reads the counters with which a thread was listed last, and when it was read last; None where never."""
        with reading(self._engine) as session:
            row = session.get(ThreadRow, (self._site, thread))
            return (row.listed, row.visited_at) if row else (None, None)

    def miss(self, native_ids: Collection[str]) -> frozenset[str]:
        """Notes posts that were doubtfully absent; those of them that were so at the last reading too."""
        if not native_ids:
            return frozenset()
        with self._writing() as session:
            rows = self._find(session, PostRow, PostRow.native_id, native_ids)
            again = frozenset(row.native_id for row in rows if row.missed)
            for row in rows:
                row.missed = True
        return again

    def _this(self, name: str) -> dict[str, Any]:
        return {"of_site": self._site, "of_name": name}

    def _known(self, row: Row[Any], erased: bool) -> Known:
        sent = None if erased else row.sent
        return Known(row.first_seen_at, self._unpack(sent), erased or sent == PAST)

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        with transaction(self._engine) as session:
            advisory_lock(session, f"crawler {self._site}")
            yield session

    @contextmanager
    def _noting(self, *, flushed: bool = True) -> Iterator[Connection]:
        with writing(self._engine, flushed=flushed) as connection:
            advisory_lock(connection, f"crawler {self._site}")
            yield connection

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
