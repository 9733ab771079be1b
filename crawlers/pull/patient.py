"""The intake as a crawl needs it: blocking work leaves Scrapy's loop, and what waits makes the crawl hold still."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from structlog import get_logger

from crawlers.intake import Intake, Taken
from crawlers.pages.observation import Observation
from crawlers.pull.capturing import FetchedPage
from stream.errors import Retryable
from stream.messages import Post

T = TypeVar("T")
log = get_logger(__name__)


class PatientIntake:
    """One crawl's intake. Its methods return when the log and the state have answered, however long that takes.

    Work is done in the order in which it was asked for: a thread's records reach the log as they were observed.
    `hold` and `go_on` stop and restart the crawl around a wait.
    """

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._order = asyncio.Lock()  # first come, first served
        self.hold: Callable[[], None] = lambda: None
        self.go_on: Callable[[], None] = lambda: None

    async def take(
        self, thread: str, observations: Sequence[Observation], page: FetchedPage | None = None, *, view: str = ""
    ) -> Taken:
        """Publishes what one page shows, as far as the log does not know it yet; says what became of it."""
        return await self.patiently(partial(self._intake.take, thread, observations, page=page, view=view))

    async def withdraw(self, posts: Sequence[Post]) -> None:
        """Publishes that posts are gone at their source."""
        if posts:
            await self.patiently(partial(self._intake.withdraw, posts))

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
                    source = self._intake.origin.source
                    log.warning("crawl waits", reason=error.reason, seconds=error.after, source=source)
                    self.hold()
                    held = True
                    await asyncio.sleep(error.after)
        finally:
            if held:
                self.go_on()
