"""How much the model's logits may be believed, from the dev sets with emotions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar  # type: ignore[import-untyped]

from nlp.inference.verdict import POLARITIES, emotions, polarities
from nlp.scorer import EMOTIONS
from nlp.training.measure.metrics import macro_f1
from nlp.training.texts.data import Row, dev_rows

RANGE = (0.2, 5.0)  # in which the temperature is looked for
STRENGTHS = tuple(step / 8 for step in range(17))  # of the wide part
_LEANING = np.array([[name in names for name in EMOTIONS] for names in (("neutral",), ("angry", "sad", "fear"))], float)

Logits = NDArray[np.float32]
DevRows = dict[str, list[Row]]


@dataclass(frozen=True, slots=True)
class Calibration:
    """See nlp.manifest.Manifest."""

    temperature: float
    threshold: float


def strength_of(encoder: Mapping[str, Logits], wide: Mapping[str, Logits], rows: DevRows) -> float:
    """How much of the wide part is best added: the mean macro-F1 of the emotions over the dev sets decides.

    Both are logits of `rows`, by dev set.
    """

    def merit(strength: float) -> float:
        return sum(
            macro_f1(emotions_of(known), (encoder[name] + strength * wide[name]).argmax(1), len(EMOTIONS))
            for name, known in rows.items()
        )

    return max(STRENGTHS, key=merit)


def with_emotions(data: Path) -> DevRows:
    """The rows of the dev sets that know emotions, by set."""
    return {name: [row for row in dev_rows(data, name) if row is not None] for name in ("usual", "virus")}


def emotions_of(rows: Sequence[Row]) -> NDArray[np.int64]:
    """The rows' emotions by their places in EMOTIONS."""
    return np.array([EMOTIONS.index(row.emotion or "") for row in rows])


def calibrate(logits: Mapping[str, Logits], rows: DevRows, abstain: float) -> Calibration:
    """The temperature under which the polarities are likeliest, and the confidence that all but a set share reach.

    `logits` are of `rows`, by dev set.
    """
    return fit(*_polar(logits, rows), abstain)


def offsets_of(logits: Mapping[str, Logits], rows: DevRows) -> Logits:
    """What to add to each emotion's logit so that no polarity is named oftener than it occurs.

    Training that weighs rare emotions up leans towards them, and three of them are negative. One offset for neutral
    and one for the negative emotions make the dev sets' polarities likeliest, together with a temperature.
    """
    judged, truth = _polar(logits, rows)

    def surprise(free: NDArray[np.float64]) -> float:
        return _surprise(judged + free[1:] @ _LEANING, truth, float(np.exp(free[0])))

    found = minimize(surprise, np.zeros(1 + len(_LEANING)), method="Nelder-Mead").x
    return np.asarray(found[1:] @ _LEANING, dtype=np.float32)


def _polar(logits: Mapping[str, Logits], rows: DevRows) -> tuple[Logits, NDArray[np.int64]]:
    """The logits of the rows that have a polarity, and which."""
    known = [row for many in rows.values() for row in many]
    judged = np.concatenate([logits[name] for name in rows])
    polar = [index for index, row in enumerate(known) if row.polarity]
    return judged[polar], np.array([POLARITIES.index(known[index].polarity) for index in polar])


def fit(logits: Logits, truth: NDArray[np.int64], abstain: float) -> Calibration:
    """From logits and the places of the true polarities."""
    temperature = float(minimize_scalar(lambda one: _surprise(logits, truth, one), bounds=RANGE, method="bounded").x)
    confidence = polarities(emotions(logits, temperature)).max(1)
    return Calibration(round(temperature, 4), round(float(np.quantile(confidence, abstain)), 4))


def _surprise(logits: Logits, truth: NDArray[np.int64], temperature: float) -> float:
    """The mean of -log of the true polarities' probabilities."""
    believed = polarities(emotions(logits, temperature))[np.arange(len(truth)), truth]
    return float(-np.log(np.maximum(believed, 1e-9)).mean())
