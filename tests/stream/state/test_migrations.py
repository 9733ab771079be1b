"""The revisions make exactly the tables that the packages' classes describe, and take them away again."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from stream.errors import ConfigError
from stream.state.database import MIGRATIONS, Base, migrate, open_state, reading
from stream.state.source_health import SourceHealth

#: Every module with tables.
HOMES = (
    "stream.state.source_health",
    "stream.state.labels",
    "stream.state.source_lists",
    "stream.state.leases",
    "stream.state.tombstones",
    "crawlers.cursors",
    "crawlers.validators",
    "crawlers.pull.politeness.manners",
    "crawlers.pull.politeness.stops",
    "crawlers.scheduling.ledger",
    "alerts.casefile.papers",
    "alerts.briefs.tables",
    "alerts.casefile.tables",
    "alerts.detection.kept",
    "alerts.claims.tables",
    "alerts.console.tables",
    "alerts.incidents.tables",
    "alerts.notify.codes",
    "alerts.notify.tables",
    "alerts.people.accounts",
    "alerts.replies.tables",
)


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database without a table."""
    if request.param == "sqlite":
        engine = open_state(f"sqlite:///{tmp_path / 'empty.db'}")
        yield engine
        engine.dispose()
        return
    with request.getfixturevalue("postgres").database(migrated=False) as url:
        engine = open_state(url)
        yield engine
        engine.dispose()


def test_migrations_make_what_the_classes_describe(engine: Engine) -> None:
    for home in HOMES:
        import_module(home)
    with engine.begin() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_object": lambda _, name, kind, *__: not (kind == "table" and name.startswith("test_"))},
        )
        assert compare_metadata(context, Base.metadata) == []


def test_migrations_go_down_and_up_again(empty: Engine) -> None:
    migrate(empty)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with empty.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
    migrate(empty)


def test_what_a_version_before_wrote_of_a_source_is_kept_and_the_source_not_retired(empty: Engine) -> None:
    migrate(empty, "0007")
    with empty.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO source_health (source, site, state, reason, pages, read, new, changed, deleted, failures)"
                " VALUES ('bbs', 'bbs', 'ok', '', 3, 20, 1, 0, 0, 0)"
            )
        )
    migrate(empty)
    with reading(empty) as session:
        row = session.get_one(SourceHealth, "bbs")
    assert (row.state, row.pages, row.read, row.retired_at) == ("ok", 3, 20, None)


def test_stages_that_start_together_may_all_migrate(empty: Engine) -> None:
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(migrate, empty) for _ in range(4)]:
            done.result()


def test_tables_of_a_newer_program_are_refused_in_words(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigError, match="newer program"):
        migrate(engine)
