"""The first posts of a source before it is one: read as its crawls will, kept nowhere."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from crawlers.health import Tally
from crawlers.pull.crawl import CrawlEnvironment, crawl
from crawlers.pull.loop import CrawlLoop
from crawlers.pull.politeness.manners import Manners
from crawlers.source import PulledSource
from stream.codec import POSTS
from stream.config import StreamConfig
from stream.engines import open_state_engine
from stream.log.broker import RAW, Message
from stream.messages import Post
from stream.process.clock import Clock
from stream.state.database import disposing

MOST_REQUESTS = 30  # a forum's index, its boards, and some threads
_ENOUGH = "enough for a look"


@dataclass(frozen=True, slots=True)
class Trial:
    """What came: posts in the order of their reading, and how the crawl ended."""

    posts: tuple[Post, ...]
    tally: Tally


class _Seen:
    """Takes what would go into the log."""

    def __init__(self) -> None:
        self.posts: list[Post] = []

    def publish(self, messages: Sequence[Message]) -> None:
        """Keeps the posts."""
        self.posts += [POSTS.decode(message.value) for message in messages if message.topic == RAW]

    def close(self) -> None:
        """Has nothing to release."""


def first_posts(
    name: str,
    source: PulledSource,
    *,
    loop: CrawlLoop,
    contact: str,
    clock: Clock,
    opted_out: tuple[str, ...] = (),
    most: int = 3,
) -> Trial:
    """Crawls until `most` posts have come, or the site has no more of them within `MOST_REQUESTS`."""
    seen = _Seen()
    with TemporaryDirectory() as folder:
        stream = StreamConfig(var=Path(folder))
        with disposing(open_state_engine(stream)) as engine, closing(seen):
            environment = CrawlEnvironment(
                loop=loop, producer=seen, engine=engine, clock=clock, voice_key=b"of no post that is kept",
                contact=contact, samples=Path(folder), keep=timedelta(days=1),
            )  # fmt: skip
            tally = crawl(
                name, source, environment, manners=Manners(opted_out, MOST_REQUESTS),
                refusal=lambda: _ENOUGH if len(seen.posts) >= most else "",
            )  # fmt: skip
    return Trial(tuple(seen.posts[:most]), tally)
