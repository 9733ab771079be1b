"""A host has one crawl at a time, wherever crawls run; one that was killed is not waited for longer than it must be."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest
from sqlalchemy import Engine
from structlog.testing import capture_logs

from crawlers.pull.politeness.turns import LASTS, RENEWED, Turn, turn, turns
from stream.process.clock import ScriptedClock, SystemClock
from stream.process.holders import holder, this_machine

NOW = datetime(2026, 11, 28, 8, tzinfo=UTC)
HOST = "bbs.example.com"
HERE, THERE = "this-machine 10", "that-machine 10"


def test_two_machines_do_not_have_one_host_at_a_time(engine: Engine) -> None:
    here, there = Turn(engine, HOST, HERE), Turn(engine, HOST, THERE)
    assert here.take(NOW)
    assert not there.take(NOW)
    assert Turn(engine, "www.example.com", THERE).take(NOW)
    here.give(NOW)
    assert there.take(NOW)


def test_a_turn_that_is_kept_lasts_and_one_whose_machine_is_gone_ends_within_two_minutes(engine: Engine) -> None:
    here, there = Turn(engine, HOST, HERE), Turn(engine, HOST, THERE)
    here.take(NOW)
    assert here.keep(NOW + RENEWED)
    assert not there.take(NOW + LASTS)
    assert there.take(NOW + RENEWED + LASTS)
    assert timedelta(minutes=2) >= RENEWED + LASTS


def test_a_crawl_whose_turn_went_to_another_one_is_told_so_and_gives_nothing_back(engine: Engine) -> None:
    here, there = Turn(engine, HOST, HERE), Turn(engine, HOST, THERE)
    here.take(NOW)
    there.take(NOW + 2 * LASTS)
    assert not here.keep(NOW + 2 * LASTS)
    here.give(NOW + 2 * LASTS)
    assert not Turn(engine, HOST, "a third 1").take(NOW + 2 * LASTS)
    assert not here.take(NOW + 9 * LASTS)  # what happened meanwhile cannot be made undone by having it again


def test_who_waits_says_so_once_and_may_give_up(engine: Engine) -> None:
    Turn(engine, HOST, THERE).take(NOW)
    clock, asked = ScriptedClock(NOW), []

    def give_up() -> bool:
        asked.append(clock.now())
        return len(asked) == 3

    with capture_logs() as told, turn(engine, HOST, clock=clock, holder=HERE, give_up=give_up) as one:
        assert one is None
    assert [line["event"] for line in told] == ["crawl waits for another one of its host"]
    assert [int((at - NOW).total_seconds()) for at in asked] == [0, 1, 2]


def test_a_second_crawl_waits_until_the_first_gives_its_turn_back(engine: Engine) -> None:
    began, waiting = Event(), Event()

    def crawl() -> None:
        with turn(engine, HOST, clock=SystemClock(), holder=HERE, give_up=waiting.set):  # type: ignore[arg-type]
            began.set()

    other = Thread(target=crawl, daemon=True)
    with turn(engine, HOST, clock=SystemClock(), holder=THERE):
        other.start()
        assert waiting.wait(30)
        assert not began.is_set()
    assert began.wait(30)
    other.join(30)


def test_the_turn_of_a_killed_crawl_of_this_machine_is_free_at_once(engine: Engine) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    Turn(engine, HOST, f"{this_machine()} {gone.pid}").take(NOW)
    assert Turn(engine, HOST, holder()).take(NOW)


@pytest.mark.parametrize("set_back", [timedelta(hours=1), timedelta(days=2)])
def test_a_clock_that_is_set_back_renews_the_turn(engine: Engine, set_back: timedelta) -> None:
    one = Turn(engine, HOST, HERE)
    one.take(NOW)
    assert one.keep(NOW - set_back)
    assert Turn(engine, HOST, THERE).take(NOW - set_back + LASTS)


def test_a_crawl_of_two_hosts_has_both_or_none(engine: Engine) -> None:
    clock = ScriptedClock(NOW)
    Turn(engine, "rss.example.com", THERE).take(NOW)
    with turns(engine, {"rss.example.com", HOST}, clock=clock, holder=HERE, give_up=lambda: True) as had:
        assert had is None
    assert Turn(engine, HOST, THERE).take(NOW)
    with turns(engine, {"www.example.com", "a.example.com"}, clock=clock, holder=HERE) as had:
        assert had is not None
        assert [one.host for one in had] == ["a.example.com", "www.example.com"]
    assert Turn(engine, "a.example.com", THERE).take(NOW)
