"""A small world of its own for one test: a real index in a folder of its own, posts of made-up people, a lookout."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from alerts.detection.lookout import Lookout, Watched
from alerts.detection.signals import Thresholds
from stream.errors import Retryable
from stream.index.port import Reader
from stream.index.sqlite.posts import SqliteIndexReader, SqliteIndexWriter
from stream.messages import Counts, Crawl, Kind, Label, Polarity, Precision, ScoredPost, content_hash, post_id

NOW = datetime(2026, 9, 22, 6, 2, 30, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LIMITS = Thresholds()


def said(number: int, at: datetime, **changes: Any) -> ScoredPost:
    """A negative post about the outage, of an author and with words of its own."""
    native = f"pid:{number}:{changes.get('topics', ())}"
    one = ScoredPost(
        id=post_id("bbs", native), site="bbs", native_id=native, source="bbs", kind=Kind.REPLY,
        thread_id=post_id("bbs", "tid:1"), url=f"https://bbs.example.com/p/{number}", title="", text="停电",
        voice=sha256(f"voice {number}".encode()).hexdigest()[:32], published_at=at,
        published_precision=Precision.MINUTE, first_seen_at=at, observed_at=at, counted_at=at, charted_at=at,
        counts=Counts(), content_hash=content_hash("", str(number)),
        crawl=Crawl(robots="allowed", rate=1.0, parser="t", version=1),
        emotion=None, polarity=Polarity(negative=0.9, neutral=0.1, positive=0.0), negative=0.9,
        label=Label.NEGATIVE, topics=("outage",), fingerprint=sha256(f"text {number}".encode()).hexdigest()[:16],
        model="test@1", scored_at=at,
    )  # fmt: skip
    return replace(one, **changes)


def ordinary(since: datetime, until: datetime, every: timedelta = 30 * MINUTE, **changes: Any) -> list[ScoredPost]:
    """An even stream, every other post negative; numbered by their minute, so that no two worlds' posts differ."""
    found, at = [], since
    while at < until:
        number = int(at.timestamp()) // 60
        label = Label.NEGATIVE if len(found) % 2 else Label.NEUTRAL
        found.append(said(number, at, **({"label": label} | changes)))
        at += every
    return found


def burst(
    start: datetime, number: int, first: int, length: timedelta = 40 * MINUTE, **changes: Any
) -> list[ScoredPost]:
    return [said(first + n, start + n * length / number, **changes) for n in range(number)]


@dataclass
class Asked:
    """A reader that counts what it is asked, and is away for the calls in `away` (by number, from 1)."""

    reader: Reader
    calls: list[str] = field(default_factory=list)
    away: frozenset[int] = frozenset()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def ask(*given: Any, **named: Any) -> Any:
            self.calls.append(name)
            if len(self.calls) in self.away:
                raise Retryable("the index is away")
            return getattr(self.reader, name)(*given, **named)

        return ask


@dataclass
class World:
    """An index, and lookouts at it."""

    writer: SqliteIndexWriter
    reader: Any

    def put(self, posts: Iterable[ScoredPost]) -> None:
        some = list(posts)
        for first in range(0, len(some), 500):
            self.writer.put(some[first : first + 500])

    def lookout(self, began_at: datetime | Mapping[str, datetime] = NOW - 4 * DAY, **changes: Any) -> Lookout:
        began = began_at if isinstance(began_at, Mapping) else {"outage": began_at}
        topics = {topic: Watched(1.0, at) for topic, at in began.items()}
        return Lookout(changes.pop("reader", self.reader), topics, replace(LIMITS, **changes))


@contextmanager
def world(posts: Iterable[ScoredPost] = ()) -> Iterator[World]:
    with TemporaryDirectory() as folder:
        writer = SqliteIndexWriter(Path(folder) / "index.db")
        reader = SqliteIndexReader(Path(folder) / "index.db")
        made = World(writer, reader)
        made.put(posts)
        try:
            yield made
        finally:
            reader.close()
            writer.close()
