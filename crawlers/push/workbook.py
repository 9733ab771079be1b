"""XLSX, row by row from the sheets' own XML: what openpyxl's read-only mode leaves out, in memory that stays flat.

openpyxl reads the parts that are small: which sheets there are, which formats are dates, the shared strings.
"""

import re
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, time
from itertools import islice
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

from lxml.etree import LxmlError, XMLParser, fromstring, iterparse  # type: ignore[import-untyped]
from openpyxl.reader.excel import ExcelReader  # type: ignore[import-untyped]
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE  # type: ignore[import-untyped]
from openpyxl.styles.stylesheet import apply_stylesheet  # type: ignore[import-untyped]
from openpyxl.utils import column_index_from_string  # type: ignore[import-untyped]
from openpyxl.utils.datetime import from_excel, from_ISO8601  # type: ignore[import-untyped]
from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]

from crawlers.push.cells import is_link
from crawlers.push.rows import (
    HEADER_WITHIN,
    NO_RESULT,
    SHEET_NOT_READ,
    Oddity,
    Reached,
    Record,
    Row,
    is_header,
    no_column,
    sayable,
    under_header,
)
from stream.errors import Rejected

_BLOCK = 1 << 20
_EXACT = 10**15  # a spreadsheet keeps fifteen digits: from here on its numbers are floats to us
_LARGEST = 256 << 20  # bytes of a part that is read as a whole: half a million long texts
_NO_RESULT = "a formula whose result the file lacks: open it in Excel and save it"
_WIDEST = 4096  # columns; what stands beyond is a slip of somebody's finger
_END_OF_DATA = re.compile(rb"</(?:\w+:)?sheetData\s*>")
_MERGE = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z]+)(\d+):[A-Z]+(\d+)[\"']")
_LINK = re.compile(rb"<(?:\w+:)?hyperlink\s[^>]*?>")
_ATTRIBUTE = re.compile(rb"""([\w:]+)=["']([^"']*)["']""")
_PLACE = re.compile(rb"([A-Z]{1,3})(\d{1,7})")
_QUOTED = re.compile(r'"[^"]*"')
_COMPUTES = re.compile(  # calls, other cells, or nothing but numbers: none of it is what a person types behind a `=`
    r"[A-Za-z][\w.]*\(|(?<![\w\u3400-\u9fff])\$?[A-Z]{1,3}\$?\d+(?![\w\u3400-\u9fff])|\w!|^=(?=.*\d)[\d.+*/() -]+$"
)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # as workbooks keep what XML does not: _x000D_ is a line's end of Windows
_NOT_SHOWN = re.compile(
    r'"[^"]*"|\[[^]]*]|\\.|[_*].|;.*'
)  # of a number's format: what is no sign of a part of the date
_MONTHS_OF_CHINA = frozenset([27, 36, 50, 52, 57])  # formats that Chinese Excel knows by number: yyyy"年"m"月"
_UNWORKED = object()  # the cell of a formula without a result

# What a damaged archive raises, and what openpyxl lets through where a part of it is none that Excel writes.
_ARCHIVE = (BadZipFile, InvalidFileException, OSError, EOFError, zlib.error, RuntimeError, NotImplementedError)
_PARTS = (LxmlError, SyntaxError, KeyError, ValueError, TypeError, AttributeError, IndexError)
_DAMAGE = _ARCHIVE + _PARTS

Links = Mapping[int, Mapping[int, str]]  # by row and column: an address
Merges = Mapping[int, Sequence[tuple[int, int]]]  # by first row: column and last row


