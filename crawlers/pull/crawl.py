"""One crawl of one source, from its configuration to its health."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from scrapy.crawler import AsyncCrawlerRunner
from sqlalchemy import Engine

from crawlers.config import Source
from crawlers.cursors import Cursors, forget
from crawlers.health import Samples, Tally, begin, end
from crawlers.intake import Origin, Outlet
from crawlers.pages.discuz.forum import PARSER as DISCUZ
from crawlers.pages.discuz.forum import VERSION as DISCUZ_VERSION
from crawlers.pages.discuz.forum import DiscuzForum
from crawlers.pages.feed import PARSER as FEED
from crawlers.pages.feed import VERSION as FEED_VERSION
from crawlers.pull.feed import FeedSpider
from crawlers.pull.forum import ForumSpider
from crawlers.pull.loop import CrawlLoop
from crawlers.pull.settings import settings_for
from crawlers.pull.spider import CrawlContext, PoliteSpider
from stream.log.broker import Producer
from stream.messages import Crawl
from stream.process.clock import Clock
from stream.process.schedule import next_tick


@dataclass(frozen=True, slots=True)
class Walk:
    """How a software is walked, which parser, in which version, its posts name, and what else the spider is given."""

    spider: type[PoliteSpider]
    parser: str
    version: int
    options: Mapping[str, Any] = field(default_factory=dict)


WALKS: Mapping[str, Walk] = {
    "discuz": Walk(ForumSpider, DISCUZ, DISCUZ_VERSION, {"software": DiscuzForum}),
    "feed": Walk(FeedSpider, FEED, FEED_VERSION),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What crawls need of the process they run in. Several crawls may share it, one after the other.

    `keep` is how long posts are kept, from when they were first seen.
    """

    loop: CrawlLoop
    producer: Producer
    engine: Engine
    clock: Clock
    voice_key: bytes
    contact: str
    samples: Path
    keep: timedelta


def crawl(name: str, source: Source, around: Surroundings) -> Tally:
    """Crawls one source now and blocks until it ends; its health is written before and after."""
    clock = around.clock
    tally, samples = Tally(), Samples(around.samples / name)
    samples.expire(clock.now())
    forget(around.engine, clock.now(), around.keep)
    begin(around.engine, name, source.site, clock.now())
    around.loop.trust(source.host, source.private)
    started_at = clock.now()
    try:
        around.loop.run(_run(name, source, around, tally, samples))
    except BaseException as error:
        tally.broken = type(error).__name__
        raise
    finally:
        end(around.engine, name, tally, fresh_until=_fresh_until(source, started_at), now=clock.now())
    return tally


async def _run(name: str, source: Source, around: Surroundings, tally: Tally, samples: Samples) -> None:
    walk = WALKS[source.software]
    delay = source.delay.total_seconds()
    origin = Origin(
        source=name,
        site=source.site,
        voice_key=around.voice_key,
        crawl=Crawl(robots="allowed", rate=1 / delay if delay else None, parser=walk.parser, version=walk.version),
        keep_voice=not source.internal,
    )
    cursors = Cursors(around.engine, source.site)
    outlet = Outlet(origin, producer=around.producer, cursors=cursors, clock=around.clock, tally=tally)
    context = CrawlContext(
        name=name, source=source, outlet=outlet, cursors=cursors, tally=tally, samples=samples, clock=around.clock
    )
    runner = AsyncCrawlerRunner(settings_for(source, around.contact))
    await runner.crawl(runner.create_crawler(walk.spider), context=context, **walk.options)


def _fresh_until(source: Source, started_at: datetime) -> datetime | None:
    """Two ticks on: one crawl may fail or be late before the source counts as silent."""
    if source.cron is None:
        return None
    following = next_tick(source.cron, started_at)
    return next_tick(source.cron, following) if following is not None else None
