"""What was written to people about one case, and whether a server accepted it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from alerts.desk.register import Register
from alerts.desk.telling import OCCASION_NAMES
from alerts.notify.tables import OutboxRow, RowState
from alerts.words import STEP_NAMES
from stream.state.database import reading

MOST = 60  # letters told of one case, the newest


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLetter:
    """A letter of a case to a person by a channel. `person` and `what` are in words; `answer` is the server's."""

    what: str
    person: str
    channel: str
    state: RowState
    queued_at: datetime
    sent_at: datetime | None
    answer: str


def letters_of(register: Register, case_id: int) -> tuple[CaseLetter, ...]:
    """Reads the case's letters, the newest first, at most `MOST`; not by the ways that were not needed."""
    columns = (
        OutboxRow.step, OutboxRow.person, OutboxRow.recipient, OutboxRow.channel, OutboxRow.state,
        OutboxRow.queued_at, OutboxRow.sent_at, OutboxRow.answer,
    )  # fmt: skip
    needed = or_(OutboxRow.place == 0, OutboxRow.state.in_((RowState.SENT, RowState.FAILED, RowState.CLAIMED)))
    query = select(*columns).where(OutboxRow.case_id == case_id, needed).order_by(OutboxRow.id.desc()).limit(MOST)
    people = register.config.people
    with reading(register.engine) as session:
        return tuple(
            CaseLetter(
                what=_what(row.step), person=people[row.person].name if row.person in people else row.recipient,
                channel=row.channel or "", state=RowState(row.state), queued_at=row.queued_at, sent_at=row.sent_at,
                answer=row.answer or "",
            )
            for row in session.execute(query)
        )  # fmt: skip


def _what(step: str) -> str:
    """Names why a letter was written and of which step it is, by the name that it is known by."""
    occasion, _, rest = step.partition("-")
    named = f"「{STEP_NAMES[rest]}」" if rest in STEP_NAMES else ""
    return OCCASION_NAMES.get(occasion, "通知") + named
