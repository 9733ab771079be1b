"""When a thread is read again, and what an absence means: pure decisions of the walk."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from operator import itemgetter

#: Younger than -> read again after. Older threads are read again only when their counters move.
SCHEDULE: tuple[tuple[timedelta, timedelta], ...] = (
    (timedelta(days=1), timedelta(hours=1)),
    (timedelta(days=7), timedelta(days=1)),
    (timedelta(days=30), timedelta(days=7)),
)
CLOSED_AGAIN = timedelta(days=7)  # a thread for members only: looked at again, it may be opened
DOUBTED_AGAIN = timedelta(days=1)  # one that led to the login once: the site may only have had a bad day
SOONEST = timedelta(minutes=10)  # as often as lists are looked at
GROWING = 3  # posts: one that comes in the time these took is to be seen before as many more are written
OLD = SCHEDULE[-1][0] + SCHEDULE[-1][1]  # read for the last time by the schedule: from here on the sweep looks after it


def next_visit(published_at: datetime | None, visited_at: datetime, posted: Iterable[datetime] = ()) -> datetime | None:
    """Tells when to read a thread again whose counters do not move; None for never. Unknown age counts as a day.

    `posted` are the times of its posts: while a thread grows it is read again sooner, in the time that its last few
    posts took to come.
    """
    age = visited_at - published_at if published_at is not None else timedelta(days=1)
    pause = next((pause for limit, pause in SCHEDULE if age < limit), None)
    latest = sorted(moment for moment in posted if moment <= visited_at)[-GROWING:]
    if len(latest) == GROWING:
        pace = max(SOONEST, visited_at - latest[0])
        slowest = pause if pause is not None else SCHEDULE[1][1]
        pause = pace if pace < slowest else pause
    return None if pause is None else visited_at + pause


@dataclass(frozen=True, slots=True)
class Absent:
    """Known posts that a reading of their thread did not show: `gone` for certain, `doubtful` until missed again."""

    gone: frozenset[str]
    doubtful: frozenset[str]


def absent(
    known: Iterable[str], pages: Sequence[Sequence[str]], rank: Callable[[str], int | None], *, shorter: bool = False
) -> Absent:
    """Finds what is missing from a thread that was read from its first page to its last.

    `rank` tells of a native id where it belongs: it rises in the order in which pages show posts, None where the
    software's ids tell nothing. A post that falls between two pages is doubtful: while we read, a deletion may have
    moved it from the page still to come to the one already read. So is what would stand behind the last page, where the
    thread became `shorter` meanwhile: a page that was promised had nothing left to show. And so is everything where the
    order shown is not that of the ranks (merged threads, ids without an order): nothing tells where a post belonged.
    """
    missing = set(known) - {post for page in pages for post in page}
    ranks = [[rank(post) for post in page] for page in pages if page]
    order = [number for page in ranks for number in page if number is not None]
    if not order or len(order) < sum(map(len, ranks)) or order != sorted(order):
        return Absent(frozenset(), frozenset(missing))
    gaps = [(earlier[-1] or 0, later[0]) for earlier, later in pairwise(ranks)]
    gaps += [(order[-1], None)] if shorter else []
    doubtful = frozenset(post for post in missing if _is_doubtful(rank(post), gaps))
    return Absent(frozenset(missing) - doubtful, doubtful)


def _is_doubtful(place: int | None, gaps: Sequence[tuple[int, int | None]]) -> bool:
    """Tells whether a post belongs into one of the gaps, which stand in order; one that ends with None is open."""
    if place is None:
        return True
    at = bisect_left(gaps, place, key=itemgetter(0)) - 1  # the last gap that begins before it: none other can hold it
    if at < 0:
        return False
    high = gaps[at][1]
    return high is None or place < high
