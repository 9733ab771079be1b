"""How far the embedded index reads for one page; what it promises is in tests/stream/index/test_port_finder.py."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from stream.index.port import Counted, Order, Query
from stream.index.sqlite.posts import SqliteIndexReader, SqliteIndexWriter
from stream.messages import Counts
from tests.stream.scored import HOUR, NOON, SECOND, scored

RARE = Query(boards=("水电",))


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqliteIndexReader]:
    """Thirty posts, one an hour, the oldest of a rare board; five are read for one page."""
    monkeypatch.setattr("stream.index.sqlite.pages.RANKED", 5)
    path = tmp_path / "index.db"
    with closing(SqliteIndexWriter(path)) as writer, closing(SqliteIndexReader(path)) as reader:
        posts = [scored(n, at=NOON + n * HOUR, board="其他", counts=Counts(replies=n)) for n in range(1, 30)]
        writer.put([scored(0, board="水电", counts=Counts(replies=99)), *posts])
        yield reader


def test_a_page_may_be_empty_and_lead_on(reader: SqliteIndexReader) -> None:
    pages, after = 0, None
    while True:
        page = reader.search(RARE, after=after)
        pages += 1
        if page.posts or page.after is None:
            break
        after = page.after
    assert [post.native_id for post in page.posts] == ["pid:0"]
    assert pages == 5  # an hour that was begun is read to its end
    last = reader.search(RARE, after=page.after)
    assert (last.posts, last.after) == ((), None)


def test_a_page_that_is_full_stops_at_its_last_post(reader: SqliteIndexReader) -> None:
    page = reader.search(Query(boards=("其他",)), limit=2)
    assert [post.native_id for post in page.posts] == ["pid:29", "pid:28"]
    again = reader.search(Query(boards=("其他",)), limit=9, after=page.after)
    assert [post.native_id for post in again.posts] == [f"pid:{n}" for n in (27, 26, 25, 24, 23)]
    assert again.after is not None


def test_an_order_without_a_column_for_its_condition_ranks_what_was_read(reader: SqliteIndexReader) -> None:
    page = reader.search(RARE, order=Order.REPLIES)
    assert (page.posts, page.after, page.ranked) == ((), None, 0)
    page = reader.search(Query(least_replies=28), order=Order.REPLIES)
    assert ([post.native_id for post in page.posts], page.ranked) == (["pid:29", "pid:28"], 2)


def test_a_count_that_read_no_further_says_so(reader: SqliteIndexReader) -> None:
    assert reader.count_up_to(RARE) == Counted(0, exact=False)
    assert reader.count_up_to(Query(boards=("水电",), charted_until=NOON + 2 * HOUR)) == Counted(1, exact=True)
    assert reader.count(RARE) == 1


def test_conditions_with_a_column_are_never_cut_short(reader: SqliteIndexReader) -> None:
    assert reader.count_up_to(Query(authorless=False)) == Counted(30, exact=True)
    assert len(reader.search(Query(words="食品 OR 药"), limit=40).posts) == 30


def test_an_hour_fuller_than_what_is_read_at_once_is_passed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stream.index.sqlite.pages.RANKED", 3)
    path = tmp_path / "index.db"
    with closing(SqliteIndexWriter(path)) as writer, closing(SqliteIndexReader(path)) as reader:
        writer.put([scored(n, at=NOON + n * SECOND, board="其他") for n in range(20)])
        writer.put([scored(77, at=NOON - SECOND, board="水电"), scored(78, at=NOON, board="水电")])
        first = reader.search(RARE)
        assert [post.native_id for post in first.posts] == ["pid:78"]
        assert first.after is not None
        assert [post.native_id for post in reader.search(RARE, after=first.after).posts] == ["pid:77"]
