"""Walking a forum: index, boards by last post, threads that are new, moved or due, page by page.

Whatever its software: what pages say comes through a port (`crawlers.pages.forum`); what follows is decided in `walk`.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TypeVar

from scrapy import Request
from scrapy.http import Response
from structlog import get_logger
from twisted.python.failure import Failure

from crawlers.cursors import Listed
from crawlers.pages.forum import (
    Answer,
    BoardListing,
    Forum,
    Index,
    PageRefused,
    Refusal,
    Rewritable,
    ThreadPage,
)
from crawlers.pages.observation import Observation
from crawlers.pull.forums.ending import ForumVisits
from crawlers.pull.forums.met import BACKFILL, DUE, LIVE, NEWS, OLDER, SAME_THREAD, SWEEP, MetBoards
from crawlers.pull.forums.reading import Misread
from crawlers.pull.forums.revisits import OLD
from crawlers.pull.forums.views import USUAL
from crawlers.pull.forums.walk import (
    ON_BOARD,
    ON_INDEX,
    THREAD_PAGES,
    ListWalk,
    Reaction,
    Redirection,
    Trail,
    Visit,
    merged,
    redirection,
)
from crawlers.pull.spider import CrawlContext
from stream.process.failpoints import failpoint

INDEX_PAGES = 100  # a bound, not a target
LIST_AGAIN = timedelta(minutes=10)  # in a crawl that takes long: what is new meanwhile is not to wait for its end
LISTS_APART = 10  # times as long as asking for them takes: a forum of many boards is read for more than its lists
_REDIRECTS = (301, 302, 303, 307, 308)

T = TypeVar("T")
log = get_logger(__name__)


class ForumSpider(ForumVisits):
    """One crawl. A thread is read once, however many boards list it; what is not finished stays due."""

    name = "forum"

    def __init__(self, context: CrawlContext, software: Callable[[str, str | None], Forum]) -> None:
        super().__init__(context, software)
        self._boards = MetBoards()
        self._index: set[str] = set()
        self._listed_at = self._lists.began

    async def start(self) -> AsyncIterator[Request]:
        """Asks for the index; the threads that are due follow from it."""
        yield self._index_request(self._forum.index_url(), vital=True)

    async def read_index(self, response: Response) -> AsyncIterator[Request]:
        """Asks for every board, then for every thread that is due by its age."""
        found = self._read_index(response, ON_INDEX)
        if found is None:
            return
        again = bool(self._boards.found)
        if isinstance(self._forum, Rewritable) and not again:
            for address in self._forum.strange_boards(self._answer(response)):
                self.tally.note_unknown("board address", address)
        if not found.boards:
            self.unreadable(response, "layout")
            self.tally.broken = self.tally.broken or ("" if again else "the index shows no boards")
            return
        for board in [one for one in self._boards.found if one not in self._boards.shut]:
            self._boards.walk(board)
            yield self._first_of(board, may_stop=True, again=True)
        async for request in self._listed(found):
            yield request
        async for request in self._due(again=again):
            yield request

    async def read_more(self, response: Response) -> AsyncIterator[Request]:
        """Asks for the boards on a further page of the index."""
        found = self._read_index(response, ON_BOARD)
        if found is not None:
            async for request in self._listed(found):
                yield request

    async def read_board(self, response: Response, walk: ListWalk) -> AsyncIterator[Request]:
        """Reads a page of a board's list: what is new or moved becomes due.

        It goes on to the next page while there may be news.
        """
        view, listing = self._list_views[walk.view], None
        try:
            listing = self._read(response, partial(view.read_board, board=walk.board), ON_BOARD, walk)
        except Misread:
            if (other := self._list_views.after(walk.view)) is not None:
                first = self._list_views[other].board_url(walk.board)
                walk.begin_anew(other, first)
                yield self._board_request(first, walk)
                return
        if listing is not None:
            self._list_views.understood(walk.view)
            self._note_view(walk.view)
            self._threads.gone.update(row.thread for row in listing.threads if row.gone)
            async for request in self._open(listing.boards):
                yield request
            async for request in self._list(listing, walk):
                yield request
        async for request in self._heard(walk):
            yield request
        for again in self._index_again():
            yield again

    async def _list(self, listing: BoardListing, walk: ListWalk) -> AsyncIterator[Request]:
        following: str | None = None
        whole: bool | None = True
        if walk.trail.is_due(listing.page, [row.thread for row in listing.threads]):
            news = await self._news(listing, walk)
            for row in listing.threads:
                if row.thread in news and row.gone:
                    if self._threads.begin(row.thread, LIVE):  # else its page is on the way, and says no more
                        await self._gone(Visit(row.thread, Trail("")))
                elif row.thread in news:
                    priority = LIVE if walk.is_live else BACKFILL  # a list that shifts shows an older row once more
                    for request in self._visit(row.thread, priority, again=walk.is_live):
                        yield request
            whole = walk.whole(listing, news, self.source.pages)
            following = walk.following(listing, news, self.source.pages)
        if following is not None:
            yield self._board_request(following, walk)
            return
        if not walk.again:
            self._lists.end(walk.board, whole)
        if self._boards.through(walk.board):
            close = partial(self.context.cursors.close_board, walk.board, self.clock.now())
            await self.context.intake.patiently(close)

    async def read_thread(self, response: Response, visit: Visit) -> AsyncIterator[Request]:
        """Reads a page of a thread: its posts go to the log, then the next page is asked for, or the visit ends."""
        if response.status in _REDIRECTS:
            async for request in self._redirected(response, visit):
                yield request
            return
        for request in self._index_again():
            yield request
        try:
            page = await self._thread_page(response, visit)
        except Misread:
            for request in self._otherwise(visit):
                yield request
            return
        if page is None:
            return
        self._thread_views.understood(visit.view)
        self._note_view(visit.view)
        if page.thread is not None and page.thread != visit.thread:
            async for request in self._merged(page.thread, visit):
                yield request
            return
        following = None
        if visit.shows(page):
            if page.unreadable:
                self.unreadable(response, "layout")
            self.tally.filled += 1
            shown = [self._placed(one, visit) for one in page.observations]
            page_as_it_came = self.fetched(response, shown)
            await self.context.intake.take(visit.thread, shown, page_as_it_came, view=visit.view)
            following = visit.trail.follow(page.next, THREAD_PAGES)
        if following is not None:
            yield self._thread_request(following, visit)
        else:
            await self._end(visit, await self._read_through(visit))

    def _otherwise(self, visit: Visit) -> Iterator[Request]:
        """Asks for a thread by the next view, if any, since a page of it was not understood."""
        other = self._thread_views.after(visit.view)
        if other is not None:
            first = self._thread_views[other].thread_url(visit.thread)
            visit.begin_anew(other, first)
            yield self._thread_request(first, visit)
        elif visit.strange:
            self.tally.note_unknown("thread address", visit.strange)

    async def _listed(self, found: Index) -> AsyncIterator[Request]:
        self._lists.index(found)
        for address in found.more:
            if address not in self._index and len(self._index) < INDEX_PAGES:
                self._index.add(address)
                yield self._index_request(address)
        async for request in self._open(found.boards):
            yield request

    def _placed(self, observation: Observation, visit: Visit) -> Observation:
        """Fills in what a page does not tell of its own thread: the title, and the name of its board."""
        board = observation.board or visit.board
        board = self._lists.names.get(board or "", board)
        title = observation.title or visit.title
        told = (observation.board, observation.title) == (board, title)  # by most pages: a copy is dear
        return observation if told else replace(observation, board=board, title=title)

    async def _due(self, *, again: bool) -> AsyncIterator[Request]:
        """Asks for the threads that are due by their age; once a crawl for back-fill and the day's share of the old."""
        cursors, now = self.context.cursors, self.clock.now()
        patiently = self.context.intake.patiently
        unread = await patiently(lambda: cursors.never_read(now))
        for thread in await patiently(lambda: cursors.due(now)):
            if not (again and thread in unread):
                for request in self._visit(thread, BACKFILL if thread in unread else DUE, again=again):
                    yield request
        if not again and self.source.sweep:
            for thread in await patiently(lambda: cursors.sweep(self.source.sweep / 100, now - OLD, now)):
                for request in self._visit(thread, SWEEP):
                    yield request

    def _index_again(self) -> Iterator[Request]:
        """Asks for the index again, from time to time, and by it for the first page of every list."""
        polite = LISTS_APART * len(self._boards.found) * timedelta(seconds=self.tally.delay)
        if self.clock.now() - self._listed_at >= max(LIST_AGAIN, polite):
            self._listed_at = self.clock.now()
            url = self._forum.index_url()
            yield Request(url, self.read_index, errback=self.failed, priority=NEWS, dont_filter=True)

    async def _open(self, found: tuple[str, ...]) -> AsyncIterator[Request]:
        for board in found:
            if self.source.boards.wants(board) and self._boards.meet(board):
                is_complete = partial(self.context.cursors.is_complete, board)
                may_stop = await self.context.intake.patiently(is_complete)
                yield self._first_of(board, may_stop=may_stop)

    async def _news(self, listing: BoardListing, walk: ListWalk) -> frozenset[str]:
        cursors, intake, now = self.context.cursors, self.context.intake, self.clock.now()
        boards = [None if row.sticky or row.stub else walk.board for row in listing.threads]
        rows = [
            Listed(row.thread, None if row.stub else row.counters, board)
            for row, board in zip(listing.threads, boards, strict=True)
        ]
        news = await intake.patiently(lambda: cursors.list_threads(rows, self._lists.began))
        failpoint("crawl.listed")
        if walk.trail.number == 1:  # the others say the same of the board
            await intake.patiently(lambda: cursors.read_board(walk.board, listing.name, now))
        self._lists.hear(listing, walk)
        return news

    async def _heard(self, walk: ListWalk) -> AsyncIterator[Request]:
        """Once every board's first page came: tells boards that are not public any more, and looks at their threads."""
        if not self._boards.hear(walk.board):
            return
        cursors, intake = self.context.cursors, self.context.intake
        known = await intake.patiently(cursors.boards)
        wanted = {board: name for board, name in known.items() if self.source.boards.wants(board)}
        lost = self._boards.lost(wanted)
        self.tally.lost += [wanted[board] for board in lost if wanted[board] not in self.tally.lost]
        if lost:
            log.warning("boards not public any more", boards=self.tally.lost, source=self.context.name)
        for thread in await intake.patiently(lambda: cursors.lose(lost, self.clock.now())):
            for request in self._visit(thread, DUE):
                yield request

    async def _redirected(self, response: Response, visit: Visit) -> AsyncIterator[Request]:
        """Follows a redirect: to itself under another address, to the thread it was merged into, or to the login."""
        target = response.urljoin((response.headers.get("Location") or b"").decode("latin-1"))
        thread = self._forum.thread_id(target)
        match redirection(visit, thread, target):
            case Redirection.ITSELF:
                visit.hops += 1
                yield self._thread_request(target, visit)
            case Redirection.STRANGE:
                visit.hops, visit.strange = visit.hops + 1, target
                yield self._thread_request(target, visit)
            case Redirection.CIRCLE:
                self.unreadable(response, "redirects")
            case Redirection.DOOR:
                await self._at_the_door(visit)
            case Redirection.MERGED:
                assert thread is not None
                async for request in self._merged(thread, visit):
                    yield request

    async def _merged(self, thread: str, visit: Visit) -> AsyncIterator[Request]:
        for request in self._visit(thread, visit.priority):
            yield request
        await self._end(visit, merged())

    async def _thread_page(self, response: Response, visit: Visit) -> ThreadPage | None:
        view = self._thread_views[visit.view]
        try:
            read = partial(view.read_thread, thread=visit.thread, opening=visit.opening)
            page = self._understood(response, read, visit.view)
        except PageRefused as error:
            await self._refused(response, error, visit)
            return None
        if page is None and visit.strange:
            self.tally.note_unknown("thread address", visit.strange)
        return page

    def _read_index(self, response: Response, reactions: Mapping[Refusal, Reaction]) -> Index | None:
        try:
            return self._read(response, self._forum.read_boards, reactions)
        except Misread:
            return None

    def _read(
        self,
        response: Response,
        read: Callable[[Answer], T],
        reactions: Mapping[Refusal, Reaction],
        walk: ListWalk | None = None,
    ) -> T | None:
        page = None
        try:
            page = self._understood(response, read, USUAL if walk is None else walk.view)
            self._boards.all_heard &= page is not None and (walk is None or walk.view == USUAL)
        except Misread:
            self._boards.all_heard = False
            raise
        except PageRefused as error:
            reaction = reactions[error.refusal]
            if walk is not None and walk.view == USUAL and reaction is Reaction.PASS_BY:
                self._boards.shut.add(walk.board)
            else:
                self._boards.all_heard = False
            self._react(response, error, reaction)
        return page

    def _visit(self, thread: str, priority: int, *, again: bool = False) -> Iterator[Request]:
        """Asks for a thread, once a crawl, or as often as it moves (`again`); for back-fill while the budget lasts."""
        if not self._threads.begin(thread, priority, again=again):
            return
        view = self._thread_views.choose()
        first = self._thread_views[view].thread_url(thread)
        yield self._thread_request(first, Visit(thread, Trail(first), priority=priority, view=view))

    def _index_request(self, url: str, *, vital: bool = False) -> Request:
        return Request(
            url,
            self.read_index if vital else self.read_more,
            errback=partial(self.failed, vital=vital),
            priority=NEWS,
        )

    def _first_of(self, board: str, *, may_stop: bool, again: bool = False) -> Request:
        view = self._list_views.choose()
        first = self._list_views[view].board_url(board)
        return self._board_request(first, ListWalk(board, Trail(first), may_stop, again, view))

    def _board_request(self, url: str, walk: ListWalk) -> Request:
        return Request(
            url,
            self.read_board,
            errback=partial(self.board_failed, walk=walk),
            priority=NEWS if walk.is_live else OLDER,
            meta={"handle_httpstatus_list": sorted(self._forum.statuses)},
            cb_kwargs={"walk": walk},
            dont_filter=walk.again or walk.view != USUAL,  # what another view redirects to may have been asked
        )

    async def board_failed(self, failure: Failure, walk: ListWalk) -> AsyncIterator[Request]:
        """Notes that a board's page did not come: what it may link to is not known, what refused us is."""
        self._boards.all_heard = False
        self.failed(failure)
        async for request in self._heard(walk):
            yield request

    def _thread_request(self, url: str, visit: Visit) -> Request:
        return Request(
            url,
            self.read_thread,
            errback=self.failed,
            priority=visit.priority + (SAME_THREAD if visit.trail.number > 1 else 0),
            meta={"handle_httpstatus_list": [*_REDIRECTS, *sorted(self._forum.statuses)]},
            cb_kwargs={"visit": visit},
            dont_filter=True,  # it may redirect to the very same address, or move again; HOPS and trails bound it
        )
