"""Reading a forum's pages by its adapter: what is not understood is counted; a closed site ends the crawl."""

from collections.abc import Callable
from typing import TypeVar

from scrapy.http import Response

from crawlers.pages.forum import Answer, Forum, PageRefused
from crawlers.pull.forums.forum_source import ForumSource
from crawlers.pull.forums.walk import Reaction
from crawlers.pull.spider import CrawlContext, PoliteSpider
from stream.errors import Rejected

CLOSED_IN_A_ROW = 3  # messages nobody knows, on pages one after another: the site is closed, not the thread

T = TypeVar("T")


class ForumReader(PoliteSpider):
    """A spider that knows one forum by the adapter of its software."""

    source: ForumSource

    def __init__(self, context: CrawlContext, software: Callable[[str, str | None], Forum]) -> None:
        super().__init__(context)
        self._forum = self.source.tell(software(self.home, self.source.encoding))
        self._closed = 0

    def _understood(self, response: Response, read: Callable[[Answer], T]) -> T | None:
        """Reads what a page says, None where it is not understood.

        A 404 that is not the forum's own page says nothing.
        """
        answer = self._answer(response)
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
