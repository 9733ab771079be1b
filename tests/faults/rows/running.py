"""Stages in threads of the test's process, over whichever engines, for as long as something is done to those."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Protocol

from stream.codec import Codec
from stream.errors import Rejected, Retryable
from stream.log.broker import RAW, SCORED, Consumer, Message, Producer
from stream.log.quarantine import Quarantine
from stream.log.worker import Worker
from stream.process.clock import Clock, ScriptedClock

PATIENCE = (
    240.0  # seconds for a test's end to come; a busy machine starts an engine in one minute instead of ten seconds
)


class Hurried(ScriptedClock):
    """A minute of waiting passes in an instant, and not faster: what is waited for is real."""

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        time.sleep(min(seconds, 0.05))


class Runs(Protocol):
    """Anything that runs until it is told to stop."""

    def run(self, stop: Event, *, timeout: float = ...) -> None: ...


@contextmanager
def running(*stages: Runs) -> Iterator[None]:
    """The stages at work while the block lasts. One that crashed is told at the end."""
    stop = Event()
    with ThreadPoolExecutor(max(1, len(stages))) as threads:
        futures = [threads.submit(stage.run, stop, timeout=0.1) for stage in stages]
        try:
            yield
        except AssertionError as error:  # why nothing came of it is what a stage died of, if one did
            died = [future.exception() for future in futures if future.done()]
            raise next(filter(None, died), error) from error
        finally:
            stop.set()
        for future in futures:
            future.result(PATIENCE)


def copying(consumer: Consumer, producer: Producer, clock: Clock) -> Worker[int]:
    """The smallest stage: numbers of `posts.raw` go to `posts.scored` as they are."""

    def step(numbers: Sequence[int]) -> Mapping[int, Rejected]:
        producer.publish([Message(SCORED, str(number % 20), str(number).encode()) for number in numbers])
        return {}

    return Worker(consumer, Quarantine(producer, clock, "copy"), Codec(int), step, clock=clock, limit=50)


def publish_all(producer: Producer, count: int, at_once: int, told: Callable[[int], None] = lambda _: None) -> None:
    """Publishes 0 … count-1 as a crawler does: a batch again and again until it is taken. `told` after each."""
    for start in range(0, count, at_once):
        batch = [Message(RAW, str(number % 20), str(number).encode()) for number in range(start, start + at_once)]
        until_done(lambda batch=batch: producer.publish(batch))  # type: ignore[misc]
        told(start + at_once)


def until_done(act: Callable[[], object]) -> int:
    """Does it until it is taken; returns how often it was refused."""
    until = time.monotonic() + PATIENCE
    for refused in range(100_000):
        try:
            act()
            return refused
        except Retryable:
            assert time.monotonic() < until
            time.sleep(0.1)
    raise AssertionError


def until_true(holds: Callable[[], bool], what: str) -> None:
    """Waits for it; what asks may find the far side away."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            if holds():
                return
        except Retryable:
            pass
        time.sleep(0.1)
    raise AssertionError(what)


def read_all(consumer: Consumer) -> list[bytes]:
    """Every value there is now."""
    found: list[bytes] = []
    while records := consumer.poll(1000, 0.5):
        found += [record.value or b"" for record in records]
    return found


@contextmanager
def meanwhile(act: Callable[[], object]) -> Iterator["Future[object]"]:
    """`act` in a thread beside the block; its end is waited for, its exception raised."""
    with ThreadPoolExecutor(1) as threads:
        future = threads.submit(act)
        yield future
        future.result(PATIENCE)
