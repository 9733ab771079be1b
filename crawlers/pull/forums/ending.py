"""How a reading of a thread ends: what is withdrawn, and when it is read again. A plainer view withdraws nothing."""

from collections.abc import Callable, Mapping
from functools import partial

from scrapy.http import Response

from crawlers.pages.forum import Forum, PageRefused
from crawlers.pull.forums.lists import MetLists
from crawlers.pull.forums.met import MetThreads
from crawlers.pull.forums.reading import ForumReader
from crawlers.pull.forums.revisits import absent
from crawlers.pull.forums.views import USUAL
from crawlers.pull.forums.walk import (
    ON_THREAD,
    Reaction,
    Visit,
    VisitEnd,
    at_the_door,
    read_through,
    shut_out,
    thread_gone,
    untold,
)
from crawlers.pull.spider import CrawlContext
from stream.messages import Post
from stream.process.failpoints import failpoint

MEMBERS_ONLY = "members_only"  # among the failures of a tally: a thread that was public


class ForumVisits(ForumReader):
    """A reader that ends what it read of threads, in the log and in the state."""

    def __init__(self, context: CrawlContext, software: Callable[[str, str | None], Forum]) -> None:
        super().__init__(context, software)
        self._threads = MetThreads(self.source.backfill)
        self._lists = MetLists(self.tally.lists, self.clock.now())

    async def _read_through(self, visit: Visit) -> VisitEnd:
        """Withdraws what the thread did not show any more; what it may have shown meanwhile is only noted."""
        return await self.context.intake.patiently(partial(self._settled, visit))

    def _settled(self, visit: Visit) -> VisitEnd:
        known = self.context.cursors.living(visit.thread)
        if visit.view != USUAL:
            return read_through(known, frozenset(), self.clock.now())
        missing = absent(visit.knowable(known), visit.pages, self._forum.rank, shorter=visit.shorter)
        again = self.context.cursors.miss(missing.doubtful)
        return read_through(known, missing.gone | again, self.clock.now())

    async def _end(self, visit: Visit, end: VisitEnd, *, gone: bool = False) -> None:
        await self.context.intake.withdraw(end.withdrawn)
        visited = partial(self.context.cursors.visited, visit.thread, end.due_at, published_at=end.published_at)
        board = self._lists.whose(visit.board)
        await self.context.intake.patiently(lambda: visited(now=self.clock.now(), board=board, gone=gone))
        failpoint("crawl.visited")
        self._threads.end(visit.thread)

    async def _gone(self, visit: Visit) -> None:
        known = await self.context.intake.patiently(lambda: self.context.cursors.living(visit.thread))
        await self._end(visit, thread_gone(known), gone=visit.thread not in self._threads.gone)

    async def _at_the_door(self, visit: Visit) -> None:
        if visit.view != USUAL:
            await self._end(visit, untold(self.clock.now()))
            return
        cursors, intake = self.context.cursors, self.context.intake
        known = await intake.patiently(lambda: cursors.living(visit.thread))
        again = await intake.patiently(lambda: cursors.miss(known))
        self._count_shut(known)
        await self._end(visit, at_the_door(known, again, self.clock.now()))

    def _count_shut(self, known: Mapping[str, Post]) -> None:
        if known:
            self.tally.failures[MEMBERS_ONLY] += 1

    async def _refused(self, response: Response, error: PageRefused, visit: Visit) -> None:
        reaction = ON_THREAD[error.refusal]
        if visit.view != USUAL and reaction in (Reaction.WITHDRAW, Reaction.SHUT_OUT):
            await self._end(visit, untold(self.clock.now()))
        elif reaction is Reaction.WITHDRAW or visit.thread in self._threads.gone:
            await self._gone(visit)
        elif reaction is Reaction.SHUT_OUT:
            known = await self.context.intake.patiently(lambda: self.context.cursors.living(visit.thread))
            self._count_shut(known)
            await self._end(visit, shut_out(known, self.clock.now()))
        else:
            self._react(response, error, reaction)
