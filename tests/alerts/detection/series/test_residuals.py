"""How far windows of a quarter of an hour to three days lie from what was expected of them."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.detection.series import residuals
from alerts.detection.series.expectation import DISPERSION, Expected
from alerts.detection.series.memory import Flags, Memory
from alerts.detection.series.residuals import (
    ANSCOMBE,
    BLOCK_CAP,
    BLOCK_LEAST,
    FAR_OUT,
    FITS_WIDER,
    HOURS_COUNT,
    WIDER,
    WIDER_SHORT,
    Residuals,
    Seeing,
    Windows,
    fast_spans,
    hour_steps,
    spans,
)
from alerts.detection.series.tail import clump_reaching, clump_score

STEP = timedelta(minutes=5)
HALF_HOUR, HOUR = timedelta(minutes=30), timedelta(hours=1)
DAY_STEPS = 288
SINGLY = 0.1  # of clumps: so few that the root alone speaks
QUARTER, HALF, WHOLE, DAY, THREE = range(5)  # the windows of STEP


def of(mean: float, doubt: float = 0.0) -> Expected:
    return Expected(np.array([mean]), np.array([doubt]), np.ones(1), np.array([mean]))


def windows(
    step: timedelta = STEP, *, least: float = 0.0, dispersion: float = DISPERSION, clumps: float = SINGLY
) -> Windows:
    """One series whose dispersion and clumps, which the expectation learns, stay as they are."""
    rows = {**Windows.rows(step), "dispersion": 1, "clumps": 1}
    start = {**residuals.START, "dispersion": dispersion, "clumps": clumps}
    return Windows(Memory(rows, start, 1), step, least)


def seeing(
    seen: Flags, *, whole: bool = True, rises: bool = True, falls: bool = True, since_burst: float = np.inf
) -> Seeing:
    return Seeing(seen & whole, seen, np.array([rises]), np.array([falls]), np.array([since_burst]))


def take(
    kept: Windows, counts: list[float], mean: float, start: int = 0, doubt: float = 0.0, **asked: float
) -> Residuals:
    """Takes the counts from the `start`-th step on and tells of the last; NaN was not observed."""
    for number, count in enumerate(counts, start):
        seen = np.array([not np.isnan(count)])
        found = kept.take(number, np.array([np.nan_to_num(count)]), of(mean, doubt), seeing(seen, **asked))  # type: ignore[arg-type]
    return found


def score(counted: float, due: float, spread: float = 1.0) -> float:
    """Computes what a window's score should be."""
    distance = 2 * (np.sqrt(counted + ANSCOMBE) - np.sqrt(due + ANSCOMBE))
    return float(distance / np.sqrt(spread))


@pytest.mark.parametrize(
    ("step", "steps", "fast", "slow"),
    [
        (timedelta(seconds=1), 3600, (0.25, 0.5, 1), (24, 72)),
        (timedelta(minutes=5), 12, (0.25, 0.5, 1), (24, 72)),
        (timedelta(minutes=30), 2, (0.5, 1), (24, 72)),
        (timedelta(minutes=45), 1, (0.75,), (24, 72)),
        (timedelta(hours=1), 1, (1,), (24, 72)),
        (timedelta(hours=6), 1, (6,), (24, 72)),
        (timedelta(days=1), 1, (24,), (72,)),
        (timedelta(minutes=7), 8, (14 / 60, 28 / 60, 56 / 60), (23.333, 71.867)),
    ],
)
def test_windows_are_whole_steps_and_no_longer_than_a_quarter_half_an_hour_an_hour_a_day_and_three(
    step: timedelta, steps: int, fast: tuple[float, ...], slow: tuple[float, ...]
) -> None:
    assert hour_steps(step) == steps
    assert [one / HOUR for one in fast_spans(step)] == pytest.approx(fast, abs=0.01)
    assert [one / HOUR for one in spans(step)] == pytest.approx(fast + slow, abs=0.01)


@pytest.mark.parametrize(("step", "at"), [(STEP, 2), (timedelta(minutes=7), 2), (HOUR, 0), (timedelta(days=1), 0)])
def test_the_hour_is_known_among_the_windows(step: timedelta, at: int) -> None:
    kept = windows(step)
    assert kept.hour == at
    assert kept.spans[at] == hour_steps(step) * step


