"""How far counts lie from what is expected: residuals of a quarter of an hour to three days. Pure.

The square root makes a count's variance nearly the same at every mean (Anscombe 1948). Each span is held against its
own spread over the last two weeks, so that a topic whose days differ by ten times is not alarmed by its ordinary days.
The fast ones find a burst within minutes, day and three days find what grows slowly (three posts a day, doubling), the
latter also by the hours in which something was said (spoken.py). What rose must also be more than a clump (tail.py),
of topics that live by fits as of those where friends meet. A window shorter than an hour is asked for more, and goes
slower once it is far out.
"""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from alerts.detection.series.expectation import Expected
from alerts.detection.series.memory import Flags, Floats, Memory
from alerts.detection.series.spoken import spoken_hours
from alerts.detection.series.tail import clump_reaching, clump_score

HOUR = timedelta(hours=1)
FAST = (timedelta(minutes=15), timedelta(minutes=30), HOUR)
SLOW = (timedelta(hours=24), timedelta(hours=72))
SPREAD_HALF_LIFE = timedelta(days=14)
SPREAD_START = 2.0  # squared residual before anything is known
SPREAD_WEIGHT = 2.0  # days that this start counts
SPREAD_CAP, SLOW_CAP = 9.0, 3.0  # times the spread that one step may teach; a slow rise lasts for hundreds of steps
BLOCK_CAP, BLOCK_LEAST = 3.0, 2.0  # deviations, and posts, above the usual that one hour may add to a slow window
WIDER, WIDER_SHORT = 1.5, 1.75  # times the measured dispersion that clumps are taken to have, as the rate wanders, too;
# the latter in windows shorter than an hour: with 1.5 a fifth more alarms of heavy tails, with 2 five minutes later
FITFUL = 2.75  # clumps of a topic of which nearly every day would teach more than it may: it lives by fits, and those
FITS_WIDER = 1.15  # have longer tails than a negative binomial: with 1 they alarm a fifth more, 1.25 is too slow
ASKED = 1.0  # deviations from which on clumps and hours are asked about: no threshold is as low
FAR_OUT = 3.5  # deviations from which on a window shorter than an hour goes on by its share of an hour only: real
# series spike for minutes, and without it cry half as often again; no calm topic's threshold is lower
HOURS_COUNT = 1.2  # what a deviation of the hours with posts counts: a week has two windows of three days without
# overlap, and hundreds of fast ones; 1 tells half of the rumours by their third day, 1.3 cries over a topic in fifty
ANSCOMBE = 0.375
FAST_RINGS = ("fast_counted", "fast_expected", "fast_doubt")
SLOW_RINGS = ("slow_counted", "slow_expected", "slow_doubt")


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


