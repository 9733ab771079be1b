import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from threading import Event
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from stream.codec import Codec
from stream.errors import Fenced, Rejected, Retryable, TooManyRejects
from stream.log.broker import QUARANTINE, RAW, Consumer, Message, Record, Topic
from stream.log.brokers.sqlite.client import SqliteConsumer, SqliteProducer
from stream.log.quarantine import Quarantine, Quarantined, listed
from stream.log.worker import Counters, Worker, backoff, run_worker
from stream.process.clock import ScriptedClock
from tests.stream.logs import ENGINES, Log, opened

ROOT = Path(__file__).parents[3]
START = datetime(2026, 9, 1, 8, tzinfo=UTC)


@dataclass(frozen=True)
class Word:
    text: str


Step = Callable[[Sequence[Word]], Mapping[int, Rejected]]


class Running:
    """A consumer whose empty polls let the script's time pass, as those of the embedded engine do."""

    def __init__(self, consumer: Consumer, clock: ScriptedClock) -> None:
        self._consumer = consumer
        self._clock = clock
        for name in ("commit", "pause", "resume", "rewind", "close"):
            setattr(self, name, getattr(consumer, name))

    def poll(self, limit: int, timeout: float) -> list[Record]:
        records = self._consumer.poll(limit, min(timeout, 0.01))
        if not records:
            self._clock.sleep(timeout)
        return records


class Bench:
    """A log with one topic, a worker on it, and what the worker's step did."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.clock = log.clock
        self.start = log.clock.now()
        self.admin = log.admin()
        self.admin.apply([Topic(RAW), Topic(QUARANTINE)])
        self.producer = log.producer()
        self.consumers: list[Consumer] = []
        self.done: list[str] = []

    def publish(self, *words: str | bytes) -> None:
        values = [word if isinstance(word, bytes) else f'{{"text": "{word}"}}'.encode() for word in words]
        self.producer.publish([Message(RAW, "one thread", value) for value in values])

    def worker(
        self,
        step: Step | None = None,
        *,
        limit: int = 100,
        stop_after_rejects: int = 100,
        report: Callable[[Counters], None] | None = None,
    ) -> Worker[Word]:
        return Worker(
            self.consumer(),
            Quarantine(self.producer, self.clock, "test"),
            Codec(Word),
            step or self.note,
            clock=self.clock,
            limit=limit,
            stop_after_rejects=stop_after_rejects,
            report=report,
        )

    def consumer(self, group: str = "g", topic: str = RAW) -> Consumer:
        member = self.log.consumer(group, [topic])
        self.consumers.append(cast(Consumer, Running(member, self.clock)) if self.log.waits_for_real else member)
        return self.consumers[-1]

    def note(self, words: Sequence[Word]) -> Mapping[int, Rejected]:
        """A step that cannot fail."""
        self.done += [word.text for word in words]
        return {}

    def committed(self) -> int:
        return sum(one.committed or 0 for one in self.admin.progress() if one.group == "g")

    def quarantined(self) -> list[Quarantined]:
        consumer = self.consumer(f"look{len(self.consumers)}", QUARANTINE)
        found = listed(consumer, self.admin.ends(QUARANTINE))
        consumer.close()
        return found


@pytest.fixture(params=sorted(ENGINES))
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    with opened(request.param, tmp_path) as log:
        yield Bench(log)


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[tuple[Bench, Path]]:
    """On the embedded engine alone, with its file: for what only a file can suffer, or only a script's time shows."""
    with opened("sqlite", tmp_path) as log:
        yield Bench(log), tmp_path / "log.db"


def test_everything_is_worked_through_and_committed_once(bench: Bench) -> None:
    bench.publish(*map(str, range(25)))
    worker = bench.worker(limit=10)
    assert worker.drain() == 25
    assert bench.done == [str(number) for number in range(25)]
    assert bench.committed() == 25
    assert worker.drain() == 0
    assert worker.counters == Counters(read=25, done=25)


def test_a_crash_in_the_step_leaves_the_offsets_where_they_were(bench: Bench) -> None:
    bench.publish("a", "b", "c")

    def broken(words: Sequence[Word]) -> Mapping[int, Rejected]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        bench.worker(broken).drain()
    assert bench.committed() == 0
    bench.consumers[0].close()
    assert bench.worker().drain() == 3
    assert bench.done == ["a", "b", "c"]


