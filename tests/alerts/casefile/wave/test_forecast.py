import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.casefile.wave.forecast import forecast

WAVES = 400


def simulated(random: np.random.Generator) -> list[int]:
    """Draws quarters of an hour of a wave: it rises, falls off, and the mood changes (log-normal, correlated)."""
    peak, base = random.uniform(3, 200), random.uniform(0.05, 1.5)
    rise, fall, mood, counts = random.uniform(4, 24), random.uniform(8, 60), 0.0, []
    for step in range(120):
        shape = step / rise * np.exp(1 - step / rise) if step < rise else np.exp(-(step - rise) / fall)
        mood = 0.84 * mood + random.normal(0, 0.18)
        mean = base + peak * shape * np.exp(mood)
        counts.append(int(random.poisson(random.gamma(10, mean / 10))))
    return counts


def test_on_simulated_waves_the_interval_holds_about_four_times_in_five() -> None:
    random, held, asked = np.random.default_rng(11), 0, 0
    for _ in range(WAVES):
        wave, now = simulated(random), int(random.integers(3, 100))
        found = forecast(wave[:now], 12)
        if found is not None:
            low, middle, high = found
            assert low <= middle <= high
            asked, held = asked + 1, held + (low <= sum(wave[now : now + 12]) <= high)
    assert asked > WAVES * 0.8
    assert 0.75 <= held / asked <= 0.9


def test_what_goes_on_as_it_is_is_forecast_as_it_is() -> None:
    found = forecast([20] * 12, 6)
    assert found is not None
    low, middle, high = found
    assert middle == pytest.approx(120, rel=0.1)
    assert 60 < low < 115
    assert 125 < high < 200


def test_a_rising_wave_is_forecast_higher_than_a_falling_one() -> None:
    up, down = forecast([2, 4, 8, 16, 32], 6), forecast([32, 16, 8, 4, 2], 6)
    assert up is not None
    assert down is not None
    assert up[1] > 150 > 40 > down[1]


@pytest.mark.parametrize("counts", [[], [5, 9], [0, 0, 0, 0, 0], [1, 0, 1, 1]])
def test_too_little_says_nothing(counts: list[int]) -> None:
    assert forecast(counts, 6) is None


@given(st.lists(st.integers(0, 2_000_000), max_size=60), st.integers(1, 12))
def test_any_counts_give_ends_in_order(counts: list[int], steps: int) -> None:
    found = forecast(counts, steps)
    assert found is None or 0 <= found[0] <= found[1] <= found[2]
