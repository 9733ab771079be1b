"""Whole crawls of what a forum's port holds besides what Discuz! needs: names, more pages, statuses, deleted rows."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest

from crawlers.pull.forums.forum_source import Boards
from stream.state.source_health import SourceState
from tests.crawlers.pull.served import texts
from tests.crawlers.running import Crawler
from tests.crawlers.site import Answer, Site

HOUR = timedelta(hours=1)
LOGIN = {"status": {"code": "not-authorised", "message": "log in"}, "response": {}}


def served(pages: dict[str, Any]) -> Callable[[str], Answer]:
    """Answers with JSON; a page that is a pair has its own status."""

    def answer(path: str) -> Answer:
        told = pages.get(path)
        status, body = told if isinstance(told, tuple) else (200 if told else 404, told)
        return Answer(json.dumps(body).encode(), status, {"Content-Type": "application/json"})

    return answer


def nodebb(site: Site) -> dict[str, Any]:
    """Two pages of categories, one for members; a topic of two pages and one of one."""
    at = int((site.now - HOUR).timestamp() * 1000)

    def topic(tid: int, posts: int, **more: object) -> dict[str, object]:
        return {"tid": tid, "postcount": posts, "lastposttime": at, "pinned": 0, "deleted": 0} | more

    def post(pid: int, text: str) -> dict[str, object]:
        return {"pid": pid, "content": f"<p>{text}</p>", "timestamp": at, "deleted": 0, "user": {"uid": 7}}

    def page(tid: int, main: int, shown: int, pages: int, *posts: dict[str, object]) -> dict[str, object]:
        within = {"currentPage": shown, "pageCount": pages}
        return {"tid": tid, "mainPid": main, "titleRaw": "路灯", "posts": list(posts), "pagination": within}

    one = {"currentPage": 1, "pageCount": 1}
    return {
        "/api/categories": {"categories": [{"cid": 5}], "pagination": {"currentPage": 1, "pageCount": 2}},
        "/api/categories?page=2": {"categories": [{"cid": 6}, {"cid": 7}], "pagination": one},
        "/api/category/5": {"topics": [topic(1, 3)], "children": [], "pagination": one},
        "/api/category/6": {"topics": [topic(2, 1)], "children": [], "pagination": one},
        "/api/category/7": (401, LOGIN),
        "/api/topic/1": page(1, 10, 1, 2, post(10, "开帖"), post(11, "一楼")),
        "/api/topic/1?page=2": page(1, 10, 2, 2, post(12, "二楼")),
        "/api/topic/2": page(2, 20, 1, 1, post(20, "电费")),
    }


@pytest.fixture
def crawl_nodebb(crawler: Crawler, site: Site) -> Callable[..., Any]:
    crawler.settings |= {"software": "nodebb", "url": site.root}
    return crawler.crawl


def test_boards_on_every_page_of_the_index_are_read_and_one_for_members_is_passed_by(
    crawl_nodebb: Callable[..., Any], crawler: Crawler, site: Site
) -> None:
    site.answer = served(nodebb(site))
    tally = crawl_nodebb()
    assert texts(crawler.posts()) == ["一楼", "二楼", "开帖", "电费"]
    assert (tally.state(), tally.blocked, len(set(site.asked))) == (SourceState.OK, "", len(site.asked))


def test_a_topic_that_its_list_calls_deleted_is_withdrawn_though_its_page_asks_for_a_login(
    crawl_nodebb: Callable[..., Any], crawler: Crawler, site: Site
) -> None:
    pages = nodebb(site)
    site.answer = served(pages)
    crawl_nodebb()
    crawler.posts()
    pages["/api/category/5"]["topics"][0]["deleted"] = 1
    pages["/api/topic/1"] = (401, LOGIN)
    tally = crawl_nodebb(later=2 * HOUR)
    gone = crawler.posts()
    assert texts(gone) == ["一楼", "二楼", "开帖"]
    assert all(post.deleted_at is not None for post in gone)
    assert (tally.deleted, tally.state()) == (3, SourceState.OK)
    assert crawl_nodebb(later=2 * HOUR).deleted == 0


def test_a_board_bears_its_name_where_threads_tell_its_number_alone(crawler: Crawler, site: Site) -> None:
    post = {
        "id": 101,
        "post_number": 1,
        "post_type": 1,
        "cooked": "<p>停电了</p>",
        "created_at": "2026-11-19T05:00:00Z",
    }
    named = [{"id": 5, "name": "停电与抢修"}, {"id": 6, "name": "电费"}]
    site.answer = served(
        {
            "/categories.json?include_subcategories=true": {"category_list": {"categories": named}},
            "/latest.json?category=5&no_subcategories=true": {"topic_list": {"topics": [{"id": 40, "posts_count": 1}]}},
            "/t/40.json": {"id": 40, "category_id": 5, "post_stream": {"posts": [post], "stream": [101]}},
        }
    )
    tally = crawler.crawl(software="discourse", url=site.root, boards=Boards(deny=("6",)))
    (one,) = crawler.posts()
    assert (one.board, one.text, one.native_id) == ("停电与抢修", "停电了", "pid:101")
    assert tally.state() is SourceState.OK


def test_a_reply_that_tells_no_title_has_its_threads(crawler: Crawler, site: Site) -> None:
    topic = {"id": 40, "title": "上海停电", "content": "停电了", "replies": 1, "created": 1795068790}
    site.answer = served(
        {
            "/api/topics/latest.json": [topic],
            "/api/topics/show.json?node_name=shanghai": [topic],
            "/api/topics/show.json?id=40": [topic | {"node": {"name": "shanghai", "title": "上海"}}],
            "/api/replies/show.json?topic_id=40": [{"id": 5, "content": "同问", "created": 1795068890}],
        }
    )
    crawler.crawl(software="v2ex", url=site.root, boards=Boards(allow=("shanghai",)))
    told = {(post.text, post.title, post.board) for post in crawler.posts()}
    assert told == {("停电了", "上海停电", "上海"), ("同问", "上海停电", "上海")}


def test_addresses_with_brackets_are_followed_to_the_last_page(crawler: Crawler, site: Site) -> None:
    def post(number: int) -> dict[str, object]:
        said = {"number": number, "contentType": "comment", "contentHtml": f"<p>{number}楼</p>"}
        return {"type": "posts", "id": str(100 + number), "attributes": said}

    def answer(path: str) -> Answer:
        path = unquote(path)
        if path == "/api":
            told: dict[str, Any] = {"data": {"type": "forums", "id": "1"}}
        elif path.startswith("/api/discussions"):
            told = {"data": [{"type": "discussions", "id": "40", "attributes": {"commentCount": 51}}]}
        elif path.endswith("page[offset]=50"):
            told = {"data": [post(51)], "links": {}}
        else:
            told = {"data": [post(1)], "links": {"next": f"{site.root}/api/posts?page%5Boffset%5D=50"}}
        return Answer(json.dumps(told).encode(), 200, {"Content-Type": "application/vnd.api+json"})

    site.answer = answer
    assert crawler.crawl(software="flarum", url=site.root).state() is SourceState.OK
    assert texts(crawler.posts()) == ["1楼", "51楼"]
    assert len(site.asked) == 4
