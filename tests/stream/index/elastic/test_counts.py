"""What only Elasticsearch can count wrongly: by estimates, page by page, while posts arrive."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from stream.index.elastic.posts import ElasticIndexReader, ElasticIndexWriter
from stream.index.elastic.schema import Names
from stream.index.port import Axis, Bucket, Query
from stream.messages import ScoredPost
from tests.stream.elastic import server
from tests.stream.scored import HOUR, NOON, scored

FIVE = (Axis.CHARTED, NOON, NOON + 5 * HOUR, HOUR)


@pytest.fixture
def place() -> Iterator[tuple[Elasticsearch, Names]]:
    with server() as found:
        yield found


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stream.index.elastic.counts.AT_ONCE", 3)


def put(place: tuple[Elasticsearch, Names], *posts: ScoredPost) -> None:
    client, names = place
    ElasticIndexWriter(client, names).put(posts)
    client.indices.refresh()


def some() -> list[ScoredPost]:
    """Ten an hour, of ten authors with ten texts; the even ones of one topic, the odd ones of two."""
    return [
        scored(n, f"{n % 11}", NOON + n * HOUR / 10, topics=("food", "price") if n % 2 else ("food",))
        for n in range(50)
    ]


def test_distinct_authors_and_texts_are_exact_where_estimates_are_not(place: tuple[Elasticsearch, Names]) -> None:
    put(place, *some())
    buckets = ElasticIndexReader(*place).histogram(Query(), *FIVE)
    assert buckets == [Bucket(NOON + n * HOUR, total=10, negative=10, authors=10, texts=10) for n in range(5)]


def test_a_tally_goes_on_over_its_pages_where_it_was(place: tuple[Elasticsearch, Names]) -> None:
    put(place, *some())
    told = ElasticIndexReader(*place).tally(Query(), *FIVE)
    assert told == {
        topic: [Bucket(NOON + n * HOUR, total=each, negative=each, authors=each, texts=each) for n in range(5)]
        for topic, each in (("food", 10), ("price", 5))
    }


def test_posts_that_arrive_between_two_pages_are_in_none_of_them(place: tuple[Elasticsearch, Names]) -> None:
    client, names = place
    put(place, *some()[:12])
    arriving = count(100)

    class Busy:
        """The server, while the index stage puts a post before each of our searches."""

        def __getattr__(self, name: str) -> Any:
            return getattr(client, name)

        def search(self, **asked: Any) -> Any:
            number = next(arriving)
            put(place, scored(number, f"{number}", NOON + timedelta(minutes=number % 300), topics=("food", "new")))
            return client.search(**asked)

    before = ElasticIndexReader(client, names).tally(Query(), *FIVE)
    during = ElasticIndexReader(Busy(), names).tally(Query(), *FIVE)  # type: ignore[arg-type]
    assert during == before
    assert next(arriving) > 105
    assert "new" in ElasticIndexReader(client, names).tally(Query(), *FIVE)


def test_an_hour_of_more_places_than_a_server_gives_at_once_is_counted(
    place: tuple[Elasticsearch, Names], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stream.index.elastic.counts.AT_ONCE", 10_000)
    topics = [tuple(f"t{n:02}-{at}" for at in range(60)) for n in range(4)]
    put(place, *(scored(n, at=NOON + n * HOUR / 300, topics=topics[n % 4]) for n in range(300)))
    told = ElasticIndexReader(*place).tally(Query(), Axis.COUNTED, NOON, NOON + HOUR, HOUR / 300)
    assert len(told) == 240
    assert sum(len(buckets) for buckets in told.values()) == 300 * 60  # in two pages
    assert all(len(buckets) == 75 and buckets[-1].authors == 1 for buckets in told.values())
