"""The sentences written for this project: what their guideline promises of them."""

import json
from collections import Counter
from pathlib import Path

import nlp.training.texts
from nlp.training.texts.data import sentence_rows
from nlp.training.texts.duplicates import NearDuplicates
from nlp.training.texts.evaluation_sets import power_rows

FOLDER = Path(nlp.training.texts.__file__).parent / "sentences"
RECORDS = [json.loads(line) for path in sorted(FOLDER.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]
ALWAYS = {
    "complaint": "negative", "danger": "negative", "worry": "negative", "rhetorical": "negative",
    "mockery": "negative", "unpraise": "negative", "question": "neutral", "notice": "neutral", "denial": "neutral",
    "clarification": "neutral", "statement": "neutral", "hope": "neutral", "praise": "positive", "thanks": "positive",
}  # fmt: skip
MEASURED = {f"hand-{letter}" for letter in "abcdefgh"}  # whose sentences are held back in part
APART = "hand-o"  # whose are held back, all of them
ADDED = [record for record in RECORDS if record["hand"] not in MEASURED | {APART}]
FLAT = [record for record in ADDED if record["hand"] in {"hand-m", "hand-n"}]


def test_there_are_three_thousand_by_several_hands_about_twelve_sectors_and_none_twice() -> None:
    assert len(RECORDS) > 3_000
    assert len({record["text"] for record in RECORDS}) == len(RECORDS)
    assert len({record["hand"] for record in RECORDS}) == 17
    by_sector = Counter(record["sector"] for record in RECORDS)
    assert len(by_sector) == 12
    assert min(by_sector.values()) > 250


def test_every_kind_has_the_label_that_the_guideline_gives_it() -> None:
    for record in RECORDS:
        wanted = ALWAYS.get(record["kind"])
        assert wanted in (None, record["polarity"]), record
    assert {record["kind"] for record in RECORDS} == {*ALWAYS, "negated", "mixed"}
    assert all(f"`{kind}`" in (FOLDER / "GUIDELINE.md").read_text("utf-8") for kind in ALWAYS)


def test_a_fifth_of_each_kind_is_held_back_of_the_hands_that_are_measured() -> None:
    every = Counter(record["kind"] for record in RECORDS if record["hand"] in MEASURED)
    apart = Counter(record["kind"] for record in RECORDS if record["held_back"] and record["hand"] != APART)
    assert all(0.17 < apart[kind] / count < 0.23 for kind, count in every.items())
    assert sum(apart.values()) == 706, "what models were measured on stays as it was"
    assert not any(record["held_back"] for record in ADDED)
    assert all(record["held_back"] for record in RECORDS if record["hand"] == APART)


def test_flat_complaints_and_calm_claims_of_danger_stand_beside_their_likes_in_which_all_is_well() -> None:
    kinds = Counter(record["kind"] for record in FLAT)
    assert kinds["complaint"] >= 340
    assert kinds["danger"] >= 60
    assert sum(record["polarity"] == "neutral" for record in FLAT) >= 100
    apart = Counter(record["polarity"] for record in RECORDS if record["hand"] == APART)
    assert apart == {"negative": 40, "neutral": 20}


def test_what_was_added_is_of_the_kinds_read_worst_and_of_their_likes_with_the_other_label() -> None:
    kinds = Counter((record["kind"], record["polarity"]) for record in ADDED)
    assert kinds["praise", "positive"] >= 220
    assert kinds["negated", "positive"] + kinds["negated", "neutral"] >= 200
    assert kinds["mockery", "negative"] >= 180
    likes = len(ADDED) - len(FLAT) - sum(kinds[one] for one in kinds if one[0] in {"praise", "negated", "mockery"})
    assert likes >= 150
    assert min(Counter(record["sector"] for record in ADDED).values()) >= 55


def test_nothing_that_was_added_is_near_anything_that_was_there() -> None:
    before = NearDuplicates([record["text"] for record in RECORDS if record["hand"] in MEASURED])
    power = NearDuplicates([row.text for row in power_rows() if row is not None])
    assert [record["text"] for record in ADDED if before.near(record["text"]) or power.near(record["text"])] == []


def test_what_is_held_back_is_not_among_what_is_learnt() -> None:
    apart = {row.text for row, _ in sentence_rows(held_back=True)}
    learnt = [row.text for row, _ in sentence_rows(held_back=False)]
    assert apart.isdisjoint(learnt)
    near = NearDuplicates(apart)
    assert sum(near.near(text) for text in learnt) < 0.01 * len(learnt), "the few that are near are cut by training_set"
