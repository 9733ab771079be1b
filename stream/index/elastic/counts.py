"""Counts by steps of time from Elasticsearch, exact: what is distinct is listed and counted here, not estimated.

Everything is read by `composite` aggregations page by page, over one state of the index: a server refuses answers of
more than 65,536 buckets, and its `cardinality` estimates.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from elasticsearch import Elasticsearch

from stream.index.elastic.pages import answer, point_in_time
from stream.index.port import Bucket
from stream.messages import Label
from stream.process.moments import MILLISECOND, to_ms_up

AT_ONCE = 10_000  # buckets per request: with those inside them below what a server gives at once

Clause = dict[str, Any]
_Place = tuple[str, int]  # a topic, "" where none is told apart, and a step's number

_NEGATIVE = {"term": {"label": Label.NEGATIVE.value}}
_COUNTS = {
    "negative": {"filter": _NEGATIVE, "aggs": {"silent": {"missing": {"field": "voice"}}}},
    "uncertain": {"filter": {"term": {"label": Label.UNCERTAIN.value}}},
    "unscored": {"filter": {"exists": {"field": "unscored"}}},
}
_BY_TOPIC: list[Clause] = [{"topic": {"terms": {"field": "topics"}}}]


@dataclass(frozen=True, slots=True)
class Steps:
    """The buckets' times: `number` steps from `start`, by the date field `field`."""

    field: str
    start: datetime
    step: timedelta
    number: int

    @property
    def first(self) -> int:
        return to_ms_up(self.start)

    @property
    def length(self) -> int:
        return self.step // MILLISECOND

    def by_time(self) -> Clause:
        """Builds the source that cuts at our steps: the engine's begin at 1970, so ours are offset."""
        cut = {"field": self.field, "fixed_interval": f"{self.length}ms", "offset": f"+{self.first % self.length}ms"}
        return {"slot": {"date_histogram": cut}}

    def place(self, key: Clause) -> _Place:
        """Tells where a bucket of the engine's belongs."""
        return key.get("topic", ""), (key["slot"] - self.first) // self.length


def histogram(client: Elasticsearch, index: str, query: Clause, steps: Steps) -> list[Bucket]:
    """Fills the buckets of one state of the index, empty ones included."""
    if steps.number <= 0:
        return []
    found = _counted(client, index, query, steps, [])
    starts = (steps.start + slot * steps.step for slot in range(steps.number))
    return [found.get(("", slot)) or Bucket(start) for slot, start in enumerate(starts)]


def tally(
    client: Elasticsearch, index: str, query: Clause, steps: Steps, topics: frozenset[str]
) -> dict[str, list[Bucket]]:
    """Fills each topic's buckets with a post, in order of time; of `topics` alone where there are any."""
    told: dict[str, list[Bucket]] = {}
    if steps.number > 0:
        for (topic, _), bucket in _counted(client, index, query, steps, _BY_TOPIC).items():
            if not topics or topic in topics:  # a post that the query finds may have others beside those
                told.setdefault(topic, []).append(bucket)
    return told


def _counted(
    client: Elasticsearch, index: str, query: Clause, steps: Steps, parts: list[Clause]
) -> dict[_Place, Bucket]:
    """Counts every bucket with a post, in order of `parts`, then time."""
    keys = [*parts, steps.by_time()]
    with point_in_time(client, index) as pit:
        told = {steps.place(one["key"]): one for one in _buckets(client, pit, query, keys, _COUNTS)}
        authors, texts = Counter[_Place](), Counter[_Place]()
        if any(one["negative"]["doc_count"] for one in told.values()):
            negative = {"bool": {"filter": [query, _NEGATIVE]}}
            for counter, field in ((authors, "voice"), (texts, "fingerprint")):
                distinct = [*keys, {"value": {"terms": {"field": field}}}]
                counter.update(steps.place(one["key"]) for one in _buckets(client, pit, negative, distinct, {}))
    return {
        place: Bucket(
            steps.start + place[1] * steps.step,
            total=one["doc_count"],
            negative=one["negative"]["doc_count"],
            uncertain=one["uncertain"]["doc_count"],
            unscored=one["unscored"]["doc_count"],
            authors=authors[place] + one["negative"]["silent"]["doc_count"],  # who has no hash is an author of its own
            texts=texts[place],
        )
        for place, one in told.items()
    }


def _buckets(client: Elasticsearch, pit: Clause, query: Clause, keys: list[Clause], inside: Clause) -> Iterator[Clause]:
    """Yields the buckets of all combinations of `keys` that a post has, in their order."""
    after: Clause = {}
    while True:
        composite = {"size": AT_ONCE, "sources": keys, **after}
        asked = {"pit": pit, "query": query, "size": 0, "aggs": {"found": {"composite": composite, "aggs": inside}}}
        told = answer(client, **asked)["aggregations"]["found"]
        yield from told["buckets"]
        if "after_key" not in told:
            return
        after = {"after": told["after_key"]}
