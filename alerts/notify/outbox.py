"""The outbox: notices put in line within a case's own transaction, taken back, tried again, moved between channels.

Locks are taken in one order everywhere: case, then task, then rows of the outbox. Whoever changes several rows of one
case holds the case; who does not hold it changes one row a transaction. So nobody waits for somebody who waits for him.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Engine, and_, or_, select, update
from sqlalchemy.orm import Session
from structlog import get_logger

from alerts.notify.codes import with_reply_code
from alerts.notify.contents.letter import Letter, read_letter, write_letter
from alerts.notify.contents.notice import Colour, Notice, UnreadableNotice
from alerts.notify.links import with_links
from alerts.notify.render.forms import Rendered, render
from alerts.notify.render.mail import message_id
from alerts.notify.routing import LetterFacts, Route, Routing
from alerts.notify.staleness import supersede, with_missed
from alerts.notify.tables import DIGEST, OVER, PENDING, OutboxRow, RowState
from stream.state.database import reading, transaction

log = get_logger()


class Outcome(StrEnum):
    """What became of one attempt. All but WAITS belong into the case's record."""

    SENT = "sent"
    SECOND_CHANNEL = "second_channel"
    WAITS = "waits"
    SENT_WITHOUT_TEXT = "sent_without_text"
    NOT_DELIVERED = "not_delivered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One row, one try, and the far side's words. `place` counts the person's channels, 0 the main one."""

    at: datetime
    row_id: int
    case_id: int | None
    task_id: int | None
    step: str
    place: int
    recipient: str
    message_id: str
    outcome: Outcome
    answer: str
    lost: bool = False  # whether the far side may have kept it all the same


@dataclass(frozen=True, slots=True)
class CaseRef:
    """What a letter is about; `step` and `revision` make it one letter of its case and no other.

    `case_id` None: it is about no case. `topic`, the desk that owns it and the `desk` that is asked are keys.
    `replaces` is the task whose place this one takes: its letters to the same person are taken back.
    """

    case_id: int | None
    task_id: int | None
    step: str
    revision: int
    topic: str = ""
    owner: str = ""
    desk: str = ""
    replaces: int | None = None


def queue(session: Session, routing: Routing, letter: Letter, person: str, ref: CaseRef) -> list[Attempt]:
    """Puts a letter in line for every channel of the person, within the caller's transaction.

    Does nothing if this very letter is in line or was sent already. Older ones about the same that did not go out are
    taken back, and this one says so. What cannot even be written for a channel (an address that is none) is kept as
    failed and returned: the caller records it, and the next channel is due at once.
    """
    if isinstance(letter, Notice):
        letter = with_reply_code(session, letter, routing.reply_to)
    name = message_id(letter.id)
    if session.scalar(select(OutboxRow.id).where(OutboxRow.message_id == name).limit(1)) is not None:
        return []
    if isinstance(letter, Notice):
        letter = with_links(session, letter, routing.console, person, ref.revision)
    routes = routing.routes(person, LetterFacts(ref.topic, letter.colour, letter.at))
    if routes and ref.case_id is not None:
        tasks = [task for task in (ref.task_id, ref.replaces) if task is not None]
        older = supersede(session, name, case_id=ref.case_id, person=person, tasks=tasks, at=letter.at)
        letter = with_missed(letter, older)
    kept, failed, due = write_letter(letter), [], letter.at
    occasion = letter.occasion if isinstance(letter, Notice) else None
    for place, route in enumerate(routes):
        row = OutboxRow(
            case_id=ref.case_id, task_id=ref.task_id, step=ref.step, revision=ref.revision, person=person,
            channel=route.channel, medium=route.form.medium, place=place, recipient=route.address, message_id=name,
            notice=kept, message=b"", plain=b"", queued_at=letter.at, next_at=due, topic=ref.topic or None,
            owner=ref.owner or None, desk=ref.desk or None, colour=letter.colour, occasion=occasion,
            cleared=occasion is None or letter.colour is Colour.RED,
        )  # fmt: skip
        session.add(row)
        written = _fill(row, letter, route, routing)
        session.flush()
        due = due + routing.wait if written else due
        if not written:
            failed.append(attempted(row, Outcome.NOT_DELIVERED, row.answer or "", letter.at))
    return failed


def attempted(row: OutboxRow, outcome: Outcome, answer: str, at: datetime, *, lost: bool = False) -> Attempt:
    """Builds the value of an attempt at a row."""
    return Attempt(
        at=at, row_id=row.id, case_id=row.case_id, task_id=row.task_id, step=row.step, place=row.place,
        recipient=row.recipient, message_id=row.message_id, outcome=outcome, answer=answer, lost=lost,
    )  # fmt: skip


def withdraw(session: Session, task_id: int) -> None:
    """Takes back the letters of a task that is over, also out of a digest that is not written yet.

    What is being sent just now is not tried again. The caller holds the case.
    """
    of_it = OutboxRow.task_id == task_id
    waiting = and_(of_it, OutboxRow.state == RowState.QUEUED)
    session.execute(update(OutboxRow).where(waiting).values(state=RowState.WITHDRAWN, instead=OVER))
    touched = and_(of_it, OutboxRow.state == RowState.CLAIMED, OutboxRow.instead.is_(None))
    session.execute(update(OutboxRow).where(touched).values(instead=OVER))
    summed = and_(of_it, OutboxRow.state == RowState.WITHDRAWN, OutboxRow.instead.startswith(DIGEST))
    session.execute(update(OutboxRow).where(summed).values(instead=OVER))


