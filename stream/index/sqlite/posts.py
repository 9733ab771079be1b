"""The index in one SQLite file: FTS5 over our own tokens, several processes at once, nothing to install."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby, islice
from pathlib import Path

from stream.index.order import mark, read_mark
from stream.index.port import WITHHELD_AFTER, Axis, Bucket, Outcome, Page, PutResult, Query
from stream.index.sqlite.batch import Batch
from stream.index.sqlite.counts import Counting
from stream.index.sqlite.file import SLOT_BITS, first_row, hour_of, open_file, transaction
from stream.index.sqlite.filters import Selection, select
from stream.index.sqlite.rows import PostRow, find, prepare, remove, rewrite, unpack
from stream.messages import ScoredPost
from stream.process.failpoints import failpoint
from stream.process.moments import to_ms

CHUNK = 500  # posts per transaction of `export` and `withhold`: no long one, so that the WAL is not kept from shrinking

_Hit = tuple[int, str, int]  # charted_at with its sign changed, id, row: ascending in the search order
_BEHIND = 1 << 63  # above every row


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
    """Keeps the promises of `Reader`; every answer is of one state of the file."""

    def __init__(self, path: Path) -> None:
        self._connection = open_file(path)

    def get(self, ids: Sequence[str]) -> list[ScoredPost]:
        with transaction(self._connection):
            found = (find(self._connection, id_) for id_ in ids)
            return self._posts(known.row for known in found if known is not None)

    def search(self, query: Query, limit: int = 20, after: str | None = None) -> Page:
        selection = select(query)
        last = None if after is None else _behind(after)
        if last is not None:
            selection.require(f"{selection.row} < ?", first_row(-last[0]) + (1 << SLOT_BITS))
        with transaction(self._connection):
            hits = list(islice(self._hits(selection, last), limit + 1))
            posts = tuple(self._posts(row for _, _, row in hits[:limit]))
        return Page(posts, mark(-hits[limit - 1][0], hits[limit - 1][1]) if len(hits) > limit > 0 else None)

    def count(self, query: Query) -> int:
        selection = select(query)
        sql = f"SELECT count(*) FROM {selection.source} WHERE {selection.where}"
        with transaction(self._connection):
            (number,) = self._connection.execute(sql, selection.values).fetchone()
        return int(number)

    def histogram(self, query: Query, axis: Axis, start: datetime, end: datetime, step: timedelta) -> list[Bucket]:
        counting = Counting(query, axis, start, end, step)
        with transaction(self._connection):
            return counting.histogram(self._connection)

    def tally(
        self, query: Query, axis: Axis, start: datetime, end: datetime, step: timedelta
    ) -> Mapping[str, list[Bucket]]:
        counting = Counting(query, axis, start, end, step)
        with transaction(self._connection):
            return counting.tally(self._connection)

    def export(self, query: Query) -> Iterator[ScoredPost]:
        last = ""
        while chunk := self._chunk_after(query, last):
            yield from chunk
            last = chunk[-1].id

    def close(self) -> None:
        self._connection.close()

    def _posts(self, rows: Iterable[int]) -> list[ScoredPost]:
        query = "SELECT body FROM document WHERE row = ?"
        return [unpack(self._connection.execute(query, (row,)).fetchone()[0]) for row in rows]

    def _hits(self, selection: Selection, last: _Hit | None) -> Iterator[_Hit]:
        """Yields the hits behind `last` in the search order, lazily: rows come by the hour, only an hour is sorted."""
        columns = f"SELECT -p.charted_at, p.id, p.row FROM {selection.source}"
        sql = f"{columns} WHERE {selection.where} ORDER BY {selection.row} DESC"
        for _, hour in groupby(self._connection.execute(sql, selection.values), key=lambda hit: hour_of(hit[2])):
            yield from (hit for hit in sorted(hour) if last is None or hit > last)

    def _chunk_after(self, query: Query, id_: str) -> list[ScoredPost]:
        selection = select(query)
        selection.require("p.id > ?", id_)
        source = f"{selection.source} CROSS JOIN document AS d ON d.row = p.row"
        sql = f"SELECT body FROM {source} WHERE {selection.where} ORDER BY p.id LIMIT {CHUNK}"
        with transaction(self._connection):
            return [unpack(body) for (body,) in self._connection.execute(sql, selection.values)]


def _prepared(post: ScoredPost) -> PostRow | PutResult:
    try:
        return prepare(post)
    except ValueError as error:
        return PutResult(Outcome.REFUSED, str(error))


def _behind(after: str) -> _Hit:
    """Finds the place of a mark among the hits; what is put before it changes nothing."""
    charted_at, id_ = read_mark(after)
    return (-charted_at, id_, _BEHIND)
