"""Reading a forum's pages by its adapter: what is not understood is counted; a closed site ends the crawl."""

from collections.abc import Callable
from typing import TypeVar

from scrapy.http import Response

from crawlers.pages.forum import Answer, Forum, ListView, PageRefused, ThreadView, Viewed
from crawlers.pages.traits.software import same_software, software_of
from crawlers.pull.forums.forum_source import ForumSource
from crawlers.pull.forums.views import USUAL, MetViews
from crawlers.pull.forums.walk import Reaction
from crawlers.pull.spider import CrawlContext, PoliteSpider
from stream.errors import Rejected

CLOSED_IN_A_ROW = 3  # messages nobody knows, on pages one after another: the site is closed, not the thread

T = TypeVar("T")


class Misread(Exception):
    """Raised when a page is the forum's own and is not understood: its layout changed. No refusal is one."""


class ForumReader(PoliteSpider):
    """A spider that knows one forum by the adapter of its software."""

    source: ForumSource

    def __init__(self, context: CrawlContext, software: Callable[[str, str | None], Forum]) -> None:
        super().__init__(context)
        self._forum = self.source.tell(software(self.home, self.source.encoding))
        self._closed = 0
        viewed = self._forum if isinstance(self._forum, Viewed) else None
        lists, threads = (viewed.plainer_lists(), viewed.plainer_threads()) if viewed else ({}, {})
        before = context.plainer() if viewed else {}
        self._list_views: MetViews[ListView] = MetViews(
            self._forum, lists, few_tell=True, remembered=before.get("lists", USUAL)
        )
        self._thread_views: MetViews[ThreadView] = MetViews(
            self._forum, threads, few_tell=False, remembered=before.get("threads", USUAL)
        )

    def _note_view(self, name: str) -> None:
        """Tells by which view a page was read, and whether that is because the usual ones are not understood."""
        if name != USUAL:
            self.tally.views[name] += 1
        kinds = (("lists", self._list_views), ("threads", self._thread_views))
        self.tally.plainer = {kind: views.instead for kind, views in kinds if views.gave_way}

    def _understood(self, response: Response, read: Callable[[Answer], T], view: str = USUAL) -> T | None:
        """Reads what a page says, None where it is not understood.

        A 404 that is not the forum's own page says nothing. Raises `Misread` where another view may say it.
        """
        answer = self._answer(response)
        try:
            page = read(answer)
        except PageRefused:
            raise
        except Rejected as error:
            self.unreadable(response, error.reason if response.status < 400 else f"http_{response.status}")
            changed = response.status < 400 and error.reason == "layout" and self._is_own(response)
            if changed or (response.status >= 400 and view != USUAL):  # a view that is off is no wall
                raise Misread from error
            return None
        self.tally.pages += 1
        self._closed = 0
        if response.status >= 400:
            self.unreadable(response, f"http_{response.status}")
            return None
        return page

    def _is_own(self, response: Response) -> bool:
        """Tells whether a page is surely the forum's: what nobody knows may be a wall, which is not walked around."""
        name = software_of(response.body)
        return name is not None and same_software(name, self.source.software)

    def _answer(self, response: Response) -> Answer:
        content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
        return Answer(
            body=response.body,
            url=response.url,
            content_type=content_type,
            at=self.at(response),
            status=response.status,
        )

    def _react(self, response: Response, error: PageRefused, reaction: Reaction) -> None:
        if reaction is Reaction.COUNT:
            self.unreadable(response, error.reason)
            self._closed += 1
            reaction = Reaction.LEAVE if self._closed >= CLOSED_IN_A_ROW else reaction
        if reaction is Reaction.LEAVE:
            self.leave(f"{error.reason}: {error.detail}")
