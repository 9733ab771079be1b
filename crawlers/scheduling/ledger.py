"""Whose each tick is: a row a source in the state, so that two schedulers, wherever they run, never double a crawl."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Mapped, mapped_column

from crawlers.scheduling.timing import Due
from stream.process.holders import ended
from stream.state.database import Base, advisory_lock, reading, transaction

LASTS = timedelta(seconds=90)  # without a renewal; a scheduler that was killed is not waited for any longer
NOBODY = ""


class ScheduleRow(Base):
    """A source's newest tick that was taken. `holder` has a crawl under way until `until`, empty once it ended."""

    __tablename__ = "crawl_schedule"

    source: Mapped[str] = mapped_column(primary_key=True)
    tick: Mapped[datetime]
    holder: Mapped[str]
    until: Mapped[datetime]
    missed: Mapped[int]
    missed_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class TakenTick:
    """What is known of a source's ticks. `missed` counts since ever, `missed_at` is the newest that was."""

    tick: datetime
    holder: str
    until: datetime
    missed: int
    missed_at: datetime | None

    def runs(self, now: datetime) -> bool:
        """Tells whether a crawl is under way, as far as can be seen."""
        return self.holder != NOBODY and self.until > now and not ended(self.holder)

    def cut_off(self, now: datetime) -> bool:
        """Tells whether the crawl of the tick was begun by a scheduler that is no more: it is due again."""
        return self.holder != NOBODY and not self.runs(now)


def ticks(engine: Engine) -> dict[str, TakenTick]:
    """Reads every source's."""
    with reading(engine) as session:
        return {row.source: _taken(row) for row in session.scalars(select(ScheduleRow))}


def claim(engine: Engine, source: str, due: Due, holder: str, now: datetime) -> TakenTick | None:
    """Takes a tick for `holder`; what the row says instead where somebody else was faster, or still crawls.

    None where it is ours. The tick of a crawl that was cut off may be taken again.
    """
    with transaction(engine) as session:
        advisory_lock(session, f"schedule {source}")
        row = session.scalar(select(ScheduleRow).where(ScheduleRow.source == source).with_for_update())
        if row is None:
            row = ScheduleRow(source=source, tick=due.tick, holder=holder, until=now + LASTS, missed=0)
            session.add(row)
        else:
            found = _taken(row)
            if found.runs(now) or not (found.cut_off(now) or found.tick < due.tick):
                return found
        row.tick, row.holder, row.until = due.tick, holder, now + LASTS
        if due.missed:
            row.missed, row.missed_at = row.missed + due.missed, now
    return None


def miss(engine: Engine, source: str, due: Due, holder: str, now: datetime) -> None:
    """Counts a tick, and those before it, that came while the crawl of `holder` was still under way."""
    with transaction(engine) as session:
        mine = ScheduleRow.source == source, ScheduleRow.holder == holder
        missed = ScheduleRow.missed + due.missed + 1
        session.execute(update(ScheduleRow).where(*mine).values(tick=due.tick, missed=missed, missed_at=now))


def rewind(engine: Engine, source: str, now: datetime) -> None:
    """Sets the newest tick to now: a clock that was set back brings the ticks of the time that comes again."""
    with transaction(engine) as session:
        advisory_lock(session, f"schedule {source}")
        row = session.get(ScheduleRow, source)
        if row is None:
            session.add(ScheduleRow(source=source, tick=now, holder=NOBODY, until=now, missed=0))
        else:
            row.tick, row.until = now, min(row.until, now + LASTS)


def renew(engine: Engine, sources: Collection[str], holder: str, now: datetime) -> None:
    """Says that these crawls of `holder` are under way."""
    with transaction(engine) as session:
        mine = ScheduleRow.source.in_(sources), ScheduleRow.holder == holder
        session.execute(update(ScheduleRow).where(*mine).values(until=now + LASTS))


def release(engine: Engine, sources: Collection[str], holder: str, now: datetime) -> None:
    """Says that these crawls of `holder` have ended."""
    with transaction(engine) as session:
        mine = ScheduleRow.source.in_(sources), ScheduleRow.holder == holder
        session.execute(update(ScheduleRow).where(*mine).values(holder=NOBODY, until=now))


def last_taken(taken: Mapping[str, TakenTick], source: str, started_at: datetime | None) -> datetime | None:
    """Finds from when on a source's ticks count: its newest one that was taken, else when it was last begun."""
    return taken[source].tick if source in taken else started_at


def _taken(row: ScheduleRow) -> TakenTick:
    return TakenTick(row.tick, row.holder, row.until, row.missed, row.missed_at)
