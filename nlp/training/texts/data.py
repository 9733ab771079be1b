"""The training data as rows of model text. The folder is always handed in; nothing of it is kept in the repository."""

import hashlib
import json
import lzma
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nlp.scorer import EMOTIONS
from nlp.text import Unfit, for_model, reposted
from nlp.training.texts.duplicates import NearDuplicates

TRAINING = "sentiment/train.jsonl.xz"
DEV_SETS = {"usual": "dev_smp_usual", "virus": "dev_smp_virus", "chnsenticorp": "dev_chnsenticorp"}
WITH_EMOTIONS = ("usual", "virus")  # of the dev sets: on these a model is chosen, calibrated and compared
SENTENCES = "sentences"  # the source of the rows written for this project
WITH_NEUTRAL = frozenset(
    {"smp_usual", "smp_virus", "car_ccf2018", "feedback", SENTENCES}
)  # elsewhere its absence says nothing
WRITTEN = Path(__file__).parent / "sentences"
_OF_POLARITY = {"negative": ("angry", "sad", "fear"), "neutral": ("neutral",), "positive": ("happy",)}
_POLAR = ("happy", "angry", "sad", "fear")


@dataclass(frozen=True, slots=True)
class Row:
    """A labelled text. `allowed` are the emotions its label leaves open; `among` those the label was chosen from.

    A repost without own words is labelled for what it passes on: training and measuring read that, as the scorer does
    (`scored` is False: these are not its own words).
    """

    text: str
    source: str
    emotion: str | None
    polarity: str | None
    allowed: tuple[bool, ...]
    among: tuple[bool, ...]
    scored: bool


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """The rows to learn from, in file order, and how many were read and cut."""

    rows: list[Row]
    counts: dict[str, int]


def as_row(record: dict[str, str | None], source: str) -> Row | None:
    """Make a row of a labelled text as the model reads it; None where the model has nothing to read."""
    text = (record["text"] or "").replace("{%", "").replace("%}", "")
    prepared = for_model(text)
    scored = prepared.reason is not Unfit.REPOST
    if not scored:
        prepared = reposted(text)
    if prepared.reason is not None:
        return None
    emotion, polarity = record.get("emotion"), record["polarity"]
    allowed = (emotion,) if emotion else _OF_POLARITY[polarity or ""]
    among = EMOTIONS if emotion else _POLAR if source not in WITH_NEUTRAL else (*_POLAR, "neutral")
    flags = [tuple(name in names for name in EMOTIONS) for names in (allowed, among)]
    return Row(prepared.text, source, emotion, polarity, flags[0], flags[1], scored)


def training_set(data: Path, *, emotions_only: bool = False) -> TrainingSet:
    """Read the training rows and the written sentences, without the dev sets' texts and their near-duplicates.

    `emotions_only`: those rows alone that know an emotion.
    """
    held_out = {row.text for name in DEV_SETS for row in dev_rows(data, name) if row is not None}
    held_out |= {row.text for row, _ in sentence_rows(held_back=True)}
    known = NearDuplicates(held_out)
    with lzma.open(data / TRAINING, "rt", encoding="utf-8") as lines:
        wanted = (one for one in map(json.loads, lines) if one["emotion"] or not emotions_only)
        rows = [as_row(record, record["source"]) for record in wanted]
    rows += [] if emotions_only else [row for row, _ in sentence_rows(held_back=False)]
    readable = [row for row in rows if row is not None]
    apart = [row for row in readable if row.text not in held_out]
    kept = [row for row in apart if not known.near(row.text)]
    counts = {
        "read": len(rows),
        "without words": len(rows) - len(readable),
        "in a dev set": len(readable) - len(apart),
        "near a dev text": len(apart) - len(kept),
        "kept": len(kept),
    }
    return TrainingSet(kept, counts)


def training_rows(data: Path) -> list[Row]:
    """Read the rows of training_set alone."""
    return training_set(data).rows


def sentence_rows(*, held_back: bool) -> list[tuple[Row, str]]:
    """Read the written sentences that a model may learn from, or the fifth that is held back, each with its kind."""
    found: list[tuple[Row, str]] = []
    for path in sorted(WRITTEN.glob("*.jsonl")):
        for record in map(json.loads, path.read_text("utf-8").splitlines()):
            if record["held_back"] is held_back and (row := as_row(record, SENTENCES)) is not None:
                found.append((row, record["kind"]))
    return found


def feedback_rows(path: Path, data: Path) -> list[Row]:
    """Read what people labelled, as `python -m nlp feedback export` wrote it, without the dev sets' texts."""
    held_out = {row.text for name in DEV_SETS for row in dev_rows(data, name) if row is not None}
    rows = [as_row(json.loads(line), "feedback") for line in path.read_text("utf-8").splitlines()]
    return [row for row in rows if row is not None and row.text not in held_out]


def at_most_per_source(rows: Sequence[Row], most: int, seed: int, other: Mapping[str, int]) -> list[int]:
    """Choose every row with an emotion, and at most so many of each source that knows only polarities; ascending.

    `other` sources have a number of their own.
    """
    taken: Counter[str] = Counter()
    kept = []
    for index in np.random.default_rng(seed).permutation(len(rows)).tolist():
        row = rows[index]
        taken[row.source] += 1
        if row.emotion is not None or taken[row.source] <= other.get(row.source, most):
            kept.append(index)
    return sorted(kept)


def dev_rows(data: Path, name: str) -> list[Row | None]:
    """Read a dev set in file order; None stands for a text without words of its own."""
    path = data / "sentiment" / f"{DEV_SETS[name]}.jsonl"
    source = DEV_SETS[name].removeprefix("dev_")
    return [as_row(json.loads(line), source) for line in path.read_text("utf-8").splitlines()]


def corpus_texts(data: Path, every: int = 1) -> Iterator[str]:
    """Yield the unlabelled posts as the model reads them, one line in `every`."""
    with lzma.open(data / "corpus" / "weibo.txt.xz", "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number % every == 0 and (text := for_model(line).text):
                yield text


def data_hashes(data: Path) -> dict[str, str]:
    """Hash every data file; SHA-256 by its path below the folder."""
    files = sorted(path for path in data.rglob("*") if path.suffix in {".xz", ".jsonl"})
    return {path.relative_to(data).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
