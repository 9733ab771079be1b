"""How far windows of half an hour, an hour, a day and three days lie from what was expected of them."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.detection import residuals
from alerts.detection.expectation import DISPERSION, Expected
from alerts.detection.memory import Flags, Memory
from alerts.detection.residuals import (
    ANSCOMBE,
    BLOCK_CAP,
    BLOCK_LEAST,
    QUICK_WEIGHT,
    Residuals,
    Seeing,
    Windows,
    fast_spans,
    hour_steps,
    spans,
)

STEP = timedelta(minutes=5)
HALF_HOUR, HOUR = timedelta(minutes=30), timedelta(hours=1)
DAY_STEPS = 288
HALF, WHOLE, DAY, THREE = range(4)  # the windows of STEP


def of(mean: float, doubt: float = 0.0) -> Expected:
    return Expected(np.array([mean]), np.array([doubt]), np.ones(1), np.array([mean]))


def windows(step: timedelta = STEP, *, least: float = 0.0, dispersion: float = DISPERSION) -> Windows:
    """One series whose dispersion, which the expectation learns, stays as it is."""
    rows = {**Windows.rows(step), "dispersion": 1}
    return Windows(Memory(rows, {**residuals.START, "dispersion": dispersion}, 1), step, least)


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
        (timedelta(seconds=1), 3600, (0.5, 1), (24, 72)),
        (timedelta(minutes=5), 12, (0.5, 1), (24, 72)),
        (timedelta(minutes=30), 2, (0.5, 1), (24, 72)),
        (timedelta(minutes=45), 1, (0.75,), (24, 72)),
        (timedelta(hours=1), 1, (1,), (24, 72)),
        (timedelta(hours=6), 1, (6,), (24, 72)),
        (timedelta(days=1), 1, (24,), (72,)),
        (timedelta(minutes=7), 8, (28 / 60, 56 / 60), (23.333, 71.867)),
    ],
)
def test_windows_are_whole_steps_and_no_longer_than_half_an_hour_an_hour_a_day_and_three(
    step: timedelta, steps: int, fast: tuple[float, ...], slow: tuple[float, ...]
) -> None:
    assert hour_steps(step) == steps
    assert [one / HOUR for one in fast_spans(step)] == pytest.approx(fast, abs=0.01)
    assert [one / HOUR for one in spans(step)] == pytest.approx(fast + slow, abs=0.01)


@pytest.mark.parametrize(("step", "at"), [(STEP, 1), (timedelta(minutes=7), 1), (HOUR, 0), (timedelta(days=1), 0)])
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


@given(st.floats(0, 1e4), st.floats(0, 0.2), st.floats(3.5, 30), st.integers(0, 3))
def test_the_limits_are_where_the_fast_window_crosses(mean: float, doubt: float, bar: float, more: int) -> None:
    kept = windows(timedelta(hours=1))
    take(kept, [mean] * 80, mean, doubt=doubt)
    due, fewest, most = (one[0] for one in kept.limits(79, np.array([bar])))
    assert fewest <= due <= most
    assert due == pytest.approx(mean)
    distance = 2 * (np.sqrt(most + 0.375) - np.sqrt(due + 0.375))
    spread = kept.memory["spread"][0, 0] + kept.memory["fast_doubt"].sum()
    assert distance / np.sqrt(spread) == pytest.approx(bar)
    assert kept.limits(79, np.array([bar + more]))[2][0] >= most


def test_where_little_is_expected_not_even_silence_leaves_the_usual() -> None:
    kept = windows()
    take(kept, [0.0] * 864, 0.1)
    assert kept.limits(863, np.array([5.0]))[1][0] == 0.0
