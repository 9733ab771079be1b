"""What training takes from the data: on the real data where WENFENG_SHARED holds it."""

import os
from pathlib import Path

import pytest

from nlp.training.texts.data import as_row, at_most_per_source, dev_rows, training_set
from nlp.training.texts.duplicates import NearDuplicates
from tests.nlp.training.toy import rows

needs_data = pytest.mark.skipif(
    "WENFENG_SHARED" not in os.environ, reason="WENFENG_SHARED names no folder of shared data"
)
EVERYTHING = (True,) * 6


def test_an_emotion_is_the_only_one_allowed_among_all() -> None:
    row = as_row({"text": "气死我了", "emotion": "angry", "polarity": "negative"}, "smp_usual")
    assert row is not None
    assert row.allowed == (False, False, True, False, False, False)
    assert row.among == EVERYTHING


def test_a_polarity_leaves_its_emotions_open() -> None:
    row = as_row({"text": "车不错", "emotion": None, "polarity": "negative"}, "car_ccf2018")
    assert row is not None
    assert row.allowed == (False, False, True, True, True, False)
    assert row.among == (True, True, True, True, True, False)


def test_a_source_without_neutral_says_nothing_of_neutral() -> None:
    row = as_row({"text": "好吃", "emotion": None, "polarity": "positive"}, "waimai_10k")
    assert row is not None
    assert row.among == (True, False, True, True, True, False)


def test_a_repost_is_learnt_by_what_it_passes_on() -> None:
    row = as_row({"text": "//@某人:气死我了", "emotion": "angry", "polarity": "negative"}, "smp_virus")
    assert row is not None
    assert row.text == "// 气死我了"
    assert not row.scored


def test_a_text_without_words_is_left_out() -> None:
    assert as_row({"text": "...", "emotion": "sad", "polarity": "negative"}, "smp_virus") is None


def test_a_source_of_polarities_gives_as_many_rows_as_are_said_for_it_and_emotions_are_all_taken() -> None:
    sources = ["smp_usual", "waimai_10k", "chnsenticorp"]
    records = [
        {"text": f"第{number}句不错", "emotion": "happy" if source == "smp_usual" else None, "polarity": "positive"}
        | {"source": source}
        for number in range(9)
        for source in sources
    ]
    given = rows(records)
    for other, expected in ({}, [9, 3, 3]), ({"chnsenticorp": 7}, [9, 3, 7]), ({"chnsenticorp": 0}, [9, 3, 0]):
        kept = at_most_per_source(given, 3, 1, other)
        assert kept == sorted(kept)
        assert [sum(given[at].source == source for at in kept) for source in sources] == expected


@needs_data
def test_no_dev_text_and_nothing_near_one_is_trained_on() -> None:
    data = Path(os.environ["WENFENG_SHARED"]) / "data"
    held_out = {row.text for name in ("usual", "virus", "chnsenticorp") for row in dev_rows(data, name) if row}
    found = training_set(data, emotions_only=True)
    assert held_out.isdisjoint(row.text for row in found.rows)
    near = NearDuplicates(held_out)
    assert not any(near.near(row.text) for row in found.rows[:500])
    assert 30_000 < found.counts["kept"] == len(found.rows)
    assert found.counts["near a dev text"] > 0
    assert found.counts["read"] == sum(count for name, count in found.counts.items() if name != "read")