def test_what_is_as_expected_lies_nowhere() -> None:
    found = take(windows(), [2.0] * 400, 2.0)
    assert found.rise[0] == pytest.approx(0.0, abs=1e-9)
    assert found.fall[0] == pytest.approx(0.0, abs=1e-9)


def test_a_burst_is_the_hours_and_a_slow_rise_the_days() -> None:
    kept = windows()
    take(kept, [0.0] * 864, 0.05)
    burst = take(kept, [0.0] * 8 + [6.0] * 4, 0.05, 864)
    assert (burst.span[0], burst.counted[0]) == (WHOLE, 24.0)
    assert burst.expected[0] == pytest.approx(12 * 0.05)
    kept = windows()
    slow = take(kept, ([1.0] + [0.0] * 11) * 96, 0.02)
    assert slow.span[0] == THREE
    assert slow.counted[0] == 72.0


def test_the_half_hour_goes_further_than_the_hour_where_much_was_usual() -> None:
    kept = windows()
    take(kept, [20.0] * 864, 20.0)
    spread = kept.memory["spread"][:, 0].copy()
    found = take(kept, [26.0] * 6, 20.0, 864)
    assert found.span[0] == HALF
    assert (found.counted[0], found.expected[0]) == (156.0, pytest.approx(120.0))
    assert found.rise[0] == pytest.approx(score(156, 120, spread[HALF]), rel=0.02)
    assert found.rise[0] > score(276, 240, spread[WHOLE])
    assert (found.hour[0], found.hour_due[0]) == (276.0, pytest.approx(240.0))


def test_the_quarter_of_an_hour_is_the_first_to_see_a_sudden_rise() -> None:
    kept = windows()
    take(kept, [20.0] * 864, 20.0)
    found = take(kept, [28.0] * 3, 20.0, 864)
    assert found.span[0] == QUARTER
    assert (found.counted[0], found.expected[0]) == (84.0, pytest.approx(60.0))


def test_a_half_hour_that_is_far_out_goes_on_by_half() -> None:
    kept = windows()
    take(kept, [20.0] * 864, 20.0)
    found = take(kept, [32.0] * 6, 20.0, 864)
    assert found.span[0] == HALF
    whole = score(192, 120, kept.memory["spread"][HALF, 0])
    assert whole > FAR_OUT
    assert found.rise[0] == pytest.approx(FAR_OUT + (whole - FAR_OUT) / 2, rel=0.03)


def test_a_spike_of_minutes_is_told_by_the_hour_that_it_fills() -> None:
    kept = windows()
    take(kept, [20.0] * 864, 20.0)
    found = take(kept, [400.0], 20.0, 864)
    assert found.span[0] == WHOLE
    assert found.rise[0] == pytest.approx(score(620, 240, kept.memory["spread"][WHOLE, 0]), rel=0.05)


@pytest.mark.parametrize("step", [timedelta(minutes=7), timedelta(minutes=45), HOUR, timedelta(hours=6)])
def test_the_window_nearest_to_an_hour_is_never_slowed(step: timedelta) -> None:
    kept = windows(step)
    take(kept, [100.0] * 900, 100.0)
    found = take(kept, [300.0] * hour_steps(step), 100.0, 900)
    due = 100.0 * hour_steps(step)
    assert found.rise[0] == pytest.approx(score(3 * due, due, kept.memory["spread"][kept.hour, 0]), rel=0.1)


def test_where_little_is_usual_the_hour_goes_further_than_the_half_hour_that_counted_the_same() -> None:
    kept = windows(clumps=1.0)
    take(kept, [0.0] * 864, 0.01)
    found = take(kept, [5.0] * 4, 0.01, 864)
    assert found.span[0] == WHOLE
    clump = clump_score(np.array([20.0]), np.array([0.12]), np.array([WIDER]))[0]
    assert found.quick_rise[0] == found.rise[0] == pytest.approx(min(score(20, 0.12), clump), rel=0.02)


