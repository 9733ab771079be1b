"""The embedded index filled again where it is: for a file that was removed, or that missed posts."""

from datetime import datetime
from pathlib import Path

from stream.indexes.sqlite import SqliteIndexReader, SqliteIndexWriter


class SqliteCare:
    """Keeps `IndexCare` for one file, which has one mapping and no parts: `erase` removes posts from it."""

    def migrate(self, now: datetime) -> str:
        """A file of another version is refused when it is opened."""
        return "the embedded index has one version only: nothing to do"

    def expire(self, before: datetime) -> list[str]:
        """Nothing: a file has no months."""
        return []

    def close(self) -> None:
        """Nothing is open."""


class SqliteAgain:
    """Keeps `NextIndex` with the file in use: putting a post again changes nothing, so there is nothing to switch."""

    number = 1

    def __init__(self, path: Path) -> None:
        self.writer = SqliteIndexWriter(path)
        self.reader = SqliteIndexReader(path)

    def hold(self) -> None:
        """Others may go on writing."""

    def refresh(self) -> None:
        """What was put is found already."""

    def switch(self) -> None:
        """Readers see this file all the time."""

    def abandon(self) -> None:
        """What was put stays: it is the log's."""

    def close(self) -> None:
        """Releases the file."""
        self.reader.close()
        self.writer.close()
