"""How much the model's logits may be believed, from the dev sets with emotions."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar  # type: ignore[import-untyped]
from tokenizers import Tokenizer
from transformers import BertForSequenceClassification

from nlp.training.batches import tokens_of
from nlp.training.data import dev_rows
from nlp.training.settings import Settings
from nlp.training.train import logits_of
from nlp.verdict import POLARITIES, emotions, polarities

RANGE = (0.2, 5.0)  # in which the temperature is looked for


@dataclass(frozen=True, slots=True)
class Calibration:
    """See nlp.manifest.Manifest."""

    temperature: float
    threshold: float


def calibrate(
    model: BertForSequenceClassification, tokenizer: Tokenizer, settings: Settings, data: Path
) -> Calibration:
    """The temperature under which the polarities are likeliest, and the confidence that all but a set share reach."""
    rows = [row for name in ("usual", "virus") for row in dev_rows(data, name) if row is not None and row.polarity]
    tokens = tokens_of(tokenizer, [row.text for row in rows], settings.shape.positions)
    truth = np.array([POLARITIES.index(row.polarity) for row in rows])
    return fit(logits_of(model, tokens), truth, settings.abstain)


def fit(logits: NDArray[np.float32], truth: NDArray[np.int64], abstain: float) -> Calibration:
    """From logits and the places of the true polarities."""

    def surprise(temperature: float) -> float:
        believed = polarities(emotions(logits, temperature))[np.arange(len(truth)), truth]
        return float(-np.log(np.maximum(believed, 1e-9)).mean())

    temperature = float(minimize_scalar(surprise, bounds=RANGE, method="bounded").x)
    confidence = polarities(emotions(logits, temperature)).max(1)
    return Calibration(round(temperature, 4), round(float(np.quantile(confidence, abstain)), 4))
