"""The contract of `Finder`, orders and conditions for a person who searches; every adapter passes the same body."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stream.errors import Rejected
from stream.index.order import rank
from stream.index.port import Counted, Order, Query
from stream.index.query import MAX_TOKENS
from stream.messages import Counts, Label, ScoredPost
from tests.stream.indices import Index
from tests.stream.scored import HOUR, NOON, SECOND, scored

RANKS = (Order.NEGATIVE, Order.REPLIES)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    """Rank, and read for want of a column, four posts only."""
    for module in ("sqlite.pages", "elastic.orders"):
        monkeypatch.setattr(f"stream.index.{module}.RANKED", 4)
    return 4


def valued(number: int, negative: float | None, replies: int | None, **changes: object) -> ScoredPost:
    at = NOON + number * HOUR
    return scored(number, at=at, negative=negative, counts=Counts(views=number, replies=replies), **changes)


def truth(posts: Iterable[ScoredPost], order: Order) -> list[str]:
    def key(post: ScoredPost) -> tuple[float, float, str]:
        value = post.negative if order is Order.NEGATIVE else post.counts.replies
        ranked = 0.0 if order is Order.NEWEST else rank(order, value)
        return -ranked, -post.charted_at.timestamp(), post.id

    return [post.native_id.removeprefix("pid:") for post in sorted(posts, key=key)]


# Orders


def test_the_most_negative_or_the_most_answered_come_first_and_what_has_no_value_last(index: Index) -> None:
    index.put(valued(1, 0.9, 3), valued(2, 0.95, None), valued(3, None, 12), valued(4, 0.1, 0), valued(5, 0.9, 3))
    assert index.found(order=Order.NEGATIVE) == ["2", "5", "1", "4", "3"]
    assert index.found(order=Order.REPLIES) == ["3", "5", "1", "4", "2"]
    assert index.found(order=Order.NEWEST) == ["5", "4", "3", "2", "1"]


def test_an_order_is_of_what_the_query_finds(index: Index) -> None:
    index.put(valued(1, 0.9, 3), valued(2, 0.95, 9, text="别的"), valued(3, 0.7, 4, site="weibo"))
    assert index.found("食品", Order.NEGATIVE) == ["1", "3"]
    assert index.found("食品 OR 别的", Order.REPLIES, sites=("bbs",)) == ["2", "1"]


@pytest.mark.parametrize("order", RANKS)
def test_pages_of_an_order_go_on_where_they_were_while_posts_arrive(index: Index, order: Order) -> None:
    index.put(*(valued(number, number / 10, number) for number in range(6)))
    first = index.reader.search(Query(), limit=2, order=order)
    index.put(valued(8, 0.9, 90), valued(9, 0.25, 2))
    index.writer.erase([first.posts[-1].id])
    second = index.reader.search(Query(), limit=9, after=first.after, order=order)
    assert [post.native_id[4:] for post in first.posts] == ["5", "4"]
    assert [post.native_id[4:] for post in second.posts] == ["3", "9", "2", "1", "0"]
    assert (second.after, second.ranked) == (None, None)
    assert index.reader.search(Query(), limit=0, order=order).posts == ()


@pytest.mark.parametrize("order", RANKS)
def test_an_order_ranks_the_newest_and_says_so_where_there_are_more(index: Index, few: int, order: Order) -> None:
    posts = [valued(number, 1 - number / 10, 20 - number) for number in range(6)]
    posts += [replace(valued(9, 0.0, 0), charted_at=posts[2].charted_at)]  # beside one, in the same moment
    index.put(*posts[2:6])
    assert index.reader.search(Query(), order=order).ranked is None
    index.put(*posts)
    newest = sorted(posts, key=lambda post: (-post.charted_at.timestamp(), post.id))[:few]
    page = index.reader.search(Query(), limit=3, order=order)
    assert page.ranked == few
    assert index.found(order=order) == truth(newest, order)
    assert index.reader.search(Query(), limit=3, after=page.after, order=order).ranked == few


@pytest.mark.parametrize(
    ("order", "mark"),
    [
        (Order.NEWEST, f"negative:0.5:1:{'0' * 32}"),
        (Order.NEGATIVE, f"1:{'0' * 32}"),
        (Order.NEGATIVE, f"replies:5.0:1:{'0' * 32}"),
        (Order.REPLIES, f"replies:x:1:{'0' * 32}"),
        (Order.REPLIES, f"replies:5.0:1:{'0' * 31}"),
        (Order.REPLIES, "replies:5.0"),
        (Order.NEGATIVE, f"negative:{'9' * 40}:1:{'0' * 32}"),
    ],
)
def test_a_mark_of_another_order_is_refused(index: Index, order: Order, mark: str) -> None:
    with pytest.raises(Rejected, match="first page"):
        index.reader.search(Query(), after=mark, order=order)


VALUED = st.builds(
    valued,
    st.integers(0, 9),
    st.none() | st.sampled_from([0.0, 0.1, 0.10000000001, 0.5, 1.0]) | st.floats(0, 1),
    st.none() | st.integers(0, 3) | st.just(2**53 - 1),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(posts=st.lists(VALUED, max_size=10))
def test_every_order_pages_through_every_post_once(index: Index, posts: list[ScoredPost]) -> None:
    index.put(*posts)
    held = list(index.reader.export(Query()))
    for order in Order:
        assert index.found(order=order) == truth(held, order)


# Conditions


def test_posts_are_found_by_board_by_counters_and_by_whether_anybody_is_named(index: Index) -> None:
    index.put(
        valued(1, 0.9, 3, board="市民之声"),
        valued(2, 0.9, None, board="水电", voice=None),
        valued(3, 0.9, 7, board=None),
        scored(4, at=NOON + 4 * HOUR, board="市民之声 ", counts=Counts()),
    )
    assert index.found(boards=("市民之声",)) == ["1"]
    assert index.found(boards=("市民之声", "水电")) == ["2", "1"]
    assert index.found(least_replies=3) == ["3", "1"]
    assert index.found(least_replies=0) == ["3", "1"]
    assert index.found(least_views=2) == ["3", "2"]
    assert index.found(least_views=2, least_replies=7, words="食品") == ["3"]
    assert (index.found(authorless=True), index.found(authorless=False)) == (["2"], ["4", "3", "1"])
    assert index.reader.count(Query(boards=("水电", "市民之声"), least_views=1)) == 2
    assert [post.native_id for post in index.reader.export(Query(least_replies=4))] == ["pid:3"]


def test_counters_that_grew_are_the_newest_ones(index: Index) -> None:
    index.put(valued(1, 0.9, 3, board="水电"))
    index.put(replace(valued(1, 0.2, 30, board="停水"), observed_at=NOON + 9 * HOUR))
    assert (index.found(least_replies=30), index.found(boards=("水电",)), index.found(boards=("停水",))) == (
        ["1"], [], ["1"],
    )  # fmt: skip


def test_what_is_rare_among_many_is_found_however_many_pages_it_takes(index: Index, few: int) -> None:
    rare = {3, 20, 21, 40}
    index.put(*(scored(n, at=NOON + n * HOUR / 4, board="水电" if n in rare else "其他") for n in range(50)))
    index.put(*(scored(100 + n, at=NOON + 3 * HOUR + n * SECOND) for n in range(few * 3)))  # more than are read at once
    assert index.found(boards=("水电",)) == ["40", "21", "20", "3"]
    assert index.reader.count(Query(boards=("水电",))) == 4


@pytest.mark.parametrize("join", [" ", " OR ", " -", " (", " 药 OR "])
def test_the_longest_query_is_answered(index: Index, join: str) -> None:
    words = [chr(0x4E00 + number) for number in range(MAX_TOKENS // 2)]
    index.put(scored(1, "，".join(words)), scored(2))
    typed = join.join(words)
    assert index.found(typed) == (["1"] if join != " -" else [])
    assert index.reader.count_up_to(Query(words=typed)).exact


# Counts


def test_counting_goes_no_further_than_asked(index: Index) -> None:
    index.put(*(scored(number, at=NOON + number * SECOND) for number in range(7)), scored(9, "别的"))
    assert index.reader.count_up_to(Query(words="食品")) == Counted(7, exact=True)
    assert index.reader.count_up_to(Query(words="食品"), 7) == Counted(7, exact=True)
    assert index.reader.count_up_to(Query(words="食品"), 6) == Counted(6, exact=False)
    assert index.reader.count_up_to(Query(words="地震")) == Counted(0, exact=True)
    assert index.reader.count_up_to(Query(labels=(Label.POSITIVE,)), 0) == Counted(0, exact=True)
    with pytest.raises(Rejected):
        index.reader.count_up_to(Query(words="？"))
