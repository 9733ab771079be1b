"""Two scorers as one. The scorers here are real, small ones: they answer by a word, and say how sure they are."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.inference.cascade import CascadeScorer
from nlp.inference.crash_safe import CrashSafeScorer
from nlp.inference.manifest import Larger
from nlp.scorer import Score, Unscored
from stream.messages import Emotion, Label, Polarity

HOW = Larger(folder="larger", sure=1.01, share=1.0, temperature=1.0, threshold=0.5)
HALVES = Larger(folder="larger", sure=1.01, share=0.5, temperature=1.0, threshold=0.5)


class Noting:
    """Holds every text to be neutral with one probability, fails on 坏, and notes what it was given."""

    def __init__(self, name: str, sure: float, fails_on: str = "坏") -> None:
        self.name, self._sure, self._fails_on = name, sure, fails_on
        self.given: list[str] = []

    def score(self, texts: Sequence[str], closely: Sequence[bool] | None = None) -> list[Score | Unscored]:
        self.given += texts
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Score | Unscored:
        if not text or self._fails_on in text:
            return Unscored("failed" if text else "empty")
        rest = 1 - self._sure
        return Score(
            emotion=Emotion(happy=0, neutral=self._sure, angry=rest, sad=0, fear=0, surprise=0),
            polarity=Polarity(negative=rest, neutral=self._sure, positive=0),
            negative=rest,
            label=Label.NEUTRAL,
            model=self.name,
            passage=f"{self.name} read {text}",
            passed_on=text.startswith("//"),
        )


@pytest.fixture
def fast() -> Noting:
    return Noting("fast@1", 0.6, fails_on="糟")


@pytest.fixture
def larger() -> Noting:
    return Noting("larger@2", 0.9)


def sure_of(answers: Sequence[Score | Unscored]) -> list[float]:
    return [round(one.polarity.neutral, 4) if isinstance(one, Score) else 0.0 for one in answers]


def test_what_matters_is_read_by_both_and_the_rest_by_the_fast_one(fast: Noting, larger: Noting) -> None:
    answers = CascadeScorer(fast, larger, HOW).score(["甲", "乙", "丙"], [False, True, False])
    assert sure_of(answers) == [0.6, 0.9, 0.6]
    assert (fast.given, larger.given) == (["甲", "乙", "丙"], ["乙"])


def test_without_a_word_about_what_matters_all_is_read_closely(fast: Noting, larger: Noting) -> None:
    assert sure_of(CascadeScorer(fast, larger, HOW).score(["甲", "乙"])) == [0.9, 0.9]


def test_everything_is_read_closely_where_that_is_said(fast: Noting, larger: Noting) -> None:
    scorer = CascadeScorer(fast, larger, HOW, everything=True)
    assert sure_of(scorer.score(["甲", "乙"], [False, False])) == [0.9, 0.9]


def test_what_the_fast_one_is_unsure_of_is_read_again(fast: Noting, larger: Noting) -> None:
    assert sure_of(CascadeScorer(fast, larger, HOW, unsure=0.7).score(["甲"], [False])) == [0.9]
    assert sure_of(CascadeScorer(fast, larger, HOW, unsure=0.6).score(["甲"], [False])) == [0.6]


@pytest.mark.parametrize(("sure", "read"), [(0.6, 0.6), (0.61, 0.9)])
def test_of_what_matters_the_larger_one_reads_what_the_fast_one_is_not_sure_of(
    fast: Noting, larger: Noting, sure: float, read: float
) -> None:
    scorer = CascadeScorer(fast, larger, replace(HOW, sure=sure))
    assert sure_of(scorer.score(["甲", "乙"], [True, False])) == [read, 0.6]
    assert sure_of(scorer.score(["丙"])) == [read]


def test_the_answers_of_both_are_joined_by_their_share(fast: Noting, larger: Noting) -> None:
    [answer] = CascadeScorer(fast, larger, HALVES).score(["甲"])
    assert isinstance(answer, Score)
    odds = (0.6 / 0.4 * 0.9 / 0.1) ** 0.5
    assert answer.polarity.neutral == pytest.approx(odds / (1 + odds))
    assert answer.negative == answer.polarity.negative == pytest.approx(1 / (1 + odds))
    assert answer.emotion is not None
    assert answer.emotion.angry == pytest.approx(answer.negative)


@pytest.mark.parametrize(("threshold", "label"), [(0.75, Label.NEUTRAL), (0.8, Label.UNCERTAIN)])
def test_the_joint_answer_has_a_threshold_of_its_own(
    fast: Noting, larger: Noting, threshold: float, label: Label
) -> None:
    how = Larger(folder="larger", sure=1.01, share=0.5, temperature=1.0, threshold=threshold)
    assert [one.label for one in CascadeScorer(fast, larger, how).score(["甲"]) if isinstance(one, Score)] == [label]


def test_a_higher_temperature_makes_the_joint_answer_less_sure(fast: Noting, larger: Noting) -> None:
    warm = Larger(folder="larger", sure=1.01, share=1.0, temperature=2.0, threshold=0.5)
    [sure] = sure_of(CascadeScorer(fast, larger, warm).score(["甲"]))
    assert sure == pytest.approx(0.75, abs=1e-3)  # odds of 9, halved as a logarithm


def test_the_passage_and_the_forwarding_are_told_as_the_larger_one_read_them(fast: Noting, larger: Noting) -> None:
    [answer] = CascadeScorer(fast, larger, HALVES).score(["//甲"])
    assert isinstance(answer, Score)
    assert (answer.passage, answer.passed_on) == ("larger@2 read //甲", True)


def test_a_text_on_which_one_fails_has_the_others_answer(fast: Noting, larger: Noting) -> None:
    assert sure_of(CascadeScorer(fast, larger, HALVES).score(["坏", "糟", "甲"])) == [0.6, 0.9, 0.7861]


def test_a_text_that_neither_reads_says_why(fast: Noting, larger: Noting) -> None:
    assert CascadeScorer(fast, larger, HOW).score(["", "甲"], [True, False])[0] == Unscored("empty")


def test_every_score_has_the_name_of_both(fast: Noting, larger: Noting) -> None:
    scorer = CascadeScorer(fast, larger, HALVES)
    assert scorer.name == "fast@1+larger@2"
    answers = scorer.score(["甲", "乙", "坏", "糟"], [True, False, True, True])
    assert {one.model for one in answers if isinstance(one, Score)} == {scorer.name}


def test_nothing_is_answered_with_nothing(fast: Noting, larger: Noting) -> None:
    assert CascadeScorer(fast, larger, HOW).score([]) == []
    assert larger.given == []


@given(st.lists(st.tuples(st.sampled_from(["甲", "乙", "坏", "糟", ""]), st.booleans()), max_size=12))
def test_answers_come_in_the_order_of_the_texts_whoever_gave_them(asked: list[tuple[str, bool]]) -> None:
    scorer = CascadeScorer(Noting("fast@1", 0.6, fails_on="糟"), Noting("larger@2", 0.9), HOW)
    answers = scorer.score([text for text, _ in asked], [closely for _, closely in asked])
    alone = {"糟": 0.0, "": 0.0}
    closer = {"坏": 0.6, "": 0.0}
    assert sure_of(answers) == [closer.get(text, 0.9) if near else alone.get(text, 0.6) for text, near in asked]


def test_what_matters_is_known_through_smaller_batches_too(
    fast: Noting, larger: Noting, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("scoring")
    (folder / f"{2**22 + 1}.json").write_text('{"texts": 2, "alone": null, "deaths": {}}')
    careful = CrashSafeScorer(CascadeScorer(fast, larger, HOW), folder)
    assert sure_of(careful.score(["甲", "乙", "丙"], [False, True, False])) == [0.6, 0.9, 0.6]
    assert larger.given == ["乙"]
