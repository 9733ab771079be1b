"""Importing a file: rows to posts to the log, in batches. A file imported twice changes nothing."""

import json
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import partial
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Engine
from structlog import get_logger

from crawlers.cursors import Cursors
from crawlers.edge import name_of, normalise, web_address
from crawlers.health import Tally, recorded
from crawlers.intake import Intake, Origin
from crawlers.pages.feeds.identity import Likeness, one_post, same_words
from crawlers.pages.observation import Observation
from crawlers.push.columns import Columns, ReadRow, RowReader
from crawlers.push.file_source import FileSource
from crawlers.push.guessing import guess
from crawlers.push.rows import Oddity, Reached, Row, tell_missing
from crawlers.push.tables import PARSER, VERSION, candidates, read_table
from stream.errors import Rejected, Retryable
from stream.log.broker import Producer
from stream.messages import Post
from stream.process.clock import SHANGHAI, Clock

BATCH = 500
_LONGEST_NAME = 180  # bytes of the 255 that a name may have: a time before it, and what kind of report it is behind it
_ONE_TIME = timedelta(seconds=1)  # what is kept of a time is cut to milliseconds
PATIENCE = 300.0  # seconds with a log or a state that does not answer, before the import gives up

_NO_COLUMNS = Columns(text="")  # of a file without a word

T = TypeVar("T")
log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSummary:
    """What became of a file's rows: each is sent, unchanged, or rejected with a reason.

    `reasons` are of rejected rows, `remarks` of what is odd about rows that were taken and of sheets that were not
    read; `examples` has where each of both was met first. `guessed` are the columns, where the source names none, and
    `unused` the names of the header that nothing was made of then.
    """

    rows: int
    sent: int
    unchanged: int
    rejected: int
    reasons: dict[str, int] = field(default_factory=dict)
    report: Path | None = None
    remarks: dict[str, int] = field(default_factory=dict)
    examples: dict[str, str] = field(default_factory=dict)
    guessed: Columns | None = None
    unused: tuple[str, ...] = ()


def import_file(
    path: Path,
    source: FileSource,
    *,
    name: str,
    producer: Producer,
    engine: Engine,
    voice_key: bytes,
    clock: Clock,
    report_to: Path,
    progress: Callable[[int, float], None] = lambda _rows, _share: None,
) -> ImportSummary:
    """Publishes every row of the file that is new or changed; a file in `report_to` lists what is rejected or odd.

    Raises `Rejected` when the file cannot be read at all, and `Retryable` after `PATIENCE`. After either, or a crash,
    import the file again: rows that the log has are not sent twice. The source's health is written before and after.
    `progress` is told the number of rows done, and the share of the file, 0 to 1.
    """
    tally = Tally()
    origin = Origin(
        source=name,
        site=source.site,
        voice_key=voice_key,
        parser=PARSER,
        version=VERSION,
        keep_voice=not source.internal,
    )
    cursors = Cursors(engine, source.site)
    intake = Intake(origin, producer=producer, cursors=cursors, clock=clock, tally=tally)
    report = report_to / f"{shortened(path.name)}.rejected.jsonl"
    report.unlink(missing_ok=True)
    fresh_until, due_at = source.fresh_until, source.due_at
    with recorded(engine, name, source.site, tally, clock=clock, fresh_until=fresh_until, due_at=due_at):
        columns, unused = columns_of(path, source)
        run, reached = _Import(reader_of(path, columns, source, clock.now()), intake, cursors, clock), Reached()
        rows = rows_of(path, columns, source, reached)
        while batch := list(islice(rows, BATCH)):
            _report(report, run.take(batch))
            progress(run.rows, reached.share)
        progress(run.rows, 1.0)
        tally.pages = 1
        tally.failures |= run.reasons + run.remarks  # not +: both count times that are not understood
        tally.examples.update(run.examples)
        if run.rows and run.rows == run.reasons.total():
            tally.broken = "no row could be read"
    return ImportSummary(
        rows=run.rows,
        sent=run.sent,
        unchanged=run.rows - run.sent - run.reasons.total(),  # or erased, or repeated within the file
        rejected=run.reasons.total(),
        reasons=dict(run.reasons),
        report=report if run.reasons or run.remarks else None,
        remarks=dict(run.remarks),
        examples=run.examples,
        guessed=columns if source.columns is None and columns != _NO_COLUMNS else None,
        unused=unused,
    )


