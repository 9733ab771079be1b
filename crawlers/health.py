"""How a crawl or an import went: counted while it runs, written down for people and alerts; samples of bad pages."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Engine, select, update
from structlog import get_logger

from stream.codec import STAGE_HEALTH
from stream.errors import Rejected, Retryable
from stream.log.broker import HEALTH, Message, Producer
from stream.log.health import this_process
from stream.messages import StageHealth, event_id, wire_time
from stream.process.clock import Clock
from stream.state.database import advisory_lock, reading, transaction
from stream.state.source_health import SourceGap, SourceHealth, SourceState

KEEP_SAMPLES = timedelta(hours=24)  # raw pages hold names: no longer than a person needs to look at a broken layout
MOST_SAMPLES = 20  # per crawl
_MEMORY = 0.2  # weight of the last crawl in the norm: about five crawls back

log = get_logger(__name__)


class RobotsVerdict(StrEnum):
    """What was found of a site's robots.txt before the pages that it let us read."""

    NOT_APPLICABLE = "not_applicable"  # handed in, nothing was fetched
    ALLOWED = "allowed"
    ABSENT = "no_robots_txt"  # 4xx: the site has none, so that all may be read


@dataclass(slots=True)
class Tally:
    """What one crawl or import did so far; `pages` of an import are the tables that it read.

    `delay` is between two requests, in seconds, after robots.txt lengthened it; `pause` is what the page read last was
    waited for, because the site was busy or named a time.
    """

    pages: int = 0
    read: int = 0
    new: int = 0
    changed: int = 0
    deleted: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    blocked: str = ""
    parked_until: datetime | None = None
    broken: str = ""
    robots: RobotsVerdict = RobotsVerdict.NOT_APPLICABLE
    delay: float = 0.0
    pause: float = 0.0

    @property
    def rate(self) -> float | None:
        """Requests per second in force; None where nothing holds them back."""
        slowest = max(self.delay, self.pause)
        return 1 / slowest if slowest else None

    def state(self) -> SourceState:
        """Tells how it ended, by what was counted."""
        if self.blocked:
            return SourceState.BLOCKED
        if self.broken or self.parked_until is not None or not self.pages:
            return SourceState.FAILED
        return SourceState.PARTIAL if self.failures else SourceState.OK

    def reason(self) -> str:
        """Writes one line for people: why it is not ok."""
        failures = ", ".join(f"{count} × {reason}" for reason, count in self.failures.most_common(5))
        parked = f"parked until {wire_time(self.parked_until)}" if self.parked_until else ""
        return "; ".join(part for part in (self.blocked, self.broken, parked, failures) if part)


