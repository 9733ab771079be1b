"""Walking a Discuz forum: index, boards by last post, threads that are new, moved or due, page by page."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from functools import partial

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from crawlers.cursors import Listed
from crawlers.pages.discuz.address import board_url, index_url, thread_id, thread_url
from crawlers.pages.discuz.answer import Page, Refusal, Refused, read
from crawlers.pages.discuz.boards import Board, BoardPage, ListedThread, board_page, boards
from crawlers.pages.discuz.threads import ThreadPage, thread_page
from crawlers.pull.forum_source import DiscuzSource
from crawlers.pull.revisits import CLOSED_AGAIN, absent, next_visit
from crawlers.pull.spider import CrawlContext, Guest
from stream.errors import Rejected
from stream.process.failpoints import failpoint

THREAD_PAGES = 1000  # a bound, not a target
HOPS = 3  # redirects of one thread to itself, as sites with rewritten addresses have one
CLOSED_IN_A_ROW = 3  # messages nobody knows, on pages one after another: the site is closed, not the thread
# Priorities: what is new everywhere, then a thread without a pause between its pages, then older lists.
NEWS, SAME_THREAD, THREAD, OLDER = 10, 1, 0, -1


@dataclass(slots=True)
class Visit:
    """One reading of a thread from end to end."""

    tid: str
    opening: str | None = None
    pages: list[list[str]] = field(default_factory=list)
    hops: int = 0


class DiscuzSpider(Guest):
    """One crawl. A thread is read once, however many boards list it; what is not finished stays due."""

    name = "discuz"
    source: DiscuzSource

    def __init__(self, errand: CrawlContext) -> None:
        super().__init__(errand)
        self._boards: set[str] = set()
        self._threads: set[str] = set()
        self._closed = 0

    async def start(self) -> AsyncIterator[Request]:
        """The index; the threads that are due follow from it."""
        yield Request(index_url(self.home), self.read_index, errback=partial(self.failed, vital=True), priority=NEWS)

    async def read_index(self, response: Response) -> AsyncIterator[Request]:
        """Every board, then every thread that is due by its age."""
        page = self._page(response, vital=True)
        if page is None:
            return
        found = boards(page)
        if not found:
            self.unreadable(response, "layout")
            self.tally.broken = "the index shows no boards"
            return
        async for request in self._walk(found):
            yield request
        for tid in await self.errand.intake.patiently(lambda: self.errand.cursors.due(self.clock.now())):
            for request in self._visit(tid):
                yield request

    async def read_board(self, response: Response, fid: str, number: int, may_stop: bool) -> AsyncIterator[Request]:
        """A page of a board's list: what is new or moved becomes due; on to the next page while there may be news."""
        page = self._page(response)
        if page is None:
            return
        try:
            listing = board_page(page)
        except Rejected as error:
            self.unreadable(response, error.reason)
            return
        async for request in self._walk(listing.boards):
            yield request
        if listing.page != number:  # beyond the last page Discuz shows the first one again
            await self._close_board(fid)
            return
        news = await self._list(listing)
        for thread in listing.threads:
            if thread.tid in news:
                for request in self._visit(thread.tid):
                    yield request
        ordinary = any(thread.tid in news for thread in listing.threads if not thread.sticky)
        if number < min(listing.pages, self.source.pages) and (ordinary or not may_stop):
            yield self._board_request(fid, number + 1, may_stop)
        else:
            await self._close_board(fid)

    async def read_thread(self, response: Response, visit: Visit, number: int) -> AsyncIterator[Request]:
        """A page of a thread: its posts go to the log, then the next page is asked for, or the visit ends."""
        if response.status in (301, 302, 303, 307, 308):
            async for request in self._redirected(response, visit, number):
                yield request
            return
        page = await self._thread_answer(response, visit)
        if page is None:
            return
        try:
            shown = thread_page(page, visit.tid, self.at(response), visit.opening)
        except Rejected as error:
            self.unreadable(response, error.reason)
            return
        if shown.page != number:  # beyond the last page Discuz shows the last one: the thread has become shorter
            await self._end(visit)
            return
        await self._keep(response, visit, shown)
        if number < min(shown.pages, THREAD_PAGES):
            yield self._thread_request(visit, number + 1)
        else:
            await self._end(visit)

    async def _walk(self, found: tuple[Board, ...]) -> AsyncIterator[Request]:
        for board in found:
            if board.fid not in self._boards and self.source.boards.wants(board.fid):
                self._boards.add(board.fid)
                open_board = partial(self.errand.cursors.open_board, board.fid, self.clock.now())
                yield self._board_request(board.fid, 1, await self.errand.intake.patiently(open_board))

    async def _list(self, listing: BoardPage) -> frozenset[str]:
        rows = [Listed(thread.tid, _counters(thread)) for thread in listing.threads]
        news = await self.errand.intake.patiently(lambda: self.errand.cursors.list_threads(rows, self.clock.now()))
        failpoint("crawl.listed")
        return news

    async def _close_board(self, fid: str) -> None:
        await self.errand.intake.patiently(lambda: self.errand.cursors.close_board(fid, self.clock.now()))

    async def _keep(self, response: Response, visit: Visit, shown: ThreadPage) -> None:
        if shown.unreadable:
            self.unreadable(response, "layout")
        visit.opening = shown.opening
        visit.pages.append([one.native_id for one in shown.sightings] + [f"pid:{pid}" for pid in shown.unreadable])
        await self.errand.intake.take(visit.tid, shown.sightings)

    async def _end(self, visit: Visit) -> None:
        """What the thread did not show any more is withdrawn; the next visit is set."""
        cursors, outlet = self.errand.cursors, self.errand.intake
        known = await outlet.patiently(lambda: cursors.living(visit.tid))
        missing = absent(known, visit.pages)
        again = await outlet.patiently(lambda: cursors.miss(missing.doubtful))
        await outlet.withdraw([known[post] for post in known if post in missing.gone | again])
        now = self.clock.now()
        published_at = min((post.published_at for post in known.values() if post.published_at), default=None)
        due_at = next_visit(published_at, now)
        await outlet.patiently(lambda: cursors.visited(visit.tid, due_at, published_at=published_at, now=now))
        failpoint("crawl.visited")

    async def _gone(self, visit: Visit) -> None:
        known = await self.errand.intake.patiently(lambda: self.errand.cursors.living(visit.tid))
        await self.errand.intake.withdraw(list(known.values()))
        now = self.clock.now()
        await self.errand.intake.patiently(
            lambda: self.errand.cursors.visited(visit.tid, None, published_at=None, now=now)
        )

    async def _shut(self, visit: Visit) -> None:
        """For members only: what was public before stays as it is."""
        now = self.clock.now()
        later = partial(self.errand.cursors.visited, visit.tid, now + CLOSED_AGAIN, published_at=None, now=now)
        await self.errand.intake.patiently(later)

    async def _redirected(self, response: Response, visit: Visit, number: int) -> AsyncIterator[Request]:
        """To itself under another address, to the thread it was merged into, or to the login."""
        target = response.urljoin((response.headers.get("Location") or b"").decode("latin-1"))
        tid = thread_id(target)
        if tid is None:
            await self._shut(visit)
        elif tid != visit.tid:
            for request in self._visit(tid):
                yield request
            now = self.clock.now()
            await self.errand.intake.patiently(
                lambda: self.errand.cursors.visited(visit.tid, None, published_at=None, now=now)
            )
        elif visit.hops < HOPS:
            visit.hops += 1
            yield self._thread_request(visit, number, url=target)
        else:
            self.unreadable(response, "redirects")

    async def _thread_answer(self, response: Response, visit: Visit) -> Page | None:
        try:
            page = self._read(response)
        except Refused as error:
            if error.refusal is Refusal.GONE:
                await self._gone(visit)
            elif error.refusal is Refusal.PERMISSION:
                await self._shut(visit)
            else:
                self._refused(response, error)
            return None
        except Rejected as error:
            self.unreadable(response, error.reason)
            return None
        if response.status != 200:  # a bare 404 is a server's mood, not the forum's word that a thread is gone
            self.unreadable(response, f"http_{response.status}")
            return None
        return page

    def _page(self, response: Response, *, vital: bool = False) -> Page | None:
        try:
            return self._read(response)
        except Refused as error:
            if vital and error.refusal is not Refusal.CAPTCHA:
                self.leave(f"{error.reason}: {error.detail}")
            else:
                self._refused(response, error)
        except Rejected as error:
            self.unreadable(response, error.reason)
        return None

    def _read(self, response: Response) -> Page:
        content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
        page = read(response.body, content_type, response.url, self.source.encoding)
        self.tally.pages += 1
        self._closed = 0
        return page

    def _refused(self, response: Response, error: Refused) -> None:
        """A board or thread that is closed is passed by; a guard, or one closed page after another, ends the crawl."""
        if error.refusal in (Refusal.FLOOD_GUARD, Refusal.CAPTCHA):
            self.leave(f"{error.reason}: {error.detail}")
        elif error.refusal is Refusal.CLOSED:
            self.unreadable(response, error.reason)
            self._closed += 1
            if self._closed >= CLOSED_IN_A_ROW:
                self.leave(f"{error.reason}: {error.detail}")

    def _visit(self, tid: str) -> Iterator[Request]:
        if tid not in self._threads:
            self._threads.add(tid)
            yield self._thread_request(Visit(tid), 1)

    def _board_request(self, fid: str, number: int, may_stop: bool) -> Request:
        return Request(
            board_url(self.home, fid, number),
            self.read_board,
            errback=self._lost,
            priority=NEWS if number == 1 else OLDER,
            cb_kwargs={"fid": fid, "number": number, "may_stop": may_stop},
        )

    def _thread_request(self, visit: Visit, number: int, url: str | None = None) -> Request:
        return Request(
            url or thread_url(self.home, visit.tid, number),
            self.read_thread,
            errback=self._lost,
            priority=THREAD if number == 1 else SAME_THREAD,
            meta={"handle_httpstatus_list": [301, 302, 303, 307, 308, 404, 410]},
            cb_kwargs={"visit": visit, "number": number},
        )

    def _lost(self, failure: Failure) -> None:
        self.failed(failure)


def _counters(thread: ListedThread) -> str:
    return f"{thread.replies} {thread.last_post}"
