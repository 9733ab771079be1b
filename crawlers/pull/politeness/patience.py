"""Waiting as long as a site asks for, and coming back later where it asks for more than an hour."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadTimeoutError
from scrapy.http import Response
from scrapy.utils.misc import load_object
from structlog import get_logger

from crawlers.pull.politeness.failing import word_of
from crawlers.pull.politeness.manners import mannered
from crawlers.pull.politeness.tallied import tallied

_TIMES = ("Retry-After", "Date")
BUSY = frozenset({408, 429, 500, 502, 503, 504, 522, 524})
LONGEST = timedelta(hours=1)  # asked to wait longer, the crawl ends and the source is parked
_NEVER = timedelta(seconds=10**9)  # what a longer wait amounts to: no clock goes beyond the year 9999
ATTEMPTS = 8  # of one page; the waits below sum up to about a minute
ROBOTS_ATTEMPTS = 3
SLOW_ATTEMPTS = 2  # of a page that did not come in half a minute: a site that drips is left after one
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0  # seconds, doubling, where the site names no time

log = get_logger(__name__)


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Reads the wait that a site asks for, in seconds or as a date by its own clock.

    It is None where the site asks for nothing sane.
    """
    told = headers.get("Retry-After", "").strip()
    if told.isascii() and told.isdigit():
        return min(timedelta(seconds=int(told[:12])), _NEVER)
    until, clock = _date(told), _date(headers.get("Date", ""))
    if until is None:
        return None
    return min(max(until - (clock or now), timedelta(0)), _NEVER)


def backoff(attempt: int) -> float:
    """Returns the seconds before the next attempt, the first being number 1."""
    return float(min(FIRST_WAIT * 2 ** (attempt - 1), LONGEST_WAIT))


class Patience:
    """Downloader middleware in place of Scrapy's own retries: the whole site waits, not only the page.

    How long the page that came last was waited for is written into the tally: its posts name the rate in force.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._passing = tuple(load_object(name) for name in crawler.settings.getlist("RETRY_EXCEPTIONS"))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Patience":
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """Waits and asks again where the site is busy; hands on the answer when patience is at its end."""
        if response.status not in BUSY or self._is_last(request):
            tallied(self._crawler).tally.pause = request.meta.get("waited", 0.0)
            return response
        now = tallied(self._crawler).clock.now()
        headers = {
            name: (response.headers[name] or b"").decode("latin-1") for name in _TIMES if name in response.headers
        }
        asked = retry_after(headers, now)
        if asked is not None and asked > LONGEST:
            self._park(now + asked)
            return response
        return await self._again(request, asked, str(response.status))

    async def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """Does the same for a connection that broke, or was never made."""
        if not isinstance(exception, self._passing) or self._is_last(request):
            return None
        if isinstance(exception, DownloadTimeoutError) and request.meta.get("attempt", 1) >= SLOW_ATTEMPTS:
            return None
        return await self._again(request, None, word_of(exception) or "no answer")

    async def _again(self, request: Request, asked: timedelta | None, reason: str) -> Request:
        attempt = request.meta.get("attempt", 1)
        seconds = max(backoff(attempt) if asked is None else 0.0, asked.total_seconds() if asked else 0.0)
        log.info("site is busy", url=request.url, reason=reason, attempt=attempt, seconds=seconds)
        engine = self._crawler.engine
        assert engine is not None
        engine.pause()
        await mannered(self._crawler).rest(seconds)
        engine.unpause()
        return request.replace(
            meta=request.meta | {"attempt": attempt + 1, "waited": seconds},
            dont_filter=True,
            priority=request.priority + 1,
        )

    def _is_last(self, request: Request) -> bool:
        most = ROBOTS_ATTEMPTS if request.meta.get("dont_obey_robotstxt") else ATTEMPTS
        return bool(request.meta.get("attempt", 1) >= most)

    def _park(self, until: datetime) -> None:
        spider = tallied(self._crawler)
        spider.tally.parked_until = until
        spider.end("parked")


def _date(told: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(told)
    except (ValueError, OverflowError):  # the latter: a year or a zone of twenty digits
        return None
    return moment if moment.tzinfo is not None else None
