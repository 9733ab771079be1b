"""One crawl that waits for its turn and keeps to what was said about it: by a person's command or by the clock."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from crawlers.health import Tally, source_health, tell
from crawlers.pull.crawl import CrawlEnvironment, crawl
from crawlers.pull.politeness.manners import Manners, asked_today
from crawlers.pull.politeness.permit import Permit
from crawlers.pull.politeness.stops import stopping, stops
from crawlers.pull.politeness.turns import turns
from crawlers.source import PulledSource
from stream.process.clock import local_time


@dataclass(frozen=True, slots=True)
class NotNow:
    """A crawl that was not begun, and why."""

    why: str


def crawl_in_turn(
    name: str,
    source: PulledSource,
    environment: CrawlEnvironment,
    *,
    opted_out: tuple[str, ...],
    holder: str,
    wait: bool = True,
    at_once: bool = False,
) -> Tally | NotNow:
    """Crawls once no other crawl has one of its hosts, unless somebody said not to.

    A busy host is waited for if `wait`. `at_once`: a site that refused is asked before its rest is over.
    """
    engine, clock = environment.engine, environment.clock

    def why_not() -> str | None:
        return refusal(engine, name, source, clock.now(), at_once=at_once)

    if (why := why_not()) is not None:
        return NotNow(why)
    hosts, give_up = source.asked_hosts, lambda: not wait or why_not() is not None
    with turns(engine, hosts, clock=clock, holder=holder, give_up=give_up) as had:
        if had is None:
            return NotNow(why_not() or "another crawl has its host")
        manners = Manners(opted_out, _left(engine, source, clock.now()))
        permit = Permit(engine, clock, name, source, had, manners)
        try:
            return crawl(name, source, environment, manners=manners, refusal=permit.refusal)
        finally:
            permit.note()
            tell(engine, environment.producer, name, clock.now())


def refusal(engine: Engine, name: str, source: PulledSource, now: datetime, *, at_once: bool = False) -> str | None:
    """Says why a source must not be asked now: stopped, resting, left alone, its budget spent; None if it may.

    A site that refused rests, longer after each refusal; a person who had it set right asks `at_once`.
    """
    if (held := stopping(stops(engine), name, source.host)) is not None:
        what = "everything" if held.what == "*" else held.what
        return f"{what} is stopped since {local_time(held.since)}: {held.why} (python -m crawlers resume)"
    row = source_health(engine, name)
    if row is not None and row.parked_until is not None and row.parked_until > now:
        return f"the site asked us to stay away until {local_time(row.parked_until)}"
    if not at_once and row is not None and row.rests_until is not None and row.rests_until > now:
        until = local_time(row.rests_until)
        return f"the site refused ({row.reason}) and is left alone until {until}; crawl --now asks all the same"
    if source.avoided(now):
        return f"left alone in these hours ({source.avoid})"
    if _left(engine, source, now) == 0:
        return f"{source.host} had its {source.requests_per_day} requests of today"
    return None


def _left(engine: Engine, source: PulledSource, now: datetime) -> int | None:
    if source.requests_per_day is None:
        return None
    return max(0, source.requests_per_day - asked_today(engine, source.host, now))
