"""From observations to the log: what changed is published, and remembered once the log has acknowledged."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from structlog import get_logger

from crawlers.cursors import Cursors
from crawlers.edge import to_post
from crawlers.health import Tally
from crawlers.keeping import publish_or_keep
from crawlers.pages.observation import Observation
from crawlers.pull.revisits import worth_sending
from stream.codec import POSTS
from stream.errors import Retryable
from stream.log.broker import RAW, Message, Producer
from stream.messages import Crawl, Post
from stream.process.clock import Clock
from stream.process.failpoints import failpoint

T = TypeVar("T")
log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What all posts of one crawl have in common."""

    source: str
    site: str
    voice_key: bytes
    crawl: Crawl
    keep_voice: bool = True


class Outlet:
    """The way of one crawl's posts into the log. Its methods wait as long as the log or the state does not answer."""

    def __init__(self, origin: Origin, *, producer: Producer, cursors: Cursors, clock: Clock, tally: Tally) -> None:
        self._origin = origin
        self._producer = producer
        self._cursors = cursors
        self._clock = clock
        self._tally = tally
        self._order = asyncio.Lock()  # a thread's records must reach the log in the order they were observed
        self.hold: Callable[[], None] = lambda: None
        self.go_on: Callable[[], None] = lambda: None

    async def take(self, thread: str, observations: Sequence[Observation]) -> None:
        """Publishes what one page shows, as one batch, as far as the log does not know it yet."""
        await self.patiently(lambda: self._take(thread, observations))

    async def withdraw(self, posts: Sequence[Post]) -> None:
        """Publishes that posts are gone at their source: the whole post again, with `deleted_at`."""
        if posts:
            await self.patiently(lambda: self._withdraw(posts))

    async def patiently(self, work: Callable[[], T]) -> T:
        """Runs blocking work in a thread, again and again while it is `Retryable`; meanwhile the crawl holds still."""
        async with self._order:
            return await self._until_done(work)

    async def _until_done(self, work: Callable[[], T]) -> T:
        held = False
        try:
            while True:
                try:
                    return await asyncio.to_thread(work)
                except Retryable as error:
                    log.warning("crawl waits", reason=error.reason, seconds=error.after, source=self._origin.source)
                    self.hold()
                    held = True
                    await asyncio.sleep(error.after)
        finally:
            if held:
                self.go_on()

    def _take(self, thread: str, observations: Sequence[Observation]) -> None:
        now = self._clock.now()
        known = self._cursors.meet(thread, [observation.native_id for observation in observations], now)
        failpoint("crawl.met")
        posts: list[Post] = []
        new = 0
        for observation in observations:
            before = known[observation.native_id]
            if before.closed:
                continue
            post = _edited(before.post, self._post(observation, before.first_seen_at, now))
            if worth_sending(before.post, post):
                posts.append(post)
                new += before.post is None
        self._send(posts)
        self._tally.read += len(observations)
        self._tally.new += new
        self._tally.changed += len(posts) - new

    def _withdraw(self, posts: Sequence[Post]) -> None:
        now = self._clock.now()
        self._send([replace(post, deleted_at=now, observed_at=now, crawl=self._origin.crawl) for post in posts])
        self._tally.deleted += len(posts)

    def _send(self, posts: Sequence[Post]) -> None:
        if posts:
            messages = [Message(RAW, post.thread_id, POSTS.encode(post)) for post in posts]
            publish_or_keep(self._producer, self._clock, messages)
            failpoint("crawl.sent")
            self._cursors.keep(posts)
            failpoint("crawl.noted")

    def _post(self, observation: Observation, first_seen_at: datetime, now: datetime) -> Post:
        origin = self._origin
        return to_post(
            observation,
            site=origin.site,
            source=origin.source,
            voice_key=origin.voice_key,
            first_seen_at=first_seen_at,
            observed_at=now,
            crawl=origin.crawl,
            keep_voice=origin.keep_voice,
        )


def _edited(known: Post | None, post: Post) -> Post:
    """Where the site notes no edit, ours: when other words were noticed first, and unchanged words keep that time."""
    if known is None or post.edited_at is not None:
        return post
    same = known.content_hash == post.content_hash
    return replace(post, edited_at=known.edited_at if same else post.observed_at)
