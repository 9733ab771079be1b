from datetime import UTC, datetime, timedelta

import pytest

from stream.process.clock import ScriptedClock, SystemClock

START = datetime(2026, 9, 1, tzinfo=UTC)


def test_the_system_clock_is_aware_and_in_whole_milliseconds() -> None:
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert now.microsecond % 1000 == 0


def test_a_scripted_clock_moves_only_when_told() -> None:
    clock = ScriptedClock(START)
    assert clock.now() == clock.now() == START
    clock.sleep(90)
    assert (clock.now(), clock.monotonic()) == (START + timedelta(seconds=90), 90)
    clock.turn_to(START + timedelta(days=1))
    assert clock.now() == START + timedelta(days=1)


def test_a_scripted_clock_never_turns_back() -> None:
    clock = ScriptedClock(START)
    with pytest.raises(ValueError, match="turns back"):
        clock.turn_to(START - timedelta(seconds=1))


def test_a_clock_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        ScriptedClock(datetime(2026, 9, 1))
