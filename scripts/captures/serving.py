"""A recording, served; and a crawler beside it with a log, a memory and a clock of its own."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from urllib.request import urlopen

from crawlers.pull.crawl import CrawlEnvironment
from crawlers.pull.loop import CrawlLoop
from scripts.draining import index, load_model, score
from stream.codec import POSTS
from stream.config import StreamConfig, TopicConfig
from stream.engines import apply_topics, open_index_reader
from stream.index.export import export_lines
from stream.index.port import Query
from stream.log.broker import RAW, Topic
from stream.log.brokers.sqlite.admin import SqliteAdmin
from stream.log.brokers.sqlite.client import SqliteConsumer, SqliteProducer
from stream.messages import Post
from stream.process.clock import Clock, ScriptedClock
from stream.state.database import migrate, open_state

OUT = Path("var/captures")


@dataclass(frozen=True, slots=True)
class Run:
    """One recorded site, served and crawled in one way."""

    site: str
    way: str
    delay: float
    faults: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One crawl, as the scorer and the replay server saw it. For feeds, `recall` and `unneeded` are of entries.

    `min_gap` and `late` are seconds: between two arrivals, and what most_delayed() tells of them. `lists` says how many
    are complete by the site's totals, and by how many threads and posts these are off.
    """

    run: str
    state: str
    recall: float | None
    precision: float | None
    times: float | None
    texts: float | None
    unneeded: int
    deleted: str
    requests: int
    seconds: float
    min_gap: float | None
    late: float | None = None
    lists: str | None = None
    twice: int
    disallowed: int
    ended: str
    good: bool


@contextmanager
def served(folder: Path, run: Run, complaints: IO[str] | None = None) -> Iterator[int]:
    """Serves a recording on the port that it yields; `complaints` takes what the server says of clients that died."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(folder / "serve.py"), run.site, "--port", str(port), *run.faults]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=complaints, text=True)
    try:
        assert server.stdout is not None
        server.stdout.readline()  # says when it listens
        yield port
    finally:
        server.terminate()
        server.wait()


@contextmanager
def surrounded(home: Path, start: datetime) -> Iterator[tuple[CrawlEnvironment, ScriptedClock]]:
    clock, loop = ScriptedClock(start), CrawlLoop()
    with closing(SqliteAdmin(home / "log.db")) as admin:
        admin.apply([Topic(RAW)])
    engine = open_state(f"sqlite:///{home / 'state.db'}")
    migrate(engine)
    producer = SqliteProducer(home / "log.db", clock)
    try:
        yield (
            CrawlEnvironment(
                loop=loop,
                producer=producer,
                engine=engine,
                clock=clock,
                voice_key=b"captures",
                contact="nobody@example.invalid",
                samples=home / "samples",
                keep=TopicConfig().keep,
            ),
            clock,
        )
    finally:
        producer.close()
        engine.dispose()
        loop.close()


def published(home: Path, around: CrawlEnvironment) -> Iterator[Post]:
    group = f"captures.{around.clock.now():%Y%m%d%H%M}"
    with closing(SqliteConsumer(home / "log.db", around.clock, group=group, topics=[RAW])) as consumer:
        while records := consumer.poll(500, 0.1):
            for record in records:
                yield POSTS.decode(record.value)


def exported(home: Path, clock: Clock, since: datetime) -> list[bytes]:
    """The lines of the index's export observed since then, after all that was crawled is scored and indexed."""
    config = StreamConfig(var=home)
    apply_topics(config)
    score(config, clock, *load_model(Path("configs")))
    index(config, clock)
    with closing(open_index_reader(config)) as reader:
        return list(export_lines(reader, clock.now(), Query(observed_since=since)))


def captured_at(folder: Path, site: str) -> dict[str, datetime]:
    truth = json.loads((folder / "truth.json").read_text("utf-8"))["sites"][site]["states"]
    return {state: datetime.fromisoformat(told["captured"][-1]) for state, told in truth.items()}


def ask(port: int, what: str) -> Any:
    """Tells the replay server to turn (`state?b`), to forget (`reset`) or to tell (`stats`)."""
    with urlopen(f"http://127.0.0.1:{port}/__{what}") as answer:
        return json.load(answer)
