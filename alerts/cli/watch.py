"""`watch`: the rounds of looking, calling, sending and telling the log, until a signal ends them."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta
from threading import Event

import click
from sqlalchemy import Engine
from structlog import get_logger

from alerts.casefile.relay import relay
from alerts.cli.settings import Settings, open_context, with_settings
from alerts.made_up import still_made_up
from alerts.notify.kinds import open_channels
from alerts.watch import Watcher
from stream.engines import apply_topics, open_pipeline, open_producer
from stream.errors import Retryable
from stream.log.broker import Producer
from stream.process.alive import Alive
from stream.process.clock import SystemClock
from stream.process.holders import holder
from stream.process.running import registered
from stream.process.signals import stop_on_signals

CLOCK = SystemClock()
DELIVER_EVERY = timedelta(seconds=5)

log = get_logger()

Part = Callable[[datetime], object]


@click.command()
@click.option("--once", is_flag=True, help="One round, then stop.")
@with_settings
def watch(settings: Settings, once: bool) -> None:
    """Look at every topic each minute, open cases, call the next person, send letters; stops on SIGTERM."""
    for words in still_made_up(settings.alerts, settings.topics):
        log.warning("made_up", found=words)
    with (
        stop_on_signals() as stop,
        open_context(settings) as context,
        closing(HistoryRelay(settings, context.engine)) as tell,
        closing(open_pipeline(settings.stream)) as pipeline,
    ):
        channels = open_channels(settings.alerts.in_use, settings.alerts.routing.letterhead)
        watcher = Watcher(context, channels, holder(), pipeline.complete_until)
        looked = Alive(settings.stream.var, "alerts")
        with registered(settings.stream.var, "alerts"):
            run_rounds(watcher, tell, None if once else settings.alerts.look_every, stop, looked)


class HistoryRelay:
    """Relays the cases' history. Opens the log itself: people are to be alarmed whether there is a log or not."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self._stream = settings.stream
        self._ladder = settings.alerts.ladder
        self._engine = engine
        self._producer: Producer | None = None

    def __call__(self, _now: datetime) -> None:
        if self._producer is None:
            apply_topics(self._stream)
            self._producer = open_producer(self._stream, CLOCK)
        relay(self._engine, self._producer, self._ladder)

    def close(self) -> None:
        """Closes the log, if it was ever opened."""
        if self._producer is not None:
            self._producer.close()


def run_rounds(
    watcher: Watcher, tell: Part, every: timedelta | None, stop: Event, looked: Callable[[], object]
) -> None:
    """Goes round until `stop`; without `every`, one round of each part. `looked` hears of each look that took place."""

    def look(now: datetime) -> None:
        watcher.look(now)
        looked()

    looking, sending, telling = (look, watcher.escalate), (watcher.deliver,), (tell,)
    if every is None:
        for part in (*looking, *sending, *telling):
            _patiently(part)
        return
    with ThreadPoolExecutor(3) as pool:  # a mail server or a log that hangs must not stop the looking
        loops = [
            pool.submit(_loop, looking, every, stop),
            pool.submit(_loop, sending, DELIVER_EVERY, stop),
            pool.submit(_loop, telling, DELIVER_EVERY, stop),
        ]
        for loop in loops:
            loop.result()


def _loop(parts: Sequence[Part], every: timedelta, stop: Event) -> None:
    """Goes round until `stop`; what crashes one loop stops the other too: the process ends and is started again."""
    try:
        while not stop.is_set():
            for part in parts:
                _patiently(part)
            stop.wait(every.total_seconds())
    finally:
        stop.set()


def _patiently(part: Part) -> None:
    """Runs one part of a round; an engine that is away is waited for, and the other parts go on."""
    try:
        part(CLOCK.now())
    except Retryable as error:
        log.warning("round_part_waits", part=getattr(part, "__name__", type(part).__name__), reason=error.reason)
