"""Everything an installation left behind, as plain values: what the oracle judges. Gathering changes nothing.

The letters are those of the invariants in oracle.py: S served, R rejected, P acknowledged, K in the log, Q in the
quarantine, I in the index, C cases, O outbox, M letters that the mail server took.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex
from time import sleep

from sqlalchemy import func, select

from alerts.casefile.tables import AnnouncementRow, CaseRow, EventRow, TaskRow
from alerts.cli.settings import read_settings
from alerts.detection.kept import TopicMemoryRow, read_judged
from alerts.detection.ledger import AHEAD
from alerts.detection.series.detector import STEP
from alerts.detection.signals import Thresholds
from alerts.notify.tables import OutboxRow
from alerts.replies.tables import ReplyRow
from crawlers.cursors import PostRow
from crawlers.packing import unpack
from stream.config import StreamConfig
from stream.engines import open_consumer, open_index_reader, open_log_admin, open_state_engine
from stream.index.port import Axis, Bucket, Query
from stream.log.broker import CASES, QUARANTINE, RAW, SCORED, Partition, Record
from stream.log.quarantine import ENTRIES, Quarantined
from stream.messages import ScoredPost
from stream.process.clock import SystemClock
from stream.state.database import disposing, reading
from stream.state.tombstones import all_gone

PATIENCE = 15.0  # seconds without a record of a topic that holds more
SPAN = timedelta(hours=3)  # counted back from the end: longer than any run


class NotRead(Exception):
    """Raised when a topic could not be read to its end: there is no judging without."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One letter that the mail server took."""

    message_id: str
    recipient: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Counted:
    """What the index says of a topic (None: of all posts) in steps of five minutes from `start` to `end`."""

    topic: str | None
    start: datetime
    end: datetime
    buckets: Sequence[Bucket]


