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

AT_ONCE = 10_000  # buckets per request; larger answers came no faster, and weigh on a server's memory

Clause = dict[str, Any]
_Place = tuple[str, int]  # a topic, "" where none is told apart, and a step's number

_NEGATIVE = {"term": {"label": Label.NEGATIVE.value}}


def _values(field: str, **how: Any) -> Clause:
    return {"terms": {"field": field, **how}}


_TOPICS: list[Clause] = [{"topic": _values("topics")}]
# As keys: filters inside of each bucket took half as long again.
_KINDS: list[Clause] = [{"label": _values("label")}, {"unscored": _values("unscored", missing_bucket=True)}]
_VOICES: list[Clause] = [{"value": _values("voice", missing_bucket=True)}]
_TEXTS: list[Clause] = [{"value": _values("fingerprint")}]


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
        """Builds the key that cuts at our steps: the engine's begin at 1970, so ours are offset."""
        cut = {"field": self.field, "fixed_interval": f"{self.length}ms", "offset": f"+{self.first % self.length}ms"}
        return {"slot": {"date_histogram": cut}}

    def place(self, key: Clause) -> _Place:
        """Tells where a bucket of the engine's belongs."""
        return key.get("topic", ""), (key["slot"] - self.first) // self.length


def histogram(client: Elasticsearch, index: str, query: Clause, steps: Steps) -> list[Bucket]:
    """Fills the buckets of one state of the index, empty ones included."""
    found = _counted(client, index, query, steps, [])
    starts = (steps.start + slot * steps.step for slot in range(steps.number))
    return [found.get(("", slot)) or Bucket(start) for slot, start in enumerate(starts)]


def tally(
    client: Elasticsearch, index: str, query: Clause, steps: Steps, topics: frozenset[str]
) -> dict[str, list[Bucket]]:
    """Fills each topic's buckets with a post, in order of time; of `topics` alone where there are any."""
    told: dict[str, list[Bucket]] = {}
    for (topic, _), bucket in _counted(client, index, query, steps, _TOPICS).items():
        if not topics or topic in topics:  # a post that the query finds may have others beside those
            told.setdefault(topic, []).append(bucket)
    return told


def _counted(
    client: Elasticsearch, index: str, query: Clause, steps: Steps, parts: list[Clause]
) -> dict[_Place, Bucket]:
    """Counts every bucket with a post, in order of time."""
    if steps.number <= 0:
        return {}
    places = [steps.by_time(), *parts]  # time first: topic first took twice as long over many pages
    negative = {"bool": {"filter": [query, _NEGATIVE]}}
    kinds: dict[_Place, Counter[str]] = {}
    with point_in_time(client, index) as pit:
        for key, posts in _buckets(client, pit, query, [*places, *_KINDS]):
            counter = kinds.setdefault(steps.place(key), Counter())
            counter.update({"total": posts, key["label"]: posts, "unscored": 0 if key["unscored"] is None else posts})
        authors, texts = Counter[_Place](), Counter[_Place]()
        if any(counter[Label.NEGATIVE] for counter in kinds.values()):
            for key, posts in _buckets(client, pit, negative, [*places, *_VOICES]):
                authors[steps.place(key)] += posts if key["value"] is None else 1  # who has no hash is one of its own
            texts.update(steps.place(key) for key, _ in _buckets(client, pit, negative, [*places, *_TEXTS]))
    return {
        place: Bucket(
            steps.start + place[1] * steps.step,
            total=counter["total"],
            negative=counter[Label.NEGATIVE],
            uncertain=counter[Label.UNCERTAIN],
            unscored=counter["unscored"],
            authors=authors[place],
            texts=texts[place],
        )
        for place, counter in kinds.items()
    }


def _buckets(client: Elasticsearch, pit: Clause, query: Clause, keys: list[Clause]) -> Iterator[tuple[Clause, int]]:
    """Yields each combination of `keys` that posts have, in their order, with the number of those posts."""
    after: Clause = {}
    while True:
        found = {"composite": {"size": AT_ONCE, "sources": keys, **after}}
        told = answer(client, pit=pit, query=query, size=0, aggs={"found": found})["aggregations"]["found"]
        yield from ((bucket["key"], bucket["doc_count"]) for bucket in told["buckets"])
        if "after_key" not in told:
            return
        after = {"after": told["after_key"]}
