"""How far counts lie from what is expected: square-root residuals of the last hour, day and three days. Pure.

The square root makes a count's variance nearly the same at every mean (Anscombe 1948). Each span is held against its
own spread over the last two weeks, so that a topic whose days differ by ten times is not alarmed by its ordinary days.
The hour finds a burst within minutes, day and three days find what grows slowly (three posts a day, doubling).
"""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from alerts.detection.expectation import Expected
from alerts.detection.memory import Flags, Floats, Memory

FAST = timedelta(hours=1)
SLOW = (timedelta(hours=24), timedelta(hours=72))
SPREAD_HALF_LIFE = timedelta(days=14)
SPREAD_START = 2.0  # squared residual before anything is known
SPREAD_WEIGHT = 2.0  # days that this start counts
SPREAD_CAP, SLOW_CAP = 9.0, 3.0  # times the spread that one step may teach; a slow rise lasts for hundreds of steps
BLOCK_CAP, BLOCK_LEAST = 3.0, 2.0  # deviations, and posts, above the usual that one hour may add to a slow window
ANSCOMBE = 0.375

START = {"spread": SPREAD_START}


@dataclass(frozen=True, slots=True)
class Residuals:
    """(S,) each: the highest and lowest standardised residual over the spans, and the numbers of the span that went
    furthest: which one, what it counted, what was expected; `hour` is what the fastest one counted."""

    rise: Floats
    fall: Floats
    span: np.ndarray
    counted: Floats
    expected: Floats
    hour: Floats


START = {"spread": SPREAD_START}


class Windows:
    """Trailing windows of S series in steps of `step`."""

    def __init__(self, memory: Memory, step: timedelta) -> None:
        self.memory = memory
        self._in_fast = fast_steps(step)
        self.spans = spans(step)
        self._rate = 1 - 0.5 ** (step / SPREAD_HALF_LIFE)
        self._start = SPREAD_WEIGHT * timedelta(days=1) / step

    @staticmethod
    def rows(step: timedelta) -> dict[str, int]:
        """Names the rows that it keeps."""
        blocks = max(spans(step)) // (fast_steps(step) * step)
        rings = ("counted", "expected", "doubt")
        return {
            **{f"fast_{ring}": fast_steps(step) for ring in rings},
            **{f"slow_{ring}": blocks for ring in rings},
            "spread": len(spans(step)),
            "spread_age": 1,
        }

    def take(
        self, number: int, counts: Floats, expected: Expected, observed: Flags, rises: Flags, falls: Flags
    ) -> Residuals:
        """Takes the step that is the `number`-th since some beginning, and measures the windows that end with it.

        `rises` and `falls` say which way a series is asked about.
        """
        self._ring(number, counts, expected, observed)
        sums = [self._sums(number, length) for length in self.spans]
        squared, scores = [], []
        for at, (counted, due, doubt) in enumerate(sums):
            distance = 2 * (np.sqrt(counted + ANSCOMBE) - np.sqrt(due + ANSCOMBE))
            scores.append(distance / np.sqrt(self.memory["spread"][at] + doubt))
            squared.append(distance**2)
        self._learn(squared, observed)
        table = np.array(scores)
        rise, fall = table.max(axis=0), table.min(axis=0)
        down = falls & (~rises | (-fall > rise))
        span = np.where(down, np.argmin(table, axis=0), np.argmax(table, axis=0))
        everyone = np.arange(table.shape[1])
        return Residuals(
            rise=rise,
            fall=fall,
            span=span,
            counted=np.array([one[0] for one in sums])[span, everyone],
            expected=np.array([one[1] for one in sums])[span, everyone],
            hour=sums[0][0],
        )

    def limits(self, threshold: Floats) -> tuple[Floats, Floats, Floats]:
        """Tells of the fast window that ended last: what was expected in it, the fewest and the most posts (all (S,))
        that stay within a `threshold` in deviations. Fewest is 0 where not even silence would leave the usual."""
        know = self.memory
        due, doubt = know["fast_expected"].sum(axis=0), know["fast_doubt"].sum(axis=0)
        root, reach = np.sqrt(due + ANSCOMBE), threshold * np.sqrt(know["spread"][0] + doubt) / 2
        fewest = np.maximum(np.maximum(root - reach, 0.0) ** 2 - ANSCOMBE, 0.0)
        return due, fewest, (root + reach) ** 2 - ANSCOMBE

    def _ring(self, number: int, counts: Floats, expected: Expected, observed: Flags) -> None:
        know, at = self.memory, number % self._in_fast
        for length, mean in (("fast", expected.mean), ("slow", expected.lasting)):
            due = np.where(observed, mean, 0.0)
            for ring, value in (("counted", counts), ("expected", due), ("doubt", due * expected.doubt)):
                kept = know[f"{length}_{ring}"]
                if length == "fast":
                    kept[at] = value
                    continue
                block = number // self._in_fast % len(kept)
                kept[block] = value if at == 0 else kept[block] + value
                if ring == "counted":
                    np.minimum(kept[block], self._most(mean), out=kept[block])

    def _most(self, mean: Floats) -> Floats:
        """Computes what one block may add to the slow windows: they look for what lasts, a burst is the fast one's."""
        hour = mean * self._in_fast
        most: Floats = hour + BLOCK_CAP * np.sqrt(hour * self.memory["dispersion"][0]) + BLOCK_LEAST
        return most

    def _sums(self, number: int, length: timedelta) -> tuple[Floats, Floats, Floats]:
        know = self.memory
        if length == self.spans[0]:
            return (
                know["fast_counted"].sum(axis=0),
                know["fast_expected"].sum(axis=0),
                know["fast_doubt"].sum(axis=0),
            )
        ring = len(know["slow_counted"])
        wanted = length // self.spans[0]
        blocks = (number // self._in_fast - np.arange(wanted)) % ring
        return (
            know["slow_counted"][blocks].sum(axis=0),
            know["slow_expected"][blocks].sum(axis=0),
            know["slow_doubt"][blocks].sum(axis=0),
        )

    def _learn(self, squared: list[Floats], observed: Flags) -> None:
        age = self.memory["spread_age"][0]
        rate = np.where(observed, np.maximum(self._rate, 1 / (age + self._start)), 0.0)
        for at, square in enumerate(squared):
            spread = self.memory["spread"][at]
            spread += rate * (np.minimum(square, (SLOW_CAP if at else SPREAD_CAP) * spread) - spread)
            np.maximum(spread, 1.0, out=spread)
        age += observed


def fast_steps(step: timedelta) -> int:
    """Counts the steps of the fastest window."""
    return max(1, FAST // step)


def spans(step: timedelta) -> tuple[timedelta, ...]:
    """Lists the windows' lengths for a step: the fastest one, and the slow ones that are longer."""
    fast = fast_steps(step) * step
    return (fast, *(length - length % fast for length in SLOW if length >= 2 * fast))
