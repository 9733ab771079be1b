"""What a crawl has still to ask for: the most urgent first, of one urgency in the order in which it was found."""

from heapq import heappop, heappush
from itertools import count
from typing import Self

from scrapy import Request
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler


class Agenda(BaseScheduler):
    """Scrapy's scheduler for one crawl, in memory. A request that may not come twice (`dont_filter` unset) is dropped.

    Scrapy's own keeps a queue for each host and urgency and counts every request in four ways, which is a fiftieth of
    what a page costs; a crawl of ours asks for one page at a time, whatever its host.
    """

    def __init__(self, crawler: Crawler) -> None:
        assert crawler.request_fingerprinter is not None  # of a crawler that was set up
        self._fingerprint = crawler.request_fingerprinter.fingerprint
        self._met: set[bytes] = set()
        self._waiting: list[tuple[int, int, Request]] = []
        self._numbers = count()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Builds the scheduler as Scrapy makes its own."""
        return cls(crawler)

    def __len__(self) -> int:
        return len(self._waiting)

    def has_pending_requests(self) -> bool:
        """Tells whether there is anything left."""
        return bool(self._waiting)

    def enqueue_request(self, request: Request) -> bool:
        """Takes a request in; False for one that was met before and may not come twice."""
        if not request.dont_filter:
            name = self._fingerprint(request)
            if name in self._met:
                return False
            self._met.add(name)
        heappush(self._waiting, (-request.priority, next(self._numbers), request))
        return True

    def next_request(self) -> Request | None:
        """Takes the next one out; None where there is none."""
        return heappop(self._waiting)[2] if self._waiting else None
