"""How rare a count is that comes in clumps, in deviations of a normal."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.detection.series.tail import MOST_COUNTED, MOST_DUE, WIDER, clump_reaching, clump_score

DUES = st.floats(0.001, MOST_DUE, exclude_max=True)
DISPERSIONS = st.floats(1, 50)
BEYOND = 7.1  # deviations: what is rarer is not told apart


def score(counted: float, due: float, dispersion: float) -> float:
    return float(clump_score(np.array([counted]), np.array([due]), np.array([dispersion]))[0])


def reaching(threshold: float, due: float, dispersion: float) -> float:
    return float(clump_reaching(np.array([threshold]), np.array([due]), np.array([dispersion]))[0])


def tail(counted: int, due: float, dispersion: float) -> float:
    """Sums P(X >= counted) of the negative binomial from its definition, far beyond the count."""
    wide = max(dispersion * WIDER, 1.05)
    size = due / (wide - 1)

    def chance(count: int) -> float:
        choose = math.lgamma(count + size) - math.lgamma(size) - math.lgamma(count + 1)
        return math.exp(choose + size * math.log(1 / wide) + count * math.log(1 - 1 / wide))

    return sum(chance(count) for count in range(counted, counted + 4000))


@pytest.mark.parametrize(
    ("counted", "due", "dispersion"),
    [(1, 0.05, 1.0), (5, 0.6, 2.5), (5, 0.6, 1.2), (12, 3.0, 2.0), (40, 15.0, 2.5), (60, 19.9, 3.0), (30, 2.0, 20.0)],
)
def test_the_score_is_that_of_the_tail_summed_exactly(counted: int, due: float, dispersion: float) -> None:
    assert score(counted, due, dispersion) == pytest.approx(
        -NormalDist().inv_cdf(tail(counted, due, dispersion)), abs=2e-3
    )


def test_the_tail_is_that_of_a_library() -> None:
    stats = pytest.importorskip("scipy.stats")
    counted, due = np.arange(1.0, 31.0), np.full(30, 4.0)
    wide = 2.0 * WIDER
    wanted = stats.norm.isf(stats.nbinom.sf(counted - 1, 4.0 / (wide - 1), 1 / wide))
    assert clump_score(counted, due, np.full(30, 2.0)) == pytest.approx(np.maximum(wanted, 0.0), abs=2e-3)


@given(st.integers(0, MOST_COUNTED - 1), DUES, DISPERSIONS)
def test_more_posts_are_never_less_of_an_outbreak(counted: int, due: float, dispersion: float) -> None:
    assert score(counted + 1, due, dispersion) >= score(counted, due, dispersion) >= 0.0


@given(st.integers(1, MOST_COUNTED), DUES, st.floats(1.1, 3))
def test_where_more_posts_are_expected_as_many_are_less_of_an_outbreak(counted: int, due: float, more: float) -> None:
    expected = min(due * more, MOST_DUE - 0.01)
    assert score(counted, expected, 2.0) <= score(counted, min(due, expected), 2.0)


@pytest.mark.parametrize("dispersion", [1.5, 2.5, 5.0])
def test_the_more_posts_clump_the_less_a_clump_says(dispersion: float) -> None:
    assert score(6, 0.6, dispersion) < score(6, 0.6, dispersion - 0.4)


def test_the_usual_count_scores_nothing() -> None:
    assert score(0, 0.5, 2.0) == score(3, 10.0, 2.0) == score(8, 10.0, 2.0) == 0.0


def test_nothing_counted_where_nothing_is_due_is_usual_and_anything_else_is_left_to_other_measures() -> None:
    assert score(0, 0.0, 2.0) == 0.0
    assert score(1, 0.0, 2.0) == math.inf
    assert reaching(4.0, 0.0, 2.0) == 1.0


@pytest.mark.parametrize(("counted", "due"), [(MOST_COUNTED + 1, 1.0), (MOST_COUNTED + 0.5, 1.0), (30.0, MOST_DUE)])
def test_what_is_too_much_for_a_clump_is_left_to_other_measures(counted: float, due: float) -> None:
    assert score(counted, due, 2.0) == math.inf


def test_a_count_between_two_whole_ones_is_as_rare_as_the_next_whole_one() -> None:
    assert score(4.2, 0.6, 2.0) == score(5.0, 0.6, 2.0)


def test_series_do_not_touch_one_another() -> None:
    counted, due = np.array([5.0, 90.0, 7.0, 3.0]), np.array([0.6, 1.0, 25.0, 0.1])
    dispersion = np.array([2.5, 2.0, 2.0, 1.1])
    alone = [score(*each) for each in zip(counted, due, dispersion, strict=True)]
    assert clump_score(counted, due, dispersion).tolist() == alone
    assert len(clump_score(np.zeros(0), np.zeros(0), np.zeros(0))) == 0


@given(st.floats(0.5, 12), DUES, DISPERSIONS)
def test_the_count_that_reaches_a_threshold_is_the_lowest_that_does(
    threshold: float, due: float, dispersion: float
) -> None:
    count = reaching(threshold, due, dispersion)
    assert score(count, due, dispersion) >= threshold
    assert count == 0 or score(count - 1, due, dispersion) < threshold


@pytest.mark.parametrize("threshold", [BEYOND, 10.0, 100.0])
def test_thresholds_beyond_what_double_precision_knows_are_reached_where_clumps_end(threshold: float) -> None:
    count = reaching(threshold, 0.6, 1.0)
    assert count == reaching(BEYOND, 0.6, 1.0)
    assert tail(int(count), 0.6, 1.0) < 1.1e-12
    assert tail(int(count) - 1, 0.6, 1.0) > 0.9e-12


def test_where_much_is_due_no_count_is_but_a_clump() -> None:
    assert reaching(4.0, MOST_DUE, 2.0) == 0.0
    assert reaching(4.0, MOST_DUE - 0.1, 30.0) == MOST_COUNTED + 1


@pytest.mark.parametrize(("mean", "dispersion"), [(0.6, 2.5), (4.0, 1.2)])
def test_of_counts_drawn_as_they_clump_no_more_score_high_than_of_a_normal(mean: float, dispersion: float) -> None:
    rng = np.random.default_rng(5)
    drawn = rng.poisson(rng.gamma(mean / (dispersion * WIDER - 1), dispersion * WIDER - 1, 200_000)).astype(float)
    scores = clump_score(drawn, np.full(len(drawn), mean), np.full(len(drawn), dispersion))
    for deviations in (2.0, 3.0):
        assert (scores >= deviations).mean() <= 1.2 * (1 - NormalDist().cdf(deviations))
