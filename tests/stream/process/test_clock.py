from datetime import UTC, datetime, timedelta, timezone

import pytest

from stream.process.clock import ScriptedClock, SystemClock, local_time

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


def test_the_system_clock_waits_and_never_runs_backwards() -> None:
    clock = SystemClock()
    before = clock.monotonic()
    clock.sleep(0.01)
    assert clock.monotonic() - before >= 0.01


@pytest.mark.parametrize(
    ("moment", "form", "told"),
    [
        (datetime(2026, 9, 21, 4, 5, 59, tzinfo=UTC), None, "2026-09-21 12:05"),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), None, "2027-01-01 00:00"),
        (datetime(2026, 9, 21, 4, 5, tzinfo=timezone(timedelta(hours=-5))), None, "2026-09-21 17:05"),
        (datetime(1988, 7, 1, 0, 0, tzinfo=UTC), None, "1988-07-01 09:00"),  # China kept summer time until 1991
        (datetime(2026, 9, 30, 16, 0, tzinfo=UTC), "%Y-%m", "2026-10"),
    ],
)
def test_a_time_is_written_as_staff_in_shanghai_read_it(moment: datetime, form: str | None, told: str) -> None:
    assert (local_time(moment) if form is None else local_time(moment, form)) == told


def test_a_scripted_clock_turned_to_another_zone_stays_in_utc() -> None:
    clock = ScriptedClock(START)
    clock.turn_to(START.astimezone(timezone(timedelta(hours=8))))
    assert clock.now() == START
    assert clock.now().tzinfo is UTC
