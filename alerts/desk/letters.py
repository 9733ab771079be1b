"""Letters as people look at them: what was sent, what waits, what was refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from alerts.desk.register import Register
from alerts.notify.holding.digest import cause_words
from alerts.notify.holding.silences import Silence, silences
from alerts.notify.outbox import retry
from alerts.notify.tables import OutboxRow, RowState
from stream.state.database import reading

LEFT = tuple(one for one in RowState if one not in (RowState.SENT, RowState.WITHDRAWN))


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterStatus:
    """A notice to one person on its way by one channel; `channel` is None while there is none to go by.

    `place` counts the person's channels, 0 the main one; `answer` is the far side's last words. `held_for` says why it
    is held, in words, "" where it is not, and `held_until` for how long. `lost` counts answers that never came, and
    `instead` names what went in its place, None where it goes itself.
    """

    id: int
    case_id: int | None
    step: str
    recipient: str
    channel: str | None
    place: int
    state: RowState
    attempts: int
    queued_at: datetime
    next_at: datetime
    sent_at: datetime | None
    answer: str
    held_for: str = ""
    held_until: datetime | None = None
    lost: int = 0
    instead: str | None = None

    @property
    def is_held(self) -> bool:
        return bool(self.held_for)


def list_letters(register: Register, *, also_done: bool = False) -> list[LetterStatus]:
    """Finds letters that wait or were refused, the oldest first; with `also_done` those sent or taken back, too."""
    query = select(OutboxRow).order_by(OutboxRow.id)
    with reading(register.engine) as session:
        rows = session.scalars(query if also_done else query.where(OutboxRow.state.in_(LEFT)))
        known = {one.key: one for one in silences(session)}
        return [_status(row, known) for row in rows]


def retry_letter(register: Register, letter_id: int, now: datetime) -> bool:
    """Makes a waiting or refused letter due at once; False if there is no such letter."""
    return retry(register.engine, now, letter_id)


def _status(row: OutboxRow, known: Mapping[str, Silence]) -> LetterStatus:
    held = row.held_for if row.state == RowState.QUEUED and not row.cleared else None
    return LetterStatus(
        id=row.id, case_id=row.case_id, step=row.step, recipient=row.recipient, channel=row.channel,
        place=row.place, state=RowState(row.state), attempts=row.attempts,
        queued_at=row.queued_at, next_at=row.next_at, sent_at=row.sent_at, answer=row.answer or "",
        held_for=cause_words(held, known) if held else "", held_until=row.held_until if held else None, lost=row.lost,
        instead=row.instead,
    )  # fmt: skip
