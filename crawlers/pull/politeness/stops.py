"""Stopped by hand: what nobody asks until it is let go on. Rows of the state, so that it holds on every machine."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from stream.state.database import Base, advisory_lock, reading, transaction

EVERYTHING = "*"


class StopRow(Base):
    """One thing that is stopped: a source or a host by name, or everything."""

    __tablename__ = "crawl_stop"

    what: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    why: Mapped[str]


@dataclass(frozen=True, slots=True)
class Stop:
    """What is stopped, since when and why."""

    what: str
    since: datetime
    why: str


def stop(engine: Engine, what: str, why: str, now: datetime) -> None:
    """Stops it; what is stopped already keeps its time and takes the new reason."""
    with transaction(engine) as session:
        advisory_lock(session, "crawl stops")
        row = session.get(StopRow, what)
        if row is None:
            session.add(StopRow(what=what, since=now, why=why))
        else:
            row.why = why


def resume(engine: Engine, what: str) -> tuple[str, ...]:
    """Lets it go on, `EVERYTHING` with whatever was stopped by itself; returns what had been stopped."""
    chosen = StopRow.what == what if what != EVERYTHING else StopRow.what != ""
    with transaction(engine) as session:
        found = tuple(session.scalars(select(StopRow.what).where(chosen).order_by(StopRow.what)))
        session.execute(delete(StopRow).where(chosen))
    return found


def stops(engine: Engine) -> tuple[Stop, ...]:
    """Reads everything that is stopped, the oldest first."""
    with reading(engine) as session:
        return tuple(
            Stop(row.what, row.since, row.why) for row in session.scalars(select(StopRow).order_by(StopRow.since))
        )


def stopping(found: Iterable[Stop], source: str, host: str) -> Stop | None:
    """Finds the stop that holds for a source of that host."""
    return next((one for one in found if one.what in (EVERYTHING, source, host)), None)
