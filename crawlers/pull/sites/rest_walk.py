"""How a list with a total is read: what is new first, the whole when it is due or the total says that one is off."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crawlers.pages.wordpress.address import BY_ID, Listing
from crawlers.pages.wordpress.rest import RestPage

WHOLE, FRESH = 100, 20  # rows a page: the most that WordPress gives, and what is new since the last crawl
SWEEP_EVERY = timedelta(days=1)
SWEPT_A_DAY = 100  # pages: a longer list is read whole less often
MOST_A_DAY = 1000  # pages, where totals that move have it read again and again


@dataclass(slots=True, kw_only=True)
class ListReading:
    """One reading of a list, from its first page on.

    It `may_stop` at a page without news; a `sweep` reads by id to the end. `total` is what the last page told, `shown`
    are native ids. It `ended` where the site says that there are no more pages, not where one repeats another. It is
    `steady` while the total stays, so that no row slipped from a page to come to one that was read.
    """

    listing: Listing
    may_stop: bool
    sweep: bool = False
    number: int = 1
    total: int | None = None
    steady: bool = True
    ended: bool = False
    shown: set[str] = field(default_factory=set)

    @property
    def size(self) -> int:
        """Tells how many rows to ask for."""
        return FRESH if self.may_stop and not self.sweep else WHOLE

    @property
    def order(self) -> dict[str, str]:
        """Tells in which order."""
        return BY_ID if self.sweep else self.listing.latest_first

    def follow(self, page: RestPage, news: bool) -> bool:
        """Takes a page into the reading; whether the next one is wanted, which then is the one to ask for."""
        self.steady = self.steady and page.total is not None and self.total in (None, page.total)
        self.total = page.total if page.total is not None else self.total
        ids = {one.native_id for one in page.observations}
        repeated = bool(ids) and ids <= self.shown
        self.shown |= ids
        last = self.number >= page.pages if page.pages is not None else not ids and not page.withheld
        self.ended = last and not repeated
        if last or repeated or (self.may_stop and not self.sweep and not news):
            return False
        self.number += 1
        return True

    def gone(self, living: Collection[str]) -> tuple[frozenset[str], bool]:
        """Finds the known posts that a reading to the end did not show, and whether that is certain.

        A list that shows nothing at all was switched off rather than emptied: nothing of it is gone.
        """
        if not self.ended or not self.shown:
            return frozenset(), False
        return frozenset(living) - self.shown, self.steady


def not_for_guests(total: int | None, known: int) -> int | None:
    """Counts the posts of the site's total that it keeps to itself, as far as all others are known."""
    return None if total is None else total - known


def is_off(counters: str | None, total: int | None, known: int) -> bool:
    """Tells whether the total says that posts came or went which were not seen; `counters` are those of before."""
    return counters is None or counters != str(not_for_guests(total, known))


def has_rested(total: int | None, swept_at: datetime | None, now: datetime) -> bool:
    """Tells whether the whole list may be read again on a total's word: a long one is not read at every deletion."""
    pause = timedelta(days=1) * ((total or 0) / WHOLE / MOST_A_DAY)
    return swept_at is None or swept_at + pause <= now


def next_sweep(total: int | None, now: datetime) -> datetime:
    """Tells when to read the whole list again: edits of comments and deletions show nowhere else."""
    return now + max(SWEEP_EVERY, SWEEP_EVERY * ((total or 0) / WHOLE / SWEPT_A_DAY))


def for_guests(counters: str | None, total: int) -> int:
    """Counts what a guest may read, by what was not for guests when the list was read to its end."""
    kept = int(counters) if counters is not None and counters.lstrip("-").isdigit() else 0
    return max(0, total - max(0, kept))
