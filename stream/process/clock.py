"""The one source of time. Everything that decides takes `now` as a value; only loops hold a clock."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")  # letters, console and cron; never storage


def local_time(moment: datetime, form: str = "%Y-%m-%d %H:%M") -> str:
    """Writes a time as staff read it: in Asia/Shanghai, to the minute."""
    return moment.astimezone(SHANGHAI).strftime(form)


class Clock(Protocol):
    """What a loop needs of time."""

    def now(self) -> datetime:
        """Tells the wall clock, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Counts seconds that never run backwards, for durations."""
        ...

    def sleep(self, seconds: float) -> None:
        """Returns after `seconds` of this clock."""
        ...


class SystemClock:
    """The machine's clock in whole milliseconds, the finest the wire carries: a value equals itself when read back."""

    def now(self) -> datetime:
        moment = datetime.now(UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class ScriptedClock:
    """A clock that stands still until told: for the demo and the tests, where weeks pass in seconds."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock needs an aware start time")
        self._start = self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - self._start).total_seconds()

    def sleep(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)

    def turn_to(self, moment: datetime) -> None:
        """Moves forward to `moment`; a script that runs backwards is a mistake in the script."""
        if moment < self._now:
            raise ValueError(f"the script turns back from {self._now} to {moment}")
        self._now = moment.astimezone(UTC)
