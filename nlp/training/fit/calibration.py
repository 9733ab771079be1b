"""Calibration of the model's logits on the dev sets: temperature, threshold, offsets, the wide part's weight.

Temperature scaling after Guo et al. 2017, "On Calibration of Modern Neural Networks".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar  # type: ignore[import-untyped]

from nlp.inference.prediction import POLARITIES, emotion_probabilities, polarity_probabilities
from nlp.scorer import EMOTIONS
from nlp.training.metrics import macro_f1
from nlp.training.texts.data import WITH_EMOTIONS, Row, dev_rows

TEMPERATURES = (0.2, 5.0)  # between which the temperature is looked for
WIDE_WEIGHTS = tuple(step / 8 for step in range(17))
_OFFSET = np.array([[name in names for name in EMOTIONS] for names in (("neutral",), ("angry", "sad", "fear"))], float)

Logits = NDArray[np.float32]
DevRows = dict[str, list[Row]]


@dataclass(frozen=True, slots=True)
class Calibration:
    """The temperature and the threshold of an nlp.inference.manifest.Manifest."""

    temperature: float
    threshold: float


def dev_with_emotions(data: Path) -> DevRows:
    """Read the rows of the dev sets that know emotions, by set."""
    return {name: [row for row in dev_rows(data, name) if row is not None] for name in WITH_EMOTIONS}


def emotions_of(rows: Sequence[Row]) -> NDArray[np.int64]:
    """Return the rows' emotions by their places in EMOTIONS."""
    return np.array([EMOTIONS.index(row.emotion or "") for row in rows], dtype=np.int64)


def wide_weight(encoder: Mapping[str, Logits], wide: Mapping[str, Logits], rows: DevRows) -> float:
    """Choose of WIDE_WEIGHTS how much of the wide part to add: the mean macro-F1 of the emotions decides.

    Both are logits of `rows`, by dev set.
    """

    def merit(weight: float) -> float:
        return sum(
            macro_f1(emotions_of(known), (encoder[name] + weight * wide[name]).argmax(1), len(EMOTIONS))
            for name, known in rows.items()
        )

    return max(WIDE_WEIGHTS, key=merit)


def calibrate(logits: Mapping[str, Logits], rows: DevRows, abstain: float) -> Calibration:
    """Fit temperature and threshold to `logits` of `rows`, by dev set; see fit_calibration."""
    return fit_calibration(*_with_polarity(logits, rows), abstain)


def fit_calibration(logits: Logits, truth: NDArray[np.int64], abstain: float) -> Calibration:
    """Find the temperature that makes the true polarities likeliest, and the confidence that all but a share reach.

    `truth` are places in POLARITIES; below the threshold lies the share `abstain` of the rows.
    """
    temperature = float(
        minimize_scalar(
            lambda one: _negative_log_likelihood(logits, truth, one), bounds=TEMPERATURES, method="bounded"
        ).x
    )
    confidence = polarity_probabilities(emotion_probabilities(logits, temperature)).max(1)
    return Calibration(round(temperature, 4), round(float(np.quantile(confidence, abstain)), 4))


def logit_offsets(logits: Mapping[str, Logits], rows: DevRows) -> Logits:
    """Find what to add to each emotion's logit so that no polarity is named oftener than it occurs.

    Training that weighs rare emotions up leans towards them, and three of them are negative. One offset for neutral
    and one for the negative emotions make the dev sets' polarities likeliest, together with a temperature.
    """
    known, truth = _with_polarity(logits, rows)

    def loss(free: NDArray[np.float64]) -> float:
        return _negative_log_likelihood(known + free[1:] @ _OFFSET, truth, float(np.exp(free[0])))

    found = minimize(loss, np.zeros(1 + len(_OFFSET)), method="Nelder-Mead").x
    return np.asarray(found[1:] @ _OFFSET, dtype=np.float32)


def _with_polarity(logits: Mapping[str, Logits], rows: DevRows) -> tuple[Logits, NDArray[np.int64]]:
    """Return the logits of the rows that have a polarity, and its place in POLARITIES."""
    known = [row for many in rows.values() for row in many]
    joined = np.concatenate([logits[name] for name in rows])
    polar = [index for index, row in enumerate(known) if row.polarity]
    return joined[polar], np.array([POLARITIES.index(known[index].polarity) for index in polar])


def _negative_log_likelihood(logits: Logits, truth: NDArray[np.int64], temperature: float) -> float:
    """Return the mean of -log of the true polarities' probabilities."""
    polarity = polarity_probabilities(emotion_probabilities(logits, temperature))
    return float(-np.log(np.maximum(polarity[np.arange(len(truth)), truth], 1e-9)).mean())
