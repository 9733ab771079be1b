"""The story: weeks of ordinary life around a made-up power company, then a rumour, which burns again, and its end."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from scripts.demo.drafts import Cast, Draft, moment, numbered
from scripts.demo.oddities import ODD_THREADS
from scripts.demo.ordinary import ordinary_life
from scripts.demo.rumours import clarification, ferment
from scripts.demo.sentences import wording
from scripts.demo.world import Member, World
from stream.process.clock import SHANGHAI

SEED = 20260901
START = datetime(2026, 8, 10, tzinfo=SHANGHAI)  # a Monday
ARCHIVE_DAYS = 42  # before anybody listens
MONDAY = START + timedelta(days=ARCHIVE_DAYS)
RUMOUR_DAY = MONDAY + timedelta(days=1)
DAYS = ARCHIVE_DAYS + 4  # the rumour is on day 44, burns again on day 45; the morning after belongs to the story


@dataclass(frozen=True, slots=True)
class Burst:
    """When a wave of the rumour begins, and when the company answers it."""

    at: datetime
    clarified_at: datetime


@dataclass(frozen=True, slots=True)
class Story:
    """The forum, and the moments that the demo's people act on: the rumour, and when it burns again."""

    world: World
    rumour: Burst
    again: Burst


def tell() -> Story:
    """The same story every time."""
    chance = Random(SEED)
    told = [wording("rumour"), wording("rumour_again")]
    cast = Cast(told[0]["crowd"])
    drafts = [*ordinary_life(START, DAYS, chance, cast), *oddities(cast)]
    bursts = []
    for rumour in told:
        begun = datetime.fromisoformat(rumour["start"])
        drafts += [*ferment(rumour, begun, chance, cast), clarification(rumour, begun, chance, cast)]
        answered = begun + timedelta(minutes=rumour["clarification"]["at"])
        bursts.append(Burst(begun.astimezone(UTC), answered.astimezone(UTC)))
    return Story(numbered(drafts), *bursts)


def oddities(cast: Cast) -> Iterator[Draft]:
    """The threads that are there because real forums have them."""
    for odd in ODD_THREADS:
        posts = [
            {**post, "who": cast.member(post["who"]) if post["who"] else Member(0, ""), "at": moment(post["at"])}
            for post in odd["posts"]
        ]
        extra = {key: moment(value) if key.endswith("_at") else value for key, value in odd.get("extra", {}).items()}
        yield Draft(odd["fid"], odd["title"], posts, odd.get("kind"), extra)
