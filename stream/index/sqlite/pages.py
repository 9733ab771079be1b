"""A search's page from the SQLite index, in every order. Callers hold the transaction.

Rows come in the search order, so a page of the newest reads no further than it must. Nothing else is sorted in the
file: other orders rank the newest `RANKED` posts found, and a condition without a column reads that many documents.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, islice

from stream.index.order import mark, rank, ranked_mark, read_mark, read_ranked_mark
from stream.index.port import RANKED, Counted, Order, Query
from stream.index.sqlite.file import HOUR, SLOT_BITS, first_row, hour_of
from stream.index.sqlite.filters import Selection, reads_documents, select, select_by_columns, told

_LEAST_ID = "0" * 32
_BEHIND = 1 << 63  # above every row

_Place = tuple[int, str, int]  # charted_at with its sign changed, id, row: ascending in the search order
_Hit = tuple[int, str, int, float | None]  # and what another order ranks by


@dataclass(frozen=True, slots=True)
class RowPage:
    """A page as rows; see `Page`."""

    rows: list[int]
    after: str | None
    ranked: int | None = None


def newest(connection: sqlite3.Connection, query: Query, limit: int, after: str | None) -> RowPage:
    """Finds a page by time; what `Finder.search` may leave to its next page begins at an hour."""
    last = None if after is None else _behind(*read_mark(after))
    selection, floor = _bounded(connection, query, last)
    hits = list(islice(_hits(connection, selection, last), limit + 1))
    rows = [hit[2] for hit in hits[:limit]]
    if len(hits) > limit > 0:
        charted_at, id_, *_ = hits[limit - 1]
        return RowPage(rows, mark(-charted_at, id_))
    if floor is None or limit <= 0:
        return RowPage(rows, None)
    return RowPage(rows, mark(hour_of(floor) * HOUR - 1, _LEAST_ID))  # behind all of the last hour that was read


def best(connection: sqlite3.Connection, query: Query, limit: int, after: str | None, order: Order) -> RowPage:
    """Finds a page by another order."""
    last = None if after is None else read_ranked_mark(order, after)
    selection, floor = _bounded(connection, query, None)
    hits = list(islice(_hits(connection, selection, None, told(order.value)), RANKED + 1))
    ranked = sorted((-rank(order, value), charted_at, id_, row) for charted_at, id_, row, value in hits[:RANKED])
    if last is not None:
        ranked = [hit for hit in ranked if hit[:3] > (-last[0], -last[1], last[2])]
    known = len(hits[:RANKED]) if floor is not None or len(hits) > RANKED else None
    rows = [row for *_, row in ranked[:limit]]
    if not len(ranked) > limit > 0:
        return RowPage(rows, None, known)
    value, charted_at, id_, _ = ranked[limit - 1]
    return RowPage(rows, ranked_mark(order, -value, -charted_at, id_), known)


def count_up_to(connection: sqlite3.Connection, query: Query, most: int) -> Counted:
    """Counts the posts, no further than `most`."""
    selection, floor = _bounded(connection, query, None)
    sql = f"SELECT count(*) FROM (SELECT 1 FROM {selection.source} WHERE {selection.where} LIMIT ?)"
    (number,) = connection.execute(sql, (*selection.values, most + 1)).fetchone()
    return Counted(min(number, most), exact=number <= most and floor is None)


def _bounded(connection: sqlite3.Connection, query: Query, last: _Place | None) -> tuple[Selection, int | None]:
    """Builds the selection of what lies behind `last`, and of few enough documents where they are to be read.

    The second is the first row of the hour at which it ends, None where it goes on to the end.
    """
    selection, floor = _from(select(query), last), None
    if reads_documents(query):
        candidates = _from(select_by_columns(query), last)
        sql = f"SELECT {candidates.row} FROM {candidates.source} WHERE {candidates.where}"
        sql += f" ORDER BY {candidates.row} DESC LIMIT 1 OFFSET {RANKED}"
        if beyond := connection.execute(sql, candidates.values).fetchone():
            floor = hour_of(beyond[0]) << SLOT_BITS
            selection.require(f"{selection.row} >= ?", floor)
    return selection, floor


def _from(selection: Selection, last: _Place | None) -> Selection:
    if last is not None:
        selection.require(f"{selection.row} < ?", first_row(-last[0]) + (1 << SLOT_BITS))
    return selection


def _hits(
    connection: sqlite3.Connection, selection: Selection, last: _Place | None, ranked: str = "NULL"
) -> Iterator[_Hit]:
    """Yields the hits behind `last` in the search order, lazily: rows come by the hour, only an hour is sorted."""
    columns = f"SELECT -p.charted_at, p.id, p.row, {ranked} FROM {selection.source}"
    sql = f"{columns} WHERE {selection.where} ORDER BY {selection.row} DESC"
    for _, hour in groupby(connection.execute(sql, selection.values), key=lambda hit: hour_of(hit[2])):
        yield from (hit for hit in sorted(hour) if last is None or hit[:3] > last)


def _behind(charted_at: int, id_: str) -> _Place:
    """Finds the place of a mark among the hits; what is put before it changes nothing."""
    return (-charted_at, id_, _BEHIND)
