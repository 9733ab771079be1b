"""What is done to the sites between the crawls, and what a guest should find then."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice

from scripts.live.corpus import BOARDS, MEMBERS, Entry, Standing, Thread, thread_of
from scripts.live.shapes import Piece, words_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What people and moderators did. Threads and posts are named by their keys; `titles` are new ones of threads.

    A `removed` thread can be brought back by a moderator, a `purged` one cannot; a `hidden` one is for members now.
    """

    threads: tuple[Thread, ...] = ()
    replies: tuple[tuple[str, Entry], ...] = ()
    edits: tuple[Entry, ...] = ()
    titles: dict[str, str] = field(default_factory=dict)
    removed_replies: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    purged: tuple[str, ...] = ()
    moved: tuple[tuple[str, str], ...] = ()
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One post that a guest can read. `text` are its words, `thread` and `parent` are keys."""

    key: str
    thread: str
    parent: str | None
    board: str
    title: str
    text: str
    at: datetime


def made(threads: Sequence[Thread], now: datetime) -> Changes:
    """Chooses what is done, each thing to another thread."""
    public = [one for one in threads if one.opening.standing is Standing.PUBLIC and not one.pinned]
    talkative = iter([one for one in public if 2 <= len(_public(one)) <= 8 and not _leans_on_first(one)])
    quiet = iter([one for one in public if len(one.replies) < 2])
    edited, answered = list(islice(talkative, 4)), list(islice(talkative, 4))
    cut, hidden = list(islice(talkative, 3)), list(islice(talkative, 1))
    longest = max(public, key=lambda one: len(one.replies))
    titled = next(quiet)
    moved = next(quiet)
    elsewhere = next(board for board in BOARDS if board != moved.board)
    more = [*answered, longest]
    return Changes(
        threads=tuple(
            thread_of(9000 + number, now, now + timedelta(minutes=1), board=BOARDS[number], replies=0, seed=number)
            for number in range(3)
        ),
        replies=tuple((one.key, _more(one, number, now)) for number, one in enumerate(more)),
        edits=(
            *(_edited(_public(one)[-1]) for one in edited),
            *(_edited(one.opening) for one in edited[:2]),
            _edited(titled.opening),
        ),
        titles={titled.key: f"【更正】{titled.title}"},
        removed_replies=tuple(_public(one)[0].key for one in cut),
        removed=(next(quiet).key, next(talkative).key),
        purged=(next(quiet).key,),
        moved=((moved.key, elsewhere),),
        hidden=(hidden[0].key, next(quiet).key),
    )


def after(threads: Sequence[Thread], changes: Changes) -> tuple[Thread, ...]:
    """Applies the changes: the threads as they are then, those that are gone or hidden left out."""
    edits = {one.key: one for one in changes.edits}
    boards, gone = dict(changes.moved), {*changes.removed, *changes.purged, *changes.hidden}
    more: dict[str, list[Entry]] = {}
    for key, reply in changes.replies:
        more.setdefault(key, []).append(reply)
    return tuple(
        replace(
            one,
            opening=edits.get(one.key, one.opening),
            board=boards.get(one.key, one.board),
            title=changes.titles.get(one.key, one.title),
            replies=tuple(
                edits.get(reply.key, reply)
                for reply in (*one.replies, *more.get(one.key, ()))
                if reply.key not in changes.removed_replies
            ),
        )
        for one in (*threads, *changes.threads)
        if one.key not in gone
    )


def wanted(threads: Sequence[Thread]) -> Iterator[Wanted]:
    """Lists what a guest can read of the threads."""
    for thread in threads:
        for entry in thread.entries:
            if entry.standing is Standing.PUBLIC and thread.board != MEMBERS:
                yield Wanted(
                    key=entry.key,
                    thread=thread.key,
                    parent=entry.answers,
                    board=thread.board,
                    title=thread.title,
                    text=words_of(entry.text),
                    at=entry.at,
                )


def _public(thread: Thread) -> list[Entry]:
    return [one for one in thread.replies if one.standing is Standing.PUBLIC]


def _leans_on_first(thread: Thread) -> bool:
    """Tells whether a reply answers the first one, which may be removed: whether it then still does is left open."""
    return len(_public(thread)) < len(thread.replies) or any(
        one.answers == thread.replies[0].key for one in thread.replies
    )


def _edited(entry: Entry) -> Entry:
    return replace(entry, text=(*entry.text, Piece("【更正】以上说法不准确，已核实。")))


def _more(thread: Thread, number: int, now: datetime) -> Entry:
    made = thread_of(9500 + number, now, now + timedelta(minutes=1), board=thread.board, replies=0, seed=number)
    return replace(made.opening, key=f"{thread.key}n{number}")
