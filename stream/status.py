"""How the pipeline stands, as one value: for a table, for JSON, for whoever watches it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from stream.index.port import Query, Reader
from stream.log.broker import Admin, Progress
from stream.messages import Label, StageHealth, wire_time

RECENTLY = timedelta(hours=1)  # what is told of each stage


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
class StageStatus:
    """What a stage, or the crawls of one source, told within `RECENTLY`; `lag` (seconds) and `told_at` are the last."""

    stage: str
    source: str | None
    processes: int
    told_at: str
    done: int
    rejected: int
    lag: float | None


@dataclass(frozen=True, slots=True)
class Status:
    """The whole pipeline at one moment."""

    topics: tuple[TopicStatus, ...]
    groups: tuple[GroupStatus, ...]
    stages: tuple[StageStatus, ...]
    indexed: int
    labels: dict[str, int]
    quarantined: dict[str, int]


def take(
    admin: Admin, reader: Reader, topics: Sequence[str], quarantined: Counter[str], health: Iterable[StageHealth]
) -> Status:
    """The status now. `quarantined` counts the quarantine's records by reason, `health` is of `RECENTLY`, in order."""
    return Status(
        topics=tuple(_topic(admin, name) for name in topics),
        groups=_groups(admin.progress()),
        stages=_stages(health),
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


def _stages(health: Iterable[StageHealth]) -> tuple[StageStatus, ...]:
    told: dict[tuple[str, str], list[StageHealth]] = {}
    for one in health:
        told.setdefault((one.stage, one.source or ""), []).append(one)
    return tuple(
        StageStatus(
            stage=stage,
            source=source or None,
            processes=len({one.instance for one in some}),
            told_at=wire_time(some[-1].at),
            done=sum(one.done for one in some),
            rejected=sum(one.rejected for one in some),
            lag=some[-1].lag,
        )
        for (stage, source), some in sorted(told.items())
    )
