"""Calibration of the model's logits on the dev sets: temperature, threshold, offsets, the wide part's weight.

Every set counts alike, whatever its size: what is calibrated on one kind of text alone is not on others.
Temperature scaling after Guo et al. 2017, "On Calibration of Modern Neural Networks".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar  # type: ignore[import-untyped]

from nlp.inference.prediction import POLARITIES, emotion_probabilities, joint_logits, polarity_probabilities
from nlp.scorer import EMOTIONS
from nlp.training.metrics import macro_f1
from nlp.training.texts.data import DEV_SETS, SENTENCES, WITH_EMOTIONS, Row, dev_rows, sentence_rows
from nlp.training.texts.evaluation_sets import MOSTLY_NEUTRAL, mostly_neutral_places
from stream.messages import Label

TEMPERATURES = (0.2, 5.0)  # between which the temperature is looked for
WIDE_WEIGHTS = tuple(step / 8 for step in range(17))
SURENESS = (*(step / 20 for step in range(10, 21)), 1.01)  # the last: nothing is as sure, all is read
NEXT_TO_NOTHING = 0.008  # of six figures added up: about a thousandth of each
SHARES = tuple(step / 20 for step in range(21))
_NEUTRAL = EMOTIONS.index("neutral")
_OFFSET = np.array([[name in names for name in EMOTIONS] for names in (("neutral",), ("angry", "sad", "fear"))], float)

Logits = NDArray[np.float32]
DevRows = dict[str, list[Row]]


@dataclass(frozen=True, slots=True)
class Calibration:
    """The temperature and the threshold of an nlp.inference.manifest.Manifest."""

    temperature: float
    threshold: float


@dataclass(frozen=True, slots=True)
class Judged:
    """Rows to calibrate by: `truth` are places in POLARITIES, `neutral` is whether that was a possible label of a row.

    `weights` say how much each counts.
    """

    logits: Logits
    truth: NDArray[np.int64]
    neutral: NDArray[np.bool_]
    weights: NDArray[np.float64]


def dev_with_emotions(data: Path) -> DevRows:
    """Read the rows of the dev sets that know emotions, by set."""
    return _dev(data, WITH_EMOTIONS)


def dev_with_polarities(data: Path) -> DevRows:
    """Read the rows of every dev set, by set, what is mostly neutral of them, and the sentences that are held back."""
    read = _dev(data, DEV_SETS)
    weibo = [row for name in WITH_EMOTIONS for row in read[name]]
    places = mostly_neutral_places(np.array([POLARITIES.index(row.polarity) if row.polarity else -1 for row in weibo]))
    held_back = [row for row, _ in sentence_rows(held_back=True)]
    return read | {MOSTLY_NEUTRAL: [weibo[place] for place in places], SENTENCES: held_back}


def _dev(data: Path, names: Iterable[str]) -> DevRows:
    return {name: [row for row in dev_rows(data, name) if row is not None] for name in names}


def emotions_of(rows: Sequence[Row]) -> NDArray[np.int64]:
    """Return the rows' emotions by their places in EMOTIONS."""
    return np.array([EMOTIONS.index(row.emotion or "") for row in rows], dtype=np.int64)


def wide_weight(encoder: Mapping[str, Logits], wide: Mapping[str, Logits], rows: DevRows) -> float:
    """Choose of WIDE_WEIGHTS how much of the wide part to add: the F1 of polarities and of emotions, by set, decides.

    Both are logits of `rows`, by dev set.
    """

    def merit(weight: float) -> float:
        return sum(_merit(encoder[name] + weight * wide[name], known) for name, known in rows.items())

    return max(WIDE_WEIGHTS, key=merit)


def joint_share(fast: NDArray[np.floating], larger: NDArray[np.floating], rows: DevRows) -> float:
    """Choose of SHARES how much the larger of two models' word counts, as wide_weight chooses.

    Both are probabilities of emotions, one row per row of `rows`, set after set.
    """

    def merit(share: float) -> float:
        joint = by_set(joint_logits(fast, larger, share), rows)
        return sum(_merit(joint[name], known) for name, known in rows.items())

    return max(SHARES, key=merit)


