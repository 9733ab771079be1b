"""Rows of alerts.yml that wait for something else than counts: read strictly, with the key of every mistake."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter
from yaml import safe_dump, safe_load

from alerts.config import AlertsConfig
from alerts.detection.grades import Grade
from alerts.detection.triggers import (
    CounterTrigger,
    CueTrigger,
    SiteCounter,
    SourceTrigger,
    SpreadTrigger,
    Trigger,
    TriggerRow,
    UrgentTrigger,
    never_fires,
    unknown_names,
    unknown_sources,
)
from stream.errors import ConfigError
from stream.messages import Label
from stream.process.configuration import Configuration

CONFIGS = Path(__file__).parents[3] / "configs"
SAID = {"grade": "orange", "source": "x"}
HOUR = timedelta(hours=1)
ROWS: TypeAdapter[tuple[Trigger, ...]] = TypeAdapter(tuple[TriggerRow, ...])


def rows(*raw: dict[str, Any]) -> tuple[Trigger, ...]:
    return ROWS.validate_python([SAID | one for one in raw])


def mistakes(place: Path, *raw: object) -> str:
    whole = safe_load((CONFIGS / "example" / "alerts.yml").read_text("utf-8")) | {"triggers": list(raw)}
    (place / "alerts.yml").write_text(safe_dump(whole, allow_unicode=True), "utf-8")
    with pytest.raises(ConfigError) as caught:
        Configuration(place, {}).add("alerts.yml", AlertsConfig)()
    return str(caught.value)


def test_each_kind_is_told_by_when_and_knows_its_defaults() -> None:
    assert rows(
        {"when": "cue"},
        {"when": "source", "sources": ["city-news"]},
        {"when": "spread"},
        {"when": "counter", "counter": "reposts", "at_least": 500},
        {"when": "urgent", "sources": ["box"]},
    ) == (
        CueTrigger(when="cue", authors=2, within=HOUR, grade=Grade.ORANGE, source="x"),
        SourceTrigger(
            when="source", sources=("city-news",), called="权威媒体", labels=(Label.NEGATIVE,), within=24 * HOUR,
            grade=Grade.ORANGE, source="x",
        ),
        SpreadTrigger(
            when="spread", sites=3, negatives=3, within=24 * HOUR, before=168 * HOUR, grade=Grade.ORANGE, source="x"
        ),
        CounterTrigger(
            when="counter", counter=SiteCounter.REPOSTS, at_least=500, within=72 * HOUR, grade=Grade.ORANGE, source="x"
        ),
        UrgentTrigger(when="urgent", sources=("box",), words=(), within=24 * HOUR, grade=Grade.ORANGE, source="x"),
    )  # fmt: skip


def test_a_row_is_remembered_by_what_would_make_it_another_row() -> None:
    keys = [
        one.key
        for one in rows(
            {"when": "cue", "authors": 2}, {"when": "cue", "authors": 5}, {"when": "source", "sources": ["a"]},
            {"when": "source", "sources": ["a"], "labels": []}, {"when": "spread", "sites": 4},
            {"when": "counter", "counter": "views", "at_least": 5000}, {"when": "urgent", "sources": ["a"]},
        )
    ]  # fmt: skip
    assert keys == ["cue:2", "cue:5", "source:negative", "source", "spread:4", "counter:views:5000", "urgent"]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({**SAID, "when": "cue", "authors": 0}, "triggers.0.cue.authors: Input should be greater than or equal to 1"),
        ({**SAID, "when": "cue", "author": 2}, "triggers.0.cue.author: unknown key"),
        ({**SAID, "when": "cue", "within": "0s"}, "triggers.0.cue.within: "),
        ({**SAID, "when": "cue", "within": "90d"}, "triggers.0.cue.within: "),
        ({"when": "cue", "grade": "orange"}, "triggers.0.cue.source: "),
        ({"when": "cue", "grade": "purple", "source": "x"}, "triggers.0.cue.grade: "),
        ({**SAID, "when": "source", "sources": []}, "triggers.0.source.sources: "),
        ({**SAID, "when": "spread", "sites": 1}, "triggers.0.spread.sites: "),
        ({**SAID, "when": "counter", "counter": "shares", "at_least": 1}, "triggers.0.counter.counter: "),
        ({**SAID, "when": "counter", "counter": "views"}, "triggers.0.counter.at_least: "),
        ({**SAID, "when": "hand"}, "triggers.0: no row waits for 'hand': write when: one of cue, source, spread"),
        (SAID, "triggers.0: no row waits for None: write when: one of cue, source, spread, counter, urgent"),
        ("cue", "triggers.0: write the keys of the row: when, grade, source"),
    ],
)
def test_a_wrong_row_is_told_with_its_key(tmp_path: Path, raw: object, words: str) -> None:
    assert f"alerts.yml: {words}" in mistakes(tmp_path, raw)


def test_all_mistakes_of_all_rows_are_told_at_once(tmp_path: Path) -> None:
    told = mistakes(tmp_path, {**SAID, "when": "cue", "authors": 0}, {**SAID, "when": "spread", "sites": "many"})
    assert "triggers.0.cue.authors" in told
    assert "triggers.1.spread.sites" in told


def test_topics_and_cues_that_are_not_there_are_named_with_those_that_are() -> None:
    named = rows(
        {"when": "cue", "cues": ["danger", "denger"]},
        {"when": "spread", "topics": ["outage", "outrage"]},
        {"when": "urgent", "sources": ["box"], "otherwise": "gone"},
        {"when": "urgent", "sources": ["box"], "otherwise": "outage"},
    )
    assert list(unknown_names(named, ["outage"], ["danger"])) == [
        ("triggers.0.cues", "topics.yml has no cue 'denger'; known: danger"),
        ("triggers.1.topics", "topics.yml has no topic 'outrage'; known: outage"),
        ("triggers.2.otherwise", "topics.yml has no topic 'gone'; known: outage"),
    ]
    assert [words for _, words in unknown_names(named[:1], [], [])] == [
        "topics.yml has no cue 'danger'; known: none", "topics.yml has no cue 'denger'; known: none",
    ]  # fmt: skip


def test_sources_that_are_not_there_are_named_of_the_rows_that_name_any() -> None:
    named = rows({"when": "cue"}, {"when": "source", "sources": ["news", "nws"]}, {"when": "urgent", "sources": ["bx"]})
    assert list(unknown_sources(named, ["news", "box"])) == [
        ("triggers.1.sources", "nws"),
        ("triggers.2.sources", "bx"),
    ]


@pytest.mark.parametrize("folder", [CONFIGS, CONFIGS / "example"], ids=["minimum", "example"])
def test_the_shipped_rows_say_where_each_number_comes_from(folder: Path) -> None:
    shipped = Configuration(folder, {}).add("alerts.yml", AlertsConfig)().triggers
    assert [one.key for one in shipped] == [
        "cue:2", "spread:3", "counter:reposts:500", "counter:reposts:10000", "counter:views:100000",
    ]  # fmt: skip
    assert all(any("一" <= letter <= "鿿" for letter in one.source) for one in shipped), "staff read them in letters"


def test_the_rows_shipped_as_comments_are_right_too() -> None:
    text = (CONFIGS / "alerts.yml").read_text("utf-8")
    lines = [line.strip().removeprefix("# - ") for line in text.splitlines() if "# - {when:" in line]
    assert [one.when for one in ROWS.validate_python([safe_load(line) for line in lines])] == ["source", "urgent"]


def test_a_row_that_nothing_can_make_fire_is_told_with_why() -> None:
    found = rows(
        {"when": "cue"},
        {"when": "cue", "cues": ["danger"], "authors": 20_001},
        {"when": "spread", "within": "5m", "sites": 30_000},
        {"when": "source", "sources": ["news", "blog"]},
        {"when": "urgent", "sources": ["box"]},
        {"when": "counter", "counter": "views", "at_least": 1, "within": "59m"},
    )
    assert list(never_fires(found, (), {"box"}, HOUR)) == [
        ("triggers.0", "waits for a cue, and topics.yml has none: it never fires"),
        ("triggers.1.authors", "20001 are more than the 20000 posts that are read for a row: it never fires"),
        ("triggers.2.sites", "30000 are more than the 20000 posts that are read for a row: it never fires"),
        (
            "triggers.2.within",
            "0:05:00 is shorter than the 1:00:00 between two looks: the rest is not looked at",
        ),
        ("triggers.4.sources", "crawlers.yml has box switched off: it never fires"),
        (
            "triggers.5.within",
            "0:59:00 is shorter than the 1:00:00 between two looks: the rest is not looked at",
        ),
    ]
    assert [key for key, _ in never_fires(found, ("danger",), {"news", "blog"}, timedelta(seconds=30))] == [
        "triggers.1.authors", "triggers.2.sites", "triggers.2.within", "triggers.3.sources",
    ]  # fmt: skip
