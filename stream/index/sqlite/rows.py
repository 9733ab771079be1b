"""One post in the SQLite index: how it is packed, written, found and removed. Callers hold the transaction."""

import sqlite3
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from lz4.block import compress, decompress  # type: ignore[import-untyped]

from stream.codec import SCORED
from stream.index.port import WITHHELD_AFTER, withheld
from stream.index.tokens import indexed
from stream.messages import ScoredPost
from stream.process.moments import to_ms

# What most documents share, in the order of the wire. lz4 takes a tenth of zlib's time for a fifth more bytes.
# Bodies name the dictionary they were written with: none may ever change, a better one is put in front.
_BEFORE_ACTS = (
    b'{"schema":1,"id":"","site":"","native_id":"comment:entry:pid:","source":"","kind":"thread","kind":"article",'
    b'"kind":"status","kind":"comment","kind":"reply","thread_id":"","parent_id":null,"board":"","floor":1,"url":'
    b'"https://www.","title":"","text":"","truncated":false,"voice":"","published_at":"202","published_precision":'
    b'"second","published_precision":"minute","first_seen_at":"202","observed_at":"202","counted_at":null,'
    b'"counted_at":"202","charted_at":"202","edited_at":null,"deleted_at":null,"counts":{"views":null,"replies":null,'
    b'"likes":null,"reposts":null},"content_hash":"","crawl":{"robots":"allowed","rate":1.0,"parser":"discuz",'
    b'"version":1},"emotion":{"happy":0.0,"neutral":0.0,"angry":0.0,"sad":0.0,"fear":0.0,"surprise":0.0},"polarity":'
    b'{"negative":0.0,"neutral":0.0,"positive":0.0},"negative":0.0,"label":"positive","label":"uncertain","label":'
    b'"negative","label":"neutral","topics":[],"fingerprint":"","model":"","unscored":null,"scored_at":"202'
    b'T00:00:00.000Z"}'
)
_DICTIONARY = _BEFORE_ACTS[:-2] + (
    b'","passage":null,"act":null,"act_by":null,"act":"question","act":"appeal","act":"statement","act_by":"wenfeng-'
    b'acts@1","fields":["economic","management","safety","service"],"cues":["danger"],"fields":[],"cues":[]}'
)
_LZ4 = b"\x01"  # before a body of lz4 with _DICTIONARY; files before version 3 have zlib's, which begin otherwise
_BY_CHECKSUM = {zlib.adler32(one): one for one in (_DICTIONARY, _BEFORE_ACTS)}

# Never OR REPLACE: it opens a transaction of its own, for which FTS5 writes a segment per post, three times slower.
_PUT_POST = """
INSERT INTO post VALUES (:row, :id, :observed_at, :charted_at, :counted_at, :deleted_at, :withheld,
    :site, :source, :thread_id, :label, :unscored, :voice, :fingerprint, :act, :published_precision)
"""


def pack(body: bytes) -> bytes:
    """Packs the document as it lies in the file."""
    return _LZ4 + bytes(compress(body, dict=_DICTIONARY))


def unpack(packed: bytes) -> ScoredPost:
    """Reads the post of a packed document."""
    return SCORED.decode(unpacked(packed))