@pytest.mark.parametrize("posts", [8.0, 9.0, 10.0])
def test_posts_that_come_in_clumps_are_no_outbreak_where_few_are_usual(posts: float) -> None:
    single, clumping = windows(clumps=1.0), windows(clumps=4.0)
    for kept in (single, clumping):
        take(kept, [0.0] * 864, 0.05)
    alone, together = (take(kept, [posts], 0.05, 864).quick_rise[0] for kept in (single, clumping))
    assert together < 3.5 < alone
    quarter = clump_score(np.array([posts]), np.array([3 * 0.05]), np.array([4.0 * WIDER_SHORT]))[0]
    assert together == pytest.approx(min(quarter, score(posts, 0.15)))


@pytest.mark.parametrize(("mean", "dispersion"), [(2.0, 10.0), (10.0, 30.0), (60.0, 100.0)])
def test_of_a_topic_that_lives_by_fits_no_more_steps_score_high_than_of_one_whose_posts_come_singly(
    mean: float, dispersion: float
) -> None:
    series, steps, high = 60, 288 * 8, []
    rng = np.random.default_rng(11)
    fits = rng.poisson(rng.gamma(mean / (dispersion - 1), dispersion - 1, (steps, series)))
    for wide, drawn in ((dispersion, fits), (1.0, rng.poisson(mean, (steps, series)))):
        start = {**residuals.START, "dispersion": wide, "clumps": min(wide, 3.0)}
        kept = Windows(Memory({**Windows.rows(STEP), "dispersion": 1, "clumps": 1}, start, series), STEP)
        everyone = np.ones(series, dtype=bool)
        due, asked = np.full(series, mean), Seeing(everyone, everyone, everyone, ~everyone, np.full(series, np.inf))
        expected = Expected(due, np.zeros(series), np.ones(series), due)
        rises = [kept.take(number, row.astype(float), expected, asked).quick_rise for number, row in enumerate(drawn)]
        high.append(np.mean(np.array(rises[288 * 3 :]) > 2.8))
    assert high[0] <= 1.5 * high[1] + 5e-4


@pytest.mark.parametrize(
    ("dispersion", "clumps", "wide"),
    [
        (2.9, 1.5, 1.5),
        (30.0, 1.5, 1.5),
        (30.0, 2.9, 30.0 * FITS_WIDER),
        (80.0, 3.0, 80.0 * FITS_WIDER),
        (2.0, 2.9, 2.9),
    ],
)
def test_how_posts_clump_is_known_by_days_and_by_steps_where_all_days_would_teach_more_than_they_may(
    dispersion: float, clumps: float, wide: float
) -> None:
    kept = windows(dispersion=dispersion, clumps=clumps)
    take(kept, [1.0] * 864, 1.0)
    found = take(kept, [9.0] * 12, 1.0, 864)
    asked = zip((27.0, 54.0, 108.0), (3.0, 6.0, 12.0), (WIDER_SHORT, WIDER_SHORT, WIDER), strict=True)
    clumped = [clump_score(np.array([n]), np.array([due]), np.array([times * wide]))[0] for n, due, times in asked]
    rooted = score(108, 12, kept.memory["spread"][WHOLE, 0])
    assert found.quick_rise[0] == pytest.approx(min(rooted, clumped[-1]), rel=0.15)
    assert (
        kept.limits(875, np.array([4.0]))[2][0]
        >= clump_reaching(np.array([4.0]), np.array([12.0]), WIDER * np.array([wide]))[0]
    )


@pytest.mark.parametrize(
    ("since_burst", "spoken"), [(0, None), (DAY_STEPS, None), (DAY_STEPS + 1, DAY), (3 * DAY_STEPS + 1, THREE)]
)
def test_a_slow_window_says_nothing_for_as_long_after_a_burst_as_it_is_long(
    since_burst: int, spoken: int | None
) -> None:
    kept = windows()
    take(kept, [0.0] * 864, 0.05)
    scattered = ([0.0] * 11 + [4.0]) * 71 + [0.0] * 12  # four an hour, and none in the last
    found = take(kept, scattered, 0.05, 864, since_burst=since_burst)
    assert found.quick_rise[0] < 0
    if spoken is None:
        assert found.rise[0] == 0.0
    else:
        assert found.rise[0] > 2
        assert found.span[0] == spoken


