"""Which hour of a week an hour behaves like, by the office's calendar. Pure.

China moves working days: a Saturday may be worked for a holiday, a Wednesday may be one. An hour of a holiday is
expected like the same hour of a Sunday, one of a worked weekend like the same hour of a Wednesday.
"""

from dataclasses import dataclass
from datetime import date, datetime

from stream.calendar import CALENDAR
from stream.process.clock import SHANGHAI

HOURS = 168
MONTH_DAYS = 31
_LAST = 5  # days before the end of a month are counted from its end: bills, pay and quarters close there
_WEDNESDAY, _SATURDAY, _SUNDAY = 2, 5, 6


@dataclass(frozen=True, slots=True)
class Slot:
    """`hour` counts from Monday 0:00 in Beijing (0..167), `like` is the hour that the calendar says it behaves like;
    `month_day` is the place of the day in its month (0..30), `minute` that of the moment in its hour
    (0 <= minute < 60, with seconds)."""

    day: date
    hour: int
    like: int
    month_day: int
    minute: float

    @property
    def hour_of_day(self) -> int:
        return self.hour % 24

    @property
    def moved(self) -> bool:
        """Tells whether the day only borrows another day's hours: it does not teach what ordinary ones are like."""
        return self.like != self.hour


class OfficeCalendar:
    """China's working days as the State Council sets them each year; a year not yet set has its fixed holidays."""

    def __init__(self) -> None:
        self._known: dict[date, int] = {}

    def slot(self, moment: datetime) -> Slot:
        """Finds the slot of an aware moment."""
        local = moment.astimezone(SHANGHAI)
        day = local.date()
        weekday = self._known.get(day)
        if weekday is None:
            weekday = self._known[day] = self._like(day)
        hour, minute = local.hour, local.minute + local.second / 60
        return Slot(day, day.weekday() * 24 + hour, weekday * 24 + hour, _month_day(day), minute)

    def _like(self, day: date) -> int:
        """Returns the weekday whose hours are to be expected."""
        weekend, works = day.weekday() >= _SATURDAY, CALENDAR.is_working_day(day)
        if weekend == works:
            return _WEDNESDAY if works else _SUNDAY
        return day.weekday()


def _month_day(day: date) -> int:
    """Counts from the month's beginning, its last five days from its end: 0..25, and 26..30 for the last."""
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    left = (following - day).days
    return MONTH_DAYS - left if left <= _LAST else day.day - 1
