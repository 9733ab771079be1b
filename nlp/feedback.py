"""What people said of posts, as a table comes in, as a training file goes out, and as the running model is measured."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO

from nlp.scorer import EMOTIONS, Score, Scorer
from nlp.stage import own_words
from stream.index.finding.words import LABEL_NAMES
from stream.index.port import Reader
from stream.messages import Label
from stream.state.labels import Origin, PostLabel

COLUMNS = ("text", "id", "label", "emotion", "by")
_LABELS = (Label.NEGATIVE, Label.NEUTRAL, Label.POSITIVE)
_NAMED = {LABEL_NAMES[label]: label.value for label in _LABELS}  # as screens and letters call them
_POLARITY = {"happy": "positive", "neutral": "neutral", "angry": "negative", "sad": "negative", "fear": "negative"}


class BadTable(ValueError):
    """Raised with every mistake of a table of reviews; nothing of it is to be stored."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("; ".join(mistakes[:5]))
        self.mistakes = list(mistakes)


@dataclass(frozen=True, slots=True)
class Example:
    """A text with the label that a person gave it."""

    text: str
    label: Label
    emotion: str | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class LabelAgreement:
    """The running model against people. `table[given][answered]`; what it left `uncertain` is in `uncertain` too."""

    model: str
    examples: int
    agreed: int
    uncertain: int
    unscored: int
    table: dict[Label, dict[Label, int]]

    def recall(self, label: Label) -> tuple[int, int]:
        """Return, of those that people gave the label, how many the model gave it too, and all."""
        return self.table[label][label], sum(self.table[label].values())

    def precision(self, label: Label) -> tuple[int, int]:
        """Return, of those that the model gave the label, how many people gave it too, and all."""
        return self.table[label][label], sum(row[label] for row in self.table.values())


def read_table(raw: bytes, now: datetime, by: str) -> list[PostLabel]:
    """Read the reviews of a CSV file with a header: `label` and `text` or `id`; `emotion` and `by` as far as known.

    In UTF-8 or as Excel writes it in China; labels by their key or Chinese name.
    """
    try:
        rows = csv.DictReader(StringIO(_decoded(raw), newline=""), strict=True)
        unknown = set(rows.fieldnames or ()) - set(COLUMNS)
        if unknown or "label" not in (rows.fieldnames or ()):
            raise BadTable(
                [f"line 1: the columns are {', '.join(COLUMNS)}; unknown: {', '.join(sorted(unknown)) or 'none'}"]
            )
        read = [(rows.line_num, _named(row)) for row in rows]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadTable([f"no CSV file in UTF-8 or GB 18030: {error}"]) from error
    mistakes = [f"line {line}: {wrong}" for line, row in read for wrong in _wrong(row)]
    if mistakes:
        raise BadTable(mistakes)
    return [_review(row, now, by) for _, row in read]


def examples(reviews: Iterable[PostLabel], reader: Reader) -> list[Example]:
    """Find the reviewed texts. A post that is gone, withheld or reads otherwise by now is left out.

    So is what somebody looked at and could not tell: that is no label.
    """
    reviews = [one for one in reviews if one.label in _LABELS]
    posts = {post.id: post for post in reader.get([one.post_id for one in reviews if one.post_id])}
    found = []
    for one in reviews:
        post = posts.get(one.post_id or "")
        if one.text is not None:
            found.append(Example(one.text, one.label, one.emotion, one.origin))
        elif post and one.content_hash in (None, post.content_hash) and (post.title or post.text):
            found.append(Example(own_words(post), one.label, one.emotion, one.origin))
    return found


def training_record(example: Example) -> dict[str, str | None]:
    """Write an example as the files of the training set have it."""
    return {"text": example.text, "emotion": example.emotion, "polarity": example.label.value, "source": "feedback"}


def compare_with_labels(given: Sequence[Example], scorer: Scorer) -> LabelAgreement:
    """Hold the model's answers against the people's."""
    answers = scorer.score([one.text for one in given])
    table = {label: dict.fromkeys((*_LABELS, Label.UNCERTAIN), 0) for label in _LABELS}
    scored = [(one, answer) for one, answer in zip(given, answers, strict=True) if isinstance(answer, Score)]
    for one, answer in scored:
        table[one.label][answer.label] += 1
    return LabelAgreement(
        model=scorer.name,
        examples=len(given),
        agreed=sum(one.label == answer.label for one, answer in scored),
        uncertain=sum(answer.label is Label.UNCERTAIN for _, answer in scored),
        unscored=len(given) - len(scored),
        table=table,
    )


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030")  # what Excel writes in China where nobody chooses


def _named(row: dict[str, str]) -> dict[str, str]:
    """Write the label by its key, and leave out the blanks that Excel keeps round a cell."""
    trimmed = {name: cell.strip() if isinstance(cell, str) else cell for name, cell in row.items()}
    label = trimmed.get("label")
    return trimmed | {"label": _NAMED.get(label, label)} if label else trimmed


def _wrong(row: dict[str, str]) -> Iterator[str]:
    if None in row:
        yield "more cells than columns: a text with commas stands in quotation marks"
    if row.get("label") not in _LABELS:
        yield f"label is {row.get('label')!r}: one of {', '.join(_LABELS)}"
    if bool(row.get("text")) == bool(row.get("id")):
        yield "give a text, or the id of an indexed post"
    emotion = row.get("emotion")
    if emotion and emotion not in EMOTIONS:
        yield f"emotion is {emotion!r}: one of {', '.join(EMOTIONS)}, or nothing"
    elif emotion and _POLARITY.get(emotion, row.get("label")) != row.get("label"):
        yield f"{emotion} is not {row.get('label')}"


def _review(row: dict[str, str], now: datetime, by: str) -> PostLabel:
    return PostLabel(
        label=Label(row["label"]),
        by=row.get("by") or by,
        at=now,
        origin=Origin.TABLE,
        emotion=row.get("emotion") or None,
        post_id=row.get("id") or None,
        text=row.get("text") or None,
    )
