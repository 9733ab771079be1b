"""The log in one SQLite file: several processes of one machine produce and consume at once.

Every publish and every commit is one transaction with one fsync: it survives a power cut, or nothing of it is there.
A full disk or a damaged file raises `sqlite3.Error` with nothing half-written; a lock held too long, `Retryable`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from sqlite3 import Connection
from zlib import crc32

from structlog import get_logger

from stream.errors import Fenced, Retryable
from stream.log.broker import Message, Partition, Record, refuse_too_large
from stream.log.brokers.sqlite.file import BUSY, SPAN, LogFile, parts_of, records_from
from stream.log.brokers.sqlite.group import LEASE, Membership
from stream.process.clock import Clock
from stream.process.failpoints import failpoint
from stream.process.moments import to_ms

FETCH_BYTES = 16 * 2**20  # a poll stops after the record that passes this, whatever its limit
_TICK = 0.001  # seconds; a clock need not be finer
_FIRST_WAIT, _LAST_WAIT = 0.01, 0.2  # seconds between two looks for new records
_PAUSED_WAIT = 1.0  # seconds between two signs of life

log = get_logger(__name__)


class SqliteProducer:
    """Writes to the file at `path`. Threads may share it; a fork may not."""

    def __init__(self, path: Path, clock: Clock, *, busy: timedelta = BUSY) -> None:
        self._file = LogFile(path, busy)
        self._clock = clock

    def publish(self, messages: Sequence[Message]) -> None:
        for message in messages:
            refuse_too_large(message)
        if not messages:
            return
        at = to_ms(self._clock.now())
        with self._file.writing() as connection:
            parts = {topic: parts_of(connection, topic) for topic in {message.topic for message in messages}}
            following = {part: offset for rows in parts.values() for part, _, _, offset in rows}
            rows = _rows(messages, {topic: [row[0] for row in rows] for topic, rows in parts.items()}, following, at)
            connection.executemany("INSERT INTO record VALUES (?, ?, ?, ?, ?)", rows)
            connection.executemany(
                "UPDATE part SET following = ? WHERE id = ?", [(offset, part) for part, offset in following.items()]
            )
            failpoint("publish.sent")

    def close(self) -> None:
        self._file.close()


class SqliteConsumer:
    """One member of `group`. `lease` is the longest time between two polls or commits before others take over."""

    def __init__(
        self,
        path: Path,
        clock: Clock,
        *,
        group: str,
        topics: Sequence[str],
        lease: timedelta = LEASE,
        busy: timedelta = BUSY,
    ) -> None:
        self._file = LogFile(path, busy)
        self._clock = clock
        self._group = group
        self._topics = tuple(topics)
        self._membership = Membership(self._file, clock, group, topics, lease=lease)
        self._member = 0
        self._position: dict[int, int] = {}  # next offset to hand out, per partition held
        self._committed: dict[int, int] = {}
        self._turn = 0
        self._paused = False
        with self._file.reading() as connection:
            for topic in topics:
                parts_of(connection, topic)

    def poll(self, limit: int, timeout: float) -> list[Record]:
        until = self._clock.monotonic() + timeout
        wait = _FIRST_WAIT
        while True:
            self._settle()
            if not self._paused and (records := self._fetch(limit)):
                return records
            left = until - self._clock.monotonic()
            if left < _TICK:
                return []
            self._clock.sleep(min(_PAUSED_WAIT if self._paused else wait, left))
            wait = min(2 * wait, _LAST_WAIT)

    def commit(self, done: Mapping[Partition, int]) -> None:
        if not done:
            return
        with self._file.writing() as connection:
            ids = self._ids(connection)
            offsets = {ids[partition]: offset for partition, offset in done.items() if partition in ids}
            self._membership.confirm(connection, offsets)
            if strange := [p for p in done if p not in ids or not self._handed_out(ids[p], done[p])]:
                raise Fenced(f"group {self._group}: offsets of {strange} were not read in this membership")
            connection.executemany(
                "INSERT OR REPLACE INTO committed VALUES (?, ?, ?)",
                [(self._group, part, offset) for part, offset in offsets.items()],
            )
        self._committed |= offsets

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        self._paused = False

    def rewind(self) -> None:
        self._position.clear()

    def close(self) -> None:
        try:
            with suppress(Retryable):  # leaving is a courtesy: the end of this process is seen anyway
                self._membership.leave()
        finally:
            self._file.close()

    def _settle(self) -> None:
        busy = {part for part, offset in self._position.items() if offset > self._committed[part]}
        member, held = self._membership.settle(busy)
        if member != self._member:
            self._position.clear()
            self._member = member
        for part in self._position.keys() - held:
            del self._position[part]
        if fresh := held - self._position.keys():
            with self._file.reading() as connection:
                for part in fresh:
                    self._committed[part] = self._position[part] = self._begin(connection, part)

    def _begin(self, connection: Connection, part: int) -> int:
        """Decides where to start.

        That is at what is committed, or at the oldest record where retention was faster than the group.
        """
        topic, number, first = connection.execute(
            "SELECT topic, number, first FROM part WHERE id = ?", (part,)
        ).fetchone()
        row = connection.execute(
            "SELECT following FROM committed WHERE team = ? AND part = ?", (self._group, part)
        ).fetchone()
        if row and row[0] < first:
            log.error("records lost unread", group=self._group, topic=topic, partition=number, records=first - row[0])
        return max(first, row[0]) if row else int(first)

    def _fetch(self, limit: int) -> list[Record]:
        records: list[Record] = []
        room = FETCH_BYTES
        parts = sorted(self._position)
        self._turn += 1
        with self._file.reading() as connection:
            names = {part: partition for partition, part in self._ids(connection).items()}
            for at in range(len(parts)):
                part = parts[(self._turn + at) % len(parts)]
                for record in records_from(connection, part, names[part], self._position[part], limit - len(records)):
                    records.append(record)
                    self._position[part] = record.offset + 1
                    room -= len(record.value or b"")
                    if room <= 0:
                        return records
        return records

    def _handed_out(self, part: int, offset: int) -> bool:
        return self._committed[part] <= offset <= self._position.get(part, -1)

    def _ids(self, connection: Connection) -> dict[Partition, int]:
        return {
            Partition(topic, number): part
            for topic in self._topics
            for part, number, _, _ in parts_of(connection, topic)
        }


def _rows(
    messages: Sequence[Message], parts: Mapping[str, Sequence[int]], following: dict[int, int], at: int
) -> Iterator[tuple[int, int, str, str, bytes]]:
    """Yields the messages as rows; counts `following` up as it goes."""
    for message in messages:
        choice = parts[message.topic]
        part = choice[crc32(message.key.encode()) % len(choice)]
        headers = json.dumps(dict(message.headers), ensure_ascii=False) if message.headers else "{}"
        yield part * SPAN + following[part], at, message.key, headers, message.value
        following[part] += 1
