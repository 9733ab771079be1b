"""How every topic stands at a moment, and what its budget of alarms comes to."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Engine, inspect, select

from alerts.casefile.context import CaseContext
from alerts.casefile.tables import CaseRow
from alerts.detection.findings import burning, judge_wave
from alerts.detection.kept import TopicMemoryRow
from alerts.detection.ledger import DAY, HOUR, recent
from alerts.detection.lookout import PAST
from alerts.detection.series.residuals import SLOW
from alerts.detection.signals import State, Thresholds, effective, judge
from alerts.detection.watchman import Watchman, present_view
from stream.index.port import Axis, Query, Reader
from stream.state.database import reading

SUPPORTED = 28 * DAY  # of past that outweigh the prior: what it counts for in alerts/detection/series/budget.py
SELDOM = 0.25  # alarms a week: rarer ones are told by the tail of the prior until there is such a past
FAR = 3.0  # times the highest hour ever: there the bar of a budget below the default is doubted; set by us


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One topic at a moment. `negative` are those of the last hour, `usual` and `bar` are an hour's, copies discounted.

    `known` is how long it has been observed, `silent` which of its `sources` do not answer, `behind` how long the
    oldest post waits to be indexed (None: nobody can tell), `case` the number of its open case, None without one.
    """

    topic: str
    name: str
    state: State
    negative: int
    usual: float
    bar: float
    alerts_per_week: float
    known: timedelta
    sources: int
    silent: tuple[str, ...]
    behind: timedelta | None
    case: int | None


def new_watchman(context: CaseContext) -> Watchman:
    """Builds what looks at every topic; one that is kept from look to look reads the newest hours alone."""
    return Watchman(context.engine, context.reader, context.topics, context.config.detector, dict)


def read_standings(
    context: CaseContext, complete_until: datetime | None, now: datetime, watchman: Watchman | None = None
) -> list[Standing]:
    """Looks at every topic as the watcher does, in the order of topics.yml; writes nothing.

    By `watchman` where the caller keeps one, else by a new one.
    """
    limits, watched = context.config.detector, context.topics.watched
    sighting = (watchman or new_watchman(context)).look(None, now, complete_until)
    lately, cases = recent(context.reader, now), _open_cases(context.engine)
    found = []
    for topic, outlook in sighting.outlooks.items():
        view, wave = present_view(sighting, topic, lately.get(topic), now), burning(outlook, now)
        burns = judge_wave(context.reader, topic, replace(view, wave=wave), limits, now, set()) if wave else None
        signal = burns or judge(topic, view, limits, now)
        found.append(
            Standing(
                topic=topic, name=watched[topic].name, state=signal.state, negative=view.window.negative,
                usual=outlook.usual, bar=outlook.bar,
                alerts_per_week=watched[topic].alerts_per_week or limits.alerts_per_week, known=outlook.known,
                sources=len(view.coverage), silent=signal.silent, behind=sighting.behind, case=cases.get(topic),
            )
        )  # fmt: skip
    return found


def remembered(engine: Engine) -> frozenset[str]:
    """Names the topics that taught something; none in a database of a version that remembered nothing."""
    if not inspect(engine).has_table(TopicMemoryRow.__tablename__):
        return frozenset()
    with reading(engine) as session:
        return frozenset(session.scalars(select(TopicMemoryRow.topic).where(TopicMemoryRow.settled_until.is_not(None))))


def highest_hours(reader: Reader, limits: Thresholds, now: datetime) -> dict[str, float]:
    """Finds the most negatives that each topic ever had within an hour of the last eight weeks, copies discounted."""
    told = reader.tally(Query(), Axis.CHARTED, now - PAST, now, HOUR)
    return {topic: max(effective(bucket, limits) for bucket in buckets) for topic, buckets in told.items()}


def doubts(one: Standing, highest: float, limits: Thresholds, now: datetime) -> list[str]:
    """Says what the past does not support: a budget it is too short for, a bar that always or never is passed."""
    found = []
    if one.known < SUPPORTED and one.alerts_per_week < SELDOM:
        until = now + (SUPPORTED - one.known)
        found.append(
            f"alerts_per_week {one.alerts_per_week:g} rests on the prior until {until:%F}: "
            f"{one.known / DAY:.0f} days of past cannot tell what happens so seldom"
        )
    if one.bar <= one.usual:
        found.append(
            f"{one.bar:.0f} negatives an hour would alarm on its first day, and {one.usual:.0f} are usual: "
            "raise detector.absolute_posts"
        )
    if limits.least_posts > max(Thresholds.least_posts, max(SLOW) / HOUR * highest) and one.known >= SUPPORTED:
        found.append(
            f"{limits.least_posts:g} negatives are asked for, and no hour of the last eight weeks had more than "
            f"{highest:.0f}, which are {max(SLOW) / HOUR * highest:.0f} in the longest window: "
            "lower detector.least_posts"
        )
    lowered = one.alerts_per_week < Thresholds.alerts_per_week
    if lowered and one.known >= SUPPORTED and one.bar > max(limits.least_posts, FAR * highest):
        found.append(
            f"{one.bar:.0f} negatives an hour would alarm, and no hour of the last eight weeks had more than "
            f"{highest:.0f}: raise alerts_per_week"
        )
    return found


def _open_cases(engine: Engine) -> dict[str, int]:
    with reading(engine) as session:
        rows = session.execute(select(CaseRow.topic, CaseRow.id).where(CaseRow.ended_at.is_(None)))
        return {row.topic: row.id for row in rows}
