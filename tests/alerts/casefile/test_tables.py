from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from alerts.casefile.tables import CaseRow
from stream.state.database import Base


def test_the_migration_makes_exactly_the_tables_that_the_code_uses(engine: Engine) -> None:
    """Of the differences alembic sees, only those of our own tables matter: siblings' are not imported here."""
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    ours = [difference for difference in differences if "alert_" in repr(difference)]
    assert CaseRow.__table__ in Base.metadata.tables.values()
    assert ours == []
