"""How many negatives the next hours bring, with how far that may be wrong. Pure.

A damped trend on the logarithms of the counts (Gardner and McKenzie, Forecasting trends in time series, Management
Science 31, 1985, with the usual weights of fast series), and a negative binomial spread round it: counts vary by chance
and by what nobody knows of the next hours. How much that is comes from the series' own errors of one step and a prior;
the test draws waves and counts how often the interval holds.
"""

from collections.abc import Sequence
from math import exp, log, sqrt

import numpy as np
from numpy.typing import NDArray

LEVEL, TREND, DAMPING = 0.6, 0.1, 0.8  # weights of the newest count; what is left of the trend at each step
PRIOR, PRIOR_STEPS = 0.35, 6.0  # deviation of a step's log rate, and how many steps that is worth; set by us
TOGETHER = 0.5  # of a step's variance is left in a sum of twelve; as the test's waves want it
LEAST_STEPS = 3  # counts before anything is said
LEAST = 5  # posts in them
TAIL = 0.1  # left out at each end


def forecast(counts: Sequence[int], steps: int) -> tuple[float, float, float] | None:
    """Forecasts the sum of the next `steps` counts: the lower end, the middle and the upper end of four in five.

    None where too little is there to go on.
    """
    if len(counts) < LEAST_STEPS or sum(counts) < LEAST:
        return None
    level, trend = log(counts[0] + 0.5), 0.0
    wrong, weight = PRIOR**2 * PRIOR_STEPS, PRIOR_STEPS
    for count in counts[1:]:
        due = level + DAMPING * trend
        error = log(count + 0.5) - due
        chance = 1.0 / (exp(due) + 0.5)  # of counting, in logarithms
        wrong, weight = wrong + max(0.0, error**2 - chance), weight + 1.0
        trust = 1.0 / (1.0 + chance)  # a count of few posts says little
        trend = DAMPING * trend + TREND * trust * error
        level = due + LEVEL * trust * error
    mean = max(sum(_path(level, trend, steps)), 0.1)
    return _quantiles(mean, TOGETHER * wrong / weight, (TAIL, 0.5, 1.0 - TAIL))


def _path(level: float, trend: float, steps: int) -> list[float]:
    found = []
    for _ in range(steps):
        trend *= DAMPING
        level += trend
        found.append(max(0.0, exp(min(level, 20.0)) - 0.5))
    return found


def _quantiles(mean: float, unknown: float, at: tuple[float, float, float]) -> tuple[float, float, float]:
    """Finds quantiles of the negative binomial with variance mean + unknown * mean²."""
    size = 1.0 / max(unknown, 1e-6)
    top = int(mean + 12 * sqrt(mean + unknown * mean**2)) + 10
    scale = max(1, top // 200_000)  # beyond some hundred thousand posts in hundreds
    mean, top = mean / scale, top // scale
    k: NDArray[np.float64] = np.arange(top, dtype=np.float64)
    ratios = np.log((k + size) / (k + 1.0)) + log(mean / (mean + size))
    logs = np.concatenate(([size * log(size / (mean + size))], ratios)).cumsum()
    below = np.exp(logs).cumsum()
    low, middle, high = (float(np.searchsorted(below, part * below[-1])) * scale for part in at)
    return low, middle, high
