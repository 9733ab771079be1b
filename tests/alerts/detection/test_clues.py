"""What triggers are held against, read from a real index: few queries, only what is new, and nothing overlooked."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.detection.clues import OVERLAP, SWEEP, Clues
from alerts.detection.firing import fired
from alerts.detection.grades import Grade
from alerts.detection.triggers import (
    SPREAD_EVERY,
    CounterTrigger,
    CueTrigger,
    SiteCounter,
    SourceTrigger,
    SpreadTrigger,
    Trigger,
    UrgentTrigger,
)
from stream.index.port import Page, Query
from stream.index.sqlite.posts import SqliteIndexReader, SqliteIndexWriter
from stream.messages import Counts, Label, ScoredPost
from stream.topics import Mark, Rule, TopicsConfig, WatchedTopic

Write = Callable[..., ScoredPost]
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SAID: Any = {"grade": Grade.ORANGE, "source": "x"}
RULES = (Rule(any_of=("停电",)),)
TOPICS = TopicsConfig(
    topics={key: WatchedTopic(name=key, owner="dispatch", rules=RULES) for key in ("outage", "bill")},
    cues={"danger": Mark(name="险情", rules=RULES), "police": Mark(name="警情", rules=RULES)},
)
CUE = CueTrigger(when="cue", **SAID)
SOURCE = SourceTrigger(when="source", sources=("news",), **SAID)
SPREAD = SpreadTrigger(when="spread", **SAID)
COUNTER = CounterTrigger(when="counter", counter=SiteCounter.REPOSTS, at_least=500, **SAID)
URGENT = UrgentTrigger(when="urgent", sources=("box",), words=("受伤",), **SAID)


class Watched:
    """The reader, counting what it is asked."""

    def __init__(self, reader: SqliteIndexReader) -> None:
        self._reader = reader
        self.asked: list[Query] = []

    def search(self, query: Query, limit: int = 20, after: str | None = None) -> Page:
        self.asked.append(query)
        return self._reader.search(query, limit, after)

    def count(self, query: Query) -> int:
        self.asked.append(query)
        return self._reader.count(query)


@pytest.fixture
def reader(tmp_path: Path, index: SqliteIndexWriter) -> Iterator[Watched]:
    opened = SqliteIndexReader(tmp_path / "index.db")
    yield Watched(opened)
    opened.close()


def clues(reader: Watched, *rows: Trigger, topics: TopicsConfig = TOPICS) -> Clues:
    return Clues(reader, rows, topics)  # type: ignore[arg-type]  # the two methods it needs


def told(one: Clues, rows: list[Trigger], now: datetime, **how: bool) -> list[tuple[str, tuple[str, ...]]]:
    return [(found.topic, found.things) for found in fired(rows, one.gather(now, **how))]


def test_posts_of_all_topics_are_found_with_a_query_a_row(
    reader: Watched, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    rows: list[Trigger] = [CUE, SOURCE, COUNTER, URGENT]
    index.put([write(n, cues=("danger",), topics=("outage", "bill")) for n in (1, 2)])
    index.put([write(3, source="news"), write(4, "有人受伤", source="box", topics=("bill",))])
    index.put([write(5, counts=Counts(reposts=500)), *(write(n) for n in range(10, 40))])
    found = told(clues(reader, *rows), rows, now + MINUTE)
    assert sorted(topic for topic, _ in found) == ["bill", "bill", "outage", "outage", "outage"]
    assert len(reader.asked) == len(rows)


def test_rows_that_differ_in_their_number_alone_share_a_query(
    reader: Watched, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    rows: list[Trigger] = [COUNTER, replace(COUNTER, at_least=10_000)]
    index.put([write(1, counts=Counts(reposts=500)), write(2, counts=Counts(reposts=10_000))])
    assert [len(posts) for posts in clues(reader, *rows).gather(now).posts.values()] == [2, 1]
    assert len(reader.asked) == 1


def test_what_is_too_old_for_a_row_or_was_filled_in_later_is_not_found(
    reader: Watched, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    rows: list[Trigger] = [CUE, SOURCE]
    index.put([write(n, cues=("danger",), at=now - 2 * HOUR) for n in (1, 2)])
    index.put([write(n, cues=("danger",), source="news", counted_at=None) for n in (3, 4)])
    assert told(clues(reader, *rows), rows, now) == []


def test_a_day_without_a_time_counts_although_it_is_charted_at_its_beginning(
    reader: Watched, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    index.put([write(n, cues=("danger",), charted_at=now - 22 * HOUR, counted_at=now - MINUTE) for n in (1, 2)])
    assert told(clues(reader, CUE), [CUE], now) == [("outage", ("danger",))]


def test_without_danger_cues_in_topics_yml_nothing_is_asked(reader: Watched, now: datetime) -> None:
    bare = TopicsConfig(topics=TOPICS.topics)
    assert told(clues(reader, CUE, topics=bare), [CUE], now) == []
    assert reader.asked == []


def test_a_counter_that_grew_since_the_last_look_is_found(
    reader: Watched, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    one = clues(reader, COUNTER)
    index.put([write(1, at=now - DAY, counts=Counts(reposts=20))])
    assert told(one, [COUNTER], now) == []
    grown = write(1, at=now - DAY, observed_at=now + MINUTE, counts=Counts(reposts=700))
    index.put([grown])
    assert told(one, [COUNTER], now + 2 * MINUTE) == [("outage", (grown.id,))]
    assert reader.asked[0].observed_since is None
    assert reader.asked[1].observed_since == now - OVERLAP


def test_a_counter_that_was_scored_late_is_found_within_the_hour_or_when_all_is_read(
    reader: Watched, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    one = clues(reader, COUNTER)
    one.gather(now)
    late = write(1, at=now - DAY, observed_at=now - 3 * HOUR, counts=Counts(reposts=700))
    index.put([late])
    assert told(one, [COUNTER], now + MINUTE) == []
    assert told(one, [COUNTER], now + MINUTE, whole=True) == [("outage", (late.id,))]
    assert told(one, [COUNTER], now + 2 * MINUTE) == []
    assert told(one, [COUNTER], now + MINUTE + SWEEP) == [("outage", (late.id,))]


@pytest.mark.parametrize("known", [True, False])
def test_a_site_is_new_where_the_topic_was_not_on_it_in_the_days_before(
    reader: Watched, index: SqliteIndexWriter, write: Write, now: datetime, known: bool
) -> None:
    index.put([write(n, site=site) for n, site in enumerate(("bbs", "weibo", "tieba"))])
    index.put([write(n, site=site, at=now - 3 * DAY) for n, site in enumerate(("bbs", "weibo"), start=10)])
    index.put([write(20, site="tieba", at=now - (3 if known else 9) * DAY)])
    index.put([write(21, site="tieba", at=now - 3 * DAY, label=Label.NEUTRAL)])
    expected = [] if known else [("outage", ("tieba",))]
    assert told(clues(reader, SPREAD), [SPREAD], now + MINUTE) == expected


def test_sites_are_read_every_few_minutes_and_what_is_known_of_them_is_not_asked_twice_a_day(
    reader: Watched, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    index.put([write(n, site=site) for n, site in enumerate(("bbs", "weibo", "tieba"))])
    index.put([write(n, site=site, at=now - 3 * DAY) for n, site in enumerate(("bbs", "weibo"), start=10)])
    one = clues(reader, SPREAD)
    one.gather(now + MINUTE)
    assert len(reader.asked) == 1 + 3
    one.gather(now + 2 * MINUTE)
    assert len(reader.asked) == 4
    one.gather(now + MINUTE + SPREAD_EVERY)
    assert len(reader.asked) == 4 + 1 + 1  # what is new today may be known tomorrow
    one.gather(now + 18 * HOUR)
    assert len(reader.asked) == 6 + 1 + 3


def test_more_posts_than_one_look_reads_are_cut_to_the_newest(
    reader: Watched, index: SqliteIndexWriter, write: Write, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alerts.detection.clues.MOST", 20)
    monkeypatch.setattr("alerts.detection.clues.PAGE", 10)
    index.put([write(n, source="news", at=now - n * MINUTE) for n in range(50)])
    (found,) = fired([SOURCE], clues(reader, SOURCE).gather(now + MINUTE))
    assert (found.measured, found.latest) == (20, now)
