"""From a head's logits to probabilities and a label. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from nlp.inference.manifest import Larger, Manifest
from nlp.scorer import EMOTIONS, Score
from stream.messages import Emotion, Label, Polarity

_LEAST = 1e-9  # of a probability whose logarithm is taken
POLARITIES = (Label.NEGATIVE, Label.NEUTRAL, Label.POSITIVE)
# Surprise is in none: it has no polarity.
_MEMBERS = (("angry", "sad", "fear"), ("neutral",), ("happy",))
_SUMS = np.array([[name in members for members in _MEMBERS] for name in EMOTIONS], dtype=np.float64)


def emotion_probabilities(logits: NDArray[np.floating], temperature: float) -> NDArray[np.float64]:
    """Take the softmax of logits divided by `temperature`, row by row."""
    scaled = logits.astype(np.float64) / temperature
    raised = np.exp(scaled - scaled.max(-1, keepdims=True))
    return np.asarray(raised / raised.sum(-1, keepdims=True))


def polarity_probabilities(emotion: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum the six emotions of each row to negative, neutral, positive; surprise is left out and the sums add to one."""
    sums = emotion @ _SUMS + 1e-12
    return np.asarray(sums / sums.sum(-1, keepdims=True))


def probabilities(
    logits: NDArray[np.floating], manifest: Manifest
) -> tuple[NDArray[np.float64] | None, NDArray[np.float64]]:
    """Return emotions (None where the head knows only polarities) and polarities, one row per row of logits."""
    chances = emotion_probabilities(logits, manifest.temperature)
    if set(manifest.labels) == set(EMOTIONS):
        emotion = chances @ _columns(manifest.labels, EMOTIONS)
        return emotion, polarity_probabilities(emotion)
    return None, chances @ _columns(manifest.labels, tuple(POLARITIES))


def predictions(logits: NDArray[np.floating], manifest: Manifest) -> list[Score]:
    """Return the scores of texts, one per row of logits."""
    emotion, polarity = probabilities(logits, manifest)
    felt: list[Emotion | None] = [None] * len(logits) if emotion is None else list(map(_emotion, emotion.tolist()))
    by, least = manifest.full_name, manifest.threshold
    return [_score(one, row, least, by) for one, row in zip(felt, polarity.tolist(), strict=True)]


def joined(fast: Sequence[Score], larger: Sequence[Score], how: Larger, name: str) -> list[Score]:
    """Make one score of each two that know emotions, as `how` says; `name` is that of both models.

    The rest of a score, its passage say, is the larger one's.
    """
    emotion = emotion_probabilities(joint_logits(emotions_of(fast), emotions_of(larger), how.share), how.temperature)
    rows = zip(larger, emotion.tolist(), polarity_probabilities(emotion).tolist(), strict=True)
    made = ((best, _score(_emotion(felt), row, how.threshold, name)) for best, felt, row in rows)
    return [replace(one, passage=best.passage, passed_on=best.passed_on) for best, one in made]


def joint_logits(fast: NDArray[np.floating], larger: NDArray[np.floating], share: float) -> NDArray[np.float64]:
    """Weigh two models' emotions together; all are texts x EMOTIONS."""
    logs = [np.log(np.maximum(one.astype(np.float64), _LEAST)) for one in (fast, larger)]
    return np.asarray((1.0 - share) * logs[0] + share * logs[1])


def emotions_of(scores: Sequence[Score]) -> NDArray[np.float64]:
    """Return the emotions' probabilities, one row per score, all of which know them."""
    return np.array([[getattr(one.emotion, name) for name in EMOTIONS] for one in scores]).reshape(-1, len(EMOTIONS))


def _emotion(chances: list[float]) -> Emotion:
    return Emotion(**dict(zip(EMOTIONS, chances, strict=True)))


def _score(emotion: Emotion | None, polarity: list[float], threshold: float, name: str) -> Score:
    best = max(polarity)
    label = POLARITIES[polarity.index(best)] if best >= threshold else Label.UNCERTAIN
    negative, neutral, positive = polarity
    return Score(
        emotion=emotion,
        polarity=Polarity(negative=negative, neutral=neutral, positive=positive),
        negative=negative,
        label=label,
        model=name,
    )


@cache
def _columns(labels: tuple[str, ...], names: tuple[str, ...]) -> NDArray[np.float64]:
    """Make the matrix that adds up the labels of a head which stand for the same of our names."""
    return np.array([[label == name for name in names] for label in labels], dtype=np.float64)
