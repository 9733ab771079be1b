"""What a day or a week was like: posts by topic, cases, what is due, and the hours in which sources did not answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from alerts.desk.register import Register
from alerts.desk.telling import KnownNames, known_names
from alerts.detection.coverage import gaps
from alerts.reports.clocks import StepClock, step_clocks
from alerts.reports.records import CaseRecord, as_of, read_records
from alerts.reports.wave import TrendStep
from alerts.workflow.ladder import Task
from stream.errors import Retryable
from stream.index.port import Axis, Bucket, Query, Reader
from stream.messages import Act
from stream.state.database import reading
from stream.state.source_health import SourceHealth, unanswered

Span = tuple[datetime, datetime]
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicWeight:
    """A topic's posts in the period, and in the one before it that is as long. `desk` owns it, by its name."""

    name: str
    desk: str
    total: int
    negative: int
    authors: int
    appeals: int
    total_before: int
    negative_before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodFacts:
    """All of a period [since, until). `topics` and `trend` are None where the index was away.

    `cases` are those that were open at any time of it, each with its clocks; `due` are the steps that are owed at its
    end. `blind` are the times in which half of the sources did not answer, `silent` what does not answer now.
    """

    since: datetime
    until: datetime
    topics: tuple[TopicWeight, ...] | None
    trend: tuple[TrendStep, ...] | None
    step: timedelta
    cases: tuple[CaseRecord, ...]
    clocks: Mapping[int, tuple[StepClock, ...]]
    due: tuple[tuple[CaseRecord, Task], ...]
    blind: tuple[Span, ...]
    silent: tuple[str, ...]
    sources: int
    names: KnownNames
    unit: str

    @property
    def opened(self) -> tuple[CaseRecord, ...]:
        """Cases opened within it."""
        return tuple(one for one in self.cases if self.since <= one.details.case.opened_at < self.until)

    @property
    def closed(self) -> tuple[CaseRecord, ...]:
        """Cases that ended within it."""
        ends = ((one, one.details.case.ended_at) for one in self.cases)
        return tuple(one for one, ended in ends if ended and self.since <= ended < self.until)

    @property
    def still_open(self) -> tuple[CaseRecord, ...]:
        """Cases that are open at its end."""
        ends = ((one, one.details.case.ended_at) for one in self.cases)
        return tuple(one for one, ended in ends if ended is None or ended >= self.until)


def gather_period(
    register: Register, reader: Reader | None, since: datetime, until: datetime, step: timedelta
) -> PeriodFacts:
    """Gathers the period; `step` is that of its trend. What the index would tell is left out while it is away."""
    ladder = register.config.ladder
    cases = tuple(as_of(one, until) for one in read_records(register, since, until))
    topics, trend = _posts(register, reader, since, until, step)
    owed = [(one, task) for one in cases for task in one.tasks if _runs(task, until)]
    with reading(register.engine) as session:
        current = list(session.scalars(select(SourceHealth).where(SourceHealth.retired_at.is_(None))))
    steady = [row.source for row in current if row.fresh_until is not None]
    missing = unanswered(register.engine, since, until)
    return PeriodFacts(
        since=since, until=until, topics=topics, trend=trend, step=step, cases=cases,
        clocks={
            one.details.case.id: step_clocks(one.details.case, one.tasks, one.details.history, ladder, until)
            for one in cases
        },
        due=tuple(sorted(owed, key=lambda one: one[1].due_at)),
        blind=tuple(gaps(steady, missing, register.config.detector.blind_share)),
        silent=tuple(
            register.source_name(row.source)
            for row in current
            if row.fresh_until is not None and row.fresh_until < until
        ),
        sources=len(current), names=known_names(register), unit=register.config.organisation,
    )  # fmt: skip


def _runs(task: Task, moment: datetime) -> bool:
    return task.began_at <= moment and (task.ended_at is None or task.ended_at > moment)


def _posts(
    register: Register, reader: Reader | None, since: datetime, until: datetime, step: timedelta
) -> tuple[tuple[TopicWeight, ...] | None, tuple[TrendStep, ...] | None]:
    if reader is None:
        return None, None
    length = until - since
    try:
        now = _whole(reader, Query(), since, until)
        before = _whole(reader, Query(), since - length, since)
        appeals = _whole(reader, Query(acts=(Act.APPEAL,)), since, until)
        told = reader.histogram(Query(), Axis.CHARTED, since, until, step)
    except Retryable:
        return None, None
    weights = (_weight(register, topic, now, before, appeals) for topic in register.topics.watched)
    return tuple(weights), tuple(TrendStep(one.start, one.total, one.negative) for one in told)


def _whole(reader: Reader, query: Query, since: datetime, until: datetime) -> Mapping[str, Sequence[Bucket]]:
    """Counts a period in one bucket a topic."""
    return reader.tally(query, Axis.CHARTED, since, until, until - since)


def _weight(
    register: Register, topic: str, now: Mapping[str, Sequence[Bucket]], before: Mapping[str, Sequence[Bucket]],
    appeals: Mapping[str, Sequence[Bucket]],
) -> TopicWeight:  # fmt: skip
    watched = register.topics.watched[topic]
    here, there, asked = (_one(counts, topic) for counts in (now, before, appeals))
    return TopicWeight(
        name=watched.name, desk=register.desk_name(watched.owner), total=here.total, negative=here.negative,
        authors=here.authors, appeals=asked.total, total_before=there.total, negative_before=there.negative,
    )  # fmt: skip


def _one(counts: Mapping[str, Sequence[Bucket]], topic: str) -> Bucket:
    buckets = counts.get(topic)
    return buckets[0] if buckets else Bucket(datetime.min)
