"""What the SQLite index counts by steps of time, exactly. Callers hold the transaction."""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from stream.index.order import slots, within
from stream.index.port import Axis, Bucket, Query
from stream.index.sqlite.filters import Selection, select, select_topics
from stream.process.moments import MILLISECOND, to_ms_up

_COUNTS = """
count(*), sum(p.label = 'negative'), sum(p.label = 'uncertain'), sum(p.unscored),
count(DISTINCT CASE WHEN p.label = 'negative' THEN p.voice END),
count(DISTINCT CASE WHEN p.label = 'negative' THEN p.fingerprint END)
"""


class Counting:
    """One question for counts by step: which posts, by which time, from when to when. `ValueError` as `slots`."""

    def __init__(self, query: Query, axis: Axis, start: datetime, end: datetime, step: timedelta) -> None:
        self._number = slots(start, end, step)
        self._query = within(query, axis, start, end)
        self._slot = f"(p.{axis.value} - {to_ms_up(start)}) / {step // MILLISECOND}"
        self._start = start
        self._step = step

    def histogram(self, connection: sqlite3.Connection) -> list[Bucket]:
        """Counts every bucket, empty ones included."""
        counts = {slot: told for slot, *told in _rows(connection, [self._slot], select(self._query))}
        return [self._bucket(slot, counts.get(slot, ())) for slot in range(self._number)]

    def tally(self, connection: sqlite3.Connection) -> dict[str, list[Bucket]]:
        """Counts the buckets of each topic that have a post, in one statement."""
        rows = _rows(connection, ["t.topic", self._slot], select_topics(self._query))
        return {
            topic: [self._bucket(slot, told) for _, slot, *told in of_topic]
            for topic, of_topic in groupby(rows, key=lambda row: row[0])
        }

    def _bucket(self, slot: int, told: Sequence[int]) -> Bucket:
        return Bucket(self._start + slot * self._step, *told)


def _rows(connection: sqlite3.Connection, keys: list[str], selection: Selection) -> Iterator[tuple[Any, ...]]:
    places = ", ".join(str(place) for place in range(1, len(keys) + 1))
    columns = f"{', '.join(keys)}, {_COUNTS}"
    sql = f"SELECT {columns} FROM {selection.source} WHERE {selection.where} GROUP BY {places} ORDER BY {places}"
    return connection.execute(sql, selection.values)
