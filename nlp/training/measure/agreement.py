"""Whether two scorers say the same: the share of equal labels, and how far apart they ever are."""

from collections.abc import Sequence
from dataclasses import dataclass

from nlp.scorer import Score, Scorer

ENOUGH = 6000  # texts: a tenth of real posts have no words of their own


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of `texts` that both scored: how many have one label, and the largest difference of `negative`."""

    texts: int
    same: int
    farthest: float

    def __str__(self) -> str:
        share = 100 * self.same / max(1, self.texts)
        return f"{share:.2f} % of {self.texts:,} labels equal, negative at most {self.farthest:.4f} apart"


def agreement(one: Scorer, other: Scorer, texts: Sequence[str]) -> Agreement:
    """Compare the two; a text that either leaves unscored counts only where the other scores it, as unequal."""
    pairs = [
        (mine, yours)
        for mine, yours in zip(one.score(texts), other.score(texts), strict=True)
        if isinstance(mine, Score) or isinstance(yours, Score)
    ]
    both = [(a, b) for a, b in pairs if isinstance(a, Score) and isinstance(b, Score)]
    same = sum(mine.label == yours.label for mine, yours in both)
    return Agreement(len(pairs), same, max((abs(mine.negative - yours.negative) for mine, yours in both), default=0.0))
