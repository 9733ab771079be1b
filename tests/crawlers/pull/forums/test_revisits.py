from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.edge import to_post
from crawlers.intake import worth_sending
from crawlers.pages.discuz.forum import DiscuzForum
from crawlers.pages.observation import Observation
from crawlers.pull.forums.revisits import SCHEDULE, SOONEST, Absent, absent, next_visit
from stream.messages import Counts, Crawl, Kind, Post

NOW = datetime(2026, 11, 19, 6, 34, 20, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def post(kind: Kind = Kind.REPLY, text: str = "停电了", **given: object) -> Post:
    made = to_post(
        Observation(native_id="pid:1", kind=kind, thread="pid:1", text=text),
        site="bbs",
        source="forum",
        voice_key=b"k",
        first_seen_at=NOW,
        observed_at=NOW,
        crawl=Crawl(robots="allowed", rate=1.0, parser="discuz", version=1),
    )
    return replace(made, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("age", "pause"),
    [
        (timedelta(0), HOUR),
        (DAY - HOUR, HOUR),
        (DAY, DAY),
        (7 * DAY, 7 * DAY),
        (30 * DAY - HOUR, 7 * DAY),
        (30 * DAY, None),
        (-HOUR, HOUR),
        (None, DAY),
    ],
)
def test_a_thread_is_read_again_the_more_rarely_the_older_it_is(age: timedelta | None, pause: timedelta | None) -> None:
    published_at = None if age is None else NOW - age
    assert next_visit(published_at, NOW) == (None if pause is None else NOW + pause)


@pytest.mark.parametrize(
    ("known", "seen", "worth"),
    [
        (None, post(), True),
        (post(), post(observed_at=NOW + HOUR), False),
        (post(), post(text="改了"), True),
        (post(), post(edited_at=NOW), True),
        (post(deleted_at=NOW), post(), True),
        (post(), post(counts=Counts(views=9)), False),  # a reply has no counters of its own
        (post(Kind.THREAD), post(Kind.THREAD, counts=Counts(views=9)), True),
        (post(Kind.THREAD, counts=Counts(views=9)), post(Kind.THREAD), False),  # unknown now is no news
    ],
)
def test_only_what_changed_is_worth_sending(known: Post | None, seen: Post, worth: bool) -> None:
    assert worth_sending(known, seen) is worth


def number(post: str) -> int | None:
    digits = post.removeprefix("pid:")
    return int(digits) if digits.isdecimal() else None


def ids(*numbers: int) -> list[str]:
    return [f"pid:{one}" for one in numbers]


def found(gone: list[int], doubtful: list[int]) -> Absent:
    return Absent(frozenset(ids(*gone)), frozenset(ids(*doubtful)))


@pytest.mark.parametrize(
    ("known", "pages", "expected"),
    [
        ([1, 2, 3], [ids(1, 2, 3)], found([], [])),
        ([1, 2, 3], [ids(1, 3)], found([2], [])),
        ([1, 2, 3], [ids(1, 2)], found([3], [])),  # the last page was read, so nothing can be behind it
        ([1, 2, 3], [ids(2, 3)], found([1], [])),  # the opening post itself, shielded
        ([1, 2, 3, 4], [ids(1, 2), ids(4, 5)], found([], [3])),  # between two pages
        ([1, 2, 3, 4], [ids(1, 2), [], ids(4, 5)], found([], [3])),  # a page of hidden posts alone
        ([1, 2, 3, 4, 5], [ids(1, 4), ids(5)], found([2, 3], [])),
        ([1, 2, 3], [ids(3, 1)], found([], [2])),  # newest first, or merged: no order to rely on
        ([1, 2], [[]], found([], [1, 2])),
        ([1, 2], [], found([], [1, 2])),
        ([], [ids(1)], found([], [])),
    ],
)
def test_an_absence_is_certain_only_where_the_post_would_have_had_to_stand(
    known: list[int], pages: list[list[str]], expected: Absent
) -> None:
    assert absent(ids(*known), pages, number) == expected


def test_a_reading_from_the_newest_on_is_as_certain_where_the_ranks_say_so() -> None:
    def newest_first(post: str) -> int | None:
        return -(number(post) or 0)

    assert absent(ids(1, 2, 3), [ids(3, 1)], newest_first) == found([2], [])
    assert absent(ids(1, 2, 3, 4), [ids(4), ids(2, 1)], newest_first) == found([], [3])


def test_where_ids_tell_no_order_every_absence_is_doubtful() -> None:
    assert absent(ids(1, 2, 3), [ids(1, 3)], lambda _: None) == found([], [2])


def test_one_id_without_a_rank_makes_the_order_uncertain_and_a_missing_one_is_doubtful_itself() -> None:
    assert absent(ids(1, 2, 3), [[*ids(1), "pid:x", *ids(3)]], number) == found([], [2])
    assert absent([*ids(1, 2), "pid:x"], [ids(1)], number) == Absent(frozenset(ids(2)), frozenset({"pid:x"}))


READINGS = st.lists(st.lists(st.integers(0, 30), max_size=6), max_size=5)


@given(st.sets(st.integers(0, 30)), READINGS)
def test_what_a_reading_showed_is_never_absent_and_all_else_is_gone_or_doubtful(
    known: set[int], pages: list[list[int]]
) -> None:
    seen = {post for page in pages for post in page}
    missing = absent(ids(*known), [ids(*page) for page in pages], number)
    assert not missing.gone & missing.doubtful
    assert missing.gone | missing.doubtful == set(ids(*(known - seen)))


@given(st.sets(st.integers(0, 99), min_size=2, max_size=12), st.integers(1, 5), st.data())
def test_one_deletion_while_we_read_costs_no_other_post_its_place(
    posts: set[int], size: int, data: st.DataObject
) -> None:
    """Whichever post is deleted after whichever page: the one that slips from page to page is not taken for gone."""
    before = sorted(posts)
    deleted = data.draw(st.sampled_from(before))
    at = data.draw(st.integers(1, len(before)))
    after = [post for post in before if post != deleted]
    promised = -(-len(before) // size)
    pages = [(before if page < at else after)[page * size : (page + 1) * size] for page in range(promised)]
    shorter = not pages[-1]
    missing = absent(ids(*before), [ids(*page) for page in pages], number, shorter=shorter)
    assert missing.gone <= set(ids(deleted))


def test_what_stood_behind_the_last_page_of_a_thread_that_became_shorter_is_doubtful() -> None:
    assert absent(ids(1, 2, 3, 4), [ids(1, 2, 3)], number, shorter=True) == found([], [4])
    assert absent(ids(1, 2, 3, 4), [ids(1, 3)], number, shorter=True) == found([2], [4])
    assert absent(ids(1, 2), [], number, shorter=True) == found([], [1, 2])


@given(st.none() | st.timedeltas(-DAY, 400 * DAY))
def test_the_next_visit_is_ahead_or_never(age: timedelta | None) -> None:
    due_at = next_visit(None if age is None else NOW - age, NOW)
    assert due_at is None or due_at - NOW in {pause for _, pause in SCHEDULE}
    assert (due_at is None) == (age is not None and age >= SCHEDULE[-1][0])


def test_the_older_a_thread_the_longer_the_pause() -> None:
    assert list(SCHEDULE) == sorted(SCHEDULE)
    assert [pause for _, pause in SCHEDULE] == sorted(pause for _, pause in SCHEDULE)


@pytest.mark.parametrize(
    ("age", "posted", "pause"),
    [
        (timedelta(hours=5), [300, 40, 30, 20], timedelta(minutes=40)),  # three posts in forty minutes
        (timedelta(hours=5), [300, 3, 2, 1], SOONEST),
        (timedelta(hours=5), [300, 250, 200, 100], timedelta(hours=1)),  # never later than by its age
        (timedelta(hours=5), [2, 1], timedelta(hours=1)),  # two posts are no growth
        (timedelta(days=3), [3 * 1440, 90, 60, 30], timedelta(minutes=90)),
        (timedelta(days=90), [90 * 1440, 90, 60, 30], timedelta(minutes=90)),  # an old thread that people found again
        (timedelta(days=90), [90 * 1440, 90 * 1440, 3000], None),
    ],
)
def test_a_thread_that_grows_is_read_again_in_the_time_its_last_posts_took(
    age: timedelta, posted: list[int], pause: timedelta | None
) -> None:
    times = [NOW - timedelta(minutes=ago) for ago in posted]
    assert next_visit(NOW - age, NOW, times) == (None if pause is None else NOW + pause)


def test_posts_dated_ahead_are_no_growth() -> None:
    assert next_visit(NOW - timedelta(hours=5), NOW, [NOW + timedelta(hours=1)] * 9) == NOW + timedelta(hours=1)


def test_a_comment_that_is_gone_from_below_its_post_is_gone_for_certain() -> None:
    rank = DiscuzForum("http://bbs.invalid/forum.php").rank
    known = ["pid:5", "pid:5/comment:a", "pid:5/comment:b", "pid:6", "pid:9"]
    shown = [["pid:5", "pid:5/comment:b", "pid:6"], ["pid:9"]]
    assert absent(known, shown, rank) == Absent(frozenset({"pid:5/comment:a"}), frozenset())
