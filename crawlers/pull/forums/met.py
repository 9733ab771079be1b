"""What one crawl of a forum has met so far: its boards, and the threads that it asked for."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

# Priorities: lists with what is new, its threads, those due by age, then back-fill, older lists and the sweep. The
# pages of one thread come without a pause: they are one higher than its first.
NEWS, LIVE, DUE, BACKFILL, OLDER, SWEEP = 20, 10, 6, 2, 0, -4
SAME_THREAD = 1


@dataclass(slots=True)
class MetBoards:
    """The boards, in the order in which they were found; `shut` ones refused us.

    `all_heard` is False once a page was missed that may link to boards.
    """

    found: dict[str, None] = field(default_factory=dict)
    shut: set[str] = field(default_factory=set)
    all_heard: bool = True
    _unheard: set[str] = field(default_factory=set)
    _walks: Counter[str] = field(default_factory=Counter)

    def meet(self, board: str) -> bool:
        """Takes a board in and begins a walk through its list; whether it is new to this crawl."""
        if board in self.found:
            return False
        self.found[board] = None
        self._unheard.add(board)
        self.walk(board)
        return True

    def walk(self, board: str) -> None:
        """Begins a walk through a board's list, beside those that may be under way."""
        self._walks[board] += 1

    def through(self, board: str) -> bool:
        """Ends a walk; whether every one came to its end. One that broke did not: the list may have more to tell."""
        self._walks[board] -= 1
        return not self._walks[board]

    def hear(self, board: str) -> bool:
        """Notes that the first page of a board came; whether it was the last one to wait for."""
        if board not in self._unheard:
            return False
        self._unheard.discard(board)
        return not self._unheard

    def lost(self, known: Mapping[str, str]) -> tuple[str, ...]:
        """Finds the boards, of those that were `known` to be public, that are so no more.

        They are those that refuse us now, and those to which nothing links. The latter only where every page that may
        link to boards was heard.
        """
        return tuple(one for one in known if one in self.shut or (self.all_heard and one not in self.found))


@dataclass(slots=True)
class MetThreads:
    """The threads that were asked for; `backfill` is how many more of the old ones may be read for the first time.

    `gone` are those that a list calls deleted: what their pages say instead is no other reason.
    """

    backfill: int
    gone: set[str] = field(default_factory=set)
    _asked: set[str] = field(default_factory=set)
    _open: set[str] = field(default_factory=set)

    def begin(self, thread: str, priority: int, *, again: bool = False) -> bool:
        """Begins a visit; whether there is to be one: one a crawl, or, where it moved `again`, one at a time."""
        if thread in (self._open if again else self._asked) or (priority == BACKFILL and not self.backfill):
            return False
        self.backfill -= priority == BACKFILL
        self._asked.add(thread)
        self._open.add(thread)
        return True

    def end(self, thread: str) -> None:
        """Ends a visit that came to its end; one that broke stays open, and is due at the next crawl."""
        self._open.discard(thread)
