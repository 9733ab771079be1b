"""The promises of the events' index, kept by every adapter: one body, all engines."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from elasticsearch import Elasticsearch

from stream.codec import CASE_EVENTS, STAGE_HEALTH
from stream.errors import ConfigError
from stream.index.elastic.events import ElasticEventReader, ElasticEventWriter, _has_template, series
from stream.index.elastic.schema import Names
from stream.index.events import EventReader, EventWriter
from stream.index.port import Outcome
from stream.index.sqlite.events import SqliteEventReader, SqliteEventWriter
from stream.index.sqlite.posts import SqliteIndexReader
from stream.messages import CaseEvent, StageHealth
from tests.stream.elastic import server
from tests.stream.scored import HOUR, NOON
from tests.stream.told import beat, happened


@dataclass
class Place:
    writer: EventWriter
    reader: EventReader
    refresh: Callable[[], object]

    def put(self, *events: CaseEvent | StageHealth) -> list[Outcome]:
        puts = self.writer.put(events)
        self.refresh()
        return [put.outcome for put in puts]

    def told(self) -> tuple[list[CaseEvent], list[CaseEvent], list[StageHealth]]:
        reader = self.reader
        return list(reader.cases()), list(reader.history()), list(reader.health(NOON - 999 * HOUR))


@pytest.fixture(params=["sqlite", "elastic"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with ExitStack() as stack:
        if request.param == "sqlite":
            writer: EventWriter = stack.enter_context(closing(SqliteEventWriter(tmp_path / "index.db")))
            yield Place(writer, stack.enter_context(closing(SqliteEventReader(tmp_path / "index.db"))), lambda: None)
            return
        client, names = stack.enter_context(server())
        yield Place(ElasticEventWriter(client, names), ElasticEventReader(client, names), client.indices.refresh)


def test_nothing_is_told_of_an_empty_index(place: Place) -> None:
    assert place.told() == ([], [], [])


def test_a_case_stands_as_after_its_last_event_and_each_event_is_kept(place: Place) -> None:
    first = happened(1, 1)
    last = happened(1, 2, grade="red", first_word_at=NOON, first_word_met=True, limit=60.0, late=True)
    other = happened(2, 1, opened_at=NOON + HOUR, at=NOON + HOUR, verdict="属实")
    assert place.put(first, last, other) == [Outcome.INDEXED] * 3
    assert place.told() == ([other, last], [first, last, other], [])


def test_redelivery_in_any_order_changes_nothing(place: Place) -> None:
    events = [happened(case, number) for case in (1, 2, 3) for number in range(1, 8)] + [beat(n) for n in range(20)]
    place.put(*events)
    before = place.told()
    shuffled = events * 2
    Random(7).shuffle(shuffled)
    for event in shuffled:
        assert place.writer.put([event])[0].outcome in (Outcome.INDEXED, Outcome.STALE)
    place.refresh()
    assert place.told() == before
    assert [len(some) for some in before] == [3, 21, 20]


def test_an_event_that_comes_before_its_forerunner_stays_the_last(place: Place) -> None:
    place.put(happened(1, 3, stage="tracking"))
    place.put(happened(1, 2, stage="guiding"), happened(1, 1))
    cases, history, _ = place.told()
    assert ([case.stage for case in cases], len(history)) == (["tracking"], 3)


def test_health_is_told_since_a_time_in_order(place: Place) -> None:
    crawl = beat(5, "crawl", source="townhall", state="ok", lag=None)
    place.put(beat(7), crawl, beat(3))
    assert [one.at for one in place.reader.health(NOON)] == [NOON + timedelta(minutes=n) for n in (3, 5, 7)]
    assert list(place.reader.health(NOON + timedelta(minutes=6))) == [beat(7)]
    assert next(iter(place.reader.health(NOON + timedelta(minutes=4)))) == crawl


def test_old_health_goes_and_cases_stay(place: Place) -> None:
    old = replace(beat(1), id="0" * 32, at=NOON - timedelta(days=70))
    place.put(old, beat(1), happened(1, 1, at=NOON - timedelta(days=70), opened_at=NOON - timedelta(days=70)))
    assert place.writer.expire(NOON) == 1
    place.refresh()
    cases, history, health = place.told()
    assert (len(cases), len(history), health) == (1, 1, [beat(1)])
    assert place.put(old) == [Outcome.INDEXED]


def test_a_record_from_before_a_field_was_told_is_read(place: Place) -> None:
    told = CASE_EVENTS.encode(happened(1, 1)).decode()
    for field in ("spent", "limit", "met", "missed_by", "outcome", "first_word_met", "ended_after"):
        told = told.replace(f',"{field}":null', "")
    place.put(CASE_EVENTS.decode(told.encode()))
    assert place.told()[0] == [happened(1, 1)]
    beaten = STAGE_HEALTH.encode(beat(1)).replace(b',"source":null,"state":null', b"")
    assert STAGE_HEALTH.decode(beaten) == beat(1)


def test_the_posts_of_an_embedded_index_do_not_mind(tmp_path: Path) -> None:
    with closing(SqliteIndexReader(tmp_path / "index.db")) as posts:
        with closing(SqliteEventWriter(tmp_path / "index.db")) as writer:
            writer.put([beat(1)])
        assert posts.get(["0" * 32]) == []
    with closing(SqliteIndexReader(tmp_path / "index.db")):
        pass


@pytest.fixture
def on_elastic() -> Iterator[tuple[Elasticsearch, Names]]:
    with server() as found:
        yield found


def test_mappings_are_strict_and_grow_by_fields(on_elastic: tuple[Elasticsearch, Names]) -> None:
    client, names = on_elastic
    cases = series(names)[0]
    ElasticEventWriter(client, names).put([happened(1, 1)])
    smaller = {key: value for key, value in cases.properties.items() if key not in ("missed_by", "topics")}
    client.indices.delete_index_template(name=cases.alias)
    older = {**cases.mapping, "properties": smaller}
    client.indices.create(index=f"{cases.alias}-2026.07", mappings=older, aliases={cases.alias: {}})
    ElasticEventWriter(client, names)
    for held in client.indices.get_mapping(index=f"{cases.alias}-*").body.values():
        assert held["mappings"]["dynamic"] == "strict"
        assert held["mappings"]["properties"].keys() == cases.properties.keys()
    assert client.options(ignore_status=404).index(index=f"{cases.alias}-2031.01", document={}).meta.status == 404


def test_every_field_that_is_told_has_its_place(on_elastic: tuple[Elasticsearch, Names]) -> None:
    cases, history, health = series(on_elastic[1])
    assert cases.properties.keys() == history.properties.keys()
    assert cases.properties.keys() - {"topics"} == set(CaseEvent.__dataclass_fields__)
    assert health.properties.keys() == set(StageHealth.__dataclass_fields__)


def test_a_case_is_found_by_the_name_that_posts_give_their_topics(on_elastic: tuple[Elasticsearch, Names]) -> None:
    client, names = on_elastic
    ElasticEventWriter(client, names).put([happened(1, 1, topic="outage"), happened(2, 1, topic="rumour")])
    client.indices.refresh()
    for one in series(names)[:2]:
        hits = client.search(index=one.alias, query={"match_phrase": {"topics": "outage"}}).body["hits"]["hits"]
        assert [hit["_source"]["case_id"] for hit in hits] == [1]
        assert "topics" not in hits[0]["_source"]


def test_the_template_is_written_where_it_is_missing_or_older_only(on_elastic: tuple[Elasticsearch, Names]) -> None:
    client, names = on_elastic
    cases = series(names)[0]
    assert not _has_template(client, cases)
    ElasticEventWriter(client, names)
    assert _has_template(client, cases)
    assert not _has_template(client, replace(cases, properties={**cases.properties, "more": {"type": "keyword"}}))


def test_indices_of_somebody_else_are_refused(on_elastic: tuple[Elasticsearch, Names]) -> None:
    client, names = on_elastic
    client.indices.create(index=f"{series(names)[2].alias}-ours")
    with pytest.raises(ConfigError, match="not of this program"):
        ElasticEventWriter(client, names)
