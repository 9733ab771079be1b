"""A lookout that remembers: it goes on from the state database after a restart, and notes what changed around it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from alerts.detection.coverage import Spans, coverage, gaps
from alerts.detection.kept import (
    Known,
    Surroundings,
    digests,
    drop_others,
    keep,
    keep_judged,
    keep_numbers,
    read_began,
    read_judged,
    read_known,
    read_numbers,
)
from alerts.detection.ledger import AHEAD, DAY, first_posts
from alerts.detection.lookout import PAST, Lookout, Outlook, Watched
from alerts.detection.series.waves import Told, Wave, belongs, forget, remember, untold
from alerts.detection.signals import HOUR, Coverage, Thresholds, View, coverage_of
from stream.index.port import Bucket, Query, Reader
from stream.state.database import reading, transaction
from stream.state.leases import Lease, check_lease
from stream.state.source_health import unanswered
from stream.topics import TopicsConfig

Seeds = Mapping[str, tuple[Told, ...]]

KEEP_EVERY = timedelta(hours=1)  # what topics taught is written down so often: a restart judges that much more anew


@dataclass(frozen=True, slots=True)
class Sighting:
    """One look at all topics: what is known of each, how each one's sources are, how far the stages lag."""

    outlooks: Mapping[str, Outlook]
    coverage: Mapping[str, tuple[Coverage, ...]]
    behind: timedelta | None


