"""Cases, their history and the stages' health on Elasticsearch: three series of indices by month, an alias each.

`wenfeng-cases` has one document per case, as it stands after its last event: what is open can be counted. Each event
is a document of `wenfeng-history`, by which clocks are compared. Both come from the log's topic `cases`. A document
lies in the month of a time that never changes for it: `opened_at` of a case, `at` of the others.

Mappings grow in place, by fields only: nothing here is analysed, so nothing needs to be written again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from re import fullmatch
from typing import Any

import orjson
from elasticsearch import Elasticsearch

from stream.codec import CASE_EVENTS, STAGE_HEALTH
from stream.index.elastic.bulk import Bulk, IndexGone, Item, index_item
from stream.index.elastic.months import make, refuse_foreign
from stream.index.elastic.pages import pages
from stream.index.elastic.schema import Names
from stream.index.elastic.server import translated
from stream.index.events import Event
from stream.index.port import Outcome, PutResult
from stream.messages import CaseEvent, StageHealth, event_id
from stream.process.moments import to_ms

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PAGE = 1_000  # documents per request

_KEYWORD = {"type": "keyword"}
_DATE = {"type": "date", "format": "strict_date_optional_time"}
_LONG = {"type": "long"}
_FLOAT = {"type": "float"}
_FLAG = {"type": "boolean"}
_SCHEMA = 1
_META = {"program": "wenfeng", "schema": _SCHEMA}
_CASE: dict[str, Any] = {
    **dict.fromkeys(("id", "kind", "by", "topic", "grade", "stage", "verdict", "outcome"), _KEYWORD),
    **dict.fromkeys(("step", "desk", "missed_by"), _KEYWORD),
    **dict.fromkeys(("at", "opened_at", "acknowledged_at", "ended_at", "due_at"), _DATE),
    **dict.fromkeys(("first_word_at", "first_word_due_at", "reopened_at"), _DATE),
    **dict.fromkeys(("peak", "elapsed", "spent", "limit", "first_word_after", "ended_after"), _FLOAT),
    **dict.fromkeys(("late", "met", "first_word_met"), _FLAG),
    **dict.fromkeys(("schema", "case_id", "number"), _LONG),
    "topics": {"type": "alias", "path": "topic"},  # the posts' name of it: a topic chosen in Kibana narrows both
}
_HEALTH: dict[str, Any] = {
    **dict.fromkeys(("id", "stage", "instance", "source", "state"), _KEYWORD),
    **dict.fromkeys(("schema", "read", "done", "rejected", "retried", "fenced"), _LONG),
    **dict.fromkeys(("seconds", "lag"), _FLOAT),
    "at": _DATE,
}
_SETTINGS = {"number_of_shards": 1, "auto_expand_replicas": "0-1", "refresh_interval": "5s"}


@dataclass(frozen=True, slots=True)
class Series:
    """Indices of one kind of document; `alias` is what readers use, and the name of the template."""

    alias: str
    properties: dict[str, Any]

    @property
    def mapping(self) -> dict[str, Any]:
        return {"dynamic": "strict", "_meta": _META, "properties": self.properties}

    @property
    def template(self) -> dict[str, Any]:
        """The index template. Indices are made by us alone, as those of posts."""
        return {
            "index_patterns": [f"{self.alias}-*"],
            "template": {
                "settings": {"index": _SETTINGS},
                "mappings": self.mapping,
                "aliases": {self.alias: {}},
            },
            "priority": 500,
            "allow_auto_create": False,
            "_meta": _META,
        }

    def month(self, moment: datetime) -> str:
        """Names the index of that UTC month."""
        return f"{self.alias}-{moment.astimezone(UTC):%Y.%m}"

    def ended(self, index: str, before: datetime) -> bool:
        """Tells whether an index's month was over before then; the first one, always empty, never is."""
        match = fullmatch(r"-(\d{4}\.\d\d)", index.removeprefix(self.alias))
        return match is not None and index != self.month(EPOCH) and match[1] < f"{before.astimezone(UTC):%Y.%m}"


def series(names: Names) -> tuple[Series, Series, Series]:
    """Names the series: cases as they stand, their history, the stages' health."""
    prefix = names.prefix
    return (
        Series(f"{prefix}-cases", _CASE),
        Series(f"{prefix}-history", _CASE),
        Series(f"{prefix}-health", _HEALTH),
    )


