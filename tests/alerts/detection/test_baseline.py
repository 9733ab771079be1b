"""What is normal, and that an outbreak does not become it."""

from datetime import UTC, datetime, timedelta
from math import isfinite

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.detection.baseline import DISPERSION, FLOOR, Baseline, learn, residual

MIDNIGHT = datetime(2026, 9, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)

COUNTS = st.floats(0, 1e4, allow_nan=False)


def series(*counts: float) -> list[tuple[datetime, float]]:
    return [(MIDNIGHT + number * HOUR, count) for number, count in enumerate(counts)]


def whole_day(usual: Baseline) -> float:
    """The mean of the 24 expected hours."""
    return sum(usual.expected(MIDNIGHT + hour * HOUR, HOUR) for hour in range(24)) / 24


@given(st.lists(COUNTS, max_size=200))
def test_whatever_was_counted_the_expected_is_a_number_above_the_floor(counts: list[float]) -> None:
    usual = learn(series(*counts))
    assert usual.hours == len(counts)
    assert DISPERSION[0] <= usual.dispersion <= DISPERSION[1]
    assert usual.spread >= 1
    for hour in range(24):
        expected = usual.expected(MIDNIGHT + hour * HOUR, HOUR)
        assert isfinite(expected)
        assert expected >= FLOOR


def test_a_topic_without_a_past_expects_the_floor() -> None:
    usual = learn([])
    assert usual.expected(MIDNIGHT, HOUR) == FLOOR
    assert usual.expected(MIDNIGHT, HOUR / 12) == FLOOR / 12


@pytest.mark.parametrize("mean", [0.5, 2.0, 10.0, 60.0])
def test_a_steady_level_is_learnt_within_a_fifth(mean: float) -> None:
    counts = np.random.default_rng(7).poisson(mean, 21 * 24).astype(float)
    usual = learn(series(*counts))
    assert whole_day(usual) == pytest.approx(mean, rel=0.2)
    assert usual.spread < 1.3


def test_one_hour_teaches_no_more_than_three_deviations() -> None:
    quiet = [4.0] * 240
    loud, louder = learn(series(*quiet, 100.0)), learn(series(*quiet, 100_000.0))
    assert loud.level == louder.level
    assert loud.level < 1.1 * learn(series(*quiet)).level


def test_a_lasting_change_is_the_norm_after_some_days() -> None:
    quiet, loud = [2.0] * 240, [8.0] * 240
    assert whole_day(learn(series(*quiet))) == pytest.approx(2.0, rel=0.1)
    assert whole_day(learn(series(*quiet, *loud[:6]))) < 4
    assert whole_day(learn(series(*quiet, *loud))) == pytest.approx(8.0, rel=0.1)


def test_the_residual_has_about_the_same_spread_at_every_mean() -> None:
    rng = np.random.default_rng(7)
    for mean in (3.0, 10.0, 100.0, 1000.0):
        drawn = [residual(float(count), mean) for count in rng.poisson(mean, 4000)]
        assert np.std(drawn) == pytest.approx(1.0, abs=0.1)
        assert abs(np.mean(drawn)) < 0.2


@given(COUNTS, COUNTS, COUNTS)
def test_the_residual_grows_with_the_count_and_is_none_where_all_is_as_expected(
    one: float, other: float, expected: float
) -> None:
    assert residual(expected, expected) == 0
    low, high = sorted((one, other))
    assert residual(low, expected) <= residual(high, expected)
