"""Two models as one scorer: a fast one for every post, a larger one for the posts that matter.

What alarms are made of are posts that meet a topic, a tenth of a stream; the larger model costs several times the
processor time a post. So it reads that tenth, and what the fast one is less sure of than one likes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from nlp.scorer import Score, Scorer, Unscored


class CascadeScorer:
    """A Scorer over a fast and a larger one; its name says both, and every score has that name, whoever gave it.

    The larger one reads the texts to be read closely, and those for whose likeliest polarity the fast one has a
    probability below `unsure`. A text on which it fails has the fast one's answer.
    """

    def __init__(self, fast: Scorer, larger: Scorer, *, unsure: float = 0.0) -> None:
        self.name = f"{fast.name}+{larger.name}"
        self._fast, self._larger, self._unsure = fast, larger, unsure

    def score(self, texts: Sequence[str], closely: Sequence[bool] | None = None) -> list[Score | Unscored]:
        """Score as nlp.scorer.Scorer says."""
        found: dict[int, Score | Unscored] = {}
        near = [at for at in range(len(texts)) if closely is None or closely[at]]
        far = sorted(set(range(len(texts))) - set(near))
        found |= _by(self._fast, texts, far)
        near += [at for at in far if self._is_unsure(found[at])]
        read = _by(self._larger, texts, near)
        failed = [at for at, answer in read.items() if isinstance(answer, Unscored)]
        found |= read | _by(self._fast, texts, failed)
        return [self._named(found[at]) for at in range(len(texts))]

    def _is_unsure(self, answer: Score | Unscored) -> bool:
        if isinstance(answer, Unscored):
            return False
        polarity = answer.polarity
        return max(polarity.negative, polarity.neutral, polarity.positive) < self._unsure

    def _named(self, answer: Score | Unscored) -> Score | Unscored:
        return replace(answer, model=self.name) if isinstance(answer, Score) else answer


def _by(scorer: Scorer, texts: Sequence[str], places: Iterable[int]) -> dict[int, Score | Unscored]:
    """Score the texts at these places; the answers by place."""
    chosen = list(places)
    return dict(zip(chosen, scorer.score([texts[at] for at in chosen]), strict=True)) if chosen else {}
