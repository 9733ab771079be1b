"""What a model is evaluated on."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nlp.training.texts.data import (
    DEV_SETS,
    SENTENCES,
    corpus_texts,
    dev_rows,
    feedback_rows,
    training_rows,
    training_set,
)
from nlp.training.texts.evaluation_sets import (
    MOSTLY_NEUTRAL,
    POWER,
    SECTORS,
    EvaluationSet,
    evaluation_set,
    evaluation_sets,
    mostly_neutral,
    power_rows,
    together,
)
from tests.nlp.training.toy import PLACES, labelled, lines, polar, rows, write_data


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_data(tmp_path_factory.mktemp("sets") / "data")


def test_the_sets_are_the_dev_sets_and_our_own_sentences(data: Path) -> None:
    found = evaluation_sets(data)
    assert [one.name for one in found] == [*DEV_SETS, MOSTLY_NEUTRAL, POWER, SECTORS]
    assert [one.neutral for one in found] == [True, True, False, True, True, True]
    assert [len(one.kinds) for one in found] == [0, 0, 0, 0, 0, len(found[-1].texts)]
    assert all(len(one.texts) == len(one.emotion) == len(one.polarity) for one in found)


def test_a_class_is_its_place_and_what_is_unknown_is_minus_one() -> None:
    found = evaluation_set("made up", rows(labelled()[-2:] + polar()[:1]))
    assert found.emotion.tolist() == [5, 5, -1], "surprise, surprise, unknown"
    assert found.polarity.tolist() == [-1, -1, 2], "surprise has none; positive"


def test_three_in_five_of_what_is_mostly_neutral_are_and_the_rest_comes_from_everywhere() -> None:
    polarity = np.array([1] * 6 + [0, 2] * 50 + [-1] * 4)
    given = EvaluationSet("made up", tuple(map(str, range(110))), polarity, polarity, neutral=True)
    found = mostly_neutral(given)
    assert (found.polarity == 1).sum() == 6
    assert [int(text) for text in found.texts if int(text) > 5] == [6, 39, 72, 105]
    few = replace(given, texts=given.texts[:7], emotion=polarity[:7], polarity=polarity[:7])
    assert len(mostly_neutral(few).texts) == 7, "where there are too few others, all of them"


def test_several_sets_are_one_in_their_order(data: Path) -> None:
    parts = evaluation_sets(data)
    whole = together("all", parts)
    assert whole.texts == tuple(text for part in parts for text in part.texts)
    assert whole.polarity.tolist() == [place for part in parts for place in part.polarity]
    assert not whole.neutral, "one of them knows none"
    assert together("Weibo", parts[:2]).neutral


def test_our_own_sentences_all_have_words_and_an_emotion() -> None:
    found = power_rows()
    assert all(row is not None and row.emotion is not None for row in found)


def test_a_training_row_that_a_dev_set_has_or_nearly_has_is_cut_and_counted(tmp_path: Path) -> None:
    data = write_data(tmp_path / "data")
    kept = training_set(data).rows[0]
    near = training_set(data).counts["near a dev text"]
    dev = data / "sentiment" / "dev_smp_usual.jsonl"
    record = {"text": kept.text, "emotion": kept.emotion, "polarity": kept.polarity, "source": "smp_usual"}
    with dev.open("a", encoding="utf-8") as file:
        file.write(lines([record]))
    found = training_set(data)
    assert kept.text not in {row.text for row in found.rows}
    assert found.counts["in a dev set"] == 1
    assert found.counts["near a dev text"] >= near
    assert found.counts["read"] == sum(count for name, count in found.counts.items() if name != "read")


def test_rows_with_emotions_can_be_read_alone(data: Path) -> None:
    assert len(training_set(data, emotions_only=True).rows) == len(labelled())
    others = [row for row in training_rows(data) if row.source != SENTENCES]
    assert len(others) == len(labelled()) + len(PLACES)


def test_labels_by_people_are_learnt_but_for_dev_texts(data: Path, tmp_path: Path) -> None:
    dev = next(row for row in dev_rows(data, "usual") if row is not None)
    given = [
        {"text": "工地又停电了", "emotion": None, "polarity": "negative", "source": "feedback"},
        {"text": dev.text, "emotion": dev.emotion, "polarity": dev.polarity, "source": "feedback"},
        {"text": "...", "emotion": None, "polarity": "neutral", "source": "feedback"},
    ]
    path = tmp_path / "feedback.jsonl"
    path.write_text(lines(given), "utf-8")
    [row] = feedback_rows(path, data)
    assert (row.text, row.source) == ("工地又停电了", "feedback")
    assert row.among[1], "people could have said neutral"


def test_the_corpus_is_read_one_line_in_so_many(data: Path) -> None:
    whole, third = list(corpus_texts(data)), list(corpus_texts(data, every=3))
    assert third == whole[::3]
    assert all(text.endswith("大家都笑了") for text in whole)
