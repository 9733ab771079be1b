"""Walking a forum: index, boards by last post, threads that are new, moved or due, page by page.

Whatever its software: what pages say comes through a port (`crawlers.pages.forum`); what follows is decided in `walk`.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from functools import partial
from typing import TypeVar

from scrapy import Request
from scrapy.http import Response

from crawlers.cursors import Listed
from crawlers.pages.forum import Answer, BoardListing, Forum, PageRefused, Refusal, ThreadPage
from crawlers.pull.forum_source import ForumSource
from crawlers.pull.revisits import absent
from crawlers.pull.spider import CrawlContext, PoliteSpider
from crawlers.pull.walk import (
    ON_BOARD,
    ON_INDEX,
    ON_THREAD,
    THREAD_PAGES,
    ListWalk,
    Reaction,
    Redirection,
    Trail,
    Visit,
    VisitEnd,
    merged,
    read_through,
    redirection,
    shut_out,
    thread_gone,
)
from stream.errors import Rejected
from stream.process.failpoints import failpoint

CLOSED_IN_A_ROW = 3  # messages nobody knows, on pages one after another: the site is closed, not the thread
# Priorities: what is new everywhere, then a thread without a pause between its pages, then older lists.
NEWS, SAME_THREAD, THREAD, OLDER = 10, 1, 0, -1
_REDIRECTS = (301, 302, 303, 307, 308)

T = TypeVar("T")


class ForumSpider(PoliteSpider):
    """One crawl. A thread is read once, however many boards list it; what is not finished stays due."""

    name = "forum"
    source: ForumSource

    def __init__(self, context: CrawlContext, software: Callable[[str, str | None], Forum]) -> None:
        super().__init__(context)
        self._forum = software(self.home, self.source.encoding)
        self._boards: set[str] = set()
        self._threads: set[str] = set()
        self._closed = 0

    async def start(self) -> AsyncIterator[Request]:
        """Asks for the index; the threads that are due follow from it."""
        lost = partial(self.failed, vital=True)
        yield Request(self._forum.index_url(), self.read_index, errback=lost, priority=NEWS)

    async def read_index(self, response: Response) -> AsyncIterator[Request]:
        """Asks for every board, then for every thread that is due by its age."""
        found = self._read(response, self._forum.read_index, ON_INDEX)
        if found is None:
            return
        if not found:
            self.unreadable(response, "layout")
            self.tally.broken = "the index shows no boards"
            return
        async for request in self._open(found):
            yield request
        for thread in await self.context.intake.patiently(lambda: self.context.cursors.due(self.clock.now())):
            for request in self._visit(thread):
                yield request

    async def read_board(self, response: Response, walk: ListWalk) -> AsyncIterator[Request]:
        """Reads a page of a board's list: what is new or moved becomes due.

        It goes on to the next page while there may be news.
        """
        listing = self._read(response, partial(self._forum.read_board, board=walk.board), ON_BOARD)
        if listing is None:
            return
        async for request in self._open(listing.boards):
            yield request
        following = None
        if walk.trail.is_due(listing.page, [row.thread for row in listing.threads]):
            news = await self._list(listing)
            for row in listing.threads:
                if row.thread in news:
                    for request in self._visit(row.thread):
                        yield request
            following = walk.following(listing, news, self.source.pages)
        if following is not None:
            yield self._board_request(following, walk)
        else:
            close = partial(self.context.cursors.close_board, walk.board, self.clock.now())
            await self.context.intake.patiently(close)

    async def read_thread(self, response: Response, visit: Visit) -> AsyncIterator[Request]:
        """Reads a page of a thread: its posts go to the log, then the next page is asked for, or the visit ends."""
        if response.status in _REDIRECTS:
            async for request in self._redirected(response, visit):
                yield request
            return
        page = await self._thread_page(response, visit)
        if page is None:
            return
        following = None
        if visit.shows(page):
            if page.unreadable:
                self.unreadable(response, "layout")
            await self.context.intake.take(visit.thread, page.observations)
            following = visit.trail.follow(page.next, THREAD_PAGES)
        if following is not None:
            yield self._thread_request(following, visit)
        else:
            await self._end(visit, await self._read_through(visit))

    async def _open(self, found: tuple[str, ...]) -> AsyncIterator[Request]:
        for board in found:
            if board not in self._boards and self.source.boards.wants(board):
                self._boards.add(board)
                open_board = partial(self.context.cursors.open_board, board, self.clock.now())
                may_stop = await self.context.intake.patiently(open_board)
                first = self._forum.board_url(board)
                yield self._board_request(first, ListWalk(board, Trail(first), may_stop))

    async def _list(self, listing: BoardListing) -> frozenset[str]:
        rows = [Listed(row.thread, row.counters) for row in listing.threads]
        news = await self.context.intake.patiently(lambda: self.context.cursors.list_threads(rows, self.clock.now()))
        failpoint("crawl.listed")
        return news

    async def _read_through(self, visit: Visit) -> VisitEnd:
        """Withdraws what the thread did not show any more; what it may have shown meanwhile is only noted."""
        cursors, intake = self.context.cursors, self.context.intake
        known = await intake.patiently(lambda: cursors.living(visit.thread))
        missing = absent(known, visit.pages, self._forum.rank, shorter=visit.shorter)
        again = await intake.patiently(lambda: cursors.miss(missing.doubtful))
        return read_through(known, missing.gone | again, self.clock.now())

    async def _end(self, visit: Visit, end: VisitEnd) -> None:
        await self.context.intake.withdraw(end.withdrawn)
        visited = partial(self.context.cursors.visited, visit.thread, end.due_at, published_at=end.published_at)
        await self.context.intake.patiently(lambda: visited(now=self.clock.now()))
        failpoint("crawl.visited")

    async def _redirected(self, response: Response, visit: Visit) -> AsyncIterator[Request]:
        """Follows a redirect: to itself under another address, to the thread it was merged into, or to the login."""
        target = response.urljoin((response.headers.get("Location") or b"").decode("latin-1"))
        thread = self._forum.thread_id(target)
        match redirection(visit, thread):
            case Redirection.ITSELF:
                visit.hops += 1
                yield self._thread_request(target, visit)
            case Redirection.CIRCLE:
                self.unreadable(response, "redirects")
            case Redirection.ELSEWHERE:
                await self._end(visit, shut_out(self.clock.now()))
            case Redirection.MERGED:
                assert thread is not None
                for request in self._visit(thread):
                    yield request
                await self._end(visit, merged())

    async def _thread_page(self, response: Response, visit: Visit) -> ThreadPage | None:
        read = partial(self._forum.read_thread, thread=visit.thread, opening=visit.opening)
        try:
            return self._understood(response, read)
        except PageRefused as error:
            reaction = ON_THREAD[error.refusal]
            if reaction is Reaction.WITHDRAW:
                known = await self.context.intake.patiently(lambda: self.context.cursors.living(visit.thread))
                await self._end(visit, thread_gone(known))
            elif reaction is Reaction.LOOK_AGAIN:
                await self._end(visit, shut_out(self.clock.now()))
            else:
                self._react(response, error, reaction)
            return None

    def _read(self, response: Response, read: Callable[[Answer], T], reactions: Mapping[Refusal, Reaction]) -> T | None:
        try:
            return self._understood(response, read)
        except PageRefused as error:
            self._react(response, error, reactions[error.refusal])
            return None

    def _understood(self, response: Response, read: Callable[[Answer], T]) -> T | None:
        """Reads what a page says, None where it is not understood.

        A 404 that is not the forum's own page says nothing.
        """
        content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
        answer = Answer(body=response.body, url=response.url, content_type=content_type, at=self.at(response))
        try:
            page = read(answer)
        except PageRefused:
            raise
        except Rejected as error:
            self.unreadable(response, error.reason if response.status < 400 else f"http_{response.status}")
            return None
        self.tally.pages += 1
        self._closed = 0
        if response.status >= 400:
            self.unreadable(response, f"http_{response.status}")
            return None
        return page

    def _react(self, response: Response, error: PageRefused, reaction: Reaction) -> None:
        if reaction is Reaction.COUNT:
            self.unreadable(response, error.reason)
            self._closed += 1
            reaction = Reaction.LEAVE if self._closed >= CLOSED_IN_A_ROW else reaction
        if reaction is Reaction.LEAVE:
            self.leave(f"{error.reason}: {error.detail}")

    def _visit(self, thread: str) -> Iterator[Request]:
        if thread not in self._threads:
            self._threads.add(thread)
            first = self._forum.thread_url(thread)
            yield self._thread_request(first, Visit(thread, Trail(first)))

    def _board_request(self, url: str, walk: ListWalk) -> Request:
        return Request(
            url,
            self.read_board,
            errback=self.failed,
            priority=NEWS if walk.trail.number == 1 else OLDER,
            cb_kwargs={"walk": walk},
        )

    def _thread_request(self, url: str, visit: Visit) -> Request:
        return Request(
            url,
            self.read_thread,
            errback=self.failed,
            priority=THREAD if visit.trail.number == 1 else SAME_THREAD,
            meta={"handle_httpstatus_list": [*_REDIRECTS, 404, 410]},
            cb_kwargs={"visit": visit},
            dont_filter=visit.hops > 0,  # a thread may redirect to the very same address; HOPS bound it
        )
