"""How good the model is, beside baselines on the same texts: `python -m nlp evaluate`."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.inference.prediction import POLARITIES, emotion_probabilities, polarity_probabilities
from nlp.scorer import EMOTIONS
from nlp.training.fit.calibration import Judged, all_alike, fit_calibration
from nlp.training.measure.classifiers import (
    REGRESSION,
    Candidate,
    Predictions,
    baseline_predictions,
    calibrated,
    model_predictions,
)
from nlp.training.metrics import (
    Figure,
    Resamplings,
    Values,
    calibration_errors,
    confusions,
    false_alarms,
    figure,
    macro_f1s,
    precisions,
    recalls,
    resamplings,
    shares,
)
from nlp.training.settings import Settings
from nlp.training.texts.data import DEV_SETS, WITH_EMOTIONS, data_hashes
from nlp.training.texts.evaluation_sets import SECTORS, EvaluationSet, evaluation_sets, together
from nlp.training.texts.slices import masks

NEGATIVE = 0  # its place in POLARITIES
SIX, THREE, RIGHT, ALARMS = "six-class F1", "three-class F1", "accuracy", "false alarms"
CALIBRATED = (*DEV_SETS, SECTORS)  # on which a model of ours is calibrated when it is exported
COVERAGES = (1.0, 0.9, 0.8, 0.7, 0.5)

FigureValues = dict[str, Values]
"""Figures by name, each over all resamplings."""


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of a run: by set and classifier, by slice or kind and classifier, and the model's gain by set.

    `gains` are the model's figures less the regression's, `coverage` is the accuracy over the surest share of the
    predictions, `cross_fitted` the calibration error with a temperature fitted on the other half of the rows.
    """

    model: str
    figures: dict[str, dict[str, dict[str, Figure]]]
    slices: dict[str, dict[str, dict[str, Figure]]]
    kinds: dict[str, dict[str, dict[str, Figure]]]
    rows: dict[str, int]
    gains: dict[str, dict[str, Figure]]
    coverage: dict[str, dict[str, dict[float, float]]]
    cross_fitted: dict[str, dict[str, float]]
    speeds: dict[str, float]
    seconds: dict[str, float]
    about: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return the figures as values that JSON knows."""
        return asdict(self)


def evaluate(settings: Settings, data: Path, candidates: Sequence[Candidate], *, cache: Path) -> Report:
    """Measure every classifier on every set: the candidates, whose first the report is about, and the baselines.

    `cache` is a folder for the baselines' predictions.
    """
    since = time.perf_counter()
    sets = evaluation_sets(data)
    whole = together("all", sets)
    own = {one.scorer.name: model_predictions(one, whole.texts) for one in candidates}
    seconds = {"model": round(time.perf_counter() - since, 1)}
    baselines = baseline_predictions(settings, data, whole.texts, cache)
    since = time.perf_counter()
    predictions = own | baselines.predictions
    predictions[REGRESSION] = calibrated(
        predictions[REGRESSION], lambda logits: fit_calibration(_judged(sets, logits), settings.abstain)
    )
    places = dict(zip((one.name for one in sets), _places(sets), strict=True))
    measured = {
        one.name: {
            name: measure(one, given.part(places[one.name]), resamplings(len(one.texts), settings.seed))
            for name, given in predictions.items()
        }
        for one in sets
    }
    model, compared = candidates[0].scorer.name, [*own, REGRESSION]
    sliced, counts = _slices(sets, predictions, compared, settings.seed)
    by_kind, kinds = _kinds(sets, places, predictions, compared, settings.seed)
    with_logits = {name: given for name, given in predictions.items() if given.logits is not None}
    return Report(
        model=model,
        figures={name: {who: _figures(found) for who, found in row.items()} for name, row in measured.items()},
        slices=sliced,
        kinds=by_kind,
        rows={one.name: len(one.texts) for one in sets} | counts | kinds,
        gains={name: _gain(row[model], row[REGRESSION]) for name, row in measured.items()},
        coverage={
            one.name: {
                name: accuracy_by_coverage(one, given.part(places[one.name])) for name, given in with_logits.items()
            }
            for one in sets
        },
        cross_fitted={name: _cross_fitted(sets, places, given) for name, given in with_logits.items()},
        speeds={name: given.speed for name, given in predictions.items() if np.isfinite(given.speed)},
        seconds=seconds | baselines.seconds | {"figures and intervals": round(time.perf_counter() - since, 1)},
        about=baselines.about | {"data": data_hashes(data)},
    )


def measure(asked: EvaluationSet, given: Predictions, drawn: Resamplings) -> FigureValues:
    """Return every figure of a classifier on a set, over all resamplings."""
    found: FigureValues = {}
    known = asked.emotion >= 0
    if given.emotion is not None and known.any():
        chosen = given.emotion[known].argmax(1)
        found[SIX] = macro_f1s(confusions(drawn[:, known], asked.emotion[known], chosen, len(EMOTIONS)))
    has_one = asked.polarity >= 0
    drawn, truth = drawn[:, has_one], asked.polarity[has_one]
    polarity = _among(asked, given.polarity)[has_one]
    chosen = polarity.argmax(1)
    met = confusions(drawn, truth, chosen, len(POLARITIES))
    found |= {THREE: macro_f1s(met), "negative P": precisions(met, NEGATIVE), "negative R": recalls(met, NEGATIVE)}
    found[ALARMS] = false_alarms(met, NEGATIVE)
    found[RIGHT] = shares(drawn, chosen == truth, np.ones_like(chosen == truth))
    if given.uncalibrated is not None:
        before = _among(asked, given.uncalibrated)[has_one]
        found["ECE before"] = calibration_errors(drawn, before.argmax(1) == truth, before.max(1))
        found["ECE"] = calibration_errors(drawn, chosen == truth, polarity.max(1))
    if given.labelled is not None:
        labelled, right = given.labelled[has_one], chosen == truth
        found["labelled"] = shares(drawn, labelled, np.ones_like(labelled))
        found["right of these"] = shares(drawn, right, labelled)
        found["right of the rest"] = shares(drawn, right, ~labelled)
    return found


def accuracy_by_coverage(asked: EvaluationSet, given: Predictions) -> dict[float, float]:
    """Return the accuracy over the surest share of the rows, by share."""
    has_one = asked.polarity >= 0
    polarity, truth = _among(asked, given.polarity)[has_one], asked.polarity[has_one]
    order = np.argsort(-polarity.max(1), kind="stable")
    right = (polarity.argmax(1) == truth)[order]
    return {share: float(right[: max(1, round(share * len(right)))].mean()) for share in COVERAGES}


def _among(asked: EvaluationSet, polarity: NDArray[np.float64]) -> NDArray[np.float64]:
    """Keep the polarities that the set knows."""
    if asked.neutral:
        return polarity
    two = polarity * np.array([name != "neutral" for name in POLARITIES])
    return np.asarray(two / two.sum(1, keepdims=True))


def _figures(measured: FigureValues) -> dict[str, Figure]:
    """Sum up those that there is something to measure by."""
    return {name: figure(values) for name, values in measured.items() if np.isfinite(values[0])}


def _gain(model: FigureValues, baseline: FigureValues) -> dict[str, Figure]:
    """Subtract the regression's figures from the model's, over the same resamplings."""
    return {name: figure(model[name] - baseline[name]) for name in (SIX, THREE) if name in model and name in baseline}


def _slices(
    sets: Sequence[EvaluationSet], predictions: Mapping[str, Predictions], compared: Sequence[str], seed: int
) -> tuple[dict[str, dict[str, dict[str, Figure]]], dict[str, int]]:
    """Measure by kind of text over the Weibo sets together, and count how many rows each kind has."""
    weibo = together("Weibo", [one for one in sets if one.name in WITH_EMOTIONS])
    rows = np.flatnonzero(_rows_of(sets, WITH_EMOTIONS))
    drawn = resamplings(len(rows), seed)
    found: dict[str, dict[str, dict[str, Figure]]] = {}
    counts: dict[str, int] = {}
    for kind, chosen in masks(weibo.texts).items():
        counts[kind] = int(chosen.sum())
        few = EvaluationSet(kind, (), weibo.emotion[chosen], weibo.polarity[chosen], neutral=True)
        found[kind] = {
            name: _figures(measure(few, predictions[name].part(rows[chosen]), drawn[:, chosen])) for name in compared
        }
    return found, counts


def _kinds(
    sets: Sequence[EvaluationSet],
    places: Mapping[str, NDArray[np.int64]],
    predictions: Mapping[str, Predictions],
    compared: Sequence[str],
    seed: int,
) -> tuple[dict[str, dict[str, dict[str, Figure]]], dict[str, int]]:
    """Measure by what somebody said that the texts are, and count how many of each kind there are."""
    found: dict[str, dict[str, dict[str, Figure]]] = {}
    counts: dict[str, int] = {}
    for one in (one for one in sets if one.kinds):
        named = np.array(one.kinds)
        for kind in dict.fromkeys(one.kinds):
            chosen = np.flatnonzero(named == kind)
            few = EvaluationSet(kind, (), one.emotion[chosen], one.polarity[chosen], one.neutral)
            drawn = resamplings(len(chosen), seed)
            counts[kind] = len(chosen)
            found[kind] = {
                name: _figures(measure(few, predictions[name].part(places[one.name][chosen]), drawn))
                for name in compared
            }
    return found, counts


def _cross_fitted(
    sets: Sequence[EvaluationSet], places: Mapping[str, NDArray[np.int64]], given: Predictions
) -> dict[str, float]:
    """Return the calibration error by set where every second row is calibrated on the others."""
    assert given.logits is not None
    odd = np.arange(len(given.logits)) % 2 == 1
    polarity = np.empty_like(given.polarity)
    for half in (odd, ~odd):
        temperature = fit_calibration(_judged(sets, given.logits, ~half), 0.0).temperature
        polarity[half] = polarity_probabilities(emotion_probabilities(given.logits[half], temperature))
    found = {}
    for one in sets:
        has_one = one.polarity >= 0
        mine = _among(one, polarity[places[one.name]])[has_one]
        right = mine.argmax(1) == one.polarity[has_one]
        found[one.name] = float(calibration_errors(np.ones((1, len(right)), np.float32), right, mine.max(1))[0])
    return found


def _judged(
    sets: Sequence[EvaluationSet], logits: NDArray[np.floating], among: NDArray[np.bool_] | None = None
) -> Judged:
    """Take what a model of ours is calibrated by, of all texts or those `among` them."""
    parts = []
    for one, place in zip(sets, _places(sets), strict=True):
        if one.name in CALIBRATED:
            known = one.polarity >= 0
            known &= True if among is None else among[place]
            truth = one.polarity[known]
            parts.append((np.asarray(logits[place][known], np.float32), truth, np.full(len(truth), one.neutral)))
    return all_alike(parts)


def _places(sets: Sequence[EvaluationSet]) -> list[NDArray[np.int64]]:
    """Tell where each set's texts stand among all."""
    ends = np.cumsum([len(one.texts) for one in sets])
    return np.split(np.arange(ends[-1]), ends[:-1])


def _rows_of(sets: Sequence[EvaluationSet], names: Sequence[str]) -> NDArray[np.bool_]:
    return np.concatenate([np.full(len(one.texts), one.name in names) for one in sets])
