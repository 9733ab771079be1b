"""What docs/分析员指南.md tells analysts is so: its queries are queries, and find what it says."""

from collections.abc import Iterator
from re import findall

import pytest
from elasticsearch import Elasticsearch

from scripts.kibana.mappings import mappings
from stream.index.elastic.posts import ElasticIndexWriter
from stream.index.elastic.schema import Names
from tests.scripts.kibana.kql import read, terms, to_elastic
from tests.scripts.kibana.objects import ROOT, objects
from tests.stream.elastic import server
from tests.stream.scored import scored

GUIDE = (ROOT / "docs" / "分析员指南.md").read_text("utf-8")
QUERIES = [one for one in findall(r"`([^`]+)`", GUIDE) if ": " in one and "kibana" not in one and "{" not in one]


def test_there_are_queries_in_the_guide() -> None:
    assert len(QUERIES) > 8


@pytest.mark.parametrize("query", [one for one in QUERIES if "i18n" not in one])
def test_a_query_of_the_guide_asks_fields_that_are_there(query: str) -> None:
    asked = {term.field for term in terms(read(query))}
    view = "cases" if asked == {"topic"} else "posts"
    assert asked <= mappings()[view].keys()


def test_the_guide_tells_of_every_dashboard() -> None:
    for one in objects():
        assert one.type != "dashboard" or f"**{one.title}**" in GUIDE


@pytest.fixture(scope="module")
def place() -> Iterator[tuple[Elasticsearch, Names]]:
    with server() as (client, names):
        texts = ("今天吃药", "食品安全问题", "安全食品", "停电了。大家别急", "停电了大家别急", "下载ＡＰＰ", "下载App")
        ElasticIndexWriter(client, names).put([scored(number, text) for number, text in enumerate(texts)])
        client.indices.refresh()
        yield client, names


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('text: "食品安全"', {"食品安全问题"}),
        ("text: 食品安全", {"食品安全问题", "安全食品"}),
        ('text: "药"', {"今天吃药"}),
        ('text: "停电了大家"', {"停电了。大家别急", "停电了大家别急"}),
        ('tokens.text: "停 电 了 大 家"', {"停电了大家别急"}),
        ('text: "app"', {"下载App"}),
    ],
)
def test_searches_find_what_the_guide_says(place: tuple[Elasticsearch, Names], query: str, found: set[str]) -> None:
    client, names = place
    hits = client.search(index=names.posts, query=to_elastic(read(query)), size=50).body["hits"]["hits"]
    assert {hit["_source"]["text"] for hit in hits} == found
