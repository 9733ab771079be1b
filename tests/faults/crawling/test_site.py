"""The made-up forum: the same by the same seed, large enough, and everything on it can be told in the end."""

from datetime import UTC, datetime, timedelta
from random import Random

from scripts.demo.pages import POSTS_A_PAGE
from tests.faults.crawling.site import BOARDS, FOLLOWED, YOUNG, write_site

NOW = datetime(2026, 9, 3, 8, tzinfo=UTC)
LASTING = timedelta(hours=2)
WORLD = write_site(Random(7), NOW, LASTING)
END = NOW + LASTING


def test_the_same_seed_writes_the_same_forum() -> None:
    assert write_site(Random(7), NOW, LASTING).entries == WORLD.entries
    assert write_site(Random(8), NOW, LASTING).entries != WORLD.entries


def test_there_are_several_boards_and_a_hundred_threads_many_of_several_pages() -> None:
    there = [tid for tid in WORLD.threads if WORLD.thread(tid, NOW) is not None]
    assert len(there) >= 100
    assert {thread.fid for thread in WORLD.threads.values()} == {board.fid for board in BOARDS}
    assert sum(len(WORLD.posts(tid, NOW)) > POSTS_A_PAGE for tid in there) >= 20


def test_everything_happens_while_it_is_watched() -> None:
    entries = WORLD.entries.values()
    assert sum(entry.at > NOW for entry in entries) > 50
    assert all(entry.at < END for entry in entries)
    assert sum(entry.edited_at is not None for entry in entries) > 10
    assert sum(entry.deleted_at is not None for entry in entries) > 10
    assert any(thread.deleted_at for thread in WORLD.threads.values())


def test_what_no_list_can_tell_comes_to_young_threads_alone() -> None:
    written = {(entry.tid, entry.at) for entry in WORLD.entries.values()}
    for entry in WORLD.entries.values():
        age_from = WORLD.threads[entry.tid].at
        for changed_at in filter(None, (entry.edited_at, entry.deleted_at)):
            assert changed_at - age_from < YOUNG or (entry.tid, changed_at + FOLLOWED) in written
