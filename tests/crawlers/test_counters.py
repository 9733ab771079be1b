from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.counters import LEAST, ballots, counters_moved, fuller, listed_anew, same_words, whose
from crawlers.edge import to_post
from crawlers.pages.observation import Observation
from stream.messages import Counts, Crawl, Kind, Post, content_hash

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = datetime(2026, 11, 19, 6, 34, 20, tzinfo=UTC)
POST = to_post(
    Observation(native_id="pid:1", kind=Kind.THREAD, thread="pid:1", title="停电", text="城南停电了"),
    site="bbs",
    source="forum",
    voice_key=b"k",
    first_seen_at=NOW,
    observed_at=NOW,
    crawl=Crawl(robots="allowed", rate=1.0, parser="discuz", version=2),
)
POLL = "改不改线\n投票：单选投票, 共有 31 人参与投票\n1. 改（27 票）\n2. 不改（4 票）"


def viewed(views: int | None, later: timedelta = timedelta(0), **counts: int) -> Post:
    return replace(POST, counts=Counts(views=views, **counts), observed_at=POST.observed_at + later)


def saying(text: str, later: timedelta = timedelta(0)) -> Post:
    told = replace(POST, text=text, content_hash=content_hash(POST.title, text))
    return replace(told, observed_at=POST.observed_at + later)


@pytest.mark.parametrize(
    ("before", "now", "later", "moved"),
    [
        (100, 101, HOUR, False),  # as our own visit does
        (100, 199, HOUR, False),
        (100, 200, HOUR, True),
        (0, 9, HOUR, False),  # a quiet thread that we alone look at
        (1, 10, DAY, False),
        (0, 10, HOUR, True),
        (100, 109, DAY, False),
        (100, 110, DAY, True),
        (10_000, 10_999, DAY, False),
        (10_000, 11_000, DAY, True),
        (100, 90, DAY, False),  # a site that counts anew
        (None, 5, HOUR, True),
        (5, None, HOUR, True),
    ],
)
def test_views_count_once_they_doubled_or_grew_by_a_tenth_in_a_day(
    before: int | None, now: int | None, later: timedelta, moved: bool
) -> None:
    assert counters_moved(viewed(before, replies=3), viewed(now, later, replies=3)) is moved


def test_one_answer_or_like_more_counts_at_once() -> None:
    assert counters_moved(viewed(100, replies=3), viewed(100, replies=4))
    assert counters_moved(viewed(100, likes=3), viewed(100, likes=2))


def test_a_page_that_tells_no_counter_is_no_news() -> None:
    assert not counters_moved(viewed(100, replies=3), replace(POST, counts=Counts()))


@given(st.integers(0, 10**6), st.integers(0, LEAST - 1))
def test_our_own_few_visits_never_send_a_thread_again_within_the_hour_or_the_day(views: int, visits: int) -> None:
    now = viewed(views + visits, DAY)
    assert not counters_moved(viewed(views), now)


def test_votes_of_a_poll_are_counters_and_no_words() -> None:
    more = POLL.replace("27 票", "28 票").replace("31 人", "32 人")
    assert (ballots(POLL), ballots(more), ballots("（3 票）抽中\n共 9 票")) == (62, 64, 0)
    assert same_words(saying(POLL), saying(more))
    assert not same_words(saying(POLL), saying(POLL.replace("不改", "不该改")))
    assert not counters_moved(saying(POLL), saying(more, HOUR))
    doubled = POLL.replace("27 票", "60 票").replace("4 票", "9 票").replace("31 人", "69 人")
    assert counters_moved(saying(POLL), saying(doubled, HOUR))


@pytest.mark.parametrize(
    ("known", "told", "moved", "kept"),
    [
        ("37 14:30", "37 14:30", False, "37 14:30"),
        ("37 14:30", "37 15:00", True, "37 15:00"),
        ("37", "37 deleted", True, "37 deleted"),  # whole counters are compared whole
        ("37 14:30", None, False, "37 14:30"),
        ("37 14:30", "37 …", False, "37 14:30"),
        ("37 14:30", "38 …", True, "38 …"),
        ("37 14:30", "3 …", True, "3 …"),
        ("37 …", "37 15:00", False, "37 15:00"),
        ("37 …", "38 15:00", True, "38 15:00"),
        ("37 …", "37 …", False, "37 …"),
        ("37 14:30", " …", False, "37 14:30"),  # pinned: no counter is told
        ("", "0 …", True, "0 …"),  # never listed
    ],
)
def test_counters_that_are_told_in_part_are_compared_as_far_as_they_go(
    known: str, told: str | None, moved: bool, kept: str
) -> None:
    assert listed_anew(known, told) is moved
    assert fuller((told or "") if moved else known, told) == kept  # what moved is noted first


def test_a_list_that_may_not_tell_its_pinned_threads_takes_none_from_another_board() -> None:
    assert (whose("4", "3", "7 …"), whose(None, "3", "7 …"), whose("4", None, "7 …")) == ("4", "3", "4")
    assert (whose("4", "3", "7 14:30"), whose("4", None, None), whose("4", "3", None)) == ("3", "4", "3")