class Watchman:
    """Looks at the topics of `topics`; what it keeps is written under a lease, or in a transaction of the caller's.

    `told` says, where nothing is remembered yet, which waves people were told of by a version of before.
    """

    def __init__(
        self, engine: Engine, reader: Reader, topics: TopicsConfig, limits: Thresholds, told: Callable[[], Seeds]
    ) -> None:
        self._engine, self._reader, self._topics, self._limits = engine, reader, topics, limits
        self._told_before = told
        self._tells_since = datetime.min.replace(tzinfo=UTC)
        self._known: dict[str, Known] = {}
        self._around = Surroundings(frozenset(), frozenset())
        self._lookout: Lookout | None = None
        self._kept_until: datetime | None = None

    def look(
        self, lease: Lease | None, now: datetime, complete_until: datetime | None,
        earned: Mapping[str, Spans] | None = None, *, hold: datetime | None = None,
    ) -> Sighting:  # fmt: skip
        """Looks at every topic as things are at `now`; the first time it goes on from what was kept.

        Without a lease nothing is written. `earned` are waves that people did not call false, by topic. `hold` is since
        when not every topic could be judged.
        """
        answered = coverage(self._engine)
        if self._lookout is None:
            self._begin(lease, answered, now)
        assert self._lookout is not None
        self._notice_new(self._lookout, lease, answered, now)
        shown = {key: coverage_of(topic.sources, answered) for key, topic in self._topics.watched.items()}
        outlooks = self._lookout.look(now, complete_until, self._gaps(answered, now), earned, hold=hold)
        return Sighting(outlooks, shown, None if complete_until is None else now - complete_until)

    def untold(self, topic: str, waves: Sequence[Wave]) -> list[Wave]:
        """Finds the waves of which nobody was told yet, or not of their last crossing, in order of time."""
        return [wave for wave in untold(waves, self._known[topic].told) if wave.last.at > self._tells_since]

    def is_new(self, topic: str, wave: Wave) -> bool:
        """Tells whether nothing of the wave was told, nor of one that it goes on from."""
        return not any(belongs(wave, one) for one in self._known[topic].told)

    def tell(self, session: Session, topic: str, wave: Wave) -> None:
        """Notes in the case's own transaction that the wave was told."""
        known = self._known[topic]
        told = remember(known.told, wave)
        if self._kept_until is not None:  # a watcher that starts again judges anew from there
            told = forget(told, self._kept_until)
        self._known[topic] = replace(known, told=told)
        keep(session, topic, self._known[topic])

    def finish(self, lease: Lease, now: datetime) -> None:
        """Keeps the step that was judged, and once an hour what has settled."""
        assert self._lookout is not None
        settled = self._lookout.settled_until
        due = settled is not None and (self._kept_until is None or abs(settled - self._kept_until) >= KEEP_EVERY)
        with transaction(self._engine) as session:
            check_lease(session, lease)
            keep_judged(session, now, self._around)
            if due and settled is not None:
                for topic, numbers in self._lookout.numbers().items():
                    keep_numbers(session, topic, numbers, settled)
        if due:
            self._kept_until = settled

    def _gaps(self, answered: Sequence[Coverage], now: datetime) -> dict[str, Spans]:
        return blind_spans(self._engine, self._topics, answered, self._limits, now - PAST, now)

    def _begin(self, lease: Lease | None, answered: Sequence[Coverage], now: datetime) -> None:
        with reading(self._engine) as session:
            known, judged = read_known(session), read_judged(session)
            began = read_began(session) or now
        kept_as = {topic: before.digest for topic, before in known.items()}
        digest = digests(self._topics)
        first, told = ({}, {}) if judged else (first_posts(self._reader, now - PAST, now), self._told_before())
        if not judged:
            self._tells_since = now - DAY
        for topic in self._topics.watched:
            before = known.get(topic)
            if before is None:
                known[topic] = Known(digest[topic], first.get(topic, now), None, told.get(topic, ()))
            elif before.digest != digest[topic]:
                known[topic] = replace(before, digest=digest[topic], began_at=now, renewed_at=None)
        self._known = {topic: known[topic] for topic in self._topics.watched}
        if judged:
            self._around = judged[1]
        if lease is not None:
            with transaction(self._engine) as session:
                check_lease(session, lease)
                drop_others(session, self._known)
                for topic, one in self._known.items():
                    keep(session, topic, one)
        lookout = Lookout(
            self._reader, {key: self._watched(key) for key in self._topics.watched}, self._limits, began - DAY
        )
        with reading(self._engine) as session:
            taught = read_numbers(session, lookout.rows)
        same = {topic: numbers for topic, numbers in taught.items() if kept_as.get(topic) == digest.get(topic)}
        lookout.restore(same, now, self._gaps(answered, now))
        self._lookout = lookout

    def _watched(self, topic: str) -> Watched:
        own, known = self._topics.watched[topic].alerts_per_week, self._known[topic]
        return Watched(own or self._limits.alerts_per_week, known.began_at, known.renewed_at)

    def _notice_new(self, lookout: Lookout, lease: Lease | None, answered: Sequence[Coverage], now: datetime) -> None:
        """Renews topics whose level may change with a source or a model that was not there before."""
        newest = self._reader.search(Query(), 1).posts
        around = Surroundings(frozenset(one.source for one in answered), frozenset(post.model for post in newest))
        before = self._around
        added, exchanged = around.sources - before.sources, bool(before.models) and bool(around.models - before.models)
        touched = [
            key for key, topic in self._topics.watched.items()
            if exchanged or (before.sources and added and (not topic.sources or added & set(topic.sources)))
        ]  # fmt: skip
        renewed = {topic: replace(self._known[topic], renewed_at=now) for topic in touched}
        if lease is not None and renewed:
            with transaction(self._engine) as session:
                check_lease(session, lease)
                for topic, known in renewed.items():
                    keep(session, topic, known)
        self._around = Surroundings(before.sources | around.sources, before.models | around.models)
        self._known |= renewed
        if renewed:
            lookout.renew(touched, now)


def blind_spans(
    engine: Engine, topics: TopicsConfig, answered: Sequence[Coverage], limits: Thresholds, since: datetime,
    now: datetime,
) -> dict[str, Spans]:  # fmt: skip
    """Finds when too many sources of each topic did not answer in [since, now); those of the same ones share a list."""
    missed, share = unanswered(engine, since, now), limits.blind_share
    named = {topic.sources for topic in topics.watched.values()}
    found = {sources: gaps(_steady(coverage_of(sources, answered)), missed, share) for sources in named}
    return {key: found[topic.sources] for key, topic in topics.watched.items()}


def present_view(sighting: Sighting, topic: str, lately: Bucket | None, now: datetime) -> View:
    """Builds the view of a topic as it is now, from the counts of its last hour: None where nothing was said."""
    outlook, end = sighting.outlooks[topic], now + AHEAD
    return View(
        since=end - HOUR, until=end, window=lately or Bucket(end - HOUR), usual=outlook.usual, bar=outlook.bar,
        usual_share=outlook.usual_share, surge=outlook.surge, known=outlook.known,
        coverage=sighting.coverage[topic], behind=sighting.behind,
    )  # fmt: skip


def _steady(sources: Sequence[Coverage]) -> list[str]:
    return [one.source for one in sources if one.fresh_until is not None or one.last_success is None]
