"""A sign-in forgets what the console need not know any more, and nothing else."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select

from alerts.console.accounts.sessions import ACCESSES_KEPT, LONGEST, SPENT_KEPT, begin_session
from alerts.console.tables import AccessRow, SessionRow, SpentLinkRow, ViewingRow
from stream.state.database import Base, reading, transaction

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("table", "kept"),
    [(SessionRow, LONGEST), (ViewingRow, LONGEST), (AccessRow, ACCESSES_KEPT), (SpentLinkRow, SPENT_KEPT)],
    ids=lambda one: getattr(one, "__tablename__", ""),
)
def test_what_is_old_is_forgotten_at_the_next_sign_in(
    engine: Engine, now: datetime, table: type[Base], kept: timedelta
) -> None:
    def row(number: int, at: datetime) -> Base:
        rows: dict[type[Base], Base] = {
            SessionRow: SessionRow(digest=f"{number}" * 64, person="a", began_at=at, seen_at=at, told=""),
            ViewingRow: ViewingRow(case_id=number, person="a", at=at),
            AccessRow: AccessRow(at=at, person="a", client="", what="export", detail=""),
            SpentLinkRow: SpentLinkRow(digest=f"{number}" * 64, at=at),
        }
        return rows[table]

    with transaction(engine) as session:
        session.add_all([row(1, now - kept - SECOND), row(2, now - kept + SECOND)])
    begin_session(engine, "zhang_min", now)
    with reading(engine) as session:
        left = session.scalar(select(func.count()).select_from(table))
    assert left == (2 if table is SessionRow else 1)  # a session of one's own has begun beside
