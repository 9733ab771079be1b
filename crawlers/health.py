"""How a crawl or an import went: counted while it runs, written down for people and alerts; samples of bad pages."""

import hashlib
import json
from asyncio import CancelledError
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Engine, select, update
from structlog import get_logger

from crawlers.lists import ListTally, write_lists
from stream.codec import STAGE_HEALTH
from stream.errors import Rejected, Retryable
from stream.log.broker import HEALTH, Message, Producer
from stream.log.health import this_process
from stream.messages import StageHealth, event_id, wire_time
from stream.process.clock import Clock
from stream.state.database import advisory_lock, reading, transaction
from stream.state.source_health import SourceGap, SourceHealth, SourceState
from stream.state.source_lists import SourceList
from stream.state.source_standing import EMPTY_PAGES_TELL, THIN, SourceDetails, fact_of

KEEP_SAMPLES = timedelta(hours=24)  # raw pages hold names: no longer than a person needs to look at a broken layout
MOST_SAMPLES = 20  # per crawl
FIRST_REST, LONGEST_REST = timedelta(hours=1), timedelta(days=1)  # after a refusal
_MEMORY = 0.2  # weight of the last crawl in the norm: about five crawls back
_DOUBT = 0.02  # weight of a crawl whose pages are far emptier than usual: a broken layout is not to become usual

SUCCESSES = (SourceState.OK, SourceState.PARTIAL)
Rhythm = Callable[[datetime], datetime | None]

log = get_logger(__name__)


def _never(_started_at: datetime) -> None:
    return None


class RobotsVerdict(StrEnum):
    """What was found of a site's robots.txt before the pages that it let us read."""

    NOT_APPLICABLE = "not_applicable"  # handed in, nothing was fetched
    ALLOWED = "allowed"
    ABSENT = "no_robots_txt"  # 4xx: the site has none, so that all may be read


@dataclass(slots=True)
class Tally:
    """What one crawl or import did so far; `pages` of an import are the tables that it read.

    `delay` is between two requests, in seconds, after robots.txt lengthened it; `pause` is what the page read last was
    waited for, because the site was busy or named a time. `lost` are boards that were there before; `lists` are those
    that were met, by their keys; `filled` counts the pages that were read for posts; `unknown` counts what was seen and
    not understood. `newest` dates the newest thing shown, `expires_at` is when the credential ends.
    `not_understood` counts pages; `refusals` are those of `failures` that are the site's own no; `software` is what the
    site runs, where that is not what the source says. `examples` are where a failure, or what is unknown,
    was met first. `views` counts the pages read by another view than the usual one, by its name; `plainer` names the
    kinds of pages (lists, threads) whose usual view is not understood any more, with the view that stands in for it.
    """

    pages: int = 0
    read: int = 0
    new: int = 0
    changed: int = 0
    deleted: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    blocked: str = ""
    parked_until: datetime | None = None
    broken: str = ""
    robots: RobotsVerdict = RobotsVerdict.NOT_APPLICABLE
    delay: float = 0.0
    pause: float = 0.0
    lost: list[str] = field(default_factory=list)
    lists: dict[str, ListTally] = field(default_factory=dict)
    filled: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    newest: datetime | None = None
    expires_at: datetime | None = None
    not_understood: int = 0
    refusals: set[str] = field(default_factory=set)
    software: str = ""
    views: Counter[str] = field(default_factory=Counter)
    plainer: dict[str, str] = field(default_factory=dict)

    def note_unknown(self, what: str, example: str) -> None:
        """Counts something of the site's own form that nobody understands."""
        self.unknown[what] += 1
        self.examples.setdefault(what, example)

    @property
    def rate(self) -> float | None:
        """Requests per second in force; None where nothing holds them back."""
        slowest = max(self.delay, self.pause)
        return 1 / slowest if slowest else None

    def state(self) -> SourceState:
        """Tells how it ended, by what was counted."""
        if self.blocked or (not self.pages and self.failures and self.refusals >= set(self.failures)):
            return SourceState.BLOCKED
        if self.broken or self.parked_until is not None or not self.pages:
            return SourceState.FAILED
        return SourceState.PARTIAL if self.failures or self.lost or self.unknown or self.plainer else SourceState.OK

    def reason(self) -> str:
        """Writes one line for people: why it is not ok."""
        failures = ", ".join(
            f"{count} × {reason}" + (f" ({self.examples[reason]})" if reason in self.examples else "")
            for reason, count in self.failures.most_common(5)
        )
        parked = f"parked until {wire_time(self.parked_until)}" if self.parked_until else ""
        software = f"this is {self.software}" if self.software else ""
        lost = f"gone: {', '.join(self.lost[:5])}" if self.lost else ""
        unknown = ", ".join(
            f"{count} not understood: {what}" + (f", as {self.examples[what]}" if what in self.examples else "")
            for what, count in self.unknown.most_common(3)
        )
        views = ", ".join(f"{count} pages read by the {view} view" for view, count in self.views.most_common())
        told = (self.blocked, self.broken, software, parked, failures, views, lost, unknown)
        return "; ".join(part for part in told if part)


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
        (self._folder / f"{name}.json").write_text(json.dumps(about, ensure_ascii=False), "utf-8", "backslashreplace")

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
    fresh_until: Rhythm,
    due_at: Rhythm = _never,
) -> Iterator[None]:
    """Writes down that a crawl or an import begins and how it ended, also when it breaks: that is the tally's too.

    `fresh_until` says, by its start, until when a success is to be trusted, `due_at` when the next one is due; None
    where there is no rhythm.
    """
    started_at = clock.now()
    begin(engine, source, site, started_at)
    try:
        yield
    except BaseException as error:
        tally.broken = told(error)
        raise
    finally:
        end(engine, source, tally, fresh_until=fresh_until, due_at=due_at, now=clock.now())


