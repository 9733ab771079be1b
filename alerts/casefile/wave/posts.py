"""A wave's posts and counts, read from the index in a few bounded queries, however large the wave is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import accumulate, takewhile

from alerts.detection.signals import HOUR
from stream.index.port import Axis, Bucket, Query, Reader
from stream.messages import Label, ScoredPost

READ = 2_000  # posts of a wave that are looked at
BINS = 600  # counts asked for at once
BEFORE = timedelta(hours=6)  # looked at before what the detector calls the wave's beginning, for its first post
PAUSE = timedelta(minutes=30)  # without a negative post: what lies before it belongs to the ordinary; set by us
DENSER = 3.0  # times the usual density that posts before the step have to have, to belong to the wave; set by us
RECENT = timedelta(hours=24)
QUARTER = timedelta(minutes=15)
STEPS = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 30, 60, 180, 360, 720, 1_440, 2_880, 10_080, 43_200))


@dataclass(frozen=True, slots=True)
class WavePosts:
    """What the index has of a wave between `began` and `until`.

    `bins` are equal steps from somewhat before it until `until`, `hour` the last hour, `recent` the last day's quarters
    of an hour. `posts` are in order of time; not all where `cut`: then negative ones, the earliest and the newest.
    """

    began: datetime
    until: datetime
    bins: tuple[Bucket, ...]
    hour: Bucket
    recent: tuple[Bucket, ...]
    posts: tuple[ScoredPost, ...]
    cut: bool

    @property
    def negatives(self) -> tuple[ScoredPost, ...]:
        """The negative posts that were read, in order of time."""
        return tuple(post for post in self.posts if post.label is Label.NEGATIVE)

    @property
    def step(self) -> timedelta:
        """How long a bin is."""
        return (self.until - self.bins[0].start) / len(self.bins)


def read_wave(
    reader: Reader, topic: str, since: datetime, usual: float, now: datetime, *, not_before: datetime | None = None
) -> WavePosts:
    """Reads the wave that the detector says began at `since`, on a topic with `usual` negatives an hour.

    It is begun by its first negative post, somewhat before `since` perhaps, but not before `not_before`, when the wave
    before it ended. Raises `Retryable` while the index is away.
    """
    about, earliest = Query(topics=(topic,)), max(since - BEFORE, not_before or since - BEFORE)
    lead = max(now - earliest, HOUR) / 8  # to show how it was before
    step = _step(now - earliest + lead)
    number = max(1, -(-(now - earliest + lead) // step))
    bins = reader.histogram(about, Axis.COUNTED, now - number * step, now, step)
    (hour,) = reader.histogram(about, Axis.COUNTED, now - HOUR, now, HOUR)
    recent = reader.histogram(about, Axis.COUNTED, now - RECENT, now, QUARTER)
    began = _beginning([one for one in bins if one.start + step > earliest], step, min(since, now), usual)
    of_wave = [one for one in bins if one.start >= began]
    within = replace(about, counted_since=began, counted_until=now)
    cut = sum(one.total for one in of_wave) > READ
    posts = _ends(reader, within, of_wave, step) if cut else reader.search(within, READ).posts
    return WavePosts(began, now, tuple(bins), hour, tuple(recent), tuple(sorted(posts, key=_order)), cut)


def place_in_time(post: ScoredPost) -> datetime:
    """Tells when a post came, as spikes count it."""
    return post.counted_at or post.charted_at


def _order(post: ScoredPost) -> tuple[datetime, str]:
    return place_in_time(post), post.id


def _step(span: timedelta) -> timedelta:
    return next((step for step in STEPS if span <= BINS * step), STEPS[-1])


def _beginning(bins: Sequence[Bucket], step: timedelta, since: datetime, usual: float) -> datetime:
    """Goes back from `since` while negatives lie closer together than they usually do."""
    pause = min(PAUSE, HOUR / (DENSER * usual)) if usual > 0 else PAUSE
    began = min((one.start for one in bins if one.start + step > since), default=since)
    for one in reversed([one for one in bins if one.start < began]):
        if one.negative:
            began = one.start
        elif began - one.start > pause:
            break
    return began


def _ends(reader: Reader, within: Query, bins: Sequence[Bucket], step: timedelta) -> list[ScoredPost]:
    """Reads the earliest and the newest negative posts of a wave that is too large to be read whole."""
    negative = replace(within, labels=(Label.NEGATIVE,))
    sums = accumulate(one.negative for one in bins)
    first = max(1, sum(1 for _ in takewhile(lambda total: total <= READ // 2, sums)))
    early = replace(negative, counted_until=min(bins[0].start + first * step, within.counted_until or bins[-1].start))
    found = (*reader.search(early, READ // 2).posts, *reader.search(negative, READ // 2).posts)
    return list({post.id: post for post in found}.values())
