"""Whether a crawl that runs may go on: asked every few seconds, so that it ends soon after somebody says so."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine
from structlog import get_logger

from crawlers.pull.politeness.manners import Manners, note_asked
from crawlers.pull.politeness.stops import stopping, stops
from crawlers.pull.politeness.turns import Turn
from crawlers.source import PulledSource
from stream.errors import Retryable
from stream.process.clock import Clock

LOOKED = 2.0  # seconds

log = get_logger(__name__)


@dataclass(slots=True)
class Permit:
    """One crawl's: its turns at its hosts, who stopped it, hours in which the site is left alone, its budget."""

    engine: Engine
    clock: Clock
    name: str
    source: PulledSource
    turns: Sequence[Turn]
    manners: Manners
    _noted: int = field(default=0, init=False)

    def refusal(self) -> str:
        """Says why the crawl has to end now; empty while it may go on. Blocks: it asks the state."""
        now = self.clock.now()
        if not all(one.keep(now) for one in self.turns):
            return "another crawl has its host"
        if self.source.avoided(now):
            return f"left alone in these hours ({self.source.avoid})"
        try:
            self.note()
            held = stopping(stops(self.engine), self.name, self.source.host)
        except Retryable as error:
            log.warning("permit not asked for", source=self.name, reason=error.reason)
            return ""
        return "" if held is None else f"stopped by hand: {held.why}"

    def note(self) -> None:
        """Writes down what the host was asked since the last time."""
        asked = self.manners.asked
        if asked > self._noted:
            note_asked(self.engine, self.source.host, asked - self._noted, self.clock.now())
            self._noted = asked


async def until_ended(crawling: "asyncio.Task[Any]", refusal: Callable[[], str], end: Callable[[str], None]) -> None:
    """Waits for the crawl, and calls `end` with the reason once there is one."""
    while not (await asyncio.wait({crawling}, timeout=LOOKED))[0]:
        if why := await asyncio.to_thread(refusal):
            end(why)
            break
    await crawling
