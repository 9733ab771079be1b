"""A stage as a process that dies at named places and is started again.

Processes are forked from one that has the program's modules loaded (multiprocessing's forkserver) and does nothing
else: each then runs its command as `python -m` would, with its own engines, and starting it costs next to nothing.
"""

import os
import re
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any

import alerts.notify.holding.decision as decision
import alerts.notify.holding.sorting as sorting
import crawlers.cli.commands as crawling
import nlp.cli.score as scoring
import stream.log.worker as worker
from alerts.cli.commands import main as alerts
from nlp.cli.commands import main as nlp
from nlp.scorer import Score, Unscored
from stream.cli.commands import main as stream
from stream.engines import INSTANCE
from stream.messages import Label, Polarity
from stream.process.clock import SystemClock
from stream.process.failpoints import VARIABLE, arm

COMMANDS: dict[str, Any] = {"alerts": alerts, "crawlers": crawling.main, "nlp": nlp, "stream": stream}
SCRAPY = (  # what a crawl loads by name when it begins, and may be loaded before a fork
    *(f"scrapy.downloadermiddlewares.{name}" for name in ("offsite", "httpauth", "downloadtimeout", "defaultheaders")),
    *(f"scrapy.downloadermiddlewares.{name}" for name in ("useragent", "redirect", "httpcompression", "stats")),
    *(f"scrapy.spidermiddlewares.{name}" for name in ("start", "httperror", "referer", "urllength", "depth")),
    *(f"scrapy.extensions.{name}" for name in ("corestats", "logcount", "memusage", "closespider")),
    "scrapy.core.engine", "scrapy.core.scraper", "scrapy.core.scheduler", "scrapy.pqueues", "scrapy.squeues",
    "crawlers.pull.forums.forum", "elasticsearch", "psycopg",
)  # fmt: skip
FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(["tests.faults.__main__", *SCRAPY])
PAUSE = 0.5  # seconds from a death to the next start, as a service runner would leave
KILLED = -signal.SIGKILL
STORM = (timedelta(seconds=6), timedelta(seconds=40), timedelta(seconds=40))  # to gather, and twice to count in
_SAID = re.compile(r"^failpoint (\S+): kill$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Death:
    """A process that ended: where we killed it, or None with its exit code."""

    place: str | None
    code: int


@dataclass(slots=True)
class Stage:
    """One command, started as often as wanted; `owed` are its deaths to come: at which hit of which place.

    `ahead` is how far its clock is before the machine's when it is started next.
    """

    name: str
    words: Sequence[str]
    log: Path
    owed: dict[str, list[int]] = field(default_factory=dict)
    ahead: timedelta = timedelta(0)
    process: BaseProcess | None = None
    ended_at: float = 0.0
    asked: bool = False
    struck: str | None = None
    _read: int = 0

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.is_alive()

    @property
    def owes(self) -> int:
        return sum(map(len, self.owed.values()))

    def start(self, *, deadly: bool = True) -> None:
        """Starts it, armed with the next death at every place that is owed one: whichever comes first happens."""
        spec = ",".join(f"{place}=kill@{hits[0]}" for place, hits in self.owed.items() if hits and "." in place)
        self._read = self.log.stat().st_size if self.log.exists() else 0
        arms = {VARIABLE: spec if deadly else "", INSTANCE: f"faults-{self.name}"}
        told = (list(self.words), arms, str(self.log), self.ahead)
        self.process = FORKS.Process(target=_run, args=told, daemon=True)
        self.process.start()
        self.asked, self.struck = False, None

    def reap(self) -> Death | None:
        """How it ended, once, if it did."""
        if self.process is None or self.process.is_alive():
            return None
        self.process.join()
        code, self.process, self.ended_at = self.process.exitcode or 0, None, monotonic()
        said = _SAID.findall(self.said())
        place = (said[-1] if said else self.struck) if code == KILLED else None
        if place is not None and self.owed.get(place):
            self.owed[place].pop(0)
        return Death(place, code)

    def said(self) -> str:
        """What it wrote since it was started last."""
        return self.log.read_bytes()[self._read :].decode("utf-8", "replace")

    def ease(self) -> None:
        """A process that ends by itself may have too few hits for a late one: the first will do."""
        for hits in self.owed.values():
            hits[:1] = [max(1, hits[0] - 1)] if hits else []

    def stop(self) -> None:
        """Asks it to end, once, as a service runner does; a second time would end it on the spot."""
        if self.process is not None and self.process.pid is not None and self.process.is_alive() and not self.asked:
            self.asked = True
            os.kill(self.process.pid, signal.SIGTERM)

    def kill(self, why: str) -> None:
        """Kills it from outside; `why` is where that counts."""
        if self.process is not None and self.process.is_alive():
            self.struck = why
            self.process.kill()

    def end(self, patience: float) -> Death | None:
        """Waits for its end."""
        if self.process is not None:
            self.process.join(patience)
        return self.reap()


class WordScorer:
    """Stands in for the model, which is not what is tried here: angry words are negative, others neutral."""

    name = "words@1"

    def score(self, texts: Sequence[str], closely: Sequence[bool] | None = None) -> list[Score | Unscored]:
        return [self._angry if "气死人" in text else self._calm for text in texts]

    _angry = Score(None, Polarity(negative=0.9, neutral=0.1, positive=0.0), 0.9, Label.NEGATIVE, name)
    _calm = Score(None, Polarity(negative=0.1, neutral=0.9, positive=0.0), 0.1, Label.NEUTRAL, name)


def deaths(places: Sequence[str], chance: Random, number: int, latest: Callable[[str], int]) -> dict[str, list[int]]:
    """The hits at which a process dies: of every place first the first, then any later one up to its `latest`."""
    return {
        place: [1, *(chance.randint(min(2, latest(place)), latest(place)) for _ in range(number - 1))]
        for place in places
    }


class AheadClock(SystemClock):
    """The machine's clock, set forward: hours pass between two starts of a command."""

    def __init__(self, ahead: timedelta = timedelta(0)) -> None:
        self.ahead = ahead

    def now(self) -> datetime:
        return super().now() + self.ahead


def _run(words: list[str], environment: dict[str, str], log: str, ahead: timedelta) -> None:
    """The command of a stage, in the new process."""
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.environ.update(environment)
    arm(environment[VARIABLE])
    worker.REPORT_EVERY = 3.0  # seconds; a record a minute would rarely come
    decision.GATHER, decision.WINDOW, sorting.WINDOW = STORM  # a storm is over in time to be drained
    scoring.open_scorer = lambda _config: WordScorer()  # a model takes longer to load than all the rest to start
    crawling.SystemClock = lambda: AheadClock(ahead)
    command: Callable[..., Any] = COMMANDS[words[0]]
    command(args=words[1:], prog_name=f"python -m {words[0]}")
