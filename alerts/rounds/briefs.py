"""Briefs on time: what is due is put in line for its readers, each once, late rather than never."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from structlog import get_logger

from alerts.briefs.calendar import BriefSlot, due
from alerts.briefs.contents import BriefFacts, CaseLine, TopicCount, headline, sections, subject
from alerts.briefs.policy import BriefKind
from alerts.briefs.tables import BulletinRow
from alerts.casefile.context import CaseContext
from alerts.casefile.tables import CaseRow, read_case
from alerts.desk.cases import CaseSummary, list_cases
from alerts.desk.register import Register
from alerts.detection.coverage import coverage
from alerts.notify.contents.bulletin import Bulletin
from alerts.notify.outbox import CaseRef, queue
from alerts.rounds.troubles import read_troubles
from alerts.watch import hold_watch
from alerts.workflow.subjects import is_incident
from stream.calendar import CALENDAR
from stream.errors import Retryable
from stream.index.port import Axis, Query, Reader
from stream.messages import Label
from stream.process.failpoints import failpoint
from stream.state.database import reading, transaction
from stream.state.leases import check_lease

DAY, WEEKS = timedelta(days=1), timedelta(days=28)
PATIENCE = timedelta(minutes=30)  # a brief waits so long for an index that is away, then goes without counts

log = get_logger()


class BriefRound:
    """Sends what is due. Only the holder of the watcher's lease does."""

    def __init__(self, context: CaseContext, holder: str) -> None:
        self._context, self._holder = context, holder

    def __call__(self, now: datetime) -> list[BriefSlot]:
        """Does one round; the briefs that it put in line."""
        with reading(self._context.engine) as session:
            newest = select(BulletinRow.kind, func.max(BulletinRow.day)).group_by(BulletinRow.kind)
            sent = {BriefKind(kind): day for kind, day in session.execute(newest)}
        slots = due(self._context.config.briefs, sent, now, CALENDAR.is_working_day)
        return [slot for slot in slots if self._send(slot, now)]

    def _send(self, slot: BriefSlot, now: datetime) -> bool:
        context, config = self._context, self._context.config
        lease = hold_watch(context, self._holder, now)
        if lease is None:
            return False
        facts = read_facts(context, slot, now)
        with transaction(context.engine) as session:
            check_lease(session, lease)
            if session.get(BulletinRow, (slot.kind, slot.day)) is not None:
                return False
            session.add(BulletinRow(kind=slot.kind, day=slot.day, at=now))
            for reader in slot.people:
                letter = _letter(context, slot, facts, reader, now)
                queue(session, config.routing, letter, reader, CaseRef(None, None, slot.kind, 0))
            failpoint("brief.written")
        log.info("brief", kind=slot.kind, day=slot.day, readers=len(slot.people))
        return True


def read_facts(context: CaseContext, slot: BriefSlot, now: datetime) -> BriefFacts:
    """Reads what the brief tells. An index that is away is waited for, by `Retryable`, for half an hour at most."""
    counts: tuple[TopicCount, ...] | None = None
    unsure = None
    if slot.kind is not BriefKind.HANDOVER:
        try:
            counts = count_topics(context, slot)
            unsure = _unsure(context.reader, slot)
        except Retryable:
            if now - slot.at < PATIENCE:
                raise
            counts, unsure = None, None
    open_now = [one for one in list_cases(_register(context)) if not one.is_incident]
    with reading(context.engine) as session:
        closed = _closed(session, context, slot)
        wrong = tuple(row.what for row in read_troubles(session))
    answered = coverage(context.engine)
    silent = tuple(
        context.source_names.get(one.source, one.source)
        for one in answered
        if one.fresh_until is not None and one.fresh_until < now
    )
    return BriefFacts(
        counts=counts, unsure=unsure, running=tuple(map(_running, open_now)), closed=closed, troubles=wrong,
        silent=silent,
    )  # fmt: skip


def count_topics(context: CaseContext, slot: BriefSlot) -> tuple[TopicCount, ...]:
    """Counts every topic's posts of the slot's days, of as many days before, and of an ordinary such time."""
    days = max(1, (slot.until - slot.since) // DAY)
    start = slot.since - max(WEEKS, days * DAY)
    told = context.reader.tally(Query(), Axis.CHARTED, start, slot.until, DAY)
    found = []
    for key, topic in context.topics.watched.items():
        negative: defaultdict[datetime, int] = defaultdict(int)
        for bucket in told.get(key, ()):
            negative[bucket.start] += bucket.negative
        past = [negative[slot.since - n * DAY] for n in range(1, WEEKS // DAY + 1)]
        known = any(bucket.start < slot.since for bucket in told.get(key, ()))
        found.append(
            TopicCount(
                name=topic.name,
                total=sum(bucket.total for bucket in told.get(key, ()) if bucket.start >= slot.since),
                negative=_between(negative.items(), slot.since, slot.until),
                before=_between(negative.items(), slot.since - days * DAY, slot.since),
                usual=days * float(median(past)) if known else None,
            )
        )
    return tuple(found)


def _between(counts: Iterable[tuple[datetime, int]], since: datetime, until: datetime) -> int:
    return sum(number for at, number in counts if since <= at < until)


def _unsure(reader: Reader, slot: BriefSlot) -> int:
    wanted = Query(labels=(Label.UNCERTAIN,), charted_since=slot.since, charted_until=slot.until, deleted=False)
    return reader.count(wanted)


def _running(one: CaseSummary) -> CaseLine:
    case, turn = one.case, one.tasks[0] if one.tasks else None
    return CaseLine(
        number=case.id, topic=one.topic, grade=case.grade, stage=case.stage, opened_at=case.opened_at,
        verdict=case.verdict, step=turn.task.step if turn else None, desk=turn.desk if turn else None,
        due_at=turn.task.due_at if turn else None,
    )  # fmt: skip


def _closed(session: Session, context: CaseContext, slot: BriefSlot) -> tuple[CaseLine, ...]:
    ended = select(CaseRow).where(CaseRow.ended_at >= slot.since, CaseRow.ended_at < slot.until).order_by(CaseRow.id)
    cases = [case for case in map(read_case, session.scalars(ended)) if not is_incident(case.topic)]
    return tuple(
        CaseLine(
            number=case.id, topic=context.topic_name(case.topic), grade=case.grade, stage=case.stage,
            opened_at=case.opened_at, ended_at=case.ended_at, verdict=case.verdict,
        )
        for case in cases
    )  # fmt: skip


def _letter(context: CaseContext, slot: BriefSlot, facts: BriefFacts, reader: str, now: datetime) -> Bulletin:
    config, person = context.config, context.config.people[reader]
    who = hashlib.sha256(person.known_as.encode()).hexdigest()[:8]
    return Bulletin(
        id=f"{slot.kind}.{slot.at:%Y%m%dT%H%M}.{who}@{config.host}", at=now, organisation=config.organisation,
        person=person.name, subject=subject(slot, config.organisation), headline=headline(slot, facts),
        sections=sections(slot, facts),
    )  # fmt: skip


def _register(context: CaseContext) -> Register:
    return Register(context.engine, context.config, context.topics)
