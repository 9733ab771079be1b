"""What a model is evaluated on: the dev sets, sentences about a power company, those held back of twelve sectors."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlp.inference.prediction import POLARITIES
from nlp.scorer import EMOTIONS
from nlp.training.texts.data import DEV_SETS, WITH_EMOTIONS, Row, as_row, dev_rows, sentence_rows
from stream.messages import Label

POWER = "power company"
MOSTLY_NEUTRAL = "mostly neutral"
SECTORS = "twelve sectors"
_SENTENCES = Path(__file__).parent / "power.jsonl"  # written and labelled before any model read them
_SHARE = 0.6  # of neutral posts among those that an office reads
_WITHOUT_NEUTRAL = frozenset({"chnsenticorp"})


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """Labelled texts. A class is its place in EMOTIONS or POLARITIES, -1 where there is none.

    `neutral` is whether the label exists here: where it does not, the answer is the likelier of the other two. `kinds`
    are what the texts are (a question, a denial), one each, or none where nobody said so.
    """

    name: str
    texts: tuple[str, ...]
    emotion: NDArray[np.int64]
    polarity: NDArray[np.int64]
    neutral: bool
    kinds: tuple[str, ...] = ()


def evaluation_sets(data: Path) -> list[EvaluationSet]:
    """Read the dev sets in their order, what is mostly neutral of them, then our own sentences."""
    held_back, kinds = zip(*sentence_rows(held_back=True), strict=True)
    given = {name: evaluation_set(name, dev_rows(data, name)) for name in DEV_SETS}
    return [
        *given.values(),
        mostly_neutral(together(MOSTLY_NEUTRAL, [given[name] for name in WITH_EMOTIONS])),
        evaluation_set(POWER, power_rows()),
        replace(evaluation_set(SECTORS, held_back), kinds=kinds),
    ]


def power_rows() -> list[Row | None]:
    """Read the sentences about a power company."""
    return [as_row(json.loads(line), "power") for line in _SENTENCES.read_text("utf-8").splitlines()]


def evaluation_set(name: str, rows: Sequence[Row | None]) -> EvaluationSet:
    """Make a set of rows; a text without words asks nothing and is left out."""
    given = [row for row in rows if row is not None]
    return EvaluationSet(
        name=name,
        texts=tuple(row.text for row in given),
        emotion=np.array([EMOTIONS.index(row.emotion) if row.emotion else -1 for row in given]),
        polarity=np.array([POLARITIES.index(Label(row.polarity)) if row.polarity else -1 for row in given]),
        neutral=name not in _WITHOUT_NEUTRAL,
    )


def mostly_neutral(given: EvaluationSet) -> EvaluationSet:
    """Keep what mostly_neutral_places says of a set."""
    kept = mostly_neutral_places(given.polarity)
    return replace(
        given,
        texts=tuple(given.texts[place] for place in kept),
        emotion=given.emotion[kept],
        polarity=given.polarity[kept],
    )


def mostly_neutral_places(polarity: NDArray[np.int64]) -> NDArray[np.int64]:
    """Find every neutral text and so many of the others, drawn evenly, that they are the share which the rest is.

    `polarity` is as an EvaluationSet has it; the answer ascends.
    """
    named = POLARITIES.index(Label.NEUTRAL)
    neutral = np.flatnonzero(polarity == named)
    others = np.flatnonzero((polarity >= 0) & (polarity != named))
    few = min(len(others), round(len(neutral) * (1 - _SHARE) / _SHARE))
    spread = np.linspace(0, max(0, len(others) - 1), few).round().astype(np.int64)
    return np.sort(np.concatenate([neutral, others[spread]]))


def together(name: str, parts: Sequence[EvaluationSet]) -> EvaluationSet:
    """Join several sets to one; it knows neutral where all of them do."""
    return EvaluationSet(
        name=name,
        texts=tuple(text for part in parts for text in part.texts),
        emotion=np.concatenate([part.emotion for part in parts]),
        polarity=np.concatenate([part.polarity for part in parts]),
        neutral=all(part.neutral for part in parts),
    )
