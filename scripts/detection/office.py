"""Eight weeks of an office as counts, with a script of what happens: what must be told, and by when. Seeded.

Four weeks before them are learnt from. Then: ordinary weeks, National Day with its moved working days, the bill day of
each month, a night in which no source answered, and four waves. Posts that are imported again change nothing here:
they are counted where they were said. The same script is played with several throws of the dice.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np

from alerts.detection.series.memory import Flags, Floats
from scripts.detection.simulate import A_DAY, BILL, STEP, Kind, noise, shape_of
from stream.process.clock import SHANGHAI

LEARNT, WEEKS = timedelta(weeks=4), timedelta(weeks=8)
START = datetime(2025, 9, 1, tzinfo=SHANGHAI)  # a Monday; 1 to 8 October is free, 28 September and 11 October worked
MOVED = (datetime(2025, 9, 28, tzinfo=SHANGHAI), datetime(2025, 10, 12, tzinfo=SHANGHAI))
BILL_DAY = 15  # of the month
SILENT = (datetime(2025, 9, 17, 20, tzinfo=SHANGHAI), datetime(2025, 9, 18, 8, tzinfo=SHANGHAI))
DISPERSION, NOISE = 2.0, 0.2
RUMOUR = datetime(2025, 10, 13, tzinfo=SHANGHAI)
BURSTS = (datetime(2025, 10, 20, 10, 20, tzinfo=SHANGHAI), datetime(2025, 10, 21, 15, 40, tzinfo=SHANGHAI))
BURST_LEAST, BURST_TIMES = 40, 4  # posts: at least, and of an hour's usual ones
AFTERWARDS = timedelta(days=3)  # after a wave in which another alarm still belongs to it


class Subject(StrEnum):
    """What a topic is about; each is seen several times."""

    CANTEEN = "canteen"  # two posts a working day: where the rumour grows
    SERVICE = "service"  # a working week, and bills
    BRAND = "brand"  # people at all hours, fewer on free days
    SHOP = "shop"  # people at all hours who keep weekends, and no holidays


MEANS = {Subject.CANTEEN: 1.5 / A_DAY, Subject.SERVICE: 1.0, Subject.BRAND: 0.5, Subject.SHOP: 0.5}  # posts a step


class Told(StrEnum):
    """Which wave."""

    RUMOUR = "rumour"
    BURST = "burst"
    SECOND = "second"


class Day(StrEnum):
    """What is special of a day on which nothing happens."""

    BILL = "bills"
    HOLIDAY = "holiday"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Wave:
    """Must be told in steps `at` to `by` of column `column`; until step `over` no alarm is a false one."""

    what: Told
    column: int
    at: int
    by: int
    over: int


@dataclass(frozen=True, slots=True)
class Office:
    """Counts (T, S), NaN where nothing was observed; the columns' subjects; the step from which on it is judged."""

    moments: list[datetime]
    counts: Floats
    subjects: list[Subject]
    judged_from: int
    waves: list[Wave]


@dataclass(frozen=True, slots=True)
class Heard:
    """Alarms a topic that had no reason, over the eight weeks, by the day they fell on; of each wave the hours until it
    was told, None: not in time."""

    ordinary: dict[Day, float]
    delays: dict[Told, list[float | None]]


def office(throws: int, seed: int = 1) -> Office:
    """Plays the script for every subject with so many throws of the dice."""
    dice = np.random.default_rng(seed)
    moments = [START - LEARNT + STEP * number for number in range((LEARNT + WEEKS) // STEP)]
    subjects = [subject for subject in Subject for _ in range(throws)]
    counts = np.array([_ordinary(subject, moments, dice) for subject in subjects]).T
    waves = [wave for column, subject in enumerate(subjects) for wave in _play(subject, column, counts, dice)]
    counts[_step(SILENT[0]) : _step(SILENT[1])] = np.nan
    return Office(moments, counts, subjects, LEARNT // STEP, waves)


def hear(weeks: Office, alarms: Flags) -> Heard:
    """Sorts alarms (T, S) into those of a wave and those of nothing."""
    left = alarms.copy()
    left[: weeks.judged_from] = False
    delays: dict[Told, list[float | None]] = {told: [] for told in Told}
    for wave in weeks.waves:
        hits = np.flatnonzero(left[wave.at : wave.by, wave.column])
        delays[wave.what].append((hits[0] + 1) * (STEP / timedelta(hours=1)) if len(hits) else None)
    for wave in weeks.waves:
        left[wave.at : wave.over, wave.column] = False
    days = np.array([_day(moment) for moment in weeks.moments])
    return Heard({day: float(left[days == day].sum() / len(weeks.subjects)) for day in Day}, delays)


def _day(moment: datetime) -> Day:
    if moment.day == BILL_DAY:
        return Day.BILL
    return Day.HOLIDAY if MOVED[0] <= moment < MOVED[1] else Day.OTHER


def _step(moment: datetime) -> int:
    return (moment - (START - LEARNT)) // STEP


def _ordinary(subject: Subject, moments: list[datetime], dice: np.random.Generator) -> Floats:
    """Draws what is said when nothing happens."""
    kind = Kind.PLAIN if subject in (Subject.BRAND, Subject.SHOP) else Kind.OFFICE
    shape = shape_of(kind, moments, calendar=subject is not Subject.SHOP)
    rate = MEANS[subject] * shape * np.exp(noise(NOISE, len(moments), dice))
    if subject is Subject.SERVICE:
        rate[[moment.day == BILL_DAY for moment in moments]] *= BILL
    extra = DISPERSION - 1
    return dice.poisson(dice.gamma(rate / extra, extra)).astype(float)


def _play(subject: Subject, column: int, counts: Floats, dice: np.random.Generator) -> list[Wave]:
    """Adds a subject's waves to its counts."""
    if subject is Subject.CANTEEN:
        return [_rumour(column, counts, dice)]
    usual = shape_of(Kind.PLAIN if subject is not Subject.SERVICE else Kind.OFFICE, [BURSTS[0]])[0] * MEANS[subject]
    size = BURST_LEAST + BURST_TIMES * usual * (A_DAY // 24)
    return [
        _burst(what, column, counts, at, dice.poisson(size), dice)
        for what, at in zip((Told.BURST, Told.SECOND), BURSTS, strict=True)
    ]


def _rumour(column: int, counts: Floats, dice: np.random.Generator) -> Wave:
    """Adds 3 posts on a day, then 6, 12 and 24, between eight and ten; it is to be told within its third day."""
    first = _step(RUMOUR)
    for day, posts in enumerate((3, 6, 12, 24)):
        places = dice.integers(8 * A_DAY // 24, 22 * A_DAY // 24, posts)
        np.add.at(counts[:, column], first + day * A_DAY + places, 1)
    return Wave(Told.RUMOUR, column, first, first + 3 * A_DAY, first + 4 * A_DAY + AFTERWARDS // STEP)


def _burst(what: Told, column: int, counts: Floats, moment: datetime, posts: int, dice: np.random.Generator) -> Wave:
    """Adds posts within about two hours, half of them in the first forty minutes; two hours are there to tell it."""
    at = _step(moment)
    np.add.at(counts[:, column], at + dice.lognormal(np.log(8), 0.5, posts).astype(int), 1)
    until = at + A_DAY if what is Told.BURST else at + AFTERWARDS // STEP
    return Wave(what, column, at, at + timedelta(hours=2) // STEP, until)
