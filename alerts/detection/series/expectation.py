"""What is usual for a topic at a moment: level x hour of day x hour of week x day of month, learnt as it goes. Pure.

The factors are ratios of sums that forget over three weeks, drawn towards the coarser one while few hours stand behind
them: a topic starts flat, learns its day within days and its week within weeks. What one step may teach is cut off a
few deviations above the expected (Farrington's weighing down of past outbreaks, Noufaily et al. 2013, in a form that
takes one step after the other): an outbreak must not become the norm. Expected counts are uncertain as long as a
factor rests on few weeks; that doubt is told beside them.

Numbers without a source were chosen on simulated offices and on the Numenta Anomaly Benchmark's series of counts, where
neighbouring values scored within two points of these. (`make bench ONLY=detection` measures all of it.)
"""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from alerts.detection.series.days import HOURS, MONTH_DAYS, Slot
from alerts.detection.series.memory import Flags, Floats, Memory

LEVEL_HALF_LIFE = 120.0  # hours: follows a topic's drift
LASTING_HALF_LIFE = 504.0  # hours: what the windows of a day and more are held against, or a slow rise becomes usual
FORGETTING = 0.5 ** (1 / 21)  # a day: factors forget half over three weeks
DAY_PRIOR = 0.25  # hours at the usual level that draw an hour of the day towards flat
WEEK_PRIOR = 0.5  # hours at the usual level that draw an hour of the week towards its hour of the day
MONTH_PRIOR = 1.0  # months in which a day of the month was like any other
MONTH_AFTER = 10  # days: before a week is learnt, a first weekend looks like a matter of its date; 7 did no worse
MONTH_FEW = 4.0  # posts that draw a day towards like any other: of three posts a day, one of six is chance
MONTH_LEAST = 0.4  # log of the ratio below which a day of the month is like any other: noise teaches nothing
DOUBT = 0.35**2  # squared relative error of an expectation nobody has tried yet
DOUBT_FADES = 2.0  # a week of its hour: one leaves a third of the doubt
CLUMP = 6.0  # posts of one step that are still counted whole when the dispersion of clumps is measured
CLUMPED_DAY = 12.0  # squared posts that any day may teach, however few are due: some clumps of two or three
CLUMP_WINSOR = 3.0  # deviations above the expected that are, too
MOST_CLUMPED = 3.0  # variance over mean that a day may teach of clumps: a burst of yesterday must not hide today's
WINSOR = 6.0  # deviations above the expected that a step may teach
WEEK_WINSOR = 12.0  # that an hour may teach its own hour of the week: a loud Monday is learnt within weeks
FLOOR = 0.02  # posts per hour: below it "so many times as usual" means nothing
TRUST = 2.2  # log odds that a topic keeps the office's holidays (nine to one): most do, taxis and football do not
TRUST_HOUR, TRUST_MOST = 0.5, 4.0  # what one hour may add to the odds, and where they end
LASTING_FLOOR = 0.005  # the same for windows of a day and more: three days of a topic nobody speaks of
LEAST_PRIOR = 2.0  # posts: no factor is drawn to the coarser one by less, or a quiet topic's rare posts make its hours
FIRST_CLUMPS = 1.5  # of clumps before any is known: with 2, a topic of nine silent days took twenty posts for a clump
DISPERSION = 2.0  # variance over mean before anything is known; 1.2-2.5 in the simulation, up to 1,000 in real series

