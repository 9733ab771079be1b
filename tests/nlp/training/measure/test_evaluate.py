"""How judges are measured, on answers made up for the purpose; the whole command runs in test_train."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="make test brings scikit-learn")
pytest.importorskip("transformers", reason="make test brings torch and transformers")

from nlp.inference.prediction import emotion_probabilities, polarity_probabilities
from nlp.scorer import EMOTIONS, Score, Unscored
from nlp.training.fit.calibration import Judged, fit_calibration
from nlp.training.measure.classifiers import Candidate, Predictions, calibrated, model_predictions
from nlp.training.measure.evaluate import accuracy_by_coverage, measure
from nlp.training.measure.report import comparison
from nlp.training.metrics import Figure, resamplings
from nlp.training.texts.data import as_row
from nlp.training.texts.evaluation_sets import EvaluationSet, evaluation_set, power_rows
from stream.messages import Emotion, Label, Polarity

TRUTH = np.array([0, 1, 2, 3, 4, 5] * 50)
POLARITY = np.array([2, 1, 0, 0, 0, -1] * 50)
ASKED = EvaluationSet("made up", ("",) * 300, TRUTH, POLARITY, neutral=True)


def judge(right: float, sharpness: float) -> Predictions:
    """Answers of which so many are right, all equally sure."""
    random = np.random.default_rng(1)
    chosen = np.where(random.random(300) < right, TRUTH, (TRUTH + 2) % 6)
    logits = np.eye(6)[chosen] * sharpness
    emotion = emotion_probabilities(logits, 1.0)
    return Predictions(polarity_probabilities(emotion), 100.0, emotion)


def test_a_judge_that_is_always_right_has_every_figure_at_its_best() -> None:
    answers = replace(judge(1.0, 20.0), labelled=np.arange(300) < 150)
    found = measure(ASKED, replace(answers, uncalibrated=answers.polarity), resamplings(300, 1, 50))
    assert {name: values[0] for name, values in found.items() if "F1" in name or name.startswith("negative")} == {
        "six-class F1": 1.0,
        "three-class F1": 1.0,
        "negative P": 1.0,
        "negative R": 1.0,
    }
    assert found["false alarms"][0] == 0.0
    assert found["ECE"][0] < 0.001
    assert found["labelled"][0] == pytest.approx(0.5)
    assert found["right of these"][0] == found["right of the rest"][0] == 1.0


def test_a_judge_too_sure_of_itself_is_put_right_by_calibration() -> None:
    raw = judge(0.7, 8.0)
    known = POLARITY >= 0
    some = np.ones(known.sum())
    mended = calibrated(
        raw, lambda logits: fit_calibration(Judged(logits[known], POLARITY[known], some > 0, some), 0.1)
    )
    found = measure(ASKED, mended, resamplings(300, 1, 50))
    assert found["ECE before"][0] > 0.15
    assert found["ECE"][0] < found["ECE before"][0]
    assert found["three-class F1"][0] == measure(ASKED, raw, resamplings(300, 1, 50))["three-class F1"][0]


def test_where_a_set_knows_no_neutral_the_likelier_of_the_other_two_is_the_answer() -> None:
    asked = EvaluationSet("chnsenticorp", ("", ""), np.array([-1, -1]), np.array([0, 2]), neutral=False)
    answers = Predictions(np.array([[0.2, 0.7, 0.1], [0.1, 0.7, 0.2]]), 1.0)
    found = measure(asked, answers, resamplings(2, 1, 10))
    assert "six-class F1" not in found
    assert found["three-class F1"][0] == found["accuracy"][0] == 1.0


def test_the_surest_answers_come_first() -> None:
    asked = EvaluationSet("made up", ("",) * 2, np.array([-1, -1]), np.array([0, 2]), neutral=True)
    answers = Predictions(np.array([[0.8, 0.1, 0.1], [0.5, 0.1, 0.4]]), 1.0)
    found = accuracy_by_coverage(asked, answers)
    assert (found[1.0], found[0.5]) == (0.5, 1.0)


class Canned:
    """A scorer that has its answers ready."""

    name = "canned@1"

    def __init__(self, answers: list[Score | Unscored]) -> None:
        self.answers = answers

    def score(self, texts: object, closely: object = None) -> list[Score | Unscored]:
        return self.answers


def test_the_logits_before_calibration_are_told_from_the_answers() -> None:
    logits = np.array([1.0, 0.5, 2.0, -1.0, 0.0, 0.3])
    emotion = emotion_probabilities(logits, 0.5)
    negative, neutral, positive = polarity_probabilities(emotion).tolist()
    score = Score(
        Emotion(**dict(zip(EMOTIONS, emotion.tolist(), strict=True))),
        Polarity(negative=negative, neutral=neutral, positive=positive),
        negative,
        Label.NEGATIVE,
        "canned@1",
    )
    found = model_predictions(Candidate(Canned([score, Unscored("empty")]), 0.5), ["a", ""])
    assert found.uncalibrated is not None
    assert found.labelled is not None
    assert found.uncalibrated[0] == pytest.approx(polarity_probabilities(emotion_probabilities(logits, 1.0)))
    assert found.polarity[1].tolist() == [0.0, 1.0, 0.0]
    assert found.labelled.tolist() == [True, False]


def test_a_checkpoint_without_emotions_is_measured_by_its_polarities() -> None:
    score = Score(None, Polarity(negative=0.9, neutral=0.0, positive=0.1), 0.9, Label.NEGATIVE, "canned@1")
    found = model_predictions(Candidate(Canned([score])), ["a"])
    assert found.emotion is None
    assert found.polarity.tolist() == [[0.9, 0.0, 0.1]]


def test_the_floor_is_beaten_only_where_the_whole_interval_is_above_zero() -> None:
    assert "the baseline is beaten" in comparison(Figure(0.02, 0.001, 0.04))
    assert "NOT SHOWN" in comparison(Figure(0.02, -0.001, 0.04))


def test_the_sentences_about_a_power_company_are_fifty_and_balanced() -> None:
    asked = evaluation_set("power company", power_rows())
    assert len(asked.texts) == len(set(asked.texts)) == 50
    counts = Counter(asked.emotion.tolist())
    assert set(counts) == set(range(6))
    assert max(counts.values()) - min(counts.values()) <= 3


def test_a_text_without_words_asks_nothing() -> None:
    rows = [as_row({"text": text, "emotion": "sad", "polarity": "negative"}, "smp_usual") for text in ("...", "难过")]
    assert evaluation_set("made up", rows).texts == ("难过",)
