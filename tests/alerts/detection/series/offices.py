"""Made-up offices for the detector's tests: counts a step from a plan of means, judged one step after the other."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import numpy as np

from alerts.detection.series.days import OfficeCalendar
from alerts.detection.series.detector import Detector, Judged
from stream.process.clock import SHANGHAI

CALENDAR = OfficeCalendar()
MONDAY = datetime(2026, 8, 3, tzinfo=SHANGHAI)
DAY = timedelta(days=1)

Plan = Callable[[datetime], float]


def flat(mean: float) -> Plan:
    """The same mean at every step."""
    return lambda _at: mean


def office(mean: float) -> Plan:
    """Busy from eight to eight on days that offices work, a tenth of it else."""

    def plan(at: datetime) -> float:
        day, hour = divmod(CALENDAR.slot(at).like, 24)
        return mean if day < 5 and 8 <= hour < 20 else mean / 10

    return plan


def drawn(plan: Plan, days: float, step: timedelta, *, seed: int = 7, dispersion: float = 1.0) -> np.ndarray:
    """Draws counts from MONDAY on, Poisson or, with a variance over mean above 1, negative binomial."""
    rng = np.random.default_rng(seed)
    means = np.array([plan(MONDAY + number * step) for number in range(int(days * DAY / step))])
    if dispersion > 1:
        means = rng.gamma(means / (dispersion - 1) + 1e-12, dispersion - 1)
    return rng.poisson(means).astype(float)


def judged(detector: Detector, counts: np.ndarray, start: datetime = MONDAY) -> Iterator[Judged]:
    """Judges the steps of `counts`, (steps,) for one series or (steps, S)."""
    for number, step in enumerate(counts.reshape(len(counts), -1)):
        yield detector.judge(start + number * detector.step, step)


def alerts(detector: Detector, counts: np.ndarray, start: datetime = MONDAY) -> list[datetime]:
    """Lists when a single series would have been told."""
    return [one.at for one in judged(detector, counts, start) if one.alert[0]]
