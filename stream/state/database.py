"""The state database: cursors, source health, cases, outbox, leases. SQLite on one machine, PostgreSQL beyond.

Each package keeps its own tables (classes that inherit `Base`); the migrations beside this file create them all.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Integer,
    create_engine,
    event,
    func,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from stream.errors import ConfigError, Mistake, Retryable
from stream.state.postgres import mistake, open_postgres, passing, read_only, unfit

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


def open_state(url: str, password: str | None = None) -> Engine:
    """Opens the database at `url` (`sqlite:///…` or `postgresql+psycopg://…`). Opens no connection yet.

    On SQLite every transaction starts as a writer, so they follow one another; on PostgreSQL they run side by side, and
    what must not is said by `advisory_lock` or by locking rows.
    """
    place = make_url(url)
    if place.get_backend_name() == "postgresql":
        return open_postgres(place if password is None else place.set(password=password))
    engine = create_engine(place)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def disposing(engine: Engine) -> Iterator[Engine]:
    """Lends the engine, whose connections are closed at the end."""
    try:
        yield engine
    finally:
        engine.dispose()


def migrate(engine: Engine, revision: str = "head") -> None:
    """Brings the database to `revision`; does nothing where it is there already. Several processes may do so at once.

    A database that cannot be used raises `ConfigError` with the remedy; one that is away, `Retryable`.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    try:
        with engine.begin() as connection:
            _refuse_unfit(connection)
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL statement_timeout = 0"))
                connection.execute(_lock("migrations"))
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
    except DBAPIError as error:
        if (why := mistake(error)) is not None:
            raise _unusable(why) from error
        if (wait := _wait(engine, error)) is not None:
            raise wait from error
        raise
    except CommandError as error:
        newest = ScriptDirectory.from_config(config).get_current_head()
        raise _unusable(f"the tables are of a newer program than this one, which knows {newest}: {error}") from error


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """Opens one transaction: everything inside is kept, or nothing is.

    A database that is busy for too long, or away, raises `Retryable`; a full disk passes as what it is, and crashes.
    Where the connection is lost at the very end, what was written may have been kept: writing it again must do no harm.
    """
    with _patient(engine), Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def writing(engine: Engine, *, flushed: bool = True) -> Iterator[Connection]:
    """Opens a `transaction` for statements alone, where there are many: a session costs as much as a statement.

    What is not `flushed` outlives this process like all else; a power cut may take it, up to the next that is flushed.
    """
    with _patient(engine), (engine if flushed else engine.execution_options(flushed=False)).begin() as connection:
        if not flushed and connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Opens one state of the database, to look at.

    Waits for no writer and makes none wait; raises as `transaction` does.
    """
    with _patient(engine), Session(engine.execution_options(reading=True), expire_on_commit=False) as session:
        yield session


def advisory_lock(within: Session | Connection, name: str) -> None:
    """Waits until no other transaction that said this name is under way; holds until this one ends.

    For what is read and then written: without it two PostgreSQL transactions may both find a row missing.
    """
    connection = within if isinstance(within, Connection) else within.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(_lock(name))


@contextmanager
def _patient(engine: Engine) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if (wait := _wait(engine, error)) is not None:
            raise wait from error
        raise


def _wait(engine: Engine, error: DBAPIError) -> Retryable | None:
    if not _passing(error):
        return None
    if read_only(error):
        engine.dispose()  # the next connection goes to a server that takes writes
    return Retryable(f"state database: {' '.join(str(error.orig).split())}", after=1.0)


def _passing(error: DBAPIError) -> bool:
    """Tells whether waiting may help: a lock or a lost connection, not a full disk or a damaged file."""
    return passing(error) if hasattr(error.orig, "sqlstate") else "locked" in str(error.orig)


def _refuse_unfit(connection: Connection) -> None:
    if connection.dialect.name == "postgresql" and (why := unfit(connection)) is not None:
        raise _unusable(why)


def _unusable(why: str) -> ConfigError:
    return ConfigError([Mistake("stream.yml", "state", why)])


def _lock(name: str) -> Any:
    return select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0)))


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: the driver's own would start as a reader
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("reading", False):
        connection.exec_driver_sql("BEGIN")
        return
    flush = "FULL" if options.get("flushed", True) else "NORMAL"
    if connection.info.get("synchronous", "FULL") != flush:  # SQLite takes it between transactions alone
        connection.exec_driver_sql(f"PRAGMA synchronous={flush}")
        connection.info["synchronous"] = flush
    connection.exec_driver_sql("BEGIN IMMEDIATE")
