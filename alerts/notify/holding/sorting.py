"""Sorting the mail before a round: what may go, what is held, and what is told in a digest instead.

A letter that was not sorted is sent by nobody. Sorters take turns and change letters that nobody has tried. They hold
rows of many cases and no case, so they never wait for a row: what somebody else has just now waits for the next round.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import Engine, and_, func, or_, select
from sqlalchemy.orm import Session

from alerts.notify.contents.letter import read_letter
from alerts.notify.contents.notice import Colour, Notice, Occasion, UnreadableNotice
from alerts.notify.holding.decision import WINDOW, Cause, Hold, OpenCase, Posture, Waiting, decide
from alerts.notify.holding.digest import STEP, Kept, digest, portions, ranked
from alerts.notify.holding.silences import Silence, silences
from alerts.notify.outbox import CaseRef, queue
from alerts.notify.render.mail import message_id
from alerts.notify.routing import Routing
from alerts.notify.tables import PENDING, OutboxRow, RowState
from stream.process.failpoints import failpoint
from stream.state.database import advisory_lock, reading, transaction

_UNSORTED = and_(OutboxRow.state == RowState.QUEUED, OutboxRow.cleared.is_(False))


@dataclass(frozen=True, slots=True)
class _Sorter:
    """One turn of sorting."""

    session: Session
    routing: Routing
    now: datetime
    silences: Sequence[Silence]

    def decide(self, open_cases: Sequence[OpenCase]) -> None:
        """Lets go or holds what nobody decided about."""
        fresh = self._letters(_UNSORTED, OutboxRow.held_for.is_(None))
        if not fresh:
            return
        posture = Posture(
            people=self.routing.people, desks=self.routing.desks, inhibits=self.routing.inhibits,
            silences=self.silences, open_cases=open_cases, most=self.routing.letters_per_10m,
            spent=self._spent(), summed_at=self._summed_at(),
        )  # fmt: skip
        decided = decide([_waiting(rows[0]) for rows in fresh.values()], posture, self.now)
        for name, rows in fresh.items():
            self._mark(rows, decided[name])

    def release(self) -> None:
        """Tells what is held no longer: a single letter by itself, more of them, or what was silenced, in a digest."""
        due = self._letters(_UNSORTED, OutboxRow.held_until <= self.now)
        by_person: dict[str, list[list[OutboxRow]]] = defaultdict(list)
        for rows in due.values():
            by_person[rows[0].person or ""].append(rows)
        for person, letters in by_person.items():
            silenced = any(_is_silenced(rows[0]) for rows in letters)
            if (len(letters) == 1 and not silenced) or not self._sum_up(person, letters):
                for rows in letters:
                    self._mark(rows, None)

    def _sum_up(self, person: str, letters: list[list[OutboxRow]]) -> bool:
        """Puts a digest in line for letters, and for older digests that did not go out; False where it cannot."""
        routes = self.routing.routes(person)
        if not routes:
            return False
        older = self._letters(OutboxRow.state == RowState.QUEUED, OutboxRow.step == STEP, OutboxRow.person == person)
        named = self._letters(OutboxRow.instead.in_(list(older)), OutboxRow.occasion.is_not(None))
        by_name = {rows[0].message_id: rows for rows in [*letters, *named.values()]}
        kept = ranked([_kept(rows[0]) for rows in by_name.values()])
        for portion in portions(kept, routes):
            bulletin = digest(
                portion, self.routing.people[person], person, self.routing.letterhead.host,
                {one.key: one for one in self.silences}, self.now,
            )  # fmt: skip
            ref = CaseRef(None, None, STEP, 0)
            if len(queue(self.session, self.routing, bulletin, person, ref)) == len(routes):
                return False
            for one in portion:
                self._replace(by_name[one.name], message_id(bulletin.id))
        for name, rows in older.items():
            self._replace(rows, message_id(bulletin.id) if name != message_id(bulletin.id) else None)
        return True

    def _replace(self, rows: Iterable[OutboxRow], name: str | None) -> None:
        for row in rows if name else ():
            row.state, row.instead = RowState.WITHDRAWN, name

    def _mark(self, rows: Sequence[OutboxRow], hold: Hold | None) -> None:
        begins = hold.until if hold else max(self.now, rows[0].queued_at)
        for row in rows:
            row.cleared = hold is None
            if hold is not None:
                row.held_for, row.held_until = hold.why, hold.until
            if hold is not None or row.held_for is not None:
                row.next_at = begins + row.place * self.routing.wait

    def _letters(self, *which: object) -> dict[str, list[OutboxRow]]:
        """Finds letters by name, each with its rows in the order of the channels."""
        query = select(OutboxRow).where(*which).order_by(OutboxRow.message_id, OutboxRow.place)  # type: ignore[arg-type]
        found = self.session.scalars(query.with_for_update(skip_locked=True))
        return {name: list(rows) for name, rows in groupby(found, key=lambda row: row.message_id)}

    def _spent(self) -> Counter[str]:
        """Counts each person's letters of the last ten minutes, and those on their way."""
        lately = and_(OutboxRow.state == RowState.SENT, OutboxRow.sent_at > self.now - WINDOW)
        on_their_way = and_(OutboxRow.state.in_(PENDING), OutboxRow.cleared.is_(True), OutboxRow.place == 0)
        counted = and_(OutboxRow.occasion.is_not(None), or_(lately, on_their_way))
        query = select(OutboxRow.person, func.count(OutboxRow.message_id.distinct())).where(counted)
        found = self.session.execute(query.group_by(OutboxRow.person))
        return Counter({person or "": count for person, count in found})

    def _summed_at(self) -> dict[str, datetime]:
        made = and_(OutboxRow.step == STEP, OutboxRow.queued_at > self.now - WINDOW)
        query = select(OutboxRow).where(made).order_by(OutboxRow.queued_at)
        return {row.person or "": row.queued_at for row in self.session.scalars(query)}


def sort_mail(engine: Engine, routing: Routing, now: datetime, open_cases: Sequence[OpenCase] = ()) -> None:
    """Decides about every letter in line that was not sorted, and ends what was held for long enough."""
    pending = and_(_UNSORTED, or_(OutboxRow.held_until.is_(None), OutboxRow.held_until <= now))
    with reading(engine) as session:
        if session.scalar(select(OutboxRow.id).where(pending).limit(1)) is None:
            return
    with transaction(engine) as session:
        advisory_lock(session, "sorting the mail")
        sorter = _Sorter(session, routing, now, silences(session))
        sorter.decide(open_cases)
        session.flush()
        sorter.release()
        failpoint("outbox.sorted")


def _waiting(row: OutboxRow) -> Waiting:
    return Waiting(
        name=row.message_id, person=row.person or "", topic=row.topic, owner=row.owner, desk=row.desk,
        colour=Colour(row.colour or Colour.RED), occasion=Occasion(row.occasion or Occasion.OPENED),
        queued_at=row.queued_at,
    )  # fmt: skip


def _kept(row: OutboxRow) -> Kept:
    try:
        letter = read_letter(row.notice or "")
    except UnreadableNotice:
        letter = None
    notice = letter if isinstance(letter, Notice) else None
    return Kept(row.message_id, row.held_for or Cause.STORM, row.case_id, notice)


def _is_silenced(row: OutboxRow) -> bool:
    return row.held_for not in set(Cause)
