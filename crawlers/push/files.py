"""Importing a file: rows to posts to the log, in batches. A file imported twice changes nothing."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Engine
from structlog import get_logger

from crawlers.cursors import Cursors
from crawlers.edge import name_of
from crawlers.health import Tally, recorded
from crawlers.intake import Intake, Origin
from crawlers.pages.observation import Observation
from crawlers.push.columns import RowReader
from crawlers.push.file_source import FileSource
from crawlers.push.tables import PARSER, VERSION, Row, read_table
from stream.errors import Rejected, Retryable
from stream.log.broker import Producer
from stream.process.clock import SHANGHAI, Clock

BATCH = 500
PATIENCE = 300.0  # seconds with a log or a state that does not answer, before the import gives up

T = TypeVar("T")
log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSummary:
    """What became of a file's rows: each is sent, unchanged, or rejected with a reason."""

    rows: int
    sent: int
    unchanged: int
    rejected: int
    reasons: dict[str, int] = field(default_factory=dict)
    report: Path | None = None


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
    progress: Callable[[int], None] = lambda _rows: None,
) -> ImportSummary:
    """Publishes every row of the file that is new or changed; rejected rows are listed in a file in `report_to`.

    Raises `Rejected` when the file cannot be read at all, and `Retryable` after `PATIENCE`. After either, or a crash,
    import the file again: rows that the log has are not sent twice. The source's health is written before and after.
    `progress` is told the number of rows done.
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
    intake = Intake(origin, producer=producer, cursors=Cursors(engine, source.site), clock=clock, tally=tally)
    run = _Import(RowReader(source.columns, source.kind, SHANGHAI), intake, clock)
    report = report_to / f"{path.name}.rejected.jsonl"
    report.unlink(missing_ok=True)
    with recorded(engine, name, source.site, tally, clock=clock, fresh_until=source.fresh_until):
        rows = read_table(path, source.columns.text)
        while batch := list(islice(rows, BATCH)):
            _report(report, run.take(batch))
            progress(run.rows)
        tally.pages = 1
        tally.failures.update(run.reasons)
        if run.rows and run.rows == run.reasons.total():
            tally.broken = "no row could be read"
    return ImportSummary(
        rows=run.rows,
        sent=run.sent,
        unchanged=run.rows - run.sent - run.reasons.total(),  # or erased, or repeated within the file
        rejected=run.reasons.total(),
        reasons=dict(run.reasons),
        report=report if run.reasons else None,
    )


def _report(path: Path, rejected: Sequence[Mapping[str, object]]) -> None:
    if rejected:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(json.dumps(one, ensure_ascii=False) + "\n" for one in rejected)


class _Import:
    """One run over one file; its counters are the summary."""

    def __init__(self, reader: RowReader, intake: Intake, clock: Clock) -> None:
        self._reader = reader
        self._intake = intake
        self._clock = clock
        self.rows = self.sent = 0
        self.reasons: Counter[str] = Counter()

    def take(self, batch: Sequence[Row]) -> list[Mapping[str, object]]:
        """Publishes what is new in the batch; returns the rejected rows by line and reason, without their words."""
        now = self._clock.now()
        read: dict[str, tuple[Observation, bool]] = {}
        rejected: list[Mapping[str, object]] = []
        for row in batch:
            try:
                observation, counts_now = self._read(row, now)
                read[name_of(observation.native_id)] = observation, counts_now
            except Rejected as error:
                rejected.append({"line": row.line, "reason": error.reason, "detail": error.detail})
                self.reasons[error.reason] += 1
        observations = [observation for observation, _ in read.values()]
        uncounted = {name for name, (_, counts_now) in read.items() if not counts_now}
        take = partial(self._intake.take, "", observations, uncounted=uncounted)  # no thread: nobody revisits a file
        self.sent += _insist(take, self._clock).sent
        self.rows += len(batch)
        return rejected

    def _read(self, row: Row, now: datetime) -> tuple[Observation, bool]:
        if row.problem is not None:
            raise Rejected("unreadable_row", row.problem)
        return self._reader.read(row.cells, now)


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
