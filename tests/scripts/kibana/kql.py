"""The part of KQL that our panels and searches use: read, turned into Elasticsearch's query, or tried on a document.

`not`, `and`, `or`, brackets; `field: *`, `field: value`, `field: begins*`, `field: "a phrase"`, `field < now`,
`field: ("one" or "other")`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from re import compile as pattern
from typing import Any

Json = dict[str, Any]

_TOKEN = pattern(r'\s*(?:([()])|"((?:[^"\\]|\\.)*)"|(<=|>=|<|>|:)|([^\s()":<>]+))')


@dataclass(frozen=True)
class Term:
    """One condition. `value` None: the field is there."""

    field: str
    relation: str
    value: str | None
    quoted: bool


@dataclass(frozen=True)
class Not:
    inner: "Query"


@dataclass(frozen=True)
class All:
    parts: tuple["Query", ...]


@dataclass(frozen=True)
class Either:
    parts: tuple["Query", ...]


Query = Term | Not | All | Either


def read(text: str) -> Query:
    """The query; "" is everything. Raises `ValueError` for what is none."""
    tokens, at = [], 0
    while at < len(text.rstrip()):
        found = _TOKEN.match(text, at)
        if found is None:
            raise ValueError(f"{text!r} at {at}")
        at = found.end()
        bracket, phrase, relation, word = found.groups()
        tokens.append(
            ("phrase", phrase)
            if phrase is not None
            else ("sign", bracket or relation)
            if word is None
            else ("word", word)
        )
    if not tokens:
        return All(())
    reader = _Reader(tokens)
    query = reader.either()
    if reader.at != len(tokens):
        raise ValueError(f"{text!r}: {tokens[reader.at]} is left over")
    return query


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self.at = 0

    def either(self) -> Query:
        parts = [self._both()]
        while self._next("word", "or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _both(self) -> Query:
        parts = [self._one()]
        while self._next("word", "and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _one(self) -> Query:
        if self._next("word", "not"):
            return Not(self._one())
        if self._next("sign", "("):
            inner = self.either()
            if not self._next("sign", ")"):
                raise ValueError("a bracket is not closed")
            return inner
        (kind, field), (sign, relation), (quoted, value) = self._tokens[self.at : self.at + 3]
        if (kind, relation, value) == ("word", ":", "("):
            self.at += 3
            return self._values(field)
        if (kind, sign) != ("word", "sign") or quoted == "sign":
            raise ValueError(f"no condition: {field} {relation} {value}")
        self.at += 3
        return Term(field, relation, None if (quoted, value) == ("word", "*") else value, quoted == "phrase")

    def _values(self, field: str) -> Query:
        """What follows `field: (`."""
        parts: list[Query] = []
        while not parts or self._next("word", "or"):
            (kind, value) = self._tokens[self.at]
            self.at += 1
            parts.append(Term(field, ":", value, kind == "phrase"))
        if not self._next("sign", ")"):
            raise ValueError("a bracket is not closed")
        return Either(tuple(parts))

    def _next(self, kind: str, word: str) -> bool:
        here = self.at < len(self._tokens) and self._tokens[self.at] == (kind, word)
        self.at += here
        return here


def terms(query: Query) -> Iterator[Term]:
    """Every condition of a query."""
    if isinstance(query, Term):
        yield query
    elif isinstance(query, Not):
        yield from terms(query.inner)
    else:
        for part in query.parts:
            yield from terms(part)


def to_elastic(query: Query) -> Json:
    """As Kibana asks the server: a quoted value is a phrase."""
    match query:
        case Not(inner):
            return {"bool": {"must_not": [to_elastic(inner)]}}
        case All(parts):
            return {"bool": {"filter": [to_elastic(part) for part in parts]}} if parts else {"match_all": {}}
        case Either(parts):
            return {"bool": {"should": [to_elastic(part) for part in parts], "minimum_should_match": 1}}
        case Term(field, ":", None, _):
            return {"exists": {"field": field}}
        case Term(field, ":", str(value), False) if value.endswith("*"):
            return {"prefix": {field: {"value": value[:-1]}}}
        case Term(field, ":", value, quoted):
            return {"match_phrase" if quoted else "match": {field: value}}
        case Term(field, relation, value, _):
            return {"range": {field: {{"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}[relation]: value}}}


def holds(query: Query, document: Mapping[str, Any], now: str) -> bool:
    """Whether a document (flat names, lists for many values, times as text) fits; phrases by mere occurrence."""
    match query:
        case Not(inner):
            return not holds(inner, document, now)
        case All(parts):
            return all(holds(part, document, now) for part in parts)
        case Either(parts):
            return any(holds(part, document, now) for part in parts)
    held = document.get(query.field)
    values = held if isinstance(held, list) else [] if held is None else [held]
    if query.value is None:
        return bool(values)
    if query.relation == ":":
        if query.value.endswith("*") and not query.quoted:
            return any(value.startswith(query.value[:-1]) for value in values)
        wanted = {"true": True, "false": False}.get(query.value, query.value)
        return any(wanted in value if query.quoted else value == wanted for value in values)
    assert (query.relation, query.value) == ("<", "now"), query
    return any(value < now for value in values)
