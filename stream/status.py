"""How the pipeline stands, as one value: for a table, for JSON, for whoever watches it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from stream.broker import Admin, Progress
from stream.index import Query, Reader
from stream.messages import Label


@dataclass(frozen=True, slots=True)
class TopicStatus:
    """Records kept in one topic of the log."""

    topic: str
    partitions: int
    kept: int
    written: int


@dataclass(frozen=True, slots=True)
class GroupStatus:
    """One group in one topic: records still to read, and records dropped before it read them (data lost to it)."""

    group: str
    topic: str
    lag: int
    gap: int


@dataclass(frozen=True, slots=True)
class Status:
    """The whole pipeline at one moment."""

    topics: tuple[TopicStatus, ...]
    groups: tuple[GroupStatus, ...]
    indexed: int
    labels: dict[str, int]
    quarantined: dict[str, int]


def take(admin: Admin, reader: Reader, topics: Sequence[str], quarantined: Counter[str]) -> Status:
    """The status now. `quarantined` counts the quarantine's records by reason."""
    return Status(
        topics=tuple(_topic(admin, name) for name in topics),
        groups=_groups(admin.progress()),
        indexed=reader.count(Query()),
        labels={label.value: reader.count(Query(labels=(label,))) for label in Label},
        quarantined=dict(sorted(quarantined.items())),
    )


def _topic(admin: Admin, name: str) -> TopicStatus:
    ends = admin.ends(name)
    kept = sum(end - start for start, end in ends.values())
    return TopicStatus(topic=name, partitions=len(ends), kept=kept, written=sum(end for _, end in ends.values()))


def _groups(progress: Sequence[Progress]) -> tuple[GroupStatus, ...]:
    lags: Counter[tuple[str, str]] = Counter()
    gaps: Counter[tuple[str, str]] = Counter()
    for one in progress:
        lags[one.group, one.partition.topic] += one.lag
        gaps[one.group, one.partition.topic] += one.gap
    return tuple(GroupStatus(group, topic, lags[group, topic], gaps[group, topic]) for group, topic in sorted(lags))
