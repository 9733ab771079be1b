"""Looking after the embedded log: its topics, how far its groups are, what is old enough to drop."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from sqlite3 import Connection

from stream.log.broker import Partition, Progress, Record, Topic, TopicChange
from stream.log.brokers.sqlite.file import BUSY, SPAN, LogFile, records_from
from stream.process.moments import to_ms

EXPIRE_CHUNK = 5_000  # records dropped per transaction, so that nobody waits long for the file


class SqliteAdmin:
    """Looks after the file at `path`."""

    def __init__(self, path: Path, *, busy: timedelta = BUSY) -> None:
        self._file = LogFile(path, busy)

    def apply(self, topics: Sequence[Topic]) -> list[str]:
        with self._file.writing() as connection:
            changes = [change for topic in topics for change in _changes(connection, topic)]
            for change in changes:
                change.do()
        return [change.done for change in changes]

    def drift(self, topics: Sequence[Topic]) -> list[TopicChange]:
        with self._file.reading() as connection:
            return [change for topic in topics for change in _changes(connection, topic)]

    def progress(self) -> list[Progress]:
        with self._file.reading() as connection:
            rows = connection.execute(
                "SELECT known.team, part.topic, part.number, committed.following, part.first, part.following"
                " FROM (SELECT DISTINCT team, topic FROM committed JOIN part ON part.id = committed.part) AS known"
                " JOIN part ON part.topic = known.topic"
                " LEFT JOIN committed ON committed.team = known.team AND committed.part = part.id ORDER BY 1, 2, 3"
            )
            return [Progress(team, Partition(topic, number), *rest) for team, topic, number, *rest in rows]

    def waiting(self, group: str, topic: str) -> list[Record]:
        with self._file.reading() as connection:
            rows = connection.execute(
                "SELECT id, number, max(first, coalesce(committed.following, 0)) FROM part"
                " LEFT JOIN committed ON committed.team = ? AND committed.part = part.id"
                " WHERE topic = ? ORDER BY number",
                (group, topic),
            ).fetchall()
            return [
                record
                for part, number, offset in rows
                for record in records_from(connection, part, Partition(topic, number), offset, 1)
            ]

    def ends(self, topic: str) -> dict[Partition, tuple[int, int]]:
        with self._file.reading() as connection:
            rows = connection.execute("SELECT number, first, following FROM part WHERE topic = ?", (topic,))
            return {Partition(topic, number): (first, following) for number, first, following in rows}

    def expire(self, now: datetime, *, dry: bool = False) -> int:
        with self._file.reading() as connection:
            parts = connection.execute("SELECT id, keep FROM part JOIN topic ON topic.name = part.topic").fetchall()
            if dry:
                return sum(_older(connection, part, to_ms(now) - keep) for part, keep in parts)
        return sum(self._expire(part, to_ms(now) - keep) for part, keep in parts)

    def close(self) -> None:
        self._file.close()

    def _expire(self, part: int, before: int) -> int:
        dropped = 0
        while True:
            with self._file.writing() as connection:
                chunk = _drop_older(connection, part, before)
            dropped += chunk
            if chunk < EXPIRE_CHUNK:
                return dropped


def _changes(connection: Connection, topic: Topic) -> Iterator[TopicChange]:
    keep = round(topic.keep.total_seconds() * 1000)
    known = connection.execute("SELECT keep FROM topic WHERE name = ?", (topic.name,)).fetchone()
    have = connection.execute("SELECT count(*) FROM part WHERE topic = ?", (topic.name,)).fetchone()[0]
    if known is None:
        done = f"{topic.name}: created with {topic.partitions} partitions"
        yield TopicChange(f"{topic.name}: is missing", done, lambda: _create(connection, topic, keep))
        return
    if known[0] != keep:
        yield TopicChange(
            f"{topic.name}: keeps records for {timedelta(milliseconds=known[0])}, {topic.keep} is configured",
            f"{topic.name}: keeps records for {topic.keep}",
            lambda: connection.execute("UPDATE topic SET keep = ? WHERE name = ?", (keep, topic.name)),
        )
    if have < topic.partitions:
        yield TopicChange(
            f"{topic.name}: has {have} partitions, {topic.partitions} are configured",
            f"{topic.name}: widened from {have} to {topic.partitions} partitions",
            lambda: _widen(connection, topic, have),
            narrow=True,
        )


def _create(connection: Connection, topic: Topic, keep: int) -> None:
    connection.execute("INSERT INTO topic VALUES (?, ?)", (topic.name, keep))
    _widen(connection, topic, 0)


def _widen(connection: Connection, topic: Topic, have: int) -> None:
    new = [(topic.name, number) for number in range(have, topic.partitions)]
    connection.executemany("INSERT INTO part (topic, number) VALUES (?, ?)", new)


def _older(connection: Connection, part: int, before: int) -> int:
    """Counts the records at the partition's old end that are older than `before`."""
    base = part * SPAN
    first, following = connection.execute("SELECT first, following FROM part WHERE id = ?", (part,)).fetchone()
    span = (base + first, base + following)
    query = "SELECT min(position) FROM record WHERE position >= ? AND position < ? AND at >= ?"
    (kept,) = connection.execute(query, (*span, before)).fetchone()
    return int((following if kept is None else kept - base) - first)


def _drop_older(connection: Connection, part: int, before: int) -> int:
    """Drops up to `EXPIRE_CHUNK` records from the partition's old end, as far as they are older than `before`."""
    base = part * SPAN
    first, following = connection.execute("SELECT first, following FROM part WHERE id = ?", (part,)).fetchone()
    limit = min(following, first + EXPIRE_CHUNK)
    kept = connection.execute(
        "SELECT min(position) FROM record WHERE position >= ? AND position < ? AND at >= ?",
        (base + first, base + limit, before),
    ).fetchone()[0]
    cut = limit if kept is None else kept - base
    connection.execute("DELETE FROM record WHERE position >= ? AND position < ?", (base + first, base + cut))
    connection.execute("UPDATE part SET first = ? WHERE id = ?", (cut, part))
    return int(cut - first)
