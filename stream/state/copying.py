"""Moving an installation's state from one database to another: everything or nothing, and proven by comparison.

Knows no table by name: it reads from both databases what is there, after the migrations made the same tables in both.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, Table, func, insert, inspect, select
from sqlalchemy.orm import Session

from stream.errors import Rejected
from stream.state.database import advisory_lock, migrate, transaction
from stream.state.leases import LeaseRow

CHUNK = 1000  # rows in memory at once

Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Copied:
    """One table as it is in both databases now; `digest` covers every value of every row, in whatever order."""

    table: str
    rows: int
    digest: str


def copy_state(
    source: Engine, target: Engine, now: datetime, *, progress: Progress = lambda _table, _rows: None
) -> list[Copied]:
    """Copies every row of `source` into `target`, which must be empty, and compares them as they can be read there.

    Nothing is kept unless everything is the same. A stage that still holds a lease of `source` is refused with
    `Rejected("in_use")`, rows in `target` with `Rejected("not_empty")`, a difference with `Rejected("differs")`.
    `progress` is told each table and how many of its rows are done.
    """
    for engine in (source, target):
        migrate(engine)
    with transaction(source) as reading, transaction(target) as writing:
        advisory_lock(writing, "copy")
        _refuse_in_use(reading, now)
        origin, goal = reading.connection(), writing.connection()
        names = set(inspect(origin).get_table_names()) - {"alembic_version"}
        pairs = list(zip(_tables(origin, names), _tables(goal, names), strict=True))
        _refuse_rows(goal, [there for _, there in pairs])
        done = [_copy(origin, goal, here, there, progress) for here, there in pairs]
        for _, table in pairs:
            _count_on(goal, table)
    return done


def _refuse_in_use(session: Session, now: datetime) -> None:
    for lease in session.scalars(select(LeaseRow).where(LeaseRow.until > now)):
        raise Rejected("in_use", f"{lease.holder} still holds {lease.name}: stop every stage, wait until {lease.until}")


def _refuse_rows(connection: Connection, tables: Sequence[Table]) -> None:
    full = [table.name for table in tables if connection.execute(select(table).limit(1)).first() is not None]
    if full:
        raise Rejected("not_empty", f"there are rows already in {', '.join(full)}: take a new database")


def _tables(connection: Connection, names: set[str]) -> list[Table]:
    """Reads the tables as this database has them, each behind those it points to."""
    found = MetaData()
    found.reflect(connection, only=sorted(names))
    return found.sorted_tables


def _copy(origin: Connection, goal: Connection, here: Table, there: Table, progress: Progress) -> Copied:
    read = _Sum()
    source = _rows(origin, here)
    while rows := [read.add(row) for row in islice(source, CHUNK)]:
        goal.execute(insert(there), rows)
        progress(there.name, read.rows)
    kept = _Sum()
    for row in _rows(goal, there):
        kept.add(row)
    if (kept.rows, kept.digest) != (read.rows, read.digest):
        raise Rejected("differs", f"{there.name}: {read.rows} rows were read and {kept.rows} came back, or others")
    return Copied(there.name, kept.rows, kept.digest)


def _rows(connection: Connection, table: Table) -> Iterator[dict[str, Any]]:
    columns = sorted(table.columns, key=lambda column: column.name)
    result = connection.execute(select(*columns), execution_options={"yield_per": CHUNK})
    for row in result.mappings():
        yield {name: _aware(value) for name, value in row.items()}


def _aware(value: Any) -> Any:
    """Turns times into UTC: SQLite keeps them in UTC without saying so."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return value


class _Sum:
    """Rows and a digest of them that does not depend on their order, which differs between databases."""

    def __init__(self) -> None:
        self.rows = 0
        self._total = 0

    def add(self, row: dict[str, Any]) -> dict[str, Any]:
        told = repr(list(row.items())).encode("utf-8", "surrogatepass")
        self._total = (self._total + int.from_bytes(sha256(told).digest())) % (1 << 256)
        self.rows += 1
        return row

    @property
    def digest(self) -> str:
        return f"{self._total:064x}"


def _count_on(connection: Connection, table: Table) -> None:
    """Lets a generated key go on behind the highest that was copied; SQLite does so by itself."""
    if connection.dialect.name != "postgresql" or "id" not in table.columns:
        return
    sequence = connection.scalar(select(func.pg_get_serial_sequence(table.name, "id")))
    highest = connection.scalar(select(func.max(table.columns["id"])))
    if sequence is not None and highest is not None:
        connection.execute(select(func.setval(sequence, highest)))