def columns_of(path: Path, source: FileSource) -> tuple[Columns, tuple[str, ...]]:
    """Finds the columns of a file: the source's, else guessed; second, the names that a guess leaves unused.

    A file without a word needs none.
    """
    if source.columns is not None:
        return source.columns, ()
    found = candidates(path, encoding=source.encoding)
    return guess(found, path.name) if found else (_NO_COLUMNS, ())


def rows_of(path: Path, columns: Columns, source: FileSource, reached: Reached) -> Iterator[Row]:
    """Reads the rows of a file, and tells of the id's and the time's column where it lacks them: no row counts then.

    Raises as `read_table` does.
    """
    named = [name for name in (columns.id, columns.published_at) if name is not None]
    return tell_missing(
        read_table(path, columns.text, encoding=source.encoding, reached=reached), named, found_in=path.name
    )


def shortened(name: str) -> str:
    """Shortens a file's name to `_LONGEST_NAME` bytes: a long one is its beginning, a hash and its suffix.

    Eighty Chinese characters are all that a file system takes: what we write beside such a file adds to its name.
    """
    whole = name.encode("utf-8", "surrogateescape")
    if len(whole) <= _LONGEST_NAME:
        return name
    end = f"…{sha256(whole).hexdigest()[:8]}{Path(name).suffix[:10]}"
    return whole[: _LONGEST_NAME - len(end.encode("utf-8", "surrogateescape"))].decode("utf-8", "ignore") + end


def reader_of(path: Path, columns: Columns, source: FileSource, now: datetime) -> RowReader:
    """Makes the reader of a file's rows, which knows whether its midnights are days."""
    return RowReader(columns, source.kind, SHANGHAI, days=_has_only_midnights(path, columns, source, now))


def _has_only_midnights(path: Path, columns: Columns, source: FileSource, now: datetime) -> bool:
    """Tells whether a column of times is one of days: exports write them `2026-11-27 00:00:00`.

    Rows are read, one by one, up to the first with another time of day: in most files
    that is the first one, and only a file of days is read twice.
    """
    if columns.published_at is None:
        return False
    reader = RowReader(columns, source.kind, SHANGHAI)
    for row in read_table(path, columns.text, encoding=source.encoding):
        if not row.line or (row.odd is not None and not row.odd.taken):
            continue
        with suppress(Rejected):
            told = reader.time_of(row.cells, now)
            if told is not None and told.astimezone(SHANGHAI).time() != time():
                return False
    return True


def read_row(reader: RowReader, row: Row, now: datetime) -> ReadRow:
    """Reads one row; raises `Rejected` with its reason for one that is not taken."""
    if row.odd is not None and not row.odd.taken:
        raise Rejected(row.odd.reason, row.odd.detail)
    return reader.read(row.cells, now)


def _report(path: Path, rejected: Sequence[Mapping[str, object]]) -> None:
    if rejected:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(json.dumps(one, ensure_ascii=False) + "\n" for one in rejected)


