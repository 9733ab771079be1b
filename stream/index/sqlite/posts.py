"""The index in one SQLite file: FTS5 over our own tokens, several processes at once, nothing to install."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from sqlite3 import Connection

from stream.index.port import WITHHELD_AFTER, Axis, Bucket, Counted, Order, Outcome, Page, PutResult, Query
from stream.index.sqlite.batch import Batch
from stream.index.sqlite.counts import Counting
from stream.index.sqlite.file import open_file, transaction
from stream.index.sqlite.filters import select
from stream.index.sqlite.pages import best, count_up_to, newest
from stream.index.sqlite.rows import PostRow, find, prepare, remove, rewrite, unpack
from stream.index.sqlite.told import tell
from stream.messages import ScoredPost
from stream.process.failpoints import failpoint
from stream.process.moments import to_ms

CHUNK = 500  # posts per transaction of `export` and `withhold`: no long one, so that the WAL is not kept from shrinking
KEPT = 4  # connections of a reader that wait for its next question; each may hold 32 MB of pages


class SqliteIndexWriter:
    """Keeps the promises of `Writer`: each `put` is one transaction, flushed to the disk before it returns."""

    def __init__(self, path: Path) -> None:
        self._connection = open_file(path)

    def put(self, posts: Sequence[ScoredPost]) -> list[PutResult]:
        prepared = [_prepared(post) for post in posts]
        with transaction(self._connection, "IMMEDIATE"):
            batch = Batch(self._connection)
            outcomes = [one if isinstance(one, PutResult) else batch.take(one) for one in prepared]
            batch.store()
            failpoint("index.written")
        return outcomes

    def erase(self, ids: Sequence[str]) -> int:
        with transaction(self._connection, "IMMEDIATE"):
            self._connection.executemany("INSERT OR IGNORE INTO erased VALUES (?)", [(id_,) for id_ in ids])
            found = {known.row for id_ in ids if (known := find(self._connection, id_)) is not None}
            remove(self._connection, found)
            if found:
                # FTS5 only marks words as deleted until their segment is merged: merge all, some 10 s per million
                self._connection.execute("INSERT INTO words (words) VALUES ('optimize')")
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return len(found)

    def withhold(self, now: datetime) -> int:
        done = 0
        while emptied := self._withhold_some(now):
            done += emptied
        return done

    def _withhold_some(self, now: datetime) -> int:
        due = "p.withheld = 0 AND p.deleted_at IS NOT NULL AND p.deleted_at <= ?"
        query = f"SELECT p.row, body FROM post AS p JOIN document AS d ON d.row = p.row WHERE {due} ORDER BY 1 LIMIT ?"
        with transaction(self._connection, "IMMEDIATE"):
            until = to_ms(now - WITHHELD_AFTER)
            rows = self._connection.execute(query, (until, CHUNK)).fetchall()
            for row, body in rows:
                rewrite(self._connection, row, prepare(unpack(body), now))
        return len(rows)

    def close(self) -> None:
        self._connection.close()


class SqliteIndexReader:
    """Keeps the promises of `Finder`; every answer is of one state of the file. Threads may ask side by side.

    Each question has a connection to itself: on a shared one a thread would end another's transaction.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._free = deque([self._opened()])
        self._is_closed = False

    def get(self, ids: Sequence[str]) -> list[ScoredPost]:
        with self._reading() as connection:
            found = (find(connection, id_) for id_ in ids)
            return _posts(connection, (known.row for known in found if known is not None))

    def search(self, query: Query, limit: int = 20, after: str | None = None, order: Order = Order.NEWEST) -> Page:
        with self._reading() as connection:
            if order is Order.NEWEST:
                found = newest(connection, query, limit, after)
            else:
                found = best(connection, query, limit, after, order)
            return Page(tuple(_posts(connection, found.rows)), found.after, found.ranked)

    def count(self, query: Query) -> int:
        selection = select(query)
        sql = f"SELECT count(*) FROM {selection.source} WHERE {selection.where}"
        with self._reading() as connection:
            (number,) = connection.execute(sql, selection.values).fetchone()
        return int(number)

    def count_up_to(self, query: Query, most: int = 10_000) -> Counted:
        with self._reading() as connection:
            return count_up_to(connection, query, most)

    def histogram(self, query: Query, axis: Axis, start: datetime, end: datetime, step: timedelta) -> list[Bucket]:
        counting = Counting(query, axis, start, end, step)
        with self._reading() as connection:
            return counting.histogram(connection)

    def tally(
        self, query: Query, axis: Axis, start: datetime, end: datetime, step: timedelta
    ) -> Mapping[str, list[Bucket]]:
        counting = Counting(query, axis, start, end, step)
        with self._reading() as connection:
            return counting.tally(connection)

    def export(self, query: Query) -> Iterator[ScoredPost]:
        last = ""
        while chunk := self._chunk_after(query, last):
            yield from chunk
            last = chunk[-1].id

    def close(self) -> None:
        self._is_closed = True
        while self._free:
            self._free.pop().close()

    def _opened(self) -> Connection:
        connection = open_file(self._path)
        tell(connection)
        return connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """Lends a connection that nobody else has, in a transaction."""
        try:
            connection = self._free.pop()
        except IndexError:
            connection = self._opened()
        try:
            with transaction(connection):
                yield connection
        finally:
            if self._is_closed or len(self._free) >= KEPT:
                connection.close()
            else:
                self._free.append(connection)

    def _chunk_after(self, query: Query, id_: str) -> list[ScoredPost]:
        selection = select(query)
        selection.require("p.id > ?", id_)
        source = f"{selection.source} CROSS JOIN document AS d ON d.row = p.row"
        sql = f"SELECT body FROM {source} WHERE {selection.where} ORDER BY p.id LIMIT {CHUNK}"
        with self._reading() as connection:
            return [unpack(body) for (body,) in connection.execute(sql, selection.values)]


def _prepared(post: ScoredPost) -> PostRow | PutResult:
    try:
        return prepare(post)
    except ValueError as error:
        return PutResult(Outcome.REFUSED, str(error))


def _posts(connection: Connection, rows: Iterable[int]) -> list[ScoredPost]:
    query = "SELECT body FROM document WHERE row = ?"
    return [unpack(connection.execute(query, (row,)).fetchone()[0]) for row in rows]
