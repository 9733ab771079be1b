"""The detector as a whole: on made-up offices, bursts, rumours, holidays and holes."""

from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.detection.series.budget import LOWEST, LOWEST_RISE
from alerts.detection.series.detector import PROBATION, QUIET, Detector, Judged, Sides
from tests.alerts.detection.series.offices import DAY, MONDAY, alerts, drawn, flat, judged, office

HALF_HOUR = timedelta(minutes=30)
FIVE = timedelta(minutes=5)
HOUR = timedelta(hours=1)


def made(*budgets: float, step: timedelta = HOUR, sides: Sides = Sides.RISE) -> Detector:
    return Detector(np.array(budgets), step, sides)


def same(one: Judged, other: Judged, column: int) -> bool:
    """Which of two equal windows rose furthest may turn on the last bit, and so do not `span`, `counted`, `due`."""
    numbers = all(
        np.isclose(getattr(one, field)[column], getattr(other, field)[0], rtol=1e-9, atol=1e-9)
        for field in ("expected", "score", "threshold")
    )
    flags = ("rose", "fell", "alert", "cold")
    return numbers and all(getattr(one, flag)[column] == getattr(other, flag)[0] for flag in flags)


COUNTS = st.lists(
    st.lists(st.one_of(st.just(float("nan")), st.integers(0, 3000).map(float)), min_size=3, max_size=3),
    min_size=30, max_size=60,
)  # fmt: skip


@given(COUNTS)
@settings(max_examples=10, deadline=None)
def test_a_series_is_judged_as_if_it_were_alone(counts: list[list[float]]) -> None:
    table = np.array(counts)
    together = list(judged(made(1.0, 0.5, 2.0, step=HALF_HOUR, sides=Sides.BOTH), table))
    for column, budget in enumerate((1.0, 0.5, 2.0)):
        alone = judged(made(budget, step=HALF_HOUR, sides=Sides.BOTH), table[:, column])
        assert all(same(all_of, one, column) for all_of, one in zip(together, alone, strict=True))


@given(COUNTS)
@settings(max_examples=10, deadline=None)
def test_a_step_nobody_observed_never_crosses_and_a_score_is_a_number(counts: list[list[float]]) -> None:
    table = np.array(counts)
    for step, one in zip(table, judged(made(1.0, 1.0, 1.0, sides=Sides.BOTH), table), strict=True):
        assert np.all(np.isfinite(one.score))
        assert np.all(one.score >= 0)
        assert np.all(one.expected > 0)
        assert not np.any((one.rose | one.fell | one.alert) & np.isnan(step))
        assert np.all(one.score[np.isnan(step)] == 0)


@given(st.integers(1, 149), COUNTS)
@settings(max_examples=8, deadline=None)
def test_a_column_that_is_put_back_goes_on_as_if_nothing_had_happened(cut: int, counts: list[list[float]]) -> None:
    past = drawn(office(5.0), 5, HOUR)
    whole = np.concatenate([past, np.array(counts)[:, 0]])
    through = list(judged(made(1.0), whole))
    first = made(1.0)
    list(judged(first, whole[:cut]))
    second = made(1.0, 1.0, 1.0)
    second.memory.table[:, 1] = first.memory.table[:, 0]
    start = MONDAY + cut * HOUR
    rest = judged(second, np.repeat(whole[cut:, None], 3, axis=1), start)
    for one, again in zip(through[cut:], rest, strict=True):
        assert same(again, one, 1)


def test_a_column_put_back_at_midnight_closes_the_day_before() -> None:
    counts = drawn(office(5.0), 10, HOUR)
    through = list(judged(made(1.0), counts))
    first, second = made(1.0), made(1.0)
    list(judged(first, counts[: 8 * 24]))
    second.memory.table[:] = first.memory.table
    again = next(judged(second, counts[8 * 24 :], MONDAY + 8 * DAY))
    assert same(again, through[8 * 24], 0)
    assert second.memory["days"][0, 0] == 7  # of eight, the first was on probation


def test_a_forgotten_topic_begins_anew_and_is_not_told_for_having_no_threshold() -> None:
    detector = made(1.0)
    list(judged(detector, drawn(flat(3.0), 10, HOUR)))
    detector.memory.forget([0])
    found = list(judged(detector, drawn(flat(3.0), 3, HOUR), MONDAY + 10 * DAY))
    assert not any(one.rose[0] or one.alert[0] for one in found)
    assert [bool(one.cold[0]) for one in found].count(True) == 24


