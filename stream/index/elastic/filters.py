"""A `Query` as Elasticsearch asks it. Every condition is a filter: nothing is scored, everything may be cached."""

from collections.abc import Sequence
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
    filters = [_occurs((phrase,)) for phrase in words.required] + [_occurs(phrases) for phrases in words.any_of]
    filters += [{"terms": {name: list(values)}} for name, values in _any_of(query).items() if values]
    filters += [{"term": {"thread_id": query.thread_id}}] if query.thread_id is not None else []
    filters += _between("charted_at", query.charted_since, query.charted_until)
    filters += _between("counted_at", query.counted_since, query.counted_until)
    filters += _between("observed_at", query.observed_since, None)
    filters += _at_least("counts.replies", query.least_replies) + _at_least("counts.views", query.least_views)
    barred = [_occurs((phrase,)) for phrase in words.forbidden]
    for field, there in (("deleted_at", query.deleted), ("voice", _opposite(query.authorless))):
        if there is not None:
            (filters if there else barred).append({"exists": {"field": field}})
    return {"bool": {"filter": filters, "must_not": barred}}


def _any_of(query: Query) -> dict[str, tuple[str, ...]]:
    """Lists fields and the values of which one must be there."""
    return {
        "topics": query.topics,
        "label": tuple(label.value for label in query.labels),
        "site": query.sites,
        "source": query.sources,
        "board": query.boards,
        "act": tuple(act.value for act in query.acts),
        "fields": query.fields,
        "cues": query.cues,
        "published_precision": tuple(precision.value for precision in query.precisions),
    }


def _occurs(phrases: Sequence[Phrase]) -> Clause:
    """Asks that one of the phrases lies in the title or in the text."""
    fields = ("tokens.title", "tokens.text")
    places = [{"match_phrase": {field: phrase_of(phrase)}} for phrase in phrases for field in fields]
    return {"bool": {"should": places, "minimum_should_match": 1}}


def _at_least(field: str, least: int | None) -> list[Clause]:
    return [] if least is None else [{"range": {field: {"gte": least}}}]


def _opposite(asked: bool | None) -> bool | None:
    return None if asked is None else not asked


def _between(field: str, since: datetime | None, until: datetime | None) -> list[Clause]:
    limits = {name: to_ms_up(moment) for name, moment in (("gte", since), ("lt", until)) if moment is not None}
    return [{"range": {field: {**limits, "format": "epoch_millis"}}}] if limits else []