def read_workbook(path: Path, column: str, reached: Reached) -> Iterator[Row]:
    """Yields the rows of every sheet whose header names `column`; of other sheets that hold something, a word.

    A merged cell's value stands in each of its rows. Raises `Rejected` for what is no workbook or has no such sheet.
    """
    with _readable(path), closing(_Book(path)) as book:
        sheets = book.sheets
        with_header = [sheet for sheet in sheets if any(is_header(record.values, column) for record in sheet.head())]
        if not with_header:
            raise no_column(column, f"in {len(sheets)} sheets", path.name)
        whole, done = sum(sheet.size for sheet in with_header), 0
        for sheet in sheets:
            named = sheet.title if len(sheets) > 1 else ""
            if sheet not in with_header:
                if sheet.head():
                    odd = Oddity(SHEET_NOT_READ, f"no column {column!r} in its first rows", taken=True)
                    yield Row(0, {}, odd, sheet.title)
                continue
            for row in under_header(sheet.records(), column, found_in=path.name, counted=False):
                reached.share = min(1.0, (done + sheet.position) / whole)
                yield Row(row.line, row.cells, row.odd, named)
            done += sheet.size


def first_rows(path: Path) -> list[list[Any]]:
    """Reads the first rows of every sheet, from which a header may be guessed."""
    with _readable(path), closing(_Book(path)) as book:
        return [list(record.values) for sheet in book.sheets for record in sheet.head()]


