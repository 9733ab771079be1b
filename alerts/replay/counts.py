"""A file of counts, opened, surveyed and read in order of time: plain, .gz or .xz, UTF-8.

A file in order of time is read thrice and never held; one that is not is held and sorted.
"""

import gzip
import lzma
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from itertools import islice, pairwise
from pathlib import Path
from typing import IO, cast

from alerts.replay.rows import EXPECTED, CountRow, RowReader, UnusableCounts, UnusableLine
from stream.errors import Mistake

SHORTEST, LONGEST = timedelta(seconds=1), timedelta(days=1)
MISTAKES = 20  # told at once: who made the file sees what is wrong with it
SAMPLE = 20_000  # rows from which the step is derived
TOLERANCE = 10  # a tenth of a step beside its beginning is still this step: schedulers come late
MOST_OFF = 10  # where more than a tenth of the rows lie off the step, it is none
ALWAYS, EMPTIEST = 100_000, 4  # that many steps are replayed whatever they hold, more only if one in four has a row
_LINE = 10_000  # bytes
_GZIP, _XZ = b"\x1f\x8b", b"\xfd7zXZ\x00"
_BROKEN = (EOFError, lzma.LZMAError, zlib.error, gzip.BadGzipFile)
_ZERO = datetime(1970, 1, 1, tzinfo=UTC)

Rows = Callable[[], Iterator[CountRow]]


@dataclass(slots=True)
class Lines:
    """How many lines something befell, and which were the first of them."""

    number: int = 0
    first: list[int] = field(default_factory=list)

    def add(self, line: int) -> None:
        """Counts a line."""
        self.number += 1
        if len(self.first) < 5:
            self.first.append(line)

    def __str__(self) -> str:
        more = ", …" if self.number > len(self.first) else ""
        return f"line{'s' if self.number > 1 else ''} {', '.join(map(str, self.first))}{more}"


@dataclass(slots=True)
class LeftOut:
    """What of a file is not judged, or not where it stood. A hole has `steps` that no row speaks of."""

    holes: int = 0
    steps: int = 0
    doubles: Lines = field(default_factory=Lines)
    off: Lines = field(default_factory=Lines)
    unordered: Lines = field(default_factory=Lines)

    def words(self) -> list[str]:
        """Says what was left out and what was moved, a sentence each; nothing where that is nothing."""
        parts = [f"{some(self.holes, 'hole')} ({some(self.steps, 'step')})"] if self.holes else []
        parts += [f"{some(self.doubles.number, 'double')} ({self.doubles})"] if self.doubles.number else []
        parts += [f"{some(self.off.number, 'row')} off the step ({self.off})"] if self.off.number else []
        moved = f"sorted: {some(self.unordered.number, 'row')} came after a later one ({self.unordered})"
        return [*(["left out: " + ", ".join(parts)] if parts else []), *([moved] if self.unordered.number else [])]


@dataclass(frozen=True, slots=True)
class Grid:
    """The moments at which steps begin: `phase` and every `step` before and after it."""

    step: timedelta
    phase: datetime

    def place(self, at: datetime) -> int | None:
        """Numbers the step of a moment; none where it lies more than a tenth of a step off."""
        number = round((at - self.phase) / self.step)
        return number if abs(at - self.begin(number)) <= self.step / TOLERANCE else None

    def begin(self, number: int) -> datetime:
        """Tells when a step begins."""
        return self.phase + number * self.step


@dataclass(frozen=True, slots=True)
class Counts:
    """A file that can be replayed. `rows()` yields its rows in order, at most one a step, `at` the step's beginning."""

    step: timedelta
    columns: tuple[str, ...]
    first: datetime
    last: datetime
    left_out: LeftOut
    rows: Rows

    @property
    def has_negatives(self) -> bool:
        return "negative" in self.columns

    @property
    def has_authors(self) -> bool:
        return "authors" in self.columns

    @property
    def steps(self) -> int:
        return round((self.last - self.first) / self.step) + 1


def read_counts(path: Path, zone: tzinfo) -> Counts:
    """Reads a file of counts; raises `UnusableCounts` with every mistake of up to 20."""
    columns, unordered = _check(path, zone)
    rows: Rows = partial(_rows, path, zone)
    if unordered.number:
        rows = sorted(rows(), key=lambda row: row.at).__iter__
    grid = _grid(path, rows)
    left_out = LeftOut(unordered=unordered)
    mistakes: list[Mistake] = []
    found = _survey(_even(rows(), grid, left_out, lambda line, words: mistakes.append(_at(path, line, words))))
    _refuse(mistakes[:MISTAKES])
    counts = Counts(grid.step, columns, found.first, found.last, left_out, partial(_again, rows, grid))
    _refuse(_too_uneven(path, counts, found.rows))
    return counts


