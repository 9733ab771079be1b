"""From a head's logits to what a text feels like. Pure."""

import numpy as np
from numpy.typing import NDArray

from nlp.manifest import Manifest
from nlp.scorer import EMOTIONS, Score
from stream.messages import Emotion, Label, Polarity

POLARITIES = (Label.NEGATIVE, Label.NEUTRAL, Label.POSITIVE)
# Surprise is in none: it has no polarity.
_MEMBERS = (("angry", "sad", "fear"), ("neutral",), ("happy",))
_SUMS = np.array([[name in members for members in _MEMBERS] for name in EMOTIONS], dtype=np.float64)


def emotions(logits: NDArray[np.floating], temperature: float) -> NDArray[np.float64]:
    """Probabilities of the six emotions, one row per row of logits."""
    scaled = logits.astype(np.float64) / temperature
    raised = np.exp(scaled - scaled.max(-1, keepdims=True))
    return np.asarray(raised / raised.sum(-1, keepdims=True))


def polarities(emotion: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities of negative, neutral, positive: the emotions' sums without surprise, divided by their sum."""
    sums = emotion @ _SUMS + 1e-12
    return np.asarray(sums / sums.sum(-1, keepdims=True))


def verdict(logits: NDArray[np.floating], manifest: Manifest) -> Score:
    """The score of one text."""
    emotion = emotions(logits, manifest.temperature)
    polarity = polarities(emotion)
    best = int(polarity.argmax())
    label = POLARITIES[best] if polarity[best] >= manifest.threshold else Label.UNCERTAIN
    return Score(
        emotion=Emotion(**dict(zip(EMOTIONS, emotion.tolist(), strict=True))),
        polarity=Polarity(negative=float(polarity[0]), neutral=float(polarity[1]), positive=float(polarity[2])),
        negative=float(polarity[0]),
        label=label,
        model=manifest.full_name,
    )
