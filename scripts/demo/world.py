"""The demo's forum as a value: who wrote what, when, and what of it was there to read at a given moment."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import TypeVar

T = TypeVar("T")


class Stuck(IntEnum):
    """Where a thread is pinned to the top."""

    NOWHERE = 0
    BOARD = 1
    EVERYWHERE = 3


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with a name on the forum; uid 0 has left it."""

    uid: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A board; `noisy` ones print anti-copy noise into every line break, `closed` ones are for members."""

    fid: int
    name: str
    parent: int | None = None
    closed: bool = False
    noisy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One post. `text` is plain words; `markup` overrides it with HTML as the forum's software would print it."""

    pid: int
    tid: int
    author: Member
    at: datetime
    text: str
    markup: str | None = None
    edited_at: datetime | None = None
    edited_text: str = ""
    deleted_at: datetime | None = None
    quotes: int | None = None
    shielded: bool = False
    anonymous: bool = False
    picture: bool = False

    def is_there(self, now: datetime) -> bool:
        return self.at <= now and (self.deleted_at is None or now < self.deleted_at)

    def is_edited(self, now: datetime) -> bool:
        return self.edited_at is not None and self.edited_at <= now


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A thread. One with `moved_to` is the stub that stayed behind in its old board."""

    tid: int
    fid: int
    title: str
    at: datetime
    kind: str | None = None
    stuck: Stuck = Stuck.NOWHERE
    closed: bool = False
    deleted_at: datetime | None = None
    moved_to: int | None = None
    members_only: bool = False

    def is_there(self, now: datetime) -> bool:
        return self.at <= now and (self.deleted_at is None or now < self.deleted_at)


@dataclass(frozen=True, slots=True)
class Row:
    """A thread as its board's list shows it."""

    thread: Thread
    first: Entry
    last: Entry
    replies: int
    views: int


@dataclass(slots=True)
class World:
    """Everything that will ever be written on the forum; every question takes the moment it is asked at."""

    boards: tuple[Board, ...]
    threads: dict[int, Thread]
    entries: dict[int, Entry]
    _of_thread: dict[int, list[Entry]] = field(init=False)
    _of_board: dict[int, list[Thread]] = field(init=False)

    def __post_init__(self) -> None:
        self._of_thread = _grouped((entry.tid, entry) for entry in sorted(self.entries.values(), key=lambda e: e.pid))
        self._of_board = _grouped((thread.fid, thread) for thread in self.threads.values())

    def board(self, fid: int) -> Board | None:
        return next((board for board in self.boards if board.fid == fid), None)

    def thread(self, tid: int, now: datetime) -> Thread | None:
        """The thread, or None before it was opened and after it was deleted."""
        thread = self.threads.get(tid)
        return thread if thread and thread.is_there(now) else None

    def posts(self, tid: int, now: datetime) -> list[Entry]:
        """What stands in a thread, shielded posts included, in order."""
        return [entry for entry in self._of_thread.get(tid, []) if entry.is_there(now)]

    def pinned(self, fid: int, now: datetime) -> list[Row]:
        """The sticky threads shown above a board's list: the forum's own, then the board's."""
        stuck = [t for t in self.threads.values() if t.stuck is Stuck.EVERYWHERE or (t.stuck and t.fid == fid)]
        return [self._row(t, now) for t in sorted(stuck, key=lambda t: -t.stuck) if t.is_there(now)]

    def listed(self, fid: int, now: datetime) -> list[Row]:
        """A board's ordinary threads, the last replied first."""
        plain = [t for t in self._of_board.get(fid, []) if t.stuck is Stuck.NOWHERE and t.is_there(now)]
        return sorted((self._row(thread, now) for thread in plain), key=lambda row: row.last.pid, reverse=True)

    def size(self, fid: int, now: datetime) -> tuple[int, int]:
        """How many threads and posts a board holds."""
        threads = [thread for thread in self._of_board.get(fid, []) if thread.is_there(now)]
        return len(threads), sum(len(self.posts(thread.tid, now)) for thread in threads)

    def _row(self, thread: Thread, now: datetime) -> Row:
        there = self.posts(thread.moved_to or thread.tid, now)
        age = (now - thread.at).total_seconds() / 3600
        views = len(there) * 17 + int(age * (thread.tid % 7 + 1) / 6)
        return Row(thread, there[0], there[-1], len(there) - 1, views)


def _grouped(pairs: Iterable[tuple[int, T]]) -> dict[int, list[T]]:
    groups: dict[int, list[T]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return groups