def unreachable(session: Session, failed: Attempt) -> bool:
    """Tells whether by now everybody's main channel at the task's desk has refused; the caller holds the case.

    A further channel that takes the notice does not count: a folder takes everything, and nobody may look into it.
    """
    if failed.task_id is None or failed.place != 0:
        return False
    return nobody_reached(session, failed.task_id, besides=failed.row_id, otherwise=True)


def nobody_reached(session: Session, task_id: int, *, besides: int = 0, otherwise: bool = False) -> bool:
    """Tells whether the main channel of everybody whom a task was written to has refused; `otherwise` where nobody was.

    `besides` is a row that counts as refused whatever it says. What a newer letter replaced does not count.
    """
    main = and_(OutboxRow.task_id == task_id, OutboxRow.place == 0, OutboxRow.id != besides)
    summed = and_(OutboxRow.instead.is_not(None), OutboxRow.instead.startswith(DIGEST))
    counts = or_(OutboxRow.state != RowState.WITHDRAWN, OutboxRow.instead.is_(None), summed)
    states = list(session.scalars(select(OutboxRow.state).where(main, counts)))
    return all(state == RowState.FAILED for state in states) if states else otherwise


def retry(engine: Engine, now: datetime, row_id: int) -> bool:
    """Makes a waiting, held or failed row due now; False if it is none of them."""
    with transaction(engine) as session:
        row = session.get(OutboxRow, row_id, with_for_update=True)
        if row is None or row.state not in (RowState.QUEUED, RowState.FAILED):
            return False
        row.state, row.next_at, row.lost, row.instead = RowState.QUEUED, now, 0, None
        row.cleared, row.held_for, row.held_until = True, None, None
        return True


def reroute(engine: Engine, routing: Routing, opened: Collection[str]) -> None:
    """Gives every row in line whose channel is not (or no more) among the `opened` ones to a channel that is."""
    stranded = and_(OutboxRow.state == RowState.QUEUED, _is_stranded(opened))
    with reading(engine) as session:
        ids = list(session.scalars(select(OutboxRow.id).where(stranded).order_by(OutboxRow.id)))
    for row_id in ids:
        with transaction(engine) as session:
            one = select(OutboxRow).where(OutboxRow.id == row_id, stranded)
            row = session.scalar(one.with_for_update(skip_locked=True))
            if row is not None:
                _move(session, row, routing, opened)


def _is_stranded(opened: Collection[str]) -> ColumnElement[bool]:
    return or_(OutboxRow.channel.is_(None), OutboxRow.channel.not_in(opened))


def _move(session: Session, row: OutboxRow, routing: Routing, opened: Collection[str]) -> None:
    """Moves to the first route that no other row of this notice has; withdraws where those are all there can be."""
    query = select(OutboxRow).where(OutboxRow.message_id == row.message_id, OutboxRow.id != row.id)
    others = list(session.scalars(query))
    facts = LetterFacts(row.topic or "", Colour(row.colour) if row.colour else None, row.queued_at)
    routes = routing.routes(row.person, facts) if row.person else routing.mail_routes(row.recipient)
    taken = {other.channel for other in others}
    free = [route for route in routes if route.channel in opened and route.channel not in taken]
    if not free:
        if any(other.state in PENDING and other.channel in opened for other in others):
            row.state = RowState.WITHDRAWN
        return
    first, *further = free
    unrouted = row.channel is None
    row.channel = first.channel
    if (row.medium, row.recipient) != (first.form.medium, first.address):
        row.medium, row.recipient = first.form.medium, first.address
        _rewrite(row, first, routing)
    for place, route in enumerate(further if unrouted else (), 1):
        session.add(_copy(row, route, place, routing))


def _copy(row: OutboxRow, route: Route, place: int, routing: Routing) -> OutboxRow:
    """Copies a row of an earlier version for one more channel that takes mail as it is."""
    return OutboxRow(
        case_id=row.case_id, task_id=row.task_id, step=row.step, revision=row.revision, person=row.person,
        channel=route.channel, medium=row.medium, place=place, recipient=route.address, message_id=row.message_id,
        notice=row.notice, message=row.message, plain=row.plain, without_text=row.without_text,
        queued_at=row.queued_at, next_at=row.queued_at + place * routing.wait, topic=row.topic, owner=row.owner,
        desk=row.desk, colour=row.colour, occasion=row.occasion, cleared=row.cleared, held_for=row.held_for,
        held_until=row.held_until,
    )  # fmt: skip


def _rewrite(row: OutboxRow, route: Route, routing: Routing) -> None:
    try:
        letter = read_letter(row.notice or "")
    except UnreadableNotice as error:
        row.state, row.answer = RowState.FAILED, f"{route.channel}: {error}"
        return
    _fill(row, letter, route, routing)


def _fill(row: OutboxRow, letter: Letter, route: Route, routing: Routing) -> bool:
    """Writes the letter in the route's form into the row; False where that cannot be, and the row has failed."""
    try:
        rendered: Rendered = render(letter, route.form, routing.letterhead, route.address)
    except Exception as error:  # whatever is wrong with one letter, a case is not to fail on it
        log.exception("notice_not_written", case=row.case_id, channel=route.channel, message_id=row.message_id)
        row.state, row.answer = RowState.FAILED, f"{route.channel}: {type(error).__name__}: {error}"[:500]
        return False
    row.message, row.plain = rendered.content, rendered.plain
    return True
