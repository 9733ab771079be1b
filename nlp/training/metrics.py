"""Figures of merit, as functions of true labels and predicted probabilities."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score  # type: ignore[import-untyped]

Probabilities = NDArray[np.float32]


def macro_f1(truth: Sequence[str], predicted: Probabilities, names: Sequence[str]) -> float:
    """The mean F1 over `names`, from the most probable one."""
    chosen = [names[index] for index in predicted.argmax(1)]
    return float(f1_score(truth, chosen, labels=list(names), average="macro", zero_division=0.0))


def expected_calibration_error(correct: NDArray[np.bool_], confidence: NDArray[np.float64], bins: int = 15) -> float:
    """The mean gap between confidence and share of correct answers, over bins of equal width."""
    numbers = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        abs(confidence[numbers == number].mean() - correct[numbers == number].mean()) * (numbers == number).mean()
        for number in np.unique(numbers)
    ]
    return float(sum(gaps))


def interval(
    figure: Callable[[NDArray[np.int64]], float], count: int, seed: int, rounds: int = 1000
) -> tuple[float, float]:
    """The 95 % bootstrap interval of a figure of the rows drawn."""
    random = np.random.default_rng(seed)
    drawn = [figure(random.integers(0, count, count)) for _ in range(rounds)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)
