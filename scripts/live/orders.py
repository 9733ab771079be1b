"""What is said to a site's own functions, one order after the other: the same to both, each text in its markup."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from scripts.live.changes import Changes
from scripts.live.corpus import BELOW, BOARDS, MEMBERS, WRITERS, Entry, Thread, is_opening
from scripts.live.shapes import Text

Order = dict[str, Any]
Markup = Callable[[Text], str]


def to_open() -> Iterator[Order]:
    """Orders boards and writers. Their keys are `board:` or `writer:` with the name."""
    for name in (*BOARDS, BELOW, MEMBERS):
        below = f"board:{BOARDS[-1]}" if name == BELOW else None
        yield {"do": "board", "key": f"board:{name}", "name": name, "below": below, "members": name == MEMBERS}
    for name in WRITERS:
        yield {"do": "writer", "key": f"writer:{name}", "name": name}


def to_write(threads: Sequence[Thread], markup: Markup) -> Iterator[Order]:
    """Orders the threads with their replies, in the order in which they began."""
    for thread in sorted(threads, key=lambda one: one.opening.at):
        where = {"board": thread.board, "title": thread.title, "pinned": thread.pinned}
        yield {"do": "thread", **_entry(thread.opening, markup), **where}
        for reply in thread.replies:
            yield _reply(thread.key, reply, markup)


def to_change(changes: Changes, markup: Markup) -> Iterator[Order]:
    """Orders what is done between the crawls."""
    yield from to_write(changes.threads, markup)
    for thread, reply in changes.replies:
        yield _reply(thread, reply, markup)
    for entry in changes.edits:
        title = changes.titles.get(entry.key)
        yield {
            "do": "edit",
            "key": entry.key,
            "text": markup(entry.text),
            "opening": is_opening(entry.key),
            "title": title,
        }
    yield from ({"do": "remove_reply", "key": key} for key in changes.removed_replies)
    yield from ({"do": "remove", "key": key} for key in changes.removed)
    yield from ({"do": "purge", "key": key} for key in changes.purged)
    yield from ({"do": "move", "key": key, "board": board} for key, board in changes.moved)
    yield from ({"do": "hide", "key": key, "number": number} for number, key in enumerate(changes.hidden))


def _reply(thread: str, reply: Entry, markup: Markup) -> Order:
    told = {"thread": thread, "answers": reply.answers, "quoting": reply.quoting}
    return {"do": "reply", **_entry(reply, markup), **told}


def _entry(entry: Entry, markup: Markup) -> Order:
    return {
        "key": entry.key,
        "text": markup(entry.text),
        "at": _seconds(entry.at),
        "writer": entry.writer,
        "standing": entry.standing,
    }


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
