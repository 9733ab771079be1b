"""What is compared: the model, and as baselines the n-gram regression, SnowNLP and whoever always says the same."""

import hashlib
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.inference.prediction import POLARITIES, emotion_probabilities, polarity_probabilities
from nlp.scorer import EMOTIONS, Score, Scorer
from nlp.training.fit.baseline import RECIPE, STRENGTHS, fit_baseline
from nlp.training.fit.calibration import Calibration, Logits
from nlp.training.settings import Settings
from nlp.training.texts.data import training_set
from stream.messages import Label

REGRESSION, SNOWNLP, MAJORITY = "n-gram regression", "SnowNLP", "majority"
_NEUTRAL = np.array([one is Label.NEUTRAL for one in POLARITIES], dtype=np.float64)
_UNSEEN = 1e-9  # the least probability of an emotion: its logarithm must be finite

Probabilities = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Predictions:
    """What a classifier says of texts, a line each.

    `emotion` is None where it knows polarities only, `uncalibrated` are the polarities before calibration (None where
    there was none), `labelled` tells where it is sure enough for a label. `speed` is in texts per second.
    """

    polarity: Probabilities
    speed: float
    emotion: Probabilities | None = None
    uncalibrated: Probabilities | None = None
    labelled: NDArray[np.bool_] | None = None
    logits: Probabilities | None = None

    def part(self, rows: NDArray[np.int64]) -> "Predictions":
        """Return those of some of the texts, by their numbers."""
        return Predictions(
            self.polarity[rows],
            self.speed,
            None if self.emotion is None else self.emotion[rows],
            None if self.uncalibrated is None else self.uncalibrated[rows],
            None if self.labelled is None else self.labelled[rows],
            None if self.logits is None else self.logits[rows],
        )


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model to measure. `temperature` is what its logits are divided by, None where that is not known."""

    scorer: Scorer
    temperature: float | None = None


@dataclass(frozen=True, slots=True)
class Baselines:
    """The classifiers beside the model, and what is known of them: counts of rows, the regression's strength."""

    predictions: dict[str, Predictions]
    about: dict[str, Any]
    seconds: dict[str, float]


def model_predictions(candidate: Candidate, texts: Sequence[str]) -> Predictions:
    """Ask what runs in production, or might."""
    since, temperature = time.perf_counter(), candidate.temperature
    found = candidate.scorer.score(texts)
    speed = len(texts) / (time.perf_counter() - since)
    scores = [one if isinstance(one, Score) else None for one in found]
    polarity = np.array(
        [[getattr(one.polarity, name) for name in POLARITIES] if one else _NEUTRAL for one in scores], dtype=np.float64
    )
    labelled = np.array([one is not None and one.label is not Label.UNCERTAIN for one in scores])
    if any(one is not None and one.emotion is None for one in scores):
        return Predictions(polarity, speed, labelled=labelled)
    unread = [float(name == "neutral") for name in EMOTIONS]
    emotion = np.array([[getattr(one.emotion, name) for name in EMOTIONS] if one else unread for one in scores])
    logits = None if temperature is None else np.log(np.maximum(emotion, _UNSEEN)) * temperature
    uncalibrated = None if logits is None else polarity_probabilities(emotion_probabilities(logits, 1.0))
    return Predictions(polarity, speed, emotion, uncalibrated, labelled, logits)


def calibrated(given: Predictions, fit: Callable[[Logits], Calibration]) -> Predictions:
    """Calibrate emotions as `fit` finds by their logits, as the model's are."""
    assert given.emotion is not None
    logits = np.log(np.maximum(given.emotion, _UNSEEN))
    found = fit(logits)
    emotion = emotion_probabilities(logits, found.temperature)
    polarity = polarity_probabilities(emotion)
    labelled = polarity.max(1) >= found.threshold
    return Predictions(polarity, given.speed, emotion, given.polarity, labelled, logits)


def baseline_predictions(settings: Settings, data: Path, texts: Sequence[str], cache: Path) -> Baselines:
    """Ask every baseline. What they say is kept in the folder `cache`, under a digest of all it depends on."""
    since = time.perf_counter()
    training = training_set(data, emotions_only=True)
    seconds = {"training rows": time.perf_counter() - since}
    shares = np.array([[row.emotion == name for name in EMOTIONS] for row in training.rows]).mean(0)
    predictions = {MAJORITY: _of_emotions(np.tile(shares, (len(texts), 1)), np.inf)}
    how = [*RECIPE, settings.teacher.features, settings.seed, version("scikit-learn")]
    given = [(row.text, row.emotion) for row in training.rows]
    found = kept(
        cache / f"regression-{_digest([how, given, texts])}.npz",
        lambda: asdict(fit_baseline(training.rows, texts, settings.teacher.features, settings.seed)),
    )
    predictions[REGRESSION] = _of_emotions(found["emotion"], float(found["speed"]))
    seconds[REGRESSION] = float(found["seconds"])
    if find_spec("snownlp") is not None:
        snow = kept(cache / f"snownlp-{_digest([version('snownlp'), texts])}.npz", lambda: _snownlp(texts))
        predictions[SNOWNLP] = Predictions(_of_two(snow["positive"]), len(texts) / float(snow["seconds"]))
        seconds[SNOWNLP] = float(snow["seconds"])
    tried = dict(zip(STRENGTHS, found["tried"].tolist(), strict=True))
    about = {"rows": training.counts, "strength": float(found["strength"]), "strengths": tried}
    return Baselines(predictions, about, seconds)


def kept(path: Path, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Read what is in the file, made first where there is none, with the `seconds` that it took; all are arrays."""
    if not path.exists():
        since = time.perf_counter()
        found = make()
        found["seconds"] = time.perf_counter() - since
        arrays = {name: np.asarray(value) for name, value in found.items()}
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"partial-{path.name}")
        with partial.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
        os.replace(partial, path)
    with np.load(path) as file:
        return {name: file[name] for name in file}


def _of_emotions(emotion: NDArray[np.floating], speed: float) -> Predictions:
    exact = emotion.astype(np.float64)
    return Predictions(polarity_probabilities(exact), speed, exact)


def _of_two(positive: NDArray[np.float64]) -> Probabilities:
    """Make polarities of a classifier that knows no neutral: negative is whatever is not positive."""
    return np.stack([1 - positive, np.zeros_like(positive), positive], 1)


def _snownlp(texts: Sequence[str]) -> dict[str, Any]:
    """Ask SnowNLP for its probabilities of positive."""
    from snownlp import SnowNLP

    return {"positive": np.array([SnowNLP(text).sentiments for text in texts])}


def _digest(values: object) -> str:
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:16]
