"""Two hundred searches find the same posts in the same order on every engine, and those that stream/README.md says.

posts.txt: one made-up post a line; `\\n` and `\\u200b` are written out. queries.tsv: kind, tab, what is typed.
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from stream.index.elastic.posts import ElasticIndexReader, ElasticIndexWriter
from stream.index.port import Query, Reader
from stream.index.sqlite.posts import SqliteIndexReader, SqliteIndexWriter
from stream.messages import ScoredPost
from tests.stream.elastic import server
from tests.stream.scored import HOUR, NOON, scored
from tests.stream.truth import true_hits

HERE = Path(__file__).parent
KINDS = {
    "one character", "two characters", "phrase", "across punctuation", "quoted and several", "mixed width", "emoji",
    "rare Han", "other scripts", "English", "numbers",
}  # fmt: skip


def read_posts() -> list[ScoredPost]:
    """Every third with a title beside its text, some at the same time, the newest in no order of theirs."""
    lines = HERE.joinpath("posts.txt").read_text("utf-8").splitlines()
    lines = [line.replace("\\n", "\n").replace("\\u200b", "\u200b") for line in lines]
    return [
        scored(number, text, NOON + number * 7 % 23 * HOUR, title=lines[number - 5] if number % 3 == 0 else "")
        for number, text in enumerate(lines)
    ]


def read_queries() -> list[tuple[str, str]]:
    lines = HERE.joinpath("queries.tsv").read_text("utf-8").splitlines()
    return [(kind, typed) for kind, _, typed in (line.partition("\t") for line in lines)]


POSTS, QUERIES = read_posts(), read_queries()


@pytest.fixture(scope="module", params=["sqlite", "elastic"])
def reader(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    if request.param == "elastic":
        with server() as (client, names):
            ElasticIndexWriter(client, names).put(POSTS)
            client.indices.refresh()
            yield ElasticIndexReader(client, names)
        return
    path = tmp_path_factory.mktemp("index") / "index.db"
    with closing(SqliteIndexWriter(path)) as writer, closing(SqliteIndexReader(path)) as reader:
        writer.put(POSTS)
        yield reader


def test_there_are_two_hundred_of_every_kind() -> None:
    assert len(set(QUERIES)) == 200
    assert {kind for kind, _ in QUERIES} == KINDS


def test_most_of_them_find_something_and_some_nothing() -> None:
    hits = [len(true_hits(POSTS, typed)) for _, typed in QUERIES]
    assert sum(found > 0 for found in hits) >= 100
    assert sum(found == 0 for found in hits) >= 10


@pytest.mark.parametrize(("kind", "typed"), QUERIES, ids=[f"{kind}: {typed}" for kind, typed in QUERIES])
def test_a_search_finds_the_true_posts_in_their_order(reader: Reader, kind: str, typed: str) -> None:
    hits = reader.search(Query(words=typed), limit=100).posts
    assert [post.text for post in hits] == [post.text for post in true_hits(POSTS, typed)]
    assert reader.count(Query(words=typed)) == len(hits)