def test_an_undecodable_record_is_quarantined_and_the_others_are_done(bench: Bench) -> None:
    bench.publish("a", b"\xff{", "b", b"", "c")
    worker = bench.worker()
    assert worker.drain() == 5
    assert (bench.done, bench.committed()) == (["a", "b", "c"], 5)
    assert [(one.offset, one.reason, one.stage) for one in bench.quarantined()] == [
        (1, "undecodable", "test"),
        (3, "undecodable", "test"),
    ]
    assert (worker.counters.done, worker.counters.rejected) == (3, 2)


def test_a_reject_of_the_step_is_that_of_the_right_record(bench: Bench) -> None:
    bench.publish(b"broken", "a", b"broken", "refused", "b")

    def choosy(words: Sequence[Word]) -> Mapping[int, Rejected]:
        bench.note(words)
        return {index: Rejected("mapping", "no") for index, word in enumerate(words) if word.text == "refused"}

    bench.worker(choosy).drain()
    assert {(one.offset, one.reason) for one in bench.quarantined()} == {
        (0, "undecodable"),
        (2, "undecodable"),
        (3, "mapping"),
    }


def test_a_batch_refused_as_a_whole_is_halved_until_the_poison_is_found(bench: Bench) -> None:
    words = [str(number) for number in range(40)]
    words[7] = words[23] = "poison"
    bench.publish(*words)
    sizes = []

    def brittle(batch: Sequence[Word]) -> Mapping[int, Rejected]:
        sizes.append(len(batch))
        if any(word.text == "poison" for word in batch):
            raise Rejected("poison", "the whole bulk was refused")
        return bench.note(batch)

    assert bench.worker(brittle).drain() == 40
    assert sorted(bench.done) == sorted(word for word in words if word != "poison")
    assert [(one.offset, one.reason) for one in bench.quarantined()] == [(7, "poison"), (23, "poison")]
    assert len(sizes) < 30


def test_a_far_side_that_is_down_is_waited_for_and_nothing_is_dropped(bench: Bench) -> None:
    bench.publish("a", "b")
    attempts: list[tuple[datetime, int]] = []

    def down_for_ten_minutes(words: Sequence[Word]) -> Mapping[int, Rejected]:
        attempts.append((bench.clock.now(), len(words)))
        if bench.clock.now() < bench.start + timedelta(minutes=10):
            raise Retryable("index is down")
        return bench.note(words)

    worker = bench.worker(down_for_ten_minutes)
    assert worker.drain() == 2
    assert bench.done == ["a", "b"]
    waits = [(later[0] - earlier[0]).total_seconds() for earlier, later in pairwise(attempts)]
    assert waits[0] >= 1
    assert max(waits) <= 60
    assert {size for _, size in attempts} == {2}
    assert worker.counters.retried == len(waits) < 30


def test_a_member_that_waits_for_half_an_hour_keeps_its_partitions(embedded: tuple[Bench, Path]) -> None:
    bench, _ = embedded
    bench.publish("a")
    rival = bench.consumer()

    def down_for_half_an_hour(words: Sequence[Word]) -> Mapping[int, Rejected]:
        assert rival.poll(10, 0) == []
        if bench.clock.now() < bench.start + timedelta(minutes=30):
            raise Retryable("index is down", after=30)
        return bench.note(words)

    assert bench.worker(down_for_half_an_hour).drain() == 1
    assert bench.done == ["a"]


