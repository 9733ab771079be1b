"""One source with its embedded log and its memory, crawled as often as a test wants."""

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from crawlers.health import Tally
from crawlers.kinds import KINDS
from crawlers.pull.crawl import CrawlEnvironment, crawl
from crawlers.pull.loop import CrawlLoop
from crawlers.pull.politeness.manners import Manners
from crawlers.source import PulledSource
from stream.log.broker import RAW, Message, Producer, Topic
from stream.log.brokers.sqlite.admin import SqliteAdmin
from stream.log.brokers.sqlite.client import SqliteConsumer, SqliteProducer
from stream.messages import Post
from stream.process.clock import ScriptedClock
from stream.responses.store import ResponseStore
from stream.state.source_lists import SourceList, lists_of_current
from tests.crawlers.published import published
from tests.crawlers.site import START, Site

NAME = "forum"  # of the source


class Crawler:
    """Crawls `site`; `settings` are of the source, and `producer` may be given another one."""

    def __init__(self, folder: Path, loop: CrawlLoop, site: Site, engine: Engine) -> None:
        self._log, self._site, self._loop = folder / "log.db", site, loop
        self.clock = ScriptedClock(START)
        self.engine = engine
        with closing(SqliteAdmin(self._log)) as admin:
            admin.apply([Topic(RAW)])
        self.producer: Producer = SqliteProducer(self._log, self.clock)
        self._consumer = SqliteConsumer(self._log, self.clock, group="test", topics=[RAW])
        self.samples = folder / "samples"
        self.responses: ResponseStore | None = None
        self.manners: Manners | None = None
        self.refusal: Callable[[], str] = lambda: ""
        self.settings: dict[str, Any] = {
            "site": "bbs",
            "software": "discuz",
            "basis": "a test of ours",
            "url": site.url,
            "delay": timedelta(0),
            "private": True,
        }

    def crawl(self, later: timedelta = timedelta(0), **changes: Any) -> Tally:
        """Crawls after `later` has passed, here and on the site; `changes` are of the source, for this crawl alone."""
        self.clock.sleep(later.total_seconds())
        self._site.now = self.clock.now()
        settings = self.settings | changes
        source = KINDS[settings["software"]].source(**settings)
        assert isinstance(source, PulledSource)
        return crawl(NAME, source, self.environment(), manners=self.manners, refusal=self.refusal)

    def environment(self) -> CrawlEnvironment:
        """What its crawls need of their process."""
        return CrawlEnvironment(
            loop=self._loop,
            producer=self.producer,
            engine=self.engine,
            clock=self.clock,
            voice_key=b"k" * 32,
            contact="tests@example.com",
            samples=self.samples,
            keep=timedelta(days=90),
            responses=self.responses,
        )

    def posts(self) -> list[Post]:
        """What came into the log since the last call."""
        return published(self._consumer)

    def lists(self) -> dict[str, SourceList]:
        """How complete each list is since the last crawl, by its name."""
        return {one.name: one for one in lists_of_current(self.engine).get(NAME, ())}

    def publish_through(self, publish: Callable[[Producer, Sequence[Message]], None]) -> None:
        """From now on every batch goes through `publish`, which may fail."""
        self.producer = _Through(self.producer, publish)

    def close(self) -> None:
        self.producer.close()
        self._consumer.close()


class _Through:
    def __init__(self, inner: Producer, publish: Callable[[Producer, Sequence[Message]], None]) -> None:
        self._inner, self._publish = inner, publish

    def publish(self, messages: Sequence[Message]) -> None:
        self._publish(self._inner, list(messages))

    def close(self) -> None:
        self._inner.close()
