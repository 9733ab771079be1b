"""Reading WordPress by its REST interface: what is new of posts and comments, then whatever the totals say is off."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from scrapy import Request
from scrapy.http import Response
from structlog import get_logger
from twisted.python.failure import Failure

from crawlers.cursors import Listed
from crawlers.lists import ListTally
from crawlers.pages.forum import Answer
from crawlers.pages.observation import Observation
from crawlers.pages.wordpress.address import Listing, list_url, root_of
from crawlers.pages.wordpress.rest import Meaning, meaning_of, read_categories, read_list
from crawlers.pull.sites.rest_walk import ListReading, for_guests, has_rested, is_off, next_sweep, not_for_guests
from crawlers.pull.sites.settling import newest
from crawlers.pull.sites.wordpress_source import WordPressSource
from crawlers.pull.spider import CrawlContext, PoliteSpider
from stream.errors import Rejected
from stream.messages import Kind

_ANSWERS = [400, 401, 403, 404, 410]  # of which the body tells what they mean
_TOTALS = ("X-WP-Total", "X-WP-TotalPages")

log = get_logger(__name__)


class WordPressSpider(PoliteSpider):
    """One crawl of a site: its posts, then its comments, which bear their posts' titles.

    A post that a reading of the whole list does not show is gone: deleted, private, or behind a password.
    """

    name = "wordpress"
    source: WordPressSource

    def __init__(self, context: CrawlContext) -> None:
        super().__init__(context)
        self._root = root_of(self.home)
        self._boards: Mapping[int, str] = {}

    async def start(self) -> AsyncIterator[Request]:
        """Asks for the categories' names, without which posts have no board."""
        url = list_url(self._root, "categories", size=100, number=1, order={})
        yield self._asked(url, self.read_boards, self.no_boards)

    async def read_boards(self, response: Response) -> AsyncIterator[Request]:
        """Notes the names of the categories and begins with the posts."""
        if response.status == 200:
            try:
                self._boards = read_categories(response.body)
            except Rejected as error:
                log.info("categories not read", reason=error.reason, source=self.context.name)
        yield await self._begin(Listing.POSTS)

    async def no_boards(self, failure: Failure) -> AsyncIterator[Request]:
        """Begins with the posts all the same; a refusal shows there as well."""
        log.info("categories did not come", reason=str(failure.value), source=self.context.name)
        yield await self._begin(Listing.POSTS)

    async def read_page(self, response: Response, reading: ListReading) -> AsyncIterator[Request]:
        """Sends a page's posts to the log, goes on while there may be news, then to what follows."""
        meaning, word = meaning_of(response.status, response.body, reading.number)
        if meaning in (Meaning.CLOSED, Meaning.ABSENT):
            self._shut(response, reading, meaning, word)
            following = await self._next(reading.listing)
        elif meaning is Meaning.END:
            reading.ended = self.tally.lists[reading.listing].ended = True
            following = await self._after(reading)
        else:
            following = await self._read(response, reading)
        if following is not None:
            yield following

    async def lost(self, failure: Failure, reading: ListReading) -> AsyncIterator[Request]:
        """Notes a page that did not come; the list stays open, the next one is read."""
        self.failed(failure, vital=reading.listing is Listing.POSTS and reading.number == 1 and not reading.sweep)
        await self._count(reading)
        following = await self._next(reading.listing)
        if following is not None:
            yield following

    async def _begin(self, listing: Listing) -> Request:
        opened = partial(self.context.cursors.open_board, f"rest:{listing}", self.clock.now())
        complete = await self.context.intake.patiently(opened)
        self.tally.lists[listing] = ListTally(name=listing, began=self.clock.now())
        return self._page_request(ListReading(listing=listing, may_stop=complete))

    async def _next(self, listing: Listing) -> Request | None:
        over = self.tally.blocked or self.tally.broken
        wanted = listing is Listing.POSTS and self.source.comments and not over
        return await self._begin(Listing.COMMENTS) if wanted else None

    async def _read(self, response: Response, reading: ListReading) -> Request | None:
        at = self.at(response)
        told = Answer(body=response.body, url=response.url, content_type="application/json", at=at)
        headers = {name: (response.headers.get(name) or b"").decode("latin-1") for name in _TOTALS}
        try:
            page = read_list(told, reading.listing, headers, self._boards)
        except Rejected as error:
            self.unreadable(response, error.reason)
            if reading.listing is Listing.POSTS and reading.number == 1 and not reading.sweep:
                self.tally.broken = self._none(error.reason)
            await self._count(reading)
            return await self._next(reading.listing)
        self.tally.pages += 1
        if page.unreadable:
            self.tally.failures["row_not_understood"] += page.unreadable
        self.tally.newest = newest([self.tally.newest, *(one.published_at for one in page.observations)], at)
        posts = await self._titled(page.observations, page.parents)
        self.tally.filled += 1
        taken = await self.context.intake.take(reading.listing, posts, self.fetched(response, posts))
        if reading.follow(page, taken.sent > 0):
            return self._page_request(reading)
        self.tally.lists[reading.listing].ended |= reading.ended or (reading.may_stop and not reading.sweep)
        return await self._after(reading)

    async def _titled(self, shown: Sequence[Observation], parents: frozenset[str]) -> Sequence[Observation]:
        """Gives comments the titles of their posts: an answer in a rumour's thread belongs to its topic."""
        if not parents:
            return shown
        known = await self.context.intake.patiently(partial(self.context.cursors.remembered, parents))
        titles = {name: post.title for name, (_, post) in known.items() if post is not None}
        return [replace(one, title=titles.get(one.thread, "")) if one.kind is Kind.COMMENT else one for one in shown]

    async def _after(self, reading: ListReading) -> Request | None:
        """Ends a reading: what is new was sent; the whole list follows where it is due or its total is off."""
        cursors, intake, now = self.context.cursors, self.context.intake, self.clock.now()
        listing = reading.listing
        if not reading.sweep:
            await intake.patiently(partial(cursors.close_board, f"rest:{listing}", now))
        if reading.ended:
            await self._swept(reading)
        elif reading.sweep:
            self.tally.failures["pages_repeat"] += 1
        else:
            known = await intake.patiently(partial(cursors.standing, listing))
            counters, swept_at = await intake.patiently(partial(cursors.listed, listing))
            off = is_off(counters, reading.total, known) and has_rested(reading.total, swept_at, now)
            if off or listing in await intake.patiently(partial(cursors.due, now)):
                return self._page_request(ListReading(listing=listing, may_stop=False, sweep=True))
        await self._count(reading)
        return await self._next(listing)

    async def _swept(self, reading: ListReading) -> None:
        """Withdraws what the whole list does not show any more, and notes what the site keeps to itself."""
        cursors, intake, now = self.context.cursors, self.context.intake, self.clock.now()
        living = await intake.patiently(partial(cursors.living_ids, reading.listing))
        gone, certain = reading.gone(living)
        if not certain:
            gone = await intake.patiently(partial(cursors.miss, gone))
        posts = await intake.patiently(partial(cursors.remembered, sorted(gone)))
        await intake.withdraw([post for _, post in posts.values() if post is not None])
        known = await intake.patiently(partial(cursors.standing, reading.listing))
        counters = str(not_for_guests(reading.total, known))
        await intake.patiently(partial(cursors.list_threads, [Listed(reading.listing, counters)], now))
        due_at = next_sweep(reading.total, now)
        await intake.patiently(partial(cursors.visited, reading.listing, due_at, published_at=None, now=now))

    async def _count(self, reading: ListReading) -> None:
        """Writes down how many posts the site counts for guests, and whether all of them were ever read."""
        if reading.total is None:
            return
        listed = partial(self.context.cursors.listed, reading.listing)
        counters, swept_at = await self.context.intake.patiently(listed)
        one = self.tally.lists[reading.listing]
        one.posts, one.whole = for_guests(counters, reading.total), swept_at is not None

    def _shut(self, response: Response, reading: ListReading, meaning: Meaning, word: str) -> None:
        """Tells that the interface is closed or not there; comments alone may be closed."""
        log.warning("list refused", url=response.url, reason=word, source=self.context.name)
        if reading.listing is Listing.COMMENTS:
            self.tally.failures[f"comments_closed ({word})"] += 1
        elif meaning is Meaning.CLOSED:
            self.leave(f"rest_closed ({word}): ask the owner to open {self._root}, or read its feed")
        else:
            self.tally.broken = self._none(word)

    def _none(self, word: str) -> str:
        by_query = "" if "rest_route=" in self._root else ", or it may be at ?rest_route=/: probe it"
        return f"no WordPress interface at {self._root} ({word}): ask its owner, or read its feed{by_query}"

    def _page_request(self, reading: ListReading) -> Request:
        url = list_url(self._root, reading.listing, size=reading.size, number=reading.number, order=reading.order)
        request = self._asked(url, self.read_page, partial(self.lost, reading=reading))
        request.cb_kwargs["reading"] = reading
        return request

    def _asked(self, url: str, callback: object, errback: object) -> Request:
        return Request(
            url,
            callback=callback,  # type: ignore[arg-type]
            errback=errback,  # type: ignore[arg-type]
            headers={"Accept": "application/json"},
            meta={"handle_httpstatus_list": _ANSWERS},
            dont_filter=True,  # a page again is an answer too
        )
