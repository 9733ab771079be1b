"""The siege: one ordinary crawl of a forum that is written on, killed at one moment after another until it is through.

A moment is a named place, at whichever hit, or the n-th request of a crawl and a few milliseconds: the seed decides
both, so that a slow machine is killed at the same places. Between two starts the clock of forum and crawler goes on.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from threading import Lock
from time import monotonic, sleep
from typing import Any

from yaml import safe_dump

from crawlers.cli.reading import read_configs
from scripts.demo.forum import AccessLog
from stream.codec import POSTS
from stream.log.broker import QUARANTINE, RAW
from stream.messages import Post
from tests.faults.crawling.asked import Asked
from tests.faults.crawling.posts import Crawl
from tests.faults.crawling.site import SITE, SOURCE
from tests.faults.evidence import dump
from tests.faults.processes import KILLED, AheadClock, Stage

PLACES = ("crawl.met", "crawl.sent", "crawl.noted", "crawl.listed", "crawl.visited", "publish.sent")
ANY_MOMENT = "any moment"
LATEST_HIT = 25  # of a place
LATEST_REQUEST = 45  # of a crawl
AFTER = 0.06  # seconds at most after that request: about as long as a page takes
PASSES = (20.0, 150.0)  # seconds on the clock between a death and the next start
STRAY = 0.05  # seconds for a request of a dead process to arrive
PATIENCE = 300.0  # seconds for one crawl


class Stuck(Exception):
    """Raised when a crawl neither ends nor dies."""


class Requests(AccessLog):
    """The site's log: every request with its moment and the crawl that made it."""

    def __init__(self) -> None:
        super().__init__()
        self.crawl = 0
        self.asked: list[Asked] = []
        self._of_crawl = 0
        self._turn = Lock()

    def request(self, path: str, now: datetime) -> None:
        super().request(path, now)
        with self._turn:
            self.asked.append(Asked(self.crawl, now, path))
            self._of_crawl += 1

    def next_crawl(self) -> int:
        with self._turn:
            self.crawl, self._of_crawl = self.crawl + 1, 0
            return self.crawl

    @property
    def of_crawl(self) -> int:
        """Requests of the crawl at hand."""
        return self._of_crawl


@dataclass(frozen=True, slots=True)
class Moment:
    """When a crawl is killed: at a hit of a place, or so many `seconds` after its `number`-th request."""

    place: str
    number: int
    seconds: float = 0.0

    def sooner(self) -> "Moment":
        """The crawl was too short for it."""
        return Moment(self.place, max(1, self.number // 2), self.seconds)


def moments(chance: Random, kills: int, hit: int = LATEST_HIT, request: int = LATEST_REQUEST) -> list[Moment]:
    """Half of them at named places, each place as often as the others, half at any moment."""
    named = [Moment(PLACES[n % len(PLACES)], chance.randint(1, hit)) for n in range(kills // 2)]
    others = (chance.randint(0, request) for _ in range(kills - len(named)))
    planned = named + [Moment(ANY_MOMENT, number, chance.uniform(0, AFTER)) for number in others]
    chance.shuffle(planned)
    return planned


@dataclass(slots=True)
class Siege:
    """One forum, one crawler, its deaths."""

    stage: Stage
    clock: AheadClock
    requests: Requests
    chance: Random
    passes: tuple[float, float] = PASSES
    crawls: list[Crawl] = field(default_factory=list)
    deaths: Counter[str] = field(default_factory=Counter)
    surprises: list[str] = field(default_factory=list)

    def kill_all(self, planned: Sequence[Moment]) -> Iterator[int]:
        """Crawls until it died at every moment; yields how often it died whenever that changed."""
        for died, moment in enumerate(planned):
            yield died
            left = moment
            while not self._crawl(left):
                left = left.sooner()
                self.pass_by()
            self.pass_by()
        yield len(planned)

    def kill_until_through(self, planned: Sequence[Moment]) -> None:
        """Crawls a site that stands still, killed at one moment after another until a crawl ends before its own."""
        for moment in planned:
            if not self._crawl(moment):
                return
            self.pass_by()

    def pass_by(self, seconds: float | None = None) -> None:
        """Lets time pass on the clock of forum and crawler; how much is up to chance."""
        self.clock.ahead += timedelta(seconds=self.chance.uniform(*self.passes) if seconds is None else seconds)

    def in_peace(self) -> None:
        """Crawls until it ends by itself."""
        if self._crawl(None):
            self.surprises.append(f"crawl {self.requests.crawl} died in peace")

    def _crawl(self, moment: Moment | None) -> bool:
        """Starts a crawl; whether it was killed."""
        number = self.requests.next_crawl()
        self.stage.ahead = self.clock.ahead
        self.stage.owed = {moment.place: [moment.number]} if moment is not None and "." in moment.place else {}
        started_at = self.clock.now()
        self.stage.start()
        if moment is not None and moment.place == ANY_MOMENT:
            self._strike(moment)
        death = self.stage.end(PATIENCE)
        if death is None:
            self.stage.kill("stuck")
            raise Stuck(f"crawl {number} did not end within {PATIENCE:.0f} s")
        sleep(STRAY)
        killed = death.code == KILLED
        self.crawls.append(Crawl(number, started_at, killed))
        if killed:
            self.deaths[death.place or "by nobody of ours"] += 1
        elif death.code:
            self.surprises.append(f"crawl {number} ended with {death.code}")
        return killed

    def _strike(self, moment: Moment) -> None:
        until = monotonic() + PATIENCE
        while self.stage.runs and self.requests.of_crawl < moment.number and monotonic() < until:
            sleep(0.002)
        if moment.number:
            sleep(moment.seconds)
        else:
            sleep(self.chance.uniform(0, 0.4))  # before it asked for anything
        self.stage.kill(ANY_MOMENT)


def write_configs(folder: Path, *, var: Path, source: Mapping[str, Any]) -> None:
    """The configuration of one source on this machine, on embedded engines."""
    folder.mkdir(parents=True)
    key = folder / "voice.key"
    key.touch(mode=0o600)
    key.write_text("of no use to anybody", "utf-8")
    told = {"site": SITE, "software": "discuz", "basis": "our own forum on loopback", "delay": "0ms", "private": True}
    files = {
        "stream": {"var": str(var)},
        "crawlers": {
            "contact": "nobody@example.invalid",
            "voice_key_file": str(key),
            "sources": {SOURCE: told | dict(source)},
        },
    }
    for name, content in files.items():
        (folder / f"{name}.yml").write_text(safe_dump(content, allow_unicode=True), "utf-8")


def in_the_log(configs: Path) -> tuple[list[Post], int]:
    """Every post of the log in its order, and how many records are in quarantine."""
    stream, _ = read_configs(configs)
    records = sorted(dump(stream, RAW), key=lambda record: (record.partition.number, record.offset))
    return [POSTS.decode(record.value) for record in records], len(dump(stream, QUARANTINE))
