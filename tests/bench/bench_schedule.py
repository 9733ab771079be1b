"""What many sources cost the one process that schedules them: `python -m tests.bench.bench_schedule --sources 1000`.

The scheduler's own rounds are timed over a state and a crawlers.yml of its own, with a pool that crawls nothing. Then
`crawlers schedule` runs as an operator starts it, with one worker: how much memory all its processes take.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic, process_time, sleep

import click
import psutil
from rich.console import Console

from crawlers.config import CrawlersConfig
from crawlers.scheduling.scheduler import LOOKED, CrawlScheduler
from crawlers.scheduling.watched import WatchedConfig
from crawlers.scheduling.worker import CrawlEnd, CrawlJob
from stream.process.configuration import Configuration
from stream.process.holders import holder
from stream.state.database import disposing, migrate, open_state
from tests.bench.crawl_site import served
from tests.bench.made_forum import MadeForum
from tests.bench.sheets import TIMES, Aim, Sheet, apart, show

MEMORY, GROWTH = 500.0, 1.5  # MB; times what a source may cost where there are ten times as many
NOW = datetime(2026, 11, 28, 8, 0, 30, tzinfo=UTC)
ROUNDS = 50
WATCHED = 20.0  # seconds of the real scheduler
SECOND = timedelta(seconds=1)
#: Each kind of source with what it needs besides; the cron is the number of its minute.
KINDS = (
    "software: discuz, url: '{root}/forum.php'",
    "software: feed, url: '{root}/feed-{number}.xml'",
    "software: nodebb, url: '{root}/'",
    "software: wordpress, url: '{root}/blog-{number}/'",
    "software: site, url: '{root}/news-{number}/'",
)


def configuration(sources: int, folder: Path, root: str, hosts: bool) -> str:
    """A crawlers.yml of so many sources of every kind, each with a host of its own where there are `hosts`."""
    lines = [f"contact: ops@corp.cn\nvoice_key_file: {folder}/key\nworkers: 1\nsources:"]
    for number in range(sources):
        kind = KINDS[number % len(KINDS)].format(root=root.format(number=number) if hosts else root, number=number)
        private = "" if hosts else ", private: true, delay: 0s"
        told = f"site: s{number}, {kind}, basis: a benchmark, cron: '{number % 10}-59/10 * * * *'{private}"
        lines.append(f"  s{number}: {{{told}}}")
    return "\n".join(lines) + "\n"


@dataclass(slots=True)
class Idle:
    """A pool that crawls nothing: what is begun has ended by the next round."""

    running: dict[str, CrawlJob] = field(default_factory=dict)
    begun: int = 0

    def free(self) -> bool:
        """Says whether there is room: one at a time."""
        return not self.running

    def start(self, job: CrawlJob) -> None:
        """Begins it."""
        self.running[job.name], self.begun = job, self.begun + 1

    def collect(self) -> list[CrawlEnd]:
        """Ends what was begun."""
        ended = [CrawlEnd(name, "ok", last=False) for name in self.running]
        self.running.clear()
        return ended


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds and MB that the scheduler of so many sources takes."""

    sources: int
    read: float  # the configuration
    begun: float  # the state, and when each is due
    idle: float  # a round in which nothing is due
    tick: float  # a round in which one is begun
    look: float  # the round of each minute that reads the rows anew
    memory: float

    @property
    def cells(self) -> dict[str, float | str]:
        """What a table shows of it."""
        return {
            "read s": self.read, "begin s": self.begun, "idle ms": self.idle * 1000, "tick ms": self.tick * 1000,
            "look ms": self.look * 1000, "MB": self.memory, "look µs a source": self.look / self.sources * 1e6,
        }  # fmt: skip


