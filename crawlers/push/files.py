"""Importing a file: rows to posts to the log, in batches. A file imported twice changes nothing."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path

from crawlers.config import Source
from crawlers.cursors import Cursors
from crawlers.edge import name_of, to_post
from crawlers.keeping import publish_or_keep
from crawlers.pages.observation import Observation
from crawlers.pull.revisits import worth_sending
from crawlers.push.columns import RowReader
from crawlers.push.tables import Row, read_table
from stream.codec import POSTS
from stream.errors import Rejected, Retryable
from stream.log.broker import RAW, Message, Producer
from stream.messages import Crawl, Kind, Post
from stream.process.clock import SHANGHAI, Clock

BATCH = 500
PATIENCE = 300.0  # seconds with a log that takes nothing, before the import gives up
_CRAWL = Crawl(robots="not_fetched", rate=None, parser="file", version=1)


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
    source: Source,
    *,
    name: str,
    producer: Producer,
    cursors: Cursors,
    voice_key: bytes,
    clock: Clock,
    report_to: Path,
    progress: Callable[[int], None] = lambda _rows: None,
) -> ImportSummary:
    """Publishes every row of the file that is new or changed; rejected rows are listed in a file in `report_to`.

    Raises `Rejected` when the file cannot be read at all. After a crash, import the file again: rows that the log has
    are not sent twice. `progress` is told the number of rows done.
    """
    if source.columns is None:
        raise Rejected("not_a_file_source", f"{name} has no columns in crawlers.yml")
    reader = RowReader(source.columns, source.kind or Kind.STATUS, SHANGHAI)
    run = _Import(reader, _Sender(name, source, producer, cursors, voice_key, clock), clock)
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
        unchanged=run.rows - run.sent - run.reasons.total(),  # or repeated within the file
        rejected=run.reasons.total(),
        reasons=dict(run.reasons),
        report=report if run.reasons else None,
    )


class _Import:
    """One run over one file; its counters are the summary."""

    def __init__(self, reader: RowReader, sender: "_Sender", clock: Clock) -> None:
        self._reader = reader
        self._sender = sender
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
        self.sent += self._sender.send(read, now)
        self.rows += len(batch)
        return rejected

    def _read(self, row: Row, now: datetime) -> tuple[Observation, bool]:
        if row.problem is not None:
            raise Rejected("unreadable_row", row.problem)
        return self._reader.read(row.cells, now)


@dataclass(frozen=True, slots=True)
class _Sender:
    """Observations to the log, those that it has not."""

    name: str
    source: Source
    producer: Producer
    cursors: Cursors
    voice_key: bytes
    clock: Clock

    def send(self, read: Mapping[str, tuple[Observation, bool]], now: datetime) -> int:
        """How many of `read` (by native id; with whether each may count towards a spike) the log had to learn of."""
        known = self.cursors.meet("", list(read), now)  # no thread: nobody revisits a file
        posts = [
            to_post(
                observation,
                site=self.source.site,
                source=self.name,
                voice_key=self.voice_key,
                first_seen_at=known[native_id].first_seen_at,
                observed_at=now,
                crawl=_CRAWL,
                keep_voice=not self.source.internal,
                counts_now=counts_now,
            )
            for native_id, (observation, counts_now) in read.items()
            if not known[native_id].closed
        ]
        news = [post for post in posts if worth_sending(known[post.native_id].post, post)]
        if news:
            self._publish(news)
            self.cursors.keep(news)
        return len(news)

    def _publish(self, posts: Sequence[Post]) -> None:
        messages = [Message(topic=RAW, key=post.thread_id, value=POSTS.encode(post)) for post in posts]
        waited = 0.0
        while True:
            try:
                publish_or_keep(self.producer, self.clock, messages)
                return
            except Retryable as error:
                if waited >= PATIENCE:
                    raise
                self.clock.sleep(error.after)
                waited += error.after
