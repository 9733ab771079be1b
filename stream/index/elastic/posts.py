"""The index on Elasticsearch: documents by id and version, one index a month, one alias to read through.

What is put is durable when `put` returns and is found after the indices' refresh interval. No plugin, no script and no
ingest pipeline is needed: everything is documents by id, versions, points in time and aggregations.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from elasticsearch import Elasticsearch

from stream.errors import Retryable
from stream.index.elastic.bulk import Bulk, IndexGone, Item, index_item
from stream.index.elastic.counts import Steps, histogram, tally
from stream.index.elastic.filters import select
from stream.index.elastic.months import Months, set_up
from stream.index.elastic.orders import mark_behind, newest_alone, search_after, sort_by
from stream.index.elastic.pages import Hit, hits, pages
from stream.index.elastic.rows import PostDocument, post_of, prepare
from stream.index.elastic.schema import Names
from stream.index.elastic.server import complete, present, translated, unusable
from stream.index.order import slots, within
from stream.index.port import WITHHELD_AFTER, Axis, Bucket, Counted, Order, Outcome, Page, PutResult, Query
from stream.messages import ScoredPost
from stream.process.moments import to_ms

CHUNK = 500  # posts per request of `withhold`
AT_ONCE = 5_000  # hits per request; the server refuses more than 10,000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEVER = 1 << 62  # the version of a document that is gone for good: later than every observation


class ElasticIndexWriter:
    """Keeps the promises of `Writer`. `version` names indices that no reader sees yet: see elastic_versions.py."""

    def __init__(self, client: Elasticsearch, names: Names, version: int | None = None) -> None:
        self._client = client
        self._names = names
        self._months = Months(client, names, version)
        self._bulk = Bulk(client)
        self._place = names.place(version)
        with translated():
            if version is None:
                set_up(client, names)
            self._months.of(EPOCH)  # so that the alias is there: without it readers wait rather than count nothing

    def put(self, posts: Sequence[ScoredPost]) -> list[PutResult]:
        prepared = [_prepared(post) for post in posts]
        entries = [one for one in prepared if isinstance(one, PostDocument)]
        erased = self._erased(sorted({entry.post.id for entry in entries}))
        taken = self._put([entry for entry in entries if entry.post.id not in erased])
        outcomes, dead = iter(taken), PutResult(Outcome.ERASED)
        return [
            one if isinstance(one, PutResult) else dead if one.post.id in erased else next(outcomes) for one in prepared
        ]

    def erase(self, ids: Sequence[str]) -> int:
        """Marks first, removes then: whoever puts in between is told, or finds a later version in its place.

        The server keeps the version of a removed document for a minute (`index.gc_deletes`), longer than any request.
        """
        if not ids:
            return 0
        with translated():
            self._bulk.send([index_item(self._names.erased, id_, 1, b"{}") for id_ in sorted(set(ids))], refresh=True)
            indices = self._months.all()
            gone = [(index, id_) for index in indices for id_ in sorted(set(ids))]
            found = {id_ for at in range(0, len(gone), CHUNK) for id_ in self._remove(gone[at : at + CHUNK])}
            if found:
                self._client.indices.forcemerge(
                    index=self._names.pattern, only_expunge_deletes=True, wait_for_completion=False
                )
        return len(found)

    def withhold(self, now: datetime) -> int:
        due = {"range": {"deleted_at": {"lte": to_ms(now - WITHHELD_AFTER), "format": "epoch_millis"}}}
        query = {"bool": {"filter": [due, {"term": {"withheld": False}}]}}
        done = 0
        for found in pages(self._client, self._place, query, [{"id": "asc"}], CHUNK):
            items = [_again(hit, prepare(post_of(hit["_source"]), now)) for hit in found]
            taken = self._bulk.send(items, refresh=True)
            done += sum(put.outcome is Outcome.INDEXED for put in taken)  # others changed meanwhile: the next time
        return done

    def close(self) -> None:
        self._client.close()

    def _put(self, entries: Sequence[PostDocument]) -> list[PutResult]:
        """Puts once more where an index is gone since another version took its place; else it was removed: a crash."""
        try:
            return self._put_once(entries)
        except IndexGone:
            if not self._months.moved():
                raise
            return self._put_once(entries)

    def _put_once(self, entries: Sequence[PostDocument]) -> list[PutResult]:
        try:
            with translated():
                placed = [(self._months.of(entry.post.first_seen_at), entry) for entry in entries]
                return self._bulk.send([_item(index, entry) for index, entry in self._hidden(placed)])
        except Retryable:
            self._months.forget()  # by the next attempt another version may be in use
            raise

    def _erased(self, ids: Sequence[str]) -> set[str]:
        if not ids:
            return set()
        with translated():
            answer = self._client.mget(index=self._names.erased, ids=ids, source=False)
        return {doc["_id"] for doc in present(answer.body["docs"])}

    def _hidden(self, placed: Sequence[tuple[str, PostDocument]]) -> list[tuple[str, PostDocument]]:
        """Leaves out the words of posts whose words were withheld and that are not back at their source."""
        ask = {entry.post.id: index for index, entry in placed if entry.post.deleted_at and not entry.withheld}
        if not ask:
            return list(placed)
        docs = [{"_index": index, "_id": id_, "_source": ["withheld"]} for id_, index in ask.items()]
        there = present(self._client.mget(docs=docs).body["docs"])
        known = {doc["_id"]: (int(doc["_version"]), bool(doc["_source"]["withheld"])) for doc in there}
        return [(index, self._as_hidden(entry, known)) for index, entry in placed]

    def _as_hidden(self, entry: PostDocument, known: dict[str, tuple[int, bool]]) -> PostDocument:
        version, hidden = known.get(entry.post.id, (0, False))
        if entry.version < version:
            return entry
        if hidden and entry.post.deleted_at is not None:
            entry = prepare(entry.post, now=entry.post.deleted_at + WITHHELD_AFTER)
        known[entry.post.id] = (entry.version, entry.withheld)
        return entry

    def _remove(self, gone: Sequence[tuple[str, str]]) -> Iterator[str]:
        target = {"version": NEVER, "version_type": "external_gte"}
        lines = (orjson.dumps({"delete": {"_index": index, "_id": id_, **target}}) + b"\n" for index, id_ in gone)
        operations: Any = b"".join(lines)
        answer = self._client.bulk(operations=operations, refresh=True)
        for item in answer.body["items"]:
            if item["delete"].get("result") not in ("deleted", "not_found"):
                raise unusable(f"a post could not be erased: {item['delete']}; erase it again")
            if item["delete"]["result"] == "deleted":
                yield item["delete"]["_id"]


class ElasticIndexReader:
    """Keeps the promises of `Finder`; what needs several requests asks one point in time."""

    def __init__(self, client: Elasticsearch, names: Names, version: int | None = None) -> None:
        self._client = client
        self._place = names.place(version)

    def get(self, ids: Sequence[str]) -> list[ScoredPost]:
        found: dict[str, ScoredPost] = {}
        for at in range(0, len(ids), AT_ONCE):
            some = list(ids[at : at + AT_ONCE])
            answer = hits(self._client, index=self._place, query={"terms": {"id": some}}, size=AT_ONCE)
            found |= {hit["_source"]["id"]: post_of(hit["_source"]) for hit in answer}
        return [found[id_] for id_ in ids if id_ in found]

    def search(self, query: Query, limit: int = 20, after: str | None = None, order: Order = Order.NEWEST) -> Page:
        filters, behind, ranked = select(query), search_after(order, after), None
        if order is not Order.NEWEST:
            filters, ranked = newest_alone(self._client, self._place, filters)
        posts: list[ScoredPost] = []
        while (left := limit + 1 - len(posts)) > 0:
            asked = {"query": filters, "sort": sort_by(order), "size": min(left, AT_ONCE), "search_after": behind}
            found = hits(self._client, index=self._place, **asked)
            posts += [post_of(hit["_source"]) for hit in found]
            if len(found) < min(left, AT_ONCE):
                break
            behind = search_after(order, mark_behind(order, posts[-1]))
        more = len(posts) > limit > 0
        return Page(tuple(posts[:limit]), mark_behind(order, posts[limit - 1]) if more else None, ranked)

    def count(self, query: Query) -> int:
        filters = select(query)
        with translated():
            return int(complete(self._client.count(index=self._place, query=filters))["count"])

    def count_up_to(self, query: Query, most: int = 10_000) -> Counted:
        filters = select(query)
        with translated():
            told = complete(
                self._client.search(
                    index=self._place,
                    query=filters,
                    size=0,
                    track_total_hits=most + 1,
                    allow_partial_search_results=False,
                )
            )
        number = int(told["hits"]["total"]["value"])
        return Counted(min(number, most), exact=number <= most)

    def histogram(self, query: Query, axis: Axis, start: datetime, end: datetime, step: timedelta) -> list[Bucket]:
        steps = Steps(axis.value, start, step, slots(start, end, step))
        return histogram(self._client, self._place, select(within(query, axis, start, end)), steps)

    def tally(
        self, query: Query, axis: Axis, start: datetime, end: datetime, step: timedelta
    ) -> Mapping[str, list[Bucket]]:
        steps = Steps(axis.value, start, step, slots(start, end, step))
        filters = select(within(query, axis, start, end))
        return tally(self._client, self._place, filters, steps, frozenset(query.topics))

    def export(self, query: Query) -> Iterator[ScoredPost]:
        for found in pages(self._client, self._place, select(query), [{"id": "asc"}], 1_000):
            yield from (post_of(hit["_source"]) for hit in found)

    def close(self) -> None:
        self._client.close()


def _prepared(post: ScoredPost) -> PostDocument | PutResult:
    try:
        return prepare(post)
    except ValueError as error:
        return PutResult(Outcome.REFUSED, str(error))


def _item(index: str, entry: PostDocument) -> Item:
    return index_item(index, entry.post.id, entry.version, entry.body)


def _again(hit: Hit, entry: PostDocument) -> Item:
    """Rewrites the document of a hit in its place unless it has a later version by then."""
    return index_item(hit["_index"], hit["_id"], hit["_version"], entry.body)
