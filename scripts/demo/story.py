"""The story: weeks of ordinary life around a made-up power company, a rumour that burns twice, and what came of it.

Then a complaint that is true, a night in which the forum is away, and the rumour once more, which is known by then.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from scripts.demo.drafts import Cast, Draft, moment, numbered
from scripts.demo.oddities import ODD_THREADS
from scripts.demo.ordinary import ordinary_life
from scripts.demo.rumours import clarification, ferment
from scripts.demo.sentences import wording
from scripts.demo.world import Member, World
from stream.process.clock import SHANGHAI

SEED = 20260912
START = datetime(2026, 8, 10, tzinfo=SHANGHAI)  # a Monday
ARCHIVE_DAYS = 42  # before anybody listens
MONDAY = START + timedelta(days=ARCHIVE_DAYS)
RUMOUR_DAY = MONDAY + timedelta(days=1)
RUMOUR_DAYS = ARCHIVE_DAYS + 4  # the rumour is on day 44, burns again on day 45, and is over on the morning after
DAYS = RUMOUR_DAYS + 2


@dataclass(frozen=True, slots=True)
class Burst:
    """When a wave begins, and when the company answers it."""

    at: datetime
    clarified_at: datetime


@dataclass(frozen=True, slots=True)
class Silence:
    """From when until when the forum answers nobody."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The forum, and the moments that the demo's people act on: each wave, the forum's silence, a promised date."""

    world: World
    rumour: Burst
    again: Burst
    covers: Burst
    silent: Silence
    returned: Burst
    mended_by: datetime


def tell() -> Story:
    """The same story every time."""
    chance, later = Random(SEED), Random(SEED + 1)
    told = [wording("rumour"), wording("rumour_again")]
    cast = Cast(told[0]["crowd"])
    drafts = [*ordinary_life(START, RUMOUR_DAYS, chance, cast), *oddities(cast)]
    bursts = [_burst(one, chance, cast, drafts) for one in told]
    drafts += ordinary_life(START + timedelta(days=RUMOUR_DAYS), DAYS - RUMOUR_DAYS, later, cast)
    bursts += [_burst(wording(name), later, cast, drafts) for name in ("covers", "rumour_returns")]
    return Story(
        world=numbered(drafts), rumour=bursts[0], again=bursts[1], covers=bursts[2], returned=bursts[3],
        silent=Silence(_on_day(45, 21, 30), _on_day(46, 8, 40)), mended_by=_on_day(46, 18, 0),
    )  # fmt: skip


def _burst(told: dict[str, Any], chance: Random, cast: Cast, drafts: list[Draft]) -> Burst:
    begun = datetime.fromisoformat(told["start"])
    drafts += [*ferment(told, begun, chance, cast), clarification(told, begun, chance, cast)]
    answered = begun + timedelta(minutes=told["clarification"]["at"])
    return Burst(begun.astimezone(UTC), answered.astimezone(UTC))


def _on_day(day: int, hour: int, minute: int) -> datetime:
    return (START + timedelta(days=day, hours=hour, minutes=minute)).astimezone(UTC)


def oddities(cast: Cast) -> Iterator[Draft]:
    """The threads that are there because real forums have them."""
    for odd in ODD_THREADS:
        posts = [
            {**post, "who": cast.member(post["who"]) if post["who"] else Member(0, ""), "at": moment(post["at"])}
            for post in odd["posts"]
        ]
        extra = {key: moment(value) if key.endswith("_at") else value for key, value in odd.get("extra", {}).items()}
        yield Draft(odd["fid"], odd["title"], posts, odd.get("kind"), extra)
