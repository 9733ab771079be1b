"""What an index should count and what a watcher should see, made again from nothing but posts. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.detection.findings import judge_wave
from alerts.detection.lookout import HORIZON, Lookout, Watched
from alerts.detection.series.detector import STEP
from alerts.detection.series.memory import Floats
from alerts.detection.series.waves import Wave
from alerts.detection.signals import Signal, State, Thresholds, View
from stream.index.port import Axis, Bucket, Page, Query
from stream.messages import Label, ScoredPost


@dataclass(frozen=True, slots=True)
class Spike:
    """A wave that people had to be told of, and how it looks."""

    wave: Wave
    signal: Signal


def recount(posts: Sequence[ScoredPost], axis: Axis, start: datetime, end: datetime, step: timedelta) -> list[Bucket]:
    """One bucket per step, as `Reader.histogram` promises them."""
    slots: list[list[ScoredPost]] = [[] for _ in range(-(-(end - start) // step))]
    for post in posts:
        at = getattr(post, axis.value)
        if at is not None and start <= at < end:
            slots[(at - start) // step].append(post)
    return [_bucket(start + number * step, of_slot) for number, of_slot in enumerate(slots)]


def began(posts: Sequence[ScoredPost], topics: Collection[str], now: datetime) -> dict[str, datetime]:
    """The step in which the first post of each topic lies; `now` for one that nobody speaks of."""
    first = dict.fromkeys(topics, now)
    for post in posts:
        for topic in first.keys() & set(post.topics):
            first[topic] = min(first[topic], post.charted_at)
    return {topic: at - timedelta(seconds=at.timestamp() % STEP.total_seconds()) for topic, at in first.items()}


def spikes(
    posts: Sequence[ScoredPost], since: Mapping[str, datetime], limits: Thresholds, now: datetime
) -> dict[str, list[Spike]]:
    """Every spike of the topics, watched `since` then, for one who remembers nothing, was told nothing yet, sees these
    posts at `now` and trusts every source."""
    reader = Recounted(posts)
    outlooks = _lookout(reader, since, limits).look(now, now, {})
    found: dict[str, list[Spike]] = {topic: [] for topic in since}
    for topic, outlook in outlooks.items():
        view = View(
            since=now, until=now, window=Bucket(now), usual=outlook.usual, bar=outlook.bar, surge=outlook.surge,
            usual_share=outlook.usual_share, known=outlook.known, coverage=(), behind=timedelta(0),
        )  # fmt: skip
        signals = (
            (wave, judge_wave(reader, topic, replace(view, wave=wave), limits, now, set())) for wave in outlook.waves
        )
        found[topic] += [Spike(wave, signal) for wave, signal in signals if signal and signal.state is State.SPIKE]
    return found


def learnt(
    posts: Sequence[ScoredPost], since: Mapping[str, datetime], limits: Thresholds, until: datetime
) -> dict[str, Floats]:
    """What the posts that are charted before `until` teach of each topic."""
    lookout = _lookout(Recounted(posts), since, limits)
    lookout.restore({}, until + HORIZON)
    return lookout.numbers()


def _lookout(reader: "Recounted", since: Mapping[str, datetime], limits: Thresholds) -> Lookout:
    return Lookout(reader, {topic: Watched(limits.alerts_per_week, at) for topic, at in since.items()}, limits)


class Recounted:
    """As much of `stream.index.port.Reader` as a lookout needs, counted from a list."""

    def __init__(self, posts: Sequence[ScoredPost]) -> None:
        self._posts = posts

    def histogram(self, query: Query, axis: Axis, start: datetime, end: datetime, step: timedelta) -> list[Bucket]:
        return recount(self._about(query), axis, start, end, step)

    def tally(
        self, query: Query, axis: Axis, start: datetime, end: datetime, step: timedelta
    ) -> dict[str, list[Bucket]]:
        by_topic: dict[str, list[ScoredPost]] = defaultdict(list)
        for post in self._about(query):
            at = getattr(post, axis.value)
            if at is not None and start <= at < end:
                for topic in post.topics:
                    by_topic[topic].append(post)
        wanted = set(query.topics) or by_topic.keys()
        return {
            topic: [bucket for bucket in recount(posts, axis, start, end, step) if bucket.total]
            for topic, posts in by_topic.items()
            if topic in wanted
        }

    def _about(self, query: Query) -> list[ScoredPost]:
        topics, precisions = set(query.topics), query.precisions
        return [
            post
            for post in self._posts
            if (not topics or topics.intersection(post.topics))
            and (not precisions or post.published_precision in precisions)
        ]

    def get(self, ids: Sequence[str]) -> list[ScoredPost]:
        raise NotImplementedError

    def search(self, query: Query, limit: int = 20, after: str | None = None) -> Page:
        raise NotImplementedError

    def count(self, query: Query) -> int:
        raise NotImplementedError

    def export(self, query: Query) -> Iterator[ScoredPost]:
        raise NotImplementedError

    def close(self) -> None:
        """Nothing is open."""


def _bucket(start: datetime, posts: Sequence[ScoredPost]) -> Bucket:
    negative = [post for post in posts if post.label is Label.NEGATIVE]
    return Bucket(
        start,
        total=len(posts),
        negative=len(negative),
        uncertain=sum(post.label is Label.UNCERTAIN for post in posts),
        unscored=sum(post.unscored is not None for post in posts),
        authors=len({post.voice or post.id for post in negative}),
        texts=len({post.fingerprint for post in negative}),
    )