def test_a_fast_window_speaks_however_late_the_last_burst_was() -> None:
    kept = windows()
    take(kept, [0.0] * 864, 0.05)
    found = take(kept, [9.0] * 4, 0.05, 864, since_burst=1)
    assert found.span[0] == WHOLE
    assert found.rise[0] > 8


def test_after_a_burst_a_slow_silence_is_no_more_told_than_a_slow_rise() -> None:
    kept = windows()
    take(kept, [0.2] * 864, 0.2)
    told, echo = take(kept, [0.0] * 864, 0.2, 864), take(kept, [0.0], 0.2, 1728, since_burst=12)
    assert told.fall[0] < told.quick_fall[0]
    assert echo.fall[0] == echo.quick_fall[0]


def spread_out(posts: int, gap: int, each: float = 1.0) -> list[float]:
    """Three days that end with so many posts, `each` together, every `gap` hours."""
    steps = np.zeros(864)
    steps[[-1 - 12 * gap * number for number in range(int(posts / each))]] = each
    return list(steps)


def test_posts_in_many_hours_rise_further_than_the_same_ones_in_few() -> None:
    alone, together = windows(clumps=2.0), windows(clumps=2.0)
    for kept in (alone, together):
        take(kept, [0.0] * 864, 0.004)
    rumour, pairs = take(alone, spread_out(24, 2), 0.004, 864), take(together, spread_out(24, 2, 2.0), 0.004, 864)
    assert rumour.span[0] == THREE
    assert rumour.counted[0] == pairs.counted[0] == 24.0
    assert rumour.rise[0] > pairs.rise[0] + 0.2


def test_what_rose_by_its_hours_is_held_against_the_hours_that_clumped_posts_fill() -> None:
    kept = windows(clumps=2.0)
    take(kept, [0.0] * 864, 0.004)
    found = take(kept, spread_out(18, 2), 0.004, 864)
    due = 72 * (1 - 2.0 ** -(12 * 0.004))
    spread = kept.memory["hours_spread"][0, 0]
    assert found.rise[0] == pytest.approx(HOURS_COUNT * score(18, due, spread), rel=0.01)


def test_fewer_posts_than_the_least_do_not_rise_by_their_hours() -> None:
    for least, rises in ((18.0, True), (19.0, False)):
        kept = windows(clumps=2.0, least=least)
        take(kept, [0.0] * 864, 0.004)
        assert (take(kept, spread_out(18, 2), 0.004, 864).rise[0] > 1) == rises


def test_where_every_hour_speaks_the_hours_say_nothing() -> None:
    kept = windows()
    take(kept, [2.0] * 864, 2.0)
    assert take(kept, [2.2] * 864, 2.0, 864).rise[0] == pytest.approx(
        score(1900.8, 1728, kept.memory["spread"][THREE, 0]), rel=0.01
    )


def test_after_a_burst_hours_that_spoke_are_an_echo_as_posts_are() -> None:
    kept = windows(clumps=2.0)
    take(kept, [0.0] * 864, 0.004)
    assert take(kept, spread_out(18, 2)[:-1], 0.004, 864, since_burst=12).rise[0] == 0.0


@pytest.mark.parametrize("clumps", [1.0, 2.0, 3.0])
def test_a_day_of_few_posts_must_be_more_than_a_clump(clumps: float) -> None:
    kept = windows(clumps=clumps)
    take(kept, [0.0] * 864, 0.004)
    found = take(kept, [0.0] * 200 + [4.0, 0.0, 4.0, 4.0] + [0.0] * 60, 0.004, 864)
    clump = clump_score(np.array([12.0]), np.array([288 * 0.004]), np.array([clumps * WIDER]))[0]
    assert found.rise[0] <= max(clump, HOURS_COUNT * score(3, 0.0)) + 0.05