class Samples:
    """Raw bodies of pages that could not be read, for a person to look at; removed after a day."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept = 0

    def keep(self, body: bytes, url: str, reason: str, now: datetime) -> None:
        """Keeps one page with the reason beside it, up to `MOST_SAMPLES` of a crawl."""
        if self._kept >= MOST_SAMPLES:
            return
        self._kept += 1
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = hashlib.sha256(url.encode("utf-8", "replace")).hexdigest()[:16]
        (self._folder / f"{name}.body").write_bytes(body)
        about = {"url": url, "reason": reason, "at": wire_time(now)}
        (self._folder / f"{name}.json").write_text(json.dumps(about, ensure_ascii=False), "utf-8")

    def expire(self, now: datetime) -> None:
        """Removes what is older than `KEEP_SAMPLES`."""
        for path in self._folder.glob("*.*"):
            if now.timestamp() - path.stat().st_mtime > KEEP_SAMPLES.total_seconds():
                path.unlink(missing_ok=True)


@contextmanager
def recorded(
    engine: Engine,
    source: str,
    site: str,
    tally: Tally,
    *,
    clock: Clock,
    fresh_until: Callable[[datetime], datetime | None],
) -> Iterator[None]:
    """Writes down that a crawl or an import begins and how it ended, also when it breaks: that is the tally's too.

    `fresh_until` says, by its start, until when a success is to be trusted; None where there is no rhythm.
    """
    started_at = clock.now()
    begin(engine, source, site, started_at)
    try:
        yield
    except BaseException as error:
        tally.broken = error.reason if isinstance(error, Rejected | Retryable) else type(error).__name__
        raise
    finally:
        end(engine, source, tally, fresh_until=fresh_until, now=clock.now())


def begin(engine: Engine, source: str, site: str, now: datetime) -> None:
    """Notes that a crawl starts: one that is killed is seen by its start alone."""
    with transaction(engine) as session:
        advisory_lock(session, f"source {source}")
        row = session.get(SourceHealth, source)
        if row is None:
            row = SourceHealth(source=source, site=site, state=SourceState.RUNNING)
            session.add(row)
        row.site, row.state, row.started_at, row.retired_at = site, SourceState.RUNNING, now, None


def end(
    engine: Engine, source: str, tally: Tally, *, fresh_until: Callable[[datetime], datetime | None], now: datetime
) -> None:
    """Writes down how a crawl ended, and, where it is the first success after a silence, when that was."""
    with transaction(engine) as session:
        row = session.get_one(SourceHealth, source)
        row.state, row.reason, row.ended_at = tally.state(), tally.reason(), now
        row.parked_until = tally.parked_until
        row.pages, row.read, row.failures = tally.pages, tally.read, tally.failures.total()
        row.new, row.changed, row.deleted = tally.new, tally.changed, tally.deleted
        if tally.state() in (SourceState.OK, SourceState.PARTIAL):
            assert row.started_at is not None  # since it began
            if (gap := _gap(row, row.started_at, fresh_until)) is not None:
                session.merge(gap)
                log.warning("source was silent", source=source, since=wire_time(gap.since), until=wire_time(gap.until))
            row.succeeded_at, row.fresh_until = row.started_at, fresh_until(row.started_at)
            row.norm = tally.read if row.norm is None else (1 - _MEMORY) * row.norm + _MEMORY * tally.read
    log.info("intake ended", source=source, state=tally.state().value, reason=tally.reason())


def _gap(row: SourceHealth, start: datetime, fresh_until: Callable[[datetime], datetime | None]) -> SourceGap | None:
    """Finds the silence that the success begun at `start` ends: None where the last one was still to be trusted.

    Both by the rhythm of then and by that of now: one that was changed in between makes no silence. Time in which the
    source was switched off is part of it: what was learnt then was learnt without this source.
    """
    last, promised = row.succeeded_at, row.fresh_until
    due = fresh_until(last) if last is not None else None
    if last is None or promised is None or due is None or max(promised, due) >= start:
        return None
    return SourceGap(source=row.source, since=last, until=start)


def tell(engine: Engine, producer: Producer, source: str, now: datetime) -> None:
    """Publishes how the last crawl of a source went. A log that takes nothing is not waited for: the state has it."""
    with reading(engine) as session:
        row = session.get(SourceHealth, source)
        if row is None:  # it broke before it began
            return
        health = _told(row, now)
    try:
        producer.publish([Message(HEALTH, source, STAGE_HEALTH.encode(health))])
    except Retryable as error:
        log.warning("health not told", source=source, reason=error.reason)


def _told(row: SourceHealth, now: datetime) -> StageHealth:
    lag = None if row.succeeded_at is None else (now - row.succeeded_at).total_seconds()
    return StageHealth(
        id=event_id("crawl", row.source, wire_time(now)),
        stage="crawl",
        instance=this_process(),
        at=now,
        seconds=max(0.0, (now - (row.started_at or now)).total_seconds()),
        read=row.read,
        done=row.new + row.changed + row.deleted,
        rejected=row.failures,
        retried=0,
        fenced=0,
        lag=lag,
        source=row.source,
        state=row.state,
    )


def all_sources(engine: Engine) -> dict[str, SourceHealth]:
    """Reads the health of every source that was ever crawled."""
    with reading(engine) as session:
        return {row.source: row for row in session.scalars(select(SourceHealth))}


def reconcile(engine: Engine, current: Collection[str], now: datetime) -> None:
    """Marks every source that is not `current`, that is configured and enabled, as retired, and unmarks the others.

    Alerts know no crawlers.yml: they trust the rows that are not retired, and those alone.
    """
    with transaction(engine) as session:
        advisory_lock(session, "sources")
        elsewhere = SourceHealth.source.not_in(current)
        session.execute(update(SourceHealth).where(elsewhere, SourceHealth.retired_at.is_(None)).values(retired_at=now))
        back = SourceHealth.source.in_(current), SourceHealth.retired_at.is_not(None)
        session.execute(update(SourceHealth).where(*back).values(retired_at=None))
