"""Reading a Weibo account by the open platform's API: its statuses, the comments under them, and the token's end."""

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlencode, urljoin

from scrapy import FormRequest, Request
from scrapy.http import Response
from structlog import get_logger
from twisted.python.failure import Failure

from crawlers.cursors import Listed
from crawlers.pages.forum import Answer
from crawlers.pages.observation import Observation
from crawlers.pages.weibo.api import (
    EXPIRED,
    CommentedStatus,
    WeiboRefused,
    WeiboTrouble,
    read_comments,
    read_status,
    read_statuses,
    read_token_end,
    refusal_of,
    status_number,
)
from crawlers.pull.capturing import FetchedPage
from crawlers.pull.sites.again import LATER
from crawlers.pull.sites.reading import AccountSpider
from crawlers.pull.sites.weibo_source import WeiboSource
from crawlers.pull.spider import REFUSING, CrawlContext
from stream.errors import Rejected
from stream.messages import wire_time

CUT = "long text shown cut"  # among what is not understood
TIMELINE = "timeline"  # the list that a walk goes through
STATUSES, COMMENTS = 100, 200  # on a page: the most that the platform gives
COMMENT_PAGES = 50
TOLD_BEFORE = timedelta(days=7)  # the end of a token is told that long before
ERRORS = [400, 401, 403, 404]  # the platform's own refusals come with these
FIRST, NEWS, OLDER = 10, 1, 0  # priorities

T = TypeVar("T")
log = get_logger(__name__)


