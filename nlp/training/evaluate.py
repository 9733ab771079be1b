"""The table of figures on the dev sets: the model, the character n-gram logistic regression, the majority class."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from nlp.scorer import EMOTIONS, Score, Scorer
from nlp.training.data import DEV_SETS, Row, dev_rows, training_rows
from nlp.training.metrics import expected_calibration_error, interval, macro_f1, precision_and_recall
from nlp.training.settings import Settings
from nlp.training.teacher import fit, judge
from nlp.verdict import POLARITIES, polarities
from stream.messages import Emotion

Judge = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts as the model reads them to the six emotions' probabilities."""


Measure = Callable[[NDArray[np.int64]], float]
"""A figure of the rows drawn."""

_NEUTRAL = Emotion(happy=0.0, neutral=1.0, angry=0.0, sad=0.0, fear=0.0, surprise=0.0)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of merit with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


Figures = dict[str, Figure]


def evaluate(settings: Settings, data: Path, scorers: Sequence[Scorer], out: Path | None = None) -> dict[str, Figures]:
    """Prints the table and returns it, by `dev set/judge`; `out` is a JSON file to leave it in.

    The logistic regression is fitted in the same run. A repost without own words is measured by what it passes on, as
    its label was given; one without any words at all counts as neutral for every judge.
    """
    training = training_rows(data)
    floor = fit(training, settings.teacher)
    everyone: dict[str, Judge] = {scorer.name: judge_of(scorer) for scorer in scorers}
    everyone |= {"char 1-3-gram LR": lambda texts: judge(floor, texts), "majority": _majority(training)}
    found = {
        f"{name}/{who}": figures(dev_rows(data, name), given, name, settings.seed)
        for name in DEV_SETS
        for who, given in everyone.items()
    }
    Console(width=150).print(table(found))
    if out is not None:
        out.write_text(json.dumps({key: {n: str(f) for n, f in row.items()} for key, row in found.items()}, indent=2))
    return found


def figures(rows: Sequence[Row | None], given: Judge, name: str, seed: int) -> Figures:
    """All figures of one judge on one dev set."""
    emotion = answers(rows, given)
    measures: dict[str, Measure] = {}
    if any(row and row.emotion for row in rows):
        six = np.array([EMOTIONS.index((row and row.emotion) or "neutral") for row in rows])
        measures["six-class F1"] = lambda drawn: macro_f1(six[drawn], emotion[drawn].argmax(1), len(EMOTIONS))
    three = np.array([POLARITIES.index(row.polarity) if row and row.polarity else -1 for row in rows])
    polarity = polarities(emotion.astype(np.float64))
    if name == "chnsenticorp":
        polarity = _without_neutral(polarity)
    measures |= _polarity_measures(three, polarity)
    count = len(rows)
    whole = np.arange(count)
    return {key: Figure(one(whole), *interval(one, count, seed)) for key, one in measures.items()}


def answers(rows: Sequence[Row | None], given: Judge) -> NDArray[np.float32]:
    """The judge's probabilities; neutral for a row without words."""
    emotion = np.zeros((len(rows), len(EMOTIONS)), np.float32)
    emotion[:, EMOTIONS.index("neutral")] = 1.0
    readable = [index for index, row in enumerate(rows) if row is not None]
    emotion[readable] = given([row.text for row in rows if row is not None])
    return emotion


def table(found: dict[str, Figures]) -> Table:
    """The figures as a table, one line per dev set and judge."""
    columns = list(dict.fromkeys(name for row in found.values() for name in row))
    shown = Table("dev set", "judge", *columns)
    for key, row in found.items():
        shown.add_row(*key.split("/", 1), *(str(row[name]) if name in row else "" for name in columns))
    return shown


def judge_of(scorer: Scorer) -> Judge:
    """A judge from a scorer that knows emotions: the figures are those of what runs in production."""

    def given(texts: Sequence[str]) -> NDArray[np.float32]:
        found = [_NEUTRAL if not isinstance(one, Score) else one.emotion for one in scorer.score(texts)]
        return np.array([[getattr(emotion, name) for name in EMOTIONS] for emotion in found], dtype=np.float32)

    return given


def _polarity_measures(truth: NDArray[np.int64], polarity: NDArray[np.float64]) -> dict[str, Measure]:
    """Figures over the rows that have a polarity (surprise has none)."""
    chosen, confidence = polarity.argmax(1), polarity.max(1)
    has_one = truth >= 0

    def calibration(drawn: NDArray[np.int64]) -> float:
        kept = drawn[has_one[drawn]]
        return expected_calibration_error(chosen[kept] == truth[kept], confidence[kept])

    def over(figure: Callable[[NDArray[np.int64], NDArray[np.int64]], float]) -> Measure:
        def measure(drawn: NDArray[np.int64]) -> float:
            kept = drawn[has_one[drawn]]
            return figure(truth[kept], chosen[kept])

        return measure

    return {
        "three-class F1": over(lambda known, taken: macro_f1(known, taken, 3)),
        "ECE": calibration,
        "negative P": over(lambda known, taken: precision_and_recall(known, taken, 0, 3)[0]),
        "negative R": over(lambda known, taken: precision_and_recall(known, taken, 0, 3)[1]),
    }


def _without_neutral(polarity: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where the data has no neutral class, the answer is the likelier of the other two."""
    two = polarity * np.array([1.0, 0.0, 1.0])
    return np.asarray(two / two.sum(1, keepdims=True))


def _majority(rows: Sequence[Row]) -> Judge:
    """Always the shares of the emotions in the training set."""
    shares = np.array([sum(row.emotion == name for row in rows) for name in EMOTIONS], dtype=np.float32)
    return lambda texts: np.tile(shares / shares.sum(), (len(texts), 1))
