"""How a source stands, in one word and since when: decided from what its crawls left in source_health. Pure.

Crawlers show it in `health`, stream in `status`, alerts in letters and metrics: one judgement for all of them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Engine, select

from stream.process.clock import local_time
from stream.state.database import reading
from stream.state.source_health import SourceHealth, SourceState

# Set by us. A source's own rhythm of news is learnt; these bound it.
STALE, SOONEST_STALE, LATEST_STALE = timedelta(days=30), timedelta(days=7), timedelta(days=90)
STALE_GAPS = 8.0  # usual gaps between two news without any
GRACE = timedelta(minutes=5)  # from a tick until its crawl has begun
EXPIRES_WITHIN = timedelta(days=7)
LONGEST_RUN = timedelta(hours=13)  # a crawl bounds itself to twelve
TWICE = 2
STEADY, THIN = 10.0, 0.2  # posts that a crawl usually reads before few are worth a word, and the part that is few
PAGES_TELL, EMPTY_PAGES_TELL = 20, 5  # pages with few posts may be new threads; on so many there is no post at all
MOST_NAMED = 200  # lists kept by name; a page of details, not a catalogue
_READ = (SourceState.OK, SourceState.PARTIAL)


class Condition(StrEnum):
    """How a source stands now."""

    WORKING = "working"
    LATE = "late"  # its time came and it was not read, or its last crawl alone failed
    SILENT = "silent"  # no success for longer than its rhythm, or nothing new for longer than is usual
    BLOCKED = "blocked"
    CHANGED = "changed"  # the site answers and is not understood, or far less than usual is
    EXPIRING = "expiring"  # its credential ended, or soon does
    INCOMPLETE = "incomplete"  # part of it is not read
    FAILED = "failed"
    UNREAD = "unread"  # never crawled, never handed in

    @property
    def is_well(self) -> bool:
        """Whether nobody need look."""
        return self in (Condition.WORKING, Condition.LATE)


class StandingSign(StrEnum):
    """By what a condition is told, where one has several."""

    STATE = "state"  # how the last crawl ended
    RHYTHM = "rhythm"  # it was to be read by now
    NEWS = "news"  # it is read, and brings nothing
    YIELD = "yield"  # it is read, and brings far less
    PAGES = "pages"  # its pages hold far fewer posts
    LOST = "lost"  # boards that were there are not
    MISSING = "missing"  # it says that it has more than was found
    VIEW = "view"  # it is read by another view of it, since the usual pages are not understood


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDetails:
    """What the last crawl that ended says by name; the fields' names are those of JSON that is kept.

    `lost` are boards that were there before; `short` are by name the lists of which more is missing than the site's
    totals explain, with how much of how much is, and `short_since` since when any is (stream/state/source_lists.py has
    all lists); `unknown` counts what was seen and not understood, by what it is. `plainer` are the kinds of pages
    (lists, threads) whose usual view is not understood, with the view by which they are read, and `plainer_since` since
    when any is. `empty`: it was read, and there never was anything.
    """

    lost: tuple[str, ...] = ()
    short: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    short_since: datetime | None = None
    unknown: Mapping[str, int] = field(default_factory=dict)
    plainer: Mapping[str, str] = field(default_factory=dict)
    plainer_since: datetime | None = None
    empty: bool = False

    def encode(self) -> str:
        """Writes it as JSON, of each kind the first `MOST_NAMED`."""
        told = {
            "lost": list(self.lost)[:MOST_NAMED],
            "short": dict(list(self.short.items())[:MOST_NAMED]),
            "short_since": None if self.short_since is None else self.short_since.isoformat(),
            "unknown": dict(list(self.unknown.items())[:MOST_NAMED]),
            "plainer": dict(self.plainer),
            "plainer_since": None if self.plainer_since is None else self.plainer_since.isoformat(),
            "empty": self.empty,
        }
        return json.dumps(told, ensure_ascii=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFact:
    """A source that is read, as its last crawl left it; see stream/state/source_health.py for the fields."""

    name: str
    state: SourceState
    reason: str = ""
    ended_state: SourceState | None = None
    state_since: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    succeeded_at: datetime | None = None
    fresh_until: datetime | None = None
    due_at: datetime | None = None
    page_at: datetime | None = None
    rests_until: datetime | None = None
    expires_at: datetime | None = None
    newest_at: datetime | None = None
    news_at: datetime | None = None
    news_gap: float | None = None
    pages: int = 0
    read: int = 0
    norm: float | None = None
    failed_in_a_row: int = 0
    not_understood: int = 0
    filled: int = 0
    page_norm: float | None = None
    details: SourceDetails = field(default_factory=SourceDetails)

    @property
    def ended(self) -> SourceState:
        """How the last crawl that ended did; RUNNING where none has ended."""
        return self.ended_state or self.state if self.state is SourceState.RUNNING else self.state

    @property
    def drift(self) -> float | None:
        """What the last crawl read, as a part of what is usual; None where too little is usual to tell."""
        return None if self.norm is None or self.norm < STEADY else self.read / self.norm

    @property
    def page_drift(self) -> float | None:
        """How many posts the last crawl found on a page, as a part of what is usual; None where too few pages tell."""
        if not self.page_norm or self.filled < (PAGES_TELL if self.read else EMPTY_PAGES_TELL):
            return None
        return self.read / self.filled / self.page_norm


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a source stands and since when; `why` is a line for whoever runs the programs, "" where nothing is wrong."""

    condition: Condition
    since: datetime | None = None
    why: str = ""
    sign: StandingSign = StandingSign.STATE


