"""The index's ports for looking after it as a whole: filling another in its place, a newer mapping, what is past."""

from datetime import datetime
from typing import Protocol

from stream.index.port import Reader, Writer


class NextIndex(Protocol):
    """An index that is filled beside the one in use and then takes its place."""

    number: int

    @property
    def writer(self) -> Writer:
        """Writes to it."""
        ...

    @property
    def reader(self) -> Reader:
        """Reads it."""
        ...

    def hold(self) -> None:
        """Lets the index in use take no writes from now on; whoever writes waits."""
        ...

    def refresh(self) -> None:
        """Makes sure that what was put is found."""
        ...

    def switch(self) -> None:
        """Makes this the index in use from now on."""
        ...

    def abandon(self) -> None:
        """Leaves all as it was before; to be called where `switch` was not."""
        ...

    def close(self) -> None:
        """Releases the engine."""
        ...


class IndexAdmin(Protocol):
    """Looks after an index as a whole."""

    def migrate(self, now: datetime) -> str:
        """Brings the index to this program's mapping; returns what was done, in words."""
        ...

    def expire(self, before: datetime, *, dry: bool = False) -> list[str]:
        """Removes parts of the index whose posts were all first seen before then; their names. `dry`: removes none."""
        ...

    def close(self) -> None:
        """Releases the engine."""
        ...
