"""The baselines beside the model, and what is kept of them between two evaluations."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="make test brings scikit-learn")

from nlp.scorer import EMOTIONS
from nlp.training.measure import classifiers as module
from nlp.training.measure.classifiers import (
    MAJORITY,
    REGRESSION,
    SNOWNLP,
    Predictions,
    baseline_predictions,
    kept,
)
from tests.nlp.training.toy import WORDS, tiny_settings, write_data

TEXTS = tuple(f"车间里大家都{word}" for word in WORDS.values())


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_data(tmp_path_factory.mktemp("classifiers") / "data")


def test_what_was_made_is_kept_with_the_time_it_took(tmp_path: Path) -> None:
    made = []

    def make() -> dict[str, Any]:
        made.append(1)
        return {"a": [1.0, 2.0], "b": 3}

    path = tmp_path / "folder" / "x.npz"
    first, second = kept(path, make), kept(path, make)
    assert len(made) == 1
    assert first["a"].tolist() == second["a"].tolist() == [1.0, 2.0]
    assert float(first["seconds"]) == float(second["seconds"]) >= 0
    assert [one.name for one in path.parent.iterdir()] == ["x.npz"]


def test_what_failed_is_not_kept(tmp_path: Path) -> None:
    def broken() -> dict[str, Any]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        kept(tmp_path / "x.npz", broken)
    assert kept(tmp_path / "x.npz", lambda: {"a": 1})["a"] == 1


def test_the_baselines_answer_every_text(data: Path, tmp_path: Path) -> None:
    found = baseline_predictions(tiny_settings(), data, TEXTS, tmp_path)
    assert {MAJORITY, REGRESSION} <= set(found.predictions)
    for given in found.predictions.values():
        assert given.polarity.shape == (len(TEXTS), 3)
        assert given.polarity.sum(1) == pytest.approx(1)
    regression = found.predictions[REGRESSION].emotion
    assert regression is not None
    assert regression.argmax(1).tolist() == list(range(6))
    assert found.about["strength"] in found.about["strengths"]


def test_the_majority_says_the_training_rows_shares_of_every_text(data: Path, tmp_path: Path) -> None:
    given = baseline_predictions(tiny_settings(), data, TEXTS, tmp_path).predictions[MAJORITY]
    assert given.emotion is not None
    assert given.emotion == pytest.approx(np.full((len(TEXTS), len(EMOTIONS)), 1 / 6))
    assert given.speed == np.inf


def test_snownlp_knows_no_neutral(data: Path, tmp_path: Path) -> None:
    pytest.importorskip("snownlp", reason="make test brings snownlp")
    given = baseline_predictions(tiny_settings(), data, TEXTS, tmp_path).predictions[SNOWNLP]
    assert given.emotion is None
    assert not given.polarity[:, 1].any()


def test_the_same_question_is_answered_from_the_cache_and_another_is_not(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = baseline_predictions(tiny_settings(), data, TEXTS, tmp_path)

    def never(*_words: object) -> object:
        raise AssertionError("fitted again")

    monkeypatch.setattr(module, "fit_baseline", never)
    again = baseline_predictions(tiny_settings(), data, TEXTS, tmp_path)
    assert np.array_equal(first.predictions[REGRESSION].polarity, again.predictions[REGRESSION].polarity)
    with pytest.raises(AssertionError, match="fitted again"):
        baseline_predictions(tiny_settings(), data, TEXTS[:3], tmp_path)


def test_a_part_keeps_what_belongs_together_and_what_is_missing_missing() -> None:
    polarity = np.arange(12.0).reshape(4, 3)
    whole = Predictions(polarity, 5.0, labelled=np.array([True, False, True, False]))
    few = whole.part(np.array([2, 0]))
    assert few.polarity.tolist() == [[6, 7, 8], [0, 1, 2]]
    assert few.labelled is not None
    assert few.labelled.tolist() == [True, True]
    assert (few.speed, few.emotion, few.uncalibrated, few.logits) == (5.0, None, None, None)
