"""The detector that 0.1 shipped, kept as it was to be measured against: its arithmetic over S series. Pure.

A copy of `alerts/detection/baseline.py` and `signals.py` of 0.1, every mention taken for a negative of an author of
its own: no share gate, no copies, no silent sources. A baseline of hours (level x hour of day, UTC) learnt anew from 21
days each day, the hours of the day added as they end (0.1 did all of it each hour; the numbers hardly move), a
negative-binomial CUSUM for a four-fold rise and the square-root residual of the last hour.
"""

from collections import deque
from datetime import UTC, datetime, timedelta
from math import log

import numpy as np

from alerts.detection.series.memory import Floats
from scripts.detection.seasonal import DAY, HOUR, Trailing

HISTORY = 21 * 24  # hours
SLOW = 1 - 0.5 ** (1 / 60)
FORGETTING = 0.5 ** (1 / 21)
PSEUDO, FLOOR, WINSOR, ANSCOMBE = 5.0, 0.25, 3.0, 0.375
DISPERSION = (1.5, 3.0)
CUSUM, RESIDUAL, RISE, CAP = 6.0, 5.0, 4.0, 2.0
LEAST_POSTS = 5.0


class HourlyBaseline:
    """What `learn` of 0.1 knew of S series after so many hours."""

    def __init__(self, series: int) -> None:
        self.level, self.squares, self.residuals = np.zeros(series), np.zeros(series), np.zeros(series)
        self.seen, self.due = np.zeros((24, series)), np.zeros((24, series))
        self.hours = 0

    def add(self, hour: int, count: Floats) -> None:
        """Learns one more hour of the day (UTC)."""
        factor = self.factor(hour)
        expected = np.maximum(self.level * factor, FLOOR)
        taught = np.minimum(count, expected + WINSOR * np.sqrt(expected * DISPERSION[1]))
        self.squares += (taught - expected) ** 2 / expected
        self.residuals += residual(taught, expected) ** 2
        self.level += max(SLOW, 1 / (self.hours + 24)) * (taught / factor - self.level)
        self.seen[hour] = self.seen[hour] * FORGETTING + taught
        self.due[hour] = self.due[hour] * FORGETTING + self.level
        self.hours += 1

    def factor(self, hour: int) -> Floats:
        """Computes how the hour compares to the level."""
        drawn: Floats = (self.seen[hour] + PSEUDO) / (self.due[hour] + PSEUDO)
        return drawn

    def expected(self, start: datetime, length: timedelta) -> Floats:
        """Computes the count expected in [start, start + length)."""
        middle = start + length / 2
        return np.maximum(self.level * self.factor(middle.hour), FLOOR) * (length / HOUR)

    @property
    def dispersion(self) -> Floats:
        return np.clip(self.squares / max(1, self.hours), *DISPERSION)

    @property
    def spread(self) -> Floats:
        return np.maximum(1.0, np.sqrt(self.residuals / max(1, self.hours)))


def residual(count: Floats, expected: Floats) -> Floats:
    """Measures the variance-stabilised distance of counts from what was expected."""
    return 2 * (np.sqrt(count + ANSCOMBE) - np.sqrt(expected + ANSCOMBE))


class Shipped:
    """Scores the higher of CUSUM over 6 and residual over 5: from 1 on it was a spike.

    `held` keeps the CUSUM at twice its threshold as 0.1 did; without it the score can be held against any threshold.
    """

    def __init__(self, series: int, step: timedelta, *, held: bool = False) -> None:
        self._step, self._in_hour = step, HOUR // step
        self._limit = CAP * CUSUM if held else np.inf
        self._usual = HourlyBaseline(series)
        self._past: deque[tuple[int, Floats]] = deque(maxlen=HISTORY)
        self._hour, self._pending = Trailing(self._in_hour, series), np.zeros(series)
        self._sum, self._steps, self._ended = np.zeros(series), 0, 0

    def score(self, moment: datetime, counts: Floats) -> Floats:
        """Scores the step that begins at `moment`, then learns the hour before the last full one."""
        moment, count = moment.astimezone(UTC), self._hour.push(counts)
        self._steps += 1
        usual = self._usual
        mean, odds = usual.expected(moment, self._step), usual.dispersion - 1
        quieter = np.log((1 + 1 / odds) / (RISE + 1 / odds))
        gain = counts * (log(RISE) + quieter) + mean / odds * quieter
        known = self._steps * self._step >= DAY  # 0.1 summed up one day anew each time: never one without a baseline
        self._sum = np.minimum(np.maximum(self._sum + gain, 0.0), self._limit) * known
        expected = usual.expected(moment + self._step - HOUR, HOUR)
        rise = np.where(count > expected, self._sum / CUSUM, 0.0)
        score = np.maximum(rise, residual(count, expected) / usual.spread / RESIDUAL)
        self._end_hour(moment, count)
        return np.where((count >= LEAST_POSTS) & known, score, 0.0)

    def _end_hour(self, moment: datetime, count: Floats) -> None:
        """Learns an hour when the next one has ended: the window never teaches what it is held against."""
        end = moment + self._step
        if end.minute * 60 + end.second >= self._step.total_seconds():
            return
        if self._ended:
            self._past.append(((end - 2 * HOUR).hour, self._pending))
            if self._ended % 24 and self._ended > 24:
                self._usual.add(*self._past[-1])
            else:
                self._usual = _learn(self._past)
        self._pending = count
        self._ended += 1


def _learn(past: deque[tuple[int, Floats]]) -> HourlyBaseline:
    usual = HourlyBaseline(len(past[0][1]))
    usual.level = np.median([count for _, count in list(past)[:24]], axis=0)
    for hour, count in past:
        usual.add(hour, count)
    return usual