def _check(path: Path, zone: tzinfo) -> tuple[tuple[str, ...], Lines]:
    """Reads all lines once; tells the columns, and which rows come after a later one."""
    unordered, mistakes = Lines(), list[Mistake]()
    reader, before, rows = None, None, 0
    for line, text in _texts(path):
        try:
            if reader is None:
                reader = RowReader(text, zone)
                continue
            row = reader.read(line, text)
        except UnusableLine as error:
            mistakes.append(_at(path, line, str(error)))
            if reader is None or len(mistakes) >= MISTAKES:
                break
            continue
        rows += 1
        if before is not None and row.at < before:
            unordered.add(line)
        before = max(before or row.at, row.at)
    if reader is None and not mistakes:
        mistakes.append(Mistake(str(path), "", f"empty: write {EXPECTED} and the rows below"))
    _refuse(mistakes)
    assert reader is not None
    if rows < 2:
        raise UnusableCounts(
            [Mistake(str(path), "", f"{some(rows, 'row')}: a series has at least two, or it has no step")]
        )
    return reader.columns, unordered


def _rows(path: Path, zone: tzinfo) -> Iterator[CountRow]:
    """Reads the rows of a file that was checked."""
    texts = _texts(path)
    reader = RowReader(next(texts)[1], zone)
    for line, text in texts:
        yield reader.read(line, text)


def _grid(path: Path, rows: Rows) -> Grid:
    """Derives step and phase: the commonest of the first 20,000 differences, and of the places in it."""
    apart = Counter(after.at - row.at for row, after in pairwise(islice(rows(), SAMPLE)) if after.at > row.at)
    if not apart:
        raise UnusableCounts([Mistake(str(path), "", "all rows have one timestamp: a series has a row for each step")])
    step = min(apart, key=lambda one: (-apart[one], one))
    if not SHORTEST <= step <= LONGEST:
        words = f"rows are mostly {step} apart: a step is between a second and a day; sum the counts up or divide them"
        raise UnusableCounts([Mistake(str(path), "", words)])
    phases = Counter((row.at - _ZERO) % step for row in islice(rows(), SAMPLE))
    return Grid(step, _ZERO + phases.most_common(1)[0][0])


def _even(
    rows: Iterable[CountRow], grid: Grid, left_out: LeftOut, complain: Callable[[int, str], None]
) -> Iterator[CountRow]:
    """Yields at most one row a step, at the step's beginning; notes what it leaves out."""
    kept, place = None, None
    for row in rows:
        number = grid.place(row.at)
        if kept is not None and row.at == kept.at:
            if row.counts == kept.counts:
                left_out.doubles.add(row.line)
            else:
                complain(row.line, f"{row.stamp} was counted otherwise in line {kept.line}: remove one of them")
            continue
        if number is None or number == place:
            left_out.off.add(row.line)
            continue
        if place is not None and number > place + 1:
            left_out.holes += 1
            left_out.steps += number - place - 1
        kept, place = row, number
        begin = grid.begin(number)
        yield row if begin == row.at else replace(row, at=begin)


@dataclass(frozen=True, slots=True)
class _Survey:
    rows: int
    first: datetime
    last: datetime


def _survey(rows: Iterator[CountRow]) -> _Survey:
    """Reads to the end; there is a first row, for the grid was laid on the commonest place."""
    first = last = next(rows)
    number = 1
    for row in rows:
        number, last = number + 1, row
    return _Survey(number, first.at, last.at)


def _again(rows: Rows, grid: Grid) -> Iterator[CountRow]:
    return _even(rows(), grid, LeftOut(), lambda _line, _words: None)


def _too_uneven(path: Path, found: Counts, rows: int) -> list[Mistake]:
    off = found.left_out.off
    if off.number * MOST_OFF > rows + off.number:
        share = off.number / (rows + off.number)
        words = f"rows are mostly {found.step} apart, but {share:.0%} lie off that: sum the counts up in even steps"
        return [Mistake(str(path), f"line {off.first[0]}", words)]
    if found.steps > max(ALWAYS, rows * EMPTIEST):
        words = f"{rows} rows in {found.steps} steps of {found.step}: cut the file at its longest hole, or"
        return [Mistake(str(path), "", f"{words} write a row of 0 where counting found nothing")]
    return []


def _texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yields lines that are not blank, with their numbers."""
    line = 0
    try:
        with _opened(path) as file:
            while raw := file.readline(_LINE):
                line += 1
                if len(raw) == _LINE:
                    raise UnusableCounts(
                        [_at(path, line, "longer than a line of counts: is this another kind of file?")]
                    )
                text = raw.decode("utf-8-sig" if line == 1 else "utf-8").strip()
                if text:
                    yield line, text
    except UnicodeDecodeError:
        raise UnusableCounts([_at(path, line, "not UTF-8: save the file as CSV in UTF-8")]) from None
    except _BROKEN as error:
        words = f"cannot be unpacked any further ({error}): pack or copy the file again"
        raise UnusableCounts([_at(path, line + 1, words)]) from error


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        begin = file.read(6)
    if begin.startswith(_GZIP):
        return cast(IO[bytes], gzip.open(path, "rb"))
    return lzma.open(path, "rb") if begin.startswith(_XZ) else path.open("rb")


def _at(path: Path, line: int, words: str) -> Mistake:
    return Mistake(str(path), f"line {line}", words)


def _refuse(mistakes: list[Mistake]) -> None:
    if mistakes:
        raise UnusableCounts(mistakes)


def some(number: int, what: str) -> str:
    """Writes so many things."""
    return f"{number} {what}{'' if number == 1 else 's'}"
