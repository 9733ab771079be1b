"""Looking at a pipeline from outside while it works: its processes, its log, its index, its mailbox."""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import psutil

from scripts.demo.mailbox import Mailbox
from scripts.soak.settings import PROBE
from scripts.soak.verdicts import Measured
from stream.errors import Retryable
from stream.index.port import Query, Reader
from stream.log.broker import Admin
from stream.process.clock import Clock

LOOK, SAMPLE = 0.5, 10.0  # seconds between two looks for probes and letters, and between two samples
RECENT = timedelta(minutes=10)
PAGE = 200


class Watching:
    """Fills a `Measured`. `letters_about` is the name of the topic whose letter ends the wait."""

    def __init__(
        self,
        seen: Measured,
        processes: Mapping[str, psutil.Process],
        admin: Admin,
        reader: Reader,
        mailbox: Mailbox,
        *,
        clock: Clock,
        letters_about: str,
    ) -> None:
        self._seen, self._processes, self._admin, self._reader = seen, processes, admin, reader
        self._mailbox, self._clock, self._about = mailbox, clock, letters_about
        self._begun = clock.now()
        self._found: set[str] = set()
        self._read = 0
        self._next = 0.0

    def watch(self, seconds: float, told: Path, *, until_found: bool = False) -> None:
        """Looks for so many seconds; with `until_found` no longer than until every probe and the letter is there."""
        until = self._clock.monotonic() + seconds
        while self._clock.monotonic() < until:
            begun = self._clock.monotonic()
            self._look(told)
            if begun >= self._next:
                self._sample()
                self._next = begun + SAMPLE
            if until_found and len(self._found) >= self._seen.probes and self._seen.told is not None:
                return
            self._clock.sleep(max(0.0, LOOK - (self._clock.monotonic() - begun)))

    def _since(self, moment: datetime) -> float:
        return (moment - self._begun).total_seconds()

    def _look(self, told: Path) -> None:
        self._read_told(told)
        now = self._clock.now()
        with suppress(Retryable):
            page = self._reader.search(Query(sources=(PROBE,), observed_since=now - RECENT), PAGE)
            for post in page.posts:
                if post.id not in self._found:
                    self._found.add(post.id)
                    at = self._since(post.first_seen_at)
                    self._seen.delays.append((at, self._since(self._clock.now()) - at))
        if self._seen.told is None and self._seen.planted is not None:
            about = (letter for letter in self._mailbox.letters if self._about in str(letter["Subject"]))
            if next(about, None) is not None:
                self._seen.told = self._since(self._clock.now())

    def _read_told(self, told: Path) -> None:
        """What the feeder says it did, as far as it is written."""
        lines = told.read_text("utf-8").split("\n")[:-1] if told.exists() else []
        for line in lines[self._read :]:
            one = json.loads(line)
            at = self._since(datetime.fromisoformat(one["at"]))
            if one["what"] == "fed":
                self._seen.fed.append((at, one["posts"]))
                self._seen.probes += 1
            elif one["what"] == "planted":
                self._seen.planted = at
        self._read = len(lines)

    def _sample(self) -> None:
        at = self._since(self._clock.now())
        for name, process in self._processes.items():
            with suppress(psutil.Error):
                self._seen.memory.setdefault(name, []).append((at, process.memory_info().rss / 1e6))
                self._seen.handles.setdefault(name, []).append((at, float(process.num_fds())))
        waiting: dict[str, float] = {}
        with suppress(Retryable):
            for one in self._admin.progress():
                name = f"{one.group.removeprefix('wenfeng.')} in {one.partition.topic}"
                waiting[name] = waiting.get(name, 0.0) + one.lag
        for name, lag in waiting.items():
            self._seen.lag.setdefault(name, []).append((at, lag))
