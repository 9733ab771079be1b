"""Two models as one scorer: a fast one for every post, a larger one beside it for the posts that matter.

What alarms are made of are posts that meet a topic, a tenth of a stream; the larger model costs several times the
processor time a post. So it reads of that tenth what the fast one is not sure of, less than half: were all of it read,
the dev sets' figures would stay within 0.002. What both have read has the answer of both: neither is better on every
kind of text.
"""

from collections.abc import Sequence
from dataclasses import astuple, replace

from nlp.inference.manifest import Larger
from nlp.inference.prediction import joined
from nlp.scorer import Score, Scorer, Unscored
from stream.messages import Emotion, Polarity


class CascadeScorer:
    """A Scorer over a fast and a larger one, whose answers are joined as `how` says.

    Of the texts to be read closely, with `everything` of all, the larger one reads those of which the fast one is not
    `sure`; and of the others those for whose likeliest polarity the fast one has a probability below `unsure`. A text
    on which one fails has the other's answer. The name says both, and every score has that name, whoever gave it.
    """

    def __init__(
        self, fast: Scorer, larger: Scorer, how: Larger, *, everything: bool = False, unsure: float = 0.0
    ) -> None:
        self.name = f"{fast.name}+{larger.name}"
        self._fast, self._larger, self._how = fast, larger, how
        self._everything, self._unsure = everything, unsure

    def score(self, texts: Sequence[str], closely: Sequence[bool] | None = None) -> list[Score | Unscored]:
        """Score as nlp.scorer.Scorer says."""
        answers = self._fast.score(texts)
        if self._everything or closely is None:
            closely = [True] * len(texts)
        near = [at for at, one in enumerate(answers) if self._reads_again(one, closely[at])]
        read = dict(zip(near, self._larger.score([texts[at] for at in near]), strict=True)) if near else {}
        scored = {at: one for at, one in read.items() if isinstance(one, Score)}
        both = {at: (one, best) for at, best in scored.items() if isinstance(one := answers[at], Score)}
        together = joined([one for one, _ in both.values()], [best for _, best in both.values()], self._how, self.name)
        taken = scored | dict(zip(both, together, strict=True))
        return [self._named(taken.get(at, one)) for at, one in enumerate(answers)]

    def _reads_again(self, answer: Score | Unscored, closely: bool) -> bool:
        if isinstance(answer, Unscored):
            return closely
        if closely:
            return answer.emotion is None or _likeliest(answer.emotion) < self._how.sure
        return _likeliest(answer.polarity) < self._unsure

    def _named(self, answer: Score | Unscored) -> Score | Unscored:
        return replace(answer, model=self.name) if isinstance(answer, Score) else answer


def _likeliest(chances: Emotion | Polarity) -> float:
    return float(max(astuple(chances)))
