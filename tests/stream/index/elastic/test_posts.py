"""What only the Elasticsearch adapter can do wrong, on a real server; its promises: tests/stream/index/test_port.py."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from elasticsearch import Elasticsearch

from stream.errors import ConfigError, Retryable
from stream.index.elastic import schema as elastic_schema
from stream.index.elastic.bulk import IndexGone
from stream.index.elastic.posts import ElasticIndexReader, ElasticIndexWriter
from stream.index.elastic.rows import PostDocument, prepare
from stream.index.elastic.schema import Names
from stream.index.elastic.server import connect, refuse_version
from stream.index.elastic.versions import ElasticIndexAdmin, ElasticNextIndex, copy, outdated
from stream.index.port import WITHHELD_AFTER, Axis, Outcome, Query
from tests.stream.elastic import server
from tests.stream.scored import HOUR, NOON, SECOND, scored


@pytest.fixture
def place() -> Iterator[tuple[Elasticsearch, Names]]:
    with server() as found:
        yield found


def found(client: Elasticsearch, names: Names, query: Query = Query()) -> list[str]:  # noqa: B008
    client.indices.refresh()
    return [post.native_id for post in ElasticIndexReader(client, names).search(query).posts]


def test_a_post_lies_in_the_month_it_was_first_seen_in(place: tuple[Elasticsearch, Names]) -> None:
    client, names = place
    writer = ElasticIndexWriter(client, names)
    late = scored(1, first_seen_at=NOON.replace(month=10, day=31, hour=23))
    writer.put([late, scored(2), replace(late, observed_at=NOON + 99 * 24 * HOUR)])
    client.indices.refresh()
    assert client.count(index=f"{names.posts}-2026.10").body["count"] == 1
    assert client.count(index=f"{names.posts}-2026.09").body["count"] == 1


def test_indices_are_made_by_us_alone(place: tuple[Elasticsearch, Names]) -> None:
    client, names = place
    ElasticIndexWriter(client, names)
    answer = client.options(ignore_status=404).index(index=f"{names.posts}-2031.01", document={})
    assert answer.meta.status == 404


def test_an_index_removed_by_somebody_else_stops_the_stage(place: tuple[Elasticsearch, Names]) -> None:
    client, names = place
    writer = ElasticIndexWriter(client, names)
    writer.put([scored(1)])
    client.indices.delete(index=f"{names.posts}-2026.09")
    with pytest.raises(IndexGone):
        writer.put([scored(2)])


def test_a_missing_alias_makes_readers_wait_and_not_count_nothing(place: tuple[Elasticsearch, Names]) -> None:
    with pytest.raises(Retryable, match="index stage"):
        ElasticIndexReader(*place).count(Query())
    for counts in (ElasticIndexReader(*place).histogram, ElasticIndexReader(*place).tally):
        with pytest.raises(Retryable, match="index stage"):
            counts(Query(), Axis.COUNTED, NOON, NOON + HOUR, HOUR)


def test_an_index_that_takes_no_writes_is_waited_for_and_nothing_is_refused(place: tuple[Elasticsearch, Names]) -> None:
    client, names = place
    writer = ElasticIndexWriter(client, names)
    writer.put([scored(1)])
    month = f"{names.posts}-2026.09"
    client.indices.put_settings(index=month, settings={"index.blocks.write": True})
    with pytest.raises(Retryable, match="takes no writes") as blocked:
        writer.put([scored(2)])
    assert blocked.value.after >= 60
    client.indices.put_settings(index=month, settings={"index.blocks.write": None})
    assert [put.outcome for put in writer.put([scored(2)])] == [Outcome.INDEXED]


def test_a_post_the_mapping_refuses_is_refused_alone_with_the_engines_words(
    place: tuple[Elasticsearch, Names],
) -> None:
    good, bad = ElasticIndexWriter(*place).put([scored(1), scored(2, board="长" * 20_000)])
    assert (good.outcome, bad.outcome) == (Outcome.INDEXED, Outcome.REFUSED)
    assert "32766" in bad.detail


def test_a_post_erased_while_it_is_put_does_not_return(place: tuple[Elasticsearch, Names]) -> None:
    client, names = place
    writer, other = ElasticIndexWriter(client, names), ElasticIndexWriter(client, names)
    writer.put([scored(1)])
    asked = writer._erased([scored(1).id])  # the answer is on its way when somebody else erases
    assert not asked
    assert other.erase([scored(1).id]) == 1
    assert [put.outcome for put in writer._put_once([later(1)])] == [Outcome.STALE]
    assert found(client, names) == []


def later(number: int) -> PostDocument:
    return prepare(scored(number, observed_at=NOON + HOUR))


def test_a_newer_mapping_takes_over_all_posts_while_the_writer_waits(
    place: tuple[Elasticsearch, Names], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, names = place
    writer = ElasticIndexWriter(client, names)
    gone = scored(3, deleted_at=NOON)
    writer.put([scored(1), scored(2, at=NOON + 40 * 24 * HOUR), gone])
    client.indices.refresh()
    writer.withhold(NOON + WITHHELD_AFTER)
    newer = {"program": "wenfeng", "schema": elastic_schema.SCHEMA + 1}
    monkeypatch.setitem(elastic_schema.MAPPING, "_meta", newer)
    assert outdated(client, names)
    version = ElasticNextIndex(client, names)
    version.hold()
    with pytest.raises(Retryable, match="takes no writes"):
        writer.put([scored(4)])
    assert copy(client, names, version, NOON + WITHHELD_AFTER) == 3
    assert [put.outcome for put in writer.put([scored(4), gone])] == [Outcome.INDEXED] * 2
    assert not outdated(client, names)
    assert sorted(found(client, names)) == ["pid:1", "pid:2", "pid:3", "pid:4"]
    assert sorted(found(client, names, Query(words="食品"))) == ["pid:1", "pid:2", "pid:4"]
    assert set(client.indices.get_alias(name=names.posts).body) == {
        f"{names.posts}-{month}-v2" for month in ("1970.01", "2026.09", "2026.10")
    }


def test_indices_of_another_version_are_refused_with_a_remedy(
    place: tuple[Elasticsearch, Names], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, names = place
    ElasticIndexWriter(client, names)
    monkeypatch.setattr("stream.index.elastic.months.SCHEMA", elastic_schema.SCHEMA + 1)
    with pytest.raises(ConfigError, match="index migrate"):
        ElasticIndexWriter(client, names)


def test_indices_of_somebody_else_are_refused(place: tuple[Elasticsearch, Names]) -> None:
    client, names = place
    client.indices.create(index=f"{names.posts}-ours")
    with pytest.raises(ConfigError, match="not of this program"):
        ElasticIndexWriter(client, names)


def test_a_wrong_address_is_one_sentence() -> None:
    with pytest.raises(Retryable, match="is it running"):
        connect("http://127.0.0.1:9")
    with pytest.raises(ConfigError, match="no such host"):
        connect("http://nobody.invalid:9200")
    with pytest.raises(ConfigError, match="http"):
        connect("127.0.0.1:9200")


@pytest.mark.parametrize("version", ["7.17.29", "8.13.4", "10.0.0", "?"])
def test_a_server_of_another_time_is_refused(version: str) -> None:
    with pytest.raises(ConfigError, match=r"8\.14"):
        refuse_version(version, "http://somewhere:9200")
    refuse_version("9.5.3", "http://somewhere:9200")


def test_a_long_page_is_read_in_parts(place: tuple[Elasticsearch, Names], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stream.index.elastic.posts.AT_ONCE", 4)
    client, names = place
    ElasticIndexWriter(client, names).put([scored(n, at=NOON + n * SECOND) for n in range(11)])
    client.indices.refresh()
    page = ElasticIndexReader(client, names).search(Query(), limit=9)
    assert [post.native_id for post in page.posts] == [f"pid:{n}" for n in range(10, 1, -1)]
    assert page.after is not None
    assert len(ElasticIndexReader(client, names).search(Query(), limit=9, after=page.after).posts) == 2


def test_kibana_users_find_single_characters_and_exact_phrases(place: tuple[Elasticsearch, Names]) -> None:
    client, names = place
    texts = ("今天吃药", "食品安全问题", "安全食品", "品食")
    ElasticIndexWriter(client, names).put([scored(n, text) for n, text in enumerate(texts)])
    client.indices.refresh()

    def kibana(words: str) -> list[str]:
        query = {"match_phrase": {"text": words}}
        return [hit["_source"]["text"] for hit in client.search(index=names.posts, query=query).body["hits"]["hits"]]

    assert (kibana("药"), kibana("食品安全"), kibana("安全食品")) == ([texts[0]], [texts[1]], [texts[2]])


def test_months_past_their_time_are_removed_whole_and_the_alias_stays(place: tuple[Elasticsearch, Names]) -> None:
    client, names = place
    writer, care = ElasticIndexWriter(client, names), ElasticIndexAdmin(client, names)
    writer.put([scored(month, at=NOON.replace(month=month)) for month in (7, 9, 12)])
    assert care.expire(NOON) == [f"{names.posts}-2026.07"]
    assert found(client, names) == ["pid:12", "pid:9"]
    assert care.expire(NOON.replace(year=2027)) == [f"{names.posts}-2026.09", f"{names.posts}-2026.12"]
    assert found(client, names) == []
