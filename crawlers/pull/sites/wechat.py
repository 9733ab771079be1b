"""Reading WeChat public accounts: the owner's bridge lists the articles, WeChat's own pages say what they are now."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from functools import partial

from scrapy import Request
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from structlog import get_logger
from twisted.python.failure import Failure

from crawlers.cursors import Listed
from crawlers.pages.feed import parse
from crawlers.pages.forum import PageRefused, Refusal
from crawlers.pages.observation import Observation
from crawlers.pages.wechat.article import article_id, article_url, read_wechat_article
from crawlers.pull.politeness.robots import RobotsForbid
from crawlers.pull.sites.again import LATER, SOON
from crawlers.pull.sites.reading import AccountSpider
from crawlers.pull.sites.wechat_source import WechatSource
from crawlers.pull.spider import CrawlContext
from stream.errors import Rejected
from stream.messages import Kind, content_hash

LIST, NEWS, OLDER = 10, 1, 0  # priorities
VERIFY = "wechat_asks_for_verification"

log = get_logger(__name__)


class WechatSpider(AccountSpider):
    """One crawl. Where an article's page cannot be read, the bridge's words are sent, so that nothing is missed."""

    name = "wechat"
    source: WechatSource

    def __init__(self, context: CrawlContext) -> None:
        super().__init__(context)
        self._feeds = tuple(dict.fromkeys((self.home, *self.source.feeds)))
        self._bridged: dict[str, Observation] = {}
        self._asked: set[str] = set()
        self._left = self.source.articles

    async def start(self) -> AsyncIterator[Request]:
        """Asks the bridge for its lists, then WeChat for older articles that are due."""
        for feed in self._feeds:
            vital = len(self._feeds) == 1
            yield Request(feed, self.read_list, errback=partial(self.failed, vital=vital), priority=LIST)
        for address in await self.due(self.source.articles // 2):
            for request in self._visit(address, OLDER):
                yield request

    async def read_list(self, response: Response) -> AsyncIterator[Request]:
        """Asks for the pages of articles that are new or changed in the bridge's list."""
        answer = self.answered(response)
        try:
            page = parse(answer.body, answer.url, answer.content_type, answer.at, kind=Kind.ARTICLE)
        except Rejected as error:
            self.unreadable(response, error.reason)
            return
        self.tally.pages += 1
        listed = {article_url(one.url): one for one in page.entries if article_id(one.url)}
        if strangers := sum(article_id(one.url) is None for one in page.entries):
            self.tally.failures["not_an_article_of_wechat"] += strangers
        if not self.source.articles:
            told = {address: _of_bridge(one, address) for address, one in listed.items()}
            bridge = self.fetched(response, told.values())
            for address, entry in told.items():
                await self.keep(address, [entry], bridge)
            return
        self._bridged |= listed
        rows = [Listed(address, _counters(one)) for address, one in listed.items()]
        news = await self.context.intake.patiently(partial(self.context.cursors.list_threads, rows, self.clock.now()))
        for address in listed:
            if address not in news:
                continue
            if self._left <= 0 or self.tally.blocked:
                await self._by_bridge(address)
            for request in self._visit(address, NEWS):
                yield request

    async def read_article(self, response: Response, address: str) -> None:
        """Sends an article as its own page shows it, or withdraws it where a notice stands in its place."""
        try:
            found = read_wechat_article(self.answered(response))
        except PageRefused as refused:
            await self._refused(address, refused)
            return
        except Rejected as error:
            self.unreadable(response, error.reason)
            await self._by_bridge(address)
            await self.plan(address, self.clock.now() + LATER)
            return
        self.tally.pages += 1
        self._bridged.pop(address, None)
        known = await self._known(address)
        if known is not None:  # the bridge's words went first, under the short id
            found = replace(found, native_id=known, thread=known)
        await self.keep(address, [replace(found, url=address)], self.fetched(response, [found]))
        await self.seen(address, found.published_at)

    async def lost(self, failure: Failure, address: str) -> None:
        """Sends the bridge's words in place of a page that did not come."""
        error = failure.value
        self.failed(failure)
        await self._by_bridge(address)
        forbidden = isinstance(error, RobotsForbid) or (isinstance(error, HttpError) and error.response.status == 404)
        await self.plan(address, None if forbidden else self.clock.now() + SOON)

    async def _refused(self, address: str, refused: PageRefused) -> None:
        if refused.refusal is Refusal.CAPTCHA:
            for waiting in list(self._bridged):
                await self._by_bridge(waiting)
            self.leave(VERIFY)
            return
        self.tally.pages += 1
        await self._by_bridge(address)
        log.info("article taken away", source=self.context.name, url=address, notice=refused.detail)
        if refused.refusal is Refusal.GONE:
            await self.gone(address, certain=True)
        else:
            self.tally.failures["wechat_article_moved_or_expired"] += 1
            await self.plan(address, None)

    async def _by_bridge(self, address: str) -> None:
        """Sends what the bridge told of an article, unless its page was read before: that says more."""
        one = self._bridged.pop(address, None)
        if one is None or await self._known(address) is not None:
            return
        await self.keep(address, [_of_bridge(one, address)])

    async def _known(self, address: str) -> str | None:
        """Finds the id under which the article at an address was sent before."""
        living = await self.context.intake.patiently(partial(self.context.cursors.living, address))
        return next(iter(living), None)

    def _visit(self, address: str, priority: int) -> Iterator[Request]:
        """Asks for an article's page, once in a crawl and as far as the crawl may."""
        if address in self._asked or self._left <= 0 or self.tally.blocked:
            return
        self._asked.add(address)
        self._left -= 1
        yield Request(
            address,
            partial(self.read_article, address=address),
            errback=partial(self.lost, address=address),
            priority=priority,
        )


def _counters(one: Observation) -> str:
    """Writes what changes where the bridge's entry does."""
    return f"{content_hash(one.title, one.text)} {one.published_at or one.unread_time}"


def _of_bridge(one: Observation, address: str) -> Observation:
    """Writes the bridge's entry as the article it is of; the writer is the account, as far as the link tells it."""
    name = article_id(address) or one.native_id
    account = one.board if name.startswith("wechat:s:") else name.split(":")[1]
    return replace(one, native_id=name, thread=name, url=address, author=account)
