"""From a budget of alarms a week to the score above which a topic is alarmed. Pure.

The threshold is the lowest that the topic's own past would have kept to: the highest scores of its last eight weeks of
days, and a prior worth four weeks, because a short past says little about rare scores. The prior is an exponential tail
(peaks over a threshold, as in extreme value statistics): one day in seven above 5, a factor e less for every 1.5.
"""

import numpy as np

from alerts.detection.series.memory import Flags, Floats, Memory

DAYS = 56  # highest scores kept, one a day
PRIOR_SCORE, PRIOR_SCALE = 5.0, 1.5  # once a week above 5; on the benchmark's series 1.3-2 fit the tails of most
PRIOR_DAYS = 28.0  # what the prior is worth; 14 to 56 give nearly the same
LOWEST, HIGHEST = 3.5, 100.0
LOWEST_RISE = 4.0  # of series that are told of rises alone: posts come in clumps, what stays away cannot
_HALVINGS = 24

ROWS = {"maxima": DAYS, "days": 1, "today": 1, "threshold": 1}
_UNSEEN = -1.0  # the highest score of a day of which nothing was judged
START = {"today": _UNSEEN, "threshold": HIGHEST}


class Budget:
    """Thresholds of S series for `alerts_per_week` (S,) alarms a week each, none below `lowest` (S,)."""

    def __init__(self, memory: Memory, alerts_per_week: Floats, lowest: Floats) -> None:
        self.memory, self._lowest = memory, lowest
        self._budget = alerts_per_week

    @property
    def threshold(self) -> Floats:
        """Tells each series' threshold, in deviations."""
        threshold: Floats = self.memory["threshold"][0]
        return threshold

    def take(self, scores: Floats, judged: Flags) -> None:
        """Remembers the day's highest score, where the step was `judged`."""
        today = self.memory["today"][0]
        np.maximum(today, scores, out=today, where=judged)

    def end_day(self) -> None:
        """Closes a day: its highest score joins the past, and the threshold follows.

        A day of which nothing was judged is no calm one, and leaves the threshold where it is.
        """
        know = self.memory
        known = know["today"][0] > _UNSEEN
        place = know["days"][0].astype(np.intp) % DAYS
        columns = np.flatnonzero(known)
        know["maxima"][place[columns], columns] = know["today"][0][columns]
        know["days"][0] += known
        know["today"][0] = _UNSEEN
        self.settle()

    def settle(self) -> None:
        """Finds the thresholds anew, by halving: the expected number of days above it falls with the threshold."""
        know = self.memory
        days = np.minimum(know["days"][0], DAYS)
        low, high = self._lowest.copy(), np.full(len(days), HIGHEST)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            above = (know["maxima"] > middle).sum(axis=0)
            prior = PRIOR_DAYS * np.minimum(1.0, np.exp((PRIOR_SCORE - middle) / PRIOR_SCALE) / 7)
            too_many = 7 * (prior + above) / (PRIOR_DAYS + days) > self._budget
            low, high = np.where(too_many, middle, low), np.where(too_many, high, middle)
        know["threshold"][0] = high
