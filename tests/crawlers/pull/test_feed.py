from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Engine

from crawlers.health import Tally
from crawlers.pull.crawl import CrawlEnvironment, crawl
from crawlers.pull.feed_source import FeedSource
from crawlers.pull.loop import CrawlLoop
from stream.log.broker import RAW, Topic
from stream.log.brokers.sqlite.admin import SqliteAdmin
from stream.log.brokers.sqlite.client import SqliteConsumer, SqliteProducer
from stream.messages import Kind, Post
from stream.process.clock import ScriptedClock
from stream.state.source_health import SourceState
from tests.crawlers.published import published

START = datetime(2026, 11, 19, 6, 34, 21, tzinfo=UTC)


def rss(*entries: tuple[str, str]) -> bytes:
    items = "".join(
        f"<item><guid>{guid}</guid><title>{title}</title><pubDate>Thu, 19 Nov 2026 06:00:00 GMT</pubDate></item>"
        for guid, title in entries
    )
    return f'<rss version="2.0"><channel><title>公告</title>{items}</channel></rss>'.encode()


class Publisher(ThreadingHTTPServer):
    """A site that serves what `pages` holds by path, and honours conditional requests by ETag."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages: dict[str, bytes] = {}
        self.robots = b"User-agent: *\nDisallow: /private\n"
        self.asked: list[tuple[str, str | None]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Publisher

    def do_GET(self) -> None:
        if self.path == "/robots.txt":
            return self._answer(200, self.server.robots, {})
        condition = self.headers.get("If-None-Match")
        self.server.asked.append((self.path, condition))
        body = self.server.pages.get(self.path)
        if body is None:
            return self._answer(404, b"no such page", {})
        tag = f'"{hash(body)}"'
        return self._answer(304 if condition == tag else 200, b"" if condition == tag else body, {"ETag": tag})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Not on the terminal."""


class Reader:
    """A crawler with its embedded log and memory, for one feed source."""

    def __init__(self, folder: Path, loop: CrawlLoop, site: Publisher, engine: Engine) -> None:
        self.site = site
        self.clock = ScriptedClock(START)
        admin = SqliteAdmin(folder / "log.db")
        admin.apply([Topic(RAW)])
        admin.close()
        self.producer = SqliteProducer(folder / "log.db", self.clock)
        self.consumer = SqliteConsumer(folder / "log.db", self.clock, group="test", topics=[RAW])
        self.engine = engine
        self._around = CrawlEnvironment(
            loop=loop,
            producer=self.producer,
            engine=self.engine,
            clock=self.clock,
            voice_key=b"k" * 32,
            contact="ops@example.com",
            samples=folder / "samples",
            keep=timedelta(days=90),
        )

    def crawl(self, path: str = "/feed/", **changes: Any) -> Tally:
        settings: dict[str, Any] = {"site": "公告", "basis": "our own", "private": True}
        source = FeedSource(url=self.site.url + path, delay=timedelta(0), **(settings | changes))
        self.clock.sleep(600)
        return crawl("notices", source, self._around)

    def posts(self) -> list[Post]:
        return published(self.consumer)

    def close(self) -> None:
        self.consumer.close()
        self.producer.close()


@pytest.fixture
def site() -> Iterator[Publisher]:
    server = Publisher()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def reader(tmp_path: Path, crawl_loop: CrawlLoop, site: Publisher, engine: Engine) -> Iterator[Reader]:
    opened = Reader(tmp_path, crawl_loop, site, engine)
    yield opened
    opened.close()


def test_every_entry_is_sent_once_and_a_changed_one_again(reader: Reader, site: Publisher) -> None:
    site.pages["/feed/"] = rss(("2", "来电"), ("1", "停电"))
    assert reader.crawl().state() is SourceState.OK
    assert {(post.native_id, post.title, post.kind) for post in reader.posts()} == {
        ("entry:1", "停电", Kind.ARTICLE),
        ("entry:2", "来电", Kind.ARTICLE),
    }
    site.pages["/feed/"] = rss(("3", "检修"), ("2", "来电了"), ("1", "停电"))
    tally = reader.crawl()
    assert (tally.read, tally.new, tally.changed) == (3, 1, 1)
    again = {post.title: post for post in reader.posts()}
    assert set(again) == {"检修", "来电了"}
    assert again["来电了"].first_seen_at < again["来电了"].observed_at


