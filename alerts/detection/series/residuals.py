"""How far counts lie from what is expected: square-root residuals of half an hour, an hour, a day, three days. Pure.

The square root makes a count's variance nearly the same at every mean (Anscombe 1948). Each span is held against its
own spread over the last two weeks, so that a topic whose days differ by ten times is not alarmed by its ordinary days.
The fast ones find a burst within minutes, day and three days find what grows slowly (three posts a day, doubling).
"""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from alerts.detection.series.expectation import Expected
from alerts.detection.series.memory import Flags, Floats, Memory

HOUR = timedelta(hours=1)
FAST = (timedelta(minutes=30), HOUR)
QUICK_WEIGHT = 0.8  # of the half hour: unweighed it finds a little more and cries half as often again
SLOW = (timedelta(hours=24), timedelta(hours=72))
SPREAD_HALF_LIFE = timedelta(days=14)
SPREAD_START = 2.0  # squared residual before anything is known
SPREAD_WEIGHT = 2.0  # days that this start counts
SPREAD_CAP, SLOW_CAP = 9.0, 3.0  # times the spread that one step may teach; a slow rise lasts for hundreds of steps
BLOCK_CAP, BLOCK_LEAST = 3.0, 2.0  # deviations, and posts, above the usual that one hour may add to a slow window
ANSCOMBE = 0.375


@dataclass(frozen=True, slots=True)
class Residuals:
    """(S,) each: the highest and lowest standardised residual over the spans, and over the fast ones; the numbers of
    the span that went furthest: which one, what it counted, what was expected; the same two of an hour.
    """

    rise: Floats
    fall: Floats
    quick_rise: Floats
    quick_fall: Floats
    span: np.ndarray
    counted: Floats
    expected: Floats
    hour: Floats
    hour_due: Floats


START = {"spread": SPREAD_START}


@dataclass(frozen=True, slots=True)
class Seeing:
    """What is to be made of a step, (S,) each: whether its count is `whole` (else held against no more than itself) and
    `teaches`, which way each series is asked about, and how many steps ago it last burst: crossed in a fast window.
    """

    whole: Flags
    teaches: Flags
    rises: Flags
    falls: Flags
    since_burst: Floats