def test_a_lock_on_the_log_is_waited_for_too(embedded: tuple[Bench, Path]) -> None:
    bench, path = embedded
    bench.publish("a", b"broken")
    impatient = SqliteProducer(path, bench.clock, busy=timedelta(milliseconds=10))
    holder = sqlite3.connect(path, isolation_level=None)

    def locking(words: Sequence[Word]) -> Mapping[int, Rejected]:
        holder.execute("BEGIN IMMEDIATE")
        return bench.note(words)

    class Releasing(ScriptedClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            if holder.in_transaction:
                holder.execute("ROLLBACK")

    clock = Releasing(START)
    consumer = SqliteConsumer(path, clock, group="g", topics=[RAW])
    worker = Worker(consumer, Quarantine(impatient, clock, "test"), Codec(Word), locking, clock=clock)
    assert worker.drain() == 2
    assert (worker.counters.retried, len(bench.quarantined()), bench.committed()) == (1, 1, 2)
    for one in (holder, impatient, consumer):
        one.close()


def test_a_batch_whose_partitions_were_lost_is_dropped_and_read_again(bench: Bench) -> None:
    bench.publish("a", "b")
    slow = True

    def sleepy(words: Sequence[Word]) -> Mapping[int, Rejected]:
        nonlocal slow
        if slow:
            slow = False
            bench.log.outlive_a_lease()
            thief = bench.consumer()
            assert len(thief.poll(10, 0)) == 2
            thief.close()
        return bench.note(words)

    worker = bench.worker(sleepy)
    assert worker.drain() == 2
    assert bench.done == ["a", "b", "a", "b"]
    assert (worker.counters.fenced, worker.counters.read, bench.committed()) == (1, 4, 2)


def test_a_step_that_lost_its_lease_drops_the_batch_and_tries_anew_later(bench: Bench) -> None:
    bench.publish("a")
    fences = [Fenced("another holds it"), Fenced("another holds it")]

    def fenced(words: Sequence[Word]) -> Mapping[int, Rejected]:
        if fences:
            raise fences.pop()
        return bench.note(words)

    assert bench.worker(fenced).drain() == 1
    assert bench.clock.now() >= bench.start + timedelta(seconds=2)


def test_too_many_rejects_in_a_row_stop_the_stage_before_that_batch_is_touched(bench: Bench) -> None:
    bench.publish("a", *[b"broken"] * 30, "b")
    with pytest.raises(TooManyRejects, match="30 records in a row"):
        bench.worker(stop_after_rejects=30).drain()
    assert (bench.committed(), bench.quarantined()) == (0, [])
    bench.consumers[0].close()
    assert bench.worker(stop_after_rejects=31).drain() == 32
    assert len(bench.quarantined()) == 30


def test_rejects_count_in_a_row_across_batches_and_a_good_record_ends_the_row(bench: Bench) -> None:
    bench.publish(*[b"broken"] * 19, "good", *[b"broken"] * 20)
    with pytest.raises(TooManyRejects, match="offset 39"):
        bench.worker(limit=5, stop_after_rejects=20).drain()
    assert bench.committed() == 35


def test_a_stop_finishes_the_batch_at_hand(bench: Bench) -> None:
    bench.publish(*map(str, range(30)))
    stop = Event()

    def stopping(words: Sequence[Word]) -> Mapping[int, Rejected]:
        stop.set()
        return bench.note(words)

    bench.worker(stopping, limit=10).run(stop)
    assert (len(bench.done), bench.committed()) == (10, 10)


def test_a_stop_ends_the_waiting_for_a_far_side_with_the_offsets_unmoved(bench: Bench) -> None:
    bench.publish("a")
    stop = Event()

    def down(words: Sequence[Word]) -> Mapping[int, Rejected]:
        stop.set()
        raise Retryable("index is down", after=3600)

    bench.worker(down).run(stop)
    assert bench.committed() == 0
    assert bench.clock.now() < bench.start + timedelta(minutes=1)


def test_counters_are_reported_once_a_minute_and_at_the_end(bench: Bench) -> None:
    bench.publish("a", b"broken")
    bench.clock.sleep(5)
    told: list[tuple[float, Counters]] = []
    stop = Event()

    def report(counters: Counters) -> None:
        told.append((bench.clock.monotonic(), counters))
        if len(told) == 2:
            stop.set()

    bench.worker(report=report).run(stop)
    assert [round(at) for at, _ in told] == [65, 125, 125]
    assert told[-1][1] == Counters(read=2, done=1, rejected=1, lag=5.0)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (OSError(28, "No space left on device"), "the disk is full"),
        (OSError(5, "Input/output error"), "the disk fails"),
    ],
)
def test_a_broken_machine_stops_the_stage_in_plain_words(bench: Bench, broken: OSError, words: str) -> None:
    bench.publish("a")

    def failing(batch: Sequence[Word]) -> Mapping[int, Rejected]:
        raise broken

    with capture_logs() as lines, pytest.raises(OSError, match=broken.strerror or ""):
        bench.worker(failing).drain()
    assert [line["event"] for line in lines if line["log_level"] == "critical"] == [
        f"stopped: {words}; nothing is half-written, offsets unmoved"
    ]
    assert bench.committed() == 0


