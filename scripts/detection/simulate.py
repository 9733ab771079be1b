"""Made-up topics with outbreaks put into them: counts of 5-minute steps of which everything is known. Seeded.

Twenty scenarios as in the trials the detector was chosen by (mean x dispersion x noise), and four kinds of topic beside
them: offices, offices over National Day, a monthly bill day, heavy tails. Four weeks to learn from, with outbreaks
in them too, then two weeks in which one outbreak a day is looked for, or none in quiet series.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import product

import numpy as np

from alerts.detection.series.memory import Flags, Floats
from scripts.detection.seasonal import DAY, HOUR
from stream.calendar import CALENDAR
from stream.process.clock import SHANGHAI

STEP = timedelta(minutes=5)
A_DAY = DAY // STEP
TRAIN, TEST = 28, 14  # days
TRAINING_OUTBREAKS = 4
SIZES = (3, 5, 10, 20)  # deviations of an hour's count
NOISE_HALF_LIFE = HOUR * 2
TREND = 0.3  # most that the rate drifts over the six weeks, up or down
HALF_OF_IT = timedelta(minutes=30)  # until half of an outbreak's posts are there
SPREAD = 0.5  # of the logarithm of that time
FOUND_WITHIN = timedelta(hours=2)
WEEKEND, OFF, BILL = 0.7, 1 / 20, 3.0  # of a day, of a closed office, of a bill day
BURSTS, BURST_SCALE, BURST_TAIL = 0.5, 6.0, 2.5  # a day, in steps' worth of posts, Pareto
USUAL_START = datetime(2026, 7, 27, tzinfo=SHANGHAI)  # a Monday; no holiday for six weeks, the last of two months
HOLIDAY_START = datetime(2025, 9, 1, tzinfo=SHANGHAI)  # National Day and Mid-Autumn, 1 to 8 October, is tested


class Kind(StrEnum):
    """What a topic's weeks look like."""

    PLAIN = "plain"
    OFFICE = "working week"
    HOLIDAY = "holiday"
    BILL = "month end"
    HEAVY = "heavy tail"


@dataclass(frozen=True, slots=True)
class Scenario:
    """`mean` posts a step over an ordinary week, variance over mean, deviation of the noise of the logarithmic rate."""

    kind: Kind
    mean: float
    dispersion: float
    noise: float

    @property
    def hourly_deviation(self) -> float:
        """Computes the standard deviation of an hour's count at the mean rate, the rate's own wandering aside."""
        return float(np.sqrt(self.mean * (HOUR / STEP) * self.dispersion))


PLAIN = [Scenario(Kind.PLAIN, *of) for of in product((0.05, 0.3, 2.0, 10.0, 60.0), (1.2, 2.5), (0.1, 0.3))]
MORE = [
    *(Scenario(kind, mean, 2.5, 0.2) for kind in (Kind.OFFICE, Kind.HOLIDAY, Kind.BILL) for mean in (0.3, 2.0, 10.0)),
    *(Scenario(Kind.HEAVY, mean, dispersion, 0.3) for mean, dispersion in ((2.0, 10.0), (10.0, 30.0), (60.0, 100.0))),
]


@dataclass(frozen=True, slots=True)
class Outbreak:
    """Begins in step `at` of column `column`; `size` in deviations of an hour's count."""

    column: int
    at: int
    size: int


@dataclass(frozen=True, slots=True)
class Simulated:
    """Series that begin at one moment: counts (T, S), whose they are, which are quiet, what was put into the rest."""

    moments: list[datetime]
    counts: Floats
    scenarios: list[Scenario]
    quiet: Flags
    outbreaks: list[Outbreak]

    @property
    def first_tested(self) -> int:
        return TRAIN * A_DAY


def simulate(scenarios: Sequence[Scenario], *, quiet: int, with_outbreaks: int, seed: int = 1) -> Iterator[Simulated]:
    """Makes `quiet` series a scenario, and `with_outbreaks` a scenario and size; one answer for each beginning."""
    for start in (USUAL_START, HOLIDAY_START):
        here = [one for one in scenarios if _start(one) == start]
        if here:
            yield _simulate(start, here, quiet, with_outbreaks, np.random.default_rng((seed, start.year)))


def _start(scenario: Scenario) -> datetime:
    return HOLIDAY_START if scenario.kind is Kind.HOLIDAY else USUAL_START


