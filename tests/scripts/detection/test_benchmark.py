"""Everybody on the benchmark's scale: thresholds with the labels and without."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from scripts.detection.benchmark import best, by_budget, worth
from scripts.detection.series import RealSeries
from stream.process.clock import SHANGHAI

STEP = timedelta(minutes=30)
ROWS = 48 * 7 * 10  # ten weeks; 504 rows of probation
QUIET = timedelta(hours=12)
WINDOW = (2000, 2095)


def real() -> RealSeries:
    start = datetime(2026, 3, 2, tzinfo=SHANGHAI)
    return RealSeries("a", [start + STEP * number for number in range(ROWS)], np.zeros(ROWS), [WINDOW])


def told(*high: int) -> np.ndarray:
    """Scores of noise below 1, and 5 where it is high."""
    scores = np.random.default_rng(1).random(ROWS)
    scores[list(high)] = 5.0
    return scores


def test_alarms_are_counted_a_week_outside_the_probation() -> None:
    flags = np.zeros(ROWS, dtype=bool)
    flags[[10, 1000, 2000]] = True
    reached = worth([real()], [flags])
    assert reached.found == 1
    assert reached.weekly == pytest.approx(2 / 8.5)
    assert reached.scores["standard"] == pytest.approx(100 - 0.11 * 50)


def test_the_best_threshold_is_chosen_by_the_labels() -> None:
    found = best([real()], [told(2000)], QUIET)
    assert found == {"standard": pytest.approx(100), "low FP": pytest.approx(100), "low FN": pytest.approx(100)}


def test_the_budget_is_kept_in_the_first_four_weeks_without_the_labels() -> None:
    quiet = by_budget([real()], [told(1000, 2000)], 0.25, QUIET)
    assert quiet.found == 1
    assert quiet.weekly == pytest.approx(2 / 8.5)
    assert by_budget([real()], [told(2000)], 2.0, QUIET).weekly > quiet.weekly


def test_two_crossings_within_the_quiet_time_are_one_alarm() -> None:
    assert by_budget([real()], [told(1000, 1010, 2000)], 0.25, QUIET).weekly == pytest.approx(2 / 8.5)
    assert by_budget([real()], [told(1000, 1030, 2000)], 0.5, QUIET).weekly == pytest.approx(3 / 8.5)