def test_hours_nobody_observed_change_nothing_of_what_is_expected() -> None:
    counts = drawn(office(5.0), 21, HOUR)
    held = counts.copy()
    held[15 * 24 + 9 : 15 * 24 + 13] = np.nan
    detector = made(1.0)
    before = list(judged(detector, held))[15 * 24 + 8]
    through = list(judged(made(1.0), counts))
    assert before.expected[0] == through[15 * 24 + 8].expected[0]
    assert alerts(made(1.0), held) == []


def test_nothing_is_told_on_the_first_observed_day_however_loud() -> None:
    counts = np.concatenate([np.full(20, np.nan), np.full(12, 1.0), np.full(12, 900.0), np.full(24, 1.0)])
    found = list(judged(made(1.0), counts))
    assert all(one.cold[0] for one in found[:44])
    assert not any(one.alert[0] for one in found[:44])
    assert PROBATION == DAY


def test_a_burst_of_thirty_in_twenty_minutes_is_told_within_them() -> None:
    counts = drawn(flat(1 / 144), 21, FIVE)  # a quiet topic: two a day
    at = 20 * 288 + 10 * 12
    counts[at : at + 4] = [4, 8, 9, 9]
    (told,) = [one for one in alerts(made(1.0, step=FIVE), counts) if one >= MONDAY + 15 * DAY]
    assert MONDAY + at * FIVE <= told <= MONDAY + (at + 3) * FIVE


def test_what_grew_says_which_window_and_how_many() -> None:
    counts = drawn(flat(1 / 144), 21, FIVE)
    at = 20 * 288 + 10 * 12
    counts[at : at + 4] = [9, 9, 9, 9]
    detector = made(1.0, step=FIVE)
    last = list(judged(detector, counts))[at + 3]
    assert detector.spans[int(last.span[0])] == HOUR
    assert last.counted[0] == counts[at - 8 : at + 4].sum()
    assert last.due[0] < 1
    assert last.score[0] > last.threshold[0]


def test_a_rumour_of_three_a_day_that_doubles_is_found_by_its_third_day() -> None:
    rng = np.random.default_rng(5)
    counts = drawn(flat(0.5 / 288), 26, FIVE)  # a topic of which something is said every other day
    for day, posts in enumerate((3, 6, 12, 24)):
        begin = (21 + day) * 288 + 8 * 12
        np.add.at(counts, begin + rng.choice(14 * 12, posts, replace=False), 1.0)
    told = [one for one in alerts(made(1.0, step=FIVE), counts) if one >= MONDAY + 21 * DAY]
    assert told
    assert told[0] < MONDAY + 24 * DAY


def test_rumours_are_told_by_their_third_day_where_posts_come_in_clumps_and_the_clumps_are_not() -> None:
    """Twenty topics of three posts in two days, now and then four together; ten of them have a rumour."""
    rng, days = np.random.default_rng(9), 45
    topics = [drawn(flat(1.5 / 24), days, HOUR, seed=seed, dispersion=2.0) for seed in range(20)]
    for topic in topics[:10]:
        for day, posts in enumerate((3, 6, 12)):
            np.add.at(topic, (days - 3 + day) * 24 + rng.integers(8, 22, posts), 1.0)
    judgements = list(judged(made(*[1.0] * 20), np.array(topics).T))
    told = np.array([one.alert for one in judgements])
    assert not told[: (days - 3) * 24].any()
    assert told[(days - 3) * 24 :].any(axis=0).tolist() == [True] * 10 + [False] * 10
    last = judgements[int(np.flatnonzero(told[:, 0])[-1])]
    assert made(1.0).spans[last.span[0]] == 3 * DAY


def test_a_second_wave_is_another_alarm_only_after_a_quiet_time() -> None:
    counts = drawn(flat(2.0), 32, HOUR)
    counts[25 * 24 : 25 * 24 + 3] = 90.0
    counts[25 * 24 + 5 : 25 * 24 + 8] = 90.0
    counts[29 * 24 : 29 * 24 + 3] = 90.0
    told = [one for one in alerts(made(1.0), counts) if one >= MONDAY + 25 * DAY]
    assert told == [MONDAY + 25 * DAY, MONDAY + 29 * DAY]
    assert timedelta(hours=6) <= QUIET <= timedelta(hours=12)


