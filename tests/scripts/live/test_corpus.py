from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from scripts.live.corpus import BOARDS, LONGEST, MEMBERS, WRITERS, Standing, Thread, is_opening, written

NOW = datetime(2027, 3, 4, 5, 6, 7, 890, tzinfo=UTC)
BEIJING = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def threads() -> tuple[Thread, ...]:
    return written(NOW, 140)


def test_the_same_corpus_is_written_each_time(threads: tuple[Thread, ...]) -> None:
    assert written(NOW, 140) == threads
    assert written(NOW, 140, seed=16) != threads


def test_every_post_has_a_key_of_its_own(threads: tuple[Thread, ...]) -> None:
    keys = [entry.key for thread in threads for entry in thread.entries]
    assert len(keys) == len(set(keys)) > 500
    assert [key for key in keys if is_opening(key)] == [thread.key for thread in threads]


def test_everything_was_written_before_now_and_replies_in_their_order(threads: tuple[Thread, ...]) -> None:
    for thread in threads:
        times = [entry.at for entry in thread.entries]
        assert times == sorted(times)
        assert times[-1] < NOW
        assert all(moment.microsecond == 0 for moment in times)


def test_threads_begin_on_both_sides_of_midnight_and_of_the_years_turn(threads: tuple[Thread, ...]) -> None:
    local = {thread.opening.at.astimezone(BEIJING).replace(tzinfo=None) for thread in threads}
    assert {datetime(2025, 12, 31, 23, 59, 58), datetime(2026, 1, 1, 0, 0, 3)} <= local
    assert any(moment.timetuple()[3:6] == (23, 59, 59) for moment in local)
    assert any(moment.timetuple()[3:6] == (0, 0, 0) for moment in local)


def test_some_are_fresh_and_some_are_old(threads: tuple[Thread, ...]) -> None:
    ages = [NOW - thread.opening.at for thread in threads]
    assert sum(age < timedelta(days=1) for age in ages) > 20
    assert sum(age > timedelta(days=60) for age in ages) > 20


def test_an_answer_is_to_an_earlier_post_of_its_thread(threads: tuple[Thread, ...]) -> None:
    for thread in threads:
        order = {entry.key: place for place, entry in enumerate(thread.entries)}
        assert all(order[one.answers] < order[one.key] for one in thread.replies if one.answers)
    assert any(one.quoting for thread in threads for one in thread.replies)


def test_nothing_answers_a_post_that_was_taken_away(threads: tuple[Thread, ...]) -> None:
    removed = {one.key for thread in threads for one in thread.replies if one.standing is Standing.REMOVED}
    assert removed
    assert not [one for thread in threads for one in thread.replies if one.answers in removed]


def test_every_board_is_used_and_the_members_board_is_for_members(threads: tuple[Thread, ...]) -> None:
    assert {thread.board for thread in threads} > {*BOARDS, MEMBERS}
    inner = [entry for thread in threads if thread.board == MEMBERS for entry in thread.entries]
    assert inner
    assert {entry.standing for entry in inner} == {Standing.MEMBERS}
    assert {entry.writer for thread in threads for entry in thread.entries} == set(WRITERS)


def test_one_thread_is_long_and_one_is_pinned(threads: tuple[Thread, ...]) -> None:
    assert max(len(thread.replies) for thread in threads) == LONGEST
    assert [thread.key for thread in threads if thread.pinned] == ["t7"]


def test_a_fresh_thread_leaves_no_time_for_a_reply_to_come_late() -> None:
    for first, second in pairwise(written(NOW, 60)):
        assert first.title != second.title
