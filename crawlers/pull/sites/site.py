"""Reading a news site: its sitemaps say what is new or changed, the articles' own pages say what they are."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawlers.cursors import Listed
from crawlers.pages.observation import Observation
from crawlers.pages.site.article import read_article
from crawlers.pages.site.sitemap import Sitemap, SitemapEntry, named_sitemaps, page_id, read_sitemap
from crawlers.pages.times import read_time
from crawlers.pull.politeness.robots import RobotsForbid
from crawlers.pull.sites.again import LATER, SOON
from crawlers.pull.sites.reading import AccountSpider
from crawlers.pull.sites.site_source import SiteSource
from crawlers.pull.spider import CrawlContext
from stream.errors import Rejected
from stream.messages import Post, Precision

DEEPEST = 3  # an index may name indexes; more is a circle
MOST_SITEMAPS = 200
FEW = 3  # pages: of so many without one article among them, the layout is not understood
PART = 1000  # entries noted in one transaction
NOT_MODIFIED = 304
SITEMAP, NEWS, OLDER = 10, 1, 0  # priorities
_MAPS = (".xml", ".xml.gz", ".txt", ".txt.gz")


class SiteSpider(AccountSpider):
    """One crawl. A page that left its sitemap is not deleted: sitemaps are windows; one that answers 410 is."""

    name = "site"
    source: SiteSource

    def __init__(self, context: CrawlContext) -> None:
        super().__init__(context)
        self._maps: set[str] = set()
        self._pages: set[str] = set()
        self._listed: dict[str, SitemapEntry] = {}
        self._left = self.source.pages
        self._looked_at = self._articles = 0

    async def start(self) -> AsyncIterator[Request]:
        """Asks for the sitemaps, or for robots.txt that names them; then for older pages that are due."""
        if self.source.sitemaps or urlsplit(self.home).path.endswith(_MAPS):
            async for request in self._sitemaps(self.source.sitemaps or (self.home,), 1):
                yield request
        else:
            address = urljoin(self.home, "/robots.txt")
            yield Request(address, self.read_robots, errback=self.without_robots, priority=SITEMAP)
        for url in await self.due(self.source.revisits):
            headers = await self.context.intake.patiently(partial(self.context.cursors.validators.headers, url))
            for request in self._visit(url, OLDER, dict(headers)):
                yield request

    async def read_robots(self, response: Response) -> AsyncIterator[Request]:
        """Follows the sitemaps that robots.txt names, else looks where they usually are."""
        named = named_sitemaps(response.body.decode("utf-8", "replace"), response.url)
        async for request in self._sitemaps(named or (urljoin(self.home, "/sitemap.xml"),), 1):
            yield request

    async def without_robots(self, failure: Failure) -> AsyncIterator[Request]:
        """Looks where sitemaps usually are, unless nothing may be read at all."""
        if not isinstance(failure.value, HttpError):
            self.failed(failure, vital=True)
            return
        async for request in self._sitemaps((urljoin(self.home, "/sitemap.xml"),), 1):
            yield request

    async def read_map(self, response: Response, depth: int, url: str) -> AsyncIterator[Request]:
        """Notes what a sitemap names, and asks for what is new or changed since, the newest first."""
        if response.status == NOT_MODIFIED:
            self.tally.pages += 1
            return
        answer = self.answered(response)
        try:
            sitemap = read_sitemap(answer.body, answer.url, answer.content_type)
        except Rejected as error:
            self.unreadable(response, error.reason)
            return
        self.tally.pages += 1
        self.tally.failures.update(["sitemap_cut_off"] * sitemap.cut_off)
        wanted = [one.url for one in sitemap.children if self._is_fresh(one, answer.at)]
        async for request in self._sitemaps(wanted, depth + 1):
            yield request
        entries = self._wanted(sitemap, answer.at)
        news = await self._news(entries)
        for entry in sorted(entries, key=lambda one: self._moment(one, answer.at), reverse=True):
            if entry.url in news and self._left > 0:
                for request in self._visit(entry.url, NEWS):
                    self._left -= 1
                    yield request
        if not sitemap.children:  # an index that did not change says nothing of those that it names
            await self._keep_validators(url, response)

    async def read_page(self, response: Response, url: str) -> None:
        """Sends an article to the log; a page that is none is looked at again only if its sitemap says it changed."""
        if response.status == NOT_MODIFIED:
            self.tally.pages += 1
            await self._unchanged(url)
            return
        if page_id(response.url) != page_id(url) and urlsplit(response.url).path in ("", "/"):
            await self.gone(url, certain=False)  # sent to the front page, as many sites do for what they took away
            return
        try:
            found = read_article(self.answered(response), self._listed.get(url, SitemapEntry(url=url)))
        except Rejected as error:
            await self._not_read(response, url, error.reason)
            return
        self.tally.pages += 1
        self._looked_at += 1
        self._articles += 1
        shown = [_dated_as_known(found, await self._known(url))]
        await self.keep(url, shown, self.fetched(response, shown))
        await self._keep_validators(url, response)
        await self.seen(url, found.published_at)

    async def lost(self, failure: Failure, url: str) -> None:
        """Takes a page that is not there any more for deleted: at once for 410, else the second time."""
        error = failure.value
        if isinstance(error, HttpError) and error.response.status in (404, 410):
            await self.gone(url, certain=error.response.status == 410)
            return
        self.failed(failure)
        await self.plan(url, None if isinstance(error, RobotsForbid) else self.clock.now() + SOON)

    def closed(self, _reason: str) -> None:
        """Tells where a crawl read pages and understood none of them as an article."""
        if self._looked_at >= FEW and not self._articles:
            self.tally.failures["no_article_among_the_pages"] += self._looked_at

    async def _not_read(self, response: Response, url: str, reason: str) -> None:
        moved = page_id(response.url) != page_id(url)  # to a login, as a rule
        if reason == "page_gone":
            await self.gone(url, certain=False)
        elif reason == "not_an_article" and not moved and await self._known(url) is None:
            self.tally.pages += 1
            self._looked_at += 1
            await self.plan(url, None)
        else:
            self.unreadable(response, "redirected" if moved else reason)
            await self.plan(url, self.clock.now() + LATER)

    async def _news(self, entries: Sequence[SitemapEntry]) -> set[str]:
        """Notes what is listed, and finds which of it is new or changed; part by part, a map may name 50,000 pages."""
        rows = [Listed(one.url, one.changed or one.published) for one in entries]
        news: set[str] = set()
        for first in range(0, len(rows), PART):
            noted = partial(self.context.cursors.list_threads, rows[first : first + PART], self.clock.now())
            news |= await self.context.intake.patiently(noted)
        return news

    async def _known(self, url: str) -> Post | None:
        living = await self.context.intake.patiently(partial(self.context.cursors.living, url))
        return next(iter(living.values()), None)

    async def _unchanged(self, url: str) -> None:
        known = await self._known(url)
        await self.seen(url, known.published_at if known else None)

    async def _keep_validators(self, url: str, response: Response) -> None:
        etag, modified = (response.headers.get(name) for name in ("ETag", "Last-Modified"))
        if etag or modified:
            kept = {
                "etag": etag.decode("latin-1") if etag else None,
                "modified": modified.decode("latin-1") if modified else None,
            }
            await self.context.intake.patiently(partial(self.context.cursors.validators.keep, url, **kept))

    def _wanted(self, sitemap: Sitemap, at: datetime) -> list[SitemapEntry]:
        """Finds the pages that may be articles to read: on this host, below `paths`, changed within `since`."""
        elsewhere = [one for one in sitemap.entries if urlsplit(one.url).hostname != self.source.host]
        if elsewhere:
            self.tally.failures["sitemap_names_another_host"] += len(elsewhere)
        wanted: dict[str, SitemapEntry] = {}
        for one in sitemap.entries:
            parts = urlsplit(one.url)
            here = parts.hostname == self.source.host and parts.path not in ("", "/")
            if here and parts.path.startswith(self.source.paths or "/") and self._is_fresh(one, at):
                wanted.setdefault(page_id(one.url), one)
        self._listed |= {one.url: one for one in wanted.values()}
        return list(wanted.values())

    def _is_fresh(self, one: SitemapEntry, at: datetime) -> bool:
        """Tells whether it may have changed within `since`; what says no time may."""
        return self._moment(one, at) >= at - self.source.since

    def _moment(self, one: SitemapEntry, at: datetime) -> datetime:
        moment, _ = read_time(one.published or one.changed, at)
        return at if moment is None else moment

    async def _sitemaps(self, urls: Sequence[str], depth: int) -> AsyncIterator[Request]:
        for url in urls:
            if url in self._maps or depth > DEEPEST or len(self._maps) >= MOST_SITEMAPS:
                continue
            self._maps.add(url)
            headers = await self.context.intake.patiently(partial(self.context.cursors.validators.headers, url))
            yield Request(
                url,
                partial(self.read_map, depth=depth, url=url),
                errback=partial(self.failed, vital=depth == 1 and len(urls) == 1),
                headers={"Accept": "application/xml, text/xml, text/plain;q=0.8", **headers},
                meta={"handle_httpstatus_list": [NOT_MODIFIED]},
                priority=SITEMAP,
            )

    def _visit(self, url: str, priority: int, headers: dict[str, str] | None = None) -> Iterator[Request]:
        """Asks for a page, once in a crawl."""
        if page_id(url) in self._pages:
            return
        self._pages.add(page_id(url))
        yield Request(
            url,
            partial(self.read_page, url=url),
            errback=partial(self.lost, url=url),
            headers=headers or {},
            meta={"handle_httpstatus_list": [NOT_MODIFIED]},
            priority=priority,
        )


def _dated_as_known(found: Observation, known: Post | None) -> Observation:
    """Keeps the time that a news map told of an article, where only the page is left and says it less exactly."""
    if known is None or known.published_at is None or not _is_finer(known.published_precision, found):
        return found
    return replace(
        found, published_at=known.published_at, published_precision=known.published_precision, unread_time=""
    )


def _is_finer(precision: Precision, found: Observation) -> bool:
    fine = (Precision.SECOND, Precision.MINUTE, Precision.DAY, Precision.UNKNOWN)
    return fine.index(precision) < fine.index(found.published_precision)