_PLAIN = (
    "reason", "state_since", "started_at", "ended_at", "succeeded_at", "fresh_until", "due_at", "page_at",
    "rests_until", "expires_at", "newest_at", "news_at", "news_gap", "pages", "read", "norm", "failed_in_a_row",
    "not_understood", "filled", "page_norm",
)  # fmt: skip


def fact_of(row: SourceHealth, name: str | None = None) -> SourceFact:
    """Takes a row as a value; `name` is what people call the source, its key by default."""
    ended = None if row.ended_state is None else SourceState(row.ended_state)
    plain = {key: getattr(row, key) for key in _PLAIN}
    return SourceFact(
        name=name or row.source, state=SourceState(row.state), ended_state=ended, details=_details(row.details), **plain
    )


def current_facts(engine: Engine) -> tuple[SourceFact, ...]:
    """Reads every source that ever ran and is not retired, by name."""
    with reading(engine) as session:
        current = select(SourceHealth).where(SourceHealth.retired_at.is_(None)).order_by(SourceHealth.source)
        return tuple(map(fact_of, session.scalars(current)))


def judge(source: SourceFact, now: datetime, *, thin: float = THIN) -> Standing:
    """Tells how the source stands, the most telling thing first. `thin` is what part of the usual is too little."""
    return (
        _unread(source)
        or _expired(source, now)
        or _refused(source)
        or _failed(source, now)
        or _overdue(source, now)
        or _changed(source, thin)
        or _incomplete(source)
        or _stale(source, now)
        or _expiring(source, now)
        or _late(source, now)
        or Standing(condition=Condition.WORKING, since=source.state_since)
    )


def stale_after(news_gap: float | None) -> timedelta:
    """Returns for how long a source may bring nothing new: by what is usual of it, within bounds."""
    if news_gap is None:
        return STALE
    return min(max(timedelta(seconds=news_gap * STALE_GAPS), SOONEST_STALE), LATEST_STALE)


def _unread(source: SourceFact) -> Standing | None:
    if source.ended is SourceState.RUNNING and source.started_at is None and source.succeeded_at is None:
        return Standing(condition=Condition.UNREAD, why="never read")
    return None


def _expired(source: SourceFact, now: datetime) -> Standing | None:
    if source.expires_at is None or source.expires_at > now:
        return None
    why = f"its credential ended {_time(source.expires_at)}: renew it"
    return Standing(condition=Condition.EXPIRING, since=source.expires_at, why=why)


def _refused(source: SourceFact) -> Standing | None:
    if source.ended is not SourceState.BLOCKED:
        return None
    rests = f"; left alone until {_time(source.rests_until)}" if source.rests_until else ""
    return Standing(condition=Condition.BLOCKED, since=_ended_so(source), why=f"{source.reason}{rests}")


def _failed(source: SourceFact, now: datetime) -> Standing | None:
    """Bears one failure while the last success is to be trusted; tells a page that nobody understands at once."""
    if source.ended is not SourceState.FAILED:
        return None
    if source.not_understood and source.not_understood >= source.pages:
        return Standing(condition=Condition.CHANGED, since=_ended_so(source), why=source.reason)
    if source.fresh_until is None or source.fresh_until < now:
        since = source.fresh_until or _ended_so(source)
        return Standing(condition=Condition.FAILED, since=since, why=source.reason)
    condition = Condition.FAILED if source.failed_in_a_row >= TWICE else Condition.LATE
    return Standing(condition=condition, since=_ended_so(source), why=source.reason)


