"""The sentences written for this project: what their guideline promises of them."""

import json
from collections import Counter
from pathlib import Path

import nlp.training.texts
from nlp.training.texts.data import sentence_rows
from nlp.training.texts.duplicates import NearDuplicates

FOLDER = Path(nlp.training.texts.__file__).parent / "sentences"
RECORDS = [json.loads(line) for path in sorted(FOLDER.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]
ALWAYS = {
    "complaint": "negative", "danger": "negative", "worry": "negative", "rhetorical": "negative",
    "mockery": "negative", "unpraise": "negative", "question": "neutral", "notice": "neutral", "denial": "neutral",
    "clarification": "neutral", "statement": "neutral", "hope": "neutral", "praise": "positive", "thanks": "positive",
}  # fmt: skip


def test_there_are_three_thousand_by_several_hands_about_twelve_sectors_and_none_twice() -> None:
    assert len(RECORDS) > 3_000
    assert len({record["text"] for record in RECORDS}) == len(RECORDS)
    assert len({record["hand"] for record in RECORDS}) == 8
    by_sector = Counter(record["sector"] for record in RECORDS)
    assert len(by_sector) == 12
    assert min(by_sector.values()) > 250


def test_every_kind_has_the_label_that_the_guideline_gives_it() -> None:
    for record in RECORDS:
        wanted = ALWAYS.get(record["kind"])
        assert wanted in (None, record["polarity"]), record
    assert {record["kind"] for record in RECORDS} == {*ALWAYS, "negated", "mixed"}
    assert all(f"`{kind}`" in (FOLDER / "GUIDELINE.md").read_text("utf-8") for kind in ALWAYS)


def test_a_fifth_of_each_kind_is_held_back() -> None:
    every = Counter(record["kind"] for record in RECORDS)
    apart = Counter(record["kind"] for record in RECORDS if record["held_back"])
    assert all(0.17 < apart[kind] / count < 0.23 for kind, count in every.items())


def test_what_is_held_back_is_not_among_what_is_learnt() -> None:
    apart = {row.text for row, _ in sentence_rows(held_back=True)}
    learnt = [row.text for row, _ in sentence_rows(held_back=False)]
    assert apart.isdisjoint(learnt)
    near = NearDuplicates(apart)
    assert sum(near.near(text) for text in learnt) < 0.01 * len(learnt), "the few that are near are cut by training_set"
