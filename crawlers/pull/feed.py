"""Reading feeds: the newest page if it changed, and older ones as far as the source says."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from scrapy import Request
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure
from w3lib.url import add_or_replace_parameter

from crawlers.pages.feed import FeedPage, parse
from crawlers.pages.observation import Observation
from crawlers.pull.feed_source import FeedSource
from crawlers.pull.spider import CrawlContext, PoliteSpider
from stream.errors import Rejected

ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
NOT_MODIFIED = 304
BEYOND = frozenset({400, 404, 410})  # how servers answer for the page after the last one


@dataclass(frozen=True, slots=True)
class FeedWalk:
    """One feed, from its newest page backwards; `may_stop` at a page without news if the last walk saw the end."""

    feed: str
    may_stop: bool
    etag: str | None = None
    modified: str | None = None


class FeedSpider(PoliteSpider):
    """One crawl of a site's feeds. An entry that left its feed is not deleted: a feed is a window."""

    name = "feed"
    source: FeedSource

    def __init__(self, context: CrawlContext) -> None:
        super().__init__(context)
        self._feeds = tuple(dict.fromkeys((self.home, *self.source.feeds)))
        self._asked: set[str] = set()

    async def start(self) -> AsyncIterator[Request]:
        """Asks for the newest page of every feed, on condition that it changed since all of it was in the log."""
        cursors, intake = self.context.cursors, self.context.intake
        for feed in self._feeds:
            complete = await intake.patiently(partial(cursors.open_board, feed, self.clock.now()))
            headers = await intake.patiently(partial(cursors.validators.headers, feed)) if complete else {}
            yield self._request(FeedWalk(feed, may_stop=complete), feed, 1, headers=dict(headers))

    async def read_feed(self, response: Response, walk: FeedWalk, number: int) -> AsyncIterator[Request]:
        """Sends a page's entries to the log; goes on to older ones while there may be news."""
        if response.status == NOT_MODIFIED:
            self.tally.pages += 1
            await self._end(walk)
            return
        try:
            page = self._page(response)
        except Rejected as error:
            self.unreadable(response, error.reason)
            return
        self.tally.pages += 1
        if number == 1:
            walk = replace(walk, etag=_header(response, "ETag"), modified=_header(response, "Last-Modified"))
        news = await self._keep(page.entries)
        older = page.older or add_or_replace_parameter(walk.feed, "paged", str(number + 1))
        wanted = page.entries and number < self.source.pages and (news or not walk.may_stop)
        if wanted and older not in self._asked:
            yield self._request(walk, older, number + 1)
        else:
            await self._end(walk)

    async def lost(self, failure: Failure, walk: FeedWalk, number: int) -> None:
        """Notes a page that did not come: beyond the last one it is the end of the feed, else the walk stays open."""
        if number > 1 and isinstance(failure.value, HttpError) and failure.value.response.status in BEYOND:
            await self._end(walk)
        else:
            self.failed(failure, vital=len(self._feeds) == 1 and number == 1)

    def _page(self, response: Response) -> FeedPage:
        content_type = _header(response, "Content-Type") or ""
        return parse(response.body, response.url, content_type, self.at(response), kind=self.source.kind)

    async def _keep(self, entries: Sequence[Observation]) -> bool:
        """Publishes the entries; tells whether any of them was news."""
        return (await self.context.intake.take("", entries)).sent > 0

    async def _end(self, walk: FeedWalk) -> None:
        """Ends a walk of which all is in the log: only now may the server be asked for changes alone."""
        cursors, intake = self.context.cursors, self.context.intake
        if walk.etag or walk.modified:
            await intake.patiently(partial(cursors.validators.keep, walk.feed, etag=walk.etag, modified=walk.modified))
        await intake.patiently(partial(cursors.close_board, walk.feed, self.clock.now()))

    def _request(self, walk: FeedWalk, url: str, number: int, headers: dict[str, str] | None = None) -> Request:
        self._asked.add(url)
        return Request(
            url,
            self.read_feed,
            errback=partial(self.lost, walk=walk, number=number),
            headers={"Accept": ACCEPT, **(headers or {})},
            meta={"handle_httpstatus_list": [NOT_MODIFIED]},
            cb_kwargs={"walk": walk, "number": number},
            dont_filter=True,  # two feeds that are sent to one login page are two failures
        )


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None
