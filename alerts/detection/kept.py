"""What the watcher remembers across restarts: what topics taught, their waves that were told, the last step judged."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from pydantic import TypeAdapter
from sqlalchemy import LargeBinary, Text, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from alerts.detection.series.memory import Floats
from alerts.detection.series.waves import Told
from stream.state.database import Base
from stream.topics import ALIAS, TopicsConfig

VERSION = 2  # of the numbers kept: others are learnt anew from the index
_TOLD: TypeAdapter[tuple[Told, ...]] = TypeAdapter(tuple[Told, ...])


class TopicMemoryRow(Base):
    """What a topic taught until `settled_until`; None while nothing of it has settled.

    `digest` is of its rules: others are another topic. `began_at` is since when it has been watched; `renewed_at` when
    a source or a model came that may have changed its level.
    """

    __tablename__ = "topic_memory"

    topic: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    version: Mapped[int]
    began_at: Mapped[datetime]
    renewed_at: Mapped[datetime | None]
    settled_until: Mapped[datetime | None]
    numbers: Mapped[bytes] = mapped_column(LargeBinary)
    told: Mapped[str] = mapped_column(Text)


class WatchMemoryRow(Base):
    """The one row of what concerns all topics: the end of the last step judged, when watching began, the sources and
    models known."""

    __tablename__ = "watch_memory"

    id: Mapped[int] = mapped_column(primary_key=True)
    judged_until: Mapped[datetime]
    began_at: Mapped[datetime]
    sources: Mapped[str] = mapped_column(Text)
    models: Mapped[str] = mapped_column(Text)


@dataclass(frozen=True, slots=True)
class Known:
    """What is kept of one topic."""

    digest: str
    began_at: datetime
    renewed_at: datetime | None
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a topic's level depends on beside what people say."""

    sources: frozenset[str]
    models: frozenset[str]


def digests(topics: TopicsConfig) -> dict[str, str]:
    """Digests each topic's rules with the word groups they may name."""
    found = {}
    for key, topic in topics.watched.items():
        rules = repr(topic.rules)
        named = [(alias, words) for alias, words in sorted(topics.aliases.items()) if f"'{ALIAS}{alias}'" in rules]
        found[key] = _digest([rules, repr(named)])
    return found


def read_known(session: Session) -> dict[str, Known]:
    """Reads what is kept of every topic, its numbers aside."""
    return {
        row.topic: Known(row.digest, row.began_at, row.renewed_at, _TOLD.validate_json(row.told))
        for row in session.scalars(select(TopicMemoryRow))
    }


def read_numbers(session: Session, rows: int) -> dict[str, tuple[datetime, Floats]]:
    """Reads what topics taught, 2 x `rows` numbers each, and until when; those of another version are left out."""
    found = {}
    for row in session.scalars(select(TopicMemoryRow).where(TopicMemoryRow.version == VERSION)):
        numbers = np.frombuffer(row.numbers, dtype=np.float64)
        if row.settled_until is not None and numbers.size == 2 * rows:
            found[row.topic] = (row.settled_until, numbers.reshape(2, rows))
    return found


def keep(session: Session, topic: str, known: Known) -> None:
    """Keeps what is known of a topic; what it taught stays, unless its rules are others now."""
    row = session.get(TopicMemoryRow, topic)
    if row is None:
        row = TopicMemoryRow(topic=topic, digest=known.digest, version=VERSION, numbers=b"", settled_until=None)
        session.add(row)
    if row.digest != known.digest:
        row.numbers, row.settled_until = b"", None
    row.digest, row.began_at, row.renewed_at = known.digest, known.began_at, known.renewed_at
    row.told = _TOLD.dump_json(known.told).decode()


def drop_others(session: Session, topics: Collection[str]) -> None:
    """Removes what is kept of topics that are watched no more: nobody marks posts with them, so they begin anew."""
    kept = set(session.scalars(select(TopicMemoryRow.topic)))
    for topic in kept.difference(topics):
        session.execute(delete(TopicMemoryRow).where(TopicMemoryRow.topic == topic))


def keep_numbers(session: Session, topic: str, numbers: Floats, settled_until: datetime) -> None:
    """Keeps what a topic taught until then."""
    row = session.get_one(TopicMemoryRow, topic)
    row.version, row.numbers, row.settled_until = VERSION, numbers.tobytes(), settled_until


def read_judged(session: Session) -> tuple[datetime, Surroundings] | None:
    """Reads the end of the last step judged, and what was around then; None before the first look."""
    row = session.get(WatchMemoryRow, 1)
    if row is None:
        return None
    return row.judged_until, Surroundings(frozenset(json.loads(row.sources)), frozenset(json.loads(row.models)))


def read_began(session: Session) -> datetime | None:
    """Reads when watching began; None before the first look."""
    row = session.get(WatchMemoryRow, 1)
    return None if row is None else row.began_at


def keep_judged(session: Session, until: datetime, around: Surroundings) -> None:
    """Keeps the end of the last step judged, and what is around."""
    row = session.get(WatchMemoryRow, 1) or WatchMemoryRow(id=1, began_at=until)
    row.judged_until = until
    row.sources, row.models = json.dumps(sorted(around.sources)), json.dumps(sorted(around.models))
    session.add(row)


def _digest(told: list[str]) -> str:
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()[:32]
