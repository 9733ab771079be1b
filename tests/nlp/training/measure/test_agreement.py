"""Whether two scorers say the same."""

from collections.abc import Sequence

from nlp.scorer import Score, Unscored
from nlp.training.measure.agreement import agreement
from stream.messages import Label, Polarity


class Marked:
    """Reads its answer from the text's n-th character: 坏 negative, 好 positive, everything else unread."""

    def __init__(self, place: int, negative: float = 0.9) -> None:
        self.name, self.place, self.negative = f"marked@{place}", place, negative

    def score(self, texts: Sequence[str], closely: Sequence[bool] | None = None) -> list[Score | Unscored]:
        return [self._one(text[self.place]) for text in texts]

    def _one(self, mark: str) -> Score | Unscored:
        if mark not in "好坏":
            return Unscored("failed")
        negative = self.negative if mark == "坏" else 1 - self.negative
        polarity = Polarity(negative=negative, neutral=0.0, positive=1 - negative)
        return Score(None, polarity, negative, Label.NEGATIVE if mark == "坏" else Label.POSITIVE, self.name)


def test_a_scorer_agrees_with_itself() -> None:
    found = agreement(Marked(0), Marked(0), ["好", "坏", "坏"])
    assert (found.texts, found.same, found.farthest) == (3, 3, 0.0)
    assert str(found) == "100.00 % of 3 labels equal, negative at most 0.0000 apart"


def test_other_labels_and_the_largest_difference_are_told() -> None:
    found = agreement(Marked(0, 0.9), Marked(1, 0.8), ["坏坏", "坏好", "好好", "好好"])
    assert (found.texts, found.same) == (4, 3)
    assert round(found.farthest, 6) == 0.7


def test_what_one_leaves_unscored_is_unequal_and_what_both_do_is_not_counted() -> None:
    found = agreement(Marked(0), Marked(1), ["坏?", "?坏", "??", "坏坏"])
    assert (found.texts, found.same) == (3, 1)


def test_nothing_to_compare_is_no_division_by_nothing() -> None:
    assert str(agreement(Marked(0), Marked(0), [])) == "0.00 % of 0 labels equal, negative at most 0.0000 apart"
