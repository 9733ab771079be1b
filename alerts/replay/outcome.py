"""What a policy would have told, held against the cases that there were; and what speaks against the policy. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.detection.grades import Grade
from alerts.detection.series.budget import PRIOR_DAYS
from alerts.detection.series.detector import QUIET
from alerts.replay.policy import Alarm, Policy
from stream.process.clock import SHANGHAI
from stream.topics import place_of

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
SCARCE = 7 / PRIOR_DAYS  # alarms a week: less than one in the time that the threshold's prior is worth
ALWAYS_DAYS, ALWAYS_SHARE = 0.5, 0.9  # of the days with an alarm, of all posts matched; set by us
FEW_ALARMS, FEW_POSTS = 4, 100  # below them a share says nothing; set by us


@dataclass(frozen=True, slots=True)
class Precedent:
    """A case of the span. `by_counts`: it was the counts that opened it, neither a trigger alone nor a person."""

    id: int
    topic: str
    since: datetime
    opened_at: datetime
    last_spike_at: datetime
    ended_at: datetime | None
    by_counts: bool
    false_alarm: bool

    def is_open(self, at: datetime) -> bool:
        """Tells whether the case was open then."""
        return self.opened_at <= at and (self.ended_at is None or at < self.ended_at)

    def is_of(self, alarm: Alarm) -> bool:
        """Tells whether the case was opened by the wave that the alarm is of, or one that goes on from it."""
        return alarm.wave.first.at <= self.opened_at + QUIET and self.since <= alarm.wave.last.at + QUIET


@dataclass(frozen=True, slots=True)
class Placed:
    """An alarm beside the cases: the one it opens or tells of anew (`rekindles`), None where there was none."""

    alarm: Alarm
    case_id: int | None
    rekindles: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """A case with the alarm that would have opened it; None where it would have been missed."""

    case: Precedent
    alarm: Alarm | None

    @property
    def lead(self) -> timedelta | None:
        """Tells how much earlier than the case was opened people would have been told; negative where later."""
        return None if self.alarm is None else self.case.opened_at - self.alarm.at


@dataclass(frozen=True, slots=True)
class TopicOutcome:
    """What a policy makes of one topic in `days` days; `posts` are those that its rules match in them."""

    topic: str
    alerts_per_week: float
    days: float
    posts: int
    alarms: tuple[Placed, ...]
    cases: tuple[Answered, ...]

    @property
    def per_day(self) -> float:
        return len(self.alarms) / self.days

    @property
    def per_week(self) -> float:
        return self.per_day * (WEEK / DAY)

    @property
    def grades(self) -> dict[Grade, int]:
        counted = Counter(one.alarm.grade for one in self.alarms)
        return {grade: counted[grade] for grade in Grade}

    @property
    def caught(self) -> int:
        return sum(one.case.by_counts and one.alarm is not None for one in self.cases)

    @property
    def missed(self) -> int:
        return sum(one.case.by_counts and one.alarm is None for one in self.cases)

    @property
    def unprecedented(self) -> tuple[Alarm, ...]:
        """Lists the alarms that no case stands for."""
        return tuple(one.alarm for one in self.alarms if one.case_id is None)


def place(
    found: Sequence[Alarm], cases: Sequence[Precedent], since: datetime
) -> tuple[tuple[Placed, ...], tuple[Answered, ...]]:
    """Holds a topic's alarms and cases from `since` on against each other; what is older is there to belong to.

    Each case is answered by the alarm nearest to it of those of its wave. Silence that begins while a case is open adds
    nothing to it, and is left out.
    """
    answered = tuple(Answered(case, _nearest(case, found)) for case in cases if case.opened_at >= since)
    placed = []
    for alarm in (one for one in found if one.at >= since):
        opened = next((one.case.id for one in answered if one.alarm is alarm), None)
        running = next((case.id for case in cases if case.is_open(alarm.at)), None)
        if opened is None and running is not None and alarm.signal.fell:
            continue
        placed.append(Placed(alarm, opened or running or _of_one(alarm, cases), opened is None and running is not None))
    return tuple(placed), answered


def doubts(policy: Policy, outcome: TopicOutcome, all_posts: int, past: timedelta) -> Iterator[str]:
    """Yields what speaks against a topic's rules and budget; `past` is how much of it there is before the span."""
    here, days = f"{policy.folder}/topics.yml: {place_of(outcome.topic)}", f"{outcome.days:g} days"
    if not outcome.posts:
        yield f"{here}.rules: can never fire: of {all_posts} posts of the last {days} they match none"
        return
    told_days = {one.alarm.at.astimezone(SHANGHAI).date() for one in outcome.alarms}
    if len(told_days) >= max(FEW_ALARMS, ALWAYS_DAYS * outcome.days):
        yield (
            f"{here}: always fires: it would have alarmed on {len(told_days)} of the last {days}; "
            "narrow its rules or give it a smaller alerts_per_week"
        )
    if outcome.posts >= max(FEW_POSTS, ALWAYS_SHARE * all_posts):
        yield (
            f"{here}.rules: always fire: they match {outcome.posts} of the {all_posts} posts of the last "
            f"{days} and tell none apart; narrow them"
        )
    if outcome.alerts_per_week < SCARCE and past < PRIOR_DAYS * DAY:
        own = policy.topics.watched[outcome.topic].alerts_per_week is not None
        file = f"{here}.alerts_per_week" if own else f"{policy.folder}/alerts.yml: detector.alerts_per_week"
        where = file if policy.budget_from is None else policy.budget_from
        yield (
            f"{where}: {outcome.alerts_per_week:g} is less than one alarm in four weeks and {outcome.topic} has "
            f"{past / DAY:.1f} days of past before them: the threshold rests on what is usual elsewhere; "
            f"take {SCARCE:g} or more until it has four weeks"
        )


def _nearest(case: Precedent, found: Sequence[Alarm]) -> Alarm | None:
    fitting = [alarm for alarm in found if case.is_of(alarm)]
    return min(fitting, key=lambda alarm: abs(alarm.at - case.opened_at), default=None)


def _of_one(alarm: Alarm, cases: Sequence[Precedent]) -> int | None:
    return next((case.id for case in cases if case.is_of(alarm)), None)
