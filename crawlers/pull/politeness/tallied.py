"""What the middlewares of politeness need of a spider: its clock, an end, and the tally that they write down in."""

from typing import Protocol, cast

from scrapy.crawler import Crawler

from crawlers.health import Tally
from stream.process.clock import Clock


class Tallied(Protocol):
    """A spider that counts."""

    clock: Clock
    tally: Tally

    def end(self, reason: str) -> None:
        """Ends the crawl."""


def tallied(crawler: Crawler) -> Tallied:
    """Returns the spider of a crawl that has begun."""
    assert crawler.spider is not None
    return cast(Tallied, crawler.spider)  # with every page: Python looks at each name of a protocol to check for it
