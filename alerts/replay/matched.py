"""The index as it would be had other rules matched its posts: for trying a rule before it is switched on."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from alerts.detection.kept import digests
from alerts.replay.columns import Columns
from stream.index.order import mark, slots
from stream.index.port import Axis, Bucket, Page, Query, Reader
from stream.matching import TopicMatcher
from stream.messages import ScoredPost
from stream.process.moments import to_ms
from stream.spelling.folding import fold_post
from stream.topics import ELSEWHERE, TopicsConfig

CHUNK = 500  # posts read at once where those of a topic are looked for


def changed_topics(present: TopicsConfig, proposed: TopicsConfig) -> tuple[str, ...]:
    """Finds the topics of `proposed` that are new or whose rules are others.

    With any of those `elsewhere` is another one too: it is made of what no topic matches.
    """
    before, after = digests(present), digests(proposed)
    found = [key for key, digest in after.items() if before.get(key) != digest]
    gone = before.keys() - after.keys() - {ELSEWHERE}
    if ELSEWHERE in after and ELSEWHERE not in found and (found or gone):
        found.append(ELSEWHERE)
    return tuple(found)


class Rematching:
    """Matches posts anew. Of one whose words are gone, what was matched when they were there is all that is known."""

    def __init__(self, proposed: TopicsConfig, changed: Collection[str]) -> None:
        self.changed = frozenset(changed)
        self._matcher = TopicMatcher(proposed)
        self.without_words = 0

    def topics(self, post: ScoredPost) -> tuple[str, ...]:
        """Finds the topics that the post would have."""
        if not (post.title or post.text):
            return post.topics
        kept = tuple(key for key in post.topics if key not in self.changed)
        return kept + tuple(
            key for key in self._matcher.topics(fold_post(post.title, post.text)) if key in self.changed
        )

    def gather(self, posts: Iterable[ScoredPost]) -> dict[str, Columns]:
        """Matches every post and keeps, of each changed topic, what counting needs."""
        found = {key: Columns() for key in self.changed}
        for post in posts:
            self.without_words += not (post.title or post.text)
            for key in self.changed.intersection(self.topics(post)):
                found[key].take(post)
        return found


class MatchedReader:
    """Keeps the promises of `Reader` within the span whose posts were gathered.

    Changed topics are counted from what was gathered, by `topics` and `precisions` alone: `ValueError` for a query that
    asks for more. Finding and exporting match post by post.
    """

    def __init__(self, reader: Reader, rematching: Rematching, gathered: Mapping[str, Columns]) -> None:
        self._reader, self._rematching, self._gathered = reader, rematching, gathered

    def get(self, ids: Sequence[str]) -> list[ScoredPost]:
        return [self._rematched(post) for post in self._reader.get(ids)]

    def search(self, query: Query, limit: int = 20, after: str | None = None) -> Page:
        if not self._concerns(query):
            return self._reader.search(query, limit, after)
        found: list[ScoredPost] = []
        more: str | None = after
        while len(found) <= limit:
            page = self._reader.search(replace(query, topics=()), CHUNK, more)
            found += self._of(query, page.posts)
            if (more := page.after) is None:
                break
        last = mark(to_ms(found[limit - 1].charted_at), found[limit - 1].id) if len(found) > limit > 0 else None
        return Page(tuple(found[:limit]), last)

    def count(self, query: Query) -> int:
        return sum(1 for _ in self.export(query)) if self._concerns(query) else self._reader.count(query)

    def histogram(self, query: Query, axis: Axis, start: datetime, end: datetime, step: timedelta) -> list[Bucket]:
        if not self._concerns(query):
            return self._reader.histogram(query, axis, start, end, step)
        _refuse_more(query)
        if len(query.topics) != 1:
            raise ValueError("one changed topic is counted at a time")
        told = self._gathered[query.topics[0]].counts(axis, query.precisions, start, end, step)
        return [told.get(one) or Bucket(start + one * step) for one in range(slots(start, end, step))]

    def tally(
        self, query: Query, axis: Axis, start: datetime, end: datetime, step: timedelta
    ) -> Mapping[str, list[Bucket]]:
        _refuse_more(query)
        asked = set(query.topics)
        kept = tuple(asked - self._rematching.changed)
        found: dict[str, list[Bucket]] = {}
        if kept or not asked:
            told = self._reader.tally(replace(query, topics=kept), axis, start, end, step)
            found = {key: buckets for key, buckets in told.items() if key not in self._rematching.changed}
        for key in self._rematching.changed & asked if asked else self._rematching.changed:
            counts = self._gathered[key].counts(axis, query.precisions, start, end, step)
            if counts:
                found[key] = [counts[one] for one in sorted(counts)]
        return found

    def export(self, query: Query) -> Iterator[ScoredPost]:
        if not self._concerns(query):
            yield from map(self._rematched, self._reader.export(query))
        else:
            for post in self._reader.export(replace(query, topics=())):
                yield from self._of(query, (post,))

    def close(self) -> None:
        self._reader.close()

    def _concerns(self, query: Query) -> bool:
        return not self._rematching.changed.isdisjoint(query.topics)

    def _of(self, query: Query, posts: Iterable[ScoredPost]) -> list[ScoredPost]:
        return [one for one in map(self._rematched, posts) if not set(query.topics).isdisjoint(one.topics)]

    def _rematched(self, post: ScoredPost) -> ScoredPost:
        return replace(post, topics=self._rematching.topics(post))


def _refuse_more(query: Query) -> None:
    if query != Query(topics=query.topics, precisions=query.precisions):
        raise ValueError("of changed topics posts are counted by topic and precision alone")
