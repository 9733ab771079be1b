"""Crawls every source when it is due, once in the world: rounds of a second that look at rows, not timers."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Engine
from structlog import get_logger

from crawlers.health import all_sources, reconcile
from crawlers.pull.politeness.stops import Stop, stopping, stops
from crawlers.scheduling.ledger import TakenTick, claim, last_taken, miss, release, renew, rewind, ticks
from crawlers.scheduling.pool import Pool
from crawlers.scheduling.timing import Timing, ahead, due, next_due
from crawlers.scheduling.watched import WatchedConfig
from crawlers.scheduling.worker import CrawlEnd, CrawlJob
from crawlers.source import PulledSource, TimedSource
from stream.process.failpoints import failpoint

RENEWED = timedelta(seconds=20)
LOOKED = timedelta(minutes=1)  # the rows are read anew: other machines' crawls, and a clock that was set back
AGAIN = timedelta(seconds=5)  # after which a source is looked at again that cannot be crawled just now

log = get_logger(__name__)


class CrawlScheduler:
    """One machine's part of the work. Others do theirs by the same rows; `holder` tells them apart.

    A tick is claimed only when a process is free for it, so that crawls go where there is room. One that cannot be
    begun in time is late; once the next tick comes it is missed, and counted.
    """

    def __init__(self, watched: WatchedConfig, engine: Engine, pool: Pool, holder: str, now: datetime) -> None:
        self._watched, self._engine, self._pool, self._holder = watched, engine, pool, holder
        self._next: dict[str, datetime] = {}
        self._renewed = self._looked = self._last = now
        self._taken: dict[str, TakenTick] = {}
        reconcile(engine, watched.config.current, now)
        self._look(now)

    @property
    def waiting(self) -> Mapping[str, datetime]:
        """When each source is looked at next."""
        return self._next

    def round(self, now: datetime) -> None:
        """Does what is due. Raises `Retryable` as the state does: the next round goes on from there."""
        self._settle(self._pool.collect(), now)
        if self._watched.changed():
            self._take_change(now)
        if self._pool.running and abs(now - self._renewed) >= RENEWED:
            renew(self._engine, self._pool.running.keys(), self._holder, now)
            self._renewed = now
        if now < self._last or now - self._looked >= LOOKED:
            self._look(now)
        self._last = now
        if any(moment <= now for moment in self._next.values()):
            self._begin(now)

    def end(self, now: datetime) -> None:
        """Ends what runs and gives its ticks back: the next scheduler does not wait for them."""
        running = tuple(self._pool.running)
        self._pool.stop()
        release(self._engine, running, self._holder, now)

    def _begin(self, now: datetime) -> None:
        held = stops(self._engine)
        busy = {host for job in self._pool.running.values() for host in _hosts(job.source)}
        for name in sorted((name for name, moment in self._next.items() if moment <= now), key=self._next.__getitem__):
            if not self._pool.free():
                return
            source = self._timed[name]
            if name in self._pool.running:
                self._leave_out(name, now)
            elif busy & _hosts(source) or _left_alone(name, source, held, now):
                self._next[name] = now + AGAIN
            elif self._claimed(name, now):
                self._start(name)
                busy |= _hosts(source)

    def _leave_out(self, name: str, now: datetime) -> None:
        """Leaves out a tick that comes while the crawl of the one before is under way."""
        found = due(name, self._timing(name), self._last_taken(name), now)
        if found is not None:
            log.warning("crawl still running, tick left out", source=name)
            miss(self._engine, name, found, self._holder, now)
            self._taken[name] = TakenTick(found.tick, "", now, 0, None)
        self._plan(name, now)

    def _claimed(self, name: str, now: datetime) -> bool:
        timing, taken = self._timing(name), self._taken.get(name)
        found = due(name, timing, self._last_taken(name), now)
        if taken is not None and taken.cut_off(now):
            found = found or due(name, timing, None, now)
        if found is None:
            self._plan(name, now)
            return False
        other = claim(self._engine, name, found, self._holder, now)
        if other is not None:
            self._taken[name] = other
            self._next[name] = now + AGAIN if other.runs(now) else now
            return False
        failpoint("crawl.claimed")
        if found.missed:
            log.warning("ticks missed", source=name, missed=found.missed)
        self._taken[name] = TakenTick(found.tick, "", now, 0, None)
        self._plan(name, now)
        return True

    def _start(self, name: str) -> None:
        config = self._watched.config
        self._pool.start(
            CrawlJob(
                name=name, source=self._timed[name], contact=config.contact, voice_key=config.voice_secret,
                opted_out=config.opted_out,
            )
        )  # fmt: skip

    def _settle(self, ends: Iterable[CrawlEnd], now: datetime) -> None:
        if names := [end.name for end in ends]:
            release(self._engine, names, self._holder, now)

    def _take_change(self, now: datetime) -> None:
        """Takes the changed file: who is in it no more, or has opted out, is asked no more from this moment."""
        config = self._watched.config
        for name in self._pool.running.keys() - config.timed.keys():
            log.info("crawl ended: the source is configured no more", source=name)
            self._pool.cut(name)
        reconcile(self._engine, config.current, now)
        self._look(now)

    def _look(self, now: datetime) -> None:
        self._taken, self._looked = ticks(self._engine), now
        self._started = {name: row.started_at for name, row in all_sources(self._engine).items()}
        self._timed = timed = self._watched.config.timed
        self._next = {name: moment for name, moment in self._next.items() if name in timed}
        for name in timed:
            if ahead(self._last_taken(name), now):
                log.warning("clock set back, ticks found anew", source=name)
                rewind(self._engine, name, now)
                self._taken[name] = TakenTick(now, "", now, 0, None)
            self._plan(name, now)

    def _plan(self, name: str, now: datetime) -> None:
        taken = self._taken.get(name)
        again = taken is not None and taken.cut_off(now)
        moment = now if again else next_due(name, self._timing(name), self._last_taken(name), now)
        if moment is None:
            self._next.pop(name, None)
        else:
            self._next[name] = moment

    def _timing(self, name: str) -> Timing:
        timing = self._timed[name].timing
        assert timing is not None  # only those with one are waited for
        return timing

    def _last_taken(self, name: str) -> datetime | None:
        return last_taken(self._taken, name, self._started.get(name))


def _hosts(source: TimedSource) -> frozenset[str]:
    return source.asked_hosts if isinstance(source, PulledSource) else frozenset()


def _left_alone(name: str, source: TimedSource, held: tuple[Stop, ...], now: datetime) -> bool:
    host = source.host if isinstance(source, PulledSource) else ""
    avoided = isinstance(source, PulledSource) and source.avoided(now)
    return avoided or stopping(held, name, host) is not None