class ElasticEventWriter:
    """Keeps the promises of `EventWriter`; `expire` removes whole months."""

    def __init__(self, client: Elasticsearch, names: Names) -> None:
        self._client = client
        self._cases, self._history, self._health = series(names)
        self._bulk = Bulk(client)
        self._known: set[str] = set()
        with translated():
            for one in (self._cases, self._history, self._health):
                _set_up(client, one)

    def put(self, events: Sequence[Event]) -> list[PutResult]:
        items = [self._items(event) for event in events]
        flat = [item for some in items for item in some]
        try:
            puts = iter(self._send(flat))
        except IndexGone:  # its time was over, and somebody replays it
            self._known.clear()
            puts = iter(self._send(flat))
        return [_worst([next(puts) for _ in some]) for some in items]

    def expire(self, before: datetime, *, dry: bool = False) -> int:
        with translated():
            held = self._client.indices.get_alias(name=self._health.alias).body
            past = [index for index in held if self._health.ended(index, before)]
            for index in () if dry else past:
                self._client.indices.delete(index=index)
        self._known -= set(past)
        return len(past)

    def close(self) -> None:
        self._client.close()

    def _send(self, items: Sequence[tuple[Series, datetime, str, int, bytes]]) -> list[PutResult]:
        with translated():
            return self._bulk.send([self._placed(*item) for item in items])

    def _placed(self, one: Series, moment: datetime, id_: str, version: int, body: bytes) -> Item:
        index = one.month(moment)
        if index not in self._known:
            make(self._client, index)
            self._known.add(index)
        return index_item(index, id_, version, body)

    def _items(self, event: Event) -> list[tuple[Series, datetime, str, int, bytes]]:
        """Builds series, time that places it, id, version, body: one document of health, two of a case's event."""
        if isinstance(event, StageHealth):
            return [(self._health, event.at, event.id, to_ms(event.at), STAGE_HEALTH.encode(event))]
        body, case = CASE_EVENTS.encode(event), event_id("case", event.case_id)
        return [
            (self._history, event.at, event.id, event.number, body),
            (self._cases, event.opened_at, case, event.number, body),
        ]


class ElasticEventReader:
    """Keeps the promises of `EventReader`, of what was refreshed."""

    def __init__(self, client: Elasticsearch, names: Names) -> None:
        self._client = client
        self._cases, self._history, self._health = series(names)

    def cases(self) -> Iterator[CaseEvent]:
        for source in self._sources(self._cases, {"match_all": {}}, {"opened_at": "desc"}, {"case_id": "desc"}):
            yield CASE_EVENTS.decode(orjson.dumps(source))

    def history(self) -> Iterator[CaseEvent]:
        for source in self._sources(self._history, {"match_all": {}}, {"at": "asc"}, {"id": "asc"}):
            yield CASE_EVENTS.decode(orjson.dumps(source))

    def health(self, since: datetime) -> Iterator[StageHealth]:
        later = {"range": {"at": {"gte": to_ms(since), "format": "epoch_millis"}}}
        for source in self._sources(self._health, later, {"at": "asc"}, {"id": "asc"}):
            yield STAGE_HEALTH.decode(orjson.dumps(source))

    def close(self) -> None:
        self._client.close()

    def _sources(self, one: Series, query: dict[str, Any], *sort: dict[str, str]) -> Iterator[dict[str, Any]]:
        for found in pages(self._client, one.alias, query, list(sort), PAGE):
            yield from (hit["_source"] for hit in found)


def _set_up(client: Elasticsearch, one: Series) -> None:
    """Writes the template, makes the first index, and gives the older ones the fields that are new."""
    for index, held in client.options(ignore_status=404).indices.get_mapping(index=f"{one.alias}-*").body.items():
        if "mappings" in held:
            refuse_foreign(held["mappings"].get("_meta", {}), f"the index {index}", schema=_SCHEMA)
    if not _has_template(client, one):  # the right to write one is needed no oftener
        _write_template(client, one)
    make(client, one.month(EPOCH))
    client.indices.put_mapping(index=f"{one.alias}-*", properties=one.properties)


def _has_template(client: Elasticsearch, one: Series) -> bool:
    answer = client.options(ignore_status=404).indices.get_index_template(name=one.alias).body
    found = next(iter(answer.get("index_templates", ())), None)
    if found is None:
        return False
    held = found["index_template"]
    refuse_foreign(held.get("_meta", {}), f"the index template {one.alias}", schema=_SCHEMA)
    return bool(held["template"].get("mappings") == one.mapping)


def _write_template(client: Elasticsearch, one: Series) -> None:
    headers = {"accept": "application/json", "content-type": "application/json"}
    client.perform_request("PUT", f"/_index_template/{one.alias}", headers=headers, body=one.template)


def _worst(puts: list[PutResult]) -> PutResult:
    """Tells what became of an event by what became of its documents: a refusal of one is the event's."""
    refused = [put for put in puts if put.outcome is Outcome.REFUSED]
    return refused[0] if refused else puts[0]
