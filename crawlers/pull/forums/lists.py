"""What a forum says of its lists while it is walked: how much each holds by its own count, and how far it was read."""

from collections.abc import Iterable
from datetime import datetime

from crawlers.lists import ListTally
from crawlers.pages.forum import BoardListing, Index, Totals
from crawlers.pull.forums.walk import ListWalk
from stream.state.source_lists import TOLERATED_THREADS, tolerated


class MetLists:
    """The lists of one crawl, which `began` then; what is told of them goes into `lists`, by their boards."""

    def __init__(self, lists: dict[str, ListTally], began: datetime) -> None:
        self.began = began
        self.names: dict[str, str] = {}
        self._lists = lists
        self._totals: dict[str, Totals] = {}

    def index(self, found: Index) -> None:
        """Notes what a page of the index says of boards."""
        self.names |= found.names
        self._totals |= found.totals

    def hear(self, listing: BoardListing, walk: ListWalk) -> None:
        """Notes what a page of a list says of it."""
        one = self._lists.setdefault(walk.board, ListTally(name=walk.board, began=self.began, of_threads=True))
        one.name = listing.name or self.names.get(walk.board) or one.name
        one.pinned |= {row.thread for row in listing.threads if row.sticky}
        if walk.trail.number == 1:
            self._totals |= listing.below
            own = own_totals(listing, self._totals.get(walk.board, Totals()))
            one.threads, one.posts = own.threads, own.posts

    def end(self, board: str, whole: bool | None) -> None:
        """Notes that the walk through a list came to where it may stop, and whether that was its last page."""
        one = self._lists.get(board)
        if one is not None:
            one.ended, one.whole = True, whole

    def whose(self, told: str | None) -> str | None:
        """Finds the board that a thread's page means by an id or a name; None where no board is it, or two are."""
        if told in self._lists:
            return told
        named = [board for board, one in self._lists.items() if one.name == told]
        return named[0] if len(named) == 1 else None


def own_totals(listing: BoardListing, told: Totals) -> Totals:
    """Counts what a board holds itself: `told` of it is with the boards below it, as indexes have it.

    Where its own list counts other threads than are left then, something else was counted, and its posts are unknown.
    """
    threads = _less(told.threads, (below.threads for below in listing.below.values()))
    posts = _less(told.posts, (below.posts for below in listing.below.values()))
    if listing.total is not None and threads is not None:
        posts = posts if abs(listing.total - threads) <= tolerated(listing.total, TOLERATED_THREADS) else None
    return Totals(
        threads=threads if listing.total is None else listing.total,
        posts=posts if listing.posts is None else listing.posts,
    )


def _less(whole: int | None, parts: Iterable[int | None]) -> int | None:
    left = whole
    for part in parts:
        left = None if left is None or part is None else left - part
    return None if left is None else max(0, left)
