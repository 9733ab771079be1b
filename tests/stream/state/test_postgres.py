"""The state database on a real PostgreSQL that is cut off, slow, read-only, or not to be had."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import sleep

import pytest
from sqlalchemy import URL, Engine, create_engine, make_url, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from stream.errors import ConfigError, Retryable
from stream.state.database import migrate, open_state, transaction
from stream.state.leases import take_lease
from tests.databases import Postgres, opened

NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)


@pytest.fixture
def url(postgres: Postgres) -> Iterator[str]:
    with postgres.database() as url:
        yield url


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    with opened(url) as engine:
        yield engine


@pytest.fixture
def operator(url: str) -> Iterator[Engine]:
    """Another's connection to the same database, for doing harm."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    yield engine
    engine.dispose()


def write(engine: Engine, holder: str = "one") -> None:
    with transaction(engine) as session:
        take_lease(session, "watch", holder, NOW, timedelta(minutes=1))


def run(engine: Engine, *statements: str) -> None:
    with transaction(engine) as session:
        for statement in statements:
            session.execute(text(statement))


def migrated(url: URL | str) -> None:
    engine = open_state(url if isinstance(url, str) else url.render_as_string(hide_password=False))
    try:
        migrate(engine)
    finally:
        engine.dispose()


def cut_off(operator: Engine) -> None:
    ours = "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE application_name = 'wenfeng'"
    with operator.connect() as connection:
        connection.execute(text(f"{ours} AND datname = current_database()"))


def test_connections_cut_while_idle_are_made_anew_without_an_error(engine: Engine, operator: Engine) -> None:
    write(engine)
    cut_off(operator)
    write(engine)


def test_a_connection_cut_within_a_transaction_is_retryable_and_leaves_nothing(
    engine: Engine, operator: Engine
) -> None:
    def be_cut_off() -> None:
        with transaction(engine) as session:
            take_lease(session, "watch", "one", NOW, timedelta(minutes=1))
            cut_off(operator)
            session.execute(text("SELECT 1"))

    with pytest.raises(Retryable, match="state database"):
        be_cut_off()
    with transaction(engine) as session:
        assert session.execute(text("SELECT count(*) FROM lease")).scalar() == 0


def test_a_server_that_takes_no_writes_is_waited_for(engine: Engine, operator: Engine, url: str) -> None:
    name = make_url(url).database
    write(engine)
    with pytest.raises(Retryable, match="read-only"):
        run(engine, "SET TRANSACTION READ ONLY", "DELETE FROM lease")
    with operator.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
    with pytest.raises(Retryable, match="read-only"):
        write(engine)  # a connection to a server of which no write is to be hoped for is not even opened
    with operator.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} RESET default_transaction_read_only"))
    write(engine)


def test_a_statement_that_takes_too_long_is_retryable(engine: Engine) -> None:
    with pytest.raises(Retryable, match="statement timeout"):
        run(engine, "SET LOCAL statement_timeout = '50ms'", "SELECT pg_sleep(5)")


def test_a_transaction_that_idles_too_long_is_ended_and_retryable(engine: Engine) -> None:
    def idle() -> None:
        with transaction(engine) as session:
            session.execute(text("SET LOCAL idle_in_transaction_session_timeout = '50ms'"))
            sleep(0.2)
            session.execute(text("SELECT 1"))

    with pytest.raises(Retryable):
        idle()


def test_a_lock_that_is_not_to_be_had_is_retryable(engine: Engine) -> None:
    write(engine)
    with transaction(engine) as first:
        first.execute(text("SELECT * FROM lease FOR UPDATE"))
        with pytest.raises(Retryable, match="lock"):
            run(engine, "SET LOCAL lock_timeout = '50ms'", "SELECT * FROM lease FOR UPDATE")


def test_a_mistake_of_ours_is_no_reason_to_wait(engine: Engine) -> None:
    with pytest.raises(ProgrammingError, match="no_such_table"):
        run(engine, "SELECT * FROM no_such_table")


def test_every_connection_has_its_limits_and_the_ones_the_address_adds(url: str) -> None:
    told = make_url(url).update_query_dict({"options": "-c work_mem=3MB"}).render_as_string(hide_password=False)
    with opened(told) as engine, engine.begin() as connection:
        found = {
            name: connection.execute(text(f"SHOW {name}")).scalar()
            for name in ("statement_timeout", "lock_timeout", "timezone", "work_mem")
        }
    assert found == {"statement_timeout": "30s", "lock_timeout": "20s", "timezone": "UTC", "work_mem": "3MB"}


def test_an_address_that_cannot_be_right_is_refused_with_the_remedy(url: str) -> None:
    place = make_url(url)
    refused = {
        "no such user or database": place.set(database="no_such_database"),
        "no host of this name": place.set(host="no-such-host.invalid"),
    }
    for words, wrong in refused.items():
        with pytest.raises(ConfigError, match=words) as error:
            migrated(wrong)
        assert len(str(error.value).splitlines()) == 1
        assert error.value.mistakes[0].key == "state"


def test_a_user_who_may_not_create_tables_is_told_what_to_grant(postgres: Postgres) -> None:
    with postgres.database(migrated=False) as url:
        server = create_engine(url, isolation_level="AUTOCOMMIT")
        name = f"{make_url(url).database}_reader"
        with server.connect() as connection:
            connection.execute(text(f"CREATE ROLE {name} LOGIN"))
            connection.execute(text("REVOKE CREATE ON SCHEMA public FROM PUBLIC"))
        try:
            with pytest.raises(ConfigError, match="GRANT ALL ON SCHEMA public"):
                migrated(make_url(url).set(username=name))
        finally:
            with server.connect() as connection:
                connection.execute(text(f"DROP ROLE {name}"))
            server.dispose()


def test_a_database_in_another_encoding_is_refused(postgres: Postgres) -> None:
    with postgres.database(encoding="SQL_ASCII") as url, pytest.raises(ConfigError, match="ENCODING 'UTF8'"):
        migrated(url)


def test_a_server_that_is_away_is_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(Retryable, match="refused"):
        migrated(f"postgresql+psycopg://nobody@127.0.0.1:{port}/state")


def test_a_server_whose_disk_is_full_is_no_reason_to_wait(engine: Engine) -> None:
    with pytest.raises(OperationalError, match="no space left"):
        run(engine, "DO $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$")


@pytest.mark.parametrize("state", ["40001", "40P01", "53300", "57P01", "57P03", "25P03", "08006"])
def test_what_passes_by_itself_is_waited_for(engine: Engine, state: str) -> None:
    with pytest.raises(Retryable, match="this passes"):
        run(engine, f"DO $$ BEGIN RAISE EXCEPTION 'this passes' USING ERRCODE = '{state}'; END $$")
