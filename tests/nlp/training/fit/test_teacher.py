"""Soft labels: each row's by a teacher that has not seen it, within what the row's own label leaves open."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="make test brings scikit-learn")

from nlp.scorer import EMOTIONS, Score, Unscored
from nlp.training.fit import teacher
from nlp.training.fit.teacher import (
    SHORTEST,
    ensemble_labels,
    fit_teacher,
    out_of_fold_labels,
    predict,
    write_soft_labels,
)
from nlp.training.texts.data import training_rows
from stream.messages import Emotion, Label, Polarity
from tests.nlp.training.toy import WORDS, labelled, one_hot, polar, rows, tiny_settings, write_data

SETTINGS = tiny_settings()
HAPPY = EMOTIONS.index("happy")


class Certain:
    """A scorer that is sure of one emotion, and can read nothing with 坏."""

    def __init__(self, emotion: str) -> None:
        self.name, self.emotion = f"{emotion}@1", emotion

    def score(self, texts: Sequence[str], closely: Sequence[bool] | None = None) -> list[Score | Unscored]:
        felt = Emotion(**dict(zip(EMOTIONS, one_hot(self.emotion), strict=True)))
        polarity = Polarity(negative=1.0, neutral=0.0, positive=0.0)
        score = Score(felt, polarity, 1.0, Label.NEGATIVE, self.name)
        return [Unscored("failed") if "坏" in text else score for text in texts]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_data(tmp_path_factory.mktemp("teacher") / "data")


def test_the_regression_tells_emotions_by_their_words() -> None:
    found = predict(fit_teacher(rows(labelled()), SETTINGS.teacher), [f"大家都{word}" for word in WORDS.values()])
    assert found.argmax(1).tolist() == list(range(6))
    assert found.sum(1) == pytest.approx(1, abs=1e-5)


def test_an_emotion_that_the_teacher_never_saw_has_no_probability() -> None:
    found = predict(fit_teacher(rows(labelled())[:48], SETTINGS.teacher), ["大家都开心"])
    assert found.shape == (1, 6)
    assert found[0, 3:].tolist() == [0, 0, 0]


def test_no_row_is_labelled_by_a_regression_that_saw_it() -> None:
    """One row carries its label in a word of its own, three times over: seen, it would be known for certain."""
    known = rows(labelled())
    odd = replace(known[0], text="罕见罕见罕见", emotion="fear", allowed=known[-20].allowed)
    soft = out_of_fold_labels([*known, odd], SETTINGS)
    seen = predict(fit_teacher([*known, odd, odd], SETTINGS.teacher), [odd.text])
    assert seen[0, EMOTIONS.index("fear")] > 0.6
    assert soft[-1, EMOTIONS.index("fear")] < 0.4


def test_several_models_label_by_their_mean_and_what_none_reads_is_even() -> None:
    found = ensemble_labels([Certain("happy"), Certain("sad")], ["好", "坏"])
    assert found[0].tolist() == [0.5, 0, 0, 0.5, 0, 0]
    assert found[1] == pytest.approx([1 / 6] * 6)


def test_labelling_tells_how_far_it_is_and_keeps_the_order_of_the_texts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(teacher, "AT_ONCE", 2)
    found = ensemble_labels([Certain("happy")], ["好", "坏", "好"])
    assert found[:, 0].tolist() == [1, pytest.approx(1 / 6), 1]
    assert "labelling by " in capsys.readouterr().err


def test_soft_labels_are_one_a_row_and_one_a_post(data: Path, tmp_path: Path) -> None:
    write_soft_labels(SETTINGS, data, tmp_path / "out")
    soft, posts = np.load(tmp_path / "out" / "rows.npy"), np.load(tmp_path / "out" / "posts.npy")
    texts = json.loads((tmp_path / "out" / "posts.json").read_text("utf-8"))
    assert len(soft) == len(training_rows(data))
    assert soft.sum(1) == pytest.approx(1, abs=1e-4)
    assert len(posts) == len(texts) <= SETTINGS.teacher.posts
    assert all(len(text) >= SHORTEST for text in texts)


def test_what_knows_a_polarity_is_labelled_within_it(data: Path, tmp_path: Path) -> None:
    write_soft_labels(SETTINGS, data, tmp_path / "out", [Certain("sad")])
    soft = np.load(tmp_path / "out" / "rows.npy")
    positive = [index for index, row in enumerate(training_rows(data)) if row.source == "waimai_10k"]
    assert len(positive) == len(polar())
    assert soft[positive, HAPPY] == pytest.approx(1, abs=1e-4), "positive rows stay happy, whoever says sad"


def test_models_label_every_row_that_training_takes_and_none_beside(data: Path, tmp_path: Path) -> None:
    few = replace(SETTINGS, finetuning=replace(SETTINGS.finetuning, most=3))
    write_soft_labels(few, data, tmp_path, [Certain("surprise")])
    soft, known = np.load(tmp_path / "rows.npy"), training_rows(data)
    reviews = [index for index, row in enumerate(known) if row.source == "waimai_10k"]
    assert (soft[reviews].sum(1) > 0).sum() == 3, "the others are not learnt from, so nobody asks for them"
    emotions = [index for index, row in enumerate(known) if row.emotion]
    assert soft[emotions, EMOTIONS.index("surprise")] == pytest.approx(1)
    assert np.load(tmp_path / "posts.npy")[:, EMOTIONS.index("surprise")] == pytest.approx(1)


def test_without_models_the_regression_labels_all(data: Path, tmp_path: Path) -> None:
    write_soft_labels(SETTINGS, data, tmp_path)
    assert np.load(tmp_path / "posts.npy")[:, EMOTIONS.index("surprise")].mean() < 0.5
    assert np.load(tmp_path / "rows.npy").sum(1) == pytest.approx(1, abs=1e-4)
