"""The index's port: every post in its newest observation, found by words, counted by time.

A query means the same on every engine: see `Query`. Tokens are those of stream/index/tokens.py.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from stream.messages import Act, Label, Precision, ScoredPost

WITHHELD_AFTER = timedelta(hours=24)  # a post gone at its source is shown, found and exported no longer than this


class Outcome(StrEnum):
    """What became of one document of a bulk."""

    INDEXED = "indexed"
    STALE = "stale"  # a newer observation is there already: a success
    ERASED = "erased"  # the post was erased for good: it never returns
    REFUSED = "refused"  # the engine will never take it: quarantine


@dataclass(frozen=True, slots=True)
class PutResult:
    """The outcome for one post; `detail` is the engine's own sentence for a refusal."""

    outcome: Outcome
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which posts. Every given condition must hold; None and () mean no condition.

    `words` is what a person types: parts parted by white space must all occur, each as a phrase (its tokens adjacent,
    not across punctuation but where the part has some itself), in title or text; a part in double quotes may hold white
    space; of `one OR other` either must occur; `-part` must not occur. See stream/index/query.py.
    Times are half-open [since, until). `topics`, `labels`, `sites`, `sources`, `boards`, `acts`, `fields`, `cues` and
    `precisions` (how exactly the site dates a post) match any of theirs. `authorless` posts are those whose site names
    nobody. `least_replies` and `least_views` are of the post's own counters, as the site told them last; a post without
    one never has enough.
    """

    words: str = ""
    topics: tuple[str, ...] = ()
    labels: tuple[Label, ...] = ()
    sites: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    acts: tuple[Act, ...] = ()
    fields: tuple[str, ...] = ()
    cues: tuple[str, ...] = ()
    precisions: tuple[Precision, ...] = ()
    thread_id: str | None = None
    charted_since: datetime | None = None
    charted_until: datetime | None = None
    counted_since: datetime | None = None
    counted_until: datetime | None = None
    observed_since: datetime | None = None
    deleted: bool | None = None  # True: only posts gone at their source; False: only those still there
    boards: tuple[str, ...] = ()
    authorless: bool | None = None
    least_replies: int | None = None
    least_views: int | None = None


class Order(StrEnum):
    """The order of a search. All are descending; equals come newest first, then by id."""

    NEWEST = "newest"  # by `charted_at`
    NEGATIVE = "negative"  # by the probability that the post is negative; posts without a score come last
    REPLIES = "replies"  # by the post's own counter of replies; posts without one come last


RANKED = 5_000  # the newest posts found, which the orders but NEWEST rank: what is older is in no page of theirs


@dataclass(frozen=True, slots=True)
class Page:
    """Posts in the search order, and the mark that continues after them (None: no more).

    `ranked` is how many posts, the newest ones found, an order other than NEWEST ranked where there are more to find;
    None where it ranked all.
    """

    posts: tuple[ScoredPost, ...]
    after: str | None
    ranked: int | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """A number of posts as far as a person waits for it; there may be more of them unless it is `exact`."""

    number: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Bucket:
    """Counts of the posts whose time lies in [start, start + step).

    `authors` and `texts` are numbers of distinct authors and fingerprints among the negative posts; a post without a
    voice counts as one voice of its own. `unscored` posts count in `total` too.
    """

    start: datetime
    total: int = 0
    negative: int = 0
    uncertain: int = 0
    unscored: int = 0
    authors: int = 0
    texts: int = 0


class Axis(StrEnum):
    """By which time a histogram counts: spikes by `counted_at`, charts and baselines by `charted_at`."""

    COUNTED = "counted_at"
    CHARTED = "charted_at"


def withheld(post: ScoredPost, now: datetime) -> ScoredPost:
    """Returns the post as it may be shown at `now`: without its words once it is gone for `WITHHELD_AFTER`."""
    if post.deleted_at is None or now - post.deleted_at < WITHHELD_AFTER:
        return post
    return without_words(post)


def without_words(post: ScoredPost) -> ScoredPost:
    """Returns the post without anything that its author wrote."""
    return replace(post, title="", text="", passage=None)


class Writer(Protocol):
    """Puts posts into the index."""

    def put(self, posts: Sequence[ScoredPost]) -> list[PutResult]:
        """Returns one outcome per post, in order. A post replaces an earlier or equal `observed_at` of the same id.

        What it reports as indexed survives a crash. Raises `Retryable` when the engine cannot take any now: then some
        may be written, and putting all again is harmless.
        """
        ...

    def erase(self, ids: Sequence[str]) -> int:
        """Removes posts for good, remembers their ids so that no replay brings them back; returns how many it found."""
        ...

    def withhold(self, now: datetime) -> int:
        """Empties title and text of posts gone for `WITHHELD_AFTER`, still counted but found by no word; how many.

        To be called every few minutes. An equal observation put later does not bring the words back.
        """
        ...

    def close(self) -> None:
        """Releases the engine."""
        ...


class Reader(Protocol):
    """Finds and counts posts."""

    def get(self, ids: Sequence[str]) -> list[ScoredPost]:
        """Returns the posts that are there, in the order of `ids`."""
        ...

    def search(self, query: Query, limit: int = 20, after: str | None = None) -> Page:
        """Finds posts, ordered by `charted_at` descending, then `id`.

        Raises `Rejected("query")` for words nobody can mean.
        """
        ...

    def count(self, query: Query) -> int:
        """Counts the posts. Raises as `search` does."""
        ...

    def histogram(self, query: Query, axis: Axis, start: datetime, end: datetime, step: timedelta) -> list[Bucket]:
        """Counts one bucket per step from `start`, empty ones included.

        Raises `Retryable` rather than give partial counts.
        """
        ...

    def tally(
        self, query: Query, axis: Axis, start: datetime, end: datetime, step: timedelta
    ) -> Mapping[str, list[Bucket]]:
        """Counts every topic at once: by topic, of the buckets `histogram` would give, those with a post, in order.

        The topics are all that matching posts in [start, end) have, or those of them in `query.topics`. A post counts
        for each of its topics, one without a topic nowhere. One state of the index; raises as `histogram` does.
        """
        ...

    def export(self, query: Query) -> Iterator[ScoredPost]:
        """Yields every post, each once, in order of `id`, without holding them all in memory."""
        ...

    def close(self) -> None:
        """Releases the engine."""
        ...


class Finder(Reader, Protocol):
    """Answers a person who searches and waits: in other orders, and no longer than a page may take."""

    def search(self, query: Query, limit: int = 20, after: str | None = None, order: Order = Order.NEWEST) -> Page:
        """Finds posts in `order`; `after` is a mark of the same order.

        The orders but NEWEST rank the newest `RANKED` posts found. An engine that has no column for `boards`,
        `least_replies` or `least_views` reads at most `RANKED` posts for them: then a page may hold fewer than `limit`,
        even none, although its mark leads on to more; and other orders rank what is among those. Raises
        `Rejected("query")` as `Reader.search` does.
        """
        ...

    def count_up_to(self, query: Query, most: int = 10_000) -> Counted:
        """Counts no further than `most`, nor reads more than `RANKED` posts for a condition without a column."""
        ...
