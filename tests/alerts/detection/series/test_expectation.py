"""What is usual: learnt within days and weeks, and never from an outbreak."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np
import pytest

from alerts.detection.series import expectation
from alerts.detection.series.days import OfficeCalendar
from alerts.detection.series.expectation import DISPERSION, FIRST_CLUMPS, FLOOR, MOST_CLUMPED, Expectation
from alerts.detection.series.memory import Memory
from tests.alerts.detection.series.offices import DAY, MONDAY, Plan, drawn, flat, office

HOUR = timedelta(hours=1)
CALENDAR = OfficeCalendar()


class Learner:
    """One series that is learnt in steps of an hour."""

    def __init__(self) -> None:
        self.memory = Memory(expectation.ROWS, expectation.START, 1)
        self.learnt = Expectation(self.memory, HOUR)
        self.at = MONDAY

    def live(self, counts: np.ndarray) -> Iterator[float]:
        """Learns hours and yields what was expected of each before."""
        for count in counts:
            slot = CALENDAR.slot(self.at)
            expected = self.learnt.of(slot)
            seen = np.array([not np.isnan(count)])
            self.learnt.learn(slot, np.array([np.nan_to_num(count)]), expected, seen)
            self.at += HOUR
            if self.at.hour == 0:
                self.learnt.end_day(slot.month_day, teaches=not slot.moved)
            yield float(expected.mean[0])

    def after(self, counts: np.ndarray) -> "Learner":
        """Lives through the counts."""
        assert len(list(self.live(counts))) == len(counts)
        return self

    def means(self, day: datetime) -> list[float]:
        """Tells what each hour of a day is expected to count."""
        return [float(self.learnt.of(CALENDAR.slot(day + hour * HOUR)).mean[0]) for hour in range(24)]

    @property
    def level(self) -> float:
        return float(self.memory["level"][0, 0])


def learnt(plan: Plan, days: int, **changes: float) -> Learner:
    return Learner().after(drawn(plan, days, HOUR, **changes))  # type: ignore[arg-type]


def test_of_an_unknown_topic_the_floor_is_expected_with_doubt() -> None:
    expected = Learner().learnt.of(CALENDAR.slot(MONDAY))
    assert expected.mean[0] == pytest.approx(FLOOR)
    assert expected.doubt[0] == pytest.approx(0.35**2)
    assert expected.shape[0] == 1.0


@pytest.mark.parametrize("mean", [0.5, 4.0, 60.0, 5000.0])
def test_a_steady_level_is_learnt_within_a_fifth(mean: float) -> None:
    assert np.mean(learnt(flat(mean), 28).means(MONDAY)) == pytest.approx(mean, rel=0.2)


def test_the_first_count_is_the_level_and_no_sign_of_heavy_tails() -> None:
    learner = Learner().after(np.array([400.0]))
    assert learner.level == 400.0
    assert learner.memory["dispersion"][0, 0] <= expectation.DISPERSION


def test_the_first_hours_move_the_level_most_of_the_way_within_three() -> None:
    learner = Learner().after(np.array([4.0, 10.0, 10.0, 10.0]))
    assert 7.0 < learner.level < 10.0
    assert learner.after(np.full(20, 10.0)).level == pytest.approx(10.0, rel=0.1)


def test_a_first_day_is_expected_at_its_mean() -> None:
    counts = drawn(flat(40.0), 1, HOUR)
    assert Learner().after(counts).level == pytest.approx(counts.mean(), rel=0.1)


def test_the_hours_of_a_day_are_learnt_within_days() -> None:
    learner = learnt(lambda at: 20.0 if 8 <= at.hour < 20 else 2.0, 5)
    means = learner.means(MONDAY + 5 * DAY)
    assert means[12] == pytest.approx(20, rel=0.35)
    assert means[3] < 6


def test_the_days_of_a_week_are_learnt_within_weeks_and_doubt_falls() -> None:
    learner = learnt(office(20.0), 28)
    monday, sunday = learner.means(MONDAY + 28 * DAY), learner.means(MONDAY + 34 * DAY)
    assert monday[12] == pytest.approx(20, rel=0.3)
    assert sunday[12] < 6
    assert learner.learnt.of(CALENDAR.slot(MONDAY + 28 * DAY)).doubt[0] < 0.35**2 / 4


def test_a_lasting_change_is_usual_after_some_days_and_not_after_six_hours() -> None:
    learner = learnt(flat(2.0), 14)
    assert learner.after(np.full(6, 8.0)).level < 3
    learner.after(np.full(14 * 24, 8.0))
    assert np.mean(learner.means(learner.at)) == pytest.approx(8.0, rel=0.25)


def test_an_outbreak_is_not_learnt_as_the_norm() -> None:
    learner = learnt(office(6.0), 28)
    before = learner.level
    learner.after(np.full(3, 600.0))
    assert learner.level < 1.6 * before


def test_an_outbreak_of_a_million_teaches_no_more_than_one_of_a_thousand() -> None:
    some, more = learnt(flat(4.0), 10), learnt(flat(4.0), 10)
    some.after(np.array([1e3]))
    more.after(np.array([1e6]))
    apart = [name for name in expectation.ROWS if not np.array_equal(some.memory[name], more.memory[name])]
    assert apart == ["today_seen", "hour_counted"]
    assert np.array_equal(some.means(some.at), more.means(more.at))


@pytest.mark.parametrize("times", [3.0, 30.0])
def test_a_loud_day_is_learnt_whole_as_one_of_its_date_and_by_half(times: float) -> None:
    learner = learnt(flat(10.0), 20)
    date = CALENDAR.slot(learner.at).month_day
    assert abs(learner.memory["month_log"][date, 0]) < expectation.MONTH_LEAST
    learner.after(np.full(24, 10.0 * times))
    seen = learner.memory["month_log"][date, 0]
    assert np.log(times) / 4 < seen < np.log(times) / 2
    assert learner.memory["months"][date, 0] == 1


def test_a_loud_day_does_not_hide_behind_the_level_that_it_raises() -> None:
    learner = learnt(flat(10.0), 20)
    date, level = CALENDAR.slot(learner.at).month_day, learner.level
    usual = learner.memory["month_log"][date, 0]
    learner.after(np.full(24, 30.0))
    assert learner.level > 1.15 * level
    assert learner.memory["month_log"][date, 0] - usual == pytest.approx(np.log(30 / level) / 2, abs=0.03)


@pytest.mark.parametrize(("posts", "told"), [(8.0, False), (24.0, True)])
def test_of_a_few_posts_a_day_one_of_twice_as_many_says_nothing_of_its_date(posts: float, told: bool) -> None:
    learner = learnt(flat(3 / 24), 20)
    date = CALENDAR.slot(learner.at).month_day
    learner.after(np.full(24, posts / 24))
    assert (learner.memory["month_log"][date, 0] > expectation.MONTH_LEAST) == told


def test_what_is_told_of_a_date_is_doubted_by_as_much_as_it_tells() -> None:
    learner = learnt(flat(10.0), 20)
    slot = CALENDAR.slot(learner.at)
    plain = learner.learnt.of(slot)
    learner.memory["month_log"][slot.month_day] = np.log(3.0)
    monthly = learner.learnt.of(slot)
    assert monthly.mean[0] == pytest.approx(3 * plain.mean[0])
    assert monthly.doubt[0] == pytest.approx(plain.doubt[0] + np.log(3.0) ** 2)


@pytest.mark.parametrize("log", [-0.39, 0.39])
def test_a_date_that_differs_by_less_than_a_third_is_like_any_other(log: float) -> None:
    learner = learnt(flat(10.0), 20)
    slot = CALENDAR.slot(learner.at)
    plain = learner.learnt.of(slot)
    learner.memory["month_log"][slot.month_day] = log
    told = learner.learnt.of(slot)
    assert (told.mean[0], told.doubt[0]) == (plain.mean[0], plain.doubt[0])


def test_hours_that_nobody_observed_teach_nothing() -> None:
    learner = learnt(office(6.0), 15)
    before = learner.memory.table.copy()
    learner.after(np.full(23, np.nan))
    names = (
        "age",
        "level",
        "lasting",
        "dispersion",
        "day_seen",
        "week_due",
        "weeks",
        "month_log",
        "trust",
        "today_seen",
    )
    kept = Memory(expectation.ROWS, expectation.START, 1)
    kept.table = before
    assert all(np.array_equal(learner.memory[name], kept[name]) for name in names)


def test_a_day_that_nobody_observed_is_no_month_of_experience() -> None:
    learner = learnt(office(6.0), 15)
    months = learner.memory["months"].copy()
    learner.after(np.full(24, np.nan))
    assert np.array_equal(learner.memory["months"], months)


def test_a_day_curve_that_was_once_zero_climbs_back_within_days() -> None:
    learner = learnt(lambda at: 0.0 if at.hour == 10 else 5.0, 21)
    assert learner.means(learner.at)[10] < 1
    learner.after(drawn(flat(5.0), 7, HOUR))
    assert learner.means(learner.at)[10] > 2


def test_a_bill_day_is_expected_higher_when_it_comes_for_the_third_time() -> None:
    def bills(at: datetime) -> float:
        return 20.0 if at.day == 10 else 4.0

    learner = Learner()
    shown = {}
    for count in drawn(bills, 75, HOUR):
        day = learner.at
        (expected,) = learner.live(np.array([count]))
        if day.day == 10 and day.hour == 0:
            shown[day.month] = expected
    assert shown[8] < 6
    assert shown[10] > 1.5 * shown[8]
    assert np.mean(learner.means(datetime(2026, 10, 20, tzinfo=MONDAY.tzinfo))) == pytest.approx(4.0, rel=0.35)


def test_an_office_is_expected_to_rest_on_national_day_and_to_work_on_the_weekend_after() -> None:
    learner = learnt(office(20.0), 58)
    assert learner.at.date().isoformat() == "2026-09-30"
    zone = MONDAY.tzinfo
    assert learner.means(datetime(2026, 10, 1, tzinfo=zone))[12] < 7
    assert learner.means(datetime(2026, 10, 10, tzinfo=zone))[12] > 12
    assert learner.means(datetime(2026, 10, 8, tzinfo=zone))[12] > 14


def test_a_topic_that_works_through_holidays_is_trusted_less_to_keep_them() -> None:
    resting, working = learnt(office(20.0), 59), learnt(office(20.0), 59)
    national_day = datetime(2026, 10, 1, tzinfo=MONDAY.tzinfo)
    resting.after(np.full(24, 2.0))
    working.after(np.array([20.0 if 8 <= hour < 20 else 2.0 for hour in range(24)]))
    assert resting.at == national_day + DAY
    assert resting.memory["trust"][0, 0] > expectation.TRUST > working.memory["trust"][0, 0]
    assert working.means(national_day + DAY)[12] > 2 * resting.means(national_day + DAY)[12]


@pytest.mark.parametrize("step", [timedelta(seconds=1), timedelta(minutes=5), timedelta(minutes=7)])
def test_an_hour_of_a_moved_day_is_weighed_once_at_its_end_whatever_the_step_and_its_phase(step: timedelta) -> None:
    memory = Memory(expectation.ROWS, expectation.START, 1)
    learner = Expectation(memory, step)
    memory["age"][:], memory["level"][:] = 1e6, 0.5
    memory["week_seen"][:], memory["week_due"][:], memory["weeks"][:] = 20.0, 50.0, 5.0
    memory["week_seen"][:120] = 200.0
    start = datetime(2026, 10, 1, 8, 59, 57, tzinfo=MONDAY.tzinfo)
    changes = 0
    for number in range(int(2 * HOUR / step)):
        slot = CALENDAR.slot(start + number * step)
        before = memory["trust"][0, 0]
        learner.learn(slot, np.zeros(1), learner.of(slot), np.array([True]))
        changes += memory["trust"][0, 0] != before
    assert changes in (2, 3)


def scattered(counts: np.ndarray) -> np.ndarray:
    """Learns steps of five minutes, (steps, S), and tells the variance over mean that each series then shows."""
    step = timedelta(minutes=5)
    memory = Memory(expectation.ROWS, expectation.START, counts.shape[1])
    known, seen = Expectation(memory, step), np.ones(counts.shape[1], dtype=bool)
    for number, row in enumerate(counts):
        slot = CALENDAR.slot(MONDAY + number * step)
        known.learn(slot, row, known.of(slot), seen)
        if (number + 1) % 288 == 0:
            known.end_day(slot.month_day, teaches=True)
    return memory["clumps"][0].copy()


@pytest.mark.parametrize("dispersion", [1.2, 2.5])
def test_of_rare_posts_it_is_learnt_how_they_clump_and_one_outbreak_spoils_it_little(dispersion: float) -> None:
    rng, extra = np.random.default_rng(3), dispersion - 1
    counts = rng.poisson(rng.gamma(0.05 / extra, extra, (28 * 288, 40))).astype(float)
    assert np.median(scattered(counts)) == pytest.approx(dispersion, rel=0.2)
    struck = counts.copy()
    struck[20 * 288 : 20 * 288 + 6] += 20.0  # half an hour of what a topic hears in nine hours, each five minutes
    assert np.median(scattered(struck) - scattered(counts)) < 1.0


def test_of_an_unknown_topic_posts_clump_less_than_its_counts_are_dispersed() -> None:
    memory = Memory(expectation.ROWS, expectation.START, 1)
    assert memory["clumps"][0, 0] == memory["scatter"] / memory["scatter_due"] == pytest.approx(FIRST_CLUMPS)
    assert FIRST_CLUMPS < DISPERSION


def test_within_a_day_a_burst_is_no_clump_and_afterwards_no_more_than_clumps_can_be() -> None:
    learner = learnt(flat(0.2), 8)
    before = learner.memory["clumps"][0, 0]
    learner.after(np.full(12, 90.0))
    assert learner.memory["clumps"][0, 0] == before
    learner.after(np.zeros(12))
    assert before < learner.memory["clumps"][0, 0] <= MOST_CLUMPED


def test_one_day_teaches_no_more_than_clumps_can_be_however_young_the_topic() -> None:
    learner = learnt(flat(0.2), 8).after(np.concatenate([np.full(2, 30.0), np.zeros(22)]))
    assert 1.0 < learner.memory["clumps"][0, 0] < (1 + MOST_CLUMPED) / 2
