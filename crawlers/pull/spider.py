"""What every spider of ours has in common: what it is given, and what it does when a page fails or a site refuses."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from structlog import get_logger
from twisted.python.failure import Failure

from crawlers.cursors import Cursors
from crawlers.health import Samples, Tally
from crawlers.pull.patient import PatientIntake
from crawlers.pull.politeness.addresses import AddressRefused
from crawlers.pull.politeness.robots import RobotsForbid, RobotsUnreachable
from crawlers.source import PulledSource
from stream.process.clock import Clock

REFUSING = frozenset({401, 402, 403, 407, 418, 432, 451})  # 432: Weibo, to a program that it barred

log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlContext:
    """All that a crawl needs; handed to the spider as it is, so that nothing is global and no adapter is imported."""

    name: str
    source: PulledSource
    intake: PatientIntake
    cursors: Cursors
    tally: Tally
    samples: Samples
    clock: Clock


class PoliteSpider(Spider):
    """A spider that counts what fails, goes on, and ends the crawl where the site refuses it."""

    name = "polite"

    def __init__(self, context: CrawlContext) -> None:
        super().__init__()
        self.context = context
        self._ending: asyncio.Future[None] | None = None
        self.tally = context.tally
        self.clock = context.clock
        self.source = context.source
        self.home = context.source.url
        context.intake.hold, context.intake.go_on = self._hold, self._go_on

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Builds the spider as Scrapy does, and listens for errors of ours."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.broke, signals.spider_error)
        return spider

    def broke(self, failure: Failure) -> None:
        """Ends the crawl on an error of ours, such as a full disk: to ask on would cost the site and gain nothing."""
        self.tally.broken = self.tally.broken or f"{type(failure.value).__name__}: {failure.value}"
        self.end("broken")

    def at(self, response: Response) -> datetime:
        """Reads the server's clock at the answer, to which its relative times refer; ours where it tells none."""
        try:
            told = parsedate_to_datetime((response.headers.get("Date") or b"").decode("latin-1"))
        except ValueError:
            return self.clock.now()
        return told if told.tzinfo is not None else self.clock.now()

    def unreadable(self, response: Response, reason: str) -> None:
        """Counts a page that we do not understand, keeps it for a person, and the crawl goes on."""
        self.tally.failures[reason] += 1
        self.context.samples.keep(response.body, response.url, reason, self.clock.now())
        log.warning("page not understood", url=response.url, reason=reason, source=self.context.name)

    def failed(self, failure: Failure, *, vital: bool = False) -> None:
        """Notes a page that did not come. Without a `vital` one there is no crawl."""
        reason, refusal = reason_of(failure)
        if refusal and vital:
            self.leave(reason)
        elif vital:
            self.tally.broken = reason
        else:
            self.tally.failures[reason] += 1
        log.warning("page did not come", url=_url(failure), reason=reason, source=self.context.name)

    def leave(self, reason: str) -> None:
        """Ends the crawl because the site does not want programs; no way around is looked for."""
        if self.tally.blocked:
            return
        self.tally.blocked = reason
        log.warning("site refuses, crawl ends", reason=reason, source=self.context.name)
        self.end("blocked")

    def end(self, reason: str) -> None:
        """Ends the crawl; what is not read stays due."""
        engine = self.crawler.engine
        if engine is not None and self._ending is None:
            self._ending = asyncio.ensure_future(engine.close_spider_async(reason=reason))

    def _hold(self) -> None:
        if self.crawler.engine is not None:
            self.crawler.engine.pause()

    def _go_on(self) -> None:
        if self.crawler.engine is not None:
            self.crawler.engine.unpause()


def _url(failure: Failure) -> str:
    """Finds the address of the request that Scrapy hangs on a failure."""
    return str(getattr(failure, "request", ""))


def reason_of(failure: Failure) -> tuple[str, bool]:
    """Finds a stable word for what went wrong, and whether the site refuses programs by it."""
    error = failure.value
    if isinstance(error, HttpError):
        status = error.response.status
        return f"http_{status}", status in REFUSING
    known: Mapping[type[BaseException], tuple[str, bool]] = {
        RobotsForbid: ("robots_forbid", True),
        RobotsUnreachable: ("robots_unreachable", False),
        AddressRefused: ("address_refused", False),
        DownloadCancelledError: ("too_large", False),
        IgnoreRequest: ("too_large" if "DOWNLOAD_MAXSIZE" in str(error) else "redirects", False),  # unpacked too large
    }
    return next((said for kind, said in known.items() if isinstance(error, kind)), (type(error).__name__, False))
