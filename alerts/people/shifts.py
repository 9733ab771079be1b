"""When somebody is on duty, and when away, as alerts.yml says it."""

from datetime import date
from enum import StrEnum
from re import fullmatch
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator
from pydantic.dataclasses import dataclass

from stream.process.configuration import STRICT

MINUTES = 24 * 60


class Days(StrEnum):
    """Which days a shift begins on: by the State Council's calendar, or by the weekday whatever the calendar says."""

    ALL = "all"
    WORKDAYS = "workdays"
    RESTDAYS = "restdays"  # weekends and holidays
    HOLIDAYS = "holidays"  # with the weekends they run into
    MONDAY = "mon"
    TUESDAY = "tue"
    WEDNESDAY = "wed"
    THURSDAY = "thu"
    FRIDAY = "fri"
    SATURDAY = "sat"
    SUNDAY = "sun"


WEEKDAYS = (Days.MONDAY, Days.TUESDAY, Days.WEDNESDAY, Days.THURSDAY, Days.FRIDAY, Days.SATURDAY, Days.SUNDAY)


def read_minute(value: Any) -> int:
    """Reads `08:30` as minutes from midnight, 0..1440. YAML reads an unquoted 17:30 as the number 1050, which it is."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MINUTES:
        return value
    match = fullmatch(r"(\d{1,2}):([0-5]\d)", value) if isinstance(value, str) else None
    minute = int(match[1]) * 60 + int(match[2]) if match else MINUTES + 1
    if minute > MINUTES:
        raise ValueError(f"{value!r} is no time of day: write 08:30, at most 24:00")
    return minute


def clock(minute: int) -> str:
    """Writes minutes from midnight as a time of day."""
    return f"{minute // 60:02}:{minute % 60:02}"


Minute = Annotated[int, BeforeValidator(read_minute)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Shift:
    """`people` are called from `from` until `to`, on the `days` on which it begins; over midnight where `to` is not
    later than `from`."""

    people: Annotated[tuple[str, ...], Field(min_length=1)]
    days: Days | tuple[Days, ...] = Days.ALL
    start: Annotated[Minute, Field(alias="from")] = 0
    until: Annotated[Minute, Field(alias="to")] = MINUTES

    @property
    def kinds(self) -> frozenset[Days]:
        """The days as a set."""
        return frozenset({self.days} if isinstance(self.days, Days) else self.days)

    @property
    def over_midnight(self) -> bool:
        """Tells whether it ends on the day after."""
        return self.until <= self.start


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Away:
    """Days on which somebody is not there, the last included, and who is called instead; None: nobody."""

    first: Annotated[date, Field(alias="from")]
    last: Annotated[date, Field(alias="to")]
    stand_in: str | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "Away":
        if self.last < self.first:
            raise ValueError(f"ends on {self.last}, before it begins on {self.first}")
        return self
