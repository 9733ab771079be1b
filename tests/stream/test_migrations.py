"""The revisions make exactly the tables that the packages' classes describe, and take them away again."""

from importlib import import_module
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect

from stream.state import MIGRATIONS, Base, migrate, open_state

HOMES = ("stream.health", "crawlers.cursors", "crawlers.validators", "alerts.records")  # every module with tables


def opened(folder: Path) -> Engine:
    return open_state(f"sqlite:///{folder / 'state.db'}")


def test_migrations_make_what_the_classes_describe(tmp_path: Path) -> None:
    for home in HOMES:
        import_module(home)
    engine = opened(tmp_path)
    migrate(engine)
    with engine.begin() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_object": lambda _, name, kind, *__: not (kind == "table" and name.startswith("test_"))},
        )
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_migrations_go_down_and_up_again(tmp_path: Path) -> None:
    engine = opened(tmp_path)
    migrate(engine)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
    migrate(engine)
    engine.dispose()
