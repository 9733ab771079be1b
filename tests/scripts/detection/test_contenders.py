"""The published peers: calm on an even series, loud in a burst, and the arithmetic of each on small numbers."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from scripts.detection.alarms import scores
from scripts.detection.contenders import Contender, Ears, NegativeBinomialCusum, PoissonScan, ZScore, roster
from scripts.detection.seasonal import DAY
from scripts.detection.simulate import STEP

START = datetime(2026, 7, 27, tzinfo=UTC)
DAYS = 24
BURST = (DAYS - 1) * 288 + 140
MOMENTS = [START + STEP * number for number in range(DAYS * 288)]
Make = Callable[[int, timedelta], Contender]


def even() -> np.ndarray:
    return np.random.default_rng(2).poisson(2.0, (len(MOMENTS), 2)).astype(float)


@pytest.fixture(params=roster().items(), ids=lambda one: one[0])
def told(request: pytest.FixtureRequest) -> np.ndarray:
    """Scores of two series that are even, but for a burst in the second one."""
    make: Make = request.param[1]
    counts = even()
    counts[BURST : BURST + 12, 1] += np.random.default_rng(3).poisson(60.0, 12)
    return scores(make(2, STEP), MOMENTS, counts)


def test_a_burst_scores_higher_than_anything_before_it(told: np.ndarray) -> None:
    assert told[BURST : BURST + 12, 1].max() > 1.5 * told[288:BURST, 1].max()


def test_series_do_not_see_each_other(told: np.ndarray) -> None:
    assert told[BURST : BURST + 12, 0].max() <= told[288:, 0].max()
    assert told[BURST : BURST + 12, 0].max() < told[BURST : BURST + 12, 1].max() / 2


def test_scores_are_finite(told: np.ndarray) -> None:
    assert np.isfinite(told).all()


@pytest.mark.parametrize("name", roster())
def test_a_series_of_nothing_scores_nothing(name: str) -> None:
    found = scores(roster()[name](1, STEP), MOMENTS[: 288 * 9], np.zeros((288 * 9, 1)))
    assert found.max() <= 0.0


@pytest.mark.parametrize("name", roster())
def test_the_same_count_forever_never_scores_much(name: str) -> None:
    found = scores(roster()[name](1, STEP), MOMENTS[: 288 * 9], np.full((288 * 9, 1), 4.0))
    assert found[288 * 8 :].max() < 1.0


def test_the_z_score_is_of_the_day_before() -> None:
    judge = ZScore(1, timedelta(hours=3))
    for count in (1.0, 3.0, 1.0, 3.0, 1.0, 3.0, 1.0, 3.0):
        judge.score(START, np.array([count]))
    assert judge.score(START, np.array([7.0]))[0] == pytest.approx((7 - 2) / 1)


def of_ears(kind: int, counts: list[float]) -> float:
    judge = Ears(1, kind, 1)
    return float([judge.score(START, np.array([count]))[0] for count in counts][-1])


BASELINE = [2.0, 4.0, 6.0, 2.0, 4.0, 6.0, 4.0]  # mean 4, variance 16 / 6


def test_c1_holds_a_step_against_the_seven_before() -> None:
    assert of_ears(1, [*BASELINE, 12.0]) == pytest.approx((12 - 4) / (16 / 6) ** 0.5)


def test_c2_leaves_the_two_before_out() -> None:
    assert of_ears(2, [*BASELINE, 50.0, 60.0, 12.0]) == pytest.approx((12 - 4) / (16 / 6) ** 0.5)


def test_c3_adds_what_c2_had_above_one_over_three_steps() -> None:
    start = [4.0, *BASELINE]
    each = [of_ears(2, [*start, 4.0, 4.0, 9.0][:until]) for until in (10, 11)]
    assert of_ears(3, [*start, 4.0, 4.0, 9.0]) == pytest.approx(sum(max(one - 1, 0) for one in each))


def test_ears_by_days_looks_at_the_same_time_of_days_before() -> None:
    judge = Ears(1, 1, DAY // timedelta(hours=6))
    counts = np.array([[1.0, 9.0, 1.0, 1.0][step % 4] for step in range(4 * 8)])
    found = [judge.score(START, np.array([count]))[0] for count in counts]
    assert found[-3] == 0.0  # nine is usual at that time of day


def test_the_scan_is_the_likelihood_ratio_of_what_is_more_than_expected() -> None:
    judge = PoissonScan(1, STEP)
    counts = np.full((288 * 6, 1), 10.0)
    counts[-1] = 60.0
    found = scores(judge, MOMENTS[: 288 * 6], counts)[-1, 0]
    assert found == pytest.approx(80 * np.log(80 / 30) - 50, rel=0.1)  # of the last 15 minutes


def test_the_sum_returns_to_zero_after_a_burst() -> None:
    counts = even()[:, :1]
    counts[BURST : BURST + 3] += 20
    found = scores(NegativeBinomialCusum(1, STEP), MOMENTS, counts)[:, 0]
    assert found[BURST + 2] > 20
    assert found[BURST + 60] < 2