class _Import:
    """One run over one file; its counters are the summary."""

    def __init__(self, reader: RowReader, intake: Intake, cursors: Cursors, clock: Clock) -> None:
        self._reader = reader
        self._intake = intake
        self._cursors = cursors
        self._clock = clock
        self.rows = self.sent = 0
        self.reasons: Counter[str] = Counter()
        self.remarks: Counter[str] = Counter()
        self.examples: dict[str, str] = {}

    def take(self, batch: Sequence[Row]) -> list[Mapping[str, object]]:
        """Publishes what is new in the batch; returns what is odd by line and reason, without the rows' words."""
        now = self._clock.now()
        found: dict[str, tuple[Row, ReadRow]] = {}
        told: list[Mapping[str, object]] = []
        for row in batch:
            if row.odd is not None and row.odd.taken:
                told.append(self._tell(row, row.odd))
            if not row.line:
                continue
            self.rows += 1
            try:
                one = read_row(self._reader, row, now)
            except Rejected as error:
                told.append(self._tell(row, Oddity(error.reason, error.detail)))
                continue
            found[name_of(one.observation.native_id)] = row, one
            told += [self._tell(row, odd) for odd in one.odd]
        read, again = self._settled(found)
        told += [self._tell(row, odd) for row, odd in again]
        observations = [one.observation for one in read.values()]
        uncounted = {name for name, one in read.items() if not one.counts_now}
        take = partial(self._intake.take, "", observations, uncounted=uncounted)  # no thread: nobody revisits a file
        self.sent += _insist(take, self._clock).sent
        return told

    def _settled(
        self, found: Mapping[str, tuple[Row, ReadRow]]
    ) -> tuple[Mapping[str, ReadRow], list[tuple[Row, Oddity]]]:
        """Gives rows an id of their own where theirs is another post's: tables that count from 1 each day do so."""
        met = _insist(partial(self._cursors.remembered, list(found)), self._clock)
        read: dict[str, ReadRow] = {}
        told: list[tuple[Row, Oddity]] = []
        for name, (row, one) in found.items():
            _, known = met.get(name, ("", None))
            if known is not None and not _is_that_post(known, one):
                before, one = one, self._reader.apart(one)
                told += [(row, odd) for odd in one.odd[len(before.odd) :]]
            read[name_of(one.observation.native_id)] = one
        return self._as_before(read, met), told

    def _as_before(self, read: Mapping[str, ReadRow], met: Container[str]) -> Mapping[str, ReadRow]:
        """Leaves rows the ids that a former program made, where the log has them so: none is new once more."""
        formers = [one.former for name, one in read.items() if one.former and name not in met]
        known = _insist(partial(self._cursors.remembered, formers), self._clock) if formers else {}
        kept: dict[str, ReadRow] = {}
        for name, one in read.items():
            if name not in met and one.former in known and _is_of_its_time(known[one.former][1], one.observation):
                one = one.known_as(one.former)
            kept[name_of(one.observation.native_id)] = one
        return kept

    def _tell(self, row: Row, odd: Oddity) -> Mapping[str, object]:
        (self.remarks if odd.taken else self.reasons)[odd.reason] += 1
        self.examples.setdefault(odd.reason, ", ".join(part for part in (odd.detail, row.place) if part))
        where = {"line": row.line} | ({"sheet": row.sheet} if row.sheet else {})
        return where | {"reason": odd.reason, "detail": odd.detail} | ({"taken": True} if odd.taken else {})


def _is_of_its_time(known: Post | None, shown: Observation) -> bool:
    """Tells whether a post of the same words is of the same time. One that was erased is, whenever it was."""
    if known is None or known.published_at is None or shown.published_at is None:
        return known is None or known.published_at is shown.published_at
    return abs(known.published_at - shown.published_at) < _ONE_TIME


def _is_that_post(known: Post, row: ReadRow) -> bool:
    """Tells whether a row is the post that the log has under its id, maybe edited.

    Of another time only with the same words, or more of them: work orders are worded alike, and a table's own count
    begins anew. By its link only with words that are alike: comments of a day share the link of what they are about.
    """
    shown = row.observation
    if row.by_link:
        return same_words(known.text or known.title, normalise(shown.text) or normalise(shown.title))
    one, other = known.published_at, shown.published_at
    if one is not None and other is not None and abs(one - other) >= _ONE_TIME:
        kept, told = known.text or known.title, normalise(shown.text) or normalise(shown.title)
        return kept.startswith(told) or told.startswith(kept)
    before = Likeness(known.url, known.title, known.text, known.published_at)
    return one_post(before, Likeness(web_address(shown.url), shown.title, shown.text, shown.published_at))


def _insist(work: Callable[[], T], clock: Clock) -> T:
    """Does the work again and again while it is `Retryable`, for at most `PATIENCE`: a person may be waiting."""
    waited = 0.0
    while True:
        try:
            return work()
        except Retryable as error:
            if waited >= PATIENCE:
                raise
            log.warning("import waits", reason=error.reason, seconds=error.after)
            clock.sleep(error.after)
            waited += error.after
