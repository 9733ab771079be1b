"""What a host was asked today and may be asked still; addresses whose owners do not want to be read."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol, cast

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from sqlalchemy import Engine, delete
from sqlalchemy.orm import Mapped, mapped_column

from crawlers.optouts import refused_by
from stream.process.clock import SHANGHAI
from stream.state.database import Base, advisory_lock, reading, transaction

_KEPT = 7  # days for which is known what was asked


class HostDayRow(Base):
    """How many requests a host had from us in one day of Beijing."""

    __tablename__ = "crawl_host_day"

    host: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    requests: Mapped[int]


class OwnerSaysNo(IgnoreRequest):
    """Raised when an address is on `opted_out`."""


class BudgetSpent(IgnoreRequest):
    """Raised when the host had its requests of the day."""


@dataclass(slots=True)
class Manners:
    """What one crawl keeps to. `left` is how many requests it may still make today, None for any number."""

    opted_out: tuple[str, ...] = ()
    left: int | None = None
    asked: int = 0
    _over: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    async def rest(self, seconds: float) -> None:
        """Waits as long as a site asked for, or until the crawl is told to end."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), seconds)

    def hurry(self) -> None:
        """Ends every rest: the crawl is over."""
        self._over.set()

    def admit(self, url: str) -> None:
        """Counts a request that is about to be made, or raises `OwnerSaysNo` or `BudgetSpent`."""
        if (entry := refused_by(self.opted_out, url)) is not None:
            raise OwnerSaysNo(f"{url}: {entry} is on opted_out")
        if self.left is not None and self.asked >= self.left:
            raise BudgetSpent(f"{url}: the host had its requests of today")
        self.asked += 1


class Mannered(Protocol):
    """A spider that keeps to manners."""

    manners: Manners

    def end(self, reason: str) -> None:
        """Ends the crawl."""


class KeepsManners:
    """Downloader middleware: what an owner refused, or the day's budget does not hold, is not asked."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "KeepsManners":
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Counts it, or refuses it; a budget that is spent ends the crawl."""
        spider = _spider(self._crawler)
        try:
            spider.manners.admit(request.url)
        except BudgetSpent:
            spider.end("budget")
            raise


def mannered(crawler: Crawler) -> Manners:
    """Returns the manners of a crawl that has begun."""
    return _spider(crawler).manners


def _spider(crawler: Crawler) -> Mannered:
    assert crawler.spider is not None
    return cast(Mannered, crawler.spider)  # asked for with every page, as `tallied` is


def asked_today(engine: Engine, host: str, now: datetime) -> int:
    """Reads how many requests the host had today, of every source."""
    with reading(engine) as session:
        row = session.get(HostDayRow, (host, _day(now)))
        return 0 if row is None else row.requests


def note_asked(engine: Engine, host: str, requests: int, now: datetime) -> None:
    """Adds to what the host was asked today, and forgets what is older than a week."""
    with transaction(engine) as session:
        advisory_lock(session, f"asked {host}")
        row = session.get(HostDayRow, (host, _day(now)))
        if row is None:
            session.execute(delete(HostDayRow).where(HostDayRow.host == host, HostDayRow.day < _first_kept(now)))
            session.add(HostDayRow(host=host, day=_day(now), requests=requests))
        else:
            row.requests += requests


def _day(now: datetime) -> date:
    return now.astimezone(SHANGHAI).date()


def _first_kept(now: datetime) -> date:
    return date.fromordinal(_day(now).toordinal() - _KEPT)