def costs(sources: int) -> Costs:
    """Measures a scheduler of so many sources, by processor time."""
    with TemporaryDirectory() as name, disposing(open_state(f"sqlite:///{name}/state.db")) as engine:
        folder = Path(name)
        migrate(engine)
        (folder / "key").write_text("k" * 32, "utf-8")
        file = folder / "crawlers.yml"
        file.write_text(configuration(sources, folder, "https://h{number}.corp.cn", hosts=True), "utf-8")
        begun = process_time()
        watched = WatchedConfig(file, Configuration(folder).add("crawlers.yml", CrawlersConfig))
        read, begun, pool, now = process_time() - begun, process_time(), Idle(), NOW
        scheduler = CrawlScheduler(watched, engine, pool, holder(), now)  # type: ignore[arg-type]
        started = process_time() - begun
        ticks = [_round(scheduler, now := now + SECOND / 1000) for _ in range(min(ROUNDS, sources))]
        if pool.begun != len(ticks):
            raise RuntimeError(f"{pool.begun} of {len(ticks)} ticks")
        scheduler.waiting.update(dict.fromkeys(scheduler.waiting, now + timedelta(hours=1)))  # type: ignore[attr-defined]
        idle = [_round(scheduler, now := now + SECOND / 1000) for _ in range(ROUNDS)]
        looks = [_round(scheduler, now := now + LOOKED) for _ in range(5)]
        memory = psutil.Process().memory_info().rss / 1e6
    return Costs(sources, read, started, median(idle), median(ticks), median(looks), memory)


def _round(scheduler: CrawlScheduler, now: datetime) -> float:
    begun = process_time()
    scheduler.round(now)
    return process_time() - begun


@dataclass(frozen=True, slots=True)
class Seen:
    """`crawlers schedule` as it ran: seconds until it crawls, MB (what is shared, shared out), crawls in `WATCHED`."""

    until: float
    scheduler: float
    others: float
    crawls: int


def seen(sources: int, port: int) -> Seen:
    """Runs it with one worker over a forum and pages that are not there, all due at once."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "key").write_text("k" * 32, "utf-8")
        (folder / "stream.yml").write_text(f"var: {folder / 'var'}\n", "utf-8")
        root = f"http://127.0.0.1:{port}"
        (folder / "crawlers.yml").write_text(configuration(sources, folder, root, hosts=False), "utf-8")
        with _scheduling(folder) as (process, begun), (folder / "log").open(encoding="utf-8") as lines:
            told = ""
            while "crawl ended" not in told:
                if process.poll() is not None or monotonic() > begun + 120:
                    raise RuntimeError(f"nothing was crawled: {told[-2000:]}")
                sleep(0.1)
                told += lines.read()
            until = monotonic() - begun
            sleep(WATCHED)
            crawls = len(re.findall("crawl ended", lines.read()))
            main = psutil.Process(process.pid)
            others = sum(one.memory_full_info().pss for one in main.children(recursive=True))
            return Seen(until, main.memory_full_info().pss / 1e6, others / 1e6, crawls)


@contextmanager
def _scheduling(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    command = [sys.executable, "-m", "crawlers", "schedule", "--configs", str(folder)]
    with (folder / "log").open("wb") as log:
        begun, process = monotonic(), subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield process, begun
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(30)
        process.kill()


def sheet(sources: int) -> Sheet:
    """The scheduler of a tenth, of so many, and of ten times as many sources; then the real one of so many."""
    found = Sheet("crawling_sources", f"scheduling {sources:,} sources of {len(KINDS)} kinds in one process")
    every = [apart(costs, many) for many in (max(sources // 10, 1), sources, sources * 10)]
    for one in every:
        found.rows[f"{one.sources:,} sources"] = {**one.cells, TIMES: one.look / one.sources / _first(every)}
    with served(MadeForum(4, pages=1)) as port:
        real = seen(sources, port)
    found.notes.append(
        f"crawlers schedule over {sources:,} sources, one worker: crawls after {real.until:.1f} s; scheduler"
        f" {real.scheduler:.0f} MB, the rest {real.others:.0f} MB (PSS); {real.crawls} crawls in {WATCHED:.0f} s"
    )
    whole = real.scheduler + real.others
    found.aims.append(Aim(f"memory of {sources:,} sources, worker included", MEMORY, whole, "MB", at_most=True))
    worst = max(float(row[TIMES]) for row in found.rows.values())
    found.aims.append(Aim("a source's look where there are ten times as many", GROWTH, worst, "times", at_most=True))
    return found


def _first(every: list[Costs]) -> float:
    return every[0].look / every[0].sources


@click.command()
@click.option("--sources", default=1000, show_default=True, help="How many are in crawlers.yml.")
def main(sources: int) -> None:
    """Measure the scheduler of many sources."""
    show(sheet(sources), Console())


if __name__ == "__main__":
    main()
