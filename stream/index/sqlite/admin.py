"""The embedded index filled again where it is: for a file that was removed, or that missed posts."""

from datetime import datetime
from pathlib import Path

from stream.index.sqlite.file import open_file, transaction
from stream.index.sqlite.posts import CHUNK, SqliteIndexReader, SqliteIndexWriter
from stream.index.sqlite.rows import remove, unpack
from stream.process.moments import to_ms


class SqliteIndexAdmin:
    """Keeps `IndexAdmin` for one file, which has one mapping and no parts: its posts go one by one."""

    def __init__(self, path: Path) -> None:
        self._connection = open_file(path)

    def migrate(self, now: datetime) -> str:
        """Does nothing: a file of another version is refused when it is opened."""
        return "the embedded index has one version only: nothing to do"

    def expire(self, before: datetime, *, dry: bool = False) -> list[str]:
        """Removes posts first seen before then, a chunk at a time, so that nobody waits long for the file."""
        found, last = 0, 0
        while chunk := self._chunk(before, last):
            past = [row for row, body in chunk if unpack(body).first_seen_at < before]
            if not dry:
                with transaction(self._connection, "IMMEDIATE"):
                    remove(self._connection, past)
            found, last = found + len(past), chunk[-1][0]
        return [f"{found} posts"] if found else []

    def close(self) -> None:
        """Releases the file."""
        self._connection.close()

    def _chunk(self, before: datetime, last: int) -> list[tuple[int, bytes]]:
        """Reads posts charted before then, by row; charted may be long before they were first seen."""
        query = "SELECT p.row, body FROM post AS p JOIN document AS d ON d.row = p.row"
        query += " WHERE p.row > ? AND p.charted_at < ? ORDER BY p.row LIMIT ?"
        with transaction(self._connection):
            return self._connection.execute(query, (last, to_ms(before), CHUNK)).fetchall()


class SqliteRefill:
    """Keeps `NextIndex` with the file in use: putting a post again changes nothing, so there is nothing to switch."""

    number = 1

    def __init__(self, path: Path) -> None:
        self.writer = SqliteIndexWriter(path)
        self.reader = SqliteIndexReader(path)

    def hold(self) -> None:
        """Does nothing: others may go on writing."""

    def refresh(self) -> None:
        """Does nothing: what was put is found already."""

    def switch(self) -> None:
        """Does nothing: readers see this file all the time."""

    def abandon(self) -> None:
        """Does nothing: what was put stays, it is the log's."""

    def close(self) -> None:
        """Releases the file."""
        self.reader.close()
        self.writer.close()
