"""The scorer port: texts in, what each feels like out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from stream.messages import Emotion, Label, Polarity

EMOTIONS = ("happy", "neutral", "angry", "sad", "fear", "surprise")  # the order of the model's head


@dataclass(frozen=True, slots=True)
class Score:
    """What a text feels like. `emotion` is None where the checkpoint knows only polarity; `negative` is calibrated.

    `passage` is the most negative window of a text that was read in several, normalised. `passed_on`: the text has no
    words of its own, what was scored are the first words that it forwards.
    """

    emotion: Emotion | None
    polarity: Polarity
    negative: float
    label: Label
    model: str
    passage: str | None = None
    passed_on: bool = False


@dataclass(frozen=True, slots=True)
class Unscored:
    """Why a text has no score: `empty` or `repost` (nlp.text.Unfit), `failed` or `killed` (nlp.inference)."""

    reason: str


class Scorer(Protocol):
    """Scores texts with one model.

    The answer has one entry per text, in the order given, whatever the texts are: none of them raises, none changes
    its neighbours' scores beyond the rounding of the arithmetic. Texts are raw: the scorer normalises them itself
    with nlp.text.readable. A text longer than the model reads is scored by windows, pooled to one answer that
    names the most negative of them. `name` is `name@version`, the same in every Score.

    `closely` says, text by text, which of them matter: a scorer of several models reads those by its best. Without it
    all of them do.
    """

    name: str

    def score(self, texts: Sequence[str], closely: Sequence[bool] | None = None) -> list[Score | Unscored]: ...
