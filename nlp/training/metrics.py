"""Figures of merit of true and chosen classes, over every resampling of the rows at once.

A figure is an array: the value over the rows as they are, then over each resampling of them. Rows are drawn as weights
(how often each row occurs, one line per resampling), so that a confusion matrix of all resamplings is one product, and
the difference of two classifiers over the same weights is a paired bootstrap (Koehn 2004).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ROUNDS = 2000  # resamplings; Efron and Tibshirani 1993 ask for at least 1,000 where an interval is wanted
BINS = 15  # of confidence, as Guo et al. 2017 have them
_AT_ONCE = 250  # resamplings drawn at a time: the row numbers of all would be ten times the weights

Classes = NDArray[np.int64]
Resamplings = NDArray[np.float32]
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of merit with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def figure(values: Values) -> Figure:
    """Sum up the value as it is and those of the resamplings; a resampling without rows to judge by is left out."""
    low, high = np.nanquantile(values[1:], [0.025, 0.975]) if np.isfinite(values[1:]).any() else (np.nan, np.nan)
    return Figure(float(values[0]), float(low), float(high))


def resamplings(rows: int, seed: int, rounds: int = ROUNDS) -> Resamplings:
    """Draw rows with replacement: one line of ones, then one line per resampling."""
    random = np.random.default_rng(seed)
    found = np.ones((rounds + 1, rows), np.float32)
    for start in range(1, rounds + 1, _AT_ONCE):
        lines = min(_AT_ONCE, rounds + 1 - start)
        drawn = random.integers(0, rows, (lines, rows)) + rows * np.arange(lines)[:, None]
        found[start : start + lines] = np.bincount(drawn.ravel(), minlength=lines * rows).reshape(lines, rows)
    return found


def confusions(drawn: Resamplings, truth: Classes, chosen: Classes, classes: int) -> Values:
    """Count how often a class (second axis) was taken for another (third), per resampling."""
    pairs = _one_hot(truth * classes + chosen, classes * classes)
    return np.asarray((drawn @ pairs).reshape(-1, classes, classes), dtype=np.float64)


def macro_f1s(met: Values) -> Values:
    """Return the mean F1 of the classes that either side names (a class that neither does has none)."""
    sums = met.sum(1) + met.sum(2)
    known = sums > 0
    each = 2 * met.diagonal(axis1=1, axis2=2) / np.where(known, sums, 1.0)
    return np.asarray(each.sum(1) / np.maximum(1, known.sum(1)), dtype=np.float64)


def macro_f1(truth: Classes, chosen: Classes, classes: int) -> float:
    """Return the macro-F1 of the rows as they are."""
    return float(macro_f1s(confusions(np.ones((1, len(truth)), np.float32), truth, chosen, classes))[0])


def precisions(met: Values, of: int) -> Values:
    """Return, of one class, the share of its rows among those taken for it; 0 where none is."""
    return np.asarray(met[:, of, of] / np.maximum(1.0, met[:, :, of].sum(1)))


def recalls(met: Values, of: int) -> Values:
    """Return, of one class, the share of its rows that are taken for it; 0 where it has none."""
    return np.asarray(met[:, of, of] / np.maximum(1.0, met[:, of].sum(1)))


def false_alarms(met: Values, of: int) -> Values:
    """Return the share of the other classes' rows that are taken for this one."""
    others = met.sum((1, 2)) - met[:, of].sum(1)
    return np.asarray((met[:, :, of].sum(1) - met[:, of, of]) / np.maximum(1.0, others))


def shares(drawn: Resamplings, these: NDArray[np.bool_], among: NDArray[np.bool_]) -> Values:
    """Return the share of some rows among others; not a number where there are none of those."""
    whole = (drawn @ among.astype(np.float32)).astype(np.float64)
    part = (drawn @ (these & among).astype(np.float32)).astype(np.float64)
    return np.asarray(np.where(whole > 0, part / np.maximum(whole, 1.0), np.nan))


def calibration_errors(drawn: Resamplings, correct: NDArray[np.bool_], confidence: NDArray[np.float64]) -> Values:
    """Return the mean gap between confidence and share of correct answers, over bins of equal width (ECE)."""
    numbers = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
    gaps = _one_hot(numbers, BINS) * (confidence - correct).astype(np.float32)[:, None]
    return np.asarray(np.abs(drawn @ gaps).sum(1) / np.maximum(1.0, drawn.sum(1)), dtype=np.float64)


def _one_hot(numbers: Classes, count: int) -> Resamplings:
    found = np.zeros((len(numbers), count), np.float32)
    found[np.arange(len(numbers)), numbers] = 1.0
    return found