class _Book:
    """An open workbook. Not by `load_workbook`: that reads a sheet without `<dimension>` from end to end to size it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")  # by its name, openpyxl would believe a suffix
        try:
            self._open(path)
        except BaseException:
            self._file.close()
            raise

    def _open(self, path: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # openpyxl tells of styles and extensions that it leaves out
            reader = ExcelReader(self._file, read_only=True, data_only=True, keep_links=False)
            self._archive = reader.archive
            _refuse_bombs(reader.archive, path)
            reader.read_manifest()
            reader.read_strings()
            reader.read_workbook()
            apply_stylesheet(reader.archive, reader.wb)
            found = list(reader.parser.find_sheets())
        read, there = _cell_reader(reader.shared_strings, reader.wb), set(reader.archive.namelist())
        self.sheets = [
            _Sheet(reader.archive, sheet.name, part.target, read)
            for sheet, part in found
            if part.target in there and "chartsheet" not in part.Type
        ]

    def close(self) -> None:
        self._archive.close()
        self._file.close()


def _refuse_bombs(archive: ZipFile, path: Path) -> None:
    """Raises `Rejected` for a part that openpyxl would unpack into memory as a whole, and that is too large for it."""
    large = [part for part in archive.infolist() if "/worksheets/" not in part.filename and part.file_size > _LARGEST]
    if large:
        name, part = sayable(path.name), large[0]
        raise Rejected("too_large", f"{name}: {part.filename} unpacks to {part.file_size:,} bytes: save as CSV")


class _Sheet:
    """One sheet of an open workbook; `position` of `size` bytes of it are read."""

    def __init__(self, archive: ZipFile, title: str, part: str, read: Callable[[Any], Any]) -> None:
        self.title = title
        self._archive, self._path, self._read = archive, part, read
        self.size = max(1, self._archive.getinfo(self._path).file_size)
        self.position = 0
        self._head: list[Record] | None = None

    def head(self) -> list[Record]:
        """Reads the first rows that hold something."""
        if self._head is None:
            self._head = list(islice(self.records(), HEADER_WITHIN))
        return self._head

    def records(self) -> Iterator[Record]:
        """Yields the rows that hold something of their own, each with its number in the sheet."""
        with self._archive.open(self._path) as source:
            tail = _tail(source)
        merges, links = _merges(tail), _links(tail, self._targets()) if b"hyperlink" in tail else {}
        down: dict[int, tuple[int, Any]] = {}  # column: last row of the merge, its value
        with self._archive.open(self._path) as source:
            for number, cells in _rows(source, self._read):
                self.position = source.tell()
                unworked, leading = _UNWORKED in cells.values(), links.get(number)
                if unworked or leading:
                    cells = _linked(cells, leading or {})
                own = {place: value for place, value in cells.items() if value not in (None, "") and place <= _WIDEST}
                if not own and not unworked:
                    continue
                down = {place: held for place, held in down.items() if held[0] >= number}
                down |= {place: (last, cells.get(place)) for place, last in merges.get(number, ())}
                filled = {place: value for place, (_, value) in down.items()} | own
                odd = Oddity(NO_RESULT, _NO_RESULT, taken=True) if unworked else None
                yield Record(number, [filled.get(place) for place in range(1, max(filled, default=0) + 1)], odd)

    def _targets(self) -> Mapping[bytes, str]:
        """Reads where links of the sheet lead: their ids stand in the sheet, their addresses in a part beside it."""
        folder, _, name = self._path.rpartition("/")
        part = f"{folder}/_rels/{name}.rels"
        if part not in self._archive.namelist():
            return {}
        root = fromstring(self._archive.read(part), XMLParser(resolve_entities=False, no_network=True))
        return {str(one.get("Id", "")).encode(): str(one.get("Target", "")) for one in root}


def _rows(source: IO[bytes], read: Callable[[Any], Any]) -> Iterator[tuple[int, dict[int, Any]]]:
    """Parses one `<row>` after the other and forgets it; cells by their own address, whatever `<dimension>` says."""
    number = 0
    for _, row in iterparse(source, tag="{*}row", resolve_entities=False):
        parent = row.getparent()
        if parent is None or not str(parent.tag).endswith("}sheetData"):
            continue  # an anchor of a form's field
        number = _number_of(row, number + 1)
        cells: dict[int, Any] = {}
        column = 0
        for cell in row.iterchildren("{*}c"):
            letters = str(cell.get("r", "")).rstrip("0123456789")
            column = column_index_from_string(letters) if letters else column + 1
            cells[column] = read(cell)
        yield number, cells
        row.clear()
        while row.getprevious() is not None:
            del parent[0]


def _number_of(row: Any, following: int) -> int:
    try:
        return int(float(row.get("r", following)))
    except OverflowError as error:  # 1e999
        raise ValueError(f"a row numbered {row.get('r')}") from error


def _cell_reader(strings: Sequence[str], book: Any) -> Callable[[Any], Any]:
    dates, spans, epoch = book._date_formats, book._timedelta_formats, book.epoch
    months = _without_a_day(book)

    def stored(cell: Any) -> Any:
        kind, told = cell.get("t", "n"), cell.findtext("{*}v")
        if kind == "inlineStr":
            parts = [part for part in cell.iter("{*}t") if not str(part.getparent().tag).endswith("}rPh")]
            return "".join(part.text or "" for part in parts)  # without rPh, how it is pronounced
        if not told:
            return None
        if kind == "s":
            return strings[int(told)]
        if kind == "n":
            style = int(cell.get("s", 0))
            if style not in dates and style not in months:
                return _number(told)
            moment = from_excel(float(told), epoch, timedelta=style in spans)
            return _month(moment, months[style]) if style in months else moment
        if kind == "d":
            return from_ISO8601(told)
        return bool(int(told)) if kind == "b" else told

    def read(cell: Any) -> Any:
        try:
            value = stored(cell)
        except (ValueError, OverflowError, IndexError):  # a date of the year 12000, a string that is not there
            value = cell.findtext("{*}v")
        value = _ESCAPED.sub(_unescaped, value) if isinstance(value, str) and "_x" in value else value
        formula, is_error = cell.findtext("{*}f"), cell.get("t") == "e"
        if formula:
            has_result = (
                cell.get("t") == "str" and cell.find("{*}v") is not None
            )  # an empty text; others leave it empty
            return _worked_out(f"={formula}", value, has_result=has_result, is_error=is_error)
        return None if is_error else value  # `#N/A` that was pasted as a value is no text either

    return read


def _without_a_day(book: Any) -> Mapping[int, str]:
    """Finds the styles of dates whose format shows no day, each with what it shows: `ym`, `y` or `m`.

    Excel makes a date of a typed 2026-11, and of `2026年11月`: the first of that month, which nobody said.
    """
    found = {}
    for number, style in enumerate(book._cell_styles):
        code, told = style.numFmtId, ""
        if code in _MONTHS_OF_CHINA:
            told = "ym"
        elif number in book._date_formats:
            own = code - BUILTIN_FORMATS_MAX_SIZE
            written = book._number_formats[own] if own >= 0 else BUILTIN_FORMATS[code]
            signs = _NOT_SHOWN.sub("", written).lower().replace("e", "y")
            told = "" if set(signs) & set("dhs") else "".join(sign for sign in "ym" if sign in signs)
        if told:
            found[number] = told
    return found


def _month(moment: Any, shown: str) -> Any:
    """Writes the first of a month, or of a year, as the words that the sheet shows; another day was meant."""
    if not isinstance(moment, datetime) or moment.time() != time() or moment.day != 1:
        return moment
    if "m" not in shown:
        return f"{moment.year}年" if moment.month == 1 else moment
    return f"{moment.year}年{moment.month}月" if "y" in shown else f"{moment.month}月"


def _worked_out(formula: str, value: Any, *, has_result: bool, is_error: bool) -> Any:
    """Chooses between a formula and its result: a link is read later, what computes nothing is a text."""
    if is_link(formula):
        return formula
    if not is_error and value not in (None, ""):
        return value
    if not _COMPUTES.search(_QUOTED.sub("", formula)):
        return formula
    return None if has_result or is_error else _UNWORKED


def _unescaped(match: re.Match[str]) -> str:
    return chr(int(match[1], 16))


def _linked(cells: Mapping[int, Any], links: Mapping[int, str]) -> dict[int, Any]:
    """Writes a cell's link as the formula that says the same, and nothing for a formula without a result."""
    return {
        place: None if value is _UNWORKED else _link(links[place], value) if place in links else value
        for place, value in cells.items()
    }


