"""Reading timelines of a server that speaks Mastodon's API, newest first, as far back as there may be news."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from urllib.parse import quote, urljoin

from requests.utils import parse_header_links
from scrapy import Request
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawlers.pages.forum import Answer
from crawlers.pages.mastodon.api import read_account, read_one, read_timeline
from crawlers.pull.sites.again import LATER, SOON
from crawlers.pull.sites.mastodon_source import MastodonSource
from crawlers.pull.sites.reading import AccountSpider
from stream.errors import Rejected

PAGE = 40  # statuses: the most that a server gives
LISTS, OLDER = 10, 0  # priorities

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TimelineWalk:
    """One way through a timeline; it `may_stop` at a page without news if the last one came to the timeline's end."""

    board: str
    may_stop: bool
    number: int = 1


class MastodonSpider(AccountSpider):
    """One crawl. A status that a list no longer shows is not deleted; one that the server does not know any more is."""

    name = "mastodon"
    source: MastodonSource

    async def start(self) -> AsyncIterator[Request]:
        """Asks who the accounts are, for the newest of each hashtag, and for older statuses that are due."""
        for account in self.source.accounts:
            found = partial(self.read_account, account=account)
            lost = partial(self.without_account, account=account)
            yield self._request(f"accounts/lookup?acct={quote(account)}", found, lost)
        for hashtag in self.source.hashtags:
            yield await self._timeline(f"timelines/tag/{quote(hashtag)}", f"#{hashtag}")
        for key in await self.due(self.source.revisits):
            living = await self.context.intake.patiently(partial(self.context.cursors.living, key))
            board = next((post.board or "" for post in living.values()), "")
            again, missing = partial(self.read_again, key=key, board=board), partial(self.lost_status, key=key)
            yield self._request(f"statuses/{quote(key.removeprefix('status:'))}", again, missing, OLDER)

    async def read_account(self, response: Response, account: str) -> AsyncIterator[Request]:
        """Asks for an account's timeline."""
        number = self._understood(response, read_account)
        if number is not None:
            yield await self._timeline(f"accounts/{quote(number)}/statuses", account)

    async def read_page(self, response: Response, walk: TimelineWalk) -> AsyncIterator[Request]:
        """Sends a page of a timeline to the log; goes on to older ones while there may be news."""
        found = self._understood(response, partial(read_timeline, board=walk.board))
        if found is None:
            return
        news, page = False, self.fetched(response, found)
        for one in found:
            news |= await self.keep(one.native_id, [one], page)
            await self.seen(one.native_id, one.published_at)
        older = _older(response)
        if older and walk.number < self.source.pages and (news or not walk.may_stop):
            yield self._page(older, TimelineWalk(walk.board, walk.may_stop, walk.number + 1))
        else:
            close = partial(self.context.cursors.close_board, walk.board, self.clock.now())
            await self.context.intake.patiently(close)

    async def read_again(self, response: Response, key: str, board: str) -> None:
        """Looks at one older status for edits."""
        found = self._understood(response, partial(read_one, board=board))
        if found is None:
            await self.plan(key, self.clock.now() + LATER)
            return
        await self.keep(key, [found], self.fetched(response, [found]))
        await self.seen(key, found.published_at)

    async def lost_status(self, failure: Failure, key: str) -> None:
        """Takes a status for deleted where the server itself does not know it; any other 404 only the second time."""
        error = failure.value
        if isinstance(error, HttpError) and error.response.status in (404, 410):
            await self.gone(key, certain=_says_error(error.response.body))
            return
        self.failed(failure)
        await self.plan(key, self.clock.now() + SOON)

    def without_account(self, failure: Failure, account: str) -> None:
        """Tells an account that is not there apart from a server that does not answer."""
        error = failure.value
        if isinstance(error, HttpError) and error.response.status == 404:
            self.tally.failures[f"no_account_{account}"] += 1
        else:
            self.failed(failure, vital=self._is_alone())

    def _understood(self, response: Response, read: Callable[[Answer], T]) -> T | None:
        try:
            found = read(self.answered(response))
        except Rejected as error:
            self.unreadable(response, error.reason)
            return None
        self.tally.pages += 1
        return found

    async def _timeline(self, call: str, board: str) -> Request:
        cursors, intake = self.context.cursors, self.context.intake
        may_stop = await intake.patiently(partial(cursors.open_board, board, self.clock.now()))
        return self._page(urljoin(self.home, f"/api/v1/{call}?limit={PAGE}"), TimelineWalk(board, may_stop))

    def _page(self, url: str, walk: TimelineWalk) -> Request:
        vital = self._is_alone() and walk.number == 1
        return self._request(url, partial(self.read_page, walk=walk), partial(self.failed, vital=vital))

    def _is_alone(self) -> bool:
        return len(self.source.accounts) + len(self.source.hashtags) == 1

    def _request(
        self, call: str, read: Callable[..., object], lost: Callable[..., object], priority: int = LISTS
    ) -> Request:
        token = self.source.token
        headers = {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}
        address = urljoin(urljoin(self.home, "/api/v1/"), call)
        return Request(
            address, read, errback=lost, headers={"Accept": "application/json", **headers}, priority=priority
        )


def _older(response: Response) -> str | None:
    """Finds the page of older statuses in the Link header, as the API has it."""
    told = (response.headers.get("Link") or b"").decode("latin-1")
    links = parse_header_links(told) if told else []
    older = next((link["url"] for link in links if link.get("rel") == "next" and link.get("url")), None)
    try:
        return response.urljoin(older) if older else None
    except ValueError:  # such as http://[
        return None


def _says_error(body: bytes) -> bool:
    try:
        told = json.loads(body)
    except ValueError:
        return False
    return isinstance(told, dict) and "error" in told
