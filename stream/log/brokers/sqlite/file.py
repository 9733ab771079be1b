"""The one file behind the embedded log: its tables, its transactions, and which of its errors will pass.

A record's row number is its partition's number times 2^40 plus its offset, so that one tree keeps all partitions, each
in the order of its offsets. The file must lie on a local disk: WAL needs memory shared between the processes.
"""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import RLock

from stream.errors import Retryable
from stream.log.broker import Partition, Record, UnknownTopic
from stream.process.moments import from_ms

BUSY = timedelta(seconds=30)  # how long a writer waits for another before it says `Retryable`
SPAN = 2**40  # offsets per partition

_VERSION = 1
_SCHEMA = """
CREATE TABLE topic (name TEXT PRIMARY KEY, keep INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE part (
    id INTEGER PRIMARY KEY, topic TEXT NOT NULL REFERENCES topic, number INTEGER NOT NULL,
    first INTEGER NOT NULL DEFAULT 0, following INTEGER NOT NULL DEFAULT 0, UNIQUE (topic, number)
);
CREATE TABLE record (
    position INTEGER PRIMARY KEY, at INTEGER NOT NULL, key TEXT NOT NULL, headers TEXT NOT NULL, value BLOB
);
CREATE TABLE committed (
    team TEXT NOT NULL, part INTEGER NOT NULL REFERENCES part, following INTEGER NOT NULL, PRIMARY KEY (team, part)
) WITHOUT ROWID;
CREATE TABLE member (
    id INTEGER PRIMARY KEY AUTOINCREMENT, team TEXT NOT NULL, topics TEXT NOT NULL, until INTEGER NOT NULL,
    host TEXT NOT NULL, pid INTEGER NOT NULL
);
CREATE TABLE holder (
    team TEXT NOT NULL, part INTEGER NOT NULL REFERENCES part,
    member INTEGER NOT NULL REFERENCES member ON DELETE CASCADE, PRIMARY KEY (team, part)
) WITHOUT ROWID;
CREATE INDEX holder_member ON holder (member);
"""


class LogFile:
    """One connection to the file, for one process: threads take turns, a fork must open its own."""

    def __init__(self, path: Path, busy: timedelta = BUSY) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._pid = os.getpid()
        self._turn = RLock()
        self._connection = sqlite3.connect(
            path, timeout=busy.total_seconds(), isolation_level=None, check_same_thread=False
        )
        with _passing_errors():
            self._prepare(path)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Opens one transaction as the only writer: all of it survives a power cut, or none of it is there."""
        with self._turn, _passing_errors():
            connection = self._mine()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Reads of one moment of the file, whoever writes meanwhile."""
        with self._turn, _passing_errors():
            connection = self._mine()
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")

    def close(self) -> None:
        """Releases the file; closing twice does no harm."""
        with self._turn:
            self._connection.close()

    def _mine(self) -> sqlite3.Connection:
        if os.getpid() != self._pid:
            raise RuntimeError("this log was opened before a fork: open it in the process that uses it")
        return self._connection

    def _prepare(self, path: Path) -> None:
        mode = self._connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        if mode != "wal":
            raise RuntimeError(f"{path} cannot be a write-ahead log ({mode}): keep it on a local disk")
        for pragma in ("synchronous=FULL", "foreign_keys=ON", "wal_autocheckpoint=4000", "journal_size_limit=67108864"):
            self._connection.execute(f"PRAGMA {pragma}")
        if self._version() == 0:
            with self.writing() as connection:
                if self._version() == 0:
                    for statement in _SCHEMA.split(";"):
                        connection.execute(statement)
                    connection.execute(f"PRAGMA user_version={_VERSION}")
        if self._version() != _VERSION:
            raise RuntimeError(f"{path} is of version {self._version()}, this program reads version {_VERSION}")

    def _version(self) -> int:
        return int(self._connection.execute("PRAGMA user_version").fetchone()[0])


@contextmanager
def _passing_errors() -> Iterator[None]:
    """Turns a lock, which will pass, into `Retryable`.

    It is worth waiting for; a full, read-only or damaged file is not.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL):
            raise Retryable(f"log: {error}", after=1.0) from error
        raise


def parts_of(connection: sqlite3.Connection, topic: str) -> list[tuple[int, int, int, int]]:
    """Reads (id, number, first, following) of a topic's partitions, by number."""
    found: list[tuple[int, int, int, int]] = connection.execute(
        "SELECT id, number, first, following FROM part WHERE topic = ? ORDER BY number", (topic,)
    ).fetchall()
    if not found:
        raise UnknownTopic(topic)
    return found


def records_from(
    connection: sqlite3.Connection, part: int, partition: Partition, offset: int, limit: int
) -> Iterator[Record]:
    """Reads up to `limit` records of one partition, whose id is `part`, from `offset` on."""
    rows = connection.execute(
        "SELECT position, at, key, headers, value FROM record WHERE position >= ? AND position < ?"
        " ORDER BY position LIMIT ?",
        (part * SPAN + offset, (part + 1) * SPAN, limit),
    )
    for position, at, key, headers, value in rows:
        yield Record(partition, position - part * SPAN, key, value, json.loads(headers), from_ms(at))
