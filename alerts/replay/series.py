"""What the detector would have said of a past, one step after the other. Pure."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from alerts.detection.series.detector import QUIET, Detector, Judged, Sides
from alerts.detection.signals import State
from alerts.replay.rows import CountRow

WATCH = 0.7  # of the threshold: from here a topic is watched
LEAST_POSTS, LEAST_AUTHORS = 5, 3  # of the window that rose: fewer negatives or fewer writers call nobody
FIVE_MINUTES = timedelta(minutes=5)
COLD_HOUR, COLD_MINUTES = (100, 60), (34, 20)  # negatives, authors, in an hour or five minutes: enough on the first day
_HALF = 0.5  # the score at the threshold
_BELOW = 0.4999  # and where a letter is not written for want of posts or people

CountPick = Callable[[CountRow], float]


@dataclass(frozen=True, slots=True)
class Replayed:
    """What was said of a row: posts expected in its step, a score of 0 to 1 (0.5 at the threshold), and whether a
    letter would have been written at this step. `span` is the length of the window that rose; None where none did."""

    row: CountRow
    expected: float
    score: float
    state: State
    alert: bool
    span: timedelta | None = None


@dataclass(frozen=True, slots=True)
class FastWindow:
    """The last hour (or step, where that is longer): what it counted, what was expected, and the fewest and the most
    that stay within the budget."""

    counted: float
    expected: float
    fewest: float
    most: float


class Trailing:
    """Sums of the last steps, up to the `longest` length, in steps of `step`."""

    def __init__(self, step: timedelta, longest: timedelta) -> None:
        self._step = step
        self._sums = np.zeros(max(1, longest // step) + 1)
        self._at = 0

    def add(self, value: float) -> None:
        """Takes the next step."""
        before = self._sums[self._at]
        self._at = (self._at + 1) % len(self._sums)
        self._sums[self._at] = before + value

    def over(self, length: timedelta) -> float:
        """Sums up the steps that lie within `length`."""
        return float(self._sums[self._at] - self._sums[self._at - max(1, length // self._step)])


class Replay:
    """One series under judgement. With `negatives`, rises are judged on those and falls on all posts.

    `budget` is alarms a week, for both sides together.
    """

    def __init__(self, step: timedelta, budget: float, side: Sides, *, negatives: bool, authors: bool) -> None:
        apart = negatives and side is Sides.BOTH
        sides = [Sides.RISE, Sides.FALL] if apart else [side]
        self._picks: list[CountPick] = [
            _negatives if negatives and one is not Sides.FALL else _posts for one in sides
        ]  # fmt: skip
        self._floors = negatives and side is not Sides.FALL
        least = LEAST_POSTS if self._floors else 0.0
        self._detector = Detector(np.full(len(sides), budget / len(sides)), step, sides, least=least)
        self._last: datetime | None = None
        self._has_authors = authors
        self.step = step
        longest = max(self._detector.spans)
        self._posts, self._authors = Trailing(step, longest), Trailing(step, longest)
        self._quiet_until = -1

    def judge(self, at: datetime, row: CountRow | None) -> Replayed | None:
        """Judges the step that begins at `at`; None where it has no row, which teaches nothing."""
        counts = np.array([np.nan if row is None else pick(row) for pick in self._picks])
        judged = self._detector.judge(at, counts)
        self._last = at
        self._posts.add(0.0 if row is None else counts[0])
        self._authors.add((row.authors or 0.0) if row is not None else 0.0)
        if row is None:
            return None
        scores = judged.score / (judged.score + judged.threshold)
        crossed = judged.rose | judged.fell
        if crossed[0] and self._floors and not self._enough(judged):
            scores[0], crossed[0] = _BELOW, False
        outright = bool(judged.cold[0]) and self._floors and self._outright()
        told = outright or bool(crossed.any())
        score = max(float(scores.max()), _HALF if outright else 0.0)
        rising = told and not outright and bool(judged.rose[0] and crossed[0])
        span = self._detector.spans[int(judged.span[0])] if rising else None
        return Replayed(row, float(judged.expected[0]), score, _state(told, score), self._alert(told, at), span)

    def window(self) -> FastWindow:
        """Tells of the fast window that ended with the step judged last, of what rises are judged on."""
        assert self._last is not None, "asked of a step that was judged"
        due, fewest, most = (float(one[0]) for one in self._detector.limits(self._last))
        return FastWindow(self._posts.over(self._detector.hour), due, fewest, most)

    def _enough(self, judged: Judged) -> bool:
        people = self._authors.over(self._detector.spans[int(judged.span[0])])
        return float(judged.counted[0]) >= LEAST_POSTS and (not self._has_authors or people >= LEAST_AUTHORS)

    def _outright(self) -> bool:
        bars = [(self._detector.hour, COLD_HOUR, self._detector.hour / timedelta(hours=1))]
        bars += [(FIVE_MINUTES, COLD_MINUTES, 1.0)] if self.step <= FIVE_MINUTES else []
        return any(
            self._posts.over(length) >= posts * max(times, 1.0)
            and (not self._has_authors or self._authors.over(length) >= people * max(times, 1.0))
            for length, (posts, people), times in bars
        )

    def _alert(self, told: bool, at: datetime) -> bool:
        """Tells whether a letter is due: the first step told after a quiet time, as the detector has it."""
        number = self._detector.number(at)
        due = told and number > self._quiet_until
        if told:
            self._quiet_until = number + int(QUIET / self.step)
        return due


def replay_series(
    rows: Iterable[CountRow],
    step: timedelta,
    budget: float = 1.0,
    side: Sides = Sides.BOTH,
    *,
    negatives: bool = False,
    authors: bool = False,
) -> Iterator[Replayed]:
    """Judges every row of a series in order of time, at most one a step, at the step's beginning.

    Steps without a row were not observed. `budget` is alarms a week; `negatives` and `authors` tell whether the rows
    have them.
    """
    replay = Replay(step, budget, side, negatives=negatives, authors=authors)
    for at, row in whole(rows, step):
        if (replayed := replay.judge(at, row)) is not None:
            yield replayed


def whole(rows: Iterable[CountRow], step: timedelta) -> Iterator[tuple[datetime, CountRow | None]]:
    """Yields every step from the first row to the last, None where it has no row."""
    following: datetime | None = None
    for row in rows:
        while following is not None and following < row.at:
            yield following, None
            following += step
        yield row.at, row
        following = row.at + step


def _state(told: bool, score: float) -> State:
    if told:
        return State.SPIKE
    return State.WATCH if score >= WATCH / (1 + WATCH) else State.CALM


def _posts(row: CountRow) -> float:
    return row.count


def _negatives(row: CountRow) -> float:
    return row.negative or 0.0
