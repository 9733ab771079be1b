"""A process that stays and takes one crawl after another: to load what a crawl needs costs two seconds of processor."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from resource import RUSAGE_SELF, getrusage

from sqlalchemy import Engine
from structlog import get_logger

from crawlers.health import tell
from crawlers.pull.crawl import CrawlEnvironment
from crawlers.pull.loop import CrawlLoop
from crawlers.push.looking import look_into
from crawlers.scheduling.crawling import NotNow, crawl_in_turn
from crawlers.source import PolledSource, TimedSource
from stream.config import StreamConfig
from stream.engines import open_producer, open_state_engine
from stream.errors import Rejected, Retryable
from stream.log.broker import SCORED, Producer
from stream.process.clock import Clock, SystemClock
from stream.process.holders import holder
from stream.process.logs import configure
from stream.responses.store import open_responses
from stream.state.database import disposing

MOST_CRAWLS = 200  # then a fresh process takes over: what libraries never give back is bounded
MOST_MEMORY = 512  # MiB, at its largest; one long crawl of a big forum may take more, and is its process's last

log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlJob:
    """One crawl, or one look into a mailbox or folder, to be done.

    The source is as it was configured when it became due; contact and key are who we are to its site.
    """

    name: str
    source: TimedSource
    contact: str
    voice_key: bytes
    opted_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CrawlEnd:
    """How it ended, in a word or a sentence; `last`: the process ends with it."""

    name: str
    told: str
    last: bool


def work(connection: Connection, stream: StreamConfig) -> None:
    """Takes jobs from the connection until it closes; a job that breaks ends the process, as it may be unwell."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the whole terminal: whoever started us says when to end
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    configure("crawlers")
    clock = SystemClock()
    with _opened(stream, clock) as (engine, producer), closing(CrawlLoop()) as loop:
        for number in range(1, MOST_CRAWLS + 1):
            try:
                job: CrawlJob = connection.recv()
            except EOFError:
                return
            environment = CrawlEnvironment(
                loop=loop, producer=producer, engine=engine, clock=clock, voice_key=job.voice_key,
                contact=job.contact, samples=stream.var / "samples", keep=stream.topic(SCORED).keep,
                responses=open_responses(stream) if stream.responses.enabled else None,
            )  # fmt: skip
            told, well = _done(job, environment)
            last = not well or number == MOST_CRAWLS or _memory() > MOST_MEMORY
            connection.send(CrawlEnd(job.name, told, last))
            if last:
                return


def _done(job: CrawlJob, environment: CrawlEnvironment) -> tuple[str, bool]:
    try:
        if isinstance(job.source, PolledSource):
            return _looked_into(job, job.source, environment), True
        done = crawl_in_turn(
            job.name, job.source, environment, opted_out=job.opted_out, holder=holder(), wait=False
        )  # fmt: skip
    except Retryable as error:
        return error.reason, True
    except Exception as error:
        log.exception("crawl broke", source=job.name)
        return type(error).__name__, False
    return (done.why if isinstance(done, NotNow) else done.state().value), True


def _looked_into(job: CrawlJob, source: PolledSource, environment: CrawlEnvironment) -> str:
    engine, producer, clock = environment.engine, environment.producer, environment.clock
    try:
        return look_into(job.name, source, producer=producer, engine=engine, voice_key=job.voice_key, clock=clock).told
    except Rejected as error:
        return error.reason
    finally:
        tell(engine, producer, job.name, clock.now())


@contextmanager
def _opened(stream: StreamConfig, clock: Clock) -> Iterator[tuple[Engine, Producer]]:
    with ExitStack() as stack:
        engine = stack.enter_context(disposing(open_state_engine(stream)))
        yield engine, stack.enter_context(closing(open_producer(stream, clock)))


def _memory() -> int:
    """Measures the MiB of this process at its largest so far."""
    return getrusage(RUSAGE_SELF).ru_maxrss // 1024  # kilobytes on Linux
