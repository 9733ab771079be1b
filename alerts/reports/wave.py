"""The posts of a case from its first to its end: where they came from, how they spread, what they say. Pure but `read`.

Counted are the topic's posts by `charted_at`; words are shown as letters show them, masked, and of nobody by name.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from types import MappingProxyType

from alerts.notify.contents.quotes import Quote, choose, clean, defang, mask, quote
from stream.errors import Retryable
from stream.index.port import Query, Reader, withheld
from stream.messages import Act, Label, ScoredPost

MOST = 20_000  # posts read of one case
BINS = 36  # of the trend, at most
STEPS = tuple(timedelta(minutes=n) for n in (5, 10, 15, 30, 60, 120, 360, 720, 1440, 4320, 10080))
SAYINGS, THREADS = 6, 8
LONGEST = 60  # characters of a title or of what is said

AnsweredSpan = tuple[datetime, datetime, datetime]  # a wave's beginning, the answer to it, the next wave or the end


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSource:
    """The earliest negative post: when, where, under which title, at which address; `removed`: gone since."""

    at: datetime
    site: str
    board: str
    title: str
    url: str
    edited: bool
    removed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteShare:
    """What one site brought, and when it came in."""

    site: str
    first_at: datetime
    posts: int
    negative: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadShare:
    """What one thread brought. `views` and `replies` are the site's own counters, None where it does not say."""

    title: str
    site: str
    first_at: datetime
    posts: int
    negative: int
    views: int | None
    replies: int | None
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """One text that was said, by how many posts and people, and first when."""

    text: str
    posts: int
    authors: int
    first_at: datetime


@dataclass(frozen=True, slots=True)
class Share:
    """Negative posts among all."""

    negative: int
    total: int

    @property
    def part(self) -> float | None:
        """The share, None of no post."""
        return self.negative / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class PublicAnswer:
    """A word to the public at `at`: the share from its wave's beginning to it, and from it to the next wave or the
    end."""

    at: datetime
    before: Share
    after: Share


@dataclass(frozen=True, slots=True)
class TrendStep:
    """Posts in [start, the next step's start)."""

    start: datetime
    total: int
    negative: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveFacts:
    """All of it, of the posts in [since, until). Sites and threads are in order of first appearance.

    `cut`: there were more posts than were read.
    """

    since: datetime
    until: datetime
    total: int
    negative: int
    uncertain: int
    authors: int
    texts: int
    edited: int
    removed: int
    first: FirstSource | None
    sites: tuple[SiteShare, ...]
    threads: tuple[ThreadShare, ...]
    sayings: tuple[Saying, ...]
    labels: tuple[tuple[Label, int], ...]
    appeals: tuple[tuple[str, int], ...]
    quotes: tuple[Quote, ...]
    trend: tuple[TrendStep, ...]
    step: timedelta
    answers: tuple[PublicAnswer, ...]
    models: tuple[str, ...]
    cut: bool


def read_posts(reader: Reader, topic: str, since: datetime, until: datetime) -> list[ScoredPost] | None:
    """Reads the topic's posts of the time, one more than `MOST` at most; None while the index is away."""
    query = Query(topics=(topic,), charted_since=since, charted_until=until)
    try:
        return list(islice(reader.export(query), MOST + 1))
    except Retryable:
        return None


def sum_up(
    posts: Sequence[ScoredPost],
    since: datetime,
    until: datetime,
    answered: Sequence[AnsweredSpan],
    now: datetime,
    names: Mapping[str, str] = MappingProxyType({}),
) -> WaveFacts:
    """Sums the posts up as they may be shown at `now`; `answered` are the words said to the public, in order.

    `names` is what people call the sources; a site goes by its source's, by its key without one.
    """
    shown = (withheld(replace(post, site=names.get(post.source, post.site)), now) for post in posts[:MOST])
    told = sorted(shown, key=lambda one: (one.charted_at, one.id))
    negative = [post for post in told if post.label is Label.NEGATIVE]
    step = next((one for one in STEPS if (until - since) / one <= BINS), STEPS[-1])
    return WaveFacts(
        since=since, until=until, total=len(told), negative=len(negative),
        uncertain=sum(post.label is Label.UNCERTAIN for post in told), authors=_authors(negative),
        texts=len({post.fingerprint for post in negative}),
        edited=sum(post.edited_at is not None for post in told),
        removed=sum(post.deleted_at is not None for post in told),
        first=_first(negative[0]) if negative else None, sites=_sites(told), threads=_threads(told),
        sayings=_sayings(negative), labels=_labels(told), appeals=_appeals(told),
        quotes=tuple(quote(post, now) for post in choose(negative)), trend=_trend(told, since, until, step),
        step=step,
        answers=tuple(PublicAnswer(at, _share(told, start, at), _share(told, at, end)) for start, at, end in answered),
        models=tuple(sorted({post.model for post in told})), cut=len(posts) > MOST,
    )  # fmt: skip


