from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import Engine

from crawlers.health import Tally
from crawlers.pull.crawl import CrawlEnvironment, crawl
from crawlers.pull.forum_source import DiscuzSource
from crawlers.pull.loop import CrawlLoop
from stream.codec import POSTS
from stream.log.broker import RAW, Message, Producer, Topic
from stream.log.brokers.sqlite.admin import SqliteAdmin
from stream.log.brokers.sqlite.client import SqliteConsumer, SqliteProducer
from stream.messages import Post
from stream.process.clock import ScriptedClock

START = datetime(2026, 11, 19, 6, 34, 20, tzinfo=UTC)
ROBOTS = "User-agent: *\nDisallow: /forum.php?mod=redirect*\n"


@pytest.fixture(scope="session")
def crawl_loop() -> Iterator[CrawlLoop]:
    """A process has one reactor."""
    loop = CrawlLoop()
    yield loop
    loop.close()


@dataclass(frozen=True)
class Answer:
    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    reset: bool = False


class Site(ThreadingHTTPServer):
    """A server on loopback that answers by a function, and writes down who asked for what, and when."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer: Callable[[str], Answer] = lambda _path: Answer(status=404)
        self.robots: Callable[[], Answer] = lambda: Answer(ROBOTS.encode(), headers={"Content-Type": "text/plain"})
        self.now = START
        self.log: list[tuple[str, float, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/forum.php"

    @property
    def asked(self) -> list[str]:
        """What was fetched, robots.txt apart."""
        return [path for path, _, _ in self.log if path != "/robots.txt"]


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.log.append((self.path, monotonic(), self.headers.get("User-Agent", "")))
        told = self.server.robots() if self.path == "/robots.txt" else self.server.answer(self.path)
        if told.reset:
            self.connection.close()
            self.close_connection = True
            return
        self.send_response_only(told.status)
        moment = self.server.now.strftime("%a, %d %b %Y %H:%M:%S GMT")
        named = {"Content-Type": "text/html; charset=utf-8", "Date": moment, "Content-Length": str(len(told.body))}
        for name, value in (named | dict(told.headers)).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(told.body)

    def log_message(self, *_: Any) -> None:
        """Not on the terminal."""


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site()
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


class Crawler:
    """One source of `site` with its log and its memory; it may be given another producer."""

    def __init__(self, folder: Path, loop: CrawlLoop, site: Site, engine: Engine) -> None:
        self._log, self._site = folder / "log.db", site
        self.clock = ScriptedClock(START)
        with closing(SqliteAdmin(self._log)) as admin:
            admin.apply([Topic(RAW)])
        self.engine = engine
        self.producer: Producer = SqliteProducer(self._log, self.clock)
        self._consumer = SqliteConsumer(self._log, self.clock, group="test", topics=[RAW])
        self._loop, self.samples = loop, folder / "samples"
        self.settings: dict[str, Any] = {"delay": timedelta(0), "private": True, "url": site.url}

    def crawl(self, later: timedelta = timedelta(0)) -> Tally:
        """Crawls after `later` has passed, here and on the site."""
        self.clock.sleep(later.total_seconds())
        self._site.now = self.clock.now()
        source = DiscuzSource(site="bbs", basis="a test of ours", **self.settings)
        environment = CrawlEnvironment(
            loop=self._loop,
            producer=self.producer,
            engine=self.engine,
            clock=self.clock,
            voice_key=b"k" * 32,
            contact="tests@example.com",
            samples=self.samples,
            keep=timedelta(days=90),
        )
        return crawl("forum", source, environment)

    def posts(self) -> list[Post]:
        """What came into the log since the last call."""
        found: list[Post] = []
        while records := self._consumer.poll(500, 0.0):
            found += [POSTS.decode(record.value) for record in records]
        return found

    def publish_through(self, publish: Callable[[Producer, list[Message]], None]) -> None:
        """From now on every batch goes through `publish`, which may fail."""
        self.producer = _Through(self.producer, publish)

    def close(self) -> None:
        self.producer.close()
        self._consumer.close()


class _Through:
    def __init__(self, inner: Producer, publish: Callable[[Producer, list[Message]], None]) -> None:
        self._inner, self._publish = inner, publish

    def publish(self, messages: Any) -> None:
        self._publish(self._inner, list(messages))

    def close(self) -> None:
        self._inner.close()


@pytest.fixture
def crawler(tmp_path: Path, crawl_loop: CrawlLoop, site: Site, engine: Engine) -> Iterator[Crawler]:
    one = Crawler(tmp_path, crawl_loop, site, engine)
    yield one
    one.close()
