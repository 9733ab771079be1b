"""Triggers on a look's way into cases: what fired and was not told before opens a case, or is news to who has one."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from structlog import get_logger

from alerts.casefile.casework import note_news, now_open, open_case
from alerts.casefile.context import CaseContext
from alerts.casefile.likeness import common_texts
from alerts.casefile.snapshot import CaseSnapshot, with_triggers
from alerts.casefile.tables import CaseRow, FiredTriggerRow, read_case
from alerts.casefile.telling.gathering import gathered
from alerts.detection.clues import Clues
from alerts.detection.findings import count_cues, measures, sample
from alerts.detection.firing import Fired, ToldThing, fired, untold
from alerts.detection.grades import grade
from alerts.detection.signals import Coverage, Signal
from alerts.notify.contents.quotes import QUOTES, choose
from stream.process.failpoints import failpoint
from stream.state.database import reading, transaction
from stream.state.leases import Lease, check_lease

log = get_logger()


class Tripwires:
    """The triggers of one watcher: `look` once a round, then `tell` for each topic with the signal of that round."""

    def __init__(self, context: CaseContext) -> None:
        self._context = context
        self._rows = context.config.triggers
        self._clues = Clues(context.reader, self._rows, context.topics)
        self._news: dict[str, tuple[Fired, ...]] = {}
        self._cut_off = False

    def look(self, now: datetime) -> None:
        """Finds what fired and is news, for all topics: reads what is new, all there is where a round was cut off."""
        cut_off, self._cut_off, self._news = self._cut_off or bool(self._news), True, {}
        found = fired(self._rows, self._clues.gather(now, whole=cut_off))
        with reading(self._context.engine) as session:
            told = _told(session, {one.topic for one in found})
        by_topic: dict[str, list[Fired]] = defaultdict(list)
        for one in untold(found, told, self._context.config.forget_after, now):
            by_topic[one.topic].append(one)
        self._news = {topic: tuple(news) for topic, news in by_topic.items()}
        self._cut_off = False

    def tell(self, signal: Signal, coverage: tuple[Coverage, ...], lease: Lease, now: datetime) -> int | None:
        """Opens a case over what fired for the signal's topic and returns its number, or tells whoever has one.

        `signal`, whatever its state, gives the figures of the moment. None where no case was opened. What was told is
        written down in the same transaction: a watcher that ends anywhere tells it once.
        """
        news = self._news.get(signal.topic)
        if not news:
            return None
        context = self._context
        snapshot = weigh(context, signal, coverage, news)
        quoted = gathered(context, snapshot, None, now)
        with transaction(context.engine) as session:
            check_lease(session, lease)
            row = now_open(session, signal.topic)
            if row is None:
                case = open_case(session, context, snapshot, quoted, now)
            else:
                case = note_news(session, context, read_case(row), snapshot, quoted=quoted, now=now)
            _remember(session, news, case.id, now)
            failpoint("watch.written")
        del self._news[signal.topic]
        log.info("triggered", topic=signal.topic, case=case.id, opened=row is None, keys=[one.key for one in news])
        return case.id if row is None else None


def weigh(
    context: CaseContext, signal: Signal, coverage: tuple[Coverage, ...], news: tuple[Fired, ...]
) -> CaseSnapshot:
    """Puts together what is known of the signal's topic, beginning with what fired: the grade is at least that."""
    posts = sample(context.reader, signal)
    graded = grade(measures(signal, posts), context.config.grades)
    showing = context.reader.get(tuple(dict.fromkeys(id_ for one in news for id_ in one.posts)))
    shown = dict.fromkeys(post.id for post in (*choose(showing), *choose(posts)))
    cues = count_cues(context.reader, signal, context.topics.cues)
    texts = common_texts(posts)
    return with_triggers(CaseSnapshot(signal, graded, tuple(shown)[:QUOTES], coverage, cues, texts=texts), news)


def _told(session: Session, topics: set[str]) -> list[ToldThing]:
    if not topics:
        return []
    query = (
        select(FiredTriggerRow, CaseRow.ended_at)
        .join(CaseRow, CaseRow.id == FiredTriggerRow.case_id)
        .where(FiredTriggerRow.topic.in_(topics))
    )
    return [ToldThing(row.topic, row.trigger_key, row.thing, ended_at) for row, ended_at in session.execute(query)]


def _remember(session: Session, news: Iterable[Fired], case_id: int, now: datetime) -> None:
    keys = dict.fromkeys((one.topic, one.key, thing) for one in news for thing in one.things)
    session.add_all(
        FiredTriggerRow(topic=topic, trigger_key=key, thing=thing, at=now, case_id=case_id)
        for topic, key, thing in keys
    )