class Windows:
    """Trailing windows of S series in steps of `step`; `least` posts must lie in one before it can rise.

    Its memory is that of the expectation, too, whose dispersion it reads.
    """

    def __init__(self, memory: Memory, step: timedelta, least: float = 0.0) -> None:
        self.memory, self._least = memory, least
        self._in_hour = hour_steps(step)
        self.spans = spans(step)
        self.hour = self.spans.index(self._in_hour * step)
        self._steps = [span // step for span in self.spans]
        self._fast = sum(span in fast_spans(step) for span in self.spans)
        self._rate = 1 - 0.5 ** (step / SPREAD_HALF_LIFE)
        self._start = SPREAD_WEIGHT * timedelta(days=1) / step

    @staticmethod
    def rows(step: timedelta) -> dict[str, int]:
        """Names the rows that it keeps."""
        blocks = max(spans(step)) // (hour_steps(step) * step)
        rings = ("counted", "expected", "doubt")
        return {
            **{f"fast_{ring}": max(fast_spans(step)) // step for ring in rings},
            **{f"slow_{ring}": blocks for ring in rings},
            "spread": len(spans(step)),
            "spread_age": 1,
        }

    def take(self, number: int, counts: Floats, expected: Expected, seeing: Seeing) -> Residuals:
        """Takes the step that is the `number`-th since some beginning, and measures the windows that end with it."""
        self._ring(number, counts, expected, seeing.whole)
        sums = [self._sums(number, at) for at in range(len(self.spans))]
        squared, scores = [], []
        for at, (counted, due, doubt) in enumerate(sums):
            distance = 2 * (np.sqrt(counted + ANSCOMBE) - np.sqrt(due + ANSCOMBE))
            score = distance / np.sqrt(self.memory["spread"][at] + doubt)
            score = np.where(counted < self._least, np.minimum(score, 0.0), score)
            scores.append(self._weighed(at, score, seeing))
            squared.append(distance**2)
        self._learn(squared, seeing.teaches)
        table = np.array(scores)
        rise, fall, quick = table.max(axis=0), table.min(axis=0), table[: self._fast]
        down = seeing.falls & (~seeing.rises | (-fall > rise))
        span = np.where(down, np.argmin(table, axis=0), np.argmax(table, axis=0))
        everyone = np.arange(table.shape[1])
        return Residuals(
            rise=rise,
            fall=fall,
            quick_rise=quick.max(axis=0),
            quick_fall=quick.min(axis=0),
            span=span,
            counted=np.array([one[0] for one in sums])[span, everyone],
            expected=np.array([one[1] for one in sums])[span, everyone],
            hour=sums[self.hour][0],
            hour_due=sums[self.hour][1],
        )

    def _weighed(self, at: int, score: Floats, seeing: Seeing) -> Floats:
        """Weighs a window's score: less of the quickest one, and nothing of a slow one that only echoes a burst."""
        if at >= self._fast:
            return np.where(seeing.since_burst <= self._steps[at], 0.0, score)
        return score * (QUICK_WEIGHT if at < self.hour else 1.0)

    def limits(self, number: int, threshold: Floats) -> tuple[Floats, Floats, Floats]:
        """Tells of the hour that ended with the `number`-th step: what was expected in it, the fewest and the most
        posts (all (S,)) that stay within a `threshold` in deviations. Fewest is 0 where not even silence leaves it."""
        _, due, doubt = self._sums(number, self.hour)
        return due, *self.within(due, doubt, threshold)

    def within(self, due: Floats, doubt: Floats, threshold: Floats) -> tuple[Floats, Floats]:
        """Computes the fewest and the most posts of an hour, (S,), that stay within a `threshold` where `due` are
        expected, with so much `doubt`: what `take` does, solved for the count."""
        root, reach = np.sqrt(due + ANSCOMBE), threshold * np.sqrt(self.memory["spread"][self.hour] + doubt) / 2
        fewest = np.maximum(np.maximum(root - reach, 0.0) ** 2 - ANSCOMBE, 0.0)
        return fewest, (root + reach) ** 2 - ANSCOMBE

    def _ring(self, number: int, counts: Floats, expected: Expected, whole: Flags) -> None:
        know, at = self.memory, number % self._in_hour
        for length, mean in (("fast", expected.mean), ("slow", expected.lasting)):
            due = np.where(whole, mean, np.minimum(counts, mean))
            for ring, value in (("counted", counts), ("expected", due), ("doubt", due * expected.doubt)):
                kept = know[f"{length}_{ring}"]
                if length == "fast":
                    kept[number % len(kept)] = value
                    continue
                block = number // self._in_hour % len(kept)
                kept[block] = value if at == 0 else kept[block] + value
                if ring == "counted":
                    np.minimum(kept[block], self._most(mean), out=kept[block])

    def _most(self, mean: Floats) -> Floats:
        """Computes what one block may add to the slow windows: they look for what lasts, a burst is the fast one's."""
        hour = mean * self._in_hour
        most: Floats = hour + BLOCK_CAP * np.sqrt(hour * self.memory["dispersion"][0]) + BLOCK_LEAST
        return most

    def _sums(self, number: int, at: int) -> tuple[Floats, Floats, Floats]:
        """Sums the window `at` of `spans`: posts counted, expected, and the doubt of what was expected."""
        know, fast = self.memory, at < self._fast
        length, place = ("fast", number) if fast else ("slow", number // self._in_hour)
        wanted = self._steps[at] if fast else self._steps[at] // self._in_hour
        last = (place - np.arange(wanted)) % len(know[f"{length}_counted"])
        counted, due, doubt = (know[f"{length}_{ring}"][last].sum(axis=0) for ring in ("counted", "expected", "doubt"))
        return counted, due, doubt

    def _learn(self, squared: list[Floats], teaches: Flags) -> None:
        age = self.memory["spread_age"][0]
        rate = np.where(teaches, np.maximum(self._rate, 1 / (age + self._start)), 0.0)
        for at, square in enumerate(squared):
            spread = self.memory["spread"][at]
            spread += rate * (np.minimum(square, (SPREAD_CAP if at < self._fast else SLOW_CAP) * spread) - spread)
            np.maximum(spread, 1.0, out=spread)
        age += teaches


def hour_steps(step: timedelta) -> int:
    """Counts the steps of an hour; one where a step is longer."""
    return max(1, HOUR // step)


def fast_spans(step: timedelta) -> tuple[timedelta, ...]:
    """Lists the fast windows for a step: whole steps, the shortest one of a step at least."""
    return tuple(dict.fromkeys(max(1, length // step) * step for length in FAST))


def spans(step: timedelta) -> tuple[timedelta, ...]:
    """Lists the windows' lengths for a step: the fast ones, and the slow ones that are longer."""
    fast, hour = fast_spans(step), hour_steps(step) * step
    return (*fast, *(length - length % hour for length in SLOW if length >= 2 * max(fast)))
