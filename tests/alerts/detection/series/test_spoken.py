"""Hours in which something was said, and how many are to be expected."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.detection.series.spoken import spoken_hours

DISPERSIONS = st.floats(1.0, 50.0)


def expected(due: float, dispersion: float, hours: int = 72) -> float:
    _, of = spoken_hours(np.zeros((hours, 1)), np.full((hours, 1), due), np.array([dispersion]))
    return float(of[0])


def test_an_hour_counts_once_whatever_was_said_in_it() -> None:
    counted = np.array([[0.0, 1.0], [9.0, 1.0], [0.5, 1.0], [0.0, 0.0]])
    spoken, _ = spoken_hours(counted, np.ones((4, 2)), np.ones(2))
    assert spoken.tolist() == [2.0, 3.0]


@pytest.mark.parametrize("dispersion", [1.5, 2.0, 3.0])
def test_as_many_are_expected_as_clumped_posts_fill(dispersion: float) -> None:
    rng, extra = np.random.default_rng(5), dispersion - 1
    due = rng.uniform(0.01, 2.0, (72, 1))
    drawn = rng.poisson(rng.gamma(np.repeat(due, 4000, axis=1) / extra, extra)).astype(float)
    spoken, expected = spoken_hours(drawn, due, np.array([dispersion]))
    assert spoken.mean() == pytest.approx(expected[0], rel=0.01)


def test_posts_that_come_alone_fill_as_many_as_poisson_says() -> None:
    assert expected(0.1, 1.0) == pytest.approx(72 * (1 - np.exp(-0.1)), rel=0.03)


@given(st.floats(0.0, 50.0), DISPERSIONS)
def test_more_posts_fill_more_hours_and_never_more_than_there_are(due: float, dispersion: float) -> None:
    assert 0.0 <= expected(due, dispersion) <= expected(due + 0.1, dispersion) <= 72.0
    assert expected(due, dispersion) <= 72 * due + 1e-9


@given(st.floats(0.01, 5.0), DISPERSIONS, st.floats(0.1, 10.0))
def test_the_more_posts_clump_the_fewer_hours_they_fill(due: float, dispersion: float, more: float) -> None:
    assert expected(due, dispersion + more) < expected(due, dispersion)


def test_where_a_topic_is_never_silent_every_hour_is_expected() -> None:
    assert expected(100.0, 2.0) == pytest.approx(72.0)


def test_what_nobody_observed_is_not_expected_to_speak() -> None:
    assert expected(0.0, 2.0) == 0.0