@pytest.mark.parametrize("gap", [1, 2, 3])
@pytest.mark.parametrize("extra", [20.0, 60.0, 150.0])
def test_a_second_burst_of_six_hours_days_after_the_first_is_told_again(gap: int, extra: float) -> None:
    counts = drawn(flat(2.0), 34, HOUR)
    first = 25 * 24 + 10
    for begin in (first, first + gap * 24):
        counts[begin : begin + 6] += extra
    told = [one for one in alerts(made(1.0), counts) if one >= MONDAY + 24 * DAY]
    begin, again = told
    assert begin == MONDAY + first * HOUR
    assert timedelta(0) <= again - (MONDAY + (first + gap * 24) * HOUR) <= HOUR


@pytest.mark.parametrize("extra", [20.0, 60.0, 150.0])
def test_a_burst_that_is_over_crosses_no_longer_than_its_last_hour(extra: float) -> None:
    counts = drawn(flat(2.0), 34, HOUR)
    first = 25 * 24 + 10
    counts[first : first + 6] += extra
    crossed = [one.at for one in judged(made(1.0), counts) if one.rose[0] and one.at >= MONDAY + 24 * DAY]
    assert crossed == [MONDAY + (first + hour) * HOUR for hour in range(6)]


@pytest.mark.parametrize("extra", [60.0, 150.0, 1500.0])
def test_an_outbreak_does_not_hide_one_on_the_same_date_of_the_next_month(extra: float) -> None:
    counts = drawn(office(6.0), 70, HOUR)
    days = [(datetime(2026, month, 9, tzinfo=MONDAY.tzinfo) - MONDAY).days for month in (9, 10)]
    for day in days:
        counts[day * 24 + 10 : day * 24 + 14] += extra
    told = [one for one in alerts(made(1.0), counts) if one >= MONDAY + 20 * DAY]
    assert told == [MONDAY + day * DAY + 10 * HOUR for day in days]


@pytest.mark.parametrize("mean", [20.0, 50.0])
def test_a_busy_topics_burst_is_found_by_the_half_hour_before_the_hour_knows(mean: float) -> None:
    counts = drawn(flat(mean), 21, FIVE)
    at = 20 * 288 + 10 * 12
    counts[at : at + 24] += 1.5 * mean
    detector = made(1.0, step=FIVE)
    list(judged(detector, counts[:at]))
    told, knows = None, None
    for one in judged(detector, counts[at : at + 24], MONDAY + at * FIVE):
        if told is None and one.alert[0]:
            told = one
        if knows is None and one.hour[0] > detector.limits(one.at)[2][0]:
            knows = one
    assert told is not None
    assert knows is not None
    assert detector.spans[int(told.span[0])] == HALF_HOUR
    assert told.at < knows.at


@pytest.mark.parametrize(("least", "posts", "told"), [(0.0, 9, 1), (10.0, 9, 0), (10.0, 10, 1), (10.0, 30, 1)])
def test_fewer_posts_than_the_least_are_no_alarm_however_unusual(least: float, posts: int, told: int) -> None:
    counts = drawn(flat(0.01), 21, HOUR)
    counts[20 * 24 :] = 0.0
    counts[20 * 24 + 10] = posts
    detector = Detector(np.ones(1), HOUR, Sides.RISE, least=least)
    assert alerts(detector, counts) == [MONDAY + 20 * DAY + 10 * HOUR] * told


def test_silence_is_told_though_it_has_fewer_posts_than_the_least() -> None:
    counts = drawn(flat(60.0), 21, HOUR)
    counts[20 * 24 : 20 * 24 + 8] = 0.0
    detector = Detector(np.ones(1), HOUR, Sides.FALL, least=1000.0)
    assert len(alerts(detector, counts)) == 1


def test_a_series_that_is_told_of_rises_alone_has_a_higher_lowest_threshold() -> None:
    detector = Detector(np.full(3, 7.0), HOUR, [Sides.RISE, Sides.FALL, Sides.BOTH])
    first = detector.judge(MONDAY, np.ones(3))
    assert first.threshold == pytest.approx([LOWEST_RISE, LOWEST, LOWEST], abs=1e-4)
    assert (LOWEST, LOWEST_RISE) == (3.5, 4.0)


