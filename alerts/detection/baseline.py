"""What is normal for a topic: a level and a day curve, learnt so that an outbreak does not become the norm. Pure.

Farrington's way of weighing down past outbreaks (Noufaily et al. 2013) in a form that takes one hour after the other:
what an hour may teach is cut off a few deviations above the expected.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from statistics import median

HOUR = timedelta(hours=1)
HALF_LIFE = 60  # hours: level is an exponentially weighted mean of 2-3 days, as in the simulation of signals.py
FORGETTING = 0.5 ** (1 / 21)  # per day: the day curve forgets over three weeks, as in that simulation
PSEUDO = 5.0  # posts: a day curve with fewer than this behind an hour stays close to flat; set by us
FLOOR = 0.25  # posts per hour: below it "four times as much" means nothing; set by us, under the simulation's lowest
DISPERSION = (1.5, 3.0)  # variance over mean of a count: 1.2-2.5 in the simulation; a new topic has the lower end
WINSOR = 3.0  # standard deviations above the expected that one hour may teach; Noufaily weighs down from 2.58
ANSCOMBE = 0.375  # Anscombe 1948: the root of a Poisson count and this has nearly the same variance at every mean


@dataclass(frozen=True, slots=True)
class Baseline:
    """The expected count per hour is `level` times the hour's factor (24 factors, UTC hours, mean about 1)."""

    level: float
    factors: tuple[float, ...]
    dispersion: float
    spread: float  # standard deviation of the hourly square-root residuals, at least 1
    hours: int

    def expected(self, start: datetime, length: timedelta) -> float:
        """Computes the expected count in [start, start + length), the factor taken at its middle."""
        middle = start + length / 2
        return max(self.level * self.factors[middle.hour], FLOOR) * (length / HOUR)


def residual(count: float, expected: float) -> float:
    """Measures the variance-stabilised distance of a count from its expectation.

    It is about normal with deviation 1 for Poisson.
    """
    return 2 * (sqrt(count + ANSCOMBE) - sqrt(expected + ANSCOMBE))


def learn(hours: Sequence[tuple[datetime, float]]) -> Baseline:
    """Learns the baseline of hourly counts in order of time; each teaches at most 3 deviations above the expected."""
    level = float(median(count for _, count in hours[:24])) if hours else 0.0
    seen, due = [0.0] * 24, [0.0] * 24
    squares = residuals = 0.0
    slow = 1 - 0.5 ** (1 / HALF_LIFE)
    for number, (start, count) in enumerate(hours):
        factor = _factor(seen[start.hour], due[start.hour])
        expected = max(level * factor, FLOOR)
        taught = min(count, expected + WINSOR * sqrt(expected * DISPERSION[1]))
        squares += (taught - expected) ** 2 / expected
        residuals += residual(taught, expected) ** 2
        level += max(slow, 1 / (number + 24)) * (taught / factor - level)
        seen[start.hour] = seen[start.hour] * FORGETTING + taught
        due[start.hour] = due[start.hour] * FORGETTING + level
    n = max(1, len(hours))
    return Baseline(
        level=level,
        factors=tuple(_factor(s, d) for s, d in zip(seen, due, strict=True)),
        dispersion=min(max(squares / n, DISPERSION[0]), DISPERSION[1]),
        spread=max(1.0, sqrt(residuals / n)),
        hours=len(hours),
    )


def _factor(seen: float, due: float) -> float:
    return (seen + PSEUDO) / (due + PSEUDO)