def unpacked(packed: bytes) -> bytes:
    """Returns the document in its wire form, as `pack` was given it."""
    if packed.startswith(_LZ4):
        return bytes(decompress(packed[1:], dict=_DICTIONARY))
    dictionary = _BY_CHECKSUM[int.from_bytes(packed[2:6])]  # RFC 1950: DICTID, behind the header's two bytes
    return zlib.decompressobj(zdict=dictionary).decompress(packed)


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post made ready for the file."""

    post: ScoredPost
    body: bytes
    title: str
    text: str
    withheld: bool

    @property
    def observed_at(self) -> int:
        return to_ms(self.post.observed_at)

    @property
    def charted_at(self) -> int:
        return to_ms(self.post.charted_at)


def prepare(post: ScoredPost, now: datetime | None = None) -> PostRow:
    """Builds the entry of a post; without words once it is gone long enough, at `now` or when it was observed.

    Raises `ValueError` for what no file can hold, such as a lone surrogate.
    """
    moment = post.observed_at if now is None else now
    shown = withheld(post, moment)
    gone = post.deleted_at is not None and moment - post.deleted_at >= WITHHELD_AFTER
    return PostRow(shown, pack(SCORED.encode(shown)), indexed(shown.title), indexed(shown.text), gone)


@dataclass(frozen=True, slots=True)
class Known:
    """Where a post lies in the file, and which observation it is."""

    row: int
    observed_at: int
    withheld: bool


def find(connection: sqlite3.Connection, id_: str) -> Known | None:
    """Finds what the file knows of a post."""
    found = connection.execute("SELECT row, observed_at, withheld FROM post WHERE id = ?", (id_,)).fetchone()
    return None if found is None else Known(found[0], found[1], bool(found[2]))


def write(connection: sqlite3.Connection, row: int, entry: PostRow) -> None:
    """Puts a post into a row that is free."""
    connection.execute("INSERT INTO words (rowid, title, text) VALUES (?, ?, ?)", (row, entry.title, entry.text))
    _write_all_but_words(connection, row, entry)


def rewrite(connection: sqlite3.Connection, row: int, entry: PostRow) -> None:
    """Puts a newer observation in the place of an older one; most differ in counters only and leave the words alone."""
    before = connection.execute("SELECT title, text FROM words WHERE rowid = ?", (row,)).fetchone()
    if before != (entry.title, entry.text):
        connection.execute("DELETE FROM words WHERE rowid = ?", (row,))
        connection.execute("INSERT INTO words (rowid, title, text) VALUES (?, ?, ?)", (row, entry.title, entry.text))
    _remove_all_but_words(connection, row)
    _write_all_but_words(connection, row, entry)


def remove(connection: sqlite3.Connection, rows: Iterable[int]) -> None:
    """Empties rows. Ascending: FTS5 starts another segment whenever row numbers go down."""
    for row in sorted(rows):
        connection.execute("DELETE FROM words WHERE rowid = ?", (row,))
        _remove_all_but_words(connection, row)


def _remove_all_but_words(connection: sqlite3.Connection, row: int) -> None:
    for table in ("post", "post_topic", "post_mark", "document"):
        connection.execute(f"DELETE FROM {table} WHERE row = ?", (row,))


def _write_all_but_words(connection: sqlite3.Connection, row: int, entry: PostRow) -> None:
    post = entry.post
    counted_at = None if post.counted_at is None else to_ms(post.counted_at)
    columns = {
        "row": row,
        "id": post.id,
        "observed_at": entry.observed_at,
        "charted_at": entry.charted_at,
        "counted_at": counted_at,
        "deleted_at": None if post.deleted_at is None else to_ms(post.deleted_at),
        "withheld": int(entry.withheld),
        "site": post.site,
        "source": post.source,
        "thread_id": post.thread_id,
        "label": post.label.value,
        "unscored": int(post.unscored is not None),
        "voice": post.voice or post.id,  # who has no voice counts as one of its own
        "fingerprint": post.fingerprint,
        "act": None if post.act is None else post.act.value,
        "published_precision": post.published_precision.value,
    }
    connection.execute(_PUT_POST, columns)
    connection.execute("INSERT INTO document VALUES (?, ?)", (row, entry.body))
    for topic in set(post.topics):
        connection.execute("INSERT INTO post_topic VALUES (?, ?, ?)", (topic, row, counted_at))
    marks = {("field", key) for key in post.fields} | {("cue", key) for key in post.cues}
    connection.executemany("INSERT INTO post_mark VALUES (?, ?, ?)", [(*mark, row) for mark in sorted(marks)])
