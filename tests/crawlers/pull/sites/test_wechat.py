"""The bridge on loopback; WeChat's own pages are handed to the spider, since no test may ask for them."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from scrapy import Request
from scrapy.http import HtmlResponse, Response
from scrapy.spidermiddlewares.httperror import HttpError
from sqlalchemy import Engine
from twisted.python.failure import Failure

from crawlers.cursors import Cursors
from crawlers.health import Samples, Tally
from crawlers.intake import Intake, Origin
from crawlers.pull.loop import CrawlLoop
from crawlers.pull.patient import PatientIntake
from crawlers.pull.sites.wechat import WechatSpider
from crawlers.pull.sites.wechat_source import WechatSource
from crawlers.pull.spider import CrawlContext
from stream.messages import Post
from stream.state.source_health import SourceState
from tests.crawlers.running import Crawler
from tests.crawlers.site import Answer, Site

FEED = "http://127.0.0.1:4000/feeds/MP_WXS_1.json"
SHORT = "https://mp.weixin.qq.com/s/AbCdEfGhIjKlMnOp{}"
LONG = "https://mp.weixin.qq.com/s?__biz=MzA4&mid=265000000{}&idx=1&sn=ab"
TAKEN_AWAY = '<div class="weui-msg"><h2 class="weui-msg__title warn">该内容已被发布者删除</h2></div>'
VERIFY = '<div class="weui-msg"><h2 class="weui-msg__title">环境异常</h2></div>'
LIST = '{{"version": "https://jsonfeed.org/version/1.1", "title": "临江供电", "items": [{}]}}'


def item(link: str, title: str = "停电通知", text: str = "桥上的摘要") -> str:
    return (
        f'{{"id": "{link[-5:]}", "url": "{link}", "title": "{title}", "content_html": "{text}", '
        '"date_published": "2026-11-19T01:12:00Z"}'
    )


def page(number: int, text: str = "城东片区停电") -> str:
    return (
        f'<h1 id="activity-name">停电通知</h1><a id="js_name">临江供电</a><div id="js_content"><p>{text}</p></div>'
        f'<script>var biz = "MzA4"; var mid = "265000000{number}"; var idx = "1"; var ct = "1795050720";</script>'
    )


class Played:
    """One crawl after another: what the spider asks for is answered from `pages`; a number there is a status."""

    def __init__(self, crawler: Crawler, loop: CrawlLoop, engine: Engine, samples: Path) -> None:
        self._crawler, self._loop, self._engine, self._samples = crawler, loop, engine, samples
        self.pages: dict[str, str | int] = {}
        self.asked: list[str] = []

    def crawl(self, *items: str, later: timedelta = timedelta(minutes=10), **changes: Any) -> Tally:
        self._crawler.clock.sleep(later.total_seconds())
        self.pages[FEED] = LIST.format(", ".join(items))
        self.asked = []
        tally = Tally()
        self._loop.run(self._run(self._spider(tally, changes)))
        return tally

    def posts(self) -> list[Post]:
        return self._crawler.posts()

    def _spider(self, tally: Tally, changes: dict[str, Any]) -> WechatSpider:
        settings: dict[str, Any] = {"site": "wx", "basis": "a test of ours", "url": FEED, "private": True}
        cursors, clock = Cursors(self._engine, "wx"), self._crawler.clock
        origin = Origin(source="wx", site="wx", voice_key=b"k" * 32, parser="wechat", version=1)
        intake = Intake(origin, producer=self._crawler.producer, cursors=cursors, clock=clock, tally=tally)
        context = CrawlContext(
            name="wx",
            source=WechatSource(**(settings | changes)),
            intake=PatientIntake(intake),
            cursors=cursors,
            tally=tally,
            samples=Samples(self._samples),
            clock=clock,
        )
        spider = WechatSpider(context)
        spider.end = lambda reason: None  # type: ignore[method-assign]  # there is no engine to end
        return spider

    async def _run(self, spider: WechatSpider) -> None:
        waiting = [request async for request in spider.start()]
        while waiting and not spider.tally.blocked:
            request = waiting.pop(0)
            self.asked.append(request.url)
            waiting += [new async for new in self._answered(request)]

    async def _answered(self, request: Request) -> AsyncIterator[Request]:
        answer = self.pages.get(request.url, 404)
        kind = "application/json" if request.url == FEED else "text/html; charset=utf-8"
        if isinstance(answer, int):
            assert request.errback is not None
            response = Response(request.url, answer, request=request)
            told = request.errback(Failure(HttpError(response)))
        else:
            assert request.callback is not None
            headers = {"Content-Type": kind, "Date": "Thu, 19 Nov 2026 06:34:20 GMT"}
            told = request.callback(HtmlResponse(request.url, body=answer.encode(), headers=headers, request=request))
        if told is None:
            return
        if isinstance(told, Iterator):
            for one in told:
                yield one
        elif hasattr(told, "__aiter__"):
            async for one in told:
                yield one
        else:
            await told


@pytest.fixture
def wechat(crawler: Crawler, crawl_loop: CrawlLoop, engine: Engine, tmp_path: Path) -> Played:
    return Played(crawler, crawl_loop, engine, tmp_path / "samples")


def test_an_article_is_what_its_own_page_says_and_one_post_by_either_link(wechat: Played) -> None:
    wechat.pages |= {SHORT.format(1): page(1), LONG.format(1): page(1), SHORT.format(2): page(2)}
    tally = wechat.crawl(item(SHORT.format(1)), item(SHORT.format(2)))
    assert (tally.new, tally.reason()) == (2, "")
    one, _ = wechat.posts()
    assert (one.native_id, one.board, one.text) == ("wechat:MzA4:2650000001:1", "临江供电", "城东片区停电")
    assert one.url == SHORT.format(1)
    tally = wechat.crawl(item(LONG.format(1) + "&chksm=x&scene=27#rd"))
    assert (tally.new, tally.changed, wechat.posts()) == (0, 0, [])
    assert wechat.asked == [FEED, LONG.format(1)]


def test_what_the_bridge_lists_again_costs_no_page_until_it_changes(wechat: Played) -> None:
    wechat.pages[SHORT.format(1)] = page(1)
    wechat.crawl(item(SHORT.format(1)))
    wechat.crawl(item(SHORT.format(1)))
    assert wechat.asked == [FEED]
    wechat.pages[SHORT.format(1)] = page(1, "城东、城西停电")
    assert wechat.crawl(item(SHORT.format(1), "停电通知（更正）")).changed == 1


def test_an_article_that_was_taken_away_is_deleted_even_if_only_the_bridge_ever_read_it(wechat: Played) -> None:
    wechat.pages[SHORT.format(1)] = page(1)
    wechat.crawl(item(SHORT.format(1)))
    wechat.posts()
    wechat.pages |= {SHORT.format(1): TAKEN_AWAY, SHORT.format(2): TAKEN_AWAY}
    tally = wechat.crawl(item(SHORT.format(2), "一小时后删除的"), later=timedelta(hours=13))
    assert (tally.deleted, tally.reason()) == (2, "")
    gone = {post.native_id: post for post in wechat.posts() if post.deleted_at is not None}
    assert set(gone) == {"wechat:MzA4:2650000001:1", "wechat:s:AbCdEfGhIjKlMnOp2"}
    assert gone["wechat:s:AbCdEfGhIjKlMnOp2"].text == "桥上的摘要"


def test_where_wechat_asks_for_verification_the_bridges_words_are_sent_and_nothing_more_is_asked(
    wechat: Played,
) -> None:
    wechat.pages |= {SHORT.format(1): VERIFY, SHORT.format(2): page(2)}
    tally = wechat.crawl(item(SHORT.format(1)), item(SHORT.format(2)))
    assert tally.blocked == "wechat_asks_for_verification"
    assert wechat.asked == [FEED, SHORT.format(1)]
    assert [post.text for post in wechat.posts()] == ["桥上的摘要", "桥上的摘要"]
    wechat.pages[SHORT.format(1)] = page(1)
    tally = wechat.crawl(later=timedelta(hours=2))
    assert (tally.new, tally.changed) == (0, 2)  # the pages' words in place of the bridge's, under the same ids
    assert {post.native_id for post in wechat.posts()} == {"wechat:s:AbCdEfGhIjKlMnOp1", "wechat:s:AbCdEfGhIjKlMnOp2"}


def test_articles_over_the_measure_are_the_bridges_until_their_turn_comes(wechat: Played) -> None:
    wechat.pages |= {SHORT.format(number): page(number) for number in (1, 2)}
    wechat.crawl(item(SHORT.format(1)), item(SHORT.format(2)), articles=1)
    assert {post.text for post in wechat.posts()} == {"城东片区停电", "桥上的摘要"}
    assert wechat.crawl(item(SHORT.format(1)), item(SHORT.format(2)), articles=2).changed == 1


def test_entries_that_lead_elsewhere_pages_that_do_not_come_and_feeds_that_are_none_are_counted(
    wechat: Played,
) -> None:
    tally = wechat.crawl(item("https://example.com/1"), item(SHORT.format(1)), item(SHORT.format(1) + "?scene=1"))
    assert dict(tally.failures) == {"not_an_article_of_wechat": 1, "http_404": 1}
    assert [post.text for post in wechat.posts()] == ["桥上的摘要"]
    wechat.pages[SHORT.format(2)] = "<p>系统维护"
    assert dict(wechat.crawl(item(SHORT.format(2))).failures) == {"layout": 1}
    assert dict(wechat.crawl('"').failures) == {"not_a_feed": 1}


def test_the_bridges_words_alone_are_read_where_the_source_says_so(crawler: Crawler, site: Site) -> None:
    feed = LIST.format(item(SHORT.format(1)) + ", " + item(LONG.format(2)))
    site.answer = lambda path: Answer(feed.encode(), headers={"Content-Type": "application/json"})
    url = f"{site.root}/feeds/MP_WXS_1.json"
    tally = crawler.crawl(site="wx", software="wechat", url=url, articles=0)
    assert (tally.state(), tally.new) == (SourceState.OK, 2)
    assert {post.native_id for post in crawler.posts()} == {
        "wechat:s:AbCdEfGhIjKlMnOp1",
        "wechat:MzA4:2650000002:1",
    }
    assert crawler.crawl(site="wx", software="wechat", url=url, articles=0).changed == 0
    feed = feed.replace("桥上的摘要", "桥上的更正")
    assert crawler.crawl(site="wx", software="wechat", url=url, articles=0).changed == 2


def test_a_link_that_is_none_in_the_bridges_list_costs_its_entry_alone(wechat: Played) -> None:
    wechat.pages[SHORT.format(1)] = page(1)
    tally = wechat.crawl(item("http://["), item(SHORT.format(1)))
    assert (tally.new, dict(tally.failures)) == (1, {"not_an_article_of_wechat": 1})


def test_an_account_that_moved_keeps_what_it_wrote_and_is_not_asked_again(wechat: Played) -> None:
    wechat.pages[SHORT.format(1)] = page(1)
    wechat.crawl(item(SHORT.format(1)))
    wechat.posts()
    wechat.pages[SHORT.format(1)] = '<div class="weui-msg__title">该公众号已迁移</div>'
    tally = wechat.crawl(later=timedelta(hours=13))
    assert (tally.deleted, dict(tally.failures)) == (0, {"wechat_article_moved_or_expired": 1})
    assert wechat.posts() == []
    wechat.crawl(later=timedelta(days=40))
    assert wechat.asked == [FEED]


def test_two_articles_of_one_message_are_two_posts(wechat: Played) -> None:
    second = page(1).replace('var idx = "1"', 'var idx = "2"').replace("停电通知", "抢修进展")
    wechat.pages |= {SHORT.format(1): page(1), SHORT.format(2): second}
    wechat.crawl(item(SHORT.format(1)), item(SHORT.format(2)))
    assert {post.native_id for post in wechat.posts()} == {"wechat:MzA4:2650000001:1", "wechat:MzA4:2650000001:2"}
