"""One transaction's posts for the SQLite index: what becomes of each, then all that changes, in ascending rows."""

import sqlite3
from dataclasses import dataclass

from stream.index.port import WITHHELD_AFTER, Outcome, PutResult
from stream.index.sqlite.file import SLOT_BITS, first_row, hour_of
from stream.index.sqlite.rows import Known, PostRow, find, prepare, remove, rewrite, write


@dataclass(frozen=True, slots=True)
class _PostChange:
    """What the batch leaves in the file for one post."""

    known: Known
    entry: PostRow


class Batch:
    """`take` each post in order, then `store`, all in one transaction that the caller holds."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._before: dict[str, Known | None] = {}
        self._changes: dict[str, _PostChange] = {}
        self._free: dict[int, int] = {}  # by an hour's first row: the next one to hand out

    def take(self, entry: PostRow) -> PutResult:
        """Decides what becomes of the post, given the file and what this batch took before."""
        id_ = entry.post.id
        if self._connection.execute("SELECT 1 FROM erased WHERE id = ?", (id_,)).fetchone():
            return PutResult(Outcome.ERASED)
        last = self._last(id_)
        if last is not None and last.observed_at > entry.observed_at:
            return PutResult(Outcome.STALE)
        if last is not None and last.withheld and entry.post.deleted_at is not None:
            entry = prepare(entry.post, now=entry.post.deleted_at + WITHHELD_AFTER)
        if (row := self._row(entry, last)) is None:
            return PutResult(Outcome.REFUSED, f"more than {1 << SLOT_BITS} posts within one hour of charted_at")
        self._changes[id_] = _PostChange(Known(row, entry.observed_at, entry.withheld), entry)
        return PutResult(Outcome.INDEXED)

    def store(self) -> None:
        """Writes the newest observation of each post taken."""
        moved: set[int] = set()
        kept: set[int] = set()
        for id_, change in self._changes.items():
            if (before := self._before[id_]) is not None:
                (kept if before.row == change.known.row else moved).add(before.row)
        remove(self._connection, moved)
        for change in sorted(self._changes.values(), key=lambda change: change.known.row):
            (rewrite if change.known.row in kept else write)(self._connection, change.known.row, change.entry)

    def _last(self, id_: str) -> Known | None:
        if id_ in self._changes:
            return self._changes[id_].known
        if id_ not in self._before:
            self._before[id_] = find(self._connection, id_)
        return self._before[id_]

    def _row(self, entry: PostRow, last: Known | None) -> int | None:
        """Finds the post's old row while its hour is the same, else the next free one; None when the hour is full."""
        first = first_row(entry.charted_at)
        if last is not None and hour_of(last.row) == hour_of(first):
            return last.row
        if first not in self._free:
            within = (first, first + (1 << SLOT_BITS))
            query = "SELECT max(row) FROM post WHERE row >= ? AND row < ?"
            (highest,) = self._connection.execute(query, within).fetchone()
            self._free[first] = first if highest is None else highest + 1
        row = self._free[first]
        if hour_of(row) != hour_of(first):
            return None
        self._free[first] = row + 1
        return row
