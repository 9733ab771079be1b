"""Rows of a CSV, JSONL or XLSX file, one at a time, whatever program wrote it. An unreadable row is a row too."""

import csv
import json
import warnings
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from openpyxl import load_workbook  # type: ignore[import-untyped]
from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]

from stream.errors import Rejected

PARSER, VERSION = "file", 1

Cells = Mapping[str, Any]

_BLOCK = 1 << 20
_LONGEST_CELL = 1 << 20  # characters; a quote that is never closed is found here at the latest
_HEADER_WITHIN = 10  # rows: above the header Excel users write titles, and Excel itself writes `sep=;`
_DELIMITERS = ",\t;|，"
_TOO_BROKEN = 0.5  # GBK read as UTF-8 is broken in some 85 of 100 characters, damaged UTF-8 in a few


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line in the file (the last one of a row over several lines), its cells, or why it has none."""

    line: int
    cells: Cells
    problem: str | None = None


def read_table(path: Path, column: str) -> Iterator[Row]:
    """Yields the rows below the header that names `column`; empty rows are none.

    Raises `Rejected` when the file as a whole cannot be read: another format, damaged, no such column.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(sorted(_READERS))
        raise Rejected("unknown_format", f"{path.name}: give one of {known} (save other formats as XLSX or CSV)")
    return reader(path, column)


def find_encoding(path: Path) -> str:
    """Finds the encoding by what fits better.

    It is utf-8-sig, utf-16 or gb18030 (the superset of GBK that Excel in China means by CSV).
    """
    with path.open("rb") as file:
        head = file.read(2)
        if head in (b"\xff\xfe", b"\xfe\xff"):
            return "utf-16"
        file.seek(0)
        decoder = getincrementaldecoder("utf-8")("replace")
        while block := file.read(_BLOCK):
            found = decoder.decode(block)
            beyond = sum(not character.isascii() for character in found)
            if beyond:  # the first block that is not plain ASCII tells
                return "utf-8-sig" if found.count("\ufffd") <= _TOO_BROKEN * beyond else "gb18030"
    return "utf-8-sig"


def _read_csv(path: Path, column: str) -> Iterator[Row]:
    encoding = find_encoding(path)
    with path.open(encoding=encoding, errors="surrogateescape", newline="") as file:
        previous = csv.field_size_limit(_LONGEST_CELL)
        try:
            delimiter = _delimiter(list(islice(file, _HEADER_WITHIN)), column, path)
            file.seek(0)
            yield from _under_header(_csv_rows(csv.reader(file, delimiter=delimiter)), column, path)
        finally:
            csv.field_size_limit(previous)


def _csv_rows(reader: Any) -> Iterator[tuple[int, list[Any], str | None]]:
    while True:
        begin = reader.line_num + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problem = f"lines {begin} to {reader.line_num}: {error}, or a quote that is never closed"
            yield reader.line_num, [""], problem
            continue
        broken = any("\udc80" <= character <= "\udcff" for value in values for character in value)
        yield reader.line_num, values, "bytes that are no text in the file's encoding" if broken else None


def _delimiter(head: list[str], column: str, path: Path) -> str:
    """Finds the delimiter that makes `column` a cell of its own: csv.Sniffer guesses wrong on Chinese text."""
    for delimiter in _DELIMITERS:
        for values in csv.reader(head, delimiter=delimiter):
            if column in map(_name, values):
                return delimiter
    raise _no_column(column, head[0] if head else "", path)


def _read_jsonl(path: Path, _column: str) -> Iterator[Row]:
    encoding = find_encoding(path)
    if encoding == "utf-16":
        raise Rejected("unknown_format", f"{path.name}: JSON lines must be UTF-8")
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            if raw.strip():
                yield _json_row(number, raw, encoding)


def _json_row(number: int, raw: bytes, encoding: str) -> Row:
    try:
        cells = json.loads(raw.decode(encoding))
    except (ValueError, RecursionError) as error:
        return Row(number, {}, f"not JSON: {error}")
    if not isinstance(cells, dict):
        return Row(number, {}, "not a JSON object")
    return Row(number, cells)


def _read_xlsx(path: Path, column: str) -> Iterator[Row]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # openpyxl tells of styles and extensions that it leaves out
        try:
            book = load_workbook(path, read_only=True, data_only=True)
        except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
            raise Rejected("unreadable_file", f"{path.name}: {error}") from error
        try:
            sheet = next((sheet for sheet in book.worksheets if _names(sheet, column)), None)
            if sheet is None:
                raise _no_column(column, f"in {len(book.worksheets)} sheets", path)
            rows = ((n, list(values), None) for n, values in enumerate(sheet.iter_rows(values_only=True), 1))
            yield from _under_header(rows, column, path)
        finally:
            book.close()


def _names(sheet: Any, column: str) -> bool:
    return any(column in map(_name, values) for values in sheet.iter_rows(max_row=_HEADER_WITHIN, values_only=True))


def _under_header(rows: Iterator[tuple[int, list[Any], str | None]], column: str, path: Path) -> Iterator[Row]:
    head = list(islice(rows, _HEADER_WITHIN))
    at = next((index for index, (_, values, _) in enumerate(head) if column in map(_name, values)), None)
    if at is None:
        raise _no_column(column, "in the first rows", path)
    names = [_name(value) for value in head[at][1]]
    for line, values, problem in chain(head[at + 1 :], rows):
        cells = {name: value for name, value in zip(names, values, strict=False) if name}
        if problem or any(value not in (None, "") for value in cells.values()):
            yield Row(line, cells, problem)


def _name(value: object) -> str:
    return str(value or "").strip().lstrip("\ufeff").strip()


def _no_column(column: str, found: str, path: Path) -> Rejected:
    return Rejected("no_text_column", f"{path.name}: no column {column!r}; found: {found.strip()[:200]}")


_READERS: dict[str, Callable[[Path, str], Iterator[Row]]] = {
    ".csv": _read_csv,
    ".tsv": _read_csv,
    ".txt": _read_csv,
    ".jsonl": _read_jsonl,
    ".ndjson": _read_jsonl,
    ".xlsx": _read_xlsx,
    ".xlsm": _read_xlsx,
}