def joint_sureness(fast: NDArray[np.floating], larger: NDArray[np.floating], share: float, rows: DevRows) -> float:
    """Choose of SURENESS the lowest at which the fast model's word may stand and no more than NEXT_TO_NOTHING is lost.

    Arguments as of joint_share; what is lost is the sum of the sets' F1.
    """

    def merit(sure: float) -> float:
        stands = fast.max(1, keepdims=True) >= sure
        joint = by_set(np.where(stands, joint_logits(fast, fast, share), joint_logits(fast, larger, share)), rows)
        return sum(_merit(joint[name], known) for name, known in rows.items())

    least = merit(SURENESS[-1]) - NEXT_TO_NOTHING
    return next(sure for sure in SURENESS if merit(sure) >= least)


def by_set(logits: NDArray[np.floating], rows: DevRows) -> dict[str, Logits]:
    """Part what stands set after set."""
    ends = np.cumsum([len(known) for known in rows.values()])[:-1]
    return dict(zip(rows, np.split(logits.astype(np.float32), ends), strict=True))


def _merit(logits: Logits, rows: Sequence[Row]) -> float:
    """Add up the macro-F1 of a set's polarities and, where it knows them, of its emotions."""
    found = judged({"": logits}, {"": list(rows)})
    three = macro_f1(found.truth, _polarities(found, 1.0).argmax(1), len(POLARITIES))
    if any(row.emotion is None for row in rows):
        return three
    return three + macro_f1(emotions_of(rows), logits.argmax(1), len(EMOTIONS))


def calibrate(logits: Mapping[str, Logits], rows: DevRows, abstain: float) -> Calibration:
    """Fit temperature and threshold to `logits` of `rows`, by dev set; see fit_calibration."""
    return fit_calibration(judged(logits, rows), abstain)


def fit_calibration(given: Judged, abstain: float) -> Calibration:
    """Find the temperature that makes the true polarities likeliest, and the confidence that all but a share reach.

    Below the threshold lies the share `abstain` of the rows.
    """
    temperature = float(
        minimize_scalar(lambda one: _negative_log_likelihood(given, one), bounds=TEMPERATURES, method="bounded").x
    )
    confidence = polarity_probabilities(emotion_probabilities(given.logits, temperature)).max(1)
    return Calibration(round(temperature, 4), round(float(np.quantile(confidence, abstain)), 4))


def logit_offsets(logits: Mapping[str, Logits], rows: DevRows) -> Logits:
    """Find what to add to each emotion's logit so that no polarity is named oftener than it occurs.

    Training that weighs rare emotions up leans towards them, and three of them are negative. One offset for neutral
    and one for the negative emotions make the dev sets' polarities likeliest, together with a temperature.
    """
    known = judged(logits, rows)

    def loss(free: NDArray[np.float64]) -> float:
        moved = replace(known, logits=known.logits + free[1:] @ _OFFSET)
        return _negative_log_likelihood(moved, float(np.exp(free[0])))

    found = minimize(loss, np.zeros(1 + len(_OFFSET)), method="Nelder-Mead").x
    return np.asarray(found[1:] @ _OFFSET, dtype=np.float32)


def judged(logits: Mapping[str, Logits], rows: DevRows) -> Judged:
    """Join sets of rows that have a polarity, each set of the same weight."""
    parts = []
    for name, known in rows.items():
        polar = [index for index, row in enumerate(known) if row.polarity]
        parts.append(
            (
                logits[name][polar],
                np.array([POLARITIES.index(known[index].polarity) for index in polar], dtype=np.int64),
                np.array([known[index].among[_NEUTRAL] for index in polar], dtype=bool),
            )
        )
    return all_alike(parts)


def all_alike(parts: Sequence[tuple[Logits, NDArray[np.int64], NDArray[np.bool_]]]) -> Judged:
    """Join sets, each given as logits, truth and neutral of a Judged, so that each counts alike whatever its size."""
    logits, truth, neutral = (np.concatenate(column) for column in zip(*parts, strict=True))
    weights = np.concatenate([np.full(len(known), 1 / max(1, len(known))) for _, known, _ in parts])
    return Judged(logits, truth, neutral, weights)


def _polarities(given: Judged, temperature: float) -> NDArray[np.float64]:
    """Return the polarities' probabilities, neutral's none where it was no possible label."""
    found = polarity_probabilities(emotion_probabilities(given.logits, temperature))
    found[~given.neutral, POLARITIES.index(Label.NEUTRAL)] = 0.0
    return np.asarray(found / found.sum(1, keepdims=True))


def _negative_log_likelihood(given: Judged, temperature: float) -> float:
    """Return the mean of -log of the true polarities' probabilities."""
    polarity = _polarities(given, temperature)
    true = np.maximum(polarity[np.arange(len(given.truth)), given.truth], 1e-9)
    return float(-np.average(np.log(true), weights=given.weights))
