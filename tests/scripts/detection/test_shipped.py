"""The detector of 0.1, as it was: its hours and residuals, floors and probation."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from scripts.detection.alarms import alarms, scores
from scripts.detection.shipped import HourlyBaseline, Shipped, residual
from scripts.detection.simulate import STEP

START = datetime(2026, 7, 27, tzinfo=UTC)


def moments(steps: int) -> list[datetime]:
    return [START + STEP * number for number in range(steps)]


def test_the_residual_is_two_deviations_of_a_root_apart() -> None:
    assert residual(np.array([24.625]), np.array([8.625]))[0] == pytest.approx(4.0)
    assert residual(np.array([7.0]), np.array([7.0]))[0] == 0.0


def test_a_baseline_of_even_hours_expects_them() -> None:
    usual = HourlyBaseline(1)
    usual.level = np.array([12.0])
    for hour in range(24 * 21):
        usual.add(hour % 24, np.array([12.0]))
    assert usual.expected(START, timedelta(minutes=5))[0] == pytest.approx(1.0, rel=0.01)
    assert usual.dispersion[0] == 1.5
    assert usual.spread[0] == 1.0


def test_the_dispersion_is_capped_at_three() -> None:
    usual = HourlyBaseline(1)
    usual.level = np.array([10.0])
    for hour in range(24 * 21):
        usual.add(hour % 24, np.array([100.0 if hour % 2 else 0.0]))
    assert usual.dispersion[0] == 3.0


def test_it_expects_at_least_a_quarter_of_a_post_an_hour() -> None:
    assert HourlyBaseline(1).expected(START, timedelta(hours=1))[0] == 0.25


def test_fewer_than_five_posts_an_hour_are_never_a_spike() -> None:
    counts = np.zeros((288 * 3, 1))
    counts[-3:, 0] = 1.0, 3.0, 5.0
    found = scores(Shipped(1, STEP), moments(288 * 3), counts)[:, 0]
    assert found[-2] == 0.0
    assert found[-1] >= 1.0


def test_nothing_is_judged_on_the_first_day() -> None:
    counts = np.zeros((288, 1))
    counts[200:210] = 30.0
    assert scores(Shipped(1, STEP), moments(288), counts)[:287].max() == 0.0


def test_a_burst_is_a_spike_and_an_even_week_is_none() -> None:
    counts = np.random.default_rng(1).poisson(1.0, (288 * 8, 2)).astype(float)
    counts[-100:-95, 1] += 20
    raised = alarms(scores(Shipped(2, STEP, held=True), moments(288 * 8), counts) >= 1, 24)
    assert raised[:, 0].sum() == 0
    assert np.flatnonzero(raised[:, 1]).tolist() == [288 * 8 - 100]


def test_the_sum_is_held_at_twice_its_threshold_as_it_was() -> None:
    counts = np.random.default_rng(1).poisson(1.0, (288 * 8, 1)).astype(float)
    counts[-100:-90] += 200
    held = scores(Shipped(1, STEP, held=True), moments(288 * 8), counts)[-89, 0]
    free = scores(Shipped(1, STEP), moments(288 * 8), counts)[-89, 0]
    assert free > 10 * held


def test_steps_of_half_an_hour_are_hours_too() -> None:
    step = timedelta(minutes=30)
    counts = np.full((48 * 8, 1), 50.0)
    counts[-1] = 400.0
    found = scores(Shipped(1, step), [START + step * number for number in range(len(counts))], counts)[:, 0]
    assert found[48:-1].max() < 1 <= found[-1]
