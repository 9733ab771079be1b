"""The SQLite index's file: its tables, its row numbers, its transactions.

A post's row number is the search order: the hour of `charted_at` above, a slot within that hour below. So the newest
matches of a word are the end of its list in FTS5, a page needs no sort beyond an hour, and a time range is a row range.
Slots are handed out densely because FTS5 stores the distances between row numbers, in as few bytes as they need.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stream.errors import ConfigError, Mistake, Retryable

SCHEMA = 3  # user_version of the file; other tables, tokens or compression need another number, and a step in _STEPS
BUSY = 5.0  # seconds a writer waits for another one; below the time in which a group's member must show life
CHECKPOINT = "wal_autocheckpoint=4000"  # pages, 16 MB: a third faster than the default of 1000 with batches of 500
SLOT_BITS = 22
HOUR = 3_600_000  # milliseconds

_PASSING = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_UNUSABLE = {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}

_TABLES = """
CREATE TABLE post (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, observed_at INTEGER NOT NULL, charted_at INTEGER NOT NULL,
    counted_at INTEGER, deleted_at INTEGER, withheld INTEGER NOT NULL, site TEXT NOT NULL, source TEXT NOT NULL,
    thread_id TEXT NOT NULL, label TEXT NOT NULL, unscored INTEGER NOT NULL, voice TEXT NOT NULL,
    fingerprint TEXT NOT NULL
) STRICT;
CREATE INDEX post_by_counted ON post (counted_at) WHERE counted_at IS NOT NULL;
CREATE INDEX post_by_thread ON post (thread_id);
CREATE INDEX post_to_withhold ON post (deleted_at) WHERE withheld = 0 AND deleted_at IS NOT NULL;
CREATE TABLE post_topic (
    topic TEXT NOT NULL, row INTEGER NOT NULL, counted_at INTEGER, PRIMARY KEY (row, topic)
) STRICT, WITHOUT ROWID;
CREATE INDEX post_topic_by_counted ON post_topic (topic, counted_at);
CREATE TABLE document (row INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
CREATE TABLE erased (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5 (title, text, columnsize = 0, tokenize = "ascii tokenchars '|#*'");
"""

# What leads from a version to the next one, in place. Posts of before have no act and no marks.
_STEPS = {
    1: """
ALTER TABLE post ADD COLUMN act TEXT;
CREATE TABLE post_mark (
    kind TEXT NOT NULL, key TEXT NOT NULL, row INTEGER NOT NULL, PRIMARY KEY (row, kind, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX post_mark_by_key ON post_mark (kind, key, row)
""",
    2: "",  # bodies by lz4 from here on: an older program cannot read them
}


def open_file(path: Path) -> sqlite3.Connection:
    """Opens the index at `path`, which is made if it is missing; `ConfigError` if it is not ours to use."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=BUSY, isolation_level=None, check_same_thread=False)
        try:
            _prepare(connection)
        except BaseException:
            connection.close()
            raise
    except OSError as error:
        raise _unusable(f"{path.parent}: {error.strerror}") from error
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF in _UNUSABLE:
            raise _unusable(f"{path}: {error}") from error
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    with passing_as_retryable():
        for pragma in ("journal_mode=WAL", "synchronous=FULL", CHECKPOINT, "cache_size=-32768", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")
        if _version(connection) == SCHEMA:
            return  # without waiting for whoever writes now
    with transaction(connection, "IMMEDIATE"):
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        version = _version(connection)
        if tables == 0:
            _run(connection, _TABLES)
            version = 1
        while version in _STEPS:
            _run(connection, _STEPS[version])
            version += 1
        if version != SCHEMA:
            raise _unusable(f"the file is not an index of version {SCHEMA}, or not of this program")
        connection.execute(f"PRAGMA user_version = {SCHEMA}")


def _run(connection: sqlite3.Connection, statements: str) -> None:
    for statement in statements.split(";"):
        connection.execute(statement)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _unusable(problem: str) -> ConfigError:
    return ConfigError([Mistake("stream.yml", "index", f"{problem}; name another file, fill it again from the log")])


@contextmanager
def passing_as_retryable() -> Iterator[None]:
    """Turns a file held by somebody else into `Retryable`; a full disk, a damaged file pass as they are, and crash."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in _PASSING:
            raise Retryable(f"index file: {error}", after=1.0) from error
        raise


@contextmanager
def transaction(connection: sqlite3.Connection, mode: str = "DEFERRED") -> Iterator[None]:
    """Lets everything inside see one state of the file; it is kept whole or not at all."""
    with passing_as_retryable():
        try:
            connection.execute(f"BEGIN {mode}")
            yield
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


def first_row(charted_at: int) -> int:
    """Returns the first row number of the hour in which the millisecond `charted_at` lies."""
    return (charted_at // HOUR) << SLOT_BITS


def hour_of(row: int) -> int:
    """Tells which hour a row number belongs to; rows of a later hour have larger numbers."""
    return row >> SLOT_BITS
