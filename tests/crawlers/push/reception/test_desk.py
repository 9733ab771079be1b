"""The desk behind the reception: its line, its minute, and what it says of each source."""

from concurrent.futures import Future
from time import sleep

import pytest

from crawlers.health import Tally, all_sources
from crawlers.intake import Origin
from crawlers.push.reception.desk import MOST_WAITING, TOGETHER, Desk
from crawlers.push.reception.suggestion import Written, as_observation
from stream.errors import Retryable
from stream.process.failpoints import arm
from tests.crawlers.push.reception.room import Room

ONE = [as_observation(Written(text="漏水"), "A")]


@pytest.fixture
def idle(room: Room) -> Desk:
    """A desk that nobody has opened yet."""
    origin = Origin(source="box", site="box", voice_key=b"k" * 32, parser="suggestions", version=1, keep_voice=False)
    return Desk({"box": room.sources["box"]}, {"box": origin}, producer=room.log, engine=room.engine, clock=room.clock)


def letters(desk: Desk, number: int) -> list["Future[Exception | None]"]:
    return [desk.hand_in("box", [as_observation(Written(text=f"漏水 {n}"), str(n))]) for n in range(number)]


def test_what_waits_is_taken_together_and_answered_alike(room: Room, idle: Desk) -> None:
    waiting = letters(idle, TOGETHER + 5)
    idle.open()
    assert [one.result(10) for one in waiting] == [None] * (TOGETHER + 5)
    idle.close()
    assert room.log.batches == [TOGETHER, 5, 0]  # and how the source does
    assert len(room.posts()) == TOGETHER + 5
    row = all_sources(room.engine)["box"]
    assert (row.state, row.pages, row.read, row.new) == ("ok", TOGETHER + 5, TOGETHER + 5, TOGETHER + 5)


def test_a_line_that_is_too_long_is_told_at_once(idle: Desk) -> None:
    waiting = letters(idle, MOST_WAITING + 1)
    told = waiting[-1].result(0)
    assert isinstance(told, Retryable)
    assert told.reason == "too_many_at_once"
    assert not any(one.done() for one in waiting[:-1])


def test_who_has_gone_meanwhile_stops_nobody_else(room: Room, idle: Desk) -> None:
    gone, other = letters(idle, 2)
    gone.cancel()
    idle.open()
    assert other.result(10) is None
    idle.close()
    assert len(room.posts()) == 2


def test_a_mistake_of_ours_is_answered_and_the_next_letter_is_taken(room: Room, idle: Desk) -> None:
    arm("crawl.met=raise@1")
    idle.open()
    assert isinstance(idle.hand_in("box", ONE).result(10), RuntimeError)
    assert idle.hand_in("box", ONE).result(10) is None
    idle.close()
    assert len(room.posts()) == 1


def test_each_minute_is_written_down_without_an_end(room: Room, idle: Desk) -> None:
    idle.open()
    idle.refuse("box", "forged_signature")
    assert idle.hand_in("box", ONE).result(10) is None
    assert all_sources(room.engine) == {}
    room.clock.sleep(61)
    for _ in range(100):
        row = all_sources(room.engine).get("box")
        if row is not None and row.state != "running":
            break
        sleep(0.05)
    assert row is not None
    assert (row.state, row.reason, row.succeeded_at) == ("partial", "1 × forged_signature", room.clock.now())
    idle.close()
    assert all_sources(room.engine)["box"].pages == 1  # nothing came since: nothing is written over it


def test_what_is_counted_elsewhere_stands_in_the_sources_line_with_its_first_example(room: Room, idle: Desk) -> None:
    for example in ("wk1", "wk2"):
        tally = Tally(pages=1)
        tally.note_unknown("customer service", example)
        idle.note("box", tally)
    idle.open()
    idle.close()
    row = all_sources(room.engine)["box"]
    assert (row.state, row.reason) == ("partial", "2 not understood: customer service, as wk1")


def test_what_a_person_must_set_right_stands_in_every_line_until_it_is(room: Room, idle: Desk) -> None:
    def line() -> tuple[str, str]:
        room.clock.sleep(61)
        written = room.clock.now()
        for _ in range(200):
            row = all_sources(room.engine).get("box")
            if row is not None and row.state != "running" and row.ended_at is not None and row.ended_at >= written:
                return row.state, row.reason
            sleep(0.05)
        raise AssertionError("nothing was written down")

    idle.open()
    idle.hold("box", "renew it")
    assert line() == ("blocked", "renew it")
    assert idle.hand_in("box", ONE).result(10) is None
    assert line() == ("blocked", "renew it")
    idle.hold("box", "")
    assert line() == ("ok", "")
    idle.hold("box", "")  # what stands is told once
    idle.close()
    assert len(room.posts()) == 1
