from hypothesis import given
from hypothesis import strategies as st

from stream.log.brokers.sqlite.group import Member, Moves, View, moves, shares


def member(number: int, *topics: str) -> Member:
    return Member(number, frozenset(topics), 0, "here", 1)


@given(st.sets(st.integers(1, 50), min_size=1, max_size=8), st.integers(1, 30))
def test_shares_are_complete_even_and_the_same_for_everybody(ids: set[int], partitions: int) -> None:
    parts = [(part, "t") for part in range(partitions)]
    members = [member(number, "t") for number in ids]
    due = shares(members, parts)
    assert due == shares(members[::-1], parts[::-1])
    assert due.keys() == set(range(partitions))
    sizes = [list(due.values()).count(number) for number in ids]
    assert max(sizes) - min(sizes) <= 1


def test_a_member_gets_no_partition_of_a_topic_it_does_not_read() -> None:
    parts = [(1, "a"), (2, "a"), (3, "b"), (4, "c")]
    assert shares([member(1, "a", "b"), member(2, "a")], parts) == {1: 1, 2: 2, 3: 1}


def test_a_look_at_the_group_says_what_to_strike_give_and_take() -> None:
    view = View(
        [member(1, "t"), member(2, "t"), member(3, "t")], [(part, "t") for part in range(4)], {0: 3, 1: 2, 2: 2}
    )
    told = moves(view, 2, busy={2}, gone=frozenset({3}))
    assert told == Moves(frozenset({3}), frozenset(), frozenset({3}))
    told = moves(view, 2, busy=set(), gone=frozenset({3}))
    assert told == Moves(frozenset({3}), frozenset({2}), frozenset({3}))
    assert moves(view, 1, busy=set(), gone=frozenset({3})).take == {0}
