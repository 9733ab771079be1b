"""`briefs:` in alerts.yml: who gets which summary when."""

from datetime import time
from enum import StrEnum
from re import fullmatch
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic.dataclasses import dataclass

from stream.process.configuration import STRICT

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


class BriefKind(StrEnum):
    """Which summary; it stands in the database."""

    DAILY = "daily"
    WEEKLY = "weekly"
    HANDOVER = "handover"
    ALIVE = "alive"  # the line a day that says the program is well


def _text(value: object) -> object:
    if isinstance(value, int | float):  # YAML reads 10:30 as sixty-seconds-a-minute arithmetic
        raise ValueError('put the time in quotes: "09:00"')
    return value


def _clock_time(value: str) -> str:
    if not fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        raise ValueError(f'{value!r} is no time of day: write hours and minutes in quotes, as in "09:00"')
    return value


def _week_time(value: str) -> str:
    day, _, clock = value.partition(" ")
    if day not in WEEKDAYS:
        raise ValueError(f'{value!r}: write a weekday and a time in quotes, as in "周一 09:30"')
    return f"{day} {_clock_time(clock)}"


ClockTime = Annotated[str, BeforeValidator(_text), AfterValidator(_clock_time)]
WeekTime = Annotated[str, BeforeValidator(_text), AfterValidator(_week_time)]
Readers = Annotated[tuple[str, ...], Field(min_length=1)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class DailyBrief:
    """The brief of what happened since the last one, by 10:30 as offices want it; on `workdays` or every day."""

    people: Readers
    at: ClockTime = "09:00"
    days: Literal["workdays", "all"] = "workdays"


@dataclass(frozen=True, kw_only=True, config=STRICT)
class WeeklyBrief:
    """The brief of the seven days before against the seven before those."""

    people: Readers
    at: WeekTime = "周一 09:30"


@dataclass(frozen=True, kw_only=True, config=STRICT)
class HandoverBrief:
    """What whoever comes on duty has to know, at each change of duty."""

    people: Readers
    at: Annotated[tuple[ClockTime, ...], Field(min_length=1)] = ("08:00", "20:00")


@dataclass(frozen=True, kw_only=True, config=STRICT)
class BriefsConfig:
    """Which briefs there are; none unless said."""

    daily: DailyBrief | None = None
    weekly: WeeklyBrief | None = None
    handover: HandoverBrief | None = None


def clock(text: str) -> time:
    """Reads a time of day that was checked."""
    return time.fromisoformat(text)
