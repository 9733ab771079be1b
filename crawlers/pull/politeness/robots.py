"""robots.txt as RFC 9309 has it: no answer means no."""

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.robotstxt import RobotParser
from twisted.internet.defer import Deferred

from crawlers.health import RobotsVerdict
from crawlers.pull.politeness.tallied import tallied

PARSED = 500 * 1024  # bytes: what RFC 9309 asks for at least; a longer file is cut there


class RobotsForbid(IgnoreRequest):
    """Raised when robots.txt forbids a page."""


class RobotsUnreachable(IgnoreRequest):
    """Raised when robots.txt could not be read, so that nothing may be: the site is asked again at the next crawl.

    `cause` is what kept it, such as no connection; None where the site answered and would not say.
    """

    def __init__(self, words: str, cause: Exception | None = None) -> None:
        super().__init__(words)
        self.cause = cause


class _NoAnswer(RobotParser):
    def __init__(self, cause: Exception | None = None) -> None:
        self._cause = cause

    @classmethod
    def from_crawler(cls, crawler: Crawler, robotstxt_body: bytes) -> "_NoAnswer":
        return cls()

    def allowed(self, url: str | bytes, user_agent: str | bytes) -> bool:
        raise RobotsUnreachable("robots.txt did not answer, so nothing is fetched", self._cause)


class FailClosedRobots(RobotsTxtMiddleware):
    """Scrapy's middleware, but closed where that is open: 429, 5xx, time-out or no connection forbid the whole site.

    4xx allows all. A Crawl-delay longer than ours is kept. Both are written into the tally: the posts name the verdict
    and the rate. A verdict lives as long as the crawl, which is shorter than
    the 24 hours allowed.
    """

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        try:
            super().process_request_2(rp, request)
        except RobotsUnreachable:
            raise
        except IgnoreRequest as error:
            raise RobotsForbid(str(error)) from error

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status == 429 or response.status >= 500:
            self._close(netloc)
            return
        found = response.status < 300
        tallied(self.crawler).tally.robots = RobotsVerdict.ALLOWED if found else RobotsVerdict.ABSENT
        readable = response.body[:PARSED] if found else b""
        await super()._parse_robots(response.replace(body=readable), netloc, request)
        self._slow_down(netloc)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        self._close(netloc, exc)

    def _close(self, netloc: str, cause: Exception | None = None) -> None:
        waiting = self._parsers[netloc]
        verdict = self._parsers[netloc] = _NoAnswer(cause)
        if isinstance(waiting, Deferred):
            waiting.callback(verdict)

    def _slow_down(self, netloc: str) -> None:
        parser, engine = self._parsers[netloc], self.crawler.engine
        asked = parser.crawl_delay(self._default_useragent) if isinstance(parser, RobotParser) else None
        if asked is not None and engine is not None:
            tally = tallied(self.crawler).tally
            tally.delay = max(tally.delay, asked)
            for slot in engine.downloader.slots.values():  # a kind's further hosts are asked no faster
                slot.delay = max(slot.delay, asked)
