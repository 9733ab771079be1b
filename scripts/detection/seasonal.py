"""What the seasonal contenders expect: level x hour of day x hour of week, and trailing windows over their counts.

Numbers are those of the published trials' stand-ins in our own simulation: a level of two to three days, factors that
forget over three weeks and are drawn towards the coarser one by 12 and 24 steps at the usual level.
"""

from datetime import datetime, timedelta

import numpy as np

from alerts.detection.series.memory import Floats
from stream.process.clock import SHANGHAI

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LEVEL_HALF_LIFE = timedelta(hours=60)
FORGETTING = 0.5 ** (1 / 21)  # a day
DAY_PRIOR, WEEK_PRIOR = 12.0, 24.0  # steps at the usual level
WINSOR = 3.0  # deviations above the expected that one step may teach; Noufaily et al. 2013 weigh down from 2.58
DISPERSION = (1.2, 3.0)  # variance over mean, the lower one before anything is known
LEAST = 0.02  # posts a step: below it "so many times as usual" means nothing


class Ring:
    """The last `length` steps of S series. `ago(0)` is the newest; what was not taken yet is zero."""

    def __init__(self, length: int, series: int) -> None:
        self._rows = np.zeros((length, series))
        self.taken = 0

    def __len__(self) -> int:
        return len(self._rows)

    def push(self, row: Floats) -> None:
        """Takes the newest step, and loses the oldest one."""
        self._rows[self.taken % len(self._rows)] = row
        self.taken += 1

    def ago(self, steps: int | np.ndarray) -> Floats:
        """Returns the counts of so many steps before the newest, (S,) or (n, S)."""
        rows: Floats = self._rows[(self.taken - 1 - np.asarray(steps)) % len(self._rows)]
        return rows


class Trailing:
    """Sums over the last `length` steps of S series."""

    def __init__(self, length: int, series: int) -> None:
        self._ring = Ring(length, series)
        self.sum = np.zeros(series)

    def push(self, row: Floats) -> Floats:
        """Takes the newest step and returns the sum that ends with it."""
        self.sum = self.sum + row - self._ring.ago(len(self._ring) - 1)
        self._ring.push(row)
        return self.sum


class Season:
    """Learns what S series usually have at an hour of the week. `mean` first, then `learn`, for each step in turn."""

    def __init__(self, series: int, step: timedelta) -> None:
        self._slow = 1 - 0.5 ** (step / LEVEL_HALF_LIFE)
        self._a_day = DAY / step
        self.level, self.dispersion = np.zeros(series), np.full(series, DISPERSION[0])
        self._day = np.zeros((2, 24, series))  # seen, due
        self._week = np.zeros((2, 168, series))
        self._age = 0
        self._date = datetime.min.date()

    def mean(self, moment: datetime) -> Floats:
        """Computes the count expected of the step at `moment`."""
        at = _hour_of_week(moment)
        return np.maximum(self.level * self._daily(at % 24) * self._weekly(at), LEAST)

    def learn(self, moment: datetime, counts: Floats, mean: Floats) -> None:
        """Learns from the step, cut off above the expected."""
        at, local = _hour_of_week(moment), moment.astimezone(SHANGHAI).date()
        if local != self._date:
            self._date = local
            self._day *= FORGETTING
            self._week *= FORGETTING
        rate = max(self._slow, 1 / (self._age + self._a_day / 12))
        taught = np.minimum(counts, mean + WINSOR * np.sqrt(mean * DISPERSION[1])) if self._age else counts
        excess = (taught - mean) ** 2 / mean if self._age else self.dispersion
        self.dispersion = np.clip(
            self.dispersion + max(self._slow, 1 / (self._age + self._a_day)) * (excess - self.dispersion), *DISPERSION
        )
        daily = self._daily(at % 24)
        self.level = self.level + rate * (taught / (daily * self._weekly(at)) - self.level)
        self._day[:, at % 24] += taught, self.level
        self._week[:, at] += taught, self.level * daily
        self._age += 1

    def _daily(self, hour: int) -> Floats:
        return _factor(self._day[:, hour], DAY_PRIOR * self.level)

    def _weekly(self, hour: int) -> Floats:
        return _factor(self._week[:, hour], WEEK_PRIOR * self.level)


def _factor(sums: Floats, prior: Floats) -> Floats:
    drawn: Floats = (sums[0] + prior + LEAST) / (sums[1] + prior + LEAST)
    return drawn


def _hour_of_week(moment: datetime) -> int:
    local = moment.astimezone(SHANGHAI)
    return local.weekday() * 24 + local.hour
