from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.edge import to_post
from crawlers.pages.forum import BoardListing, ListedThread, Refusal, ThreadPage
from crawlers.pages.observation import Observation
from crawlers.pull.forums.revisits import CLOSED_AGAIN, DOUBTED_AGAIN
from crawlers.pull.forums.walk import (
    HOPS,
    ON_BOARD,
    ON_INDEX,
    ON_THREAD,
    ListWalk,
    Reaction,
    Redirection,
    Trail,
    Visit,
    at_the_door,
    merged,
    read_through,
    redirection,
    shut_out,
    thread_gone,
)
from stream.messages import Crawl, Kind, Post

NOW = datetime(2026, 11, 19, 6, 34, 20, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def observation(native_id: str) -> Observation:
    return Observation(native_id=native_id, kind=Kind.REPLY, thread="a", text="停电了")


def post(native_id: str, published_at: datetime | None = None) -> Post:
    made = to_post(
        observation(native_id),
        site="bbs",
        source="forum",
        voice_key=b"k",
        first_seen_at=NOW,
        observed_at=NOW,
        crawl=Crawl(robots="allowed", rate=1.0, parser="any", version=1),
    )
    return replace(made, published_at=published_at)


def thread_page(*ids: str, page: int | None = None, unreadable: Sequence[str] = ()) -> ThreadPage:
    shown = tuple(map(observation, ids))
    return ThreadPage(page=page, next=None, opening="a", observations=shown, unreadable=tuple(unreadable))


def listing(*rows: ListedThread, following: str | None = "/2") -> BoardListing:
    return BoardListing(page=1, next=following, threads=rows)


# -- pages of one list, one after the other


def test_a_trail_leads_from_page_to_page_and_counts_them() -> None:
    trail = Trail("/1")
    assert [trail.follow(address, 9) for address in ("/2", "/3", None)] == ["/2", "/3", None]
    assert trail.number == 3


@pytest.mark.parametrize("most", [1, 2, 5])
def test_a_trail_ends_after_so_many_pages(most: int) -> None:
    trail = Trail("/1")
    while trail.follow(f"/{trail.number + 1}", most):
        pass
    assert trail.number == most


@pytest.mark.parametrize("back", ["/1", "/2", "/3"])
def test_a_link_back_ends_a_trail_instead_of_leading_in_a_circle(back: str) -> None:
    trail = Trail("/1")
    trail.follow("/2", 9)
    trail.follow("/3", 9)
    assert trail.follow(back, 9) is None
    assert trail.number == 3


@given(st.lists(st.sampled_from([None, *map(str, range(5))]), max_size=30), st.integers(1, 10))
def test_no_trail_asks_twice_for_an_address_or_for_more_than_the_most(links: list[str | None], most: int) -> None:
    trail = Trail("0")
    asked = ["0", *(address for link in links if (address := trail.follow(link, most)))]
    assert len(set(asked)) == len(asked) == trail.number <= most


def test_a_numbered_page_is_due_if_it_is_the_one_asked_for() -> None:
    trail = Trail("/1")
    assert [trail.is_due(page, ["a"]) for page in (1, 2, 1)] == [True, False, True]
    trail.follow("/2", 9)
    assert [trail.is_due(page, ["a"]) for page in (1, 2, 7)] == [False, True, False]


def test_an_unnumbered_page_is_due_if_it_shows_anything_new() -> None:
    trail = Trail("/1")
    shown: list[list[str]] = [["a", "b"], ["b", "c"], ["a", "c"], [], ["d"]]
    assert [trail.is_due(None, ids) for ids in shown] == [True, True, False, False, True]


def test_an_unnumbered_first_page_without_anything_is_due() -> None:
    assert Trail("/1").is_due(None, [])


# -- a board's list


@pytest.mark.parametrize(
    ("rows", "news", "may_stop", "goes_on"),
    [
        ([ListedThread("a", "1")], {"a"}, True, True),
        ([ListedThread("a", "1")], set(), True, False),
        ([ListedThread("a", "1")], set(), False, True),  # the last walk did not come to the end
        ([ListedThread("a", "1", sticky=True)], {"a"}, True, False),
        ([ListedThread("a", "1", sticky=True), ListedThread("b", "1")], {"b"}, True, True),
        ([], set(), True, False),
        ([], set(), False, True),
    ],
)
def test_a_list_is_followed_while_there_may_be_news(
    rows: list[ListedThread], news: set[str], may_stop: bool, goes_on: bool
) -> None:
    walk = ListWalk("3", Trail("/1"), may_stop)
    assert walk.following(listing(*rows), news, 9) == ("/2" if goes_on else None)


def test_a_list_ends_with_its_last_page_and_at_the_sources_limit() -> None:
    row = ListedThread("a", "1")
    assert ListWalk("3", Trail("/1"), False).following(listing(row, following=None), {"a"}, 9) is None
    assert ListWalk("3", Trail("/1"), False).following(listing(row), {"a"}, 1) is None


# -- a visit to a thread


def test_a_visit_takes_in_page_after_page_and_remembers_the_opening_post() -> None:
    visit = Visit("9", Trail("/1"))
    assert visit.shows(thread_page("a", "b"))
    visit.trail.follow("/2", 9)
    assert visit.shows(thread_page("c", unreadable=["d"]))
    assert (visit.opening, visit.pages, visit.shorter) == ("a", [["a", "b"], ["c", "d"]], False)


def test_a_page_that_is_not_the_one_asked_for_is_no_part_of_the_visit() -> None:
    visit = Visit("9", Trail("/1"))
    visit.shows(thread_page("a", "b", page=1))
    visit.trail.follow("/2", 9)
    assert not visit.shows(thread_page("a", "b", page=1))
    assert (visit.pages, visit.shorter) == ([["a", "b"]], True)


@pytest.mark.parametrize(
    ("target", "hops", "meaning"),
    [
        (None, 0, Redirection.STRANGE),
        (None, HOPS, Redirection.CIRCLE),
        ("12", 0, Redirection.MERGED),
        ("12", HOPS, Redirection.MERGED),
        ("9", 0, Redirection.ITSELF),
        ("9", HOPS - 1, Redirection.ITSELF),
        ("9", HOPS, Redirection.CIRCLE),
    ],
)
def test_a_redirect_means_another_address_another_thread_or_a_closed_door(
    target: str | None, hops: int, meaning: Redirection
) -> None:
    assert redirection(Visit("9", Trail("/1"), hops=hops), target, "http://bbs.invalid/t/9/1") is meaning


@pytest.mark.parametrize(
    "address",
    [
        "http://bbs.invalid/member.php?mod=logging&action=login&referer=x",
        "http://bbs.invalid/ucp.php?mode=login",
        "http://passport.bbs.invalid/",
        "http://bbs.invalid/SignIn",
        "",
    ],
)
def test_a_redirect_to_the_login_is_a_closed_door(address: str) -> None:
    assert redirection(Visit("9", Trail("/1")), None, address) is Redirection.DOOR


def test_every_refusal_has_its_reaction_wherever_it_comes() -> None:
    for reactions in (ON_INDEX, ON_BOARD, ON_THREAD):
        assert set(reactions) == set(Refusal)
        assert {reactions[guard] for guard in (Refusal.FLOOD_GUARD, Refusal.CAPTCHA)} == {Reaction.LEAVE}


def test_only_a_thread_that_its_forum_calls_gone_is_withdrawn() -> None:
    withdrawing = [
        reactions for reactions in (ON_INDEX, ON_BOARD, ON_THREAD) if Reaction.WITHDRAW in reactions.values()
    ]
    assert withdrawing == [ON_THREAD]
    assert [refusal for refusal in Refusal if ON_THREAD[refusal] is Reaction.WITHDRAW] == [Refusal.GONE]


# -- how a visit ends


def test_a_thread_read_through_loses_what_it_lacks_and_is_read_again_by_its_age() -> None:
    known = {"a": post("a", NOW - 2 * HOUR), "b": post("b", NOW - HOUR), "c": post("c")}
    end = read_through(known, {"b"}, NOW)
    assert [one.native_id for one in end.withdrawn] == ["b"]
    assert (end.published_at, end.due_at) == (NOW - 2 * HOUR, NOW + HOUR)


def test_what_is_gone_without_being_known_is_not_withdrawn() -> None:
    assert read_through({"a": post("a")}, {"x"}, NOW).withdrawn == ()


def test_an_old_thread_is_read_again_only_when_its_counters_move() -> None:
    assert read_through({"a": post("a", NOW - 40 * DAY)}, set(), NOW).due_at is None


def test_a_thread_without_any_time_counts_as_a_day_old() -> None:
    assert read_through({"a": post("a")}, set(), NOW).due_at == NOW + DAY
    assert read_through({}, set(), NOW).due_at == NOW + DAY


def test_a_thread_that_is_gone_takes_all_its_posts_along_and_never_comes_due() -> None:
    end = thread_gone({"a": post("a"), "b": post("b")})
    assert ([one.native_id for one in end.withdrawn], end.due_at) == (["a", "b"], None)


def test_a_thread_that_is_for_members_only_is_not_public_any_more_and_is_tried_again() -> None:
    end = shut_out({"a": post("a"), "b": post("b")}, NOW)
    assert ([one.native_id for one in end.withdrawn], end.due_at) == (["a", "b"], NOW + CLOSED_AGAIN)


def test_a_thread_that_leads_to_the_login_is_doubted_once_and_believed_the_second_time() -> None:
    known = {"a": post("a"), "b": post("b")}
    once, twice = at_the_door(known, set(), NOW), at_the_door(known, {"a", "b"}, NOW)
    assert (once.withdrawn, once.due_at) == ((), NOW + DOUBTED_AGAIN)
    assert ([one.native_id for one in twice.withdrawn], twice.due_at) == (["a", "b"], NOW + CLOSED_AGAIN)
    assert at_the_door({}, set(), NOW).due_at == NOW + CLOSED_AGAIN  # nothing of it was ever public


def test_a_merged_thread_keeps_its_posts_and_never_comes_due() -> None:
    assert (merged().withdrawn, merged().due_at) == ((), None)


def test_a_list_in_another_order_is_followed_to_its_end() -> None:
    rows = (ListedThread("1", "0"), ListedThread("2", "0"))
    ordered, other = (replace(listing(*rows), by_last_post=told) for told in (True, False))
    assert ListWalk("b", Trail("/1"), may_stop=True).following(ordered, [], 9) is None
    assert ListWalk("b", Trail("/1"), may_stop=True).following(other, [], 9) == "/2"


def test_a_comment_that_the_page_had_no_room_for_is_not_missed() -> None:
    opening, reply = post("a"), post("b")
    below = {
        name: replace(post(name), kind=Kind.COMMENT, parent_id=parent.id)
        for name, parent in (("a/1", opening), ("b/1", reply))
    }
    known = {"a": opening, "b": reply, **below}
    visit = Visit("9", Trail("/1"))
    assert visit.knowable(known) == known
    visit.shows(replace(thread_page("a", "b"), cut=("a",)))
    assert visit.knowable(known).keys() == {"a", "b", "b/1"}


def test_what_is_new_on_the_site_is_on_a_lists_first_page_or_where_a_walk_may_stop() -> None:
    first, later = Trail("/1"), Trail("/1")
    later.follow("/2", 9)
    assert [ListWalk("3", trail, stop).is_live for trail in (first, later) for stop in (True, False)] == [
        True,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("shown", "may_stop", "most", "whole"),
    [
        (listing(following=None), False, 9, True),
        (listing(following=None), True, 1, True),
        (listing(), True, 9, None),  # what follows is known from before
        (listing(ListedThread("1", "")), True, 1, False),
        (listing(), False, 1, False),
        (replace(listing(following=None), cut=True), False, 9, False),
    ],
)
def test_a_walk_that_ends_tells_whether_it_came_to_the_last_page(
    shown: BoardListing, may_stop: bool, most: int, whole: bool | None
) -> None:
    assert ListWalk("3", Trail("/1"), may_stop).whole(shown, {"1"}, most) is whole