def _authors(posts: Sequence[ScoredPost]) -> int:
    """Counts people; a post without a voice is one of its own."""
    return len({post.voice or post.id for post in posts})


def _first(post: ScoredPost) -> FirstSource:
    return FirstSource(
        at=post.charted_at, site=clean(post.site, 60), board=clean(post.board or "", 60), title=_words(post.title),
        url=clean(post.url, 300), edited=post.edited_at is not None, removed=post.deleted_at is not None,
    )  # fmt: skip


def _sites(posts: Sequence[ScoredPost]) -> tuple[SiteShare, ...]:
    by_site: dict[str, list[ScoredPost]] = defaultdict(list)
    for post in posts:
        by_site[post.site].append(post)
    return tuple(
        SiteShare(site=clean(site, 60), first_at=some[0].charted_at, posts=len(some), negative=_negative(some))
        for site, some in by_site.items()
    )


def _threads(posts: Sequence[ScoredPost]) -> tuple[ThreadShare, ...]:
    by_thread: dict[str, list[ScoredPost]] = defaultdict(list)
    for post in posts:
        by_thread[post.thread_id].append(post)
    most = sorted(by_thread.values(), key=lambda some: (-_negative(some), -len(some), some[0].charted_at))[:THREADS]
    return tuple(map(_thread, sorted(most, key=lambda some: (some[0].charted_at, some[0].id))))


def _thread(posts: list[ScoredPost]) -> ThreadShare:
    counts = [post.counts for post in posts]
    first = posts[0]
    untitled = "（原帖已不公开）" if first.deleted_at else "（无标题）"
    return ThreadShare(
        title=_words(first.title) or _words(first.text) or untitled, site=clean(first.site, 60),
        first_at=first.charted_at, posts=len(posts), negative=_negative(posts),
        views=max((one.views for one in counts if one.views is not None), default=None),
        replies=max((one.replies for one in counts if one.replies is not None), default=None),
        url=clean(first.url, 300),
    )  # fmt: skip


def _sayings(posts: Sequence[ScoredPost]) -> tuple[Saying, ...]:
    """Groups what is said by its fingerprint, which copies share."""
    by_text: dict[str, list[ScoredPost]] = defaultdict(list)
    for post in posts:
        if post.text or post.title:
            by_text[post.fingerprint].append(post)
    most = sorted(by_text.values(), key=lambda some: (-len(some), some[0].charted_at))[:SAYINGS]
    return tuple(
        Saying(
            text=_words(some[0].text or some[0].title), posts=len(some), authors=_authors(some),
            first_at=some[0].charted_at,
        )
        for some in most
    )  # fmt: skip


def _labels(posts: Sequence[ScoredPost]) -> tuple[tuple[Label, int], ...]:
    counted = Counter(post.label for post in posts)
    return tuple((label, counted[label]) for label in Label)


def _appeals(posts: Sequence[ScoredPost]) -> tuple[tuple[str, int], ...]:
    counted = Counter(field for post in posts if post.act is Act.APPEAL for field in post.fields)
    return tuple(sorted(counted.items(), key=lambda one: (-one[1], one[0])))


def _trend(posts: Sequence[ScoredPost], since: datetime, until: datetime, step: timedelta) -> tuple[TrendStep, ...]:
    bins: dict[int, list[ScoredPost]] = defaultdict(list)
    for post in posts:
        bins[(post.charted_at - since) // step].append(post)
    number = max(1, -((since - until) // step))
    return tuple(TrendStep(since + at * step, len(bins[at]), _negative(bins[at])) for at in range(number))


def _share(posts: Sequence[ScoredPost], since: datetime, until: datetime) -> Share:
    some = [post for post in posts if since <= post.charted_at < until]
    return Share(_negative(some), len(some))


def _negative(posts: Sequence[ScoredPost]) -> int:
    return sum(post.label is Label.NEGATIVE for post in posts)


def _words(text: str) -> str:
    words = defang(mask(clean(text)))
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"
