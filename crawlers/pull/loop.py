"""One event loop for any number of crawls, one after the other, in a process that otherwise blocks."""

import asyncio
import gc
from collections.abc import Coroutine
from typing import Any, TypeVar

from twisted.internet.asyncioreactor import AsyncioSelectorReactor
from twisted.internet.main import installReactor

from crawlers.pull.politeness.addresses import PublicOnly

T = TypeVar("T")


class CrawlLoop:
    """Twisted's reactor over asyncio, started without taking the process. One per process; `close` it at the end."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        self._reactor = AsyncioSelectorReactor(self._loop)
        installReactor(self._reactor)  # type: ignore[no-untyped-call]
        self._guard = PublicOnly(self._reactor.nameResolver, set())
        self._reactor.installNameResolver(self._guard)  # type: ignore[arg-type]  # zope knows, mypy does not
        self._reactor.startRunning(installSignalHandlers=False)
        gc.freeze()  # what is loaded stays: else it is looked through for garbage every few hundred pages

    def trust(self, host: str, private: bool) -> None:
        """Sets whether addresses of private networks are connected to for this host; none are unless said so here."""
        (self._guard.trusted.add if private else self._guard.trusted.discard)(host)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Blocks until `work` is done; Ctrl-C cancels it."""
        return self._loop.run_until_complete(work)

    def close(self) -> None:
        """Ends the threads and the loop."""
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._reactor.fireSystemEvent("shutdown")  # stops the loop too
        self._loop.close()