def waved(*earned: bool | None) -> tuple[list[float], int]:
    """Lives through calm weeks, then a day for each of `earned`: a wave or, if None, nothing; tells the threshold after
    each of these days, and how many alarms they gave."""
    detector, told, after = made(1.0), 0, []
    list(judged(detector, drawn(flat(4.0), 28, HOUR)))
    for day, was in enumerate([*earned, None], 28):
        for hour in range(24):
            loud = was is not None and 10 <= hour < 13
            flag = None if was is None else np.array([was])
            count = np.array([200.0 if loud else 4.0])
            one = detector.judge(MONDAY + day * DAY + hour * HOUR, count, earned=flag)
            told += int(one.alert[0])
            if hour == 0 and day > 28:
                after.append(float(one.threshold[0]))
    return after, told


def test_a_wave_that_people_did_not_call_false_costs_no_budget() -> None:
    calm, none = waved(None, None, None)
    earned, told = waved(True, True, True)
    assert (none, told) == (0, 3)
    assert earned == pytest.approx(calm, abs=1e-3)


def test_a_wave_that_was_called_false_raises_the_threshold_and_each_more() -> None:
    calm, _ = waved(None, None, None)
    called, told = waved(False, False, False)
    assert told == 3
    assert called[0] > calm[0] + 0.1
    assert called[0] < called[1] < called[2]


def test_an_earned_wave_costs_its_own_series_nothing_and_others_what_they_owe() -> None:
    detector = made(1.0, 1.0)
    calm = drawn(flat(4.0), 28, HOUR)
    list(judged(detector, np.stack([calm, calm], axis=1)))
    for hour in range(25):
        one = detector.judge(
            MONDAY + 28 * DAY + hour * HOUR, np.full(2, 200.0 if hour == 10 else 4.0), earned=np.array([True, False])
        )
        assert one.score[0] == one.score[1]
    assert one.threshold[0] < one.threshold[1]


@pytest.mark.parametrize(("side", "falls"), [(Sides.RISE, 0), (Sides.FALL, 1), (Sides.BOTH, 1)])
def test_silence_of_a_busy_topic_is_told_to_who_asked_for_falls(side: Sides, falls: int) -> None:
    counts = drawn(flat(60.0), 21, HOUR)
    counts[20 * 24 : 20 * 24 + 8] = 0.0
    told = [one for one in judged(made(1.0, sides=side), counts) if one.alert[0]]
    assert len(told) == falls
    assert all(one.fell[0] and not one.rose[0] for one in told)


def test_each_series_may_have_sides_of_its_own() -> None:
    counts = drawn(flat(60.0), 21, HOUR)
    counts[20 * 24 : 20 * 24 + 8] = 0.0
    detector = Detector(np.ones(2), HOUR, [Sides.RISE, Sides.FALL])
    told = sum(one.alert.astype(int) for one in judged(detector, np.repeat(counts[:, None], 2, axis=1)))
    assert told.tolist() == [0, 1]


@pytest.mark.parametrize("dispersion", [1.0, 4.0, 40.0])
@pytest.mark.parametrize("budget", [0.5, 1.0, 2.0])
def test_alarms_of_ordinary_weeks_keep_to_the_budget(budget: float, dispersion: float) -> None:
    series, weeks = 24, 10
    table = np.stack(
        [drawn(office(8.0), weeks * 7, HOUR, seed=seed, dispersion=dispersion) for seed in range(series)], axis=1
    )
    detector = Detector(np.full(series, budget), HOUR, Sides.RISE)
    told = sum(one.alert.sum() for one in judged(detector, table))
    assert told / (series * weeks) <= 1.2 * budget


def test_eight_weeks_of_an_office_with_national_day_pass_without_an_alarm() -> None:
    start = datetime(2026, 8, 24, tzinfo=MONDAY.tzinfo)
    late = int((start - MONDAY) / HOUR)
    counts = drawn(office(12.0), 80, HOUR)[late:]
    assert start + len(counts) * HOUR > datetime(2026, 10, 11, tzinfo=MONDAY.tzinfo)
    assert alerts(made(1.0), counts, start) == []


