"""What a running crawl has done so far, in a line every ten seconds: a first crawl may take an hour."""

from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler
from structlog import get_logger
from twisted.internet.task import LoopingCall

from crawlers.pull.agenda import Agenda
from crawlers.pull.spider import PoliteSpider

EVERY = 10.0  # seconds

log = get_logger(__name__)


class Progress:
    """A Scrapy extension. The queue is of pages that are known and not yet asked for: it may still grow."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._telling = LoopingCall(self.tell)
        crawler.signals.connect(self._begin, signals.spider_opened)
        crawler.signals.connect(self._end, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Builds the extension as Scrapy makes its own."""
        return cls(crawler)

    def tell(self) -> None:
        """Writes one line into the log."""
        spider, engine = self._crawler.spider, self._crawler.engine
        assert isinstance(spider, PoliteSpider)
        assert engine is not None
        assert isinstance(engine.scheduler, Agenda)
        tally, queue = spider.tally, len(engine.scheduler)
        log.info(
            "crawling", source=spider.context.name, pages=tally.pages, posts=tally.read, new=tally.new, queue=queue,
            failures=tally.failures.total(),
        )  # fmt: skip

    def _begin(self) -> None:
        self._telling.start(EVERY, now=False)

    def _end(self) -> None:
        if self._telling.running:
            self._telling.stop()
