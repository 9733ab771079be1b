"""Figures of merit on cases small enough to reckon by hand."""

import numpy as np
import pytest

from nlp.training.metrics import expected_calibration_error, interval, macro_f1, precision_and_recall


def test_macro_f1_is_the_mean_over_the_classes_there_are() -> None:
    assert macro_f1(np.array([0, 1, 1]), np.array([0, 0, 1]), 2) == pytest.approx(2 / 3)
    assert macro_f1(np.array([0, 1, 1]), np.array([0, 0, 1]), 9) == pytest.approx(2 / 3)
    assert macro_f1(np.array([0, 0]), np.array([1, 1]), 2) == 0.0


def test_precision_and_recall_are_of_one_class() -> None:
    assert precision_and_recall(np.array([0, 0, 0, 1]), np.array([0, 1, 1, 0]), 0, 2) == (0.5, pytest.approx(1 / 3))
    assert precision_and_recall(np.array([1]), np.array([1]), 0, 2) == (0.0, 0.0)


def test_certainty_that_is_half_right_is_miscalibrated_by_half() -> None:
    assert expected_calibration_error(np.array([True, False]), np.array([1.0, 1.0])) == pytest.approx(0.5)
    assert expected_calibration_error(np.array([True, False]), np.array([0.5, 0.5])) == pytest.approx(0.0)


def test_the_interval_holds_the_figure_and_narrows_with_more_rows() -> None:
    right = np.arange(1000) % 2
    low, high = interval(lambda drawn: float(right[drawn].mean()), 1000, seed=1)
    assert low < 0.5 < high
    wide = interval(lambda drawn: float(right[drawn].mean()), 50, seed=1)
    assert high - low < wide[1] - wide[0]