def test_an_outbreak_does_not_hide_one_of_its_kind_a_fortnight_later() -> None:
    counts = drawn(office(6.0), 50, HOUR)
    for day in (29, 44):
        counts[day * 24 + 10 : day * 24 + 14] += 150.0
    told = [one for one in alerts(made(1.0), counts) if one >= MONDAY + 28 * DAY]
    assert [one.date() for one in told] == [(MONDAY + day * DAY).date() for day in (29, 44)]


def test_what_must_not_teach_is_judged_all_the_same() -> None:
    counts = drawn(flat(4.0), 21, HOUR)
    detector = made(1.0)
    list(judged(detector, counts))
    level = detector.memory["level"].copy()
    for hour in range(5):
        one = detector.judge(MONDAY + 21 * DAY + hour * HOUR, np.array([400.0]), np.array([False]))
        assert one.rose[0]
    assert np.array_equal(detector.memory["level"], level)


def test_the_limits_say_what_the_last_hour_may_count_before_it_crosses() -> None:
    counts = drawn(flat(4.0), 21, HOUR)
    detector = made(1.0)
    list(judged(detector, counts))
    due, fewest, most = (one[0] for one in detector.limits(MONDAY + 21 * DAY - HOUR))
    assert due == pytest.approx(4.0, rel=0.4)
    assert fewest <= due < most < 40
    copy = detector.memory.table.copy()
    crossed = []
    for count in (np.floor(most) - 2, np.ceil(most) + 6):
        detector.memory.table[:] = copy
        crossed.append(bool(detector.judge(MONDAY + 21 * DAY, np.array([count])).rose[0]))
    assert crossed == [False, True]


@pytest.mark.parametrize("step", [timedelta(minutes=1), timedelta(minutes=7), timedelta(hours=5), DAY])
def test_any_even_step_is_judged(step: timedelta) -> None:
    counts = drawn(flat(step / HOUR * 10), 60 if step >= HOUR else 4, step)
    counts[-1] = counts[-1] * 12 + 400
    assert alerts(made(1.0, step=step), counts)[-1:] == [MONDAY + (len(counts) - 1) * step]


@pytest.mark.parametrize(("mean", "dispersion"), [(0.3, 2.5), (2.0, 2.5), (60.0, 1.2)])
def test_the_count_that_is_told_as_alarming_does_and_one_less_does_not(mean: float, dispersion: float) -> None:
    detector = made(1.0)
    counts = drawn(flat(mean), 28.5, HOUR, dispersion=dispersion)
    counts[-72:] = np.floor(mean)  # no slow window has anything to say
    list(judged(detector, counts))
    at = MONDAY + 28.5 * DAY
    bar, copy = float(np.ceil(detector.bars(at)[0])), detector.memory.table.copy()
    crossed = []
    for count in (bar - 1, bar):
        detector.memory.table[:] = copy
        judgement = detector.judge(at, np.array([count]))
        crossed.append(bool(judgement.rose[0]))
    assert crossed == [False, True]


def billed(months: int, *, burst: bool = False) -> list[datetime]:
    """Judges months that begin eleven days before a bill day, each of which is thrice as loud as other days; tells the
    alarms of bill days. A `burst` comes at four in the afternoon of the last one."""
    start = datetime(2025, 8, 4, tzinfo=MONDAY.tzinfo)
    days = 30 * months + 12
    rng = np.random.default_rng(11)
    means = np.array([6.0 * (3.0 if (start + hour * HOUR).day == 15 else 1.0) for hour in range(days * 24)])
    counts = rng.poisson(means).astype(float)
    last = max(hour for hour in range(days * 24) if (start + hour * HOUR).day == 15) - 8
    if burst:
        counts[last : last + 2] += 48.0 * 3
    return [at for at in alerts(made(1.0), counts, start) if at.day == 15]


def test_the_first_bill_day_teaches_as_soon_as_a_topic_knows_its_week() -> None:
    assert [at.month for at in billed(3)] == [8]


def test_a_burst_on_a_bill_day_is_told_all_the_same() -> None:
    last = billed(3, burst=True)[-1]
    assert (last.month, last.day) == (10, 15)
    assert last not in billed(3)
