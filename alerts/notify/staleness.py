"""What a newer letter makes of older ones: they are taken back, and it says how many never arrived."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import and_, select, update
from sqlalchemy.orm import Session

from alerts.notify.contents.letter import Letter
from alerts.notify.tables import PENDING, OutboxRow, RowState
from stream.process.clock import SHANGHAI

AT_ONCE = timedelta(minutes=5)  # what was overtaken sooner, and never tried, counts as never written; set by us


@dataclass(frozen=True, slots=True)
class Missed:
    """How many letters before this one did not arrive, and when the first of them was written."""

    count: int
    first_at: datetime


def supersede(
    session: Session, name: str, *, case_id: int, person: str, tasks: Iterable[int], at: datetime
) -> Missed | None:
    """Takes back what the person was to be told about these tasks of the case before the letter `name`.

    What is being sent just now is not tried again. The caller holds the case. None where nothing had gone amiss.
    """
    about = and_(OutboxRow.case_id == case_id, OutboxRow.person == person, OutboxRow.task_id.in_(tuple(tasks)))
    older = and_(about, OutboxRow.message_id != name, OutboxRow.state.in_(PENDING), OutboxRow.instead.is_(None))
    rows = list(session.scalars(select(OutboxRow).where(older).order_by(OutboxRow.id).with_for_update()))
    for row in rows:
        row.instead = name
        if row.state == RowState.QUEUED:
            row.state = RowState.WITHDRAWN
    session.flush()
    before = and_(OutboxRow.case_id == case_id, OutboxRow.instead.in_({row.message_id for row in rows}))
    session.execute(update(OutboxRow).where(before).values(instead=name))
    gone = and_(OutboxRow.instead == name, OutboxRow.place == 0, OutboxRow.state == RowState.WITHDRAWN)
    return missed(session.scalars(select(OutboxRow).where(gone)), at)


def missed(rows: Iterable[OutboxRow], at: datetime) -> Missed | None:
    """Counts the letters that should have arrived by now; those that were held on purpose should not."""
    late = [one for one in rows if one.attempts or (one.held_for is None and at - one.queued_at >= AT_ONCE)]
    return Missed(len(late), min(one.queued_at for one in late)) if late else None


def with_missed(letter: Letter, found: Missed | None) -> Letter:
    """Adds to what the letter says how many before it did not arrive."""
    if found is None:
        return letter
    first = found.first_at.astimezone(SHANGHAI)
    when = f"{first.month}月{first.day}日{first:%H:%M}"
    return replace(letter, headline=f"{letter.headline}（此前另有 {found.count} 封未能送达，最早 {when}）")
