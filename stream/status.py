"""How the pipeline stands, as one value: for a table, for JSON, for whoever watches it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from socket import gethostname

from stream.index.port import Query, Reader
from stream.log.broker import Admin, Progress
from stream.messages import Label, StageHealth, wire_time
from stream.process.running import Signs, StageState
from stream.process.running import judge as judge_stage
from stream.state.source_standing import SourceFact, judge

RECENTLY = timedelta(hours=1)  # what is told of each stage
SIGNED_BY = {"crawl": "crawlers"}  # each crawl tells of itself, for the stage that started it


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
class StageRun:
    """Whether a stage runs, in how many processes that are known, and its last sign of life."""

    stage: str
    state: StageState
    processes: int
    last: str | None


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """How a source stands, since when, when a page of it was last understood, and why it is not well."""

    source: str
    state: str
    since: str | None
    last_good: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Status:
    """The whole pipeline at one moment."""

    at: str
    running: tuple[StageRun, ...]
    topics: tuple[TopicStatus, ...]
    groups: tuple[GroupStatus, ...]
    stages: tuple[StageStatus, ...]
    sources: tuple[SourceStatus, ...]
    indexed: int
    labels: dict[str, int]
    quarantined: dict[str, int]


def take(
    admin: Admin,
    reader: Reader,
    topics: Sequence[str],
    *,
    quarantined: Counter[str],
    health: Sequence[StageHealth],
    signs: Mapping[str, Signs],
    now: datetime,
    sources: Sequence[SourceFact] = (),
) -> Status:
    """Takes stock of the pipeline.

    `quarantined` counts the quarantine's records by reason, `health` is of `RECENTLY`, in order, `signs` are by stage.
    """
    return Status(
        at=wire_time(now),
        running=tuple(_running(stage, found, health, now) for stage, found in signs.items()),
        topics=tuple(_topic(admin, name) for name in topics),
        groups=_groups(admin.progress()),
        stages=_stages(health),
        sources=tuple(source_status(source, now) for source in sources),
        indexed=reader.count(Query()),
        labels={label.value: reader.count(Query(labels=(label,))) for label in Label},
        quarantined=dict(sorted(quarantined.items())),
    )


def source_status(source: SourceFact, now: datetime) -> SourceStatus:
    """Judges a source at `now`."""
    standing, good = judge(source, now), source.page_at or source.succeeded_at
    return SourceStatus(
        source=source.name,
        state=standing.condition.value,
        since=None if standing.since is None else wire_time(standing.since),
        last_good=None if good is None else wire_time(good),
        why=standing.why,
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


def _running(stage: str, signs: Signs, health: Sequence[StageHealth], now: datetime) -> StageRun:
    """Joins what the stage left on this machine with what its processes elsewhere told through the log."""
    told = [one for one in health if SIGNED_BY.get(one.stage, one.stage) == stage]
    elsewhere = {one.instance for one in told if one.instance.rpartition(":")[0] != gethostname()}
    signs = replace(
        signs,
        elsewhere=max(signs.elsewhere, len(elsewhere)),
        last=max((moment for moment in (signs.last, *(one.at for one in told)) if moment is not None), default=None),
    )
    last = None if signs.last is None else wire_time(signs.last)
    return StageRun(stage, judge_stage(signs, now), len(signs.started) + signs.elsewhere, last)


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
