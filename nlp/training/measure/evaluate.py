"""How good the model is, beside others on the same texts: `python -m nlp evaluate`."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.inference.verdict import POLARITIES, emotions, polarities
from nlp.scorer import EMOTIONS, Scorer
from nlp.training.fit.calibrate import fit
from nlp.training.measure.judges import REGRESSION, Answers, calibrated, model_answers, other_answers
from nlp.training.measure.metrics import (
    Figure,
    Values,
    Weights,
    calibration_errors,
    confusions,
    false_alarms,
    figure,
    macro_f1s,
    precisions,
    recalls,
    shares,
    weights,
)
from nlp.training.settings import Settings
from nlp.training.texts.data import data_hashes
from nlp.training.texts.exams import Exam, exams, together
from nlp.training.texts.slices import masks

CALIBRATED_ON = ("usual", "virus")  # as the shipped model is
FLOORED = ("usual", "virus")  # where the model must be better than the regression
NEGATIVE = 0  # its place in POLARITIES
SIX, THREE, ALARMS = "six-class F1", "three-class F1", "false alarms"
COVERAGES = (1.0, 0.9, 0.8, 0.7, 0.5)

Measured = dict[str, Values]


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of a run: by exam and judge, by slice and judge, and the model's lead over the regression by exam.

    `surest` is the accuracy over the surest share of the answers, `crossed` the calibration error with a temperature
    fitted on the other half of the rows.
    """

    model: str
    figures: dict[str, dict[str, dict[str, Figure]]]
    slices: dict[str, dict[str, dict[str, Figure]]]
    rows: dict[str, int]
    leads: dict[str, dict[str, Figure]]
    surest: dict[str, dict[str, dict[float, float]]]
    crossed: dict[str, dict[str, float]]
    speeds: dict[str, float]
    seconds: dict[str, float]
    about: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def evaluate(settings: Settings, data: Path, scorer: Scorer, *, temperature: float | None, cache: Path) -> Report:
    """Every judge on every exam. `temperature` is the scorer's own, `cache` a folder for the other judges' answers."""
    since = time.perf_counter()
    asked = exams(data)
    whole = together("all", asked)
    own = model_answers(scorer, whole.texts, temperature)
    seconds = {"model": round(time.perf_counter() - since, 1)}
    others = other_answers(settings, data, whole.texts, cache)
    since = time.perf_counter()
    fitted = _rows_of(asked, CALIBRATED_ON) & (whole.polarity >= 0)
    answers = {scorer.name: own} | others.answers
    answers[REGRESSION] = calibrated(answers[REGRESSION], whole.polarity, fitted, settings.abstain)
    places = dict(zip((one.name for one in asked), _places(asked), strict=True))
    measured = {
        one.name: {
            judge: measure(one, part(given, places[one.name]), weights(len(one.texts), settings.seed))
            for judge, given in answers.items()
        }
        for one in asked
    }
    sliced, counts = _slices(asked, answers, [scorer.name, REGRESSION], settings.seed)
    with_logits = {judge: given for judge, given in answers.items() if given.logits is not None}
    return Report(
        model=scorer.name,
        figures={name: {judge: _figures(found) for judge, found in row.items()} for name, row in measured.items()},
        slices=sliced,
        rows={one.name: len(one.texts) for one in asked} | counts,
        leads={name: _lead(row[scorer.name], row[REGRESSION]) for name, row in measured.items()},
        surest={
            one.name: {judge: surest(one, part(given, places[one.name])) for judge, given in with_logits.items()}
            for one in asked
        },
        crossed={judge: _crossed(asked, places, given) for judge, given in with_logits.items()},
        speeds={judge: given.speed for judge, given in answers.items() if np.isfinite(given.speed)},
        seconds=seconds | others.seconds | {"figures and intervals": round(time.perf_counter() - since, 1)},
        about=others.about | {"data": data_hashes(data)},
    )


def measure(asked: Exam, given: Answers, drawn: Weights) -> Measured:
    """Every figure of a judge on an exam, over all resamplings."""
    found: Measured = {}
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
    if given.before is not None:
        before = _among(asked, given.before)[has_one]
        found["ECE before"] = calibration_errors(drawn, before.argmax(1) == truth, before.max(1))
        found["ECE"] = calibration_errors(drawn, chosen == truth, polarity.max(1))
    if given.labelled is not None:
        labelled, right = given.labelled[has_one], chosen == truth
        found["labelled"] = shares(drawn, labelled, np.ones_like(labelled))
        found["right of these"] = shares(drawn, right, labelled)
        found["right of the rest"] = shares(drawn, right, ~labelled)
    return found


