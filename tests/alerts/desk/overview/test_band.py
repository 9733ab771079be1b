"""Every topic stands with its last hours, looked at again and again by one watchman."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from alerts.casefile.context import CaseContext
from alerts.desk.overview.band import HOURS, QUIET_HOURS, Band, BandLook, TopicBand, read_hours
from alerts.desk.standing import read_standings
from alerts.detection.signals import State
from stream.index.sqlite.posts import SqliteIndexWriter
from stream.messages import Label, ScoredPost
from tests.alerts.conftest import Write

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def test_negatives_are_counted_by_the_hour_the_newest_last(
    context: CaseContext, index: SqliteIndexWriter, write: Write, now: datetime
) -> None:
    index.put([
        write(1, at=now - MINUTE), write(2, at=now - 59 * MINUTE), write(3, at=now - 61 * MINUTE),
        write(4, at=now - 23 * HOUR), write(5, at=now - 25 * HOUR), write(6, at=now - MINUTE, label=Label.NEUTRAL),
        write(7, at=now - MINUTE, topics=("bill",)),
    ])  # fmt: skip
    found = read_hours(context.reader, now)
    assert len(found["outage"]) == HOURS == 24
    assert (found["outage"][-1], found["outage"][-2], found["outage"][1]) == (2, 1, 1)
    assert sum(found["outage"]) == 4
    assert found["bill"] == (*QUIET_HOURS[1:], 1)


def test_a_look_that_goes_on_sees_what_a_new_one_sees(
    context: CaseContext, quiet_weeks: None, rumour: Callable[..., list[ScoredPost]], now: datetime
) -> None:
    look = BandLook(context, lambda at: at)
    before = look(now - HOUR)
    assert before.topics[0].standing.state is State.CALM
    assert not before.rises("outage")
    rumour(30)
    band = look(now)
    (one,) = band.topics
    assert [one.standing] == read_standings(context, now, now)
    assert (one.standing.state, one.hours[-1]) == (State.SPIKE, 30)
    assert band.rises("outage")
    assert band.complete_until == now


def test_the_gravest_topics_come_first_and_calm_ones_not_at_all(
    context: CaseContext, quiet_weeks: None, now: datetime
) -> None:
    (one,) = read_standings(context, now, now)
    states = (State.CALM, State.WATCH, State.BLIND, State.SPIKE, State.CALM)
    topics = tuple(TopicBand(replace(one, topic=str(at), state=state), QUIET_HOURS) for at, state in enumerate(states))
    assert [each.standing.state for each in Band(topics, now).restless] == [State.SPIKE, State.BLIND, State.WATCH]


def test_a_topic_that_is_watched_no_more_is_quiet() -> None:
    assert Band((), None).hours_of("gone") == QUIET_HOURS
    assert not Band((), None).rises("gone")
