"""Rounds of reading the mailbox: each mail is dealt with in one transaction, its record and its answer included.

A mail is marked read only after that. Killed in between, it is read again, known by its Message-ID and left alone: so
nothing depends on the numbers that the server gives its mails.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session
from structlog import get_logger

from alerts.casefile.acting.orders import assign
from alerts.casefile.context import CaseContext
from alerts.casefile.guards.failures import FailureKind
from alerts.casefile.tables import CaseRow, read_case, running
from alerts.desk.cases import act_on_case
from alerts.notify.answers import STEP, AnswerMail, queue_answer
from alerts.notify.channel import Medium
from alerts.notify.tables import OutboxRow
from alerts.replies.inbox import Inbox, InboxAway, Mailbox, Received
from alerts.replies.orders import ASSIGN, of_incident, understand
from alerts.replies.parse import Reply, Unreadable, message_id_of, read_reply
from alerts.replies.proof import SentLetter, prove
from alerts.replies.tables import (
    ReplyOutcome,
    ReplyRow,
    forget_strangers,
    is_known,
    note_failing,
    note_read,
    uses,
)
from alerts.replies.wording import NOT_UNDERSTOOD, already, done, refused
from alerts.workflow.cases import ActRequest, Case, Order, Refused
from alerts.workflow.subjects import is_incident
from stream.process.failpoints import failpoint
from stream.state.database import advisory_lock, reading, transaction

AT_ONCE = 50  # mails a round: a flood is worked off while letters go out
FORGET_AFTER = timedelta(days=90)  # of mails that nobody answered, only how many there were is of use

log = get_logger()


class _DealtWith(Exception):
    """Raised to undo an act: the same mail was dealt with meanwhile."""


@dataclass(frozen=True, slots=True)
class _ProvenReply:
    """A proven answer: the mail, by what it is known, and the letter before it."""

    reply: Reply
    name: str
    letter: SentLetter


class ReplyRounds:
    """Reads the mailbox, round by round."""

    def __init__(self, context: CaseContext, mailbox: Mailbox) -> None:
        self._context = context
        self._mailbox = mailbox

    def __call__(self, now: datetime) -> Counter[ReplyOutcome]:
        """Deals with up to `AT_ONCE` mails; `InboxAway` where the mailbox cannot be read, which is noted."""
        counted: Counter[ReplyOutcome] = Counter()
        there = []
        try:
            with self._mailbox.open() as inbox:
                for received in inbox.unread(AT_ONCE):
                    there.append(_about(received))
                    counted.update(self._one(inbox, received, now))
        except InboxAway as away:
            note_failing(self._context.engine, now, away.reason)
            raise
        self._context.failures.keep_only(FailureKind.REPLY, there)
        note_read(self._context.engine, now)
        forget_strangers(self._context.engine, now - FORGET_AFTER)
        return counted

    def _one(self, inbox: Inbox, received: Received, now: datetime) -> list[ReplyOutcome]:
        """Deals with one mail. What fails over it is noted and stops no other: it stays unread and is tried again."""
        failpoint("reply.read")
        with self._context.failures.guarding(FailureKind.REPLY, _about(received), now):
            outcome = take(self._context, received, now)
            failpoint("reply.kept")
            inbox.mark_read(received.uid)
            log.info("reply", outcome=outcome or "known")
            return [] if outcome is None else [outcome]
        return []


def _about(received: Received) -> str:
    return f"mail {received.uid}"


def take(context: CaseContext, received: Received, now: datetime) -> ReplyOutcome | None:
    """Deals with a mail and tells what became of it; None where that was done before."""
    name = message_id_of(received.raw) or f"<{hashlib.sha256(received.raw).hexdigest()}>"
    with reading(context.engine) as session:
        if is_known(session, name):
            return None
    if received.too_long:
        return _ignore(context, name, ReplyOutcome.TOO_LONG, now)
    try:
        reply = read_reply(received.raw)
    except Unreadable:
        return _ignore(context, name, ReplyOutcome.UNREADABLE, now)
    found = prove(reply, _letters(context, reply), now)
    if isinstance(found, ReplyOutcome):
        return _ignore(context, name, found, now)
    try:
        return _carry_out(context, _ProvenReply(reply, name, found), now)
    except _DealtWith:
        return None


def _carry_out(context: CaseContext, known: _ProvenReply, now: datetime) -> ReplyOutcome:
    order, letter = understand(known.reply.line), known.letter
    if order is None:
        return _answer(context, known, ReplyOutcome.NOT_UNDERSTOOD, NOT_UNDERSTOOD, now)
    if letter.incident:
        order = of_incident(order)

    def kept(session: Session, case: Case) -> None:
        words = done(context, order, case, running(session, case.id), now)
        _keep(session, context, known, ReplyOutcome.ACTED, words, now)
        failpoint("reply.written")

    by = letter.person or ""
    try:
        if order.action == ASSIGN:
            told = Order(by, f"邮件转办：{order.words}", claimed=False)
            assign(context, letter.case_id, told, order.words, now, kept)
            return ReplyOutcome.ACTED
        request = ActRequest(order.action, by, order.words, claimed=False)
        result = act_on_case(context, letter.case_id, request, now, beside=kept)
    except Refused as error:
        return _answer(context, known, ReplyOutcome.REFUSED, refused(error.detail), now)
    if result.already is not None:
        return _answer(context, known, ReplyOutcome.ALREADY, already(result.already), now)
    return ReplyOutcome.ACTED


def _letters(context: CaseContext, reply: Reply) -> list[SentLetter]:
    """Finds the letters that the mail refers to, the newest first; what answered answers is none."""
    if not reply.references:
        return []
    query = select(OutboxRow).where(
        OutboxRow.message_id.in_(reply.references), OutboxRow.medium == Medium.MAIL, OutboxRow.step != STEP
    )
    with reading(context.engine) as session:
        rows = session.scalars(query.order_by(OutboxRow.id.desc()))
        return [
            SentLetter(
                message_id=row.message_id, recipient=row.recipient, person=_person(context, row),
                case_id=row.case_id, at=row.queued_at, uses=uses(session, row.message_id),
                incident=is_incident(session.get_one(CaseRow, row.case_id).topic),
            )
            for row in rows
            if row.case_id is not None
        ]  # fmt: skip


def _person(context: CaseContext, row: OutboxRow) -> str | None:
    """Finds who the letter was for, as long as its address is still theirs."""
    routing, address = context.config.routing, row.recipient.lower()
    if row.person is None:
        return next((key for key, one in context.config.people.items() if (one.email or "").lower() == address), None)
    return row.person if any(route.address.lower() == address for route in routing.routes(row.person)) else None


def _ignore(context: CaseContext, name: str, outcome: ReplyOutcome, now: datetime) -> ReplyOutcome | None:
    with transaction(context.engine) as session:
        advisory_lock(session, f"reply {name}")
        if is_known(session, name):
            return None
        session.add(ReplyRow(message_id=name, at=now, outcome=outcome))
    return outcome


def _answer(
    context: CaseContext, known: _ProvenReply, outcome: ReplyOutcome, words: str, now: datetime
) -> ReplyOutcome:
    """Keeps and answers what changed no case; the case is locked first, as everywhere."""
    with transaction(context.engine) as session:
        row = session.get_one(CaseRow, known.letter.case_id, with_for_update=True)
        said = f"{words}\n事件 {row.id}「{context.topic_name(read_case(row).topic)}」"
        _keep(session, context, known, outcome, said, now)
    return outcome


def _keep(
    session: Session, context: CaseContext, known: _ProvenReply, outcome: ReplyOutcome, words: str, now: datetime
) -> None:
    """Keeps the mail's record and puts its answer in line; `_DealtWith` where somebody did so meanwhile."""
    advisory_lock(session, f"reply {known.name}")
    if is_known(session, known.name):
        raise _DealtWith
    letter = known.letter
    session.add(
        ReplyRow(message_id=known.name, at=now, outcome=outcome, letter=letter.message_id, case_id=letter.case_id)
    )
    told = AnswerMail(
        at=now, case_id=letter.case_id, organisation=context.config.organisation, recipient=letter.recipient,
        subject=f"回执：{words.splitlines()[0]}", words=words, code=letter.code, to_mail=known.name,
        letter=letter.message_id,
    )  # fmt: skip
    queue_answer(session, context.config.routing, told)
