"""Whether a letter may go now, or is held, why and until when. Pure: of rows, what holds at the moment, and `now`."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from alerts.notify.contents.notice import Colour, Occasion
from alerts.notify.holding.policy import Inhibition
from alerts.notify.holding.silences import Silence
from alerts.people.directory import Desk, Person

WINDOW = timedelta(minutes=10)  # in which a person's letters are counted
GATHER = timedelta(minutes=1)  # that a storm is waited for before its first digest; set by us
SUMMED_EVERY = timedelta(hours=1)  # updates that a graver case inhibits; set by us

#: Occasions at which nothing new is asked of anybody: these alone a graver case inhibits.
UPDATES = frozenset({Occasion.ROSE, Occasion.NEWS, Occasion.WARNED, Occasion.VERDICT, Occasion.MERGED, Occasion.CLEAR})


class Cause(StrEnum):
    """Why a letter is held, but for silences, which each have a name."""

    QUIET = "quiet"
    INHIBITED = "inhibited"
    STORM = "storm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A letter in line that was not decided about; keys, and None where it says none."""

    name: str
    person: str
    topic: str | None
    owner: str | None
    desk: str | None
    colour: Colour
    occasion: Occasion
    queued_at: datetime


@dataclass(frozen=True, slots=True)
class OpenCase:
    """An open case that may inhibit lesser ones."""

    topic: str
    owner: str
    colour: Colour


@dataclass(frozen=True, slots=True, kw_only=True)
class Posture:
    """What holds at the moment. `spent` counts each person's letters of the last ten minutes, `summed_at` is each one's
    last digest of a storm."""

    people: Mapping[str, Person]
    desks: Mapping[str, Desk]
    inhibits: Sequence[Inhibition] = ()
    silences: Sequence[Silence] = ()
    open_cases: Sequence[OpenCase] = ()
    most: int
    spent: Mapping[str, int]
    summed_at: Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a letter waits, and until when at the longest."""

    why: str
    until: datetime


def decide(waiting: Iterable[Waiting], posture: Posture, now: datetime) -> dict[str, Hold | None]:
    """Decides about each letter, by its name: None where it may go. Red is never held, the gravest go first."""
    decided: dict[str, Hold | None] = {}
    free: dict[str, list[Waiting]] = defaultdict(list)
    for one in waiting:
        decided[one.name] = _held(one, posture, now)
        if decided[one.name] is None:
            free[one.person].append(one)
    for person, letters in free.items():
        decided |= _storm(person, letters, posture, now)
    return decided


def _held(one: Waiting, posture: Posture, now: datetime) -> Hold | None:
    if one.colour is Colour.RED:
        return None
    silence = next((it for it in posture.silences if it.covers(one.topic, one.colour, now)), None)
    if silence is not None:
        return Hold(silence.key, silence.until)
    until = quiet_until(one, posture, now)
    if until is not None:
        return Hold(Cause.QUIET, until)
    if one.occasion in UPDATES and any(_inhibited(one, rule, posture) for rule in posture.inhibits):
        return Hold(Cause.INHIBITED, _next(now, SUMMED_EVERY))
    return None


def quiet_until(one: Waiting, posture: Posture, now: datetime) -> datetime | None:
    """Finds the end of the person's quiet hours, or else of the desk's; None outside of them."""
    person, desk = posture.people.get(one.person), posture.desks.get(one.desk or "")
    quiet = (person.quiet if person else None) or (desk.quiet if desk else None)
    return quiet.until(one.colour, now) if quiet else None


def _inhibited(one: Waiting, rule: Inhibition, posture: Posture) -> bool:
    def same(case: OpenCase) -> bool:
        return case.topic == one.topic if rule.same == "topic" else case.owner == one.owner

    return one.colour in rule.target and any(case.colour is rule.source and same(case) for case in posture.open_cases)


def _storm(person: str, letters: list[Waiting], posture: Posture, now: datetime) -> dict[str, Hold | None]:
    """Holds what is more than a person is sent in ten minutes; a digest gathers it, one in ten minutes likewise."""
    left = posture.most - posture.spent.get(person, 0)
    ranked = sorted(letters, key=lambda one: (list(Colour).index(one.colour), one.queued_at, one.name))
    last = posture.summed_at.get(person)
    until = max(now + GATHER, last + WINDOW) if last else now + GATHER
    hold = Hold(Cause.STORM, until)
    return {one.name: None if place < left or one.colour is Colour.RED else hold for place, one in enumerate(ranked)}


def _next(now: datetime, every: timedelta) -> datetime:
    """Rounds up to a whole multiple of `every`, so that what is held one after another is told together."""
    return now + every - (now - datetime.min.replace(tzinfo=now.tzinfo)) % every
