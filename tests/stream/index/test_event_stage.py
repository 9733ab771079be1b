"""The index stage's second worker, beside the first in one process."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from threading import Event, Timer

import pytest

from stream.codec import CASE_EVENTS, STAGE_HEALTH
from stream.codec import SCORED as CODEC
from stream.config import StreamConfig
from stream.index.event_stage import event_worker, run_beside
from stream.index.events import Event as Told
from stream.index.port import Outcome, PutResult
from stream.index.sqlite.events import SqliteEventReader, SqliteEventWriter
from stream.log.broker import CASES, HEALTH, QUARANTINE, SCORED, Message, Topic
from stream.log.brokers.sqlite.admin import SqliteAdmin
from stream.log.brokers.sqlite.client import SqliteConsumer, SqliteProducer
from stream.log.quarantine import Quarantine
from stream.log.worker import Worker
from stream.messages import ScoredPost
from stream.process.clock import SystemClock
from tests.stream.scored import NOON, scored
from tests.stream.told import beat, happened


class Log:
    """An embedded log with all topics, and workers over it."""

    def __init__(self, path: Path, stack: ExitStack) -> None:
        self._path, self._stack, self.clock = path, stack, SystemClock()
        with closing(SqliteAdmin(path)) as admin:
            admin.apply([Topic(name, partitions=1) for name in (SCORED, QUARANTINE, CASES, HEALTH)])
        self.producer = stack.enter_context(closing(SqliteProducer(path, self.clock)))

    def reading(self, group: str, *topics: str) -> SqliteConsumer:
        return self._stack.enter_context(
            closing(SqliteConsumer(self._path, self.clock, group=group, topics=list(topics)))
        )

    def posts(self, seen: list[ScoredPost]) -> Worker[ScoredPost]:
        def step(posts: Sequence[ScoredPost]) -> dict[int, Exception]:
            seen.extend(posts)
            return {}

        quarantine = Quarantine(self.producer, self.clock, "index")
        return Worker(self.reading("posts", SCORED), quarantine, CODEC, step, clock=self.clock)  # type: ignore[arg-type]

    def events(self, writer: object) -> Worker[Told]:
        consumer = self.reading("events", CASES, HEALTH)
        return event_worker(StreamConfig(), consumer, self.producer, writer, self.clock)  # type: ignore[arg-type]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with ExitStack() as stack:
        yield Log(tmp_path / "log.db", stack)


def test_what_is_refused_is_quarantined_and_the_rest_indexed(log: Log, tmp_path: Path) -> None:
    path = tmp_path / "index.db"

    class Picky(SqliteEventWriter):
        def put(self, events: Sequence[Told]) -> list[PutResult]:
            puts = super().put(events)
            return [
                PutResult(Outcome.REFUSED, "no") if event.id == beat(2).id else put
                for event, put in zip(events, puts, strict=True)
            ]

    log.producer.publish([Message(CASES, "1", CASE_EVENTS.encode(happened(1, 1)))])
    log.producer.publish([Message(HEALTH, "index", STAGE_HEALTH.encode(beat(n))) for n in (1, 2)])
    log.producer.publish([Message(HEALTH, "index", b'{"schema":1}')])
    with closing(Picky(path)) as writer, closing(SqliteEventReader(path)) as reader:
        worker = log.events(writer)
        assert worker.drain() == 4
        assert (worker.counters.done, worker.counters.rejected) == (2, 2)
        assert (list(reader.cases()), len(list(reader.health(NOON)))) == ([happened(1, 1)], 2)


def test_both_run_until_told_to_stop(log: Log, tmp_path: Path) -> None:
    log.producer.publish([Message(HEALTH, "index", STAGE_HEALTH.encode(beat(1)))])
    log.producer.publish([Message(SCORED, "t", CODEC.encode(scored(1)))])
    seen: list[ScoredPost] = []
    stop = Event()
    path = tmp_path / "index.db"
    with closing(SqliteEventWriter(path)) as writer, closing(SqliteEventReader(path)) as reader:
        events = log.events(writer)
        timer = Timer(1.5, stop.set)
        timer.start()
        run_beside(log.posts(seen), events, stop)
        timer.cancel()
        assert (seen, list(reader.health(NOON))) == ([scored(1)], [beat(1)])


def test_what_ends_one_ends_both(log: Log) -> None:
    class Broken:
        def put(self, _events: Sequence[Told]) -> list[PutResult]:
            raise ZeroDivisionError("a bug")

    log.producer.publish([Message(HEALTH, "index", STAGE_HEALTH.encode(beat(1)))])
    stop = Event()
    with pytest.raises(ZeroDivisionError, match="a bug"):
        run_beside(log.posts([]), log.events(Broken()), stop)
    assert stop.is_set()
