"""Who has a case's page open: told to the others, so that two do not do the same."""

from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, select

from alerts.console.tables import ViewingRow
from stream.state.database import advisory_lock, reading, transaction

LOOKING = timedelta(minutes=2)  # after its last sign a page counts as open for so long
EVERY = timedelta(seconds=25)  # a row is written no more often


def note_viewing(engine: Engine, case_id: int, person: str, now: datetime) -> tuple[str, ...]:
    """Notes that the person looks at the case; returns the keys of the others who do."""
    with reading(engine) as session:
        rows = session.execute(select(ViewingRow.person, ViewingRow.at).where(ViewingRow.case_id == case_id))
        seen = {row.person: row.at for row in rows}
    if now - seen.get(person, now - LOOKING) >= EVERY:
        with transaction(engine) as session:
            advisory_lock(session, f"viewing {case_id}")  # two tabs of one person
            session.merge(ViewingRow(case_id=case_id, person=person, at=now))
            session.execute(delete(ViewingRow).where(ViewingRow.case_id == case_id, ViewingRow.at < now - LOOKING))
    return tuple(sorted(key for key, at in seen.items() if key != person and now - at < LOOKING))
