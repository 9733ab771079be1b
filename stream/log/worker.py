"""The only consume loop: poll, decode, work, quarantine, commit last.

A record's offset is committed after its work is durable or its quarantine entry is acknowledged, never before. So a
crash at any place makes work happen again and never makes a record vanish; the work must bear being done twice.
"""

import errno
import random
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Event
from typing import Generic, TypeVar

from sqlalchemy.exc import DBAPIError
from structlog import get_logger

from stream.codec import Codec
from stream.errors import DecodeError, Fenced, Rejected, Retryable, TooManyRejects
from stream.log.broker import Consumer, Partition, Record
from stream.log.quarantine import Quarantine
from stream.process.clock import Clock
from stream.process.failpoints import failpoint
from stream.process.garbage import rare_garbage_collection
from stream.process.signals import stop_on_signals

LONGEST_WAIT = 60.0  # seconds between two attempts, unless the far side asks for longer
REPORT_EVERY = 60.0  # seconds
_BROKEN_FILE = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "a database may only be read",
    sqlite3.SQLITE_IOERR: "the disk fails",
    sqlite3.SQLITE_CORRUPT: "a database is damaged",
    sqlite3.SQLITE_NOTADB: "a database is damaged",
    sqlite3.SQLITE_CANTOPEN: "a database cannot be opened",
}
_BROKEN_DISK = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the disk may only be read",
    errno.EIO: "the disk fails",
}
_BROKEN_SERVER = {
    "53100": "the database server's disk is full",
    "58030": "the database server's disk fails",
    "XX001": "the database is damaged",
    "XX002": "the database is damaged",
}
_TICK = 0.001  # seconds; a clock need not be finer
_SLICE = 1.0  # seconds between two looks at the stop flag while waiting

T = TypeVar("T")
R = TypeVar("R")
log = get_logger(__name__)


@dataclass(slots=True)
class Counters:
    """What a worker did since it started; `read` = `done` + `rejected` + what a `Fenced` or a stop made it drop."""

    read: int = 0
    done: int = 0
    rejected: int = 0
    retried: int = 0
    fenced: int = 0
    lag: float = 0.0  # seconds between the newest handled record's arrival in the log and its handling


class _Stopped(Exception):
    """Raised when a stop was asked for while waiting for a far side: the batch is dropped, offsets unmoved."""


