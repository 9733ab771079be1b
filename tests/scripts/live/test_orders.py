from collections import Counter
from datetime import UTC, datetime

from scripts.live.changes import made
from scripts.live.corpus import BELOW, BOARDS, MEMBERS, WRITERS, is_opening, written
from scripts.live.orders import to_change, to_open, to_write
from scripts.live.shapes import words_of

NOW = datetime(2027, 3, 4, 5, 6, 7, tzinfo=UTC)
THREADS = written(NOW, 140)


def test_boards_are_made_before_those_below_them_and_writers_too() -> None:
    orders = list(to_open())
    assert [order["name"] for order in orders] == [*BOARDS, BELOW, MEMBERS, *WRITERS]
    below = next(order for order in orders if order["key"] == f"board:{BELOW}")
    assert below["below"] in [order["key"] for order in orders[: orders.index(below)]]
    assert [order["name"] for order in orders if order.get("members")] == [MEMBERS]


def test_threads_are_written_in_the_order_in_which_they_began() -> None:
    orders = list(to_write(THREADS, words_of))
    openings = [order["at"] for order in orders if order["do"] == "thread"]
    assert openings == sorted(openings)
    assert len(orders) == sum(len(thread.entries) for thread in THREADS)


def test_whatever_is_named_was_made_before() -> None:
    made_yet = {order["key"] for order in to_open()}
    for order in to_write(THREADS, words_of):
        named = [f"writer:{order['writer']}"]
        named += [f"board:{order['board']}"] if order["do"] == "thread" else [order["thread"]]
        named += [order["answers"]] if order.get("answers") else []
        assert set(named) <= made_yet
        made_yet.add(order["key"])


def test_times_are_whole_seconds_and_texts_are_in_the_sites_markup() -> None:
    first = next(iter(to_write(THREADS[:1], lambda text: f"<p>{words_of(text)}</p>")))
    assert first["at"] == THREADS[0].opening.at.timestamp()
    assert first["text"] == f"<p>{words_of(THREADS[0].opening.text)}</p>"


def test_changes_name_threads_and_posts_that_exist() -> None:
    keys = {entry.key for thread in THREADS for entry in thread.entries}
    orders = list(to_change(made(THREADS, NOW), words_of))
    for order in orders:
        if order["do"] not in ("thread", "reply"):
            assert order["key"] in keys
    assert Counter(order["do"] for order in orders) >= Counter(
        ["thread", "reply", "edit", "remove_reply", "remove", "purge", "move", "hide"]
    )


def test_an_edit_says_whether_it_is_of_an_opening_post_and_what_it_is_called_now() -> None:
    edits = [order for order in to_change(made(THREADS, NOW), words_of) if order["do"] == "edit"]
    assert {order["opening"] for order in edits} == {True, False}
    assert all(order["opening"] == is_opening(order["key"]) for order in edits)
    assert any(order["title"] for order in edits)
    assert not [order for order in edits if order["title"] and not order["opening"]]
