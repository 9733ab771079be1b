"""One crawl of one source, from its configuration to its health."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.utils.misc import load_object
from sqlalchemy import Engine

from crawlers.cursors import Cursors, forget
from crawlers.health import Samples, Tally, recorded, source_health
from crawlers.intake import Intake, Origin
from crawlers.kinds import KINDS
from crawlers.pull.capturing import Capturing
from crawlers.pull.loop import CrawlLoop
from crawlers.pull.patient import PatientIntake
from crawlers.pull.politeness.manners import Manners
from crawlers.pull.politeness.permit import until_ended
from crawlers.pull.settings import settings_for
from crawlers.pull.spider import CrawlContext, PoliteSpider
from crawlers.source import PulledSource
from stream.log.broker import Producer
from stream.process.clock import Clock
from stream.responses.store import ResponseStore
from stream.state.source_standing import fact_of
from stream.state.tombstones import asking


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlEnvironment:
    """What crawls need of the process they run in. Several crawls may share it, one after the other.

    `keep` is how long posts are kept, from when they were first seen; `responses` is where pages are kept as they came,
    None where they are not.
    """

    loop: CrawlLoop
    producer: Producer
    engine: Engine
    clock: Clock
    voice_key: bytes
    contact: str
    samples: Path
    keep: timedelta
    responses: ResponseStore | None = None


def crawl(
    name: str,
    source: PulledSource,
    environment: CrawlEnvironment,
    *,
    manners: Manners | None = None,
    refusal: Callable[[], str] = lambda: "",
) -> Tally:
    """Crawls one source now and blocks until it ends; its health is written before and after.

    `refusal` is asked every few seconds, in a thread: what it says, if anything, ends the crawl and is its reason.
    """
    clock, engine = environment.clock, environment.engine
    tally = Tally(delay=source.delay.total_seconds())
    samples = Samples(environment.samples / name)
    samples.expire(clock.now())
    forget(engine, clock.now(), environment.keep)
    environment.loop.trust(source.host, source.private)
    fresh_until, due_at = source.fresh_until, source.due_at
    with recorded(engine, name, source.site, tally, clock=clock, fresh_until=fresh_until, due_at=due_at):
        environment.loop.run(_run(name, source, environment, tally, samples, manners or Manners(), refusal))
    return tally


async def _run(
    name: str,
    source: PulledSource,
    environment: CrawlEnvironment,
    tally: Tally,
    samples: Samples,
    manners: Manners,
    refusal: Callable[[], str],
) -> None:
    kind = KINDS[source.software]
    clock = environment.clock
    origin = Origin(
        source=name,
        site=source.site,
        voice_key=environment.voice_key,
        parser=kind.parser,
        version=kind.version,
        keep_voice=not source.internal,
    )
    cursors = Cursors(environment.engine, source.site)
    intake = Intake(
        origin, producer=environment.producer, cursors=cursors, clock=clock, tally=tally,
        capturing=_capturing(name, source, environment),
    )  # fmt: skip
    context = CrawlContext(
        name=name,
        source=source,
        intake=PatientIntake(intake),
        cursors=cursors,
        tally=tally,
        samples=samples,
        clock=clock,
        manners=manners,
        plainer=partial(_plainer, environment.engine, name),
    )
    runner = AsyncCrawlerRunner(settings_for(source, environment.contact))
    crawler = runner.create_crawler(load_object(kind.reader))

    def end(reason: str) -> None:
        tally.failures[reason] += 1
        if isinstance(crawler.spider, PoliteSpider):
            crawler.spider.end("refused")
            manners.hurry()

    await until_ended(runner.crawl(crawler, context=context, **kind.given), refusal, end)


def _plainer(engine: Engine, name: str) -> Mapping[str, str]:
    before = source_health(engine, name)
    return {} if before is None else fact_of(before).details.plainer


def _capturing(name: str, source: PulledSource, environment: CrawlEnvironment) -> Capturing | None:
    """Makes what keeps the pages of a source; nothing is kept of an internal one, whose writers are nobody."""
    if environment.responses is None or source.internal:
        return None
    gone = asking(environment.engine, environment.clock)
    made = Capturing(environment.responses, source=name, site=source.site, gone=gone)
    made.begin(environment.clock.now())
    return made
