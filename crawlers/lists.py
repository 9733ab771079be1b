"""The lists that a crawl met, held against what is known of them: written down beside the source's health."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session
from structlog import get_logger

from crawlers.cursors import BoardRow, PostRow, ThreadRow
from stream.state.source_lists import SourceList

log = get_logger(__name__)


@dataclass(slots=True, kw_only=True)
class ListTally:
    """One list as a crawl met it, since it `began`; `threads` and `posts` are the site's own totals for guests.

    A list `of_threads` is a board's; any other holds posts itself, under its key. `pinned` are threads that stand above
    the others and may be another board's. It `ended` where its walk came to where it may stop; `whole` tells whether
    that was the last page (True), a bound of ours (False), or what was known from before (None).
    """

    name: str
    began: datetime
    of_threads: bool = False
    threads: int | None = None
    posts: int | None = None
    pinned: set[str] = field(default_factory=set)
    ended: bool = False
    whole: bool | None = None


@dataclass(frozen=True, slots=True)
class _Held:
    threads: int = 0
    posts: int = 0
    waiting: int = 0


def write_lists(
    session: Session, source: str, site: str, lists: Mapping[str, ListTally], now: datetime
) -> list[SourceList]:
    """Writes down what is held of each list that was met; returns all of the source.

    Those of boards that are lost are removed.
    """
    for key, one in lists.items():
        _write(session, source, site, key, one, now)
    lost = select(BoardRow.board).where(BoardRow.site == site, BoardRow.lost_at.is_not(None))
    session.execute(delete(SourceList).where(SourceList.source == source, SourceList.key.in_(lost)))
    return list(session.scalars(select(SourceList).where(SourceList.source == source).order_by(SourceList.key)))


def _write(session: Session, source: str, site: str, key: str, one: ListTally, now: datetime) -> None:
    held = _threads_held(session, site, key, one) if one.of_threads else _posts_held(session, site, key)
    row = session.get(SourceList, (source, key))
    if row is None:
        row = SourceList(source=source, key=key, waiting=0, whole=False)
        session.add(row)
    row.name, row.read_at, row.waiting = one.name, one.began, held.waiting
    row.threads_told, row.threads_held = one.threads, held.threads if one.of_threads else None
    row.posts_told, row.posts_held = one.posts, held.posts
    row.whole = row.whole if one.whole is None else one.whole
    if one.ended and not held.waiting:
        row.complete_until = one.began
    row.short_since = (row.short_since or now) if row.short else None
    if row.threads_missing or row.posts_missing:
        log.info(
            "list incomplete", list=one.name, source=source, waiting=held.waiting,
            threads=one.threads, threads_missing=row.threads_missing,
            posts=one.posts, posts_missing=row.posts_missing,
        )  # fmt: skip


def _threads_held(session: Session, site: str, board: str, one: ListTally) -> _Held:
    """Counts a board's threads and their posts, and the pinned ones of which nobody knows whose they are."""
    own = _counted(session, site, ThreadRow.board == board, one.began)
    if not one.pinned:
        return own
    pinned = _counted(session, site, ThreadRow.thread.in_(one.pinned) & ThreadRow.board.is_(None), one.began)
    return _Held(own.threads + pinned.threads, own.posts + pinned.posts, own.waiting + pinned.waiting)


def _counted(session: Session, site: str, wanted: ColumnElement[bool], began: datetime) -> _Held:
    read = ThreadRow.visited_at.is_not(None) & ThreadRow.gone.is_(False)
    counted = select(func.count().filter(read), func.count().filter(ThreadRow.due_at <= began))
    threads, waiting = session.execute(counted.where(ThreadRow.site == site, wanted)).one()
    these = select(ThreadRow.thread).where(ThreadRow.site == site, wanted)  # joined, SQLite goes through all posts
    posts = session.scalar(
        select(func.count()).where(PostRow.site == site, PostRow.thread.in_(these), PostRow.deleted.is_(False))
    )
    return _Held(threads, posts or 0, waiting)


def _posts_held(session: Session, site: str, key: str) -> _Held:
    standing = select(func.count()).where(PostRow.site == site, PostRow.thread == key, PostRow.deleted.is_(False))
    return _Held(posts=session.scalar(standing) or 0)
