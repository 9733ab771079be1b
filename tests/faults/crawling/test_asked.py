"""The judge of requests: each reason to ask for a page is known to it, and one request without a reason shows."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from scripts.demo.world import Board, Entry, Member, Thread, World
from tests.faults.crawling.asked import Asked, Judged, Sort, Why, judge

NOW = datetime(2026, 9, 3, 8, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
INDEX, LIST, OLDER = "/forum.php", "mod=forumdisplay&fid=2", "mod=forumdisplay&fid=2&page=2"
THREADS = 25  # two pages of a list; thread 1 has twelve posts and so two pages, the others one
LATER = NOW + 5 * MINUTE  # somebody answers in thread 2


@pytest.fixture(scope="module")
def world() -> World:
    entries, pid = {}, 0
    threads = {tid: Thread(tid=tid, fid=2, title="帖", at=NOW - 2 * HOUR) for tid in range(1, THREADS + 1)}
    times = [(tid, NOW - 2 * HOUR + tid * MINUTE) for tid in threads]
    times += [(1, NOW - HOUR + number * MINUTE) for number in range(11)] + [(2, LATER)]
    for pid, (tid, at) in enumerate(times, 1):
        entries[pid] = Entry(pid=pid, tid=tid, author=Member(1, "甲"), at=at, text="话")
    return World((Board(fid=2, name="版"),), threads, entries)


def thread(tid: int, page: int = 1) -> str:
    return urlencode({"mod": "viewthread", "tid": tid} | ({"page": page} if page > 1 else {}))


WHOLE = [LIST, thread(1), thread(1, 2), *(thread(tid) for tid in (*range(25, 6, -1),)), OLDER]
WHOLE += [thread(tid) for tid in range(6, 1, -1)]


def judged(world: World, *crawls: tuple[datetime, Sequence[str]], killed: Iterable[int] = ()) -> Judged:
    """What is judged of crawls, each of which asks for robots.txt, the index and then for the paths."""
    log = [
        Asked(number, at, path if path.startswith("/") else f"{INDEX}?{path}")
        for number, (at, paths) in enumerate(crawls, 1)
        for path in ("/robots.txt", INDEX, *paths)
    ]
    return judge(world, log, killed)


def test_a_first_crawl_and_one_that_finds_nothing_new_are_within_the_rules(world: World) -> None:
    found = judged(world, (NOW, WHOLE), (NOW + MINUTE, [LIST]))
    assert found.breaches == []
    assert found.why[Sort.THREAD, Why.FIRST] == THREADS + 1
    assert (found.why[Sort.OLDER, Why.KILLED], found.why[Sort.LIST, Why.EACH]) == (1, 2)


@pytest.mark.parametrize(
    "again",
    [[LIST, LIST], [LIST, OLDER], [LIST, thread(3)], [LIST, thread(1, 2)], [INDEX]],
    ids=["a-list-twice", "an-older-page-without-news", "a-thread", "a-page-without-its-first", "the-index-twice"],
)
def test_a_page_without_a_reason_is_beyond(world: World, again: list[str]) -> None:
    found = judged(world, (NOW, WHOLE), (NOW + MINUTE, again))
    assert len(found.breaches) == 1
    assert "crawl 2 asked for /forum.php" in found.breaches[0]


def test_a_thread_that_moved_may_be_read_and_the_lists_next_page_looked_at_once(world: World) -> None:
    found = judged(world, (NOW, WHOLE), (LATER + MINUTE, [LIST, thread(2), OLDER]))
    assert found.breaches == []
    assert (found.why[Sort.THREAD, Why.MOVED], found.why[Sort.OLDER, Why.NEWS]) == (1, 1)
    found = judged(world, (NOW, WHOLE), (LATER + MINUTE, [LIST, thread(2), thread(2)]))
    assert len(found.breaches) == 1


def test_a_thread_may_be_read_again_when_its_age_says_so_and_no_sooner(world: World) -> None:
    for later, beyond in ((59 * MINUTE, 1), (61 * MINUTE, 0)):
        found = judged(world, (NOW, WHOLE), (NOW + later, [LIST, thread(3)]))
        assert len(found.breaches) == beyond


def test_an_old_thread_may_be_read_again_while_it_grows_and_once_a_day(world: World) -> None:
    old = timedelta(days=50)
    opened = Thread(tid=1, fid=2, title="帖", at=NOW - old)
    times = (NOW - old, NOW - 20 * MINUTE, NOW - 10 * MINUTE, NOW - 5 * MINUTE)
    posts = {pid: Entry(pid=pid, tid=1, author=Member(1, "甲"), at=at, text="话") for pid, at in enumerate(times, 1)}
    growing = World(world.boards, {1: opened}, posts)
    still = World(world.boards, {1: opened}, {1: posts[1]})
    for site, later, beyond in ((growing, 21, 0), (growing, 19, 1), (still, 21, 1), (still, 24 * 60 + 1, 0)):
        found = judged(site, (NOW, [LIST, thread(1)]), (NOW + later * MINUTE, [LIST, thread(1)]))
        assert len(found.breaches) == beyond


def test_a_kill_costs_the_thread_in_hand_and_the_page_in_flight(world: World) -> None:
    found = judged(world, (NOW, [LIST, thread(1)]), (NOW, [LIST, thread(1), thread(1, 2), OLDER]), killed=[1, 2])
    assert found.breaches == []
    assert found.cut == [1, 0]
    assert found.why[Sort.THREAD, Why.KILLED] == 2
    one_page = [LIST, thread(25), thread(24)]
    assert judged(world, (NOW, one_page), (NOW, [LIST, thread(24)]), killed=[1]).breaches == []
    assert len(judged(world, (NOW, one_page), (NOW, [LIST, thread(25)]), killed=[1]).breaches) == 1


def test_two_threads_cut_off_at_once_are_one_too_many(world: World) -> None:
    found = judged(world, (NOW, [LIST, thread(1), thread(25)]), killed=[1])
    assert found.breaches == ["a kill cut off 2 threads at once"]


def test_a_thread_that_a_crawl_left_half_read_without_being_killed_is_told(world: World) -> None:
    found = judged(world, (NOW, [LIST, thread(1)]), (NOW, [LIST]))
    assert found.breaches == ["thread 1 was left half read"]


def test_a_list_is_gone_through_again_only_where_a_kill_fell_between_its_news_and_its_end(world: World) -> None:
    assert judged(world, (NOW, [LIST, thread(25)]), (NOW, [LIST, OLDER]), killed=[1]).breaches == []
    cut_before = (
        (NOW, WHOLE),
        (LATER + MINUTE, []),
        (LATER + MINUTE, [LIST, thread(2), OLDER]),
        (LATER + MINUTE, [LIST]),
    )
    assert judged(world, *cut_before, killed=[2]).breaches == []
    in_flight = (LATER, [LIST, OLDER])
    assert judged(world, (NOW, WHOLE), in_flight, (LATER, [LIST, OLDER]), killed=[2]).breaches == []
    found = judged(world, (NOW, WHOLE), (NOW + MINUTE, []), (NOW + MINUTE, [LIST, OLDER]), killed=[2])
    assert len(found.breaches) == 1


def test_a_list_in_flight_at_a_kill_may_or_may_not_have_been_read(world: World) -> None:
    moved = (NOW, WHOLE), (LATER + MINUTE, [LIST])
    for after in ([LIST, thread(2), OLDER], [LIST, OLDER, thread(2)]):
        assert judged(world, *moved, (LATER + MINUTE, after), killed=[2]).breaches == []
