"""The index's second port: what is told beside posts, the cases' history and how the stages do.

Elasticsearch keeps it for Kibana, the embedded index for `python -m stream status` and `export`. Ids and versions make
whatever is sent twice the same as sent once, and the order in which it comes does not matter.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from stream.index.port import PutResult
from stream.messages import CaseEvent, StageHealth

Event = CaseEvent | StageHealth


class EventWriter(Protocol):
    """Puts events into the index."""

    def put(self, events: Sequence[Event]) -> list[PutResult]:
        """Returns one outcome per event, in order; what it reports as indexed survives a crash.

        An event that is there already is stale or indexed again, to the same effect. Raises `Retryable` when the engine
        cannot take any now; putting all again is harmless.
        """
        ...

    def expire(self, before: datetime, *, dry: bool = False) -> int:
        """Removes health told before then, at least where a whole month of it is past; how many documents or months.

        Cases stay: they are few, and name nobody. `dry`: removes none.
        """
        ...

    def close(self) -> None:
        """Releases the engine."""
        ...


class EventReader(Protocol):
    """Tells what was put. Each raises `Retryable` rather than give a part."""

    def cases(self) -> Iterator[CaseEvent]:
        """Tells how each case stands, by its event of the highest number; the case opened last comes first."""
        ...

    def history(self) -> Iterator[CaseEvent]:
        """Reads every event of every case, by time, then id."""
        ...

    def health(self, since: datetime) -> Iterator[StageHealth]:
        """Reads what the stages told at `since` or later, by time, then id."""
        ...

    def close(self) -> None:
        """Releases the engine."""
        ...
