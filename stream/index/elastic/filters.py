"""A `Query` as Elasticsearch asks it. Every condition is a filter: nothing is scored, everything may be cached."""

from datetime import datetime
from typing import Any

from stream.index.elastic.rows import phrase_of
from stream.index.port import Query
from stream.index.query import Phrase, parse_words
from stream.process.moments import to_ms_up

Clause = dict[str, Any]


def select(query: Query) -> Clause:
    """Builds the query's filters; raises `Rejected("query")` as `parse_words` does."""
    words = parse_words(query.words)
    filters = [_occurs(phrase) for phrase in words.required]
    filters += [{"terms": {name: list(values)}} for name, values in _any_of(query).items() if values]
    filters += [{"term": {"thread_id": query.thread_id}}] if query.thread_id is not None else []
    filters += _between("charted_at", query.charted_since, query.charted_until)
    filters += _between("counted_at", query.counted_since, query.counted_until)
    filters += _between("observed_at", query.observed_since, None)
    gone = {"exists": {"field": "deleted_at"}}
    filters += [gone] if query.deleted else []
    barred = [_occurs(phrase) for phrase in words.forbidden] + ([gone] if query.deleted is False else [])
    return {"bool": {"filter": filters, "must_not": barred}}


def _any_of(query: Query) -> dict[str, tuple[str, ...]]:
    """Lists fields and the values of which one must be there."""
    return {
        "topics": query.topics,
        "label": tuple(label.value for label in query.labels),
        "site": query.sites,
        "source": query.sources,
        "act": tuple(act.value for act in query.acts),
        "fields": query.fields,
        "cues": query.cues,
        "published_precision": tuple(precision.value for precision in query.precisions),
    }


def _occurs(phrase: Phrase) -> Clause:
    """Asks that the phrase lies in the title or in the text."""
    places = [{"match_phrase": {field: phrase_of(phrase)}} for field in ("tokens.title", "tokens.text")]
    return {"bool": {"should": places, "minimum_should_match": 1}}


def _between(field: str, since: datetime | None, until: datetime | None) -> list[Clause]:
    limits = {name: to_ms_up(moment) for name, moment in (("gte", since), ("lt", until)) if moment is not None}
    return [{"range": {field: {**limits, "format": "epoch_millis"}}}] if limits else []
