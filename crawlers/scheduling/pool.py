"""Crawls in processes that stay, so that one that hangs or eats memory takes no other with it.

Processes are made by a fork server that has loaded what crawls need: a new one is there in milliseconds, and has none
of this process's threads and connections.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from time import monotonic

from structlog import get_logger

from crawlers.pull.settings import LONGEST_CRAWL
from crawlers.scheduling.worker import CrawlEnd, CrawlJob, work
from stream.config import StreamConfig

GRACE = 20.0  # seconds to end after being asked
_LATEST = LONGEST_CRAWL + 600  # seconds; a crawl bounds itself, this is for one that cannot any more
_LOADED = ["crawlers.scheduling.worker", "crawlers.cli.commands", "crawlers.pull.forums.forum", "crawlers.pull.feed"]

log = get_logger(__name__)


@dataclass(slots=True)
class _Worker:
    process: ForkServerProcess
    connection: Connection
    job: CrawlJob | None = None
    since: float = 0.0


class Pool:
    """At most `size` processes, made when they are needed. Belongs to one thread."""

    def __init__(
        self, stream: StreamConfig, size: int, work: Callable[[Connection, StreamConfig], None] = work
    ) -> None:
        self._context = get_context("forkserver")
        self._context.set_forkserver_preload(_LOADED)
        self._stream, self.size, self._work = stream, size, work
        self._workers: list[_Worker] = []
        self.made = 0

    @property
    def running(self) -> dict[str, CrawlJob]:
        """The crawls that are under way, by source."""
        return {one.job.name: one.job for one in self._workers if one.job is not None}

    def free(self) -> bool:
        """Tells whether one more crawl can be begun."""
        return len(self.running) < self.size

    def start(self, job: CrawlJob) -> None:
        """Hands a crawl to a process that is idle, else to a new one."""
        worker = next((one for one in self._workers if one.job is None and one.process.is_alive()), None)
        if worker is None:
            worker = self._make()
        worker.job, worker.since = job, monotonic()
        with suppress(BrokenPipeError):  # it died this moment: `collect` tells, as of any that dies
            worker.connection.send(job)

    def collect(self) -> list[CrawlEnd]:
        """Takes what has ended since the last call, processes that died or hang among it."""
        ends = [end for worker in list(self._workers) if (end := self._ended(worker)) is not None]
        for end in ends:
            log.info("crawl ended", source=end.name, told=end.told)
        return ends

    def cut(self, name: str) -> None:
        """Ends a crawl at once; what it had not read stays due."""
        for worker in self._workers:
            if worker.job is not None and worker.job.name == name:
                worker.process.terminate()

    def stop(self) -> None:
        """Asks every process to end, then makes it; a crawl that is cut off goes on where it was."""
        for worker in self._workers:
            worker.process.terminate()
        until = monotonic() + GRACE
        for worker in self._workers:
            worker.process.join(max(0.0, until - monotonic()))
            worker.process.kill()
            worker.connection.close()
        self._workers.clear()

    def _make(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=self._work, args=(theirs, self._stream), daemon=True)
        process.start()
        theirs.close()
        self.made += 1
        worker = _Worker(process, ours)
        self._workers.append(worker)
        return worker

    def _ended(self, worker: _Worker) -> CrawlEnd | None:
        name = worker.job.name if worker.job is not None else ""
        alive = worker.process.is_alive()  # asked first: what it said before it died is read all the same
        end = self._said(worker, name)
        if end is not None and not end.last:
            worker.job = None
            return end
        if end is None and alive:
            if name and monotonic() - worker.since > _LATEST:
                worker.process.kill()
            return None
        worker.process.join(GRACE)
        worker.process.kill()
        worker.connection.close()
        self._workers.remove(worker)
        if end is None and name:
            return CrawlEnd(name, f"its process ended, code {worker.process.exitcode}", last=True)
        return end

    def _said(self, worker: _Worker, name: str) -> CrawlEnd | None:
        try:
            end: CrawlEnd | None = worker.connection.recv() if name and worker.connection.poll() else None
        except (EOFError, OSError):
            return None
        return end
