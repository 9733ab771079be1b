"""When a source is due: its cron line within hours and kinds of day, shifted by a little. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from hashlib import sha256
from re import fullmatch
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator
from pydantic.dataclasses import dataclass as checked

from stream.calendar import CALENDAR
from stream.process.clock import SHANGHAI
from stream.process.configuration import STRICT
from stream.process.schedule import next_tick

MOST_MISSED = 500  # ticks counted back: more than that is "long"
LONGEST_BREAK = 400  # days looked ahead for a day that fits
_SET_BACK = timedelta(minutes=1)  # the clocks of two machines differ by less
_INSTANT = timedelta(microseconds=1)

Days = Literal["workdays", "holidays"]


@checked(frozen=True, config=STRICT)
class DayHours:
    """Hours of each day in Beijing, from `begins` to before `ends`; over midnight where they end before they begin."""

    begins: time
    ends: time

    def hold(self, moment: datetime) -> bool:
        """Tells whether the moment lies in them."""
        local = moment.astimezone(SHANGHAI).time()
        if self.begins < self.ends:
            return self.begins <= local < self.ends
        return local >= self.begins or local < self.ends

    def following(self, moment: datetime) -> datetime:
        """Finds when they begin next after a moment outside."""
        local = moment.astimezone(SHANGHAI)
        begin = datetime.combine(local.date(), self.begins, SHANGHAI)
        return (begin if begin > local else begin + timedelta(days=1)).astimezone(UTC)

    def __str__(self) -> str:
        return f"{self.begins:%H:%M}-{self.ends:%H:%M}"


def _read_hours(raw: Any) -> Any:
    if not isinstance(raw, str):
        return raw
    clock = r"(?:[01]?\d|2[0-3]):[0-5]\d|24:00"
    found = fullmatch(rf"({clock})\s*-\s*({clock})", raw.strip())
    if found is None or found[1] == found[2]:
        raise ValueError(f"{raw!r} are no hours: write from and to, as in 07:00-23:00 or 22:00-06:00")
    begins, ends = (time(int(one.split(":")[0]) % 24, int(one.split(":")[1])) for one in found.groups())
    return DayHours(begins, ends)


Hours = Annotated[DayHours, BeforeValidator(_read_hours)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """When a source is crawled by itself. `jitter` is the longest time by which a tick is put off."""

    cron: str
    hours: DayHours | None = None
    days: Days | None = None
    jitter: timedelta = timedelta(0)

    def following(self, moment: datetime) -> datetime | None:
        """Finds the first tick after a moment, UTC; None where none comes within `LONGEST_BREAK` days."""
        end, tick = moment + timedelta(days=LONGEST_BREAK), next_tick(self.cron, moment)
        while tick is not None and tick < end:
            if (opens := self._opens(tick)) is None:
                return tick
            tick = next_tick(self.cron, opens - _INSTANT)
        return None

    def due_at(self, name: str, tick: datetime) -> datetime:
        """Puts a tick off by a part of `jitter` that is always the same for this source and tick, on every machine."""
        chance = int.from_bytes(sha256(f"{name} {tick.astimezone(UTC).isoformat()}".encode()).digest()[:4]) / 2**32
        return tick + timedelta(seconds=int(self.jitter.total_seconds() * chance))

    def _opens(self, tick: datetime) -> datetime | None:
        """Finds from when to look on where a tick does not fit; None where it does."""
        local = tick.astimezone(SHANGHAI)
        if self.days is not None and CALENDAR.is_working_day(local.date()) != (self.days == "workdays"):
            return datetime.combine(local.date() + timedelta(days=1), time(0), SHANGHAI).astimezone(UTC)
        if self.hours is not None and not self.hours.hold(tick):
            return self.hours.following(tick)
        return None


def never_comes(timing: Timing) -> str:
    """Says of a timing without any tick what keeps them away, and a line that has some."""
    hours, days = timing.hours, timing.days
    within = " and ".join(f"{name} {one}" for name, one in (("hours", hours), ("days", days)) if one is not None)
    instead = "0 9 * * *" if hours is None else f"{hours.begins.minute} {hours.begins.hour} * * *"
    return (
        f"cron {timing.cron!r} does not come within {within or f'the next {LONGEST_BREAK} days'}: write one that does,"
        f" as in '{instead}'"
    )


@dataclass(frozen=True, slots=True)
class Due:
    """A source that is to be crawled now: for which tick, and how many ticks before it nobody crawled for."""

    tick: datetime
    missed: int


def due(name: str, timing: Timing, last: datetime | None, now: datetime) -> Due | None:
    """Tells what is due after `last`, the newest tick that was taken, or the last start; a source never read is.

    Several ticks are one crawl, the newest one's.
    """
    if last is None:
        return Due(now, 0)
    tick, newest, count = timing.following(last), None, 0
    while tick is not None and count <= MOST_MISSED and timing.due_at(name, tick) <= now:
        newest, count = tick, count + 1
        tick = timing.following(tick)
    return None if newest is None else Due(newest, count - 1)


def next_due(name: str, timing: Timing, last: datetime | None, now: datetime) -> datetime | None:
    """Finds when a source is due next: now or before where it is overdue, None where it never is again."""
    if last is None:
        return now
    tick = timing.following(last)
    return None if tick is None else timing.due_at(name, tick)


def ahead(last: datetime | None, now: datetime) -> bool:
    """Tells whether a time that was written down lies so far ahead that the clock must have been set back since."""
    return last is not None and last > now + _SET_BACK