def test_a_full_disk_under_the_quarantine_stops_the_stage_offsets_unmoved(
    embedded: tuple[Bench, Path],
) -> None:
    bench, _ = embedded
    bench.publish("a", b"broken" * 20_000)
    assert isinstance(bench.producer, SqliteProducer)
    connection = bench.producer._file._connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages + 2}").fetchall()
    with capture_logs() as lines, pytest.raises(sqlite3.OperationalError, match="full"):
        bench.worker().drain()
    assert "stopped: the disk is full" in lines[-1]["event"]
    assert (bench.committed(), bench.quarantined()) == (0, [])
    connection.execute("PRAGMA max_page_count=1000000").fetchall()
    bench.consumers[0].close()
    assert bench.worker().drain() == 2
    assert len(bench.quarantined()) == 1


@given(st.integers(0, 10_000), st.floats(0, 4000), st.floats(0, 1, exclude_max=True))
def test_a_wait_is_never_shorter_than_asked_nor_much_longer_than_a_minute(
    attempt: int, after: float, draw: float
) -> None:
    wait = backoff(attempt, after, draw)
    assert after <= wait <= max(after, 60)


def test_waits_grow(bench: Bench) -> None:
    assert [backoff(attempt, 1.0, 0.999999) for attempt in range(8)] == pytest.approx([1, 2, 4, 8, 16, 32, 60, 60])
    assert backoff(5, 1.0, 0.0) == 16


STAGE = """
from stream.log.broker import SCORED
from stream.codec import Codec
from stream.log.quarantine import Quarantine
from stream.log.worker import Worker
from stream.process.signals import stop_on_signals

def step(numbers):
    producer.publish([Message(SCORED, "k", str(number).encode()) for number in numbers])
    print("done", flush=True)
    return {}

with stop_on_signals() as stop:
    Worker(consumer, Quarantine(producer, clock, "s"), Codec(int), step, clock=clock, limit=10).run(stop, timeout=0.05)
consumer.close()
"""


def start_stage(log: Log) -> "subprocess.Popen[str]":
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", log.opening() + STAGE]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_killed_at_any_moment_a_stage_loses_no_record_and_ends_cleanly_when_asked(bench: Bench) -> None:
    bench.admin.apply([Topic("posts.scored")])
    bench.producer.publish([Message(RAW, str(number), str(number).encode()) for number in range(600)])
    for kill in range(3):
        process = start_stage(bench.log)
        assert process.stdout is not None
        for _ in range(3 + 5 * kill):
            process.stdout.readline()
        process.kill()
        process.communicate()
    process = start_stage(bench.log)
    until = time.monotonic() + 30
    while bench.committed() < 600 and time.monotonic() < until:
        time.sleep(0.02)
    process.terminate()
    process.communicate(timeout=30)
    assert process.returncode == 0
    consumer = bench.consumer("look", "posts.scored")
    found: list[int] = []
    while records := consumer.poll(1000, 0):
        found += [int(record.value or b"") for record in records]
    assert set(found) == set(range(600))
    assert len(found) <= 600 + 3 * 10


def test_a_stage_run_once_works_through_what_is_there_and_ends(bench: Bench) -> None:
    bench.publish("a", "b")
    with capture_logs() as told:
        run_worker(bench.worker(), once=True)
    assert bench.done == ["a", "b"]
    assert [line["records"] for line in told if line["event"] == "drained"] == [2]


def test_a_stage_runs_until_a_signal_asks_it_to_end(bench: Bench) -> None:
    def step(words: Sequence[Word]) -> Mapping[int, Rejected]:
        bench.done.extend(word.text for word in words)
        os.kill(os.getpid(), signal.SIGTERM)
        return {}

    bench.publish("a")
    before = signal.getsignal(signal.SIGTERM)
    run_worker(bench.worker(step), once=False)
    assert bench.done == ["a"]
    assert bench.committed() == 1
    assert signal.getsignal(signal.SIGTERM) is before