@pytest.mark.parametrize("dispersion", [1.0, 2.0, 50.0])
def test_an_hour_of_thousands_adds_to_the_slow_windows_no_more_than_a_block_may(dispersion: float) -> None:
    kept = windows(dispersion=dispersion)
    take(kept, [1.0] * 864, 1.0)
    found = take(kept, [1000.0] * 12, 1.0, 864)
    assert found.hour[0] == 12_000
    block = 12 + BLOCK_CAP * np.sqrt(12 * dispersion) + BLOCK_LEAST
    assert kept.memory["slow_counted"].max() == pytest.approx(block)
    assert kept.memory["slow_counted"].sum() == pytest.approx(block + 71 * 12)


def test_what_grows_within_the_cap_of_a_block_is_counted_whole() -> None:
    kept = windows()
    take(kept, ([2.0] + [0.0] * 11) * 72, 0.02)
    assert kept.memory["slow_counted"].sum() == 144.0


@pytest.mark.parametrize("least", [5.0, 12.0])
def test_a_window_with_fewer_posts_than_the_least_does_not_rise(least: float) -> None:
    below, at = windows(least=least), windows(least=least)
    for kept in (below, at):
        take(kept, [0.0] * 864, 0.001)
    assert take(below, [least - 1], 0.001, 864).rise[0] == 0.0
    assert take(at, [least], 0.001, 864).rise[0] == pytest.approx(score(least, 0.012), rel=0.05)


def test_a_window_with_fewer_posts_than_the_least_falls_all_the_same() -> None:
    falls = [take(windows(least=least), [20.0] * 864 + [0.0] * 12, 20.0).fall[0] for least in (0.0, 1e6)]
    assert falls[0] == falls[1] < -10


def test_the_last_hour_holds_twelve_steps_and_the_day_up_to_twenty_four_hours() -> None:
    kept = windows()
    take(kept, [0.0] * 864 + [5.0], 1.0)
    assert kept.memory["fast_counted"].sum() == 5.0
    take(kept, [0.0] * 11, 1.0, 865)
    assert kept.memory["fast_counted"].sum() == 5.0
    take(kept, [0.0], 1.0, 876)
    assert kept.memory["fast_counted"].sum() == 0.0
    assert kept.memory["slow_counted"].sum() == 5.0
    take(kept, [0.0] * 864, 1.0, 877)
    assert kept.memory["slow_counted"].sum() == 0.0


def test_steps_nobody_observed_are_neither_counted_nor_due() -> None:
    kept = windows()
    take(kept, [2.0] * 864, 2.0)
    spread = kept.memory["spread"].copy()
    found = take(kept, [np.nan] * 400, 2.0, 864)
    assert found.rise[0] == pytest.approx(0.0, abs=1e-9)
    assert found.fall[0] == pytest.approx(0.0, abs=1e-9)
    assert np.array_equal(kept.memory["spread"], spread)


def test_what_is_not_whole_proves_no_fall_and_rises_as_if_it_were_all() -> None:
    partly, gone = windows(), windows()
    for kept in (partly, gone):
        take(kept, [20.0] * 864, 20.0)
    assert take(gone, [3.0] * 12, 20.0, 864, whole=False).fall[0] == pytest.approx(0.0, abs=1e-9)
    some, every = take(partly, [90.0] * 12, 20.0, 864, whole=False), take(windows(), [90.0] * 12, 20.0, 864)
    assert (some.counted[0], some.expected[0]) == (every.counted[0], every.expected[0])
    assert some.rise[0] > 10


@pytest.mark.parametrize(
    ("burst", "rises", "falls", "span"),
    [
        (100.0, True, False, WHOLE),
        (100.0, False, True, THREE),
        (100.0, True, True, WHOLE),
        (25.0, True, True, THREE),
        (25.0, True, False, HALF),
    ],
)
def test_the_window_that_is_named_went_furthest_the_way_the_series_is_asked_about(
    burst: float, rises: bool, falls: bool, span: int
) -> None:
    kept = windows()
    take(kept, [20.0] * 864 + [18.0] * 804 + [20.0] * 54, 20.0)  # three days of a little less, and a burst
    found = take(kept, [burst] * 6, 20.0, 1722, rises=rises, falls=falls)
    assert found.rise[0] > 0 > found.fall[0]
    assert found.span[0] == span
    assert (found.counted[0] > found.expected[0]) == (span != THREE)


