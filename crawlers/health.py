"""How a crawl went: counted while it runs, written down for people and for alerts; samples of unreadable pages."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, select
from structlog import get_logger

from stream.codec import STAGE_HEALTH
from stream.errors import Retryable
from stream.log.broker import HEALTH, Message, Producer
from stream.log.health import this_process
from stream.messages import StageHealth, event_id, wire_time
from stream.state.database import advisory_lock, reading, transaction
from stream.state.source_health import SourceHealth, SourceState

KEEP_SAMPLES = timedelta(hours=24)  # raw pages hold names: no longer than a person needs to look at a broken layout
MOST_SAMPLES = 20  # per crawl
_MEMORY = 0.2  # weight of the last crawl in the norm: about five crawls back

log = get_logger(__name__)


@dataclass(slots=True)
class Tally:
    """What one crawl did so far."""

    pages: int = 0
    read: int = 0
    new: int = 0
    changed: int = 0
    deleted: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    blocked: str = ""
    parked_until: datetime | None = None
    broken: str = ""

    def state(self) -> SourceState:
        """How the crawl ended, by what was counted."""
        if self.blocked:
            return SourceState.BLOCKED
        if self.broken or self.parked_until is not None or not self.pages:
            return SourceState.FAILED
        return SourceState.PARTIAL if self.failures else SourceState.OK

    def reason(self) -> str:
        """One line for people: why it is not ok."""
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


def begin(engine: Engine, source: str, site: str, now: datetime) -> None:
    """Notes that a crawl starts: one that is killed is seen by its start alone."""
    with transaction(engine) as session:
        advisory_lock(session, f"source {source}")
        row = session.get(SourceHealth, source)
        if row is None:
            row = SourceHealth(source=source, site=site, state=SourceState.RUNNING)
            session.add(row)
        row.site, row.state, row.started_at = site, SourceState.RUNNING, now


def end(engine: Engine, source: str, tally: Tally, *, fresh_until: datetime | None, now: datetime) -> None:
    """Writes down how a crawl ended."""
    with transaction(engine) as session:
        row = session.get_one(SourceHealth, source)
        row.state, row.reason, row.ended_at = tally.state(), tally.reason(), now
        row.parked_until = tally.parked_until
        row.pages, row.read, row.failures = tally.pages, tally.read, tally.failures.total()
        row.new, row.changed, row.deleted = tally.new, tally.changed, tally.deleted
        if tally.state() in (SourceState.OK, SourceState.PARTIAL):
            row.succeeded_at, row.fresh_until = row.started_at, fresh_until
            row.norm = tally.read if row.norm is None else (1 - _MEMORY) * row.norm + _MEMORY * tally.read
    log.info("crawl ended", source=source, state=tally.state().value, reason=tally.reason())


def tell(engine: Engine, producer: Producer, source: str, now: datetime) -> None:
    """Publishes how the last crawl of a source went. A log that takes nothing is not waited for: the state has it."""
    with reading(engine) as session:
        row = session.get_one(SourceHealth, source)
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
    """The health of every source that was ever crawled."""
    with reading(engine) as session:
        return {row.source: row for row in session.scalars(select(SourceHealth))}
