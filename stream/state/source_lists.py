"""How complete each list of a source is: a board, a feed, a collection. Written by crawlers, read by all.

A site's own totals are no truth: they count what waits for a moderator, what was hidden, and what was deleted and is
still kept. What is missing is told as it is; a list is short only where more is missing than that explains.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from math import ceil

from sqlalchemy import Engine, select
from sqlalchemy.orm import Mapped, mapped_column

from stream.state.database import Base, reading
from stream.state.source_health import SourceHealth

# By the recordings of Discuz! and NodeBB, of which every thread and post is known: totals of threads were right but for
# 1 of 46, where a thread was moved away; totals of posts were too high by 1 or 2 of up to 29, by 1 or 2 of 200, and by
# 11 of 210 where a thread was deleted and is still counted.
TOLERATED_THREADS, TOLERATED_POSTS = 0.01, 0.06  # parts of the total
TOLERATED_FEW = 2  # on a small list, a part of which is less than one


@dataclass(frozen=True, slots=True)
class Lacking:
    """How many threads or posts, of how many by the site's own count, are not here."""

    missing: int
    told: int


class SourceList(Base):
    """One list of a source, as the last crawl that met it left it; None is what nobody knows.

    `…_told` are the site's own totals, as far as they are for guests, `…_held` what is held here: threads that were
    read to their end and are not gone, posts that are not deleted. `waiting` threads were listed and not read yet.
    `whole`: its pages were read to the last one. `read_at` is when the last crawl that met it began; everything that
    was listed up to `complete_until` was read. `short_since` is since when more is missing than is tolerated.
    """

    __tablename__ = "source_list"

    source: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    threads_told: Mapped[int | None]
    threads_held: Mapped[int | None]
    posts_told: Mapped[int | None]
    posts_held: Mapped[int | None]
    waiting: Mapped[int] = mapped_column(default=0)
    whole: Mapped[bool] = mapped_column(default=False)
    read_at: Mapped[datetime]
    complete_until: Mapped[datetime | None]
    short_since: Mapped[datetime | None]

    @property
    def threads_missing(self) -> int | None:
        """How many threads the site has beyond ours; None where either is unknown."""
        return _missing(self.threads_told, self.threads_held)

    @property
    def posts_missing(self) -> int | None:
        """How many posts the site has beyond ours; None where either is unknown."""
        return _missing(self.posts_told, self.posts_held)

    @property
    def short(self) -> Lacking | None:
        """What is missing, where that is more than a site's totals explain.

        Told only of a list that was read to its last page; threads that wait are no riddle, and their posts are not
        counted before they are read.
        """
        if not self.whole:
            return None
        threads = max(0, (self.threads_missing or 0) - self.waiting)
        if self.threads_told is not None and threads > tolerated(self.threads_told, TOLERATED_THREADS):
            return Lacking(threads, self.threads_told)
        posts = 0 if self.waiting else self.posts_missing or 0
        if self.posts_told is not None and posts > tolerated(self.posts_told, TOLERATED_POSTS):
            return Lacking(posts, self.posts_told)
        return None


def tolerated(told: int, part: float) -> int:
    """Returns how many of a site's total may be missing before anybody is told."""
    return max(TOLERATED_FEW, ceil(told * part))


def lists_of_current(engine: Engine) -> Mapping[str, tuple[SourceList, ...]]:
    """Reads the lists of every source that is not retired, by source; those of one by name."""
    with reading(engine) as session:
        current = select(SourceHealth.source).where(SourceHealth.retired_at.is_(None))
        rows = list(session.scalars(select(SourceList).where(SourceList.source.in_(current))))
    rows.sort(key=lambda row: (row.source, row.name, row.key))
    return {source: tuple(found) for source, found in groupby(rows, key=lambda row: row.source)}


def _missing(told: int | None, held: int | None) -> int | None:
    return None if told is None or held is None else max(0, told - held)
