"""Cases' events and the stages' health in the embedded index's file, in tables of their own."""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from stream.codec import CASE_EVENTS, STAGE_HEALTH
from stream.index.events import Event
from stream.index.port import Outcome, PutResult
from stream.index.sqlite.file import open_file, passing_as_retryable, transaction
from stream.messages import CaseEvent, StageHealth
from stream.process.moments import to_ms, to_ms_up

# Beside the posts' tables and made when missing: they do not change what an index of posts is, so not its SCHEMA.
_TABLES = """
CREATE TABLE IF NOT EXISTS case_event (
    id TEXT PRIMARY KEY, case_id INTEGER NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS case_event_by_case ON case_event (case_id, number);
CREATE TABLE IF NOT EXISTS stage_health (id TEXT PRIMARY KEY, at INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS stage_health_by_at ON stage_health (at);
"""
_LAST_OF_CASES = """
SELECT body, max(number) FROM case_event GROUP BY case_id ORDER BY case_id DESC
"""


class SqliteEventWriter:
    """Keeps the promises of `EventWriter`: each `put` is one transaction."""

    def __init__(self, path: Path) -> None:
        self._connection = _open(path)

    def put(self, events: Sequence[Event]) -> list[PutResult]:
        with transaction(self._connection, "IMMEDIATE"):
            return [self._put(event) for event in events]

    def expire(self, before: datetime, *, dry: bool = False) -> int:
        if dry:
            query = "SELECT count(*) FROM stage_health WHERE at < ?"
            return int(self._connection.execute(query, (to_ms_up(before),)).fetchone()[0])
        with transaction(self._connection, "IMMEDIATE"):
            return self._connection.execute("DELETE FROM stage_health WHERE at < ?", (to_ms_up(before),)).rowcount

    def close(self) -> None:
        self._connection.close()

    def _put(self, event: Event) -> PutResult:
        at = to_ms(event.at)
        if isinstance(event, StageHealth):
            sql, row = "INSERT OR IGNORE INTO stage_health VALUES (?, ?, ?)", (event.id, at, STAGE_HEALTH.encode(event))
            done = self._connection.execute(sql, row)
        else:
            case = (event.id, event.case_id, event.number, at, CASE_EVENTS.encode(event))
            done = self._connection.execute("INSERT OR IGNORE INTO case_event VALUES (?, ?, ?, ?, ?)", case)
        return PutResult(Outcome.INDEXED if done.rowcount else Outcome.STALE)


class SqliteEventReader:
    """Keeps the promises of `EventReader`; an answer is of one state of the file."""

    def __init__(self, path: Path) -> None:
        self._connection = _open(path)

    def cases(self) -> Iterator[CaseEvent]:
        found = [CASE_EVENTS.decode(body) for body in self._bodies(_LAST_OF_CASES)]
        yield from sorted(found, key=lambda event: (event.opened_at, event.case_id), reverse=True)

    def history(self) -> Iterator[CaseEvent]:
        yield from map(CASE_EVENTS.decode, self._bodies("SELECT body FROM case_event ORDER BY at, id"))

    def health(self, since: datetime) -> Iterator[StageHealth]:
        later = "SELECT body FROM stage_health WHERE at >= ? ORDER BY at, id"
        yield from map(STAGE_HEALTH.decode, self._bodies(later, to_ms_up(since)))

    def close(self) -> None:
        self._connection.close()

    def _bodies(self, sql: str, *values: object) -> list[bytes]:
        with transaction(self._connection):
            return [row[0] for row in self._connection.execute(sql, values)]


def _open(path: Path) -> sqlite3.Connection:
    connection = open_file(path)
    try:
        with passing_as_retryable():
            connection.executescript(_TABLES)
    except BaseException:
        connection.close()
        raise
    return connection