ROWS = {
    "age": 1, "level": 1, "lasting": 1, "dispersion": 1, "scatter": 1, "scatter_due": 1, "clumps": 1,
    "day_seen": 24, "day_due": 24,
    "week_seen": HOURS, "week_due": HOURS, "weeks": HOURS,
    "month_log": MONTH_DAYS, "months": MONTH_DAYS, "today_seen": 1, "today_due": 1, "today_level": 1,
    "today_scatter": 1,
    "trust": 1, "hour_gain": 1, "hour_taught": 1, "hour_counted": 1, "hour_due": 1, "hour_seen": 1,
}  # fmt: skip
_FIRST_DUE = 3.0  # posts of the day that stands for the dispersion of before anything is known
START = {
    "dispersion": DISPERSION, "scatter": _FIRST_DUE * FIRST_CLUMPS, "scatter_due": _FIRST_DUE, "clumps": FIRST_CLUMPS,
    "trust": TRUST,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Expected:
    """Of one step, (S,) each: `mean` posts, the squared relative error it may have, and all factors together;
    `lasting` is the mean by the level of many weeks.

    `moved` is what a day that the calendar moved would be like at its own and at its borrowed hours, None on others.
    """

    mean: Floats
    doubt: Floats
    shape: Floats
    lasting: Floats
    moved: tuple[Floats, Floats] | None = None


class Expectation:
    """Learns S series in steps of `step`; keeps all it knows in `memory`."""

    def __init__(self, memory: Memory, step: timedelta) -> None:
        self.memory = memory
        self._hours = step / timedelta(hours=1)
        self._a_day = timedelta(days=1) / step

    def of(self, slot: Slot) -> Expected:
        """Tells what is expected of a step in `slot`."""
        know = self.memory
        shape, doubt = self._hour(slot.hour)
        moved = None
        if slot.moved:
            moved = (shape, self._hour(slot.like)[0])
            trust, apart = 1 / (1 + np.exp(-know["trust"][0])), np.log(moved[1] / shape)
            shape, doubt = shape * np.exp(trust * apart), doubt + trust * (1 - trust) * apart**2
        told = know["month_log"][slot.month_day]
        monthly = np.where(np.abs(told) > MONTH_LEAST, told, 0.0)
        shape, doubt = shape * np.exp(monthly), doubt + monthly**2
        mean = np.maximum(know["level"][0] * shape, FLOOR * self._hours)
        lasting = np.maximum(know["lasting"][0] * shape, LASTING_FLOOR * self._hours)
        return Expected(mean, doubt, shape, lasting, moved)

    def _rate(self, half_life: float) -> float:
        return 1 - float(0.5 ** (self._hours / half_life))

    def _hour(self, hour: int) -> tuple[Floats, Floats]:
        """Computes the factor of an hour of the week, and its doubt."""
        know = self.memory
        daily, hourly = self._daily(hour % 24), know["level"][0] / self._hours
        q = np.maximum(WEEK_PRIOR * hourly * daily, LEAST_PRIOR / 2)
        weekly = (know["week_seen"][hour] + q) / (know["week_due"][hour] + q)
        return daily * weekly, DOUBT / (1 + DOUBT_FADES * know["weeks"][hour])

    def learn(self, slot: Slot, counts: Floats, expected: Expected, teaches: Flags) -> None:
        """Learns what a step showed, where it `teaches`."""
        know = self.memory
        level, dispersion, age = know["level"][0], know["dispersion"][0], know["age"][0]
        first = teaches & (age == 0)
        mean = np.where(first, np.maximum(counts, expected.mean), expected.mean)  # nothing was expected of a first one
        spread = np.sqrt(mean * dispersion + mean**2 * expected.doubt)
        hourly, so_far = mean / self._hours, know["hour_taught"][0]
        if slot.minute < 60 * self._hours:  # the first step of an hour, wherever in it steps begin
            so_far[:] = 0.0
            know["hour_counted"][0] = 0.0
        whole = np.clip(hourly + WINSOR * np.sqrt(hourly * dispersion) - so_far, 0.0, 1.0)
        taught = np.where(teaches, np.minimum(counts, np.maximum(mean + WINSOR * spread, whole)), 0.0)
        so_far += taught
        know["hour_counted"][0] += np.where(teaches, counts, 0.0)
        wide = hourly + WEEK_WINSOR * np.sqrt(hourly * dispersion + hourly**2 * expected.doubt)
        weekly = np.minimum(know["hour_counted"][0], np.maximum(wide, so_far))
        slow = self._rate(LEVEL_HALF_LIFE)
        rate = np.where(teaches, np.maximum(slow, 1 / (age + self._a_day)), 0.0)
        dispersion += rate * (np.maximum((taught - mean) ** 2 / mean, 0.0) - dispersion)
        np.maximum(dispersion, 1.0, out=dispersion)
        scattered = (np.minimum(counts, np.maximum(mean + CLUMP_WINSOR * spread, CLUMP)) - mean) ** 2
        know["today_scatter"][0] += np.where(teaches, scattered, 0.0)
        know["today_due"][0] += np.where(teaches, self._by_morning(mean, level), 0.0)
        for name, half_life in (("level", LEVEL_HALF_LIFE), ("lasting", LASTING_HALF_LIFE)):
            rate = np.where(teaches, np.maximum(self._rate(half_life), 1 / (age + 1)), 0.0)
            know[name][0] += rate * (taught / np.maximum(expected.shape, 1e-3) - know[name][0])
            know[name][0][first] = counts[first]
        age += teaches
        know["today_seen"][0] += np.where(teaches, counts, 0.0)  # not cut off: a bill day is no outbreak
        ends_hour = slot.minute + 60 * self._hours > 60 - 1e-6
        if expected.moved is None:
            self._learn_slot(slot, so_far, weekly, level * teaches, ends_hour=ends_hour)
        else:
            self._learn_trust(taught, level, expected.moved, teaches, ends_hour=ends_hour)

    def _by_morning(self, mean: Floats, level: Floats) -> Floats:
        """Takes away what the level has climbed since the day began: on a bill day a fifth, which would hide it."""
        morning = self.memory["today_level"][0]
        np.copyto(morning, level, where=morning == 0)
        due: Floats = mean * np.minimum(morning / np.maximum(level, 1e-9), 1.0)
        return due

    def _daily(self, hour: int) -> Floats:
        know = self.memory
        p = np.maximum(DAY_PRIOR * know["level"][0] / self._hours, LEAST_PRIOR)
        daily: Floats = (know["day_seen"][hour] + p) / (know["day_due"][hour] + p)
        return daily

    def _learn_trust(
        self, taught: Floats, level: Floats, moved: tuple[Floats, Floats], teaches: Flags, *, ends_hour: bool
    ) -> None:
        """Weighs whether a topic keeps the calendar: how much likelier the count is at the borrowed hour."""
        own, borrowed = (np.maximum(level * shape, FLOOR * self._hours) for shape in moved)
        gain, trust = self.memory["hour_gain"][0], self.memory["trust"][0]
        likelier = (taught * np.log(borrowed / own) - (borrowed - own)) / self.memory["dispersion"][0]
        gain += np.where(teaches, likelier, 0.0)
        if ends_hour:
            trust += np.clip(gain, -TRUST_HOUR, TRUST_HOUR)
            np.clip(trust, -TRUST_MOST, TRUST_MOST, out=trust)
            gain[:] = 0.0

    def _learn_slot(self, slot: Slot, taught: Floats, weekly: Floats, level: Floats, *, ends_hour: bool) -> None:
        """Learns an hour when it is over, from all it `taught`: within it, a burst would be usual before it is told."""
        know, hour = self.memory, slot.hour_of_day
        due, seen = know["hour_due"][0], know["hour_seen"][0]
        due += level
        seen += (level > 0) * self._hours
        if not ends_hour:
            return
        know["day_seen"][hour] += taught
        know["day_due"][hour] += due
        know["week_seen"][slot.hour] += weekly
        know["week_due"][slot.hour] += due * self._daily(hour)
        know["weeks"][slot.hour] += seen
        due[:], seen[:] = 0.0, 0.0

    def end_day(self, month_day: int, *, teaches: bool) -> None:
        """Closes a day: factors fade by a day, and the day of the month learns how it differed."""
        know = self.memory
        for name in ("day_seen", "day_due", "week_seen", "week_due", "weeks"):
            know[name][:] *= FORGETTING
        seen, due, whole = know["today_seen"][0], know["today_due"][0], know["age"][0] > MONTH_AFTER * self._a_day
        if teaches:
            least = np.maximum(DAY_PRIOR * know["level"][0] / self._hours, MONTH_FEW)
            log = know["month_log"][month_day] + np.log((seen + least) / (due + least))
            told, months = know["month_log"][month_day], know["months"][month_day]
            told += np.where(whole, (log - told) / (months + 1 + MONTH_PRIOR), 0.0)
            months += whole & (due > 0)
        self._learn_clumps()
        for name in ("today_seen", "today_due", "today_level", "today_scatter"):
            know[name][0] = 0.0

    def _learn_clumps(self) -> None:
        """Learns from a whole day how posts clump: within it, a burst would be a clump before it is told."""
        know = self.memory
        due, days = know["today_due"][0], know["age"][0] / self._a_day
        scattered = np.minimum(know["today_scatter"][0], np.maximum(MOST_CLUMPED * due, CLUMPED_DAY))
        rate = np.where(due > 0, np.maximum(1 - 0.5 ** (24 / LASTING_HALF_LIFE), 1 / (days + 1)), 0.0)
        for name, value in (("scatter", scattered), ("scatter_due", due)):
            know[name][0] += rate * (value - know[name][0])
        know["clumps"][0] = np.maximum(know["scatter"][0] / np.maximum(know["scatter_due"][0], 1e-9), 1.0)
