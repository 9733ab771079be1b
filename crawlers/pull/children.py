"""Crawls as processes of their own, so that one that hangs or eats memory takes no other with it."""

import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from threading import Lock

from structlog import get_logger

from crawlers.pull.settings import LONGEST_CRAWL

GRACE = timedelta(seconds=20)  # to end after being asked
_LATEST = LONGEST_CRAWL + 600  # seconds; a crawl bounds itself, this is for one that cannot any more

log = get_logger(__name__)


class Children:
    """Runs `python -m crawlers …` and ends what still runs when asked to."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = Lock()
        self._stopped = False

    def run(self, arguments: Sequence[str]) -> None:
        """Returns when the process has ended; how it did is in the log, and in the source's health."""
        with self._lock:
            if self._stopped:
                return
            child = subprocess.Popen([sys.executable, "-m", "crawlers", *arguments])
            self._running.add(child)
        try:
            code = child.wait(_LATEST)
        except subprocess.TimeoutExpired:
            child.kill()
            code = child.wait()
        with self._lock:
            self._running.discard(child)
        log.info("crawl process ended", arguments=list(arguments), code=code)

    def stop(self) -> None:
        """Asks every process to end, then makes it; a crawl that is cut off goes on where it was."""
        with self._lock:
            self._stopped = True
            running = list(self._running)
        for child in running:
            child.terminate()
        for child in running:
            try:
                child.wait(GRACE.total_seconds())
            except subprocess.TimeoutExpired:
                child.kill()
