"""Policies tried on an index and a state database: reads what they need and says what each would have told."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Engine, select

from alerts.casefile.tables import BY_HAND, CaseRow, EventRow
from alerts.detection.coverage import coverage
from alerts.detection.kept import read_began, read_known
from alerts.detection.ledger import DATED_DAYS, first_posts
from alerts.detection.lookout import HORIZON, PAST, Gaps, Lookout, Watched
from alerts.detection.series.detector import STEP
from alerts.detection.signals import Reason
from alerts.detection.watchman import blind_spans
from alerts.replay.matched import MatchedReader, Rematching, changed_topics
from alerts.replay.outcome import DAY, Precedent, TopicOutcome, doubts, place
from alerts.replay.policy import Policy, alarms, crossings, looks
from alerts.workflow.rules import WORKFLOW
from stream.index.port import Axis, Query, Reader
from stream.state.database import reading
from stream.topics import TopicsConfig

T = TypeVar("T")

CROSSINGS = {Reason.RISE, Reason.LEVEL, Reason.FALL, Reason.BARE}

Progress = Callable[[Iterable[T], str, int], AbstractContextManager[Iterable[T]]]


@dataclass(frozen=True, slots=True)
class TrialSpan:
    """What is replayed, in whole steps."""

    since: datetime
    until: datetime

    @property
    def days(self) -> float:
        return (self.until - self.since) / DAY

    @property
    def taught_since(self) -> datetime:
        """The beginning of what teaches."""
        return self.since - HORIZON - PAST


@dataclass(frozen=True, slots=True)
class Tried:
    """What a policy makes of each topic that it has, and what speaks against it."""

    outcomes: Mapping[str, TopicOutcome]
    doubts: tuple[str, ...]


def span_of(now: datetime, days: int) -> TrialSpan:
    """Returns the `days` before the step that runs now."""
    until = now - timedelta(seconds=now.timestamp() % STEP.total_seconds())
    return TrialSpan(until - days * DAY, until)


def unheard(progress_of: Iterable[T], _label: str, _length: int) -> AbstractContextManager[Iterable[T]]:
    """Shows nobody how far a long reading is."""
    return nullcontext(progress_of)


class Trial:
    """Tries policies on one span of what `reader` and `engine` hold, where the rules of `present` matched the posts."""

    def __init__(
        self, engine: Engine, reader: Reader, present: TopicsConfig, span: TrialSpan, progress: Progress[Any] = unheard
    ) -> None:
        self._engine, self._reader, self._present, self.span = engine, reader, present, span
        self._progress = progress
        self._cases = _precedents(engine, span)
        with reading(engine) as session:
            self._known = read_known(session)
            self._charted_until = (read_began(session) or span.until) - DAY  # as for whoever watches

    def run(self, policy: Policy, topics: Sequence[str], label: str) -> Tried:
        """Tries the policy on those of the topics that it has. Raises `Retryable` as the index does.

        Posts are matched anew where a topic's rules are not those of the present; else as they were when they came.
        """
        keys = [key for key in topics if key in policy.topics.watched]
        reader, without_words = self._reader_for(policy.topics, keys)
        began = first_posts(reader, self.span.taught_since, self.span.until)
        lookout = Lookout(reader, self._watched(policy, keys, began), policy.limits, self._charted_until)
        gaps = self._gaps(policy)
        moments = looks(self.span.since, self.span.until)
        with self._progress(moments, f"{label}：逐步判断", len(moments)) as shown:
            met = crossings(lookout, self.span.since, shown, gaps, self._earned())
        posts = self._posts(reader, keys)
        outcomes, found = {}, [*without_words]
        all_posts = reader.count(Query(counted_since=self.span.since, counted_until=self.span.until))
        for key in keys:
            told = list(alarms(reader, key, met.get(key, ()), policy))
            placed, answered = place(told, self._cases.get(key, ()), self.span.since)
            outcomes[key] = TopicOutcome(key, policy.budget(key), self.span.days, posts.get(key, 0), placed, answered)
            past = max(timedelta(0), self.span.since - began.get(key, self.span.since))
            found += doubts(policy, outcomes[key], all_posts, past)
        return Tried(outcomes, tuple(found))

    def empty_days(self) -> str | None:
        """Says on how many days of the span nothing at all was said, None where there was none such."""
        days = self._reader.histogram(Query(), Axis.COUNTED, self.span.since, self.span.until, DAY)
        empty = [bucket.start for bucket in days if not bucket.total]
        if not empty:
            return None
        first = next((bucket.start for bucket in days if bucket.total), None)
        if first is None:
            return f"--days: the index has no post of the last {len(days)} days: nothing can be replayed"
        return (
            f"--days: {len(empty)} of the {len(days)} days have no post at all, the first that has one begins "
            f"{first:%Y-%m-%d %H:%M} UTC: alarms a week are those of all {len(days)}; take fewer days"
        )

    def _reader_for(self, topics: TopicsConfig, keys: Sequence[str]) -> tuple[Reader, list[str]]:
        changed = [key for key in changed_topics(self._present, topics) if key in keys]
        if not changed:
            return self._reader, []
        rematching = Rematching(topics, changed)
        since = self.span.taught_since - DATED_DAYS * DAY
        query = Query(charted_since=since)
        with self._progress(self._reader.export(query), "按新规则重新匹配", self._reader.count(query)) as posts:
            gathered = rematching.gather(posts)
        gone = rematching.without_words
        told = [f"{gone} posts have no words any more and keep the topics that they had"] if gone else []
        return MatchedReader(self._reader, rematching, gathered), told

    def _watched(self, policy: Policy, keys: Sequence[str], began: Mapping[str, datetime]) -> dict[str, Watched]:
        renewed = {key: self._known[key].renewed_at for key in keys if key in self._known}
        return {key: Watched(policy.budget(key), began.get(key, self.span.until), renewed.get(key)) for key in keys}

    def _gaps(self, policy: Policy) -> Mapping[str, Gaps]:
        answered = coverage(self._engine)
        since, until = self.span.taught_since, self.span.until
        return blind_spans(self._engine, policy.topics, answered, policy.limits, since, until)

    def _earned(self) -> dict[str, Gaps]:
        """Finds the waves that nobody called false, which no budget pays for."""
        return {
            topic: [(case.since, case.last_spike_at) for case in cases if not case.false_alarm]
            for topic, cases in self._cases.items()
        }

    def _posts(self, reader: Reader, keys: Sequence[str]) -> dict[str, int]:
        told = reader.tally(Query(topics=tuple(keys)), Axis.COUNTED, self.span.since, self.span.until, DAY)
        return {key: sum(bucket.total for bucket in buckets) for key, buckets in told.items()}


def _precedents(engine: Engine, span: TrialSpan) -> dict[str, list[Precedent]]:
    """Reads the cases that were open in the span, by topic; those opened before it are told apart by their time."""
    found: dict[str, list[Precedent]] = {}
    with reading(engine) as session:
        rows = select(CaseRow, EventRow.detail).join(EventRow, EventRow.case_id == CaseRow.id)
        opened = rows.where(EventRow.number == 1, CaseRow.opened_at < span.until + STEP).order_by(CaseRow.opened_at)
        for row, detail in session.execute(opened):
            if row.ended_at is not None and row.ended_at <= span.since:
                continue
            case = Precedent(
                row.id, row.topic, row.since, row.opened_at, row.last_spike_at, row.ended_at,
                by_counts=_by_counts(json.loads(detail)), false_alarm=WORKFLOW.is_false_alarm(row.stage),
            )  # fmt: skip
            found.setdefault(row.topic, []).append(case)
    return found


def _by_counts(detail: Mapping[str, Any]) -> bool:
    if detail.get(BY_HAND):
        return False
    return not detail.get("triggers") or not CROSSINGS.isdisjoint(detail.get("reasons", ()))
