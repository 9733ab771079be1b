"""The embedded index filled again where it is: for a file that was removed, or that missed posts."""

from pathlib import Path

from stream.indexes.sqlite import SqliteIndexReader, SqliteIndexWriter


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
