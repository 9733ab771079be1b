"""Rows of a file, one at a time, whatever program wrote it. An unreadable row is a row too.

The form is told by the bytes (`sniffing`); this is where each finds its reader.
"""

import json
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, IncrementalDecoder, getincrementaldecoder
from collections.abc import Iterator, Mapping, Sequence
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from crawlers.intake import FILE
from crawlers.pages.decoding import ESCAPE, find_codec, resolved, unmarked_utf16, utf8_line
from crawlers.push.cells import is_wrapped
from crawlers.push.delimited import DELIMITERS, find_delimiter, first_lines, read_records, split
from crawlers.push.documents import read_list, read_page
from crawlers.push.rows import (
    HEADER_WITHIN,
    UNREADABLE_ROW,
    Oddity,
    Reached,
    Row,
    name_of_column,
    sayable,
    under_header,
)
from crawlers.push.sniffing import Form, form_of
from crawlers.push.workbook import first_rows, read_workbook
from stream.errors import Rejected

PARSER, VERSION = FILE, 2

_BLOCK = 1 << 20
_HEAD = 1 << 12
_SAMPLE = 1 << 18  # bytes of lines beyond ASCII that tell an encoding
_FIRST_OBJECTS = 50  # of JSON lines, whose keys are the columns


def read_table(
    path: Path, column: str, *, encoding: str | None = None, reached: Reached | None = None
) -> Iterator[Row]:
    """Yields the rows below the header that names `column`; empty rows are none.

    `encoding` is the owner's word for texts that are no UTF-8; a workbook has its own. `reached` is told how far the
    file is read. Raises `Rejected` when the file as a whole cannot be read: another format, damaged, no
    such column.
    """
    form, reached = form_of(path), reached or Reached()
    match form:
        case Form.WORKBOOK:
            return read_workbook(path, column, reached)
        case Form.LINES:
            return _read_jsonl(path, encoding, reached)
        case Form.DOCUMENT:
            return read_list(path, encoding, column)
        case Form.PAGE:
            return under_header(iter(read_page(path, encoding, column)), column, found_in=path.name, counted=True)
        case Form.NOTHING:
            return iter(())
        case Form.DELIMITED:
            return _read_csv(path, column, encoding, reached)


def candidates(path: Path, *, encoding: str | None = None) -> list[list[str]]:
    """Reads what may be the header: the names of each of the first rows, split in every way; of JSON lines the keys.

    A file without a word has none. Raises `Rejected` as `read_table` does.
    """
    form = form_of(path)
    if form is Form.NOTHING:
        return []
    if form is Form.WORKBOOK:
        return [[name_of_column(value) for value in values] for values in first_rows(path)]
    if form is Form.PAGE:
        return [[name_of_column(value) for value in one.values] for one in read_page(path, encoding)[:HEADER_WITHIN]]
    if form in (Form.LINES, Form.DOCUMENT):
        rows = _read_jsonl(path, encoding, Reached()) if form is Form.LINES else read_list(path, encoding)
        objects = islice((row.cells for row in rows if row.cells), _FIRST_OBJECTS)
        return [list(dict.fromkeys(key for one in objects for key in _keys(one)))]
    with _opened(path, encoding) as file:
        head = first_lines(file)
    return [[name_of_column(cell) for cell in cells] for delimiter in DELIMITERS for cells in split(head, delimiter)]


def find_encoding(path: Path, told: str | None = None) -> str:
    """Finds a text file's encoding by its bytes: utf-8-sig, utf-16, or what else they are.

    That is `told` where they fit it, else gb18030 (the superset of GBK that Excel in China means by CSV) or Big5. A
    mark of UTF-8 before something else, as programs put before whatever they write, says nothing; nor do lines of UTF-8
    that were appended to something else.
    """
    with path.open("rb") as file:
        if (head := file.read(_HEAD))[:2] in (BOM_UTF16_LE, BOM_UTF16_BE):
            return "utf-16"
        if (unmarked := unmarked_utf16(head)) is not None:
            return unmarked
        file.seek(0)
        decoder, sample, size, valid = getincrementaldecoder("utf-8")(), list[bytes](), 0, True
        while valid and (block := file.read(_BLOCK)):
            if b"\0" in block and (wide := resolved(told)) and wide.startswith("utf-16"):
                return _with_a_side(wide)
            whole = block if len(block) < _BLOCK else block[: block.rfind(b"\n") + 1]
            if size < _SAMPLE:
                sample += (line for line in whole.splitlines(keepends=True) if not line.isascii())
                size = sum(map(len, sample))
            valid = _is_utf8(decoder, block)
    codec = "utf-8" if valid and not told else _codec_of(sample, told)
    if codec != "utf-8" and (others := [line for line in sample if utf8_line(line) is None]):
        codec = _codec_of(others, told)
    return "utf-8-sig" if codec == "utf-8" else _with_a_side(codec)


def _with_a_side(codec: str) -> str:
    """Makes UTF-16 that has no mark little-endian, as every browser does: Python's own asks for the mark."""
    return "utf-16-le" if codec == "utf-16" else codec


def _codec_of(lines: Sequence[bytes], told: str | None) -> str:
    return find_codec(b"".join(lines).removeprefix(BOM_UTF8), [told])


def _is_utf8(decoder: IncrementalDecoder, block: bytes) -> bool:
    try:
        decoder.decode(block)
    except UnicodeDecodeError:
        return False
    return True


def _opened(path: Path, encoding: str | None) -> TextIO:
    codec, raw = find_encoding(path, encoding), path.open("rb")
    if codec != "utf-8-sig" and raw.peek(len(BOM_UTF8)).startswith(BOM_UTF8):
        raw.seek(len(BOM_UTF8))
    errors = ESCAPE if codec.startswith("utf") else "surrogateescape"  # of which the bytes can be had back
    return TextIOWrapper(raw, encoding=codec, errors=errors, newline="")


def _read_csv(path: Path, column: str, encoding: str | None, reached: Reached) -> Iterator[Row]:
    with _opened(path, encoding) as file:
        delimiter, width = find_delimiter(first_lines(file), column, path)
        records = read_records(file, delimiter, width, reached, path.stat().st_size)
        yield from under_header(records, column, found_in=path.name, counted=True)


def _read_jsonl(path: Path, told: str | None, reached: Reached) -> Iterator[Row]:
    encoding, size, done = find_encoding(path, told), path.stat().st_size, 0
    if encoding.startswith("utf-16"):
        raise Rejected("unknown_format", f"{sayable(path.name)}: JSON lines must be UTF-8")
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            done += len(raw)
            reached.share = done / size
            if raw.strip():
                yield _json_row(number, raw, encoding)


def _json_row(number: int, raw: bytes, encoding: str) -> Row:
    try:
        appended = None if encoding == "utf-8-sig" else utf8_line(raw)
        cells = json.loads(appended or raw.decode(encoding))
    except (ValueError, RecursionError) as error:
        return Row(number, {}, Oddity(UNREADABLE_ROW, f"not JSON: {error}"))
    if not isinstance(cells, dict):
        return Row(number, {}, Oddity(UNREADABLE_ROW, "not a JSON object"))
    return Row(number, cells)


def _keys(cells: Mapping[str, Any], before: str = "") -> Iterator[str]:
    for key, value in cells.items():
        yield f"{before}{key}"
        if isinstance(value, dict) and not is_wrapped(value) and before.count(".") < 2:
            yield from _keys(value, f"{before}{key}.")