@dataclass(frozen=True, slots=True)
class Size:
    """Something that must not grow without bound: bytes, handles, threads."""

    what: str
    measured: float
    bound: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One installation at `at`. What has a default may be absent: its invariants then hold of nothing.

    `served` are the words last shown of each post, by id, as the site itself noted them; `erased` the tombstones;
    `memory` what the watcher keeps of each topic, `judged_until` the end of the last step it judged;
    `waiting` how many case events are still in line for the log; `mail_kills` how often a sender of letters was killed.
    """

    at: datetime
    served: Mapping[str, str] = field(default_factory=dict)
    rejected: Collection[str] = ()
    acknowledged: Mapping[str, bytes] = field(default_factory=dict)
    committed: Mapping[tuple[str, Partition], int]
    raw: Sequence[Record]
    scored: Sequence[Record]
    told: Sequence[Record] = ()
    quarantine: Sequence[Quarantined]
    indexed: Sequence[ScoredPost]
    count: int
    erased: Collection[str] = ()
    counted: Sequence[Counted] = ()
    topics: Collection[str] = ()
    limits: Thresholds = field(default_factory=Thresholds)
    rise: float = 2.0
    forget_after: timedelta = timedelta(hours=12)
    memory: Sequence[TopicMemoryRow] = ()
    judged_until: datetime | None = None
    cases: Sequence[CaseRow] = ()
    events: Sequence[EventRow] = ()
    tasks: Sequence[TaskRow] = ()
    letters: Sequence[OutboxRow] = ()  # by the main channel: a further one's row is withdrawn then
    waiting: int = 0
    desks: Mapping[str, Collection[str]] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    mails: Sequence[Mail] = ()
    answers: Collection[str] = ()  # Message-IDs of what people wrote back
    replies: Sequence[ReplyRow] = ()
    mail_kills: int = 0
    sizes: Sequence[Size] = ()


def gather(
    configs: Path,
    *,
    served: Mapping[str, str] | None = None,
    rejected: Collection[str] = (),
    mails: Sequence[Mail] = (),
    answers: Collection[str] = (),
    mail_kills: int = 0,
    sizes: Sequence[Size] = (),
    settle: float = 0.0,
) -> Evidence:
    """What the installation of a folder of configuration holds now, whatever its engines are.

    What the site served, what the mail server took and how often its clients were killed only the caller knows.
    What is committed or acknowledged is read first: it must then be found further on, also while stages run; `settle`
    are the seconds that a running index takes to show what it has.
    """
    settings, now = read_settings(configs), SystemClock().now()
    config = settings.stream
    served = dict(served or {})  # first of all: it grows while the forum is read
    committed = _committed(config)
    with disposing(open_state_engine(config)) as engine, reading(engine) as session:
        rows = {kind: list(session.scalars(select(kind).order_by(kind.id))) for kind in _TABLES}
        memory, judged = list(session.scalars(select(TopicMemoryRow))), read_judged(session)
        waiting = session.scalar(select(func.count()).select_from(AnnouncementRow)) or 0
        sent = session.execute(select(PostRow.post_id, PostRow.sent).where(PostRow.sent.is_not(None))).all()
    sleep(settle)
    quarantine = [ENTRIES.decode(record.value) for record in dump(config, QUARANTINE)]
    raw, scored = dump(config, RAW), dump(config, SCORED)
    people = {person.name: person.email for person in settings.alerts.people.values()}
    desks = {
        key: [settings.alerts.people[one].email for one in desk.people] for key, desk in settings.alerts.desks.items()
    }
    with closing(open_index_reader(config)) as reader, disposing(open_state_engine(config)) as engine:
        end = now + AHEAD
        return Evidence(
            at=now,
            served=served,
            rejected=rejected,
            acknowledged={post_id: unpack(packed) for post_id, packed in sent},
            committed=committed,
            raw=raw,
            scored=scored,
            told=dump(config, CASES),
            quarantine=quarantine,
            indexed=list(reader.export(Query())),
            count=reader.count(Query()),
            erased=frozenset(all_gone(engine, now)),
            counted=[
                Counted(topic, end - SPAN, end, reader.histogram(_about(topic), Axis.COUNTED, end - SPAN, end, STEP))
                for topic in (None, *settings.topics.watched)
            ],
            topics=tuple(settings.topics.watched),
            limits=settings.alerts.detector,
            rise=settings.alerts.renotify_at,
            forget_after=settings.alerts.forget_after,
            memory=memory,
            judged_until=judged[0] if judged else None,
            cases=rows[CaseRow],
            events=rows[EventRow],
            tasks=rows[TaskRow],
            letters=[row for row in rows[OutboxRow] if row.place == 0],
            waiting=waiting,
            desks=desks,
            people=people,
            mails=tuple(mails),
            answers=answers,
            replies=rows[ReplyRow],
            mail_kills=mail_kills,
            sizes=sizes,
        )


_TABLES = (CaseRow, EventRow, TaskRow, OutboxRow, ReplyRow)


def dump(config: StreamConfig, topic: str) -> list[Record]:
    """Every record of a topic from the oldest kept, read by a group of its own that never commits."""
    with closing(open_log_admin(config)) as admin:
        left = {part: end for part, (start, end) in admin.ends(topic).items() if end > start}
    records: list[Record] = []
    with closing(open_consumer(config, SystemClock(), f"oracle.{token_hex(4)}", [topic])) as consumer:
        while left:
            found = consumer.poll(1000, PATIENCE)
            if not found:
                raise NotRead(f"{topic}: {left} not reached")
            for record in found:
                if record.offset + 1 >= left.get(record.partition, record.offset + 2):
                    del left[record.partition]
            records += found
    return records


def _committed(config: StreamConfig) -> dict[tuple[str, Partition], int]:
    with closing(open_log_admin(config)) as admin:
        return {(one.group, one.partition): one.committed for one in admin.progress() if one.committed is not None}


def _about(topic: str | None) -> Query:
    return Query() if topic is None else Query(topics=(topic,))
