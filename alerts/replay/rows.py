"""What a line of a file of counts says. Pure.

Columns are `timestamp`, `count` (or `value`) and, where known, `negative` and `authors`, in any order.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from stream.errors import Mistake, WenfengError

COLUMNS = ("timestamp", "count", "negative", "authors")
EXPECTED = "timestamp,count[,negative[,authors]] or timestamp,value"
MOST = 1e12  # nobody counts further; squares of more are no numbers any more
FIRST, LAST = datetime(1971, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS = re.compile(r"\d{9,11}(\.\d+)?", re.ASCII)
_MILLISECONDS = re.compile(r"\d{12,}(\.\d+)?", re.ASCII)
_RUN_TOGETHER = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])([01]\d|2[0-3])([0-5]\d){0,2}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)


class UnusableCounts(WenfengError):
    """Raised when a file of counts cannot be replayed; carries the mistakes found, each with its line."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = list(mistakes)


class UnusableLine(ValueError):
    """Raised when one line says nothing that can be counted; its words are for the person who made the file."""


@dataclass(frozen=True, slots=True)
class CountRow:
    """What was counted in the step that begins at `at` (UTC): posts, negative ones, people who wrote those.

    `stamp` is the time as the file has it; what the file does not have is None.
    """

    line: int
    stamp: str
    at: datetime
    count: float
    negative: float | None = None
    authors: float | None = None

    @property
    def counts(self) -> tuple[float, float | None, float | None]:
        return self.count, self.negative, self.authors


class RowReader:
    """Reads lines below a `header`; times without an offset are those of `zone`. Raises `UnusableLine`."""

    def __init__(self, header: str, zone: tzinfo) -> None:
        names = ["count" if name == "value" else name for name in (cell.lower() for cell in _cells(header))]
        unknown = [name for name in names if name not in COLUMNS]
        if "timestamp" not in names or "count" not in names or unknown or len(set(names)) < len(names):
            raise UnusableLine(f"no header that can be used: write {EXPECTED} above the rows")
        if "authors" in names and "negative" not in names:
            raise UnusableLine(
                "authors are the people who wrote the negative posts: add the column negative, or leave authors out"
            )
        self._zone = zone
        self._width = len(names)
        self._places = [names.index(name) if name in names else None for name in COLUMNS]
        self.columns = tuple(names)

    def read(self, line: int, text: str) -> CountRow:
        """Reads the `line`-th line."""
        cells = _cells(text)
        if len(cells) != self._width:
            raise UnusableLine(f"{len(cells)} columns where the header has {self._width}: fill or remove the line")
        stamp, count, negative, authors = (None if place is None else cells[place] for place in self._places)
        assert stamp is not None
        assert count is not None
        row = CountRow(
            line, stamp, self._time(stamp), _number("count", count),
            None if negative is None else _number("negative", negative),
            None if authors is None else _number("authors", authors),
        )  # fmt: skip
        if row.negative is not None and row.negative > row.count:
            raise UnusableLine(f"{negative} negatives of {count} posts: count is all posts, the negative ones included")
        return row

    def _time(self, stamp: str) -> datetime:
        try:
            if _RUN_TOGETHER.fullmatch(stamp):  # seconds since 1970 of so many digits, too, from 2030 on
                raise UnusableLine(f"timestamp {stamp} may be a date or a number: write it as 2026-09-01 08:00")
            if _MILLISECONDS.fullmatch(stamp):
                raise UnusableLine(f"timestamp {stamp} is no epoch in seconds: divide milliseconds by 1000")
            if _SECONDS.fullmatch(stamp):
                moment = _EPOCH + timedelta(seconds=float(stamp))
            else:
                moment = datetime.fromisoformat(stamp)
                moment = (moment if moment.tzinfo else self._local(stamp, moment)).astimezone(UTC)
        except UnusableLine:
            raise
        except (ValueError, OverflowError):
            raise UnusableLine(
                f"timestamp {stamp[:40]!r} is no time: write 2026-09-01 08:00:00, 2026-09-01T08:00:00+08:00 or seconds"
                " since 1970"
            ) from None
        if not FIRST <= moment < LAST:
            raise UnusableLine(f"timestamp {stamp[:40]} lies outside 1971 to 2099: correct or remove the line")
        return moment

    def _local(self, stamp: str, moment: datetime) -> datetime:
        """Puts a time into the zone. Guessed where its clocks were set, an hour of counts would be a double or a hole.

        PEP 495: both readings differ where clocks were set, and the first is the later one where they were put forward.
        """
        first, second = (moment.replace(tzinfo=self._zone, fold=fold) for fold in (0, 1))
        before, after = first.utcoffset(), second.utcoffset()
        if before is None or after is None or before == after:
            return first
        either = f"{first.isoformat(' ')} or {second.isoformat(' ')}"
        if before > after:
            words = f"exists twice in {self._zone}, where clocks were put back: say which one it is by an offset"
            raise UnusableLine(f"timestamp {stamp[:40]} {words}, {either}")
        words = f"does not exist in {self._zone}, where clocks were put forward: say by an offset what is meant"
        raise UnusableLine(f"timestamp {stamp[:40]} {words}, {either}, or name another --zone")


def _cells(text: str) -> list[str]:
    try:
        found = next(csv.reader([text], strict=True), [])
    except csv.Error as error:
        raise UnusableLine(f"no line of a CSV file ({error}): correct or remove it") from None
    return [cell.strip() for cell in found]


def _number(name: str, text: str) -> float:
    if not text:
        raise UnusableLine(f"{name} is empty: write 0 where nothing was said, remove the line where nobody counted")
    if not _NUMBER.fullmatch(text):
        raise UnusableLine(f"{name} {text[:40]!r} is not a number: correct the line, or remove it where nobody counted")
    number = float(text)
    if number < 0:
        raise UnusableLine(f"{name} {text[:40]} is negative: counts are 0 or more")
    if number > MOST:
        raise UnusableLine(f"{name} {text[:40]} is beyond {MOST:.0e}: nobody counts so far")
    return number
