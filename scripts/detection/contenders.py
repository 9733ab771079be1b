"""The published peers of the detector, as judges of S series that take one step after the other. Pure.

Each gives a score a step and series: the higher, the further from the usual. None of them knows of steps that were not
observed: those count as zero, as they would have then.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

import numpy as np

from alerts.detection.series.memory import Floats
from scripts.detection.seasonal import DAY, Ring, Season, Trailing
from scripts.detection.shipped import Shipped

BASELINE = 7  # steps or days: of EARS
LEAST_SPREAD = 0.5  # posts: under it a series that was zero for a while would call every post; set by us
FARRINGTON_DAYS = 21
FARRINGTON_WINDOWS = (timedelta(minutes=15), timedelta(hours=1))
WEIGHED_FROM = 2.58  # Anscombe residual from which a past count is weighed down: Noufaily et al. 2013
SCAN = (timedelta(minutes=15), timedelta(minutes=30), timedelta(hours=1))
RISE = 4.0
LEAST_EXPECTED = 0.05  # posts in a window
SHIPPED = "shipped 0.1"


class Contender(Protocol):
    """Scores S series, a step at a time; steps follow one another."""

    def score(self, moment: datetime, counts: Floats) -> Floats:
        """Scores the step that begins at `moment`, (S,), and learns from it."""
        ...


class ZScore:
    """Measures deviations from the mean of the last 24 hours: what most home-made alarms do."""

    def __init__(self, series: int, step: timedelta) -> None:
        self._length = DAY // step
        self._sum, self._squares = Trailing(self._length, series), Trailing(self._length, series)
        self._taken = 0

    def score(self, moment: datetime, counts: Floats) -> Floats:
        known = max(1, min(self._taken, self._length))
        mean = self._sum.sum / known
        spread = np.sqrt(np.maximum(self._squares.sum / known - mean**2, LEAST_SPREAD**2))
        self._sum.push(counts)
        self._squares.push(counts**2)
        self._taken += 1
        return (counts - mean) / spread if self._taken > BASELINE else np.zeros(len(counts))


class Ears:
    """Scores as C1, C2 or C3 of the Early Aberration Reporting System do (Hutwagner et al. 2003, J Urban Health 80).

    Made for days: C1 holds a day against the mean and deviation of the seven before, C2 leaves out the two days
    before it, C3 adds what C2 had above 1 over the last three. Here a "day" is a step (`apart=1`), or for the baseline
    the same step of so many days ago (`apart` = steps of a day); C3 adds the last three steps either way.
    """

    def __init__(self, series: int, kind: int, apart: int) -> None:
        first = 1 if kind == 1 else 3
        self._lags = apart * np.arange(first, first + BASELINE)
        self._ring = Ring(int(self._lags[-1]) + 1, series)
        self._three = Trailing(3, series) if kind == 3 else None

    def score(self, moment: datetime, counts: Floats) -> Floats:
        self._ring.push(counts)
        if self._ring.taken < len(self._ring):
            return np.zeros(len(counts))
        before = self._ring.ago(self._lags)
        found: Floats = (counts - before.mean(axis=0)) / np.maximum(before.std(axis=0, ddof=1), LEAST_SPREAD)
        return found if self._three is None else self._three.push(np.maximum(found - 1, 0.0))


class Farrington:
    """Scores in the manner of the improved Farrington method (Noufaily et al. 2013, Statistics in Medicine 32).

    A quasi-Poisson mean of the same time of day of the last 21 days and one window before and after it, past outbreaks
    weighed down, without a trend (three weeks hold none); the score is the deviate at which the method's limit on the
    2/3-power scale would be the count. The highest over windows of 15 and 60 minutes.
    """

    def __init__(self, series: int, step: timedelta) -> None:
        a_day = DAY // step
        self._windows: list[tuple[Trailing, Ring, Floats]] = []
        for length in sorted({max(1, window // step) for window in FARRINGTON_WINDOWS}):
            lags = (a_day * np.arange(1, FARRINGTON_DAYS + 1) + length * np.array([[-1], [0], [1]])).ravel()
            self._windows.append((Trailing(length, series), Ring(int(lags.max()) + 1, series), np.sort(lags)))

    def score(self, moment: datetime, counts: Floats) -> Floats:
        best = np.zeros(len(counts))
        for trailing, ring, lags in self._windows:
            count = trailing.push(counts)
            ring.push(count)
            known = lags[lags < ring.taken]
            if len(known) >= BASELINE:
                np.maximum(best, _farrington(count, ring.ago(known)), out=best)
        return best


def _farrington(count: Floats, past: Floats) -> Floats:
    """Computes the deviate of a count (S,) among past ones (n, S)."""
    n, two_thirds = len(past), np.cbrt(past) ** 2
    mean = np.maximum(past.mean(axis=0), LEAST_EXPECTED)
    spread = np.maximum(((past - mean) ** 2 / mean).sum(axis=0) / (n - 1), 1.0)
    anscombe = 1.5 * (two_thirds - np.cbrt(mean) ** 2) / (mean ** (1 / 6) * np.sqrt(spread * (1 - 1 / n)))
    weights = np.where(anscombe > WEIGHED_FROM, np.maximum(anscombe, WEIGHED_FROM) ** -2.0, 1.0)
    weights *= n / weights.sum(axis=0)
    mean = np.maximum((weights * past).sum(axis=0) / n, LEAST_EXPECTED)
    spread = np.maximum((weights * (past - mean) ** 2 / mean).sum(axis=0) / (n - 1), 1.0)
    error = np.sqrt(spread * mean + spread * mean / n)
    deviate: Floats = 1.5 * mean * (np.cbrt(count / mean) ** 2 - 1) / error
    return deviate


class PoissonScan:
    """Scores by the likelihood ratio of more than the expected Poisson count in the last 15, 30 or 60 minutes.

    The purely temporal, prospective scan of Kulldorff 2001 (J R Stat Soc A 164) with a seasonal expectation.
    """

    def __init__(self, series: int, step: timedelta) -> None:
        lengths = sorted({max(1, window // step) for window in SCAN})
        self._season = Season(series, step)
        self._windows = [(Trailing(length, series), Trailing(length, series)) for length in lengths]

    def score(self, moment: datetime, counts: Floats) -> Floats:
        mean, best = self._season.mean(moment), np.zeros(len(counts))
        for seen, due in self._windows:
            count, expected = seen.push(counts), np.maximum(due.push(mean), LEAST_EXPECTED)
            ratio = count * np.log(np.maximum(count, expected) / expected) - np.maximum(count - expected, 0.0)
            np.maximum(best, ratio, out=best)
        self._season.learn(moment, counts, mean)
        return best


class NegativeBinomialCusum:
    """Sums the likelihood ratio of a four-fold rise under a seasonal expectation, never below zero.

    Page 1954 for negative-binomial counts, as Watkins et al. 2008 (Ross River virus) and Hoehle and Paul 2008 have it.
    """

    def __init__(self, series: int, step: timedelta) -> None:
        self._season = Season(series, step)
        self._sum = np.zeros(series)

    def score(self, moment: datetime, counts: Floats) -> Floats:
        mean, odds = self._season.mean(moment), self._season.dispersion - 1
        quieter = np.log((1 + 1 / odds) / (RISE + 1 / odds))
        gain = counts * (np.log(RISE) + quieter) + mean / odds * quieter
        self._sum = np.maximum(self._sum + gain, 0.0)
        self._season.learn(moment, counts, mean)
        return self._sum


def roster() -> Mapping[str, Callable[[int, timedelta], Contender]]:
    """Lists every contender by the name it has in the tables: what makes it for S series in steps of a length."""
    return {
        "z-score, 24 h": ZScore,
        "EARS C1, steps": lambda series, step: Ears(series, 1, 1),
        "EARS C2, steps": lambda series, step: Ears(series, 2, 1),
        "EARS C3, steps": lambda series, step: Ears(series, 3, 1),
        "EARS C1, days": lambda series, step: Ears(series, 1, DAY // step),
        "EARS C2, days": lambda series, step: Ears(series, 2, DAY // step),
        "EARS C3, days": lambda series, step: Ears(series, 3, DAY // step),
        "Farrington": Farrington,
        "Poisson scan": PoissonScan,
        "NB CUSUM 4x": NegativeBinomialCusum,
        SHIPPED: Shipped,
    }
