"""Figures of merit of true and chosen classes, in numpy alone: the bootstrap asks for them thousands of times."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Classes = NDArray[np.int64]


def macro_f1(truth: Classes, chosen: Classes, classes: int) -> float:
    """The mean F1 of the classes that either side names (a class that neither does has none)."""
    met = _confusion(truth, chosen, classes)
    sums = met.sum(0) + met.sum(1)
    known = sums > 0
    return float((2 * met.diagonal()[known] / sums[known]).mean()) if known.any() else 0.0


def precision_and_recall(truth: Classes, chosen: Classes, of: int, classes: int) -> tuple[float, float]:
    """Of one class; zero where there is nothing to divide by."""
    met = _confusion(truth, chosen, classes)
    right = float(met[of, of])
    return right / max(1.0, float(met[:, of].sum())), right / max(1.0, float(met[of].sum()))


def expected_calibration_error(correct: NDArray[np.bool_], confidence: NDArray[np.float64], bins: int = 15) -> float:
    """The mean gap between confidence and share of correct answers, over bins of equal width."""
    numbers = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    gaps = np.bincount(numbers, weights=confidence - correct, minlength=bins)
    return float(np.abs(gaps).sum() / len(correct))


def interval(figure: Callable[[Classes], float], count: int, seed: int, rounds: int = 1000) -> tuple[float, float]:
    """The 95 % bootstrap interval of a figure of the rows drawn."""
    random = np.random.default_rng(seed)
    drawn = [figure(random.integers(0, count, count)) for _ in range(rounds)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def _confusion(truth: Classes, chosen: Classes, classes: int) -> NDArray[np.int64]:
    """How often a class (row) was taken for another (column)."""
    return np.bincount(truth * classes + chosen, minlength=classes * classes).reshape(classes, classes)
