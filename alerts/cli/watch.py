"""`watch`: the rounds of looking, calling, sending, telling the log, minding ourselves and reading answers, until a
signal ends them."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event

import click
from sqlalchemy import Engine
from structlog import get_logger

from alerts.casefile.context import CaseContext
from alerts.casefile.guards.failures import FailureKind, Failures
from alerts.casefile.relay import relay
from alerts.cli.settings import Settings, open_context, read_sources, with_settings
from alerts.desk.gone import names_gone
from alerts.desk.register import Register
from alerts.made_up import still_made_up
from alerts.notify.kinds import open_channels
from alerts.replies.handling import ReplyRounds
from alerts.replies.imap import ImapMailbox
from alerts.rounds.minding import mind
from alerts.rounds.stock import QuarantineCount, Stock
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
MIND_EVERY = timedelta(minutes=1)

log = get_logger()

Part = Callable[[datetime], object]


@click.command()
@click.option("--once", is_flag=True, help="One round, then stop.")
@with_settings
def watch(settings: Settings, once: bool) -> None:
    """Look at all topics each `look_every` (30 s), open cases, call the next person, send letters; stops on SIGTERM."""
    for words in still_made_up(settings.alerts, settings.topics):
        log.warning("made_up", found=words)
    with (
        stop_on_signals() as stop,
        open_context(settings) as context,
        closing(HistoryRelay(settings, context.engine, context.failures)) as tell,
        closing(open_pipeline(settings.stream)) as pipeline,
        closing(open_pipeline(settings.stream)) as minded,
    ):
        for words in names_gone(Register(context.engine, settings.alerts, settings.topics)):
            log.warning("name_gone", found=words)
        channels = open_channels(settings.alerts.in_use, settings.alerts.routing.letterhead)
        patience = None if once else DELIVER_EVERY.total_seconds()
        watcher = Watcher(
            context, channels, holder(), pipeline.complete_until, clock=CLOCK, patience=patience
        )  # fmt: skip
        looked = Alive(settings.stream.var, "alerts")
        count = QuarantineCount(settings.stream)
        stock = Stock(context, settings.stream.var, minded.complete_until, count, read_sources(settings.configs))
        minding = mind(context, holder(), stock, settings.stream.var)
        with registered(settings.stream.var, "alerts"):
            every = None if once else settings.alerts.look_every
            run_rounds(watcher, tell, every, stop, looked, minding, reply_round(settings, context))


@dataclass(frozen=True, slots=True)
class ReplyRound:
    """Reading the mailbox, and how often."""

    read: Part
    every: timedelta


def reply_round(settings: Settings, context: CaseContext) -> ReplyRound | None:
    """Builds the reader of answers to letters; None where the configuration has no mailbox. Connects to nothing yet."""
    inbox = settings.alerts.inbox
    return None if inbox is None else ReplyRound(ReplyRounds(context, ImapMailbox(inbox)), inbox.poll_every)


class HistoryRelay:
    """Relays the cases' history. Opens the log itself: people are to be alarmed whether there is a log or not."""

    def __init__(self, settings: Settings, engine: Engine, failures: Failures) -> None:
        self._stream = settings.stream
        self._failures = failures
        self._ladder = settings.alerts.ladder
        self._engine = engine
        self._producer: Producer | None = None

    def __call__(self, now: datetime) -> None:
        """Relays what is in line. What is wrong with the log, or with an event, is noted: the watching goes on."""
        with self._failures.guarding(FailureKind.HISTORY, "the log", now):
            if self._producer is None:
                apply_topics(self._stream)
                self._producer = open_producer(self._stream, CLOCK)
            relay(self._engine, self._producer, self._ladder)

    def close(self) -> None:
        """Closes the log, if it was ever opened."""
        if self._producer is not None:
            self._producer.close()


def run_rounds(
    watcher: Watcher, tell: Part, every: timedelta | None, stop: Event, looked: Callable[[], object],
    minding: Sequence[Part] = (), replies: ReplyRound | None = None,
) -> None:  # fmt: skip
    """Goes round until `stop`; without `every`, one round of each part. `looked` hears of each look that took place.

    `minding` is what the watcher does beside it: see alerts/rounds/minding.py.
    """

    def look(now: datetime) -> None:
        watcher.look(now)
        looked()

    looking, sending, telling = (look, watcher.escalate), (watcher.deliver,), (tell,)
    if every is None:
        for part in (*((replies.read,) if replies else ()), *looking, *minding, *sending, *telling):
            _patiently(part)
        return
    loops: list[tuple[Sequence[Part], timedelta]] = [
        (minding, MIND_EVERY), (looking, every), (sending, DELIVER_EVERY), (telling, DELIVER_EVERY),
        *([((replies.read,), replies.every)] if replies else []),
    ]  # fmt: skip
    with ThreadPoolExecutor(len(loops)) as pool:  # a thread each: a mail server or a log that hangs stops no other
        for running in [pool.submit(_loop, parts, pause, stop) for parts, pause in loops]:
            running.result()
    watcher.finish(DELIVER_EVERY.total_seconds())


def _loop(parts: Sequence[Part], every: timedelta, stop: Event) -> None:
    """Goes round until `stop`; what crashes one loop stops the others too: the process ends and is started again."""
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
