"""Rows of a file that is read as a whole: the tables of a web page, as many exports call .xls; a list in JSON."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lxml.etree import ParserError  # type: ignore[import-untyped]
from lxml.html import HtmlElement  # type: ignore[import-untyped]

from crawlers.pages.decoding import decode
from crawlers.pages.markup import element_text, parse_page
from crawlers.pages.xpath import Elements
from crawlers.push.rows import UNREADABLE_ROW, Oddity, Record, Row, sayable
from stream.errors import Rejected

LARGEST = 64 << 20  # bytes: what is larger comes as CSV or as JSON lines
_ROWS = Elements("//tr")
_CELLS = Elements("./td | ./th")


def read_page(path: Path, encoding: str | None) -> list[Record]:
    """Reads the rows of all tables of a page, numbered from its first one; a cell over several columns fills one.

    Raises `Rejected` for a page without any, such as one that asks to log in.
    """
    text, _ = decode(_whole(path), "", encoding)
    try:
        rows = _ROWS.all(parse_page(text))
    except (ParserError, ValueError) as error:
        raise Rejected("unreadable_file", f"{sayable(path.name)}: {error}") from error
    if not rows:
        raise Rejected("unreadable_file", f"{sayable(path.name)}: a web page without a table")
    return [Record(number, list(_cells(row))) for number, row in enumerate(rows, 1)]


def read_list(path: Path, encoding: str | None) -> Iterator[Row]:
    """Reads the objects of a list in JSON, which may be the one list in an object; numbered from 1.

    Raises `Rejected` for any other JSON, and for none.
    """
    text, _ = decode(_whole(path), "", encoding)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Rejected("unreadable_file", f"{sayable(path.name)}: not JSON: {error}") from error
    for number, one in enumerate(_list(document, path), 1):
        yield Row(number, one) if isinstance(one, dict) else Row(number, {}, Oddity(UNREADABLE_ROW, "no JSON object"))


def _cells(row: HtmlElement) -> Iterator[str]:
    for cell in _CELLS.all(row):
        yield element_text(cell)
        yield from [""] * (min(_number(cell.get("colspan")), 100) - 1)


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