class Worker(Generic[T]):
    """Runs `step` over everything a consumer reads.

    `step` does the work of a batch and makes it durable before it returns the items it rejects, by index. It may raise
    `Retryable` (the batch is tried again, for ever), `Fenced` (the batch is dropped and read again), `Rejected` (one
    of the batch is poison: halves are tried until it is found) or anything else (a bug: the stage crashes).
    """

    def __init__(
        self,
        consumer: Consumer,
        quarantine: Quarantine,
        codec: Codec[T],
        step: Callable[[Sequence[T]], Mapping[int, Rejected]],
        *,
        clock: Clock,
        limit: int = 256,
        stop_after_rejects: int = 100,
        report: Callable[[Counters], None] | None = None,
    ) -> None:
        self._consumer = consumer
        self._quarantine = quarantine
        self._codec = codec
        self._step = step
        self._clock = clock
        self._limit = limit
        self._most_rejects = stop_after_rejects
        self._report = report or log_counters
        self._reported = clock.monotonic()
        self._in_a_row = 0
        self._stop = Event()
        self.counters = Counters()

    def run(self, stop: Event, *, timeout: float = _SLICE) -> None:
        """Works until `stop` is set; then finishes the batch at hand and returns. A far side that is down ends it too.

        The one who stops a process should allow a batch's time (30 s) before killing it; a kill loses nothing.
        """
        self._stop = stop
        with _last_words():
            while not stop.is_set():
                self._turn(timeout)
                if self._clock.monotonic() - self._reported >= REPORT_EVERY:
                    self._tell()
            self._tell()

    def drain(self) -> int:
        """Works until no record is left that this member may read; returns how many it handled."""
        before = self.counters.done + self.counters.rejected
        with _last_words():
            while self._turn(0.0):
                pass
        return self.counters.done + self.counters.rejected - before

    def _turn(self, timeout: float) -> bool:
        """Works through one batch; returns False if there was none."""
        try:
            records = self._until_taken(lambda: self._consumer.poll(self._limit, timeout))
            if records:
                failpoint("worker.polled")
                self.counters.read += len(records)
                self._handle(records)
        except Fenced as error:
            log.warning("batch dropped", reason=error.reason)
            self.counters.fenced += 1
            self._consumer.rewind()
            self._clock.sleep(error.after)
            return True
        except _Stopped:
            self._consumer.rewind()
            return False
        return bool(records)

    def _handle(self, records: Sequence[Record]) -> None:
        rejects = self._work(records)
        self._count_row(records, rejects)
        failpoint("worker.done")
        if rejects:
            told = [(records[index], error) for index, error in sorted(rejects.items())]
            self._until_taken(lambda: self._quarantine.put(told))
            failpoint("worker.quarantined")
        self._until_taken(lambda: self._consumer.commit(_following(records)))
        failpoint("worker.committed")
        self.counters.rejected += len(rejects)
        self.counters.done += len(records) - len(rejects)
        self.counters.lag = (self._clock.now() - max(record.at for record in records)).total_seconds()

    def _work(self, records: Sequence[Record]) -> dict[int, Rejected]:
        """Decodes and runs the step over what could be decoded; returns the rejects by index of the record."""
        rejects: dict[int, Rejected] = {}
        items: list[T] = []
        places: list[int] = []
        for index, record in enumerate(records):
            try:
                items.append(self._codec.decode(record.value))
                places.append(index)
            except DecodeError as error:
                rejects[index] = error
        return rejects | {places[index]: error for index, error in self._isolate(items).items()}

    def _isolate(self, items: Sequence[T]) -> dict[int, Rejected]:
        """Runs the step; where it rejects the whole, over its halves, down to the item that is poison."""
        if not items:
            return {}
        try:
            return dict(self._until_taken(lambda: self._step(items)))
        except Rejected as error:
            if len(items) == 1:
                return {0: error}
        half = len(items) // 2
        left = self._isolate(items[:half])  # first: what the step publishes keeps the order of the log
        return left | {half + index: error for index, error in self._isolate(items[half:]).items()}

    def _count_row(self, records: Sequence[Record], rejects: Mapping[int, Rejected]) -> None:
        """Stops before this batch is quarantined or committed: after a restart it is judged again, by mended code."""
        for index, record in enumerate(records):
            self._in_a_row = self._in_a_row + 1 if index in rejects else 0
            if self._in_a_row >= self._most_rejects:
                raise TooManyRejects(
                    f"{self._in_a_row} records in a row were rejected, the last at {record.partition.topic}"
                    f"/{record.partition.number} offset {record.offset}: {rejects[index]}"
                )

    def _until_taken(self, act: Callable[[], R]) -> R:
        """Returns what `act` returns, trying for ever while the far side cannot take it."""
        attempt = 0
        while True:
            try:
                return act()
            except Fenced:
                raise
            except Retryable as error:
                wait = backoff(attempt, error.after, random.random())
                log.warning("waiting", reason=error.reason, attempt=attempt + 1, seconds=round(wait, 1))
                self.counters.retried += 1
                self._wait(wait)
                attempt += 1

    def _wait(self, seconds: float) -> None:
        """Waits with partitions paused, polling as the sign of life that keeps them."""
        until = self._clock.monotonic() + seconds
        self._consumer.pause()
        try:
            while (left := until - self._clock.monotonic()) >= _TICK:
                if self._stop.is_set():
                    raise _Stopped
                self._sign_of_life(min(left, _SLICE))
        finally:
            self._consumer.resume()

    def _sign_of_life(self, seconds: float) -> None:
        try:
            self._consumer.poll(self._limit, seconds)
        except Retryable:
            self._clock.sleep(seconds)

    def _tell(self) -> None:
        self._reported = self._clock.monotonic()
        self._report(replace(self.counters))


def backoff(attempt: int, after: float, draw: float) -> float:
    """Computes the seconds until the next attempt.

    Doubling from `after`, at most a minute, half of it by chance (`draw` in [0, 1)).

    Never less than `after`, which the far side asked for.
    """
    longest = min(LONGEST_WAIT, max(after, 0.1) * 2.0 ** min(attempt, 16))
    return max(after, longest * (0.5 + draw / 2))


def run_worker(worker: Worker[T], *, once: bool) -> None:
    """Runs a stage until a signal asks it to stop, or once over what is there."""
    with rare_garbage_collection():
        if once:
            log.info("drained", records=worker.drain())
            return
        with stop_on_signals() as stop:
            worker.run(stop)


@contextmanager
def _last_words() -> Iterator[None]:
    """Says plainly that a broken machine stopped the stage, and lets it crash: a service runner starts it again."""
    try:
        yield
    except (sqlite3.Error, DBAPIError, OSError) as error:
        if broken := _broken_machine(error):
            log.critical(f"stopped: {broken}; nothing is half-written, offsets unmoved", error=str(error))
        raise
    except TooManyRejects as error:
        log.critical("stopped: the input or the code is broken; offsets unmoved", error=str(error))
        raise


def _broken_machine(error: Exception) -> str | None:
    """Tells what is wrong with the machine in words, or None where something else is the matter."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return _BROKEN_FILE.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
    if isinstance(error, DBAPIError):
        return _BROKEN_SERVER.get(getattr(cause, "sqlstate", None) or "")
    return _BROKEN_DISK.get(cause.errno or 0) if isinstance(cause, OSError) else None


def _following(records: Sequence[Record]) -> dict[Partition, int]:
    """Finds per partition the offset after its last record: all of the batch are handled, so none is skipped."""
    return {record.partition: record.offset + 1 for record in records}


def log_counters(counters: Counters) -> None:
    """Logs what a worker tells where nobody else listens."""
    log.info(
        "progress",
        read=counters.read,
        done=counters.done,
        rejected=counters.rejected,
        retried=counters.retried,
        fenced=counters.fenced,
        lag=round(counters.lag, 1),
    )
