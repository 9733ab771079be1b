"""From crossings to waves: what belongs together, what of it was told. Pure.

A wave is every crossing of a topic with less than `QUIET` between two of them. Steps are judged anew as late posts
arrive, so the same wave is found at each look: what was told is remembered as the span that its crossings took.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.detection.series.detector import QUIET

APART = timedelta(hours=1)  # without a crossing before a topic counts as risen once more within its wave


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """A step, ending `at`, at which a topic left the usual: `counted` against `due` posts in the `span` before it.

    `fell`: the other way, of all posts. `bare`: on the topic's first day, against no past but the absolute bar.
    """

    at: datetime
    span: timedelta
    score: float
    threshold: float
    counted: float
    due: float
    fell: bool = False
    bare: bool = False

    @property
    def since(self) -> datetime:
        return self.at - self.span


@dataclass(frozen=True, slots=True)
class Wave:
    """Crossings that belong together, in order of time."""

    crossings: tuple[Crossing, ...]

    @property
    def first(self) -> Crossing:
        return self.crossings[0]

    @property
    def last(self) -> Crossing:
        return self.crossings[-1]

    @property
    def peak(self) -> Crossing:
        return max(self.crossings, key=lambda one: one.score)

    @property
    def runs(self) -> int:
        """Counts how often the topic rose within the wave."""
        pairs = zip(self.crossings, self.crossings[1:], strict=False)
        return 1 + sum(after.at - before.at >= APART for before, after in pairs)


@dataclass(frozen=True, slots=True)
class Told:
    """The crossings of a wave that people heard of: from the first to the last, up or down."""

    since: datetime
    until: datetime
    fell: bool = False


def waves(crossings: Iterable[Crossing], quiet: timedelta = QUIET) -> list[Wave]:
    """Groups the crossings of one topic, given in order of time; what fell is no part of what rose."""
    found: list[list[Crossing]] = []
    last: dict[bool, list[Crossing]] = {}
    for one in crossings:
        group = last.get(one.fell)
        if group is not None and one.at - group[-1].at <= quiet:
            group.append(one)
        else:
            last[one.fell] = [one]
            found.append(last[one.fell])
    return [Wave(tuple(group)) for group in found]


def belongs(wave: Wave, told: Told, quiet: timedelta = QUIET) -> bool:
    """Tells whether a wave is the one that was told, or goes on from it."""
    near = wave.first.at <= told.until + quiet and told.since <= wave.last.at + quiet
    return near and wave.first.fell == told.fell


def untold(found: Sequence[Wave], told: Sequence[Told]) -> list[Wave]:
    """Finds the waves that people have not heard of yet, or not of their last crossing."""
    return [wave for wave in found if not any(belongs(wave, one) and wave.last.at <= one.until for one in told)]


def remember(told: Sequence[Told], wave: Wave) -> tuple[Told, ...]:
    """Adds a wave to what was told, as one with what it goes on from."""
    now = Told(wave.first.at, wave.last.at, wave.first.fell)
    for one in told:
        if belongs(wave, one):
            now = replace(now, since=min(now.since, one.since), until=max(now.until, one.until))
    return tuple(sorted((*(one for one in told if not belongs(wave, one)), now), key=lambda one: one.since))


def forget(told: Sequence[Told], before: datetime) -> tuple[Told, ...]:
    """Drops what no step judged from `before` on can belong to."""
    return tuple(one for one in told if one.until + QUIET >= before)
