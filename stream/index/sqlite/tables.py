"""The SQLite index's tables: those of the first version, and what leads from each version to the next one."""

import sqlite3
from collections.abc import Callable

import orjson

from stream.index.sqlite.rows import unpacked
from stream.index.tokens import indexed

SCHEMA = 7  # user_version of the file; other tables, tokens or compression need another number, and a step in _STEPS

_FIRST = """
CREATE TABLE post (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, observed_at INTEGER NOT NULL, charted_at INTEGER NOT NULL,
    counted_at INTEGER, deleted_at INTEGER, withheld INTEGER NOT NULL, site TEXT NOT NULL, source TEXT NOT NULL,
    thread_id TEXT NOT NULL, label TEXT NOT NULL, unscored INTEGER NOT NULL, voice TEXT NOT NULL,
    fingerprint TEXT NOT NULL
) STRICT;
CREATE INDEX post_by_counted ON post (counted_at) WHERE counted_at IS NOT NULL;
CREATE INDEX post_by_thread ON post (thread_id);
CREATE INDEX post_to_withhold ON post (deleted_at) WHERE withheld = 0 AND deleted_at IS NOT NULL;
CREATE TABLE post_topic (
    topic TEXT NOT NULL, row INTEGER NOT NULL, counted_at INTEGER, PRIMARY KEY (row, topic)
) STRICT, WITHOUT ROWID;
CREATE INDEX post_topic_by_counted ON post_topic (topic, counted_at);
CREATE TABLE document (row INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
CREATE TABLE erased (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5 (title, text, columnsize = 0, tokenize = "ascii tokenchars '|#*'");
"""
_MARKS = """
ALTER TABLE post ADD COLUMN act TEXT;
CREATE TABLE post_mark (
    kind TEXT NOT NULL, key TEXT NOT NULL, row INTEGER NOT NULL, PRIMARY KEY (row, kind, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX post_mark_by_key ON post_mark (kind, key, row);
"""
_PRECISION = """
ALTER TABLE post ADD COLUMN published_precision TEXT NOT NULL DEFAULT 'unknown';
UPDATE post SET published_precision = (SELECT precision_of(body) FROM document AS d WHERE d.row = post.row);
"""


def bring_forward(connection: sqlite3.Connection, version: int) -> int:
    """Leads the tables from `version`, 0 where there are none, as far as is known; returns the version they have then.

    The caller holds the transaction.
    """
    while version in _STEPS:
        _STEPS[version](connection)
        version += 1
    return version


def _statements(script: str) -> Callable[[sqlite3.Connection], None]:
    def run(connection: sqlite3.Connection) -> None:
        for statement in script.split(";"):  # `executescript` would commit first
            connection.execute(statement)

    return run


def _add_precision(connection: sqlite3.Connection) -> None:
    """Adds how exactly a post is dated, as its document says: one statement, so that no document is held for long."""
    connection.create_function("precision_of", 1, _precision_of)
    _statements(_PRECISION)(connection)


def _precision_of(packed: bytes) -> str:
    return str(orjson.loads(unpacked(packed))["published_precision"])


def _spell_anew(connection: sqlite3.Connection) -> None:
    """Writes the words again where their spelling is another one now, in the order of rows as FTS5 wants them."""
    query = "SELECT d.row, d.body, w.title, w.text FROM document AS d JOIN words AS w ON w.rowid = d.row ORDER BY d.row"
    for row, body, title, text in connection.execute(query):
        told = orjson.loads(unpacked(body))
        if (words := (indexed(told["title"]), indexed(told["text"]))) != (title, text):
            connection.execute("DELETE FROM words WHERE rowid = ?", (row,))
            connection.execute("INSERT INTO words (rowid, title, text) VALUES (?, ?, ?)", (row, *words))


_STEPS: dict[int, Callable[[sqlite3.Connection], None]] = {
    0: _statements(_FIRST),
    1: _statements(_MARKS),  # posts of before have no act and no marks
    2: _statements(""),  # bodies by lz4 from here on: an older program cannot read them
    3: _add_precision,
    4: _statements(""),  # simplified characters, no accents, a number apart from its unit: the next step writes them
    5: _statements(""),  # words hidden by what parts their characters, too: the next step writes them
    6: _spell_anew,  # 着 for 著 behind more words
}
