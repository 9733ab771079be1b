import pytest

from crawlers.pull.forums.met import BACKFILL, DUE, MetBoards, MetThreads

KNOWN = {"3": "停电", "4": "电费", "5": "直播"}


def met(*boards: str) -> MetBoards:
    made = MetBoards()
    for board in boards:
        assert made.meet(board)
    return made


def test_a_board_is_met_once_and_the_last_first_page_is_noticed() -> None:
    boards = met("3", "4")
    assert not boards.meet("3")
    assert [boards.hear(board) for board in ("3", "3", "9", "4", "4")] == [False, False, False, True, False]
    assert list(boards.found) == ["3", "4"]


def test_a_list_was_gone_through_when_the_last_of_its_walks_came_to_the_end() -> None:
    boards = met("3", "4")
    boards.walk("3")
    assert [boards.through("3"), boards.through("3"), boards.through("4")] == [False, True, True]
    boards.walk("3")
    boards.walk("3")  # and breaks
    assert not boards.through("3")


def test_lost_are_boards_that_refuse_us_and_those_to_which_nothing_links() -> None:
    boards = met("3", "4")
    boards.shut.add("4")
    assert boards.lost(KNOWN) == ("4", "5")
    assert boards.lost({"3": "停电"}) == ()


def test_a_board_that_was_never_public_is_not_lost() -> None:
    boards = met("3", "8")
    boards.shut.add("8")
    assert boards.lost({"3": "停电"}) == ()


def test_nothing_is_lost_by_a_page_that_was_missed_but_what_refuses_us_itself() -> None:
    boards = met("3", "4")
    boards.shut.add("4")
    boards.all_heard = False
    assert boards.lost(KNOWN) == ("4",)


@pytest.mark.parametrize(("again", "visits"), [(False, [True, False, False]), (True, [True, False, True])])
def test_a_thread_is_read_once_a_crawl_or_each_time_it_moved_but_never_twice_at_once(
    again: bool, visits: list[bool]
) -> None:
    threads = MetThreads(backfill=0)
    asked = [threads.begin("9", DUE, again=again), threads.begin("9", DUE, again=again)]
    threads.end("9")
    assert [*asked, threads.begin("9", DUE, again=again)] == visits


def test_back_fill_has_a_budget_and_what_is_due_needs_none() -> None:
    threads = MetThreads(backfill=2)
    assert [threads.begin(thread, BACKFILL) for thread in ("1", "2", "3")] == [True, True, False]
    assert threads.begin("3", DUE)
