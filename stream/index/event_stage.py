"""The index stage's other half: the log's topics `cases` and `health` into the index."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event as Flag
from typing import TypeVar, cast

from stream.codec import Codec
from stream.config import StreamConfig
from stream.errors import Rejected
from stream.index.events import Event, EventWriter
from stream.index.port import Outcome
from stream.log.broker import Consumer, Producer
from stream.log.quarantine import Quarantine
from stream.log.worker import Worker
from stream.messages import CaseEvent, StageHealth
from stream.process.clock import Clock

GROUP = "wenfeng.index.events"
EVENTS = Codec(cast(type[Event], CaseEvent | StageHealth), "CaseEvent or StageHealth")

T = TypeVar("T")


def event_worker(
    config: StreamConfig, consumer: Consumer, producer: Producer, writer: EventWriter, clock: Clock
) -> Worker[Event]:
    """Indexes events over these engines; the caller closes them. Reports nothing: it would read its own reports."""
    return Worker(
        consumer,
        Quarantine(producer, clock, "index"),
        EVENTS,
        event_step(writer),
        clock=clock,
        limit=config.batch,
        stop_after_rejects=config.stop_after_rejects,
    )


def event_step(writer: EventWriter) -> Callable[[Sequence[Event]], Mapping[int, Rejected]]:
    """Builds a step that puts a batch and returns what the index will never take, by position."""

    def step(events: Sequence[Event]) -> Mapping[int, Rejected]:
        puts = enumerate(writer.put(events))
        return {at: Rejected("refused", put.detail) for at, put in puts if put.outcome is Outcome.REFUSED}

    return step


def run_beside(worker: Worker[T], events: Worker[Event], stop: Flag) -> None:
    """Runs both until `stop`; what ends one by an error ends both, so that the process ends and is started again."""

    def beside() -> None:
        try:
            events.run(stop)
        finally:
            stop.set()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(beside)
        try:
            worker.run(stop)
        finally:
            stop.set()
        running.result()
