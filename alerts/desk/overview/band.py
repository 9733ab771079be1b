"""How every topic stands, with the negatives of each of the last hours."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.casefile.context import CaseContext
from alerts.desk.standing import Standing, new_watchman, read_standings
from alerts.detection.signals import State
from stream.index.port import Axis, Query, Reader

HOUR = timedelta(hours=1)
HOURS = 24  # of a spark line

Hours = tuple[int, ...]
QUIET_HOURS: Hours = (0,) * HOURS


@dataclass(frozen=True, slots=True)
class TopicBand:
    """A topic's standing, and its negative posts of each of the last `HOURS` hours, the newest last."""

    standing: Standing
    hours: Hours


@dataclass(frozen=True, slots=True)
class Band:
    """Every topic at a moment, in the order of topics.yml; `complete_until` as in stream/pipeline.py."""

    topics: tuple[TopicBand, ...]
    complete_until: datetime | None

    @property
    def restless(self) -> tuple[TopicBand, ...]:
        """Topics that are not calm, the gravest first."""
        order = (State.SPIKE, State.BLIND, State.WATCH)
        found = [one for one in self.topics if one.standing.state in order]
        return tuple(sorted(found, key=lambda one: order.index(one.standing.state)))

    def hours_of(self, topic: str) -> Hours:
        """Returns the negatives of a topic by hour; zeros for one that is watched no more."""
        return next((one.hours for one in self.topics if one.standing.topic == topic), QUIET_HOURS)

    def rises(self, topic: str) -> bool:
        """Tells whether the topic spikes."""
        return any(one.standing.topic == topic and one.standing.state is State.SPIKE for one in self.topics)


class BandLook:
    """Looks at all topics again and again, by one watchman: the first look reads fifty hours, later ones the newest."""

    def __init__(self, context: CaseContext, complete_until: Callable[[datetime], datetime | None]) -> None:
        self._context, self._complete_until = context, complete_until
        self._watchman = new_watchman(context)

    def __call__(self, now: datetime) -> Band:
        """Looks at every topic as it is at `now`; raises `Retryable` where the index or the state is away."""
        until = self._complete_until(now)
        standings = read_standings(self._context, until, now, self._watchman)
        hours = read_hours(self._context.reader, now)
        return Band(tuple(TopicBand(one, hours.get(one.topic, QUIET_HOURS)) for one in standings), until)


def read_hours(reader: Reader, now: datetime) -> dict[str, Hours]:
    """Counts the negatives of every topic in each of the last `HOURS` hours, in one question to the index."""
    start = now - HOURS * HOUR
    found = {}
    for topic, buckets in reader.tally(Query(), Axis.COUNTED, start, now, HOUR).items():
        counted = {(bucket.start - start) // HOUR: bucket.negative for bucket in buckets}
        found[topic] = tuple(counted.get(at, 0) for at in range(HOURS))
    return found
