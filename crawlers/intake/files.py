"""Importing a file: rows to posts to the log, in batches. A file imported twice changes nothing."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from itertools import islice
from pathlib import Path

from crawlers.edge import identify, to_post
from crawlers.intake.columns import Columns, RowReader
from crawlers.intake.tables import Row, read_table
from crawlers.pages.sighting import Sighting
from crawlers.seen import Seen
from stream.broker import RAW, Message, Producer
from stream.clock import SHANGHAI, Clock
from stream.codec import POSTS
from stream.errors import Rejected, Retryable
from stream.messages import Crawl, Kind, Post

BATCH = 500
PATIENCE = 300.0  # seconds with a log that takes nothing, before the import gives up
_CRAWL = Crawl(robots="not_fetched", rate=None, parser="file", version=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSource:
    """A source whose posts come in files. `internal` channels keep nothing about the writer."""

    name: str
    site: str
    columns: Columns
    kind: Kind = Kind.STATUS
    zone: tzinfo = SHANGHAI
    internal: bool = False


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
    producer: Producer,
    seen: Seen,
    voice_key: bytes,
    clock: Clock,
    report_to: Path,
    progress: Callable[[int], None] = lambda _rows: None,
) -> ImportSummary:
    """Publishes every row of the file that is new or changed; rejected rows go to a file in `report_to`.

    Raises `Rejected` when the file cannot be read at all. After a crash, import the file again: rows that the log has
    are not sent twice. `progress` is told the number of rows done.
    """
    run = _Import(source, producer, seen, voice_key, clock)
    report = report_to / f"{path.name}.rejected.jsonl"
    report.unlink(missing_ok=True)
    rows = read_table(path, source.columns.text)
    while batch := list(islice(rows, BATCH)):
        rejected = run.take(batch)
        if rejected:
            report_to.mkdir(parents=True, exist_ok=True)
            with report.open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.writelines(json.dumps(one, ensure_ascii=False) + "\n" for one in rejected)
        progress(run.rows)
    return ImportSummary(
        rows=run.rows,
        sent=run.sent,
        unchanged=run.rows - run.sent - run.reasons.total(),
        rejected=run.reasons.total(),
        reasons=dict(run.reasons),
        report=report if run.reasons else None,
    )


class _Import:
    """One run over one file; its counters are the summary."""

    def __init__(self, source: FileSource, producer: Producer, seen: Seen, voice_key: bytes, clock: Clock) -> None:
        self._source = source
        self._producer = producer
        self._seen = seen
        self._voice_key = voice_key
        self._clock = clock
        self._reader = RowReader(source.columns, source.kind, source.zone)
        self.rows = self.sent = 0
        self.reasons: Counter[str] = Counter()

    def take(self, batch: Sequence[Row]) -> list[Mapping[str, object]]:
        """Publishes what is new in the batch; returns the rejected rows by line and reason, without their words."""
        now = self._clock.now()
        read: dict[str, tuple[Sighting, bool]] = {}
        rejected: list[Mapping[str, object]] = []
        for row in batch:
            try:
                sighting, counts_now = self._read(row, now)
                read[identify(self._source.site, sighting.native_id)] = sighting, counts_now
            except Rejected as error:
                rejected.append({"line": row.line, "reason": error.reason, "detail": error.detail})
                self.reasons[error.reason] += 1
        self._send(read, now)
        self.rows += len(batch)
        return rejected

    def _read(self, row: Row, now: datetime) -> tuple[Sighting, bool]:
        if row.problem is not None:
            raise Rejected("unreadable_row", row.problem)
        return self._reader.read(row.cells, now)

    def _send(self, read: Mapping[str, tuple[Sighting, bool]], now: datetime) -> None:
        known = self._seen.meet(read, now)
        posts = [
            to_post(
                sighting,
                site=self._source.site,
                source=self._source.name,
                voice_key=self._voice_key,
                first_seen_at=known[post_id].first_seen_at,
                observed_at=now,
                crawl=_CRAWL,
                keep_voice=not self._source.internal,
                counts_now=counts_now,
            )
            for post_id, (sighting, counts_now) in read.items()
        ]
        changed = [post for post in posts if post.content_hash != known[post.id].content_hash]
        if changed:
            self._publish(changed)
            self._seen.keep(changed)
            self.sent += len(changed)

    def _publish(self, posts: Sequence[Post]) -> None:
        messages = [Message(topic=RAW, key=post.thread_id, value=POSTS.encode(post)) for post in posts]
        waited = 0.0
        while True:
            try:
                return self._producer.publish(messages)
            except Retryable as error:
                if waited >= PATIENCE:
                    raise
                self._clock.sleep(error.after)
                waited += error.after
