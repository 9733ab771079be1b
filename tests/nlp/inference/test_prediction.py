"""From logits to probabilities and labels, on numbers small enough to reckon by hand."""

from math import exp
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nlp.inference.manifest import Manifest
from nlp.inference.prediction import (
    POLARITIES,
    emotion_probabilities,
    polarity_probabilities,
    predictions,
    probabilities,
)
from nlp.scorer import EMOTIONS
from stream.messages import Label

LOGITS = arrays(np.float32, st.tuples(st.integers(1, 5), st.just(6)), elements=st.floats(-80, 80, width=32))


def manifest(**changes: Any) -> Manifest:
    given: dict[str, Any] = {
        "name": "made-up",
        "version": "1",
        "labels": EMOTIONS,
        "positions": 16,
        "temperature": 1.0,
        "threshold": 0.5,
        "files": {},
        "canaries": (),
    }
    return Manifest(**given | changes)


def sure(emotion: str, by: float = 9.0) -> list[float]:
    return [by * (name == emotion) for name in EMOTIONS]


def test_the_softmax_of_two_logits_is_the_logistic_of_their_difference() -> None:
    [[first, second]] = emotion_probabilities(np.array([[1.0, -1.0]]), 1.0).tolist()
    assert first == pytest.approx(1 / (1 + exp(-2)))
    assert first + second == pytest.approx(1)


def test_a_temperature_divides_the_logits() -> None:
    logits = np.array([[3.0, 0.0, 1.0]])
    assert emotion_probabilities(logits, 2.0) == pytest.approx(emotion_probabilities(logits / 2, 1.0))
    assert emotion_probabilities(logits, 100.0).max() < 0.35, "hot: nearly even"
    assert emotion_probabilities(logits, 0.1).max() > 0.999, "cold: nearly certain"


def test_huge_logits_overflow_nowhere() -> None:
    assert emotion_probabilities(np.array([[1e4, -1e4, 0.0]], np.float32), 0.2).tolist() == [[1.0, 0.0, 0.0]]


@given(LOGITS, st.floats(0.2, 5.0))
def test_probabilities_are_between_zero_and_one_and_add_to_one(logits: np.ndarray, temperature: float) -> None:
    emotion, polarity = probabilities(logits, manifest(temperature=temperature))
    assert emotion is not None
    for each in (emotion, polarity):
        assert ((each >= 0) & (each <= 1)).all()
        assert each.sum(1) == pytest.approx(1)


@given(LOGITS, st.floats(-30, 30))
def test_adding_the_same_to_every_logit_changes_nothing(logits: np.ndarray, shift: float) -> None:
    exact = logits.astype(np.float64)
    assert emotion_probabilities(exact + shift, 1.0) == pytest.approx(emotion_probabilities(exact, 1.0), abs=1e-9)


@given(LOGITS, st.floats(0.2, 5.0), st.floats(0.2, 5.0))
def test_no_temperature_changes_which_emotion_is_likeliest(logits: np.ndarray, one: float, other: float) -> None:
    first, second = (emotion_probabilities(logits, each) for each in (one, other))
    assert np.take_along_axis(second, first.argmax(1)[:, None], 1)[:, 0] == pytest.approx(second.max(1))


def test_polarity_sums_the_emotions_and_leaves_surprise_out() -> None:
    emotion = np.array([[0.1, 0.2, 0.1, 0.05, 0.05, 0.5]])  # happy, neutral, angry, sad, fear, surprise
    assert polarity_probabilities(emotion)[0] == pytest.approx([0.4, 0.4, 0.2])


def test_pure_surprise_has_an_even_polarity_and_not_a_division_by_nothing() -> None:
    assert polarity_probabilities(np.array([[0.0, 0.0, 0.0, 0.0, 0.0, 1.0]]))[0] == pytest.approx([1 / 3] * 3)


@pytest.mark.parametrize(
    ("emotion", "label"),
    [
        ("happy", Label.POSITIVE),
        ("neutral", Label.NEUTRAL),
        ("angry", Label.NEGATIVE),
        ("sad", Label.NEGATIVE),
        ("fear", Label.NEGATIVE),
    ],
)
def test_a_sure_emotion_has_its_polaritys_label(emotion: str, label: Label) -> None:
    [score] = predictions(np.array([sure(emotion)]), manifest())
    assert score.label is label
    assert getattr(score.emotion, emotion) > 0.99


def test_a_label_needs_the_threshold_exactly() -> None:
    logits = np.array([sure("angry", 2.0)])
    [score] = predictions(logits, manifest())
    at = score.polarity.negative
    assert predictions(logits, manifest(threshold=at))[0].label is Label.NEGATIVE
    assert predictions(logits, manifest(threshold=at + 1e-9))[0].label is Label.UNCERTAIN


def test_a_score_names_its_model_and_repeats_the_negative_share() -> None:
    [score] = predictions(np.array([sure("sad")]), manifest(name="a", version="2"))
    assert score.model == "a@2"
    assert score.negative == score.polarity.negative
    assert score.passage is None


def test_a_head_with_the_emotions_in_another_order_says_the_same() -> None:
    order = [3, 5, 0, 1, 4, 2]
    logits = np.array([[0.3, -1.0, 2.0, 0.7, 0.1, -0.4]])
    ours = predictions(logits, manifest())
    theirs = predictions(logits[:, order], manifest(labels=tuple(EMOTIONS[place] for place in order)))
    assert theirs[0].polarity.negative == pytest.approx(ours[0].polarity.negative)
    assert ours[0].emotion is not None
    assert theirs[0].emotion is not None
    assert all(getattr(theirs[0].emotion, name) == pytest.approx(getattr(ours[0].emotion, name)) for name in EMOTIONS)


def test_several_labels_of_one_meaning_add_up() -> None:
    stars = manifest(labels=("negative", "negative", "neutral", "positive"), threshold=0.0)
    emotion, polarity = probabilities(np.zeros((1, 4)), stars)
    assert emotion is None
    assert polarity[0] == pytest.approx([0.5, 0.25, 0.25])


def test_a_head_of_polarities_leaves_emotion_empty() -> None:
    [score] = predictions(np.array([[0.0, 5.0]]), manifest(labels=("negative", "positive")))
    assert score.emotion is None
    assert (score.label, score.polarity.neutral) == (Label.POSITIVE, 0.0)


def test_no_rows_make_no_scores() -> None:
    assert predictions(np.zeros((0, 6)), manifest()) == []


def test_the_polarities_stand_in_the_order_that_every_matrix_has() -> None:
    assert POLARITIES == (Label.NEGATIVE, Label.NEUTRAL, Label.POSITIVE)
