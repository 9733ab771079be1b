"""Rows of a file that is read as a whole: the tables of a web page, as many exports call .xls; a list in JSON."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml.etree import ParserError  # type: ignore[import-untyped]
from lxml.html import HtmlElement  # type: ignore[import-untyped]

from crawlers.pages.decoding import decode
from crawlers.pages.markup import element_text, parse_page
from crawlers.pages.xpath import Elements
from crawlers.push.rows import UNREADABLE_ROW, Oddity, Record, Row, is_header, sayable
from stream.errors import Rejected

LARGEST = 64 << 20  # bytes: what is larger comes as CSV or as JSON lines
_WIDEST = 100  # columns of one cell
_REACHING = 256  # columns from the left whose cells may reach down: no table of a slip grows with every row
_TO_THE_END = 1 << 16  # rows
_ROWS = Elements("//tr")
_CELLS = Elements("./td | ./th")


def read_page(path: Path, encoding: str | None, column: str | None = None) -> list[Record]:
    """Reads the rows of all tables of a page, numbered from its first one.

    A cell over several columns fills the first, one over several rows stands in each. A table within a table whose
    header names `column` is words of a cell, no rows; one within a table for the layout is a table. Raises `Rejected`
    for a page without any, such as one that asks to log in.
    """
    text, _ = decode(_whole(path), "", encoding)
    try:
        rows = _ROWS.all(parse_page(text))
    except (ParserError, ValueError) as error:
        raise Rejected("unreadable_file", f"{sayable(path.name)}: {error}") from error
    if not rows:
        raise Rejected("unreadable_file", f"{sayable(path.name)}: a web page without a table")
    return list(_records(rows, column))


def read_list(path: Path, encoding: str | None, column: str | None = None) -> Iterator[Row]:
    """Reads the objects of a list in JSON, which may be the one list in an object; numbered from 1.

    An object that says something in `column` itself is a row, whatever lists are in it. Raises `Rejected` for any other
    JSON, and for none.
    """
    text, _ = decode(_whole(path), "", encoding)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Rejected("unreadable_file", f"{sayable(path.name)}: not JSON: {error}") from error
    alone = isinstance(document, dict) and isinstance(document.get(column), str)
    for number, one in enumerate([document] if alone else _list(document, path), 1):
        yield Row(number, one) if isinstance(one, dict) else Row(number, {}, Oddity(UNREADABLE_ROW, "no JSON object"))


def _records(rows: Sequence[HtmlElement], column: str | None) -> Iterator[Record]:
    grids: dict[HtmlElement, _Grid] = {}  # by what holds the rows: no cell reaches beyond its `tbody`
    headed: set[HtmlElement] = set()  # tables whose header was met
    for number, row in enumerate(rows, 1):
        tables: list[HtmlElement] = list(row.iterancestors("table"))
        if not headed.isdisjoint(tables[1:]):
            continue
        values = grids.setdefault(row.getparent(), _Grid()).cells(row)
        if column is not None and is_header(values, column):
            headed.update(tables[:1])
        yield Record(number, values)


@dataclass(slots=True)
class _Grid:
    """The columns of a table as its rows are read: what reaches down from above holds its place."""

    _down: dict[int, tuple[int, str]] = field(default_factory=dict)  # by column: for how many rows yet, the words

    def cells(self, row: HtmlElement) -> list[str]:
        """Reads the cells of the next row, each in its column."""
        above = self._down
        self._down = {place: (left - 1, said) for place, (left, said) in above.items() if left > 1}
        found = {place: said for place, (_, said) in above.items()}
        place = 0
        for cell in _CELLS.all(row):
            text, down = element_text(cell), _rows_of(cell)
            for said in [text, *[""] * (min(_number(cell.get("colspan")), _WIDEST) - 1)]:
                while place in above:
                    place += 1
                found[place] = said
                if down > 1 and place < _REACHING:
                    self._down[place] = (down - 1, said)
                place += 1
        return [found.get(place, "") for place in range(max(found, default=-1) + 1)]


def _rows_of(cell: HtmlElement) -> int:
    """Tells over how many rows a cell goes; 0 in HTML is to the end."""
    return _number(cell.get("rowspan")) or _TO_THE_END


def _number(told: str | None) -> int:
    return int(told) if told is not None and told.isdecimal() and len(told) < 5 else 1


def _list(document: Any, path: Path) -> Sequence[Any]:
    """Finds the list; of an object the one that is within, at any of its first two levels."""
    if isinstance(document, list):
        return document
    held = list(document.values()) if isinstance(document, dict) else []
    held += [deeper for one in held if isinstance(one, dict) for deeper in one.values()]
    found = [one for one in held if isinstance(one, list) and any(isinstance(item, dict) for item in one)]
    if len(found) != 1:
        raise Rejected("unreadable_file", f"{sayable(path.name)}: JSON with {len(found) or 'no'} lists of objects")
    return list(found[0])


def _whole(path: Path) -> bytes:
    if (size := path.stat().st_size) > LARGEST:
        raise Rejected("too_large", f"{sayable(path.name)}: {size:,} bytes: save it as CSV or as JSON lines")
    return path.read_bytes()
