"""The index as JSON lines: one `ScoredPost` each, in its wire form, in the order of ids."""

from collections.abc import Iterator
from datetime import datetime

from stream.codec import SCORED
from stream.index.port import Query, Reader, withheld

# JSON allows these raw, yet many readers take them for the end of a line. Neither byte sequence can stand elsewhere.
_LINE_ENDS = ((b"\xc2\x85", b"\\u0085"), (b"\xe2\x80\xa8", b"\\u2028"), (b"\xe2\x80\xa9", b"\\u2029"))


def export_lines(reader: Reader, now: datetime, query: Query) -> Iterator[bytes]:
    """Writes each post that the query finds as one line with its `\n`; those gone for long are without their words."""
    for post in reader.export(query):
        yield _one_line(SCORED.encode(withheld(post, now))) + b"\n"


def _one_line(encoded: bytes) -> bytes:
    for raw, escaped in _LINE_ENDS:
        encoded = encoded.replace(raw, escaped)
    return encoded
