"""The state database: cursors, source health, cases, outbox, leases. SQLite on one machine, PostgreSQL beyond.

Each package keeps its own tables (classes that inherit `Base`); the migrations beside this file create them all.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import BigInteger, Connection, DateTime, Dialect, Engine, Integer, create_engine, event, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.types import TypeDecorator

from stream.errors import Fenced, Retryable

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY = 30_000  # milliseconds a writer waits for another writer of the SQLite file


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, stored as UTC; SQLite keeps no zone, so a naive value would be a silent error."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone: {value}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


#: A generated key: BIGINT everywhere but on SQLite, which counts up only for INTEGER.
Serial = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """The root of every table of the state database."""

    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012 - read by SQLAlchemy as a class attribute


class LeaseRow(Base):
    """Who may do a thing that only one process may do, until when. `token` grows with every change of holder."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    token: Mapped[int] = mapped_column(BigInteger)
    until: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Lease:
    """A right to act, proven inside each write transaction by `check_lease`."""

    name: str
    holder: str
    token: int


def open_state(url: str) -> Engine:
    """The database at `url`, every transaction of which starts as a writer. Opens no connection yet."""
    engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_as_writer)
    return engine


def migrate(engine: Engine, revision: str = "head") -> None:
    """Brings the database to `revision`; does nothing where it is there already."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """One transaction: everything inside is kept, or nothing is.

    A database that is busy beyond `BUSY`, or away, raises `Retryable`; a full disk passes as what it is, and crashes.
    """
    try:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session
    except OperationalError as error:
        if _passing(error):
            raise Retryable(f"state database: {error.orig}", after=1.0) from error
        raise


def take_lease(session: Session, name: str, holder: str, now: datetime, ttl: timedelta) -> Lease | None:
    """The lease, taken or renewed until `now + ttl`; None while somebody else holds it."""
    row = session.scalar(select(LeaseRow).where(LeaseRow.name == name).with_for_update())
    if row is None:
        row = LeaseRow(name=name, holder=holder, token=1, until=now + ttl)
        session.add(row)
    elif row.holder == holder or row.until <= now:
        row.token += row.holder != holder
        row.holder, row.until = holder, now + ttl
    else:
        return None
    session.flush()
    return Lease(name, holder, row.token)


def check_lease(session: Session, lease: Lease) -> None:
    """Raises `Fenced` if the lease went to somebody else: what this transaction wrote must not be kept."""
    row = session.scalar(select(LeaseRow).where(LeaseRow.name == lease.name).with_for_update())
    if row is None or (row.holder, row.token) != (lease.holder, lease.token):
        raise Fenced(f"lease {lease.name} is held by {row.holder if row else 'nobody'}")


def _passing(error: OperationalError) -> bool:
    """Whether waiting may help: a lock or a lost connection, not a full disk or a damaged file."""
    return error.connection_invalidated or "locked" in str(error.orig)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: the driver's own would start as a reader
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_as_writer(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
