"""Whether a crawl may go on is asked of what people said, of the hours, and of its turn; what was asked is noted."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from crawlers.pull.feed_source import FeedSource
from crawlers.pull.politeness.manners import Manners, asked_today
from crawlers.pull.politeness.permit import Permit
from crawlers.pull.politeness.stops import resume, stop
from crawlers.pull.politeness.turns import LASTS, Turn
from stream.process.clock import ScriptedClock

NOW = datetime(2026, 11, 28, 8, tzinfo=UTC)  # 16:00 in Beijing
HOST = "www.example.com"


def permit(engine: Engine, clock: ScriptedClock, **told: Any) -> Permit:
    source = FeedSource(site="news", basis="a test", url=f"https://{HOST}/feed/", **told)
    turn = Turn(engine, HOST, "this-machine 1")
    assert turn.take(clock.now())
    return Permit(engine, clock, "news", source, [turn], Manners())


@pytest.fixture
def clock() -> ScriptedClock:
    return ScriptedClock(NOW)


@pytest.mark.parametrize("what", ["news", HOST, "*"])
def test_a_crawl_may_go_on_until_somebody_stops_it(engine: Engine, clock: ScriptedClock, what: str) -> None:
    one = permit(engine, clock)
    assert one.refusal() == ""
    stop(engine, what, "the owner called", clock.now())
    assert one.refusal() == "stopped by hand: the owner called"
    resume(engine, what)
    assert one.refusal() == ""


def test_hours_in_which_a_site_is_left_alone_end_a_crawl(engine: Engine, clock: ScriptedClock) -> None:
    one = permit(engine, clock, avoid="16:30-18:00")
    assert one.refusal() == ""
    clock.sleep(30 * 60)
    assert one.refusal() == "left alone in these hours (16:30-18:00)"


def test_a_turn_is_kept_by_asking_and_a_lost_one_ends_the_crawl(engine: Engine, clock: ScriptedClock) -> None:
    one, other = permit(engine, clock), Turn(engine, HOST, "that-machine 1")
    for _ in range(4):
        clock.sleep(LASTS.total_seconds() / 2)
        assert one.refusal() == ""
        assert not other.take(clock.now())
    clock.sleep(2 * LASTS.total_seconds())  # as a machine that was asleep
    assert other.take(clock.now())
    assert one.refusal() == "another crawl has its host"


def test_what_was_asked_is_noted_once(engine: Engine, clock: ScriptedClock) -> None:
    one = permit(engine, clock)
    one.manners.asked = 5
    assert one.refusal() == ""
    one.manners.asked = 8
    one.note()
    one.note()
    assert asked_today(engine, HOST, clock.now() + timedelta(minutes=1)) == 8