class WeiboSpider(AccountSpider):
    """One crawl. The token stands in a header: addresses are logged, headers are not."""

    name = "weibo"
    source: WeiboSource

    def __init__(self, context: CrawlContext) -> None:
        super().__init__(context)
        self._headers = {
            "Accept": "application/json",
            "Authorization": f"OAuth2 {self.source.token.get_secret_value()}",
        }
        self._visited: set[str] = set()
        self._left = self.source.comments
        self._looked_at: set[str] = set()
        self._long_texts = self.source.long_texts
        self._may_ask = self.source.long_texts > 0
        self._asking = False
        self._waiting: deque[CommentedStatus] = deque()
        self._cut: dict[str, str] = {}  # what is cut in the log, and its address

    async def start(self) -> AsyncIterator[Request]:
        """Asks how long the token is good, then for the newest statuses, then for older ones that are due."""
        yield FormRequest(
            urljoin(self.home, "/oauth2/get_token_info"),
            self.read_token,
            errback=self.without_token_end,
            formdata={"access_token": self.source.token.get_secret_value()},
            headers={"Accept": "application/json"},
            meta={"handle_httpstatus_list": ERRORS},
            priority=FIRST,
        )

    async def read_token(self, response: Response) -> AsyncIterator[Request]:
        """Notes until when the token is good, and goes on."""
        end = self._understood(response, read_token_end)
        if self.tally.blocked:
            return
        if end is not None:
            self.tally.expires_at = end
            if end - self.clock.now() < TOLD_BEFORE:
                log.warning("the token ends: authorise again", source=self.context.name, ends_at=wire_time(end))
        async for request in self._timeline():
            yield request

    async def without_token_end(self, failure: Failure) -> AsyncIterator[Request]:
        """Goes on without: not every app may ask for it."""
        self.failed(failure)
        async for request in self._timeline():
            yield request

    async def read_timeline(self, response: Response, page: int, may_stop: bool) -> AsyncIterator[Request]:
        """Sends a page of statuses to the log; asks for comments where there are new ones, and for older statuses."""
        told = self._understood(response, read_statuses, vital=page == 1)
        if told is None:
            return
        found = told.statuses
        await self._taken_away(told.gone)
        shown = self.fetched(response, [one.status for one in found])
        news = [await self._keep(one.status, shown) for one in found]
        rows = [Listed(one.status.native_id, str(one.comments)) for one in found]
        moved = await self.context.intake.patiently(partial(self.context.cursors.list_threads, rows, self.clock.now()))
        for one, is_news in zip(found, news, strict=True):
            if self._may_ask and one.status.native_id in self._cut and (is_news or one.status.native_id in moved):
                async for request in self._whole(one):
                    yield request
            elif one.status.native_id in moved:
                async for request in self._comments(one):
                    yield request
        if (found or told.gone) and page < self.source.pages and (any(news) or not may_stop):
            yield self._page(page + 1, may_stop)
        else:
            close = partial(self.context.cursors.close_board, TIMELINE, self.clock.now())
            await self.context.intake.patiently(close)

    async def read_again(self, response: Response, key: str) -> AsyncIterator[Request]:
        """Looks at one older status: its words, its comments, or that it is gone."""
        found = self._understood(response, read_status, key=key)
        if found is None:
            await self._passed(response, key)
            return
        await self._keep(found.status, self.fetched(response, [found.status]))
        async for request in self._comments(found):
            yield request

    async def read_whole(self, response: Response, shown: CommentedStatus) -> AsyncIterator[Request]:
        """Takes the whole of what a list has `shown` cut; where the platform has no more, that is all there is."""
        key, found = shown.status.native_id, self._understood(response, read_status, key=shown.status.native_id)
        refused = refusal_of(self.answered(response))
        if refused is not None and refused.trouble in (WeiboTrouble.TOKEN, WeiboTrouble.BUSY):
            return  # the crawl ends, and it stays due
        if refused is not None and refused.trouble is WeiboTrouble.RIGHTS:
            self._may_ask = False
        if found is not None:
            await self._keep(found.status, self.fetched(response, [found.status]))
        if found is None and refused is None:
            await self._passed(response, key)
        else:
            async for request in self._comments(found or shown):
                yield request
        async for request in self._next_whole():
            yield request

    async def read_thread(
        self, response: Response, key: str, page: int, since: datetime | None
    ) -> AsyncIterator[Request]:
        """Sends a page of comments to the log, newest first; one that left the list is not told as deleted."""
        found = self._understood(response, partial(read_comments, status=key), key=key)
        if found is None:
            await self._passed(response, key)
            return
        news = bool(found) and await self.keep(key, found, self.fetched(response, found))
        if news and page < COMMENT_PAGES and len(found) > COMMENTS // 2:  # hidden ones leave pages less than full
            yield self._comment_page(key, page + 1, since)
        else:
            await self.seen(key, since)

    def closed(self, _reason: str) -> None:
        """Tells of which statuses the log has only the beginning."""
        for address in self._cut.values():
            self.tally.note_unknown(CUT, address)

    async def lost(self, failure: Failure) -> None:
        """Counts an answer that did not come; what it was for stays due."""
        self.failed(failure)

    async def lost_whole(self, failure: Failure) -> AsyncIterator[Request]:
        """Counts an answer that did not come, and goes on with the next; what it was for stays due."""
        self.failed(failure)
        async for request in self._next_whole():
            yield request

    async def _timeline(self) -> AsyncIterator[Request]:
        cursors, intake = self.context.cursors, self.context.intake
        may_stop = await intake.patiently(partial(cursors.open_board, TIMELINE, self.clock.now()))
        yield self._page(1, may_stop)
        for key in await self.due(max(self.source.comments, self.source.long_texts)):
            self._looked_at.add(key)
            yield self._look(key, partial(self.read_again, key=key), self.lost, OLDER)

    async def _whole(self, one: CommentedStatus) -> AsyncIterator[Request]:
        """Puts a status that is shown cut in line to be asked for whole; until that is done it is due."""
        key = one.status.native_id
        if key in self._looked_at:
            return
        self._looked_at.add(key)
        await self.plan(key, self.clock.now(), one.status.published_at)
        self._waiting.append(one)
        if not self._asking:
            async for request in self._next_whole():
                yield request

    async def _next_whole(self) -> AsyncIterator[Request]:
        """Asks for one status, and for the next when that is answered: what the app may not ask, it asks once."""
        self._asking = False
        while self._waiting and not self._asking:
            one = self._waiting.popleft()
            if not self._may_ask:
                async for request in self._comments(one):
                    yield request
            elif self._long_texts > 0:
                self._long_texts -= 1
                self._asking = True
                yield self._look(one.status.native_id, partial(self.read_whole, shown=one), self.lost_whole, NEWS)

    def _look(
        self,
        key: str,
        read: Callable[[Response], AsyncIterator[Request]],
        lost: Callable[[Failure], Any],
        priority: int,
    ) -> Request:
        asked = {"id": status_number(key), "isGetLongText": "1"}
        return self._request("statuses/show.json", asked, read, priority).replace(errback=lost)

    async def _keep(self, status: Observation, page: FetchedPage) -> bool:
        """Publishes a status; tells whether it was news. Notes whether the log has only the beginning of its words."""
        key = status.native_id
        news = await self.keep(key, [status], page)
        self._cut.pop(key, None)
        if status.cut:
            known = await self.context.intake.patiently(partial(self.context.cursors.remembered, [key]))
            _, post = known.get(key, ("", None))
            if post is not None and post.truncated:
                self._cut[key] = status.url or key
        return news

    async def _comments(self, one: CommentedStatus) -> AsyncIterator[Request]:
        """Asks for the comments of a status as far as the crawl may; others stay due."""
        key, since = one.status.native_id, one.status.published_at
        if key in self._visited:
            return
        if not one.comments or not self.source.comments:
            await self.seen(key, since)
        elif self._left > 0:
            self._left -= 1
            self._visited.add(key)
            yield self._comment_page(key, 1, since)

    async def _taken_away(self, keys: Sequence[str]) -> None:
        """Withdraws what the list shows as deleted, or as not public any more, as far as it was ever sent."""
        known = await self.context.intake.patiently(partial(self.context.cursors.remembered, keys)) if keys else {}
        for key in known:
            self._cut.pop(key, None)
            await self.gone(key, certain=True)

    async def _passed(self, response: Response, key: str) -> None:
        """Takes a status for deleted where the platform says so; else it is looked at a day later."""
        refused = refusal_of(self.answered(response))
        if refused is not None and refused.trouble is WeiboTrouble.GONE:
            self._cut.pop(key, None)
            await self.gone(key, certain=True)
        elif not self.tally.blocked and self.tally.parked_until is None:
            await self.plan(key, self.clock.now() + LATER)

    def _understood(
        self, response: Response, read: Callable[[Answer], T], *, vital: bool = False, key: str = ""
    ) -> T | None:
        """Reads an answer; None where it is a refusal, which is dealt with here as far as it concerns the crawl."""
        try:
            found = read(self.answered(response))
        except WeiboRefused as refused:
            self._refused(refused, vital=vital, key=key)
            return None
        except Rejected as error:
            if response.status in REFUSING:
                self.leave(f"http_{response.status}")
            else:
                self.unreadable(response, error.reason)
            return None
        self.tally.pages += 1
        return found

    def _refused(self, refused: WeiboRefused, *, vital: bool, key: str) -> None:
        if refused.trouble is WeiboTrouble.TOKEN:
            expired = refused.code in EXPIRED
            self.tally.expires_at = self.clock.now() if expired else self.tally.expires_at
            self.leave("token_expired" if expired else "token_refused")
        elif refused.trouble is WeiboTrouble.BUSY:
            hour = self.clock.now().replace(minute=0, second=0, microsecond=0)
            self.tally.parked_until = hour + timedelta(hours=1)  # the platform counts by the hour
            self.end("parked")
        elif refused.trouble is WeiboTrouble.GONE and key:
            self.tally.pages += 1
        elif vital:
            self.tally.broken = f"{refused.reason}: {refused.detail}"
        else:
            self.tally.failures[refused.reason] += 1

    def _page(self, number: int, may_stop: bool) -> Request:
        asked = {"uid": self.source.account, "count": str(STATUSES), "page": str(number)}
        read = partial(self.read_timeline, page=number, may_stop=may_stop)
        return self._request("statuses/user_timeline.json", asked, read, FIRST)

    def _comment_page(self, key: str, number: int, since: datetime | None) -> Request:
        asked = {"id": status_number(key), "count": str(COMMENTS), "page": str(number)}
        read = partial(self.read_thread, key=key, page=number, since=since)
        return self._request("comments/show.json", asked, read, NEWS)

    def _request(
        self,
        call: str,
        asked: Mapping[str, str],
        read: Callable[[Response], AsyncIterator[Request] | Iterator[Request]],
        priority: int,
    ) -> Request:
        return Request(
            f"{urljoin(self.home, call)}?{urlencode(asked)}",
            read,
            errback=self.lost,
            headers=self._headers,
            meta={"handle_httpstatus_list": ERRORS},
            priority=priority,
        )