def _overdue(source: SourceFact, now: datetime) -> Standing | None:
    if source.fresh_until is not None and source.fresh_until < now:
        why = f"not read with success since {_time(source.succeeded_at)}"
        return Standing(condition=Condition.SILENT, since=source.fresh_until, why=why, sign=StandingSign.RHYTHM)
    started = source.started_at
    if source.ended is SourceState.RUNNING and started is not None and started + LONGEST_RUN < now:
        why = f"the crawl of {_time(started)} was cut off"
        return Standing(condition=Condition.SILENT, since=started, why=why, sign=StandingSign.RHYTHM)
    return None


def _changed(source: SourceFact, thin: float) -> Standing | None:
    details = source.details
    if source.ended in _READ and details.plainer:
        views = ", ".join(f"{kind} by the {view} view" for kind, view in details.plainer.items())
        why = f"read otherwise since {_time(details.plainer_since)}: {views}, the usual pages are not understood"
        since = details.plainer_since or _ended_so(source)
        return Standing(condition=Condition.CHANGED, since=since, why=why, sign=StandingSign.VIEW)
    if source.ended is SourceState.PARTIAL and source.not_understood and source.not_understood >= source.pages:
        return Standing(condition=Condition.CHANGED, since=_ended_so(source), why=source.reason)
    if source.ended is SourceState.OK and source.drift is not None and source.drift < thin:
        why = f"{source.read} posts read, usually about {source.norm:.0f}"
        return Standing(condition=Condition.CHANGED, since=_ended_so(source), why=why, sign=StandingSign.YIELD)
    if source.ended in _READ and source.page_drift is not None and source.page_drift < thin:
        why = f"{source.read} posts on {source.filled} pages, usually about {source.page_norm:.1f} on each"
        return Standing(condition=Condition.CHANGED, since=_ended_so(source), why=why, sign=StandingSign.PAGES)
    return None


def _incomplete(source: SourceFact) -> Standing | None:
    details = source.details
    if source.ended is SourceState.PARTIAL:
        sign = StandingSign.LOST if details.lost else StandingSign.STATE
        return Standing(condition=Condition.INCOMPLETE, since=_ended_so(source), why=source.reason, sign=sign)
    if source.ended is SourceState.OK and details.short:
        since = details.short_since or _ended_so(source)
        why = ", ".join(f"{missing} of {told} missing in {name}" for name, (missing, told) in details.short.items())
        return Standing(condition=Condition.INCOMPLETE, since=since, why=why, sign=StandingSign.MISSING)
    return None


def _stale(source: SourceFact, now: datetime) -> Standing | None:
    """Misses only a source that is read by a rhythm: what is handed in comes when there is something."""
    if source.fresh_until is None:
        return None
    if source.details.empty:
        return Standing(condition=Condition.SILENT, since=_ended_so(source), why="it is empty", sign=StandingSign.NEWS)
    newest = source.newest_at or source.news_at
    if newest is None or now - newest <= stale_after(source.news_gap):
        return None
    why = f"nothing new since {_time(newest)}"
    return Standing(condition=Condition.SILENT, since=newest, why=why, sign=StandingSign.NEWS)


def _expiring(source: SourceFact, now: datetime) -> Standing | None:
    if source.expires_at is None or source.expires_at - now > EXPIRES_WITHIN:
        return None
    why = f"its credential ends {_time(source.expires_at)}: renew it"
    return Standing(condition=Condition.EXPIRING, since=source.expires_at - EXPIRES_WITHIN, why=why)


def _late(source: SourceFact, now: datetime) -> Standing | None:
    if source.due_at is None or source.state is SourceState.RUNNING or now <= source.due_at + GRACE:
        return None
    return Standing(
        condition=Condition.LATE, since=source.due_at, why=f"due {_time(source.due_at)}", sign=StandingSign.RHYTHM
    )


def _ended_so(source: SourceFact) -> datetime | None:
    return source.state_since or source.ended_at or source.started_at


def _time(moment: datetime | None) -> str:
    return local_time(moment) if moment else "ever"


def _details(told: str) -> SourceDetails:
    """Reads what `encode` wrote; fields of another version are passed over."""
    kept = json.loads(told or "{}")
    return SourceDetails(
        lost=tuple(kept.get("lost", ())),
        short={name: (missing, told) for name, (missing, told) in kept.get("short", {}).items()},
        short_since=datetime.fromisoformat(since) if (since := kept.get("short_since")) else None,
        unknown=kept.get("unknown", {}),
        plainer=kept.get("plainer", {}),
        plainer_since=datetime.fromisoformat(since) if (since := kept.get("plainer_since")) else None,
        empty=bool(kept.get("empty", False)),
    )
