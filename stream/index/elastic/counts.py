"""A histogram from Elasticsearch, exact: distinct values are listed and counted here, since `cardinality` estimates."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from elasticsearch import Elasticsearch

from stream.index.elastic.pages import answer, point_in_time
from stream.index.port import Bucket
from stream.messages import Label
from stream.process.moments import to_ms_up

MOST_SLOTS = 5_000  # steps per request: a server refuses answers of more than 65,536 buckets
MOST_VALUES = 10_000  # distinct values per request

Clause = dict[str, Any]


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
        return self.step // timedelta(milliseconds=1)

    def part(self, at: int) -> "Steps":
        """Takes at most `MOST_SLOTS` of them, from the step number `at`."""
        return Steps(self.field, self.start + at * self.step, self.step, min(MOST_SLOTS, self.number - at))

    def by_time(self) -> Clause:
        """Builds the aggregation that cuts at our steps: the engine's begin at 1970, so ours are offset."""
        return {
            "field": self.field,
            "fixed_interval": f"{self.length}ms",
            "offset": f"+{self.first % self.length}ms",
        }

    def within(self, query: Clause) -> Clause:
        """Narrows the query to these steps."""
        limits = {"gte": self.first, "lt": self.first + self.number * self.length, "format": "epoch_millis"}
        return {"bool": {"filter": [query, {"range": {self.field: limits}}]}}


def histogram(client: Elasticsearch, index: str, query: Clause, steps: Steps) -> list[Bucket]:
    """Fills the buckets of one state of the index."""
    found: list[Bucket] = []
    with point_in_time(client, index) as pit:
        while len(found) < steps.number:
            found += _buckets(client, pit, query, steps.part(len(found)))
    return found


def _buckets(client: Elasticsearch, pit: Clause, query: Clause, steps: Steps) -> list[Bucket]:
    narrowed = steps.within(query)
    negative = {
        "filter": {"term": {"label": Label.NEGATIVE.value}},
        "aggs": {"silent": {"missing": {"field": "voice"}}},
    }
    counts = {
        "negative": negative,
        "uncertain": {"filter": {"term": {"label": Label.UNCERTAIN.value}}},
        "unscored": {"filter": {"exists": {"field": "unscored"}}},
    }
    aggs = {"steps": {"date_histogram": {**steps.by_time(), "min_doc_count": 1}, "aggs": counts}}
    told = answer(client, pit=pit, query=narrowed, size=0, aggs=aggs)["aggregations"]["steps"]["buckets"]
    by_slot = {(bucket["key"] - steps.first) // steps.length: bucket for bucket in told}
    authors, texts = Counter[int](), Counter[int]()
    if any(bucket["negative"]["doc_count"] for bucket in told):
        authors = _distinct(client, pit, narrowed, steps, "voice")
        texts = _distinct(client, pit, narrowed, steps, "fingerprint")
    return [
        _bucket(steps.start + slot * steps.step, by_slot[slot], authors[slot], texts[slot])
        if slot in by_slot
        else Bucket(steps.start + slot * steps.step)
        for slot in range(steps.number)
    ]


def _bucket(start: datetime, told: Clause, authors: int, texts: int) -> Bucket:
    return Bucket(
        start,
        total=told["doc_count"],
        negative=told["negative"]["doc_count"],
        uncertain=told["uncertain"]["doc_count"],
        unscored=told["unscored"]["doc_count"],
        authors=authors + told["negative"]["silent"]["doc_count"],  # who has no hash counts as an author of its own
        texts=texts,
    )


def _distinct(client: Elasticsearch, pit: Clause, query: Clause, steps: Steps, field: str) -> Counter[int]:
    """Counts how many values of `field` the negative posts of each step have."""
    negative = {"bool": {"filter": [query, {"term": {"label": Label.NEGATIVE.value}}]}}
    sources = [{"slot": {"date_histogram": steps.by_time()}}, {"value": {"terms": {"field": field}}}]
    found, after = Counter[int](), None
    while True:
        composite: Clause = {"size": MOST_VALUES, "sources": sources, **({"after": after} if after else {})}
        asked = {"pit": pit, "query": negative, "size": 0, "aggs": {"pairs": {"composite": composite}}}
        told = answer(client, **asked)["aggregations"]["pairs"]
        found.update((bucket["key"]["slot"] - steps.first) // steps.length for bucket in told["buckets"])
        if (after := told.get("after_key")) is None:
            return found