START = {"spread": SPREAD_START, "hours_spread": SPREAD_START}


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

    Its memory is that of the expectation, too, whose dispersion and clumps it reads.
    """

    def __init__(self, memory: Memory, step: timedelta, least: float = 0.0) -> None:
        self.memory, self._least = memory, least
        self._in_hour = hour_steps(step)
        self.spans = spans(step)
        self.hour = self.spans.index(self._in_hour * step)
        self._steps = [span // step for span in self.spans]
        self._fast = sum(span in fast_spans(step) for span in self.spans)
        share = np.array(self._steps)[:, None] / self._in_hour  # of an hour
        slow = np.arange(len(self.spans))[:, None] >= self._fast
        self._wider = np.where(share[:, 0] < 1, WIDER_SHORT, WIDER)
        self._share = np.where(slow, 1.0, share)
        self._echoes = np.where(slow, np.array(self._steps)[:, None], -np.inf)  # steps for which a burst is heard
        self._caps = np.where(slow, SLOW_CAP, SPREAD_CAP)
        self._rate = 1 - 0.5 ** (step / SPREAD_HALF_LIFE)
        self._start = SPREAD_WEIGHT * timedelta(days=1) / step

    @staticmethod
    def rows(step: timedelta) -> dict[str, int]:
        """Names the rows that it keeps."""
        blocks = max(spans(step)) // (hour_steps(step) * step)
        return {
            **dict.fromkeys(FAST_RINGS, max(fast_spans(step)) // step),
            **dict.fromkeys(SLOW_RINGS, blocks),
            "spread": len(spans(step)),
            "spread_age": 1,
            "hours_spread": 1,
        }

    def take(self, number: int, counts: Floats, expected: Expected, seeing: Seeing) -> Residuals:
        """Takes the step that is the `number`-th since some beginning, and measures the windows that end with it."""
        self._ring(number, counts, expected, seeing.whole)
        counted, due, doubt = self._sums(number)
        distance = 2 * (np.sqrt(counted + ANSCOMBE) - np.sqrt(due + ANSCOMBE))
        score = distance / np.sqrt(self.memory["spread"] + doubt)
        np.minimum(score, 0.0, out=score, where=counted < self._least)
        score = _slowed(self._beyond_clumps(score, counted, due), self._share)
        if self._fast < len(self.spans):
            doubted, many = doubt[-1] / np.maximum(due[-1], 1e-9), counted[-1] >= self._least
            score[-1] = self._or_by_hours(score[-1], doubted, many, seeing.teaches)
        score[seeing.since_burst <= self._echoes] = 0.0  # a slow one that only echoes a burst says nothing
        self._spread(self.memory["spread"], distance**2, self._caps, seeing.teaches)
        self.memory["spread_age"][0] += seeing.teaches
        rise, fall, quick = score.max(axis=0), score.min(axis=0), score[: self._fast]
        down = seeing.falls & (~seeing.rises | (-fall > rise))
        span = np.where(down, np.argmin(score, axis=0), np.argmax(score, axis=0))
        everyone = np.arange(score.shape[1])
        return Residuals(
            rise=rise,
            fall=fall,
            quick_rise=quick.max(axis=0),
            quick_fall=quick.min(axis=0),
            span=span,
            counted=counted[span, everyone],
            expected=due[span, everyone],
            hour=counted[self.hour],
            hour_due=due[self.hour],
        )

    def _beyond_clumps(self, score: Floats, counted: Floats, due: Floats) -> Floats:
        """Returns the scores, (spans, S), less where a clump could be as high; what hardly rose is not asked."""
        span, series = np.nonzero(score > ASKED)
        if not len(span):
            return score
        wide = self._wider[span] * self._clumped()[series]
        clump = clump_score(counted[span, series], due[span, series], wide)
        score[span, series] = np.minimum(score[span, series], clump)
        return score

    def _clumped(self) -> Floats:
        """Tells how posts come together, (S,), as variance over mean: by weeks of days, of which one may teach little,
        so that a burst of yesterday excuses none of today; by the steps of the last days where all days say as much."""
        clumps, dispersion = self.memory["clumps"][0], self.memory["dispersion"][0]
        clumped: Floats = np.where(clumps > FITFUL, np.maximum(FITS_WIDER * dispersion, clumps), clumps)
        return clumped

    def _or_by_hours(self, score: Floats, doubt: Floats, many: Flags, teaches: Flags) -> Floats:
        """Returns the score of the longest window, or that of its hours with posts where `many` rose further by it."""
        know = self.memory
        spoken, due = spoken_hours(know["slow_counted"], know["slow_expected"], know["clumps"][0])
        distance = 2 * (np.sqrt(spoken + ANSCOMBE) - np.sqrt(due + ANSCOMBE))
        by_hours = HOURS_COUNT * distance / np.sqrt(know["hours_spread"][0] + doubt * due)
        self._spread(know["hours_spread"][0], distance**2, SLOW_CAP, teaches)
        return np.where(many & (by_hours > np.maximum(np.abs(score), ASKED)), by_hours, score)

    def limits(self, number: int, threshold: Floats) -> tuple[Floats, Floats, Floats]:
        """Tells of the hour that ended with the `number`-th step: what was expected in it, the fewest and the most
        posts (all (S,)) that stay within a `threshold` in deviations. Fewest is 0 where not even silence leaves it."""
        due, doubt = (sums[self.hour] for sums in self._sums(number)[1:])
        return due, *self.within(due, doubt, threshold)

    def within(self, due: Floats, doubt: Floats, threshold: Floats) -> tuple[Floats, Floats]:
        """Computes the fewest and the most posts of an hour, (S,), that stay within a `threshold` where `due` are
        expected, with so much `doubt`: what `take` does, solved for the count."""
        root, reach = np.sqrt(due + ANSCOMBE), threshold * np.sqrt(self.memory["spread"][self.hour] + doubt) / 2
        fewest = np.maximum(np.maximum(root - reach, 0.0) ** 2 - ANSCOMBE, 0.0)
        clump = clump_reaching(threshold, due, WIDER * self._clumped())
        return fewest, np.maximum((root + reach) ** 2 - ANSCOMBE, clump)

    def _ring(self, number: int, counts: Floats, expected: Expected, whole: Flags) -> None:
        fast, slow = self._rings()
        fast[:, number % fast.shape[1]] = _given(counts, expected.mean, expected.doubt, whole)
        block = slow[:, number // self._in_hour % slow.shape[1]]
        if number % self._in_hour == 0:
            block[:] = 0.0
        block += _given(counts, expected.lasting, expected.doubt, whole)
        np.minimum(block[0], self._most(expected.lasting), out=block[0])

    def _rings(self) -> tuple[Floats, Floats]:
        """Returns the fast and the slow rings, (3, n, S) each: counted, expected, and the doubt of it."""
        return self.memory.together(*FAST_RINGS), self.memory.together(*SLOW_RINGS)

    def _most(self, mean: Floats) -> Floats:
        """Computes what one block may add to the slow windows: they look for what lasts, a burst is the fast one's."""
        hour = mean * self._in_hour
        most: Floats = hour + BLOCK_CAP * np.sqrt(hour * self.memory["dispersion"][0]) + BLOCK_LEAST
        return most

    def _sums(self, number: int) -> tuple[Floats, Floats, Floats]:
        """Sums the windows: posts counted, expected, and the doubt of what was expected, (spans, S) each."""
        sums, rings = np.empty((3, len(self.spans), self.memory.series)), self._rings()
        for at, steps in enumerate(self._steps):
            ring = rings[at >= self._fast]
            place, wanted = (number, steps) if at < self._fast else (number // self._in_hour, steps // self._in_hour)
            if wanted < ring.shape[1]:
                ring = ring[:, (place - np.arange(wanted)) % ring.shape[1]]
            ring.sum(axis=1, out=sums[:, at])
        return sums[0], sums[1], sums[2]

    def _spread(self, spread: Floats, square: Floats, cap: float | Floats, teaches: Flags) -> None:
        """Learns, in `spread` itself, what squared residuals are usual; 1 at least, as single posts scatter."""
        rate = np.maximum(self._rate, 1 / (self.memory["spread_age"][0] + self._start))
        spread += np.where(teaches, rate, 0.0) * (np.minimum(square, cap * spread) - spread)
        np.maximum(spread, 1.0, out=spread)


def _given(counts: Floats, mean: Floats, doubt: Floats, whole: Flags) -> Floats:
    """Returns what one step adds to a ring, (3, S): what is not whole is held against no more than itself."""
    due = np.where(whole, mean, np.minimum(counts, mean))
    return np.array((counts, due, due * doubt))


def _slowed(score: Floats, share: Floats) -> Floats:
    """Returns the scores of windows of a `share` of an hour: what lies beyond FAR_OUT counts by that share."""
    beyond = np.maximum(score - FAR_OUT, 0.0)
    return score - (1 - share) * beyond


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
