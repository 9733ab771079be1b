"""Copies on a page become one, and nothing else does."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from stream.index.finding.copies import Copies, fold
from tests.stream.scored import HOUR, NOON, scored


def test_copies_fold_under_the_first_of_the_page_and_the_earliest_is_known() -> None:
    posts = [scored(n, "同一句话", NOON - n * HOUR) for n in (1, 2, 3)]
    other = scored(9, "别的")
    folded = fold([posts[0], other, posts[2], posts[1]])
    assert folded == (Copies(posts[0], (posts[2], posts[1])), Copies(other))
    assert [group.number for group in folded] == [3, 1]
    assert folded[0].first == posts[2]
    assert folded[1].first == other


def test_of_two_in_one_moment_the_first_is_the_same_whatever_the_order() -> None:
    one, two = scored(1), scored(2)
    assert fold([one, two])[0].first == fold([two, one])[0].first


def test_posts_that_say_nothing_are_no_copies_of_each_other() -> None:
    withheld = [scored(n, "同一句话") for n in (1, 2)]
    assert len(fold([replace(post, text="") for post in withheld])) == 2
    signs = [scored(n, "！！！", fingerprint="0" * 16) for n in (3, 4)]
    assert len(fold(signs)) == 2
    assert fold([]) == ()


@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from("药水电")), max_size=12))
def test_every_post_is_in_one_group_and_the_order_stays(made: list[tuple[int, str]]) -> None:
    posts = [scored(number, text) for number, text in made]
    folded = fold(posts)
    assert sorted(id(post) for group in folded for post in (group.post, *group.others)) == sorted(map(id, posts))
    shown = [posts.index(group.post) for group in folded]
    assert shown == sorted(shown)
    assert sum(group.number for group in folded) == len(posts)