def _link(address: str, value: Any) -> Any:
    if not isinstance(value, str) or is_link(value):
        return value
    quoted = [told.replace('"', '""') for told in (address, value)]
    return f'=HYPERLINK("{quoted[0]}","{quoted[1]}")'


def _number(told: str) -> int | float:
    number = float(told)
    return int(number) if number.is_integer() and abs(number) < _EXACT else number


def _tail(source: IO[bytes]) -> bytes:
    """Reads what stands behind all rows of a sheet, which are passed over unparsed."""
    tail, inside = b"", False
    while block := source.read(_BLOCK):
        tail += block
        if not inside:
            end = _END_OF_DATA.search(tail)
            inside, tail = end is not None, tail[end.end() :] if end else tail[-64:]
    return tail


def _merges(tail: bytes) -> Merges:
    """Finds the merged cells of several rows."""
    found: dict[int, list[tuple[int, int]]] = {}
    for letters, first, last in _MERGE.findall(tail):
        if int(first) < int(last):
            found.setdefault(int(first), []).append((column_index_from_string(letters.decode()), int(last)))
    return found


def _links(tail: bytes, targets: Mapping[bytes, str]) -> Links:
    """Finds the links that cells bear; those within the workbook lead nowhere."""
    found: dict[int, dict[int, str]] = {}
    for link in _LINK.findall(tail):
        told = {name.rpartition(b":")[2]: value for name, value in _ATTRIBUTE.findall(link)}
        address = targets.get(told.get(b"id", b""), "")
        place = _PLACE.match(told.get(b"ref", b""))
        if place is not None and address.startswith(("http://", "https://")):
            found.setdefault(int(place[2]), {})[column_index_from_string(place[1].decode())] = address
    return found


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except _DAMAGE as error:
        words = f"{error}: open it and save it as XLSX, or call it .csv if it is one"
        raise Rejected("unreadable_file", f"{sayable(path.name)}: {words}") from error
