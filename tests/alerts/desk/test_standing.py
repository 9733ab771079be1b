"""How every topic stands: seen as the watcher sees it, and nothing is written by who only asks."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from alerts.casefile.context import CaseContext
from alerts.desk.standing import Standing, doubts, highest_hours, read_standings, remembered
from alerts.detection.signals import State, Thresholds
from alerts.watch import Watcher
from stream.index.sqlite.posts import SqliteIndexWriter
from stream.messages import Label, ScoredPost
from stream.state.database import reading
from stream.topics import TopicsConfig

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LIMITS = Thresholds()
NOW = datetime(2026, 9, 21, 6, 2, tzinfo=UTC)


def rows(engine: Engine) -> dict[str, list[Any]]:
    """All that lies in the tables a watcher writes."""
    tables = ("topic_memory", "watch_memory", "alert_case", "alert_event", "lease")
    with reading(engine) as session:
        return {name: [tuple(row) for row in session.execute(text(f"SELECT * FROM {name}"))] for name in tables}


def test_a_topic_stands_as_the_watcher_sees_it_with_its_open_case(
    context: CaseContext, watcher: Watcher, opened: int, now: datetime
) -> None:
    (one,) = read_standings(context, now, now)
    (seen,) = watcher.look(now)
    assert one.state is seen.signal.state is State.SPIKE
    assert (one.topic, one.name, one.negative, one.case) == ("outage", "停电抢修", 30, opened)
    assert (one.bar, one.alerts_per_week) == (seen.signal.bar, 1.0)
    assert (one.sources, one.silent, one.behind) == (1, (), timedelta(0))
    assert 4 * DAY < one.known < 6 * DAY
    assert one.usual < 3 < 5 <= one.bar


def test_an_ordinary_moment_is_calm(context: CaseContext, quiet_weeks: None, now: datetime) -> None:
    (one,) = read_standings(context, now - HOUR, now)
    assert (one.state, one.negative, one.case) == (State.BLIND, 0, None)
    assert one.behind == HOUR
    (one,) = read_standings(context, now, now)
    assert (one.state, one.behind) == (State.CALM, timedelta(0))
    (one,) = read_standings(context, None, now)
    assert (one.state, one.behind) == (State.CALM, None)


def test_a_topic_may_have_a_budget_of_its_own(context: CaseContext, quiet_weeks: None, now: datetime) -> None:
    (usual,) = read_standings(context, now, now)
    outage = replace(context.topics.topics["outage"], alerts_per_week=0.1)
    (seldom,) = read_standings(replace(context, topics=TopicsConfig(topics={"outage": outage})), now, now)
    assert (usual.alerts_per_week, seldom.alerts_per_week) == (1.0, 0.1)
    assert seldom.bar > usual.bar


@pytest.mark.parametrize("watched", [False, True])
def test_who_asks_writes_nothing(
    context: CaseContext, watcher: Watcher, quiet_weeks: None, now: datetime, watched: bool
) -> None:
    """Neither before the first look of a watcher nor after it."""
    if watched:
        watcher.look(now)
    before = rows(context.engine)
    assert bool(before["topic_memory"]) == watched
    read_standings(context, now, now + 10 * DAY)
    assert rows(context.engine) == before


def test_only_what_taught_something_is_remembered(
    context: CaseContext, watcher: Watcher, quiet_weeks: None, now: datetime
) -> None:
    assert remembered(context.engine) == frozenset()
    watcher.look(now)
    assert remembered(context.engine) == {"outage"}
    with context.engine.begin() as connection:
        connection.execute(text("DROP TABLE topic_memory"))
    assert remembered(context.engine) == frozenset()


def test_the_highest_hour_is_of_the_last_eight_weeks_with_copies_discounted(
    context: CaseContext, index: SqliteIndexWriter, write: Callable[..., ScoredPost], now: datetime
) -> None:
    old = [write(n, at=now - 60 * DAY) for n in range(90)]
    calm = [write(n, at=now - 3 * DAY, label=Label.NEUTRAL) for n in range(100, 190)]
    copies = [write(n, at=now - 9 * DAY, fingerprint="a" * 16) for n in range(200, 221)]
    index.put([*old, *calm, *copies])
    assert highest_hours(context.reader, LIMITS, now) == {"outage": 6.0}


def standing(**changes: Any) -> Standing:
    plain: dict[str, Any] = {
        "topic": "outage", "name": "停电抢修", "state": State.CALM, "negative": 1, "usual": 2.0, "bar": 23.0,
        "alerts_per_week": 1.0, "known": 60 * DAY, "sources": 3, "silent": (), "behind": timedelta(0), "case": None,
    }  # fmt: skip
    return Standing(**(plain | changes))


def test_an_ordinary_budget_is_not_doubted() -> None:
    assert doubts(standing(), 9.0, LIMITS, NOW) == []
    assert doubts(standing(bar=230.0), 9.0, LIMITS, NOW) == []  # the default budget of a quiet topic


@pytest.mark.parametrize(("days", "budget", "doubted"), [(27, 0.2, True), (28, 0.2, False), (27, 0.25, False)])
def test_a_rare_alarm_needs_four_weeks_of_past(days: int, budget: float, doubted: bool) -> None:
    found = doubts(standing(known=days * DAY, alerts_per_week=budget), 9.0, LIMITS, NOW)
    words = (
        "alerts_per_week 0.2 rests on the prior until 2026-09-22: 27 days of past cannot tell what happens so seldom"
    )
    assert found == ([words] if doubted else [])


@pytest.mark.parametrize(("least", "known", "doubted"), [(649, 28, True), (648, 28, False), (649, 27, False)])
def test_more_negatives_than_any_window_of_the_past_could_hold_are_doubted(
    least: float, known: int, doubted: bool
) -> None:
    found = doubts(standing(known=known * DAY), 9.0, Thresholds(least_posts=least), NOW)
    words = (
        "649 negatives are asked for, and no hour of the last eight weeks had more than 9, which are 648 in the "
        "longest window: lower detector.least_posts"
    )
    assert found == ([words] if doubted else [])


def test_a_bar_below_the_usual_always_alarms() -> None:
    (words,) = doubts(standing(usual=300.0, bar=100.0, known=HOUR), 0.0, LIMITS, NOW)
    told = "100 negatives an hour would alarm on its first day, and 300 are usual: raise detector.absolute_posts"
    assert words == told


@pytest.mark.parametrize(
    ("changes", "highest", "doubted"),
    [({}, 7.0, True), ({}, 8.0, False), ({"alerts_per_week": 1.0}, 7.0, False), ({"bar": 5.0}, 1.0, False)],
)
def test_a_bar_far_above_whatever_was_said_never_alarms(changes: dict[str, Any], highest: float, doubted: bool) -> None:
    found = doubts(standing(**({"alerts_per_week": 0.5} | changes)), highest, LIMITS, NOW)
    words = (
        "23 negatives an hour would alarm, and no hour of the last eight weeks had more than 7: raise alerts_per_week"
    )
    assert found == ([words] if doubted else [])
