"""CSV and its kin, line by line: a stray quote costs its own row at most, never the rows behind it."""

import csv
import re
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import TextIO

from crawlers.pages.decoding import ESCAPE, utf8_line
from crawlers.pages.times import says_a_time
from crawlers.push.cells import read_serial, words_of
from crawlers.push.rows import (
    DOES_NOT_FIT,
    HEADER_WITHIN,
    STRAY_QUOTE,
    UNREADABLE_ROW,
    Oddity,
    Reached,
    Record,
    is_header,
    no_column,
)
from stream.process.clock import SHANGHAI

_LONGEST_CELL = 1 << 20  # characters; a quote that is not closed within them is no beginning of a cell
_BROKEN = re.compile("[\udc80-\udcff]")  # how surrogateescape keeps bytes that are no text
_EURO = "\udc80"  # how surrogateescape keeps it
DELIMITERS = ",\t;|，"
_PROGRESS_EVERY = 256  # lines
_NEARLY_ALL = 0.9  # of the lines that a quote holds


def find_delimiter(head: Sequence[str], column: str, path: Path) -> tuple[str, int]:
    """Finds the delimiter that makes `column` a cell of its own, and how many cells that row has.

    csv.Sniffer guesses wrong on Chinese text. Raises `Rejected` where none does.
    """
    for delimiter in DELIMITERS:
        for values in split(head, delimiter):
            if is_header(values, column):
                return delimiter, len(values)
    raise no_column(column, head[0] if head else "", path.name)


def split(head: Sequence[str], delimiter: str) -> Iterator[list[str]]:
    """Yields the rows of the first lines by CSV's rules, then every line as it stands: a title may hold a quote."""
    with _long_cells(), suppress(csv.Error):
        yield from csv.reader(head, delimiter=delimiter)
    for line in head:
        yield [_unquoted(cell) for cell in _plain(line, delimiter)]


def first_lines(file: TextIO) -> list[str]:
    """Reads the lines among which the header must be; the file is at its beginning afterwards."""
    begin = file.tell()
    head = [_meant(line, file) for line in islice(file, HEADER_WITHIN)]
    file.seek(begin)
    return head


def read_records(file: TextIO, delimiter: str, width: int, reached: Reached, size: int) -> Iterator[Record]:
    """Yields the records of a file opened with `newline=""` and errors kept as surrogates, each with its last line.

    A line with a quote that is closed in mid-cell, or never, is read as it stands, quotes and all, if that makes
    `width` cells; so is one whose quote swallows lines that are whole rows. Else it does not fit. A record that keeps
    CSV's rules and fits is one, whatever its words look like, unless nearly all of its lines are rows, most timed.
    """
    lines = _Lines(file, reached, size)
    with _long_cells():
        for first in lines:
            begin = lines.number
            values, more = _quoted(first, lines, delimiter)
            if values is None or _swallows(first, more, values, delimiter, width):
                lines.put_back(more)
                yield _as_it_stands(first, begin, delimiter, width)
            elif any(map(_BROKEN.search, values)):
                yield Record(
                    lines.number, [""], Oddity(UNREADABLE_ROW, "bytes that are no text in the file's encoding")
                )
            else:
                yield Record(lines.number, values)


class _Lines:
    """The lines of a file, with their numbers; lines may be put back."""

    def __init__(self, file: TextIO, reached: Reached, size: int) -> None:
        self._file = file
        self._back: deque[str] = deque()
        self._reached = reached
        self._size = size
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else _meant(next(self._file), self._file)
        self.number += 1
        if self.number % _PROGRESS_EVERY == 0 and self._size:
            self._reached.share = min(1.0, self._file.buffer.tell() / self._size)
        return line

    def put_back(self, lines: Sequence[str]) -> None:
        self._back.extendleft(reversed(lines))
        self.number -= len(lines)


def _meant(line: str, file: TextIO) -> str:
    """Reads a line as it is meant: one that somebody appended in UTF-8 to another encoding, the € of Windows' GBK."""
    codec = file.encoding
    if line.isascii() or not codec or codec.startswith("utf"):
        return line
    with suppress(UnicodeEncodeError):
        raw = line.encode(codec, "surrogateescape")
        return utf8_line(raw) or (raw.decode(codec, ESCAPE) if _EURO in line else line)
    return line


def _quoted(first: str, lines: _Lines, delimiter: str) -> tuple[list[str] | None, list[str]]:
    """Reads the record that begins with `first` by CSV's rules: its cells, None if it breaks them; its other lines."""
    more: list[str] = []

    def fed() -> Iterator[str]:
        yield first
        length = len(first)
        for line in lines:
            more.append(line)
            length += len(line)
            if length > _LONGEST_CELL:
                return
            yield line

    try:
        return next(csv.reader(fed(), delimiter=delimiter, strict=True), []), more
    except csv.Error:
        return None, more


def _swallows(first: str, more: Sequence[str], values: Sequence[str], delimiter: str, width: int) -> bool:
    """Tells whether what looks like a cell of several lines is a stray quote, since they are rows.

    Those are its first line and another, of `values` that do not fit; of values that do, nearly all of its lines, most
    of them with a time where the record has its own: a list of complaints, with commas, has none.
    """
    begins = _plain(first, delimiter)
    if not more or len(begins) != width:
        return False
    rows = [row for one in more if (row := _row(one, delimiter, width))]
    if len(values) != width:
        return bool(rows)
    if len(rows) < _NEARLY_ALL * len(more):
        return False
    timed = [place for place, value in enumerate(values) if _is_time(value)]
    lines = [begins, *rows]
    return any(2 * sum(_is_time(row[place]) for row in lines) > len(lines) for place in timed)


def _row(line: str, delimiter: str, width: int) -> list[str]:
    """Splits a line that is a whole row by itself; [] for any other."""
    try:
        cells = next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []
    return cells if len(cells) == width and sum(map(bool, cells)) > 1 else []


def _is_time(cell: str) -> bool:
    return read_serial(cell, SHANGHAI) is not None or says_a_time(words_of(cell))


def _as_it_stands(line: str, number: int, delimiter: str, width: int) -> Record:
    cells = [_unquoted(cell) for cell in _plain(line, delimiter)]
    if len(cells) != width:
        return Record(number, [""], Oddity(DOES_NOT_FIT, f"{len(cells)} cells under {width} names, and a stray quote"))
    if any(map(_BROKEN.search, cells)):
        return Record(number, [""], Oddity(UNREADABLE_ROW, "bytes that are no text in the file's encoding"))
    return Record(number, cells, Oddity(STRAY_QUOTE, "a quote that is not closed, read as it stands", taken=True))


def _plain(line: str, delimiter: str) -> list[str]:
    return line.rstrip("\r\n").split(delimiter)


def _unquoted(cell: str) -> str:
    whole = len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in cell[1:-1].replace('""', "")
    return cell[1:-1].replace('""', '"') if whole else cell


@contextmanager
def _long_cells() -> Iterator[None]:
    previous = csv.field_size_limit(_LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(previous)
