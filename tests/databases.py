"""Fresh state databases for tests: a file, or a PostgreSQL database of its own, copied from one that is migrated.

Migrating an empty database costs more than most tests do, so it is done once a run for each kind.
"""

from atexit import register
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from os import getpid
from pathlib import Path
from secrets import token_hex
from shutil import copyfile
from tempfile import TemporaryDirectory
from threading import enumerate as running_threads
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Engine, NullPool, QueuePool, create_engine, make_url, text

from stream.state.database import migrate, open_state

PATIENCE = 10.0  # seconds for a thread that outlives its test
_SHAPE = """
    SELECT (SELECT (count(*), max(xmin::text::bigint)) FROM pg_class),
        (SELECT (count(*), max(xmin::text::bigint)) FROM pg_attribute),
        (SELECT (count(*), max(xmin::text::bigint)) FROM pg_constraint),
        (SELECT (count(*), max(xmin::text::bigint)) FROM pg_trigger),
        (SELECT (count(*), max(xmin::text::bigint)) FROM pg_namespace),
        (SELECT count(*) FROM pg_db_role_setting WHERE setdatabase =
            (SELECT oid FROM pg_database WHERE datname = current_database())),
        (SELECT string_agg(version_num, ' ') FROM alembic_version)
"""  # whoever alters a table leaves another transaction's number in a catalog
_EMPTY = """
DO $$ DECLARE one record; BEGIN
    SET LOCAL session_replication_role = replica; -- in whatever order: nothing is left that could refer to anything
    FOR one IN SELECT oid::regclass AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
        AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0
    LOOP EXECUTE format('DELETE FROM %s', one.name); END LOOP;
    PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
        FROM pg_sequences WHERE last_value IS NOT NULL;
END $$
"""


class Postgres:
    """One run's databases on a test server, which other runs may use at the same time.

    To copy a migrated database takes the server a third of a second, so one that a test left with its tables as they
    were is emptied instead (as a superuser may), and given another name lest somebody who outlives the test finds it.
    """

    def __init__(self, address: str) -> None:
        self._address = make_url(address)
        self._server = create_engine(self._address, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
        self._run = f"wenfeng_test_{getpid()}_{token_hex(3)}"
        self._made = 0
        self._emptied: list[str] = []
        self._do(f"CREATE DATABASE {self._template} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'")
        engine = open_state(self._url(self._template))
        migrate(engine)
        engine.dispose()
        self._shape = self._in(self._template, _SHAPE)
        (self._empties,) = self._in(self._template, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")

    @contextmanager
    def database(self, *, migrated: bool = True, encoding: str = "UTF8") -> Iterator[str]:
        """The URL of a database for one test; whoever is still connected at its end is cut off."""
        self._made += 1
        name = f"{self._run}_{self._made}"
        usual = migrated and encoding == "UTF8"
        if usual and self._emptied:
            former = self._emptied.pop()
            self._cut_off(former)  # who came back since
            self._do(f"ALTER DATABASE {former} RENAME TO {name}")
        else:
            origin = self._template if usual else "template0"
            self._do(f"CREATE DATABASE {name} TEMPLATE {origin} ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'")
        try:
            yield self._url(name)
        finally:
            if usual and self._empties and self._empty(name):
                self._emptied.append(name)
            else:
                self._do(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        for name in (*self._emptied, self._template):
            self._do(f"DROP DATABASE {name} WITH (FORCE)")
        self._server.dispose()

    @property
    def _template(self) -> str:
        return f"{self._run}_0"

    def _url(self, name: str) -> str:
        return self._address.set(database=name).render_as_string(hide_password=False)

    def _do(self, sql: str) -> None:
        with self._server.connect() as connection:
            connection.execute(text(sql))

    def _empty(self, name: str) -> bool:
        """Cut everybody off and take all rows out; False where the database is not what it was by that."""
        self._cut_off(name)
        self._in(name, _EMPTY)
        return self._in(name, _SHAPE) == self._shape

    def _cut_off(self, name: str) -> None:
        self._do(f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{name}'")

    def _in(self, name: str, sql: str) -> tuple[Any, ...]:
        engine = create_engine(self._url(name), isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            found = connection.execute(text(sql))
            return tuple(found.one()) if found.returns_rows else ()


@contextmanager
def opened(url: str, *, migrated: bool = False) -> Iterator[Engine]:
    """The database at `url`, migrated unless it is so already, and closed at the end."""
    file = make_url(url).database
    if file and url.startswith("sqlite") and not Path(file).exists():
        copyfile(_migrated_file(), file)
        migrated = True
    engine = open_state(url)
    try:
        if not migrated:
            migrate(engine)
        yield engine
    finally:
        _all_back(engine)
        engine.dispose()


@cache
def _migrated_file() -> Path:
    folder = TemporaryDirectory()
    register(folder.cleanup)
    file = Path(folder.name) / "state.db"
    engine = open_state(f"sqlite:///{file}")
    migrate(engine)
    engine.dispose()
    return file


def _all_back(engine: Engine) -> None:
    """Wait for letters on their way and for connections that threads still hold.

    A thread that asks for a connection after the pool is closed gets a new one, which nobody closes: the collector
    finds it in the midst of a later test, and that one fails.
    """
    give_up = monotonic() + PATIENCE
    for thread in running_threads():
        if thread.name.startswith("send "):
            thread.join(max(0.0, give_up - monotonic()))
    while isinstance(engine.pool, QueuePool) and engine.pool.checkedout() and monotonic() < give_up:
        sleep(0.01)
