"""What has gone before a letter: acts with their notes, who was written to, the counts of then. Read, never written."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.casefile.tables import EventKind, EventRow
from alerts.notify.contents.letter import read_letter
from alerts.notify.contents.notice import Notice, UnreadableNotice
from alerts.notify.contents.quotes import clean
from alerts.notify.contents.situation import Deed, Happening
from alerts.notify.tables import OutboxRow, RowState
from alerts.words import VERDICT_NAMES, event_name
from alerts.workflow.cases import Case
from alerts.workflow.parts import Verdict

DEEDS = 5  # told in one letter, the last ones
LONGEST_NOTE = 300
GONE_OUT = (RowState.QUEUED, RowState.CLAIMED, RowState.SENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """`deeds` are people's acts, the last first, all of them; `verified` those that found a verdict.

    `told` is the count in the last letter, of `told_at`, None before there was one; `peak` the highest count that any
    line of the history has. `previous_verdict` is what was found before the case was opened again, in words.
    `informed` are the keys of people who had a letter of the case.
    """

    deeds: tuple[Deed, ...] = ()
    verified: tuple[Deed, ...] = ()
    told: int | None = None
    told_at: datetime | None = None
    peak: int = 0
    peak_at: datetime | None = None
    previous_verdict: str = ""
    informed: tuple[str, ...] = ()
    happened: tuple[Happening, ...] = ()


NOTHING = Past()


def read_past(session: Session, case: Case, now: datetime) -> Past:
    """Reads what went before the letters that are made at `now`."""
    query = select(EventRow).where(EventRow.case_id == case.id).order_by(EventRow.number)
    events = [(row, json.loads(row.detail)) for row in session.scalars(query)]
    acts = [(row, detail) for row, detail in events if row.kind not in set(EventKind)]
    verdicts = [(row, detail["verdict"]) for row, detail in acts if detail.get("verdict")]
    counts = [(int(detail["negative"]), _until(row, detail)) for row, detail in events if "negative" in detail]
    peak, peak_at = max(counts, key=lambda one: one[0], default=(0, None))
    gone_out = _letters(session, case.id, now)
    told, told_at = _last_told(session, case.id, now)
    letters = [Happening(at, True) for at in sorted({at for _, at in gone_out})]
    return Past(
        deeds=tuple(_deed(row, detail) for row, detail in reversed(acts)),
        verified=tuple(_deed(row, {"verdict": verdict}) for row, verdict in verdicts),
        told=told, told_at=told_at, peak=peak, peak_at=peak_at,
        previous_verdict=_word(verdicts[-1][1]) if verdicts and case.verdict is None else "",
        informed=tuple(dict.fromkeys(person for person, _ in gone_out if person)),
        happened=(*letters, *(Happening(row.at, False) for row, _ in acts)),
    )  # fmt: skip


def _until(row: EventRow, detail: dict[str, str]) -> datetime:
    """Tells until when a line of the history counts; those of before say only when they were written."""
    return datetime.fromisoformat(detail["until"]) if "until" in detail else row.at


def _deed(row: EventRow, detail: dict[str, str]) -> Deed:
    verdict = detail.get("verdict")
    what = event_name(row.kind) + (f"（{_word(verdict)}）" if verdict else "")
    return Deed(row.at, clean(row.by, 60), what, clean(row.note, LONGEST_NOTE))


def _word(verdict: str) -> str:
    """Says the verdict; older histories have the word itself."""
    known = {str(one): VERDICT_NAMES[one] for one in Verdict}
    return known.get(verdict, verdict)


def _letters(session: Session, case_id: int, now: datetime) -> list[tuple[str | None, datetime]]:
    """Finds to whom and when letters of the case were written, but for those of this moment."""
    query = select(OutboxRow.person, OutboxRow.queued_at).where(
        OutboxRow.case_id == case_id, OutboxRow.queued_at < now, OutboxRow.state.in_(GONE_OUT)
    )
    return [(person, at) for person, at in session.execute(query.order_by(OutboxRow.id)).all()]


def _last_told(session: Session, case_id: int, now: datetime) -> tuple[int | None, datetime | None]:
    """Reads the count in the case's last letter before this moment; None where there is none that can be read."""
    query = select(OutboxRow.notice).where(
        OutboxRow.case_id == case_id, OutboxRow.queued_at < now, OutboxRow.state.in_(GONE_OUT),
        OutboxRow.notice.is_not(None),
    )  # fmt: skip
    kept = session.scalar(query.order_by(OutboxRow.id.desc()).limit(1))
    try:
        letter = read_letter(kept) if kept else None
    except UnreadableNotice:
        return None, None
    if not isinstance(letter, Notice):
        return None, None
    if letter.situation is not None:
        return letter.situation.negative, letter.situation.at
    return (letter.figures.negative, letter.figures.at) if letter.figures is not None else (None, None)
