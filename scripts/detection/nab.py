"""The scale of the Numenta Anomaly Benchmark, written from Lavin and Ahmad 2015 (arXiv 1510.03336). Pure.

An alarm early in a labelled window counts nearly 1, at its end 0; one outside costs the more, the longer the window
before it is over; a window without one costs 1. A detector that never fires has 0, a perfect one 100.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

Window = tuple[int, int]  # first and last row

PROBATION = (0.15, 750)  # share of the rows and most rows at the beginning in which nothing counts
WORST = 3.0  # widths behind a window from which a false alarm costs all it can


@dataclass(frozen=True, slots=True)
class Profile:
    """What finding, crying wrongly and missing weigh."""

    found: float
    false: float
    missed: float


PROFILES = {
    "standard": Profile(1.0, 0.11, 1.0),
    "low FP": Profile(1.0, 0.22, 1.0),
    "low FN": Profile(1.0, 0.11, 2.0),
}


@dataclass(frozen=True, slots=True)
class Series:
    """The alarms of one series of `rows` rows, and the windows in which people saw something."""

    rows: int
    windows: Sequence[Window]
    alarms: Sequence[int]

    @property
    def judged(self) -> list[int]:
        """The alarms that count."""
        first = probation(self.rows)
        return [alarm for alarm in self.alarms if alarm >= first]

    @property
    def found(self) -> int:
        """How many windows have an alarm."""
        judged = self.judged
        return sum(any(first <= alarm <= last for alarm in judged) for first, last in self.windows)


def probation(rows: int) -> int:
    """Counts the rows at the beginning that are not judged."""
    share, most = PROBATION
    return min(int(share * rows), most)


def sigmoid(position: float) -> float:
    """Weighs a place relative to a window's end: near 1 far before it, 0 at it, near -1 far behind it."""
    return 2 / (1 + exp(5 * position)) - 1 if position <= WORST else -1.0


def points(series: Series, profile: Profile) -> float:
    """Adds up what a series' alarms earn and cost."""
    total, judged = 0.0, series.judged
    for first, last in series.windows:
        inside = [alarm for alarm in judged if first <= alarm <= last]
        if inside:
            place = -(last - inside[0] + 1) / (last - first + 1)
            total += profile.found * sigmoid(place) / sigmoid(-1.0)
        else:
            total -= profile.missed
    outside = [alarm for alarm in judged if not any(first <= alarm <= last for first, last in series.windows)]
    return total + sum(profile.false * _cost(alarm, series.windows) for alarm in outside)


def _cost(alarm: int, windows: Sequence[Window]) -> float:
    before = [window for window in windows if window[1] < alarm]
    if not before:
        return -1.0
    first, last = max(before, key=lambda window: window[1])
    return sigmoid((alarm - last) / max(1, last - first))


def score(group: Sequence[Series], profile: Profile) -> float:
    """Scores a group of series: 0 for silence, 100 for perfection."""
    windows = sum(len(series.windows) for series in group)
    least, most = -profile.missed * windows, profile.found * windows
    return 100 * (sum(points(series, profile) for series in group) - least) / (most - least)
