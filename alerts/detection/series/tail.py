"""How rare a count is that comes in clumps: the upper tail of the negative binomial, in deviations of a normal. Pure.

Counts of social media are over-dispersed, and the negative binomial is what surveillance holds such counts against
(Noufaily et al. 2013). A square root, however wide its spread, is not: where few posts are expected it takes a clump of
five for an outbreak, and where many are, any lively quarter of an hour of a topic that lives by fits. With mean m and
variance m x D the size is r = m / (D - 1).

Both tails are closed forms, so any count can be asked about. From two deviations on they are within 0.25 of the exact
one, and within 0.06 where r is above 0.3: the modified root of the saddlepoint approximation (Lugannani and Rice 1980;
for counts Daniels 1987), and for a size so small that any clump is news the logarithmic series that is left then
(Fisher 1943), r x E1(k / D).
"""

import math
from statistics import NormalDist

import numpy as np

from alerts.detection.series.memory import Floats

SMALL = 0.05  # size below which the saddlepoint's normal does not hold
_LEAST_DISPERSION = 1.05
_LEAST_DUE = 1e-12  # posts: nothing at all is due of no topic
_FLAT = 1e-4  # of the tilt: nearer to the mean the root is lost in rounding, and the count is usual anyway
_RAREST = 300  # powers of ten: what is rarer is lost in double precision, and needs no measure
_POWERS = np.geomspace(math.log10(2), _RAREST, 1000)
_DEVIATIONS = np.array([-NormalDist().inv_cdf(10.0**-power) for power in _POWERS])


def clump_score(counted: Floats, due: Floats, dispersion: Floats) -> Floats:
    """Computes how many deviations of a normal `counted` posts are above the `due` ones, (S,) each.

    0 for what is no more than what is due, infinite where no measure is needed. Counts between two whole ones are as
    rare as the next whole one.
    """
    due, wide = np.maximum(due, _LEAST_DUE), np.maximum(dispersion, _LEAST_DISPERSION)
    size, least = due / (wide - 1), np.maximum(np.ceil(counted), 1.0) - 0.5
    score = np.where(size < SMALL, _of_series(least, size, wide), _of_root(least, size, wide))
    return np.where(counted > due, np.maximum(score, 0.0), 0.0)


def _of_root(least: Floats, size: Floats, wide: Floats) -> Floats:
    tilt = np.maximum(np.log(least / (size + least)) - np.log1p(-1 / wide), _FLAT)
    root = np.sqrt(np.maximum(2 * (least * tilt + size * np.log(wide * size / (size + least))), _FLAT**2))
    slope = 2 * np.sinh(tilt / 2) * np.sqrt(least * (size + least) / size)
    score: Floats = root + np.log(slope / root) / root
    return score


def _of_series(least: Floats, size: Floats, wide: Floats) -> Floats:
    """Takes E1(y) for the mean of its bounds (Abramowitz and Stegun 5.1.20)."""
    y = least * -np.log1p(-1 / wide)
    chance = np.log(size) + size * np.log(y) - y + np.log(np.log1p(1 / y) / 2 + np.log1p(2 / y) / 4)
    score: Floats = np.interp(-chance / math.log(10), _POWERS, _DEVIATIONS, left=0.0, right=np.inf)
    return score


def clump_reaching(threshold: Floats, due: Floats, dispersion: Floats) -> Floats:
    """Finds the lowest count whose `clump_score` is at least `threshold`, (S,): what lies below is but a clump."""
    wide = np.maximum(dispersion, _LEAST_DISPERSION)
    low = np.zeros(len(due))
    high = np.ceil(due + 2 * threshold * np.sqrt(due * wide) + (threshold**2 + 20) * wide)  # beyond any tail
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2)
        enough = clump_score(middle, due, dispersion) >= threshold
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return high
