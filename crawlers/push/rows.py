"""Rows under a header, whatever the file: which row is the header, and which rows do not fit beneath it."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby, islice, repeat
from typing import Any

from crawlers.push.cells import words_of
from crawlers.push.totals import TOTALS_OR_NOTE, speaks_of_the_table
from stream.errors import Rejected

Cells = Mapping[str, Any]

HEADER_WITHIN = 10  # rows: above the header Excel users write titles, and Excel itself writes `sep=;`
UNREADABLE_ROW = "unreadable_row"
DOES_NOT_FIT = "does_not_fit"
HEADER_AGAIN = "header_again"
STRAY_QUOTE = "stray_quote"
SHEET_NOT_READ = "sheet_not_read"
NO_SUCH_COLUMN = "no_such_column"
NO_RESULT = "formula_without_result"
_SECOND_ROW = "a header's second row: a name over several columns is that of the first of them"


@dataclass(frozen=True, slots=True)
class Oddity:
    """What is odd about a row: a reason that is counted and a sentence without its words; `taken` if it is read."""

    reason: str
    detail: str
    taken: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line in the file (the last one of a row over several lines), its cells, and what is odd about it.

    `sheet` is where it lies in a workbook of several. A line 0 is no row: it tells of a whole sheet or file.
    """

    line: int
    cells: Cells
    odd: Oddity | None = None
    sheet: str = ""

    @property
    def place(self) -> str:
        """Where it lies, for people."""
        at = f"line {self.line}" if self.line else ""
        return " of ".join(part for part in (at, f"sheet {self.sheet}" if self.sheet else "") if part)


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a file before it is known what its cells are called."""

    line: int
    values: Sequence[Any]
    odd: Oddity | None = None


@dataclass(slots=True)
class Reached:
    """How far a file is read: `share` of it, 0 to 1."""

    share: float = 0.0


def name_of_column(value: object) -> str:
    """Reads a cell of a header as the column's name."""
    told = str(value or "").strip()
    return (words_of(value) if told.startswith(("=", "'")) else told).lstrip("\ufeff").strip()


def is_header(values: Sequence[Any], column: str) -> bool:
    """Tells whether a row names `column`."""
    return column in map(name_of_column, values)


def under_header(records: Iterator[Record], column: str, *, found_in: str, counted: bool) -> Iterator[Row]:
    """Yields the rows below the header that names `column`; empty rows are none.

    `counted` is for files in which cells have no place but their number (CSV, web pages): there a row of more or fewer
    cells than the header has shifted, and is not read. A header that comes again, as in an appended file, is no post;
    its names hold from there on. So do those of a header's second row, beside the first one's. Raises `Rejected` where
    no such header is among the first rows.
    """
    head = list(islice(records, HEADER_WITHIN))
    at = next((index for index, record in enumerate(head) if is_header(record.values, column)), None)
    if at is None:
        lost = (
            f", where line {one.line} is not read: {one.odd.detail}" for one in head if one.odd and not one.odd.taken
        )
        raise no_column(column, f"in the first rows{next(lost, '')}", found_in)
    names, below = [name_of_column(value) for value in head[at].values], list[str]()
    for index, record in enumerate(chain(head[at + 1 :], records)):
        row = Row(record.line, _named([names, below], record.values), record.odd)
        if record.odd is not None and not record.odd.taken:
            yield row
        elif all(value in (None, "") for value in record.values) and record.odd is None:
            continue
        elif not index and _goes_on(record.values, names):
            below = [name_of_column(value) for value in record.values]
            yield replace(row, cells={}, odd=Oddity(HEADER_AGAIN, _SECOND_ROW))
        elif _repeats(record.values, names, column):
            names, below = [name_of_column(value) for value in record.values], []
            yield replace(row, cells={}, odd=Oddity(HEADER_AGAIN, "the header's names once more"))
        elif counted and (misfit := _misfit(record.values, names)):
            reason = TOTALS_OR_NOTE if speaks_of_the_table(record.values) else DOES_NOT_FIT
            yield replace(row, cells={}, odd=Oddity(reason, misfit))
        elif record.odd is not None or any(value not in (None, "") for value in row.cells.values()):
            yield row


