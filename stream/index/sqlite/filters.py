"""A `Query` as SQL over the tables of sqlite_file.py.

Three conditions have no column: `boards`, `least_replies` and `least_views` are read from the documents, by the
function `told` of stream/index/sqlite/told.py, which whoever asks must have given to the connection.
"""

from dataclasses import dataclass, field
from datetime import datetime

from stream.index.port import Query
from stream.index.query import Phrase, parse_words
from stream.index.sqlite.file import SLOT_BITS, first_row
from stream.index.tokens import BREAK
from stream.process.moments import to_ms_up


@dataclass(slots=True)
class Selection:
    """FROM and WHERE of a query with the values for their marks. `row` is the column by which the engine orders."""

    source: str = "post AS p"
    row: str = "p.row"
    conditions: list[str] = field(default_factory=list)
    values: list[object] = field(default_factory=list)

    def require(self, condition: str, *values: object) -> None:
        """Adds one more condition that must hold."""
        self.conditions.append(condition)
        self.values.extend(values)

    @property
    def where(self) -> str:
        return " AND ".join(self.conditions) or "TRUE"


def select(query: Query) -> Selection:
    """Builds the selection of a query; raises `Rejected("query")` as `parse_words` does."""
    selection = select_by_columns(query)
    _any_of(selection, told("board"), query.boards)
    for name, least in (("replies", query.least_replies), ("views", query.least_views)):
        if least is not None:
            selection.require(f"{told(name)} >= ?", least)
    return selection


def told(name: str) -> str:
    """Writes the expression for what only the document of the post `p` says."""
    return f"told((SELECT body FROM document WHERE row = p.row), '{name}')"


def reads_documents(query: Query) -> bool:
    """Tells whether the query has a condition without a column."""
    return bool(query.boards) or query.least_replies is not None or query.least_views is not None


def select_by_columns(query: Query) -> Selection:
    """Builds the selection of all conditions but those that are read from the documents."""
    selection = Selection()
    _words(selection, query.words)
    _topics(selection, query)
    _any_of(selection, "p.label", query.labels)
    _any_of(selection, "p.site", query.sites)
    _any_of(selection, "p.source", query.sources)
    _any_of(selection, "p.act", query.acts)
    _any_of(selection, "p.published_precision", query.precisions)
    _marked(selection, "field", query.fields)
    _marked(selection, "cue", query.cues)
    if query.thread_id is not None:
        selection.require("p.thread_id = ?", query.thread_id)
    _rows(selection, query)
    _between(selection, "p.charted_at", query.charted_since, query.charted_until)
    _between(selection, "p.counted_at", query.counted_since, query.counted_until)
    _between(selection, "p.observed_at", query.observed_since, None)
    if query.deleted is not None:
        selection.require(f"p.deleted_at IS {'NOT ' if query.deleted else ''}NULL")
    if query.authorless is not None:  # who has no voice counts as one of its own
        selection.require(f"p.voice {'=' if query.authorless else '<>'} p.id")
    return selection


def select_topics(query: Query) -> Selection:
    """Builds the selection of a query with each topic of a post as `t`, or each of those that the query names."""
    selection = select(query)
    # CROSS JOIN keeps the posts outside: they are narrowed by time, whatever the number of topics
    selection.source += " CROSS JOIN post_topic AS t ON t.row = p.row"
    _any_of(selection, "t.topic", query.topics)
    return selection


def _words(selection: Selection, typed: str) -> None:
    words = parse_words(typed)
    wanted = [_phrase(phrase) for phrase in words.required]
    wanted += [f"({_either(phrases)})" for phrases in words.any_of]
    required, forbidden = " AND ".join(wanted), _either(words.forbidden)
    if required:
        # CROSS JOIN keeps FTS5 outside, where it delivers in the order of rows
        selection.source, selection.row = "words CROSS JOIN post AS p ON p.row = words.rowid", "words.rowid"
        selection.require("words MATCH ?", f"({required}) NOT ({forbidden})" if forbidden else required)
    elif forbidden:
        selection.require("p.row NOT IN (SELECT rowid FROM words WHERE words MATCH ?)", forbidden)


def _either(phrases: tuple[Phrase, ...]) -> str:
    return " OR ".join(map(_phrase, phrases))


def _phrase(phrase: Phrase) -> str:
    return '"' + f" {BREAK} ".join(" ".join(run) for run in phrase) + '"'


def _topics(selection: Selection, query: Query) -> None:
    """Narrows by time already in here: a topic may have many posts, and the detector asks for its last hours."""
    if not query.topics:
        return
    inner = Selection(row="row")
    _any_of(inner, "topic", query.topics)
    _between(inner, "counted_at", query.counted_since, query.counted_until)
    _rows(inner, query)
    selection.require(f"p.row IN (SELECT row FROM post_topic WHERE {inner.where})", *inner.values)


def _marked(selection: Selection, kind: str, wanted: tuple[str, ...]) -> None:
    if wanted:
        inner = Selection()
        _any_of(inner, "key", wanted)
        selection.require(
            f"p.row IN (SELECT row FROM post_mark WHERE kind = '{kind}' AND {inner.where})", *inner.values
        )


def _rows(selection: Selection, query: Query) -> None:
    """Requires the hours of `charted_at` as rows: wider than the query by less than an hour at each end."""
    if query.charted_since is not None:
        selection.require(f"{selection.row} >= ?", first_row(to_ms_up(query.charted_since)))
    if query.charted_until is not None:
        selection.require(f"{selection.row} < ?", first_row(to_ms_up(query.charted_until)) + (1 << SLOT_BITS))


def _any_of(selection: Selection, column: str, wanted: tuple[str, ...]) -> None:
    if wanted:
        selection.require(f"{column} IN ({', '.join('?' * len(wanted))})", *wanted)


def _between(selection: Selection, column: str, since: datetime | None, until: datetime | None) -> None:
    if since is not None:
        selection.require(f"{column} >= ?", to_ms_up(since))
    if until is not None:
        selection.require(f"{column} < ?", to_ms_up(until))
