"""A past judged by a policy: what rules, budgets and grades would have told of the index's last weeks.

The lookout that judges live judges here, some days a look, and each wave by the counts and floors that it is judged by
live, step after step, until it is told. Every post counts as if it had come at the time it counts by: what arrived late
alarms here earlier than it did.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.detection.findings import judge_wave, measures, sample
from alerts.detection.grades import Criterion, Grade, grade
from alerts.detection.lookout import FALL_WAIT, Gaps, Lookout
from alerts.detection.series.detector import PROBATION, STEP
from alerts.detection.series.waves import Crossing, Wave, waves
from alerts.detection.signals import HOUR, Signal, State, Thresholds, View
from stream.index.port import Bucket, Reader
from stream.topics import TopicsConfig

STRIDE = timedelta(days=4)  # between two looks; the lookout looks back a week, of which two days were judged before


@dataclass(frozen=True, slots=True)
class Policy:
    """What is tried: rules and budgets, the detector's numbers, the table of grades.

    `folder` is where it stands; `budget_from` is what gave all topics one budget, where that is none of its files.
    """

    topics: TopicsConfig
    limits: Thresholds
    grades: tuple[Criterion, ...]
    folder: str = "configs"
    budget_from: str | None = None

    def budget(self, topic: str) -> float:
        """Tells how many alarms a week the topic may cost."""
        return self.topics.watched[topic].alerts_per_week or self.limits.alerts_per_week

    def with_budget(self, alerts_per_week: float, given_by: str) -> "Policy":
        """Gives every topic this budget, whatever its own is; `given_by` says in warnings where it comes from."""
        limits = replace(self.limits, alerts_per_week=alerts_per_week)
        topics = {key: replace(one, alerts_per_week=None) for key, one in self.topics.topics.items()}
        elsewhere = self.topics.elsewhere and replace(self.topics.elsewhere, alerts_per_week=None)
        changed = replace(self.topics, topics=topics, elsewhere=elsewhere)
        return replace(self, limits=limits, topics=changed, budget_from=given_by)


@dataclass(frozen=True, slots=True)
class Alarm:
    """A wave that would have been told: the five minutes from `at` are those in which it is noticed."""

    at: datetime
    wave: Wave
    signal: Signal
    grade: Grade


def looks(since: datetime, until: datetime) -> list[datetime]:
    """Lists the moments to look at, the last of which is `until`."""
    number = -((since - until) // STRIDE)
    return [*(since + one * STRIDE for one in range(1, number)), until]


def crossings(
    lookout: Lookout,
    since: datetime,
    moments: Iterable[datetime],
    gaps: Mapping[str, Gaps],
    earned: Mapping[str, Gaps],
) -> dict[str, list[Crossing]]:
    """Judges every step from `since` to the last of the moments; what lies before teaches, eight weeks of it.

    `gaps` and `earned` are those of the lookout.
    """
    lookout.restore({}, since, gaps)
    found: dict[str, dict[tuple[datetime, bool], Crossing]] = {}
    for now in moments:
        for topic, outlook in lookout.look(now, now, gaps, earned).items():
            met = found.setdefault(topic, {})
            for one in (one for wave in outlook.waves for one in wave.crossings if one.at <= now):
                met.setdefault((one.at, one.fell), one)
    return {topic: sorted(met.values(), key=lambda one: one.at) for topic, met in found.items()}


def alarms(reader: Reader, topic: str, met: Sequence[Crossing], policy: Policy) -> Iterator[Alarm]:
    """Finds the waves that pass the floors, each at the step at which it first does."""
    for wave in waves(met):
        signal = _told(reader, topic, wave, policy.limits)
        if signal is not None:
            graded = grade(measures(signal, sample(reader, signal)), policy.grades)
            yield Alarm(signal.at, wave, signal, graded.grade)


def _told(reader: Reader, topic: str, wave: Wave, limits: Thresholds) -> Signal | None:
    dull: set[Crossing] = set()
    for number, crossing in enumerate(wave.crossings, start=1):
        view = _view(crossing, Wave(wave.crossings[:number]))
        signal = judge_wave(reader, topic, view, limits, crossing.at - STEP, dull)
        if signal is not None and signal.state is State.SPIKE:
            return replace(signal, at=signal.at + FALL_WAIT) if crossing.fell else signal
    return None


def _view(crossing: Crossing, wave: Wave) -> View:
    """Builds what a wave is judged beside: nothing of it decides whether a crossing is told."""
    usual = crossing.due / max(1.0, crossing.span / HOUR)
    return View(
        since=crossing.since, until=crossing.at, window=Bucket(crossing.since), usual=usual, bar=0.0,
        usual_share=0.5, surge=0.0, known=PROBATION, coverage=(), behind=timedelta(0), wave=wave,
    )  # fmt: skip
