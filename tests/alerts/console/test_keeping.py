"""What is dear to look at is looked at now and then, in a thread of its own, and nobody waits for it."""

from datetime import UTC, datetime, timedelta
from threading import Event

from alerts.console.keeping import Board, Keeping, Reading
from stream.errors import Retryable

NOW = datetime(2026, 9, 21, 6, tzinfo=UTC)
SECOND = timedelta(seconds=1)
EVERY = 15 * SECOND


def test_it_is_looked_at_anew_only_where_the_last_reading_is_old() -> None:
    looked: list[datetime] = []
    board = Board(lambda now: looked.append(now) or len(looked), EVERY, 60)
    assert board.read(NOW) == Reading(1, NOW)
    assert board.read(NOW + 14 * SECOND) == Reading(1, NOW)
    assert board.read(NOW + EVERY) == Reading(2, NOW + EVERY)
    assert looked == [NOW, NOW + EVERY]


def test_a_clock_that_was_set_back_is_looked_at_anew() -> None:
    board = Board(lambda now: now, EVERY, 60)
    board.read(NOW)
    assert board.read(NOW - timedelta(hours=1)).value == NOW - timedelta(hours=1)


def test_nobody_waits_for_a_look_that_takes_long_and_it_is_made_once() -> None:
    begun, go_on, times = Event(), Event(), []

    def look(now: datetime) -> str:
        times.append(now)
        begun.set()
        go_on.wait(60)
        return "seen"

    board = Board(look, EVERY, 0.0)
    assert board.read(NOW) == Reading()
    begun.wait(60)
    assert board.read(NOW + EVERY) == Reading()
    go_on.set()
    patient = Board(look, EVERY, 60)
    assert patient.read(NOW) == Reading("seen", NOW)
    assert times == [NOW, NOW]


def test_an_engine_that_is_away_leaves_what_was_seen_before_and_says_why() -> None:
    answers = iter(["seen", Retryable("index: no answer"), ZeroDivisionError("secret"), "again"])

    def look(now: datetime) -> str:
        told = next(answers)
        if isinstance(told, Exception):
            raise told
        return told

    board = Board(look, EVERY, 60)
    assert board.read(NOW) == Reading("seen", NOW)
    assert board.read(NOW + EVERY) == Reading("seen", NOW, "index: no answer")
    broken = board.read(NOW + 2 * EVERY)
    assert (broken.value, broken.at, "secret" in broken.why) == ("seen", NOW, False)
    assert board.read(NOW + 3 * EVERY) == Reading("again", NOW + 3 * EVERY)


def test_one_of_each_thing_is_kept_and_a_board_is_renewed_by_its_name() -> None:
    kept = Keeping(60)
    assert kept.one("list", list) is kept.one("list", list)
    assert kept.one("list", list) is not kept.one("other", list)
    numbers = iter((1, 2))
    assert kept.board("number", lambda now: next(numbers), EVERY).read(NOW).value == 1
    kept.renew("list")
    kept.renew("nothing")
    assert kept.board("number", lambda now: next(numbers), EVERY).read(NOW).value == 1
    kept.renew("number")
    assert kept.board("number", lambda now: next(numbers), EVERY).read(NOW).value == 2
