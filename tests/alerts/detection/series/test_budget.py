"""From alarms a week to a threshold: what the own past and the prior allow."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.detection.series import budget
from alerts.detection.series.budget import DAYS, HIGHEST, LOWEST, LOWEST_RISE, PRIOR_SCALE, PRIOR_SCORE, Budget
from alerts.detection.series.memory import Memory

SEEN = np.array([True])


def made(*alerts_per_week: float, lowest: float = LOWEST) -> Budget:
    rates = np.array(alerts_per_week)
    kept = Budget(Memory(budget.ROWS, budget.START, len(rates)), rates, np.full(len(rates), lowest))
    kept.settle()
    return kept


def live(kept: Budget, *highest: float) -> Budget:
    """Lets a day pass for each score."""
    for score in highest:
        kept.take(np.array([score]), SEEN)
        kept.end_day()
    return kept


def test_without_a_past_once_a_week_is_the_score_of_the_prior() -> None:
    assert made(1.0).threshold[0] == pytest.approx(PRIOR_SCORE, abs=1e-3)


def test_without_a_past_a_budget_of_a_third_lies_the_priors_scale_higher() -> None:
    rare = made(1 / np.e)
    assert rare.threshold[0] == pytest.approx(PRIOR_SCORE + PRIOR_SCALE, abs=1e-3)


def test_no_budget_leads_below_or_above_the_bounds() -> None:
    assert made(7.0).threshold[0] == pytest.approx(LOWEST, abs=1e-4)
    assert made(0.0).threshold[0] == HIGHEST


@pytest.mark.parametrize("lowest", [LOWEST, LOWEST_RISE, 6.0])
def test_no_calm_leads_below_the_lowest_of_the_series(lowest: float) -> None:
    assert live(made(2.0, lowest=lowest), *[1.0] * DAYS).threshold[0] == pytest.approx(lowest, abs=1e-4)


def test_each_series_has_a_lowest_of_its_own() -> None:
    kept = Budget(Memory(budget.ROWS, budget.START, 2), np.full(2, 7.0), np.array([LOWEST, LOWEST_RISE]))
    kept.settle()
    assert kept.threshold == pytest.approx([3.5, 4.0], abs=1e-4)


def test_before_the_budget_is_settled_nothing_reaches_the_threshold() -> None:
    unsettled = Budget(Memory(budget.ROWS, budget.START, 1), np.ones(1), np.full(1, LOWEST))
    assert unsettled.threshold[0] == HIGHEST


def test_a_past_that_was_loud_twice_a_week_raises_the_threshold_over_all_of_it() -> None:
    kept = live(made(1.0), *([2.0] * 5 + [12.0] * 2) * 8)
    assert kept.threshold[0] == pytest.approx(12.0, abs=1e-4)


def test_calm_weeks_lower_the_threshold_and_the_prior_holds_it_up() -> None:
    assert LOWEST <= live(made(1.0), *[1.0] * DAYS).threshold[0] < PRIOR_SCORE


def test_the_past_is_the_last_eight_weeks() -> None:
    loud_before, calm = live(made(1.0), *[30.0] * 20), live(made(1.0), *[1.0] * DAYS)
    assert loud_before.threshold[0] > 20
    assert live(loud_before, *[1.0] * DAYS).threshold[0] == calm.threshold[0]


def test_a_day_keeps_its_highest_score() -> None:
    kept = made(1.0)
    for score in (1.0, 8.0, 3.0):
        kept.take(np.array([score]), SEEN)
    kept.end_day()
    assert kept.memory["maxima"][0, 0] == 8.0


def test_a_day_of_which_nothing_was_judged_is_not_a_calm_one() -> None:
    kept = live(made(1.0), *[6.0] * 10)
    before = kept.memory.table.copy()
    for _ in range(30):
        kept.take(np.array([0.0]), ~SEEN)
        kept.end_day()
    assert np.array_equal(kept.memory.table, before)


@given(
    st.lists(st.floats(0, 200), max_size=80),
    st.floats(0.01, 7),
    st.floats(1, 10),
)
def test_a_larger_budget_never_raises_the_threshold(past: list[float], rate: float, times: float) -> None:
    kept = made(rate, rate * times)
    for score in past:
        kept.take(np.full(2, score), np.full(2, True))
        kept.end_day()
    small, large = kept.threshold
    assert LOWEST <= large <= small <= HIGHEST


@given(st.lists(st.floats(0, 50), min_size=DAYS, max_size=DAYS), st.sampled_from([0.25, 0.5, 1.0, 2.0]))
def test_the_own_past_and_the_priors_days_together_would_have_kept_to_the_budget(
    past: list[float], rate: float
) -> None:
    kept = live(made(rate), *past)
    alarms = sum(score > kept.threshold[0] for score in past)
    assert 7 * alarms / (DAYS + budget.PRIOR_DAYS) <= rate + 1e-9
