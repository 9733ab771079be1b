"""What is known of sources, stages, letters and disks at one moment: what trouble is decided from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from stream.process.running import StageState
from stream.state.source_standing import SourceFact


@dataclass(frozen=True, slots=True)
class WatchedFact:
    """A topic by its name and the sources it is watched in: () for all."""

    name: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StageFact:
    """A stage, how it is, and its last sign of life."""

    name: str
    state: StageState
    last: datetime | None


@dataclass(frozen=True, slots=True)
class QuarantineFact:
    """Records that wait in quarantine, and how many came within the last hour."""

    waiting: int
    lately: int


@dataclass(frozen=True, slots=True)
class LettersFact:
    """Letters that should have gone and did not: since when the oldest waits, how many do, how many were refused."""

    waiting: int = 0
    oldest: datetime | None = None
    refused: int = 0


@dataclass(frozen=True, slots=True)
class DiskFact:
    """A folder's disk, in bytes."""

    folder: str
    free: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything at one moment. `configured` names the sources of crawlers.yml that are switched on, as far as known.

    `complete_until` is until when every post went all the way, None where nobody can tell. `quarantine` is None where
    the log is away. `changed` are the numbers of cases whose histories do not fit together.
    """

    sources: tuple[SourceFact, ...] = ()
    configured: tuple[str, ...] = ()
    topics: Mapping[str, WatchedFact] = field(default_factory=dict)
    stages: tuple[StageFact, ...] = ()
    complete_until: datetime | None = None
    quarantine: QuarantineFact | None = None
    letters: LettersFact = field(default_factory=LettersFact)
    disks: tuple[DiskFact, ...] = ()
    changed: tuple[int, ...] = ()
