"""How rare a count is that comes in clumps, in deviations of a normal."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.detection.series.tail import SMALL, clump_reaching, clump_score

DUES = st.floats(0.001, 2000)
DISPERSIONS = st.floats(1, 400)


def score(counted: float, due: float, dispersion: float) -> float:
    return float(clump_score(np.array([counted]), np.array([due]), np.array([dispersion]))[0])


def reaching(threshold: float, due: float, dispersion: float) -> float:
    return float(clump_reaching(np.array([threshold]), np.array([due]), np.array([dispersion]))[0])


def tail(counted: int, due: float, dispersion: float) -> float:
    """Sums P(X >= counted) of the negative binomial from its definition, far beyond the count."""
    wide = max(dispersion, 1.05)
    size = due / (wide - 1)

    def chance(count: int) -> float:
        choose = math.lgamma(count + size) - math.lgamma(size) - math.lgamma(count + 1)
        return math.exp(choose + size * math.log(1 / wide) + count * math.log(1 - 1 / wide))

    return sum(chance(count) for count in range(counted, counted + 20_000))


@pytest.mark.parametrize(
    ("counted", "due", "dispersion", "within"),
    [
        (5, 0.6, 2.5, 0.05),
        (5, 0.6, 1.2, 0.03),
        (12, 3.0, 2.0, 0.02),
        (40, 15.0, 2.5, 0.01),
        (60, 19.9, 3.0, 0.01),
        (90, 19.9, 10.0, 0.02),
        (900, 400.0, 100.0, 0.02),
        (2000, 150.0, 160.0, 0.03),
        (1200, 1000.0, 1.5, 0.01),
        (120, 6.0, 50.0, 0.12),
        (2, 0.05, 1.5, 0.12),
    ],
)
def test_the_score_is_that_of_the_tail_summed_exactly(
    counted: int, due: float, dispersion: float, within: float
) -> None:
    assert score(counted, due, dispersion) == pytest.approx(
        -NormalDist().inv_cdf(tail(counted, due, dispersion)), abs=within
    )


@pytest.mark.parametrize(
    ("counted", "due", "dispersion"), [(1, 0.001, 2.0), (3, 0.02, 3.0), (30, 0.1, 20.0), (300, 4.0, 150.0)]
)
def test_where_any_clump_is_news_the_tail_is_known_all_the_same(counted: int, due: float, dispersion: float) -> None:
    assert due / (dispersion - 1) < SMALL
    assert score(counted, due, dispersion) == pytest.approx(
        -NormalDist().inv_cdf(tail(counted, due, dispersion)), abs=0.25
    )


def test_the_tail_is_that_of_a_library_from_single_posts_to_thousands() -> None:
    stats = pytest.importorskip("scipy.stats")
    due, wide, away = (
        one.ravel() for one in np.meshgrid(np.geomspace(0.01, 3000, 25), [1.2, 3.0, 30.0, 300.0], [2.0, 3.0, 4.5])
    )
    size = due / (wide - 1)
    counted = stats.nbinom.isf(stats.norm.sf(away), size, 1 / wide) + 1
    wanted = stats.norm.isf(stats.nbinom.sf(counted - 1, size, 1 / wide))
    told = clump_score(counted, due, wide)
    asked = (counted > due) & (wanted < 8)
    assert np.abs(told - wanted)[asked].max() < 0.25
    assert np.abs(told - wanted)[asked & (size > 0.3)].max() < 0.06


@given(st.integers(0, 3000), DUES, DISPERSIONS)
def test_more_posts_are_never_less_of_an_outbreak(counted: int, due: float, dispersion: float) -> None:
    assert score(counted + 1, due, dispersion) >= score(counted, due, dispersion) >= 0.0


@given(st.integers(5, 3000), DUES, st.floats(1.3, 3), DISPERSIONS)
def test_where_more_posts_are_expected_as_many_are_less_of_an_outbreak(
    counted: int, due: float, more: float, dispersion: float
) -> None:
    assert score(counted, due * more, dispersion) <= max(2.0, score(counted, due, dispersion))


@pytest.mark.parametrize(
    ("counted", "due", "dispersion"), [(6.0, 0.6, 1.5), (6.0, 0.6, 5.0), (200.0, 60.0, 2.5), (200.0, 60.0, 40.0)]
)
def test_the_more_posts_clump_the_less_a_clump_says(counted: float, due: float, dispersion: float) -> None:
    assert score(counted, due, dispersion) < score(counted, due, dispersion - 0.4)


def test_the_usual_count_scores_nothing() -> None:
    assert score(0, 0.5, 2.0) == score(10, 10.0, 2.0) == score(8, 10.0, 2.0) == score(999, 1000.0, 30.0) == 0.0


def test_nothing_is_usual_where_nothing_is_due_and_any_post_is_rare_beyond_thresholds() -> None:
    assert score(0, 0.0, 2.0) == 0.0
    assert score(1, 0.0, 2.0) > 6.0
    assert reaching(4.0, 0.0, 2.0) == 1.0


def test_what_is_rarer_than_double_precision_can_say_is_above_any_threshold() -> None:
    assert score(3000, 0.01, 1.5) == math.inf
    assert score(1e9, 100.0, 3.0) > 100.0
    assert reaching(100.0, 0.01, 1.5) < 3000


def test_a_count_between_two_whole_ones_is_as_rare_as_the_next_whole_one() -> None:
    assert score(4.2, 0.6, 2.0) == score(5.0, 0.6, 2.0)


def test_series_do_not_touch_one_another() -> None:
    counted, due = np.array([5.0, 90.0, 7.0, 3.0]), np.array([0.6, 1.0, 25.0, 0.1])
    dispersion = np.array([2.5, 2.0, 2.0, 1.1])
    alone = [score(*each) for each in zip(counted, due, dispersion, strict=True)]
    assert clump_score(counted, due, dispersion).tolist() == alone
    thresholds = np.array([3.0, 4.0, 5.0, 6.0])
    reached = [reaching(*each) for each in zip(thresholds, due, dispersion, strict=True)]
    assert clump_reaching(thresholds, due, dispersion).tolist() == reached
    assert len(clump_score(np.zeros(0), np.zeros(0), np.zeros(0))) == 0
    assert len(clump_reaching(np.zeros(0), np.zeros(0), np.zeros(0))) == 0


@given(st.floats(0.5, 100), DUES, DISPERSIONS)
def test_the_count_that_reaches_a_threshold_is_the_lowest_that_does(
    threshold: float, due: float, dispersion: float
) -> None:
    count = reaching(threshold, due, dispersion)
    assert score(count, due, dispersion) >= threshold
    assert count == 0 or score(count - 1, due, dispersion) < threshold


@pytest.mark.parametrize(("mean", "dispersion"), [(0.6, 2.5), (4.0, 1.2), (6.0, 10.0), (300.0, 100.0), (2.0, 60.0)])
def test_of_counts_drawn_as_they_clump_no_more_score_high_than_of_a_normal(mean: float, dispersion: float) -> None:
    rng = np.random.default_rng(5)
    drawn = rng.poisson(rng.gamma(mean / (dispersion - 1), dispersion - 1, 200_000)).astype(float)
    scores = clump_score(drawn, np.full(len(drawn), mean), np.full(len(drawn), dispersion))
    for deviations in (2.0, 3.0):
        share = (scores >= deviations).mean() / (1 - NormalDist().cdf(deviations))
        assert share <= 1.2
        assert share >= 0.5 or dispersion < 5  # of few posts whole numbers are rarer than the deviation asked for
