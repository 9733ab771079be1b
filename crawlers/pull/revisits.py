"""When a thread is read again, and what an absence means: pure decisions of the walk."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from stream.messages import Counts, Kind, Post

#: Younger than -> read again after. Older threads are read again only when their counters move.
SCHEDULE: tuple[tuple[timedelta, timedelta], ...] = (
    (timedelta(days=1), timedelta(hours=1)),
    (timedelta(days=7), timedelta(days=1)),
    (timedelta(days=30), timedelta(days=7)),
)
CLOSED_AGAIN = timedelta(days=7)  # a thread for members only: looked at again, it may be opened


def next_visit(published_at: datetime | None, visited_at: datetime) -> datetime | None:
    """When to read a thread again whose counters do not move; None for never. Unknown age counts as a day."""
    age = visited_at - published_at if published_at is not None else timedelta(days=1)
    return next((visited_at + pause for limit, pause in SCHEDULE if age < limit), None)


def worth_sending(known: Post | None, post: Post) -> bool:
    """Whether the log has to learn of this observation.

    New, other words, another edit note, back after a deletion; and, for opening posts alone, other counters: those of
    a reply come with no page of their own.
    """
    if known is None or known.deleted_at is not None:
        return True
    if (known.content_hash, known.edited_at) != (post.content_hash, post.edited_at):
        return True
    return post.kind in (Kind.THREAD, Kind.ARTICLE) and post.counts not in (Counts(), known.counts)


@dataclass(frozen=True, slots=True)
class Absent:
    """Known posts that a reading of their thread did not show: `gone` for certain, `doubtful` until missed again."""

    gone: frozenset[str]
    doubtful: frozenset[str]


def absent(known: Iterable[str], pages: Sequence[Sequence[str]]) -> Absent:
    """What is missing from a thread that was read from its first page to its last, ids being `kind:number`.

    A post that falls between two pages is doubtful: while we read, a deletion may have moved it from the page still
    to come to the one already read. So is everything where the site does not order by number (merged threads, newest
    first), since then nothing tells where a post belonged.
    """
    missing = set(known) - {post for page in pages for post in page}
    numbers = [[_number(post) for post in page] for page in pages if page]
    order = [number for page in numbers for number in page]
    if not order or order != sorted(order):
        return Absent(frozenset(), frozenset(missing))
    between = [(earlier[-1], later[0]) for earlier, later in pairwise(numbers)]
    doubtful = frozenset(post for post in missing if any(low < _number(post) < high for low, high in between))
    return Absent(frozenset(missing) - doubtful, doubtful)


def _number(post: str) -> int:
    digits = post.rpartition(":")[2]
    return int(digits) if digits.isdigit() else -1
