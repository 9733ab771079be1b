"""Reading feeds: the newest page if it changed, and older ones as far as the source says."""

from asyncio import Lock
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from scrapy import Request
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from structlog import get_logger
from twisted.python.failure import Failure
from w3lib.url import add_or_replace_parameter

from crawlers.lists import ListTally
from crawlers.pages.feed import FeedPage, NotAFeed, parse
from crawlers.pages.observation import Observation
from crawlers.pull.feed_source import FeedSource
from crawlers.pull.sites.settling import Memory, Met, names, newest, settle
from crawlers.pull.spider import CrawlContext, PoliteSpider
from stream.errors import Rejected
from stream.messages import Post

ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
NOT_MODIFIED = 304
REMEMBERED = 200  # posts of a feed among which one is looked for whose id changed
BEYOND = frozenset({400, 404, 410})  # how servers answer for the page after the last one

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class FeedWalk:
    """One feed, from its newest page backwards; `may_stop` at a page without news if the last walk saw the end.

    `shown` are the entries of the pages so far, by what tells them apart.
    """

    feed: str
    may_stop: bool
    shown: frozenset[tuple[str, str, str]] = frozenset()
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
        self._settling = Lock()

    async def start(self) -> AsyncIterator[Request]:
        """Asks for the newest page of every feed, on condition that it changed since all of it was in the log."""
        cursors, intake = self.context.cursors, self.context.intake
        for feed in self._feeds:
            complete = await intake.patiently(partial(cursors.open_board, feed, self.clock.now()))
            headers = await intake.patiently(partial(cursors.validators.headers, feed)) if complete else {}
            self.tally.lists[feed] = ListTally(name=feed, began=self.clock.now())
            yield self._request(FeedWalk(feed, may_stop=complete), feed, 1, headers=dict(headers))

    async def read_feed(self, response: Response, walk: FeedWalk, number: int) -> AsyncIterator[Request]:
        """Sends a page's entries to the log; goes on to older ones while there may be news."""
        if response.status == NOT_MODIFIED:
            self.tally.pages += 1
            self._date([post.published_at for post in await self._latest(walk.feed)], response)
            await self._end(walk)
            return
        try:
            page = self._page(response)
        except Rejected as error:
            self._refuse(response, error, number)
            return
        self.tally.pages += 1
        if number == 1:
            self._advise(response)
            walk = replace(walk, etag=_header(response, "ETag"), modified=_header(response, "Last-Modified"))
        known = [] if page.entries else [post.published_at for post in await self._latest(walk.feed)]
        self._date([entry.published_at for entry in page.entries] or known, response)
        self.tally.filled += 1
        news = await self._keep(page.entries, walk.feed, response)
        shown = {(entry.native_id, entry.url, f"{entry.title}\n{entry.text}") for entry in page.entries}
        fresh, walk = shown - walk.shown, replace(walk, shown=walk.shown | shown)
        older = page.older or add_or_replace_parameter(walk.feed, "paged", str(number + 1))
        wanted = fresh and number < self.source.pages and (news or not walk.may_stop)
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
        return parse(
            response.body,
            response.url,
            content_type,
            self.at(response),
            kind=self.source.kind,
            encoding=self.source.encoding,
        )

    def _refuse(self, response: Response, error: Rejected, number: int) -> None:
        """Counts a document that is no feed; of the page that was meant to be the feed, tells which feeds it names."""
        self.unreadable(response, error.reason)
        if isinstance(error, NotAFeed) and error.feeds and number == 1:
            self.tally.broken = f"{response.url} is a web page; its feeds: {', '.join(error.feeds[:5])}"

    def _advise(self, response: Response) -> None:
        """Says where a site has an interface that shows all: a feed of WordPress shows ten comments of thousands."""
        if any(b"api.w.org" in link for link in response.headers.getlist("Link")):
            log.info(
                "this is WordPress: software: wordpress reads all of its posts and comments", source=self.context.name
            )

    def _date(self, published: Sequence[datetime | None], response: Response) -> None:
        latest = newest([self.tally.newest, *published], self.at(response))
        self.tally.newest = latest or self.tally.newest

    async def _keep(self, entries: Sequence[Observation], feed: str, response: Response) -> bool:
        """Publishes the entries, each as the post that it is; tells whether any of them was news."""
        cursors, intake = self.context.cursors, self.context.intake
        async with self._settling:  # two feeds that show one id at once would both bring it first
            met = await intake.patiently(partial(cursors.remembered, names(entries)))
            known = {name: Met(owner, post) for name, (owner, post) in met.items()}
            unmet = any(entry.native_id not in known for entry in entries)
            latest = await self._latest(feed) if unmet else []
            posts = settle(entries, Memory(feed=feed, feeds=self._feeds, met=known, latest=latest))
            return (await intake.take(feed, posts, self.fetched(response, posts))).sent > 0

    async def _latest(self, feed: str) -> list[Post]:
        return await self.context.intake.patiently(partial(self.context.cursors.latest, feed, REMEMBERED))

    async def _end(self, walk: FeedWalk) -> None:
        """Ends a walk of which all is in the log: only now may the server be asked for changes alone."""
        cursors, intake = self.context.cursors, self.context.intake
        if walk.etag or walk.modified:
            await intake.patiently(partial(cursors.validators.keep, walk.feed, etag=walk.etag, modified=walk.modified))
        await intake.patiently(partial(cursors.close_board, walk.feed, self.clock.now()))
        self.tally.lists[walk.feed].ended = True

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
