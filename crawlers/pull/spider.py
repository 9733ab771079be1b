"""What every spider of ours has in common: what it is given, and what it does when a page fails or a site refuses."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from structlog import get_logger
from twisted.python.failure import Failure

from crawlers.cursors import Cursors
from crawlers.health import Samples, Tally, told
from crawlers.pages.observation import Observation
from crawlers.pages.traits.software import same_software, software_of
from crawlers.pull.capturing import HEADERS, FetchedPage
from crawlers.pull.patient import PatientIntake
from crawlers.pull.politeness.addresses import AddressRefused
from crawlers.pull.politeness.failing import word_of
from crawlers.pull.politeness.manners import BudgetSpent, Manners, OwnerSaysNo
from crawlers.pull.politeness.refusing import SiteRefuses
from crawlers.pull.politeness.robots import RobotsForbid, RobotsUnreachable
from crawlers.source import PulledSource
from stream.process.clock import Clock

REFUSING = frozenset({401, 402, 403, 407, 418, 451})

_OF_ONE_PAGE = frozenset({"redirects", "too_large"})
_NOT_UNDERSTOOD = frozenset({"layout", "not_a_feed", "empty"})  # besides what only some of a page's readers say

log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlContext:
    """All that a crawl needs; handed to the spider as it is, so that nothing is global and no adapter is imported.

    `plainer` reads what `SourceDetails` has by the crawl before: of a forum alone, whose reader asks.
    """

    name: str
    source: PulledSource
    intake: PatientIntake
    cursors: Cursors
    tally: Tally
    samples: Samples
    clock: Clock
    manners: Manners = field(default_factory=Manners)
    plainer: Callable[[], Mapping[str, str]] = dict


class PoliteSpider(Spider):
    """A spider that counts what fails, goes on, and ends the crawl where the site refuses it."""

    name = "polite"

    def __init__(self, context: CrawlContext) -> None:
        super().__init__()
        self.context = context
        self._ending: asyncio.Future[None] | None = None
        self.tally = context.tally
        self.clock = context.clock
        self.manners = context.manners
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
        assert failure.value is not None  # of a failure that was caught
        self.tally.broken = self.tally.broken or told(failure.value)
        self.end("broken")

    def at(self, response: Response) -> datetime:
        """Reads the server's clock at the answer, to which its relative times refer; ours where it tells none."""
        try:
            moment = parsedate_to_datetime((response.headers.get("Date") or b"").decode("latin-1"))
        except ValueError:
            return self.clock.now()
        return moment if moment.tzinfo is not None else self.clock.now()

    def fetched(self, response: Response, shown: Iterable[Observation]) -> FetchedPage:
        """Takes an answer out of Scrapy's hands as it came, with what it shows, to be kept if there is news in it."""
        headers = {name: told.decode("latin-1") for name in HEADERS if (told := response.headers.get(name)) is not None}
        return FetchedPage(
            url=response.url, status=response.status, headers=headers, body=response.body, at=self.clock.now(),
            shown=tuple(one.native_id for one in shown),
        )  # fmt: skip

    def unreadable(self, response: Response, reason: str) -> None:
        """Counts a page that we do not understand, keeps it for a person, and the crawl goes on."""
        self.tally.failures[reason] += 1
        if reason in _NOT_UNDERSTOOD:
            self.tally.not_understood += 1
            self._name_software(response)
        self.context.samples.keep(response.body, response.url, reason, self.clock.now())
        log.warning("page not understood", url=response.url, reason=reason, source=self.context.name)

    def failed(self, failure: Failure, *, vital: bool = False) -> None:
        """Notes a page that did not come. Without a `vital` one there is no crawl."""
        reason, refusal = reason_of(failure)
        if refusal and (vital or _shuts_the_site(failure.value)):
            self.leave(reason)
        elif vital:
            self.tally.broken = reason
        else:
            self.tally.failures[reason] += 1
            self.tally.refusals |= {reason} if refusal else set()
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

    def _name_software(self, response: Response) -> None:
        cookies = b"; ".join(response.headers.getlist("Set-Cookie")).decode("latin-1")
        name = software_of(response.body, cookies)
        if name is not None and not same_software(name, self.source.software):
            self.tally.software = name

    def _hold(self) -> None:
        if self.crawler.engine is not None:
            self.crawler.engine.pause()

    def _go_on(self) -> None:
        if self.crawler.engine is not None:
            self.crawler.engine.unpause()


def _shuts_the_site(error: BaseException | None) -> bool:
    """Tells whether an error is a refusal of all pages, not of the one that was asked for."""
    if isinstance(error, RobotsUnreachable):
        return _shuts_the_site(error.cause)
    return isinstance(error, SiteRefuses) and error.how.is_of_site


def _url(failure: Failure) -> str:
    """Finds the address of the request that Scrapy hangs on a failure."""
    return str(getattr(failure, "request", ""))


def reason_of(failure: Failure) -> tuple[str, bool]:
    """Finds a stable word for what went wrong, and whether the site refuses programs by it."""
    assert failure.value is not None
    return _reason_of(failure.value)


def _reason_of(error: BaseException) -> tuple[str, bool]:
    if isinstance(error, RobotsUnreachable) and error.cause is not None and not isinstance(error.cause, HttpError):
        word, refusal = _reason_of(error.cause)
        return (word, refusal) if word not in _OF_ONE_PAGE else ("robots_unreachable", False)
    match error:
        case HttpError():
            status = error.response.status
            return f"http_{status}", status in REFUSING
        case SiteRefuses():
            return f"{error.how} (at {error.where})" if error.where else error.how.value, True
        case RobotsForbid():
            return "robots_forbid", True
        case RobotsUnreachable():
            return "robots_unreachable", False
        case OwnerSaysNo():
            return "opted_out", True
        case BudgetSpent():
            return "requests_of_the_day_spent", False
        case AddressRefused():
            return f"address_refused (leads to {error.host})" if error.host else "address_refused", False
        case IgnoreRequest():
            return "too_large" if "DOWNLOAD_MAXSIZE" in str(error) else "redirects", False  # unpacked too large
        case _:
            return word_of(error) or "a fault of ours: the log has it", False
