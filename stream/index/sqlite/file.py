"""The SQLite index's file: how it is opened, its row numbers, its transactions.

A post's row number is the search order: the hour of `charted_at` above, a slot within that hour below. So the newest
matches of a word are the end of its list in FTS5, a page needs no sort beyond an hour, and a time range is a row range.
Slots are handed out densely because FTS5 stores the distances between row numbers, in as few bytes as they need.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stream.errors import ConfigError, Mistake, Retryable
from stream.index.sqlite.tables import SCHEMA, bring_forward

BUSY = 5.0  # seconds a writer waits for another one; below the time in which a group's member must show life
CHECKPOINT = "wal_autocheckpoint=4000"  # pages, 16 MB: a third faster than the default of 1000 with batches of 500
SLOT_BITS = 22
HOUR = 3_600_000  # milliseconds

_PASSING = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_UNUSABLE = {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}


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
        if bool(tables) != bool(version) or bring_forward(connection, version) != SCHEMA:
            raise _unusable(f"the file is not an index of version {SCHEMA}, or not of this program")
        connection.execute(f"PRAGMA user_version = {SCHEMA}")


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
