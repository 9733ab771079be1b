"""The detector: takes the counts of many series one step after the other and says which are out of the usual. Pure.

The same function judges topics as they happen, replays the past from the index, and reads a file of counts.
"""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from alerts.detection.series import budget, expectation, residuals
from alerts.detection.series.budget import LOWEST, LOWEST_RISE, Budget
from alerts.detection.series.days import OfficeCalendar, Slot
from alerts.detection.series.expectation import Expectation
from alerts.detection.series.memory import Flags, Floats, Memory
from alerts.detection.series.residuals import Residuals, Seeing, Windows, hour_steps
from stream.process.clock import SHANGHAI

STEP = timedelta(minutes=5)
QUIET = timedelta(hours=12)  # without a crossing before the next one is another alarm; 6-12 h did best on the benchmark
PROBATION = timedelta(days=1)  # observed before anything is judged; the benchmark itself waits for 2.6 days
COLD_HOURS = timedelta(hours=6)  # so long any count above the absolute bar is told; set by us
COLD_FACTOR = 3.0  # later on the first day it must be so many times what the day showed; set by us
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
    furthest, `threshold` what the budget allows. `span` says which of `Detector.spans` went furthest, with what it
    `counted` and what was `due` in it; `hour` is what an hour counted. `risen` is how far it rose, whether or
    not that is asked for. `bare` crossings are of the first day, held against `absolute` for want of a past. `alert` is
    the first crossing after a quiet time.
    """

    at: datetime
    expected: Floats
    score: Floats
    threshold: Floats
    rose: Flags
    fell: Flags
    alert: Flags
    cold: Flags
    bare: Flags
    risen: Floats
    span: np.ndarray
    counted: Floats
    due: Floats
    hour: Floats


class Detector:
    """Judges `len(budgets)` series in steps of `step`; all that it remembers of them is the table of `memory`.

    `budgets` are alarms a week, (S,). `sides` is one for all, or one for each. Steps must follow one another: one that
    was not observed is NaN. No window with fewer than `least` posts rises.
    """

    def __init__(
        self, budgets: Floats, step: timedelta = STEP, sides: Sides | Sequence[Sides] = Sides.BOTH,
        absolute: float = np.inf, least: float = 0.0, calendar: OfficeCalendar | None = None,
    ) -> None:  # fmt: skip
        series = len(budgets)
        each = [sides] * series if isinstance(sides, Sides) else list(sides)
        self.step, self.absolute, self._least = step, absolute, least
        self._rows = {**expectation.ROWS, **Windows.rows(step), **budget.ROWS, "crossed": 1, "burst": 1}
        self._start = {**expectation.START, **residuals.START, **budget.START, "crossed": -np.inf, "burst": -np.inf}
        self._budgets = np.asarray(budgets, dtype=np.float64)
        self._rises = np.array([side is not Sides.FALL for side in each], dtype=np.bool_)
        self._falls = np.array([side is not Sides.RISE for side in each], dtype=np.bool_)
        self.memory = Memory(self._rows, self._start, series)
        self._attach()
        self._budget.settle()
        self._calendar = calendar or OfficeCalendar()
        self.spans = self._windows.spans
        self.hour = self.spans[self._windows.hour]

    def _attach(self) -> None:
        self._expectation = Expectation(self.memory, self.step)
        self._windows = Windows(self.memory, self.step, self._least)
        self._budget = Budget(self.memory, self._budgets, np.where(self._falls, LOWEST, LOWEST_RISE))

    def number(self, moment: datetime) -> int:
        """Numbers the step that begins at `moment`."""
        return (moment - _EPOCH) // self.step

    def fork(self) -> "Detector":
        """Returns a detector that goes on from here without changing this one."""
        other = copy(self)
        other.memory = Memory(self._rows, self._start, 0)
        other.memory.table = self.memory.table.copy()
        other._attach()
        return other

    def renew(self, columns: Sequence[int] | NDArray[np.intp]) -> None:
        """Makes series new again, whose shape may hold and whose level may not: unjudged for a day, learning fast."""
        self.memory["age"][0, columns] = 0.0

    def bars(self, moment: datetime) -> Floats:
        """Computes the count of an hour, (S,), that would cross the threshold at `moment`."""
        expected = self._expectation.of(self._calendar.slot(moment))
        due = expected.mean * hour_steps(self.step)
        return self._windows.within(due, due * expected.doubt, self._budget.threshold)[1]

    def usual(self, moment: datetime) -> Floats:
        """Tells the count of an hour, (S,), that is expected at `moment`."""
        usual: Floats = self._expectation.of(self._calendar.slot(moment)).mean * hour_steps(self.step)
        return usual

    def judge(
        self, moment: datetime, counts: Floats, teaches: Flags | None = None, earned: Flags | None = None
    ) -> Judged:
        """Judges the step that begins at `moment`, then learns from it, save where it must not teach.

        What must not teach may be a part of the posts only. Against a rise it is held as if it were all, which can but
        grow, so that an alarm stays one when the rest has come; of a fall it proves nothing.
        `earned` are steps whose alarm people did not call a false one: the budget does not pay for them.
        """
        slot, before = self._calendar.slot(moment), self._calendar.slot(moment - self.step)
        if slot.day != before.day:  # asked of the calendar, not remembered: a column put back knows no last step
            self._end_day(before)
        observed = ~np.isnan(counts)
        teaches = observed if teaches is None else observed & teaches
        counts = np.where(observed, counts, 0.0)
        expected = self._expectation.of(slot)
        number = self.number(moment)
        whole = teaches | (observed & ~self._falls)
        since_burst = number - self.memory["burst"][0]
        found = self._windows.take(
            number, counts, expected, Seeing(whole, teaches, self._rises, self._falls, since_burst)
        )
        cold = self.memory["age"][0] < PROBATION / self.step
        score = np.maximum(np.where(self._rises, found.rise, 0.0), np.where(self._falls, -found.fall, 0.0))
        score = np.maximum(np.where(cold | ~observed, 0.0, score), 0.0)
        threshold = self._budget.threshold.copy()
        bare = self._bare(counts, found, cold & self._rises & observed)
        crossed = (score >= threshold) | bare
        alert = self._note(crossed, number)
        quick = np.maximum(np.where(self._rises, found.quick_rise, 0.0), np.where(self._falls, -found.quick_fall, 0.0))
        self.memory["burst"][0][crossed & (quick >= threshold)] = number
        rose = bare | (crossed & self._rises & (found.rise >= threshold))
        self._expectation.learn(slot, counts, expected, teaches)
        counted = score if earned is None else np.where(earned, np.minimum(score, threshold - 1e-9), score)
        self._budget.take(counted, teaches & ~cold)
        return Judged(
            moment, expected.mean, score, threshold, rose, crossed & ~rose, alert, cold, bare,
            found.rise, found.span, found.counted, found.expected, found.hour,
        )  # fmt: skip

    def _bare(self, counts: Floats, found: Residuals, cold: Flags) -> Flags:
        """Finds counts that are many for any topic, where a series is too new to be held against itself."""
        young = self.memory["age"][0] < COLD_HOURS / self.step
        many = (found.hour >= self.absolute) | (counts >= self.absolute / 3)
        bare: Flags = cold & many & (young | (found.hour >= COLD_FACTOR * found.hour_due))
        return bare

    def limits(self, moment: datetime) -> tuple[Floats, Floats, Floats]:
        """Tells of the hour that ended with the step of `moment`, the one judged last, (S,) each: the posts expected in
        it, and the fewest and the most that stay within what the budget allows."""
        return self._windows.limits(self.number(moment), self._budget.threshold)

    def _note(self, crossed: Flags, number: int) -> Flags:
        last = self.memory["crossed"][0]
        alert: Flags = crossed & (number - last > QUIET / self.step)
        last[crossed] = number
        return alert

    def _end_day(self, day: Slot) -> None:
        self._expectation.end_day(day.month_day, teaches=not day.moved)
        self._budget.end_day()