def told(error: BaseException) -> str:
    """Says what broke a crawl or an import as people read it: no class of ours means anything to them."""
    match error:
        case Rejected() | Retryable():
            return error.reason
        case OSError(strerror=str() as words):
            return words
        case KeyboardInterrupt() | SystemExit() | GeneratorExit() | CancelledError():
            return "stopped"
        case _:
            return "a fault of ours: the log has it"


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
    engine: Engine,
    source: str,
    tally: Tally,
    *,
    fresh_until: Rhythm,
    now: datetime,
    due_at: Rhythm = _never,
) -> None:
    """Writes down how a crawl ended, and, where it is the first success after a silence, when that was."""
    with transaction(engine) as session:
        row = session.get_one(SourceHealth, source)
        lists = write_lists(session, source, row.site, tally.lists, now)
        row.state, row.reason, row.ended_at = tally.state(), tally.reason(), now
        row.parked_until = tally.parked_until
        row.pages, row.read, row.failures = tally.pages, tally.read, tally.failures.total()
        row.filled = tally.filled
        row.new, row.changed, row.deleted = tally.new, tally.changed, tally.deleted
        _stand(row, tally, lists, now)
        if tally.state() in SUCCESSES:
            assert row.started_at is not None  # since it began
            if (gap := _gap(row, row.started_at, fresh_until)) is not None:
                session.merge(gap)
                log.warning("source was silent", source=source, since=wire_time(gap.since), until=wire_time(gap.until))
            if row.succeeded_at is not None:  # the first crawl reads the whole archive: no measure for those after it
                row.norm = tally.read if row.norm is None else (1 - _MEMORY) * row.norm + _MEMORY * tally.read
            _learn_pages(row, tally)
            row.succeeded_at, row.fresh_until = row.started_at, fresh_until(row.started_at)
            row.due_at = due_at(row.started_at)
    log.info("intake ended", source=source, state=tally.state().value, reason=tally.reason())


def _learn_pages(row: SourceHealth, tally: Tally) -> None:
    """Learns how many posts a page usually holds, slowly where these held far fewer."""
    if tally.filled < EMPTY_PAGES_TELL:
        return
    found, drift = tally.read / tally.filled, fact_of(row).page_drift
    weight = _DOUBT if drift is not None and drift < THIN else _MEMORY
    row.page_norm = found if row.page_norm is None else (1 - weight) * row.page_norm + weight * found


def _stand(row: SourceHealth, tally: Tally, lists: Sequence[SourceList], now: datetime) -> None:
    """Writes down what its standing is judged by: since when it ends so, how often in a row, what news it brought."""
    state, started_at = tally.state(), row.started_at or now
    if row.ended_state != state:
        row.ended_state, row.state_since = state, now
    row.failed_in_a_row = row.failed_in_a_row + 1 if state is SourceState.FAILED else 0
    if state is SourceState.BLOCKED:
        row.refused_in_a_row += 1
        row.rests_until = now + rest(row.refused_in_a_row)
    elif state in SUCCESSES:  # a site that does not answer has not forgiven
        row.refused_in_a_row, row.rests_until = 0, None
    row.not_understood, row.expires_at = tally.not_understood, tally.expires_at or row.expires_at
    if tally.pages > tally.not_understood:
        row.page_at = now
    if tally.new:
        if row.news_at is not None and (gap := (started_at - row.news_at).total_seconds()) > 0:
            row.news_gap = gap if row.news_gap is None else (1 - _MEMORY) * row.news_gap + _MEMORY * gap
        row.news_at = started_at
    before = fact_of(row).details
    row.newest_at = max((at for at in (row.newest_at, tally.newest) if at is not None), default=None)
    row.details = SourceDetails(
        lost=tuple(tally.lost),
        short={one.name: (one.short.missing, one.short.told) for one in lists if one.short is not None},
        short_since=min((one.short_since for one in lists if one.short_since is not None), default=None),
        unknown=tally.unknown,
        plainer=tally.plainer,
        plainer_since=(before.plainer_since or started_at) if tally.plainer else None,
        empty=state is SourceState.OK and not tally.read and row.news_at is None and row.newest_at is None,
    ).encode()


def rest(refused_in_a_row: int) -> timedelta:
    """Tells for how long a source that refused so often in a row is left alone: an hour, doubling, up to a day."""
    return min(FIRST_REST * (1 << min(refused_in_a_row, 10) - 1), LONGEST_REST)


def _gap(row: SourceHealth, start: datetime, fresh_until: Rhythm) -> SourceGap | None:
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


def source_health(engine: Engine, name: str) -> SourceHealth | None:
    """Reads the health of one source; None where it was never crawled."""
    with reading(engine) as session:
        return session.get(SourceHealth, name)


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