def surest(asked: Exam, given: Answers) -> dict[float, float]:
    """The accuracy over the surest share of the rows, by share."""
    has_one = asked.polarity >= 0
    polarity, truth = _among(asked, given.polarity)[has_one], asked.polarity[has_one]
    order = np.argsort(-polarity.max(1), kind="stable")
    right = (polarity.argmax(1) == truth)[order]
    return {share: float(right[: max(1, round(share * len(right)))].mean()) for share in COVERAGES}


def part(given: Answers, rows: NDArray[np.int64]) -> Answers:
    """The answers to some of the texts."""
    return Answers(
        given.polarity[rows],
        given.speed,
        None if given.emotion is None else given.emotion[rows],
        None if given.before is None else given.before[rows],
        None if given.labelled is None else given.labelled[rows],
        None if given.logits is None else given.logits[rows],
    )


def _among(asked: Exam, polarity: NDArray[np.float64]) -> NDArray[np.float64]:
    """The polarities that the exam knows."""
    if asked.neutral:
        return polarity
    two = polarity * np.array([name != "neutral" for name in POLARITIES])
    return np.asarray(two / two.sum(1, keepdims=True))


def _figures(measured: Measured) -> dict[str, Figure]:
    """Those that there is something to judge by."""
    return {name: figure(values) for name, values in measured.items() if np.isfinite(values[0])}


def _lead(model: Measured, floor: Measured) -> dict[str, Figure]:
    """The model's figures less the regression's, over the same resamplings."""
    return {name: figure(model[name] - floor[name]) for name in (SIX, THREE) if name in model and name in floor}


def _slices(
    asked: Sequence[Exam], answers: Mapping[str, Answers], judges: Sequence[str], seed: int
) -> tuple[dict[str, dict[str, dict[str, Figure]]], dict[str, int]]:
    """The figures by kind of text over the Weibo exams together, and how many rows each kind has."""
    weibo = together("Weibo", [one for one in asked if one.name in FLOORED])
    rows = np.flatnonzero(_rows_of(asked, FLOORED))
    drawn = weights(len(rows), seed)
    found: dict[str, dict[str, dict[str, Figure]]] = {}
    counts: dict[str, int] = {}
    for kind, chosen in masks(weibo.texts).items():
        counts[kind] = int(chosen.sum())
        few = Exam(kind, (), weibo.emotion[chosen], weibo.polarity[chosen], neutral=True)
        found[kind] = {
            judge: _figures(measure(few, part(answers[judge], rows[chosen]), drawn[:, chosen])) for judge in judges
        }
    return found, counts


def _crossed(asked: Sequence[Exam], places: Mapping[str, NDArray[np.int64]], given: Answers) -> dict[str, float]:
    """The calibration error by exam where every second row is calibrated on the others."""
    assert given.logits is not None
    truth = together("all", asked).polarity
    fitted = _rows_of(asked, CALIBRATED_ON) & (truth >= 0)
    odd = np.arange(len(truth)) % 2 == 1
    polarity = np.empty_like(given.polarity)
    for half in (odd, ~odd):
        temperature = fit(given.logits[fitted & ~half], truth[fitted & ~half], 0.0).temperature
        polarity[half] = polarities(emotions(given.logits[half], temperature))
    found = {}
    for one in asked:
        has_one = one.polarity >= 0
        mine = _among(one, polarity[places[one.name]])[has_one]
        right = mine.argmax(1) == one.polarity[has_one]
        found[one.name] = float(calibration_errors(np.ones((1, len(right)), np.float32), right, mine.max(1))[0])
    return found


def _places(asked: Sequence[Exam]) -> list[NDArray[np.int64]]:
    """Where each exam's texts stand among all."""
    ends = np.cumsum([len(one.texts) for one in asked])
    return np.split(np.arange(ends[-1]), ends[:-1])


def _rows_of(asked: Sequence[Exam], names: Sequence[str]) -> NDArray[np.bool_]:
    return np.concatenate([np.full(len(one.texts), one.name in names) for one in asked])
