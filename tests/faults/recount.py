"""What an index should count and what a watcher should see, made again from nothing but posts. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from alerts.detection.findings import History, look_at
from alerts.detection.signals import Signal, Thresholds, judge
from stream.index.port import Axis, Bucket, Page, Query
from stream.messages import Label, ScoredPost


def recount(posts: Sequence[ScoredPost], axis: Axis, start: datetime, end: datetime, step: timedelta) -> list[Bucket]:
    """One bucket per step, as `Reader.histogram` promises them."""
    slots: list[list[ScoredPost]] = [[] for _ in range(-(-(end - start) // step))]
    for post in posts:
        at = getattr(post, axis.value)
        if at is not None and start <= at < end:
            slots[(at - start) // step].append(post)
    return [_bucket(start + number * step, of_slot) for number, of_slot in enumerate(slots)]


def signal_at(posts: Sequence[ScoredPost], topic: str, limits: Thresholds, now: datetime) -> Signal:
    """The judgement of a watcher who sees these posts and trusts every source."""
    reader = Recounted(posts)
    return judge(topic, look_at(reader, topic, History(reader, limits), limits, now), limits, now)


class Recounted:
    """As much of `stream.index.port.Reader` as a look needs, counted from a list."""

    def __init__(self, posts: Sequence[ScoredPost]) -> None:
        self._posts = posts

    def histogram(self, query: Query, axis: Axis, start: datetime, end: datetime, step: timedelta) -> list[Bucket]:
        wanted = set(query.topics)
        about = [post for post in self._posts if not wanted or wanted.intersection(post.topics)]
        return recount(about, axis, start, end, step)

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
