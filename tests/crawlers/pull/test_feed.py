from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from crawlers.health import Tally
from stream.messages import Kind, Post
from stream.state.source_health import SourceState
from tests.crawlers.running import Crawler
from tests.crawlers.site import Answer, Site


def rss(*entries: tuple[str, str]) -> bytes:
    items = "".join(
        f"<item><guid>{guid}</guid><title>{title}</title><pubDate>Thu, 19 Nov 2026 06:00:00 GMT</pubDate></item>"
        for guid, title in entries
    )
    return f'<rss version="2.0"><channel><title>公告</title>{items}</channel></rss>'.encode()


THREE_PAGES = {
    "/feed/": rss(("9", "新")),
    "/feed/?paged=2": rss(("8", "旧")),
    "/feed/?paged=3": rss(("7", "更旧")),
}


class Publisher:
    """A site that serves what `pages` holds by path, with its ETag; or `instead` of that, another answer."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.pages: dict[str, bytes] = {}
        self.instead: dict[str, Answer] = {}
        site.answer = self

    def __call__(self, path: str) -> Answer:
        body = self.pages.get(path)
        if path in self.instead:
            return self.instead[path]
        return Answer(b"no such page", 404) if body is None else Answer(body, headers={"ETag": f'"{hash(body)}"'})

    @property
    def url(self) -> str:
        return self._site.root

    @property
    def asked(self) -> list[tuple[str, str | None]]:
        """Which paths were asked for, and on which condition."""
        return list(zip(self._site.asked, self._site.conditions, strict=True))

    def forget(self) -> None:
        """Begins a new list of what was asked."""
        self._site.log.clear()
        self._site.conditions.clear()


class Reader:
    """A crawler of one feed source."""

    def __init__(self, crawler: Crawler, publisher: Publisher) -> None:
        self._crawler, self._url = crawler, publisher.url
        self.posts: Callable[[], list[Post]] = crawler.posts

    def crawl(self, path: str = "/feed/", **changes: Any) -> Tally:
        settings = {"site": "公告", "software": "feed", "url": self._url + path}
        return self._crawler.crawl(timedelta(minutes=10), **(settings | changes))


@pytest.fixture
def publisher(site: Site) -> Publisher:
    return Publisher(site)


@pytest.fixture
def reader(crawler: Crawler, publisher: Publisher) -> Reader:
    return Reader(crawler, publisher)


def test_every_entry_is_sent_once_and_a_changed_one_again(reader: Reader, publisher: Publisher) -> None:
    publisher.pages["/feed/"] = rss(("2", "来电"), ("1", "停电"))
    assert reader.crawl().state() is SourceState.OK
    assert {(post.native_id, post.title, post.kind) for post in reader.posts()} == {
        ("entry:1", "停电", Kind.ARTICLE),
        ("entry:2", "来电", Kind.ARTICLE),
    }
    publisher.pages["/feed/"] = rss(("3", "检修"), ("2", "来电了"), ("1", "停电"))
    tally = reader.crawl()
    assert (tally.read, tally.new, tally.changed) == (3, 1, 1)
    again = {post.title: post for post in reader.posts()}
    assert set(again) == {"检修", "来电了"}
    assert again["来电了"].first_seen_at < again["来电了"].observed_at


def test_an_unchanged_feed_costs_one_conditional_request(reader: Reader, publisher: Publisher) -> None:
    publisher.pages["/feed/"] = rss(("1", "停电"))
    reader.crawl()
    publisher.forget()
    assert reader.crawl().state() is SourceState.OK
    ((path, condition),) = publisher.asked
    assert path == "/feed/"
    assert condition is not None
    assert len(reader.posts()) == 1


def test_an_entry_that_left_the_feed_is_not_deleted(reader: Reader, publisher: Publisher) -> None:
    publisher.pages["/feed/"] = rss(("1", "停电"))
    reader.crawl()
    publisher.pages["/feed/"] = rss(("2", "来电"))
    assert reader.crawl().deleted == 0
    assert [post.deleted_at for post in reader.posts()] == [None, None]


def test_older_pages_are_read_as_far_as_the_source_says(reader: Reader, publisher: Publisher) -> None:
    publisher.pages |= {
        "/feed/": rss(("9", "新")),
        "/feed/?paged=2": rss(("8", "旧")),
        "/feed/?paged=3": rss(("7", "更旧")),
    }
    reader.crawl()
    assert {post.title for post in reader.posts()} == {"新"}
    publisher.pages["/feed/"] = rss(("10", "更新"), ("9", "新"))
    assert reader.crawl(pages=50).state() is SourceState.OK
    assert {post.title for post in reader.posts()} == {"更新", "旧", "更旧"}


def test_the_first_walk_goes_to_the_end_and_later_ones_stop_at_what_is_known(
    reader: Reader, publisher: Publisher
) -> None:
    publisher.pages |= {
        "/feed/": rss(("9", "新")),
        "/feed/?paged=2": rss(("8", "旧")),
        "/feed/?paged=3": rss(("7", "更旧")),
    }
    reader.crawl(pages=50)
    assert [path for path, _ in publisher.asked] == ["/feed/", "/feed/?paged=2", "/feed/?paged=3", "/feed/?paged=4"]
    publisher.forget()
    publisher.pages["/feed/"] = rss(("10", "更新"), ("9", "新"))
    reader.crawl(pages=50)
    assert [path for path, _ in publisher.asked] == ["/feed/", "/feed/?paged=2"]
    assert len(reader.posts()) == 4


def test_a_walk_that_was_cut_short_is_walked_again_from_the_start(reader: Reader, publisher: Publisher) -> None:
    publisher.pages |= {
        "/feed/": rss(("9", "新")),
        "/feed/?paged=2": b"<html>busy",
        "/feed/?paged=3": rss(("7", "更旧")),
    }
    assert reader.crawl(pages=50).state() is SourceState.PARTIAL
    publisher.pages["/feed/?paged=2"] = rss(("8", "旧"))
    publisher.forget()
    assert reader.crawl(pages=50).state() is SourceState.OK
    assert publisher.asked[0] == ("/feed/", None)
    assert sorted(post.native_id for post in reader.posts()) == ["entry:7", "entry:8", "entry:9"]


def test_a_feed_that_points_to_itself_ends(reader: Reader, publisher: Publisher) -> None:
    atom = '<feed xmlns="http://www.w3.org/2005/Atom"><link rel="next" href="/a"/><entry><id>1</id></entry></feed>'
    publisher.pages["/a"] = atom.encode()
    assert reader.crawl("/a", pages=50).state() is SourceState.OK
    assert len(publisher.asked) == 1


def test_two_feeds_of_one_site_are_one_source(reader: Reader, publisher: Publisher) -> None:
    publisher.pages |= {"/feed/": rss(("1", "停电")), "/comments/": rss(("2", "评论"))}
    assert reader.crawl(feeds=(f"{publisher.url}/comments/",)).read == 2


def test_an_odd_id_is_recognised_at_the_next_crawl(reader: Reader, publisher: Publisher) -> None:
    publisher.pages["/feed/"] = rss(("x" * 2000, "长"), ("a\u200bb\u00a0c", "怪"))
    assert reader.crawl().new == 2
    publisher.pages["/feed/"] += b" "
    assert (reader.crawl().new, len(reader.posts())) == (0, 2)


def test_a_closed_site_is_a_failure_and_loses_nothing(reader: Reader, publisher: Publisher) -> None:
    publisher.pages["/feed/"] = "<html><body>站点关闭</body></html>".encode()
    tally = reader.crawl()
    assert tally.state() is SourceState.FAILED
    assert tally.failures == {"not_a_feed": 1}
    assert reader.posts() == []


def test_what_robots_forbid_is_not_asked_for(reader: Reader, publisher: Publisher) -> None:
    publisher.pages["/private"] = rss(("1", "停电"))
    assert reader.crawl("/private").state() is SourceState.BLOCKED
    assert publisher.asked == []


@pytest.mark.parametrize("status", [400, 404, 410])
def test_a_page_beyond_the_last_one_ends_the_walk(reader: Reader, publisher: Publisher, status: int) -> None:
    publisher.pages["/feed/"] = rss(("1", "停电"))
    publisher.instead["/feed/?paged=2"] = Answer(b"no such page", status)
    tally = reader.crawl(pages=9)
    assert (tally.state(), tally.failures) == (SourceState.OK, {})
    publisher.forget()
    reader.crawl(pages=9)
    assert [condition is not None for _, condition in publisher.asked] == [True]


def test_an_older_page_that_fails_leaves_the_walk_open(reader: Reader, publisher: Publisher) -> None:
    publisher.pages["/feed/"] = rss(("1", "停电"))
    publisher.instead["/feed/?paged=2"] = Answer(b"", 403)
    tally = reader.crawl(pages=9)
    assert (tally.state(), tally.failures) == (SourceState.PARTIAL, {"http_403": 1})
    publisher.forget()
    reader.crawl(pages=9)
    assert publisher.asked[0] == ("/feed/", None)  # no condition: what is behind it was not read yet


@pytest.mark.parametrize(
    ("answer", "state", "reason"),
    [
        (Answer(b"", 403), SourceState.BLOCKED, "http_403"),
        (Answer(b"", 404), SourceState.FAILED, "http_404"),
        (Answer(b'{"items": 3}'), SourceState.FAILED, "1 × not_a_feed"),
        (Answer(b""), SourceState.FAILED, "1 × not_a_feed"),
    ],
    ids=["forbidden", "missing", "other-json", "empty"],
)
def test_the_only_feed_that_does_not_come_is_the_sources_failure(
    reader: Reader, publisher: Publisher, answer: Answer, state: SourceState, reason: str
) -> None:
    publisher.instead["/feed/"] = answer
    tally = reader.crawl()
    assert (tally.state(), tally.reason()) == (state, reason)


def test_one_feed_of_two_that_does_not_come_is_counted(reader: Reader, publisher: Publisher) -> None:
    publisher.pages["/comments/"] = rss(("2", "评论"))
    tally = reader.crawl(feeds=(f"{publisher.url}/comments/",))
    assert (tally.state(), tally.failures, tally.new) == (SourceState.PARTIAL, {"http_404": 1}, 1)


def test_a_feed_that_is_named_twice_is_asked_once(reader: Reader, publisher: Publisher) -> None:
    publisher.pages["/feed/"] = rss(("1", "停电"))
    reader.crawl(feeds=(f"{publisher.url}/feed/",))
    assert [path for path, _ in publisher.asked] == ["/feed/"]


def test_a_changed_feed_is_read_though_it_was_asked_on_condition(reader: Reader, publisher: Publisher) -> None:
    publisher.pages["/feed/"] = rss(("1", "停电"))
    reader.crawl()
    publisher.pages["/feed/"] = rss(("2", "来电"), ("1", "停电"))
    assert reader.crawl().new == 1
    publisher.forget()
    assert reader.crawl().read == 0
    assert len(publisher.asked) == 1


def test_an_empty_feed_ends_at_once_and_is_no_failure(reader: Reader, publisher: Publisher) -> None:
    publisher.pages["/feed/"] = rss()
    tally = reader.crawl(pages=9)
    assert (tally.state(), tally.read, len(publisher.asked)) == (SourceState.OK, 0, 1)


def test_a_feeds_own_link_to_older_entries_is_followed(reader: Reader, publisher: Publisher) -> None:
    older = '<link rel="next" href="/feed/older"/>'
    atom = '<feed xmlns="http://www.w3.org/2005/Atom">{}<entry><id>{}</id><title>停电</title></entry></feed>'
    publisher.pages |= {"/feed/": atom.format(older, 2).encode(), "/feed/older": atom.format("", 1).encode()}
    assert reader.crawl(pages=2).new == 2
    assert [path for path, _ in publisher.asked] == ["/feed/", "/feed/older"]


def test_an_entry_that_a_page_repeats_is_one_post(reader: Reader, publisher: Publisher) -> None:
    publisher.pages["/feed/"] = rss(("1", "停电"), ("1\u200b", "停电"))
    assert reader.crawl().new == 1


@pytest.mark.parametrize("kind", [Kind.STATUS, Kind.COMMENT])
def test_the_source_says_what_its_entries_are(reader: Reader, publisher: Publisher, kind: Kind) -> None:
    publisher.pages["/feed/"] = rss(("1", "停电"))
    reader.crawl(kind=kind)
    assert [post.kind for post in reader.posts()] == [kind]


ONE_DATABASE = pytest.mark.parametrize("state_url", ["sqlite"], indirect=True)
WORDS = {"停": "柳树镇今天上午突然停电，电工说要等到下午三点", "桩": "校门口的充电桩又坏了两台，物业没有人来看"}


def forum_rss(guid: str, words: str, moment: str) -> bytes:
    item = f"<guid>{guid}</guid><link>{guid}</link><title>题</title><description>{words}</description>"
    date = f"<pubDate>Thu, 19 Nov 2026 {moment} GMT</pubDate>"
    return f'<rss version="2.0"><channel><item>{item}{date}</item></channel></rss>'.encode()


@ONE_DATABASE
def test_a_server_that_knows_no_pages_is_asked_for_one_twice(reader: Reader, publisher: Publisher) -> None:
    page = rss(("2", "来电"), ("1", "停电"))
    publisher.pages |= {"/feed/": page, "/feed/?paged=2": page, "/feed/?paged=3": page}
    tally = reader.crawl(pages=300)
    assert (tally.state(), tally.new) == (SourceState.OK, 2)
    assert [path for path, _ in publisher.asked] == ["/feed/", "/feed/?paged=2"]


@ONE_DATABASE
def test_two_feeds_of_one_id_change_nothing_and_lose_nothing(reader: Reader, publisher: Publisher) -> None:
    topic = f"{publisher.url}/topic/9"
    publisher.pages |= {
        "/feed/": forum_rss(topic, WORDS["停"], "05:00:00"),
        "/last/": forum_rss(topic, WORDS["桩"], "06:00:00"),
    }
    feeds = (f"{publisher.url}/last/",)
    assert reader.crawl(feeds=feeds).new == 2
    assert {(post.text, post.kind) for post in reader.posts()} == {
        (WORDS["停"], Kind.THREAD),
        (WORDS["桩"], Kind.REPLY),
    }
    publisher.pages["/last/"] += b" "  # one of the two says that it changed
    tally = reader.crawl(feeds=feeds)
    assert (tally.new, tally.changed, reader.posts()) == (0, 0, [])


@ONE_DATABASE
def test_a_web_page_in_place_of_a_feed_tells_where_its_feed_is(reader: Reader, publisher: Publisher) -> None:
    publisher.pages["/feed/"] = b"<html><link rel=alternate type=application/rss+xml href=/real.xml></html>"
    tally = reader.crawl()
    assert tally.state() is SourceState.FAILED
    assert f"/feed/ is a web page; its feeds: {publisher.url}/real.xml" in tally.reason()


@ONE_DATABASE
def test_a_crawl_tells_the_newest_time_also_where_nothing_changed_or_the_feed_is_empty(
    reader: Reader, publisher: Publisher
) -> None:
    publisher.pages["/feed/"] = rss(("1", "停电"))
    moment = datetime(2026, 11, 19, 6, tzinfo=UTC)
    assert [reader.crawl().newest, reader.crawl().newest] == [moment, moment]
    publisher.pages["/feed/"] = rss()
    assert reader.crawl().newest == moment


@ONE_DATABASE
def test_a_body_that_is_not_packed_as_its_header_says_is_read(reader: Reader, publisher: Publisher) -> None:
    publisher.instead["/feed/"] = Answer(rss(("1", "停电")), headers={"Content-Encoding": "gzip"})
    assert reader.crawl().new == 1


@ONE_DATABASE
def test_an_owner_may_say_the_encoding(reader: Reader, publisher: Publisher) -> None:
    publisher.pages["/feed/"] = rss(("1", "停電")).decode().encode("big5")
    reader.crawl(encoding="big5")
    assert [post.title for post in reader.posts()] == ["停電"]


@ONE_DATABASE
def test_a_feed_of_wordpress_says_that_there_is_more(reader: Reader, publisher: Publisher) -> None:
    link = {"Link": f'<{publisher.url}/wp-json/>; rel="https://api.w.org/"'}
    publisher.instead["/feed/"] = Answer(rss(("1", "停电")), headers=link)
    with capture_logs() as told:
        reader.crawl()
    assert any("software: wordpress" in line["event"] for line in told)
