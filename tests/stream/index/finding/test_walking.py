"""A walk is every page of a search, and no further than somebody goes."""

from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest

from stream.index.finding.walking import full_page, walk
from stream.index.port import Order, Page, Query
from stream.index.sqlite.posts import SqliteIndexReader, SqliteIndexWriter
from tests.stream.scored import NOON, SECOND, scored


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stream.index.finding.walking.CHUNK", 3)


class Counting(SqliteIndexReader):
    """Counts the pages it was asked for."""

    pages = 0

    def search(self, query: Query, limit: int = 20, after: str | None = None, order: Order = Order.NEWEST) -> Page:
        self.pages += 1
        return super().search(query, limit, after, order)


@pytest.mark.parametrize("order", [Order.NEWEST, Order.NEGATIVE])
def test_every_post_is_met_once_in_the_order(tmp_path: Path, order: Order) -> None:
    path = tmp_path / "index.db"
    with closing(SqliteIndexWriter(path)) as writer, closing(Counting(path)) as reader:
        writer.put([scored(n, at=NOON + n * SECOND, negative=n / 10) for n in range(7)])
        assert [post.native_id for post in walk(reader, Query(), order)] == [f"pid:{n}" for n in range(6, -1, -1)]
        assert reader.pages == 3
        assert len(list(islice(walk(reader, Query(), order), 4))) == 4
        assert reader.pages == 5


def test_pages_that_are_empty_do_not_end_a_walk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stream.index.sqlite.pages.RANKED", 2)
    path = tmp_path / "index.db"
    with closing(SqliteIndexWriter(path)) as writer, closing(SqliteIndexReader(path)) as reader:
        writer.put([scored(n, at=NOON + n * 3600 * SECOND, board="水电" if n in (0, 9) else None) for n in range(10)])
        rare = Query(boards=("水电",))
        assert [post.native_id for post in walk(reader, rare)] == ["pid:9", "pid:0"]
        assert len(reader.search(rare, 2).posts) == 1
        both = full_page(reader, rare, 2)
        assert ([post.native_id for post in both.posts], both.after) == (["pid:9", "pid:0"], None)
        one = full_page(reader, rare, 1)
        assert [post.native_id for post in full_page(reader, rare, 2, one.after).posts] == ["pid:0"]
        assert full_page(reader, Query(boards=("无",)), 2).posts == ()