def test_an_unchanged_feed_costs_one_conditional_request(reader: Reader, site: Publisher) -> None:
    site.pages["/feed/"] = rss(("1", "停电"))
    reader.crawl()
    site.asked.clear()
    assert reader.crawl().state() is SourceState.OK
    ((path, condition),) = site.asked
    assert path == "/feed/"
    assert condition is not None
    assert len(reader.posts()) == 1


def test_an_entry_that_left_the_feed_is_not_deleted(reader: Reader, site: Publisher) -> None:
    site.pages["/feed/"] = rss(("1", "停电"))
    reader.crawl()
    site.pages["/feed/"] = rss(("2", "来电"))
    assert reader.crawl().deleted == 0
    assert [post.deleted_at for post in reader.posts()] == [None, None]


def test_older_pages_are_read_as_far_as_the_source_says(reader: Reader, site: Publisher) -> None:
    site.pages |= {"/feed/": rss(("9", "新")), "/feed/?paged=2": rss(("8", "旧")), "/feed/?paged=3": rss(("7", "更旧"))}
    reader.crawl()
    assert {post.title for post in reader.posts()} == {"新"}
    site.pages["/feed/"] = rss(("10", "更新"), ("9", "新"))
    assert reader.crawl(pages=50).state() is SourceState.OK
    assert {post.title for post in reader.posts()} == {"更新", "旧", "更旧"}


def test_the_first_walk_goes_to_the_end_and_later_ones_stop_at_what_is_known(reader: Reader, site: Publisher) -> None:
    site.pages |= {"/feed/": rss(("9", "新")), "/feed/?paged=2": rss(("8", "旧")), "/feed/?paged=3": rss(("7", "更旧"))}
    reader.crawl(pages=50)
    assert [path for path, _ in site.asked] == ["/feed/", "/feed/?paged=2", "/feed/?paged=3", "/feed/?paged=4"]
    site.asked.clear()
    site.pages["/feed/"] = rss(("10", "更新"), ("9", "新"))
    reader.crawl(pages=50)
    assert [path for path, _ in site.asked] == ["/feed/", "/feed/?paged=2"]
    assert len(reader.posts()) == 4


def test_a_walk_that_was_cut_short_is_walked_again_from_the_start(reader: Reader, site: Publisher) -> None:
    site.pages |= {"/feed/": rss(("9", "新")), "/feed/?paged=2": b"<html>busy", "/feed/?paged=3": rss(("7", "更旧"))}
    assert reader.crawl(pages=50).state() is SourceState.PARTIAL
    site.pages["/feed/?paged=2"] = rss(("8", "旧"))
    site.asked.clear()
    assert reader.crawl(pages=50).state() is SourceState.OK
    assert site.asked[0] == ("/feed/", None)
    assert sorted(post.native_id for post in reader.posts()) == ["entry:7", "entry:8", "entry:9"]


def test_a_feed_that_points_to_itself_ends(reader: Reader, site: Publisher) -> None:
    atom = '<feed xmlns="http://www.w3.org/2005/Atom"><link rel="next" href="/a"/><entry><id>1</id></entry></feed>'
    site.pages["/a"] = atom.encode()
    assert reader.crawl("/a", pages=50).state() is SourceState.OK
    assert len(site.asked) == 1


def test_two_feeds_of_one_site_are_one_source(reader: Reader, site: Publisher) -> None:
    site.pages |= {"/feed/": rss(("1", "停电")), "/comments/": rss(("2", "评论"))}
    assert reader.crawl(feeds=(f"{site.url}/comments/",)).read == 2


def test_an_odd_id_is_recognised_at_the_next_crawl(reader: Reader, site: Publisher) -> None:
    site.pages["/feed/"] = rss(("x" * 2000, "长"), ("a\u200bb\u00a0c", "怪"))
    assert reader.crawl().new == 2
    site.pages["/feed/"] += b" "
    assert (reader.crawl().new, len(reader.posts())) == (0, 2)


def test_a_closed_site_is_a_failure_and_loses_nothing(reader: Reader, site: Publisher) -> None:
    site.pages["/feed/"] = "<html><body>站点关闭</body></html>".encode()
    tally = reader.crawl()
    assert tally.state() is SourceState.FAILED
    assert tally.failures == {"not_a_feed": 1}
    assert reader.posts() == []


def test_what_robots_forbid_is_not_asked_for(reader: Reader, site: Publisher) -> None:
    site.pages["/private"] = rss(("1", "停电"))
    assert reader.crawl("/private").state() is SourceState.BLOCKED
    assert site.asked == []
