"""The detector: takes the counts of many series one step after the other and says which are out of the usual. Pure.

The same function judges topics as they happen, replays the past from the index, and reads a file of counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np

from alerts.detection import budget, expectation, residuals
from alerts.detection.budget import Budget
from alerts.detection.days import OfficeCalendar, Slot
from alerts.detection.expectation import Expectation
from alerts.detection.memory import Flags, Floats, Memory
from alerts.detection.residuals import Windows
from stream.process.clock import SHANGHAI

STEP = timedelta(minutes=5)
QUIET = timedelta(hours=12)  # without a crossing before the next one is another alarm; 6-12 h did best on the benchmark
PROBATION = timedelta(days=1)  # observed before anything is judged; the benchmark itself waits for 2.6 days
_EPOCH = datetime(1970, 1, 5, tzinfo=SHANGHAI)  # a Monday: windows end at full hours


class Sides(StrEnum):
    """Which way counts may leave the usual to be told."""

    RISE = "rise"
    FALL = "fall"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Judged:
    """One step of S series, (S,) each.

    `expected` is the step's own count as it was expected; `score` the deviations of the window that left the usual
    furthest, `threshold` what the budget allows. `span` says which of `Detector.spans` rose furthest, with what it
    `counted` and what was `due` in it. `alert` is the first crossing after a quiet time.
    """

    at: datetime
    expected: Floats
    score: Floats
    threshold: Floats
    rose: Flags
    fell: Flags
    alert: Flags
    cold: Flags
    span: np.ndarray
    counted: Floats
    due: Floats


class Detector:
    """Judges `len(budgets)` series in steps of `step`; all that it remembers of them is the table of `memory`.

    `budgets` are alarms a week, (S,). `sides` is one for all, or one for each. Steps must follow one another: one that
    was not observed is NaN.
    """

    def __init__(self, budgets: Floats, step: timedelta = STEP, sides: Sides | Sequence[Sides] = Sides.BOTH) -> None:
        series = len(budgets)
        each = [sides] * series if isinstance(sides, Sides) else list(sides)
        self.step = step
        rows = {**expectation.ROWS, **Windows.rows(step), **budget.ROWS, "crossed": 1}
        start = {**expectation.START, **residuals.START, **budget.START, "crossed": -np.inf}
        self.memory = Memory(rows, start, series)
        self._rises = np.array([side is not Sides.FALL for side in each])
        self._falls = np.array([side is not Sides.RISE for side in each])
        self._expectation = Expectation(self.memory, step)
        self._windows = Windows(self.memory, step)
        self._budget = Budget(self.memory, np.asarray(budgets, dtype=np.float64))
        self._calendar = OfficeCalendar()
        self.spans = self._windows.spans

    def number(self, moment: datetime) -> int:
        """Numbers the step that begins at `moment`."""
        return (moment - _EPOCH) // self.step

    def judge(self, moment: datetime, counts: Floats, teaches: Flags | None = None) -> Judged:
        """Judges the step that begins at `moment`, then learns from it, save where it must not teach."""
        slot = self._calendar.slot(moment)
        before = self._calendar.slot(moment - self.step)
        if before.day != slot.day:  # asked of the calendar, not remembered: a column put back knows no last step
            self._end_day(before)
        observed = ~np.isnan(counts)
        counts = np.where(observed, counts, 0.0)
        expected = self._expectation.of(slot)
        number = self.number(moment)
        found = self._windows.take(number, counts, expected, observed)
        cold = self.memory["age"][0] < PROBATION / self.step
        score = np.maximum(np.where(self._rises, found.rise, 0.0), np.where(self._falls, -found.fall, 0.0))
        score = np.maximum(np.where(cold | ~observed, 0.0, score), 0.0)
        threshold = self._budget.threshold.copy()
        crossed = score >= threshold
        alert = self._note(crossed, number)
        rose = crossed & self._rises & (found.rise >= threshold)
        self._expectation.learn(slot, counts, expected, observed if teaches is None else observed & teaches)
        self._budget.take(score, observed & ~cold)
        return Judged(
            moment, expected.mean, score, threshold, rose, crossed & ~rose, alert, cold,
            found.span, found.counted, found.expected,
        )  # fmt: skip

    def limits(self) -> tuple[Floats, Floats, Floats]:
        """Tells of the fast window that ended with the step judged last, (S,) each: the posts expected in it, and the
        fewest and the most that stay within what the budget allows."""
        return self._windows.limits(self._budget.threshold)

    def _note(self, crossed: Flags, number: int) -> Flags:
        last = self.memory["crossed"][0]
        alert: Flags = crossed & (number - last > QUIET / self.step)
        last[crossed] = number
        return alert

    def _end_day(self, day: Slot) -> None:
        self._expectation.end_day(day.month_day, teaches=not day.moved)
        self._budget.end_day()
