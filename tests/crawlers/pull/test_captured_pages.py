"""Crawls leave the pages of which posts were made, as the sites sent them."""

import gzip
import json
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from stream.messages import Post
from stream.responses.capture import Capture
from stream.responses.store import ResponseStore
from stream.state.source_health import SourceState
from stream.state.tombstones import bury
from tests.crawlers.pull.served import ServedForum
from tests.crawlers.pull.sites.test_mastodon import Server
from tests.crawlers.pull.test_feed import rss
from tests.crawlers.running import Crawler
from tests.crawlers.site import START, Answer, Site

DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path, crawler: Crawler) -> ResponseStore:
    crawler.responses = ResponseStore(tmp_path / "responses", keep=DAY, most=2**24, reserve=0)
    return crawler.responses


def pages(store: ResponseStore, posts: Iterable[Post]) -> list[Capture]:
    return list(store.showing([post.id for post in posts]))


def test_each_post_of_a_forum_is_found_on_a_page_as_the_server_sent_it(
    crawler: Crawler, forum: ServedForum, store: ResponseStore
) -> None:
    forum.write(7, START, "停电了", "我家也停了", "来电没有", "还没有", "快了")
    assert crawler.crawl().state() is SourceState.OK
    posts = crawler.posts()
    assert len(posts) == 5
    for post in posts:
        (page,) = pages(store, [post])
        assert post.text.encode() in page.body or json.dumps(post.text)[1:-1].encode() in page.body
        served = forum(page.url.removeprefix(crawler.settings["url"].removesuffix("/forum.php")))
        assert (page.body, page.status, page.source) == (served.body, 200, "forum")
        assert page.headers["Content-Type"].startswith(("text/html", "application/json"))
        assert "Set-Cookie" not in page.headers
    assert len(pages(store, posts)) == 2  # three posts on a page; lists are not kept


def test_a_second_crawl_keeps_the_page_that_changed_and_no_other(
    crawler: Crawler, forum: ServedForum, store: ResponseStore, tmp_path: Path
) -> None:
    forum.write(7, START, "停电了")
    forum.write(8, START, "电费多少")
    crawler.crawl()
    crawler.posts()
    forum.write(7, START + timedelta(hours=1), "还没来电")
    crawler.crawl(timedelta(hours=1))
    changed = crawler.posts()  # the opening post with them, whose counters moved
    assert "还没来电" in [post.text for post in changed]
    assert [len(page.posts) for page in pages(store, changed)] == [1, 2]
    assert len(list(tmp_path.glob("responses/*"))) == 3


def test_pages_are_gone_after_a_day_at_the_next_crawl_of_anything(
    crawler: Crawler, forum: ServedForum, store: ResponseStore
) -> None:
    forum.write(7, START, "停电了")
    crawler.crawl()
    posts = crawler.posts()
    crawler.crawl(timedelta(hours=23))
    assert len(pages(store, posts)) == 1
    crawler.crawl(timedelta(hours=2))
    assert pages(store, posts) == []


def test_a_page_that_shows_what_was_erased_is_not_kept(
    crawler: Crawler, forum: ServedForum, store: ResponseStore
) -> None:
    forum.write(7, START, "停电了", "某某住在某处")
    crawler.crawl()
    posts = crawler.posts()
    bury(crawler.engine, [posts[1].id], crawler.clock.now(), reason="request")
    assert store.erase([posts[1].id]) == 1
    forum.write(7, START + timedelta(hours=1), "还没来电")
    crawler.crawl(timedelta(hours=1))
    texts = [post.text for post in crawler.posts()]
    assert ("还没来电" in texts, "某某住在某处" in texts) == (True, False)
    assert pages(store, posts) == []


def test_a_disk_that_is_full_changes_nothing_of_a_crawl_and_is_told_once(
    crawler: Crawler, forum: ServedForum, tmp_path: Path
) -> None:
    crawler.responses = ResponseStore(tmp_path / "responses", keep=DAY, most=2**24, reserve=2**60)
    for thread in (7, 8, 9):
        forum.write(thread, START, "停电了", "我家也停了")
    with capture_logs() as logs:
        tally = crawler.crawl()
    assert (tally.state(), tally.new, len(crawler.posts())) == (SourceState.OK, 6, 6)
    told = [line for line in logs if line["event"].startswith("pages not kept")]
    assert [(line["log_level"], line["source"]) for line in told] == [("warning", "forum")]
    assert "No space left" in told[0]["error"]


def test_nothing_is_kept_of_an_internal_source(crawler: Crawler, forum: ServedForum, store: ResponseStore) -> None:
    forum.write(7, START, "食堂涨价了")
    crawler.crawl(internal=True)
    (post,) = crawler.posts()
    assert pages(store, [post]) == []


def test_nothing_is_kept_where_it_is_switched_off(crawler: Crawler, forum: ServedForum, tmp_path: Path) -> None:
    forum.write(7, START, "停电了")
    crawler.crawl()
    assert len(crawler.posts()) == 1
    assert not (tmp_path / "responses").exists()


def test_a_packed_feed_is_kept_unpacked_with_all_its_entries(
    crawler: Crawler, site: Site, store: ResponseStore
) -> None:
    body = rss(("9", "新"), ("8", "旧"))
    packed = Answer(gzip.compress(body), headers={"Content-Encoding": "gzip", "ETag": '"1"', "Set-Cookie": "id=7"})
    site.answer = lambda _path: packed
    crawler.crawl(site="公告", software="feed", url=f"{site.root}/feed/", pages=1)
    posts = crawler.posts()
    (page,) = pages(store, posts)
    assert (page.body, set(page.posts)) == (body, {post.id for post in posts})
    assert (page.headers["ETag"], "Set-Cookie" in page.headers) == ('"1"', False)


def test_a_timeline_is_kept_once_with_all_its_statuses(crawler: Crawler, site: Site, store: ResponseStore) -> None:
    server = Server(site)
    server.say(1, "停电了")
    server.say(2, "来电了")
    settings = {"site": "fediverse", "software": "mastodon", "url": server.url, "accounts": ["us"]}
    crawler.crawl(**settings)
    posts = crawler.posts()
    assert len(posts) == 2
    (page,) = pages(store, posts)
    assert set(page.posts) == {post.id for post in posts}
    assert json.loads(page.body)[0]["id"] == "2"