def tell_missing(rows: Iterator[Row], columns: Sequence[str], *, found_in: str) -> Iterator[Row]:
    """Yields the rows, and behind those of a sheet, or of a file, one of line 0 for each column that not one has."""
    for sheet, of_sheet in groupby(rows, key=lambda row: row.sheet):
        missing, met = list(columns), False
        for row in of_sheet:
            if row.cells:
                met, missing = True, [name for name in missing if not _holds(row.cells, name)]
            yield row
        for name in missing if met else []:
            words = sayable(f"no column {name!r} in {found_in}")
            yield Row(0, {}, Oddity(NO_SUCH_COLUMN, words, taken=True), sheet)


def _holds(cells: Cells, column: str) -> bool:
    """Tells whether a row has a column, of JSON maybe within objects, whatever is in it."""
    step, dot, deeper = column.partition(".")
    within = cells.get(step) if dot else None
    return column in cells or (isinstance(within, Mapping) and _holds(within, deeper))


def no_column(column: str, found: str, file: str) -> Rejected:
    """Builds the refusal of a file without the column of the text."""
    return Rejected("no_text_column", sayable(f"{file}: no column {column!r}; found: {found.strip()[:200]}"))


def sayable(words: str) -> str:
    """Writes a `?` for each byte that is no text in its file's encoding: no terminal and no report takes it."""
    return words.encode("utf-8", "replace").decode()


def _named(headers: Sequence[Sequence[str]], values: Sequence[Any]) -> Cells:
    """Calls cells by their names. Of several of one name the first that says something holds, if no other differs."""
    cells: dict[str, Any] = {}
    unclear: set[str] = set()
    for names in headers:
        for name, value in zip(names, chain(values, repeat(None)), strict=False):  # sheets leave out empty cells
            if not name:
                continue
            if name not in cells or not words_of(cells[name]):
                cells[name] = value
            elif (words := words_of(value)) and words != words_of(cells[name]):
                unclear.add(name)
    return _Contradicting(cells, unclear) if unclear else cells


class _Contradicting(dict[str, Any]):
    """Cells of which some that have one name say different things: who asks for one of these meets `Rejected`."""

    def __init__(self, cells: Cells, unclear: Container[str]) -> None:
        super().__init__(cells)
        self._unclear = unclear

    def __getitem__(self, name: str) -> Any:
        if name in self._unclear:
            raise Rejected(DOES_NOT_FIT, sayable(f"several columns named {name!r} that say different things"))
        return super().__getitem__(name)


def _goes_on(values: Sequence[Any], names: Sequence[str]) -> bool:
    """Tells whether the row below a header is its second one, as where a cell over two columns has two below it.

    Cells over both rows stand in both: two names are there again, or one beside a name for a column without any.
    """
    said = [name_of_column(value) for value in values]
    pairs = list(zip(names, said, strict=False))
    again = sum(bool(name) and name == below for name, below in pairs)
    new = any(below and below not in names for below in said)
    return new and (again > 1 or (again == 1 and any(below and not name for name, below in pairs)))


def _repeats(values: Sequence[Any], names: Sequence[str], column: str) -> bool:
    """Tells whether a row is a header again, in whatever order: it names the text, and mostly other columns."""
    said = [name for value in values if (name := name_of_column(value))]
    return column in said and 2 * sum(name in names for name in said) > len(said)


def _misfit(values: Sequence[Any], names: Sequence[str]) -> str:
    """Says what does not fit, "" if all does: cells that no name stands for and that say something, or too few."""
    named = max(index for index, name in enumerate(names, 1) if name)
    beyond = any(value not in (None, "") for value in values[len(names) :])
    return f"{len(values)} cells under {named} names" if beyond or len(values) < named else ""