def test_silence_where_much_was_expected_is_a_fall() -> None:
    kept = windows()
    take(kept, [20.0] * 864, 20.0)
    assert take(kept, [0.0] * 12, 20.0, 864).fall[0] < -10


def test_a_doubtful_expectation_is_alarmed_later() -> None:
    sure = take(windows(), [2.0] * 863 + [30.0], 2.0)
    doubtful = take(windows(), [2.0] * 863 + [30.0], 2.0, doubt=0.35**2)
    assert doubtful.rise[0] < sure.rise[0]


def test_the_spread_of_a_topic_whose_days_differ_grows_and_one_step_cannot_make_it() -> None:
    wild = windows()
    take(wild, ([0.0] * 288 + [20.0] * 288) * 14, 10.0)
    assert wild.memory["spread"][DAY, 0] > 20
    once = windows()
    take(once, [10.0] * 863 + [1e6], 10.0)
    assert once.memory["spread"].max() < 3


def test_the_root_makes_poisson_counts_of_any_mean_spread_alike() -> None:
    rng = np.random.default_rng(7)
    for mean in (3.0, 30.0, 300.0):
        kept = windows(timedelta(hours=1))
        take(kept, list(rng.poisson(mean, 24 * 120).astype(float)), mean)
        assert 1.0 <= kept.memory["spread"][0, 0] < 1.3


@given(st.floats(0, 1e4), st.floats(0, 0.2), st.floats(3.5, 30), st.integers(0, 3), st.floats(1, 9))
def test_the_limits_are_where_the_fast_window_crosses(
    mean: float, doubt: float, bar: float, more: int, clumps: float
) -> None:
    kept = windows(HOUR, clumps=clumps)
    take(kept, [mean] * 80, mean, doubt=doubt)
    due, fewest, most = (one[0] for one in kept.limits(79, np.array([bar])))
    assert fewest <= due <= most
    assert due == pytest.approx(mean)
    distance = 2 * (np.sqrt(most + 0.375) - np.sqrt(due + 0.375))
    root = distance / np.sqrt(kept.memory["spread"][0, 0] + kept.memory["fast_doubt"].sum())
    if root > bar * (1 + 1e-6):
        assert most == clump_reaching(np.array([bar]), np.array([due]), np.array([clumps * WIDER]))[0]
    else:
        assert root == pytest.approx(bar)
    assert kept.limits(79, np.array([bar + more]))[2][0] >= most


@given(st.floats(0.01, 200), st.floats(0, 0.2), st.floats(3.5, 12), st.floats(1, 9))
def test_a_count_that_the_limits_name_reaches_the_threshold_and_one_less_does_not(
    mean: float, doubt: float, bar: float, clumps: float
) -> None:
    def rise(posts: float) -> float:
        kept = windows(HOUR, clumps=clumps)
        take(kept, [mean] * 80, mean, doubt=doubt)
        return float(take(kept, [posts], mean, 80, doubt=doubt).quick_rise[0])

    kept = windows(HOUR, clumps=clumps)
    take(kept, [mean] * 80, mean, doubt=doubt)
    most = kept.limits(79, np.array([bar]))[2][0]
    assert rise(float(np.ceil(most - 1e-9) + 1e-9)) >= bar - 1e-6
    assert rise(float(np.ceil(most - 1e-9) - 1)) < bar


def test_the_limits_are_those_of_the_hour_at_any_step() -> None:
    kept = windows()
    take(kept, [10.0] * 864, 10.0)
    due, fewest, most = (one[0] for one in kept.limits(863, np.array([4.0])))
    assert due == pytest.approx(120.0)
    for edge, sign in ((most, 1), (fewest, -1)):
        assert score(edge, 120.0, kept.memory["spread"][WHOLE, 0]) == pytest.approx(4.0 * sign, rel=0.03)


def test_where_little_is_expected_not_even_silence_leaves_the_usual() -> None:
    kept = windows()
    take(kept, [0.0] * 864, 0.1)
    assert kept.limits(863, np.array([5.0]))[1][0] == 0.0
