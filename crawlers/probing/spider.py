"""Asks a site what it is, by the same rules as crawls: robots.txt first, one host, one request a second, ten in all."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.http import Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.internet.error import DNSLookupError
from twisted.python.failure import Failure

from crawlers.health import Tally
from crawlers.probing.findings import Findings, further_questions, refused_words
from crawlers.probing.software import ProbedPage
from crawlers.pull.loop import CrawlLoop
from crawlers.pull.politeness.addresses import AddressRefused
from crawlers.pull.politeness.manners import BudgetSpent, Manners, OwnerSaysNo
from crawlers.pull.politeness.robots import FailClosedRobots, RobotsForbid, RobotsUnreachable
from crawlers.pull.politeness.tallied import tallied
from crawlers.pull.settings import settings_for, user_agent
from crawlers.source import PulledSource, is_loopback
from stream.process.clock import Clock

MOST_REQUESTS = 10  # robots.txt and redirects among them
LONGEST = 120  # seconds
_ROBOTS = "crawlers.pull.politeness.robots.FailClosedRobots"


@dataclass(slots=True)
class _Asked:
    """What has come so far."""

    pages: list[ProbedPage] = field(default_factory=list)
    robots: str | None = None
    trouble: str = ""
    refused: list[str] = field(default_factory=list)


class KeptRobots(FailClosedRobots):
    """The crawls' own, which keeps what robots.txt said for the report."""

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        spider = tallied(self.crawler)
        assert isinstance(spider, ProbeSpider)
        if response.status < 300:
            spider.asked.robots = response.body.decode("utf-8", "replace")
        elif response.status != 429 and response.status < 500:
            spider.asked.robots = ""
        await super()._parse_robots(response, netloc, request)


class ProbeSpider(Spider):
    """Asks for the address, then for what tells more of the software that it is."""

    name = "probe"

    def __init__(self, source: PulledSource, asked: _Asked, manners: Manners, clock: Clock) -> None:
        super().__init__()
        self.source, self.asked, self.manners, self.clock = source, asked, manners, clock
        self.tally = Tally(delay=source.delay.total_seconds())

    async def start(self) -> AsyncIterator[Request]:
        """Asks for the address itself."""
        yield Request(self.source.url, self.first, errback=self.lost)

    def first(self, response: Response) -> Any:
        """Takes the answer at the address, and asks on."""
        page = self._take(response)
        for url in further_questions(self.source.url, page, self.asked.robots, [self.source.url, page.url]):
            yield Request(url, self.further, errback=self.lost)

    def further(self, response: Response) -> None:
        """Takes another answer."""
        self._take(response)

    def lost(self, failure: Failure) -> None:
        """Notes an answer that did not come; without the first one the probe is at its end."""
        error = failure.value
        if isinstance(error, BudgetSpent):
            return
        if not self.asked.pages:
            assert error is not None  # of a failure that was caught
            self.asked.trouble = trouble_of(error)
        elif isinstance(error, RobotsForbid):
            self.asked.refused.append(failure.request.url)  # type: ignore[attr-defined]

    def end(self, reason: str) -> None:
        """Ends the probe."""
        if self.crawler.engine is not None:
            self._ending = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason=reason))

    def _take(self, response: Response) -> ProbedPage:
        headers = {
            name.decode("latin-1").lower(): b", ".join(response.headers.getlist(name)).decode("latin-1")
            for name in response.headers
        }
        set_by = [one.decode("latin-1") for one in response.headers.getlist("Set-Cookie")]
        page = ProbedPage(
            url=response.url, status=response.status, headers=headers,
            cookies=tuple(one.partition("=")[0].strip() for one in set_by),
            text=response.text if isinstance(response, TextResponse) else "",
        )  # fmt: skip
        self.asked.pages.append(page)
        return page


def probe(
    url: str, *, loop: CrawlLoop, contact: str, clock: Clock, opted_out: tuple[str, ...] = (), private: bool = False
) -> Findings:
    """Asks, and blocks until all is known. Never raises for what the site does: `Findings.trouble` says it."""
    source = PulledSource(
        site="probe", software="probe", url=url, basis="a probe", private=True,  # what is connected to is said below
        delay=timedelta(0) if is_loopback(url) else timedelta(seconds=1),
    )  # fmt: skip
    asked, settings = _Asked(), settings_for(source, contact)
    middlewares = dict(settings["DOWNLOADER_MIDDLEWARES"])
    middlewares["crawlers.probing.spider.KeptRobots"] = middlewares.pop(_ROBOTS)
    settings.set("DOWNLOADER_MIDDLEWARES", middlewares, "cmdline")
    settings.set("EXTENSIONS", {"scrapy.extensions.throttle.AutoThrottle": None}, "cmdline")
    settings.set("CLOSESPIDER_TIMEOUT", LONGEST, "cmdline")
    settings.set("HTTPERROR_ALLOW_ALL", False, "cmdline")
    runner = AsyncCrawlerRunner(settings)
    crawler = runner.create_crawler(ProbeSpider)
    manners = Manners(opted_out, MOST_REQUESTS)
    loop.trust(source.host, private)

    async def run() -> None:
        await runner.crawl(crawler, source=source, asked=asked, manners=manners, clock=clock)

    loop.run(run())
    spider = crawler.spider
    assert isinstance(spider, ProbeSpider)
    return Findings(
        url=url, agent=user_agent(contact), pages=tuple(asked.pages), robots=asked.robots, delay=spider.tally.delay,
        trouble=asked.trouble or ("" if asked.pages else "did not answer within two minutes"),
        refused=tuple(asked.refused),
    )  # fmt: skip


def trouble_of(error: BaseException) -> str:
    """Says why there is no first page, and what to do."""
    if isinstance(error, HttpError):
        return refused_words(error.response.status)
    known: dict[type[BaseException], str] = {
        RobotsForbid: "robots.txt forbids this address: ask its owner for consent in it",
        RobotsUnreachable: "robots.txt did not answer, so nothing may be read: try again later",
        OwnerSaysNo: "its owner does not want to be read: it is on opted_out in crawlers.yml",
        DNSLookupError: "no such host, or one of a private network: write --private if that is meant",
        AddressRefused: f"it leads away: {error}: probe that address",
    }
    found = (words for kind, words in known.items() if isinstance(error, kind))
    return next(found, f"did not answer ({type(error).__name__}): is the address right, and the site up?")