def _simulate(
    start: datetime, scenarios: Sequence[Scenario], quiet: int, with_outbreaks: int, dice: np.random.Generator
) -> Simulated:
    moments = [start + STEP * number for number in range((TRAIN + TEST) * A_DAY)]
    columns, owners, sizes = [], [], []
    for scenario in scenarios:
        shape = shape_of(scenario.kind, moments, calendar=scenario.kind is Kind.HOLIDAY)
        for size in [0] * quiet + list(SIZES) * with_outbreaks:
            columns.append(_background(scenario, shape, dice))
            owners.append(scenario)
            sizes.append(size)
    counts = np.array(columns).T
    put = []
    for column, (scenario, size) in enumerate(zip(owners, sizes, strict=True)):
        for day in dice.choice(TRAIN, TRAINING_OUTBREAKS, replace=False):
            _break_out(counts[:, column], _onset(day, dice), int(dice.choice(SIZES)), scenario, dice)
        for day in range(TRAIN, TRAIN + TEST) if size else ():
            onset = _onset(day, dice)
            _break_out(counts[:, column], onset, size, scenario, dice)
            put.append(Outbreak(column, onset, size))
    return Simulated(moments, counts, owners, np.array(sizes) == 0, put)


def shape_of(kind: Kind, moments: Sequence[datetime], *, calendar: bool = False) -> Floats:
    """Computes how each step compares with the mean of an ordinary week; 1 on the average of one.

    With the `calendar` the office's free days are like weekends, whatever day of the week they are.
    """
    hours = np.arange(24)
    peaks = 0.15 + np.exp(-(((hours - 10.5) / 2.5) ** 2) / 2) + 0.8 * np.exp(-(((hours - 20) / 2.5) ** 2) / 2)
    office = np.where((hours >= 9) & (hours < 18), 1.0, OFF)
    working, free = (office, np.full(24, OFF)) if kind in (Kind.OFFICE, Kind.HOLIDAY) else (peaks, WEEKEND * peaks)
    mean = (5 * working.mean() + 2 * free.mean()) / 7
    found = np.empty(len(moments))
    for at, moment in enumerate(moments):
        day = moment.date()
        works = CALENDAR.is_working_day(day) if calendar else day.weekday() < 5
        found[at] = (working if works else free)[moment.hour]
        if kind is Kind.BILL and (day + DAY).day == 1:
            found[at] *= BILL
    compared: Floats = found / mean
    return compared


def _background(scenario: Scenario, shape: Floats, dice: np.random.Generator) -> Floats:
    length = len(shape)
    drift = 1 + dice.uniform(-TREND, TREND) * np.linspace(-0.5, 0.5, length)
    rate = scenario.mean * shape * drift * np.exp(noise(scenario.noise, length, dice) - scenario.noise**2 / 2)
    extra = scenario.dispersion - 1
    counts = dice.poisson(dice.gamma(rate / extra, extra)).astype(float)
    if scenario.kind is Kind.HEAVY:
        struck = dice.random(length) < BURSTS / A_DAY
        counts[struck] += np.rint(scenario.mean * BURST_SCALE * (1 + dice.pareto(BURST_TAIL, struck.sum())))
    return counts


def noise(deviation: float, length: int, dice: np.random.Generator) -> Floats:
    """Draws a first-order autoregression whose values keep half of themselves over two hours."""
    kept = 0.5 ** (STEP / NOISE_HALF_LIFE)
    steps = dice.normal(0.0, deviation, length) * np.sqrt(1 - kept**2)
    value, found = dice.normal(0.0, deviation), np.empty(length)
    for at, step in enumerate(steps):
        value = found[at] = kept * value + step
    return found


def _onset(day: int, dice: np.random.Generator) -> int:
    """Draws a step of the day that leaves the time within which an outbreak is to be found."""
    return int(day * A_DAY + dice.integers(A_DAY - FOUND_WITHIN // STEP))


def _break_out(counts: Floats, at: int, size: int, scenario: Scenario, dice: np.random.Generator) -> None:
    """Puts one outbreak's posts into a series."""
    posts = dice.poisson(size * scenario.hourly_deviation)
    after = dice.lognormal(np.log(HALF_OF_IT / STEP), SPREAD, posts).astype(int)
    inside = at + after[at + after < len(counts)]
    np.add.at(counts, inside, 1)
