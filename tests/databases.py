"""Fresh state databases for tests: a file, or a PostgreSQL database of its own, copied from one that is migrated."""

from collections.abc import Iterator
from contextlib import contextmanager
from os import getpid
from secrets import token_hex
from time import monotonic, sleep

from sqlalchemy import Engine, QueuePool, create_engine, make_url, text

from stream.state.database import migrate, open_state

PATIENCE = 10.0  # seconds for a thread that outlives its test


class Postgres:
    """One run's databases on a test server, which other runs may use at the same time."""

    def __init__(self, address: str) -> None:
        self._address = make_url(address)
        self._server = create_engine(self._address, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
        self._run = f"wenfeng_test_{getpid()}_{token_hex(3)}"
        self._made = 0
        self._do(f"CREATE DATABASE {self._template} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'")
        engine = open_state(self._url(self._template))
        migrate(engine)
        engine.dispose()

    @contextmanager
    def database(self, *, migrated: bool = True, encoding: str = "UTF8") -> Iterator[str]:
        """The URL of a database for one test; whoever is still connected at its end is cut off."""
        self._made += 1
        name = f"{self._run}_{self._made}"
        origin = self._template if migrated and encoding == "UTF8" else "template0"
        self._do(f"CREATE DATABASE {name} TEMPLATE {origin} ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'")
        try:
            yield self._url(name)
        finally:
            self._do(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        self._do(f"DROP DATABASE {self._template} WITH (FORCE)")
        self._server.dispose()

    @property
    def _template(self) -> str:
        return f"{self._run}_0"

    def _url(self, name: str) -> str:
        return self._address.set(database=name).render_as_string(hide_password=False)

    def _do(self, sql: str) -> None:
        with self._server.connect() as connection:
            connection.execute(text(sql))


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """The database at `url`, migrated, and closed at the end."""
    engine = open_state(url)
    try:
        migrate(engine)
        yield engine
    finally:
        _all_back(engine)
        engine.dispose()


def _all_back(engine: Engine) -> None:
    """Wait for connections that threads still hold: a pool forgets them, and a later test would be told of them."""
    give_up = monotonic() + PATIENCE
    while isinstance(engine.pool, QueuePool) and engine.pool.checkedout() and monotonic() < give_up:
        sleep(0.01)
