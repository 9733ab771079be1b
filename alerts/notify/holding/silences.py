"""Silences: topics of which nothing is written for a while, since somebody said so, why and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from alerts.notify.contents.notice import Colour
from alerts.notify.tables import OutboxRow, RowState, SilenceRow
from stream.state.database import reading, transaction

LONGEST = timedelta(days=7)  # set by us: what is to be silent for longer is a topic to be taken out


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Letters about `topic` that are not graver than `up_to` are withheld from `began_at` until `until`."""

    id: int
    topic: str
    began_at: datetime
    until: datetime
    reason: str
    by: str
    up_to: Colour

    @property
    def key(self) -> str:
        """What a row that is held by it says."""
        return f"silence {self.id}"

    def covers(self, topic: str | None, colour: Colour, at: datetime) -> bool:
        """Tells whether a letter is withheld: never a red one, nor one of a graver grade than was silenced."""
        graver = list(Colour).index(colour) < list(Colour).index(self.up_to)
        return topic == self.topic and colour is not Colour.RED and not graver and self.began_at <= at < self.until


def add_silence(
    engine: Engine, topic: str, until: datetime, *, reason: str, by: str, up_to: Colour, now: datetime
) -> Silence:
    """Writes a silence down, which holds from now on. Raises ValueError where it is too long, over, or of red."""
    if not now < until <= now + LONGEST:
        raise ValueError("静默须在 7 天之内结束，且结束时间晚于现在")
    if up_to is Colour.RED:
        raise ValueError("特别重大（红色）的通知不能静默")
    if not reason.strip():
        raise ValueError("请写明静默事由")
    with transaction(engine) as session:
        row = SilenceRow(topic=topic, began_at=now, until=until, reason=reason.strip(), by=by, up_to=up_to)
        session.add(row)
        session.flush()
        return _read(row)


def end_silence(engine: Engine, number: int, now: datetime) -> bool:
    """Ends a silence now: what it withheld is told in the next round. False where it is over already or never was."""
    with transaction(engine) as session:
        row = session.get(SilenceRow, number, with_for_update=True)
        if row is None or row.until <= now:
            return False
        row.until = now
        held = (OutboxRow.held_for == _read(row).key, OutboxRow.state == RowState.QUEUED, OutboxRow.cleared.is_(False))
        session.execute(update(OutboxRow).where(*held).values(held_until=now))
        return True


def read_silences(engine: Engine, now: datetime | None = None) -> list[Silence]:
    """Finds the silences that hold at `now`, or every one there ever was; the oldest first."""
    with reading(engine) as session:
        return list(silences(session, now))


def silences(session: Session, now: datetime | None = None) -> Sequence[Silence]:
    """Finds them within a transaction."""
    query = select(SilenceRow).order_by(SilenceRow.id)
    rows = session.scalars(query if now is None else query.where(SilenceRow.until > now, SilenceRow.began_at <= now))
    return tuple(_read(row) for row in rows)


def _read(row: SilenceRow) -> Silence:
    return Silence(
        id=row.id, topic=row.topic, began_at=row.began_at, until=row.until, reason=row.reason, by=row.by,
        up_to=Colour(row.up_to),
    )  # fmt: skip
