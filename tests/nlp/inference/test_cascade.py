"""Two scorers as one. The scorers here are real, small ones: they answer by a word, and say how sure they are."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.inference.cascade import CascadeScorer
from nlp.inference.crash_safe import CrashSafeScorer
from nlp.scorer import Score, Unscored
from stream.messages import Label, Polarity


class Noting:
    """Holds every text to be neutral with one probability, fails on 坏, and notes what it was given."""

    def __init__(self, name: str, sure: float) -> None:
        self.name, self._sure = name, sure
        self.given: list[str] = []

    def score(self, texts: Sequence[str], closely: Sequence[bool] | None = None) -> list[Score | Unscored]:
        self.given += texts
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Score | Unscored:
        if not text or "坏" in text:
            return Unscored("failed" if text else "empty")
        rest = (1 - self._sure) / 2
        polarity = Polarity(negative=rest, neutral=self._sure, positive=rest)
        return Score(emotion=None, polarity=polarity, negative=rest, label=Label.NEUTRAL, model=self.name)


class Sound(Noting):
    """Fails on nothing but the empty text."""

    def _one(self, text: str) -> Score | Unscored:
        return super()._one(text.replace("坏", "好"))


@pytest.fixture
def fast() -> Noting:
    return Sound("fast@1", 0.6)


@pytest.fixture
def larger() -> Noting:
    return Noting("larger@2", 0.9)


def sure_of(answers: Sequence[Score | Unscored]) -> list[float]:
    return [one.polarity.neutral if isinstance(one, Score) else 0.0 for one in answers]


def test_what_matters_is_read_by_the_larger_one_and_the_rest_by_the_fast_one(fast: Noting, larger: Noting) -> None:
    answers = CascadeScorer(fast, larger).score(["甲", "乙", "丙"], [False, True, False])
    assert sure_of(answers) == [0.6, 0.9, 0.6]
    assert (fast.given, larger.given) == (["甲", "丙"], ["乙"])


def test_without_a_word_about_what_matters_all_is_read_closely(fast: Noting, larger: Noting) -> None:
    assert sure_of(CascadeScorer(fast, larger).score(["甲", "乙"])) == [0.9, 0.9]
    assert fast.given == []


def test_what_the_fast_one_is_unsure_of_is_read_again(fast: Noting, larger: Noting) -> None:
    assert sure_of(CascadeScorer(fast, larger, unsure=0.7).score(["甲"], [False])) == [0.9]
    assert sure_of(CascadeScorer(fast, larger, unsure=0.6).score(["甲"], [False])) == [0.6]


def test_a_text_on_which_the_larger_one_fails_has_the_fast_ones_answer(fast: Noting, larger: Noting) -> None:
    assert sure_of(CascadeScorer(fast, larger).score(["坏", "甲"])) == [0.6, 0.9]


def test_a_text_that_neither_reads_says_why(fast: Noting, larger: Noting) -> None:
    assert CascadeScorer(fast, larger).score(["", "甲"], [True, False])[0] == Unscored("empty")


def test_every_score_has_the_name_of_both(fast: Noting, larger: Noting) -> None:
    scorer = CascadeScorer(fast, larger)
    assert scorer.name == "fast@1+larger@2"
    answers = scorer.score(["甲", "乙"], [True, False])
    assert {one.model for one in answers if isinstance(one, Score)} == {scorer.name}


def test_nothing_is_answered_with_nothing(fast: Noting, larger: Noting) -> None:
    assert CascadeScorer(fast, larger).score([]) == []
    assert (fast.given, larger.given) == ([], [])


@given(st.lists(st.tuples(st.sampled_from(["甲", "乙", "坏", ""]), st.booleans()), max_size=12))
def test_answers_come_in_the_order_of_the_texts_whoever_gave_them(asked: list[tuple[str, bool]]) -> None:
    scorer = CascadeScorer(Sound("fast@1", 0.6), Noting("larger@2", 0.9))
    answers = scorer.score([text for text, _ in asked], [closely for _, closely in asked])
    expected = [0.0 if not text else 0.9 if closely and text != "坏" else 0.6 for text, closely in asked]
    assert sure_of(answers) == expected


def test_what_matters_is_known_through_smaller_batches_too(
    fast: Noting, larger: Noting, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("scoring")
    (folder / f"{2**22 + 1}.json").write_text('{"texts": 2, "alone": null, "deaths": {}}')
    careful = CrashSafeScorer(CascadeScorer(fast, larger), folder)
    assert sure_of(careful.score(["甲", "乙", "丙"], [False, True, False])) == [0.6, 0.9, 0.6]
    assert larger.given == ["乙"]
