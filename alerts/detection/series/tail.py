"""How rare a count is that comes in clumps: the upper tail of the negative binomial, in deviations of a normal. Pure.

Where few posts are expected, a square root takes a clump of five for an outbreak: counts of social media are
over-dispersed, and the negative binomial is what surveillance holds such counts against (Noufaily et al. 2013). With
mean m and variance m x D it has size r = m / (D - 1) and P(0) = D^-r; the rest follows by P(k + 1) / P(k).
"""

import math
from statistics import NormalDist

import numpy as np

from alerts.detection.series.memory import Floats

MOST_DUE = 20.0  # posts: above, the square root is as good
MOST_COUNTED = 60  # posts: so many of fewer than MOST_DUE are no clump, whatever clumps there are
WIDER = 1.5  # times the measured dispersion, as the rate wanders, too; 1 lets sparse topics cry 1.4 times as often
_LEAST_DISPERSION = 1.05
_RAREST = 12  # powers of ten: a rarer tail is lost in double precision, and needs no measure
_POWERS = np.arange(-math.log10(0.5), _RAREST, 0.02)
_DEVIATIONS = np.array([-NormalDist().inv_cdf(10.0**-power) for power in _POWERS])


def clump_score(counted: Floats, due: Floats, dispersion: Floats) -> Floats:
    """Computes how many deviations of a normal `counted` posts are above the `due` ones, (S,) each.

    0 for what is no more than the median, infinite where counts are beyond clumps: another measure holds for those.
    """
    score = np.full(len(counted), np.inf)
    asked = np.flatnonzero((due < MOST_DUE) & (counted <= MOST_COUNTED))
    if not len(asked):
        return score
    tails = _tails(due[asked], dispersion[asked], math.ceil(float(counted[asked].max())))
    wanted = np.ceil(counted[asked]).astype(np.intp)
    score[asked] = _deviations(tails[wanted, np.arange(len(asked))])
    return score


def clump_reaching(threshold: Floats, due: Floats, dispersion: Floats) -> Floats:
    """Finds the lowest count whose `clump_score` is at least `threshold`, (S,): what lies below is but a clump."""
    reached = np.zeros(len(due))
    asked = np.flatnonzero(due < MOST_DUE)
    if not len(asked):
        return reached
    scores = _deviations(_tails(due[asked], dispersion[asked], MOST_COUNTED))
    enough = scores >= threshold[asked]
    reached[asked] = np.where(enough.any(axis=0), enough.argmax(axis=0), MOST_COUNTED + 1)
    return reached


def _tails(due: Floats, dispersion: Floats, most: int) -> Floats:
    """Computes P(X >= k) for k = 0..most, (most + 1, S)."""
    wide = np.maximum(dispersion * WIDER, _LEAST_DISPERSION)
    size, falling = due / (wide - 1), 1 - 1 / wide
    chance, below = wide**-size, np.zeros(len(due))
    tails = np.empty((most + 1, len(due)))
    for count in range(most + 1):
        tails[count] = 1 - below
        below = below + chance
        chance = chance * (count + size) / (count + 1) * falling
    return tails


def _deviations(tails: Floats) -> Floats:
    powers = -np.log10(np.maximum(tails, 10.0**-_RAREST))
    found: Floats = np.interp(powers, _POWERS, _DEVIATIONS, left=0.0, right=np.inf)
    return found
