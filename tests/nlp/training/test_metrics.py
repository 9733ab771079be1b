"""Figures of merit on cases small enough to reckon by hand."""

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="make test brings scikit-learn")

from nlp.training.metrics import expected_calibration_error, interval, macro_f1


def test_macro_f1_is_the_mean_over_the_named_classes() -> None:
    predicted = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]], dtype=np.float32)
    assert macro_f1(["a", "b", "b"], predicted, ["a", "b"]) == pytest.approx(2 / 3)


def test_certainty_that_is_half_right_is_miscalibrated_by_half() -> None:
    assert expected_calibration_error(np.array([True, False]), np.array([1.0, 1.0])) == pytest.approx(0.5)
    assert expected_calibration_error(np.array([True, False]), np.array([0.5, 0.5])) == pytest.approx(0.0)


def test_the_interval_holds_the_figure_and_narrows_with_more_rows() -> None:
    right = np.arange(1000) % 2
    low, high = interval(lambda drawn: float(right[drawn % 1000].mean()), 1000, seed=1)
    assert low < 0.5 < high
    wide = interval(lambda drawn: float(right[drawn].mean()), 50, seed=1)
    assert high - low < wide[1] - wide[0]
