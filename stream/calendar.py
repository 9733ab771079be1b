"""China's working days and holidays as the State Council sets them each year, 调休 included.

Source: the package `holidays`, which is kept up with each year's notice of the State Council. A year that is not set
yet has its fixed holidays.
"""

from datetime import date, timedelta

from holidays import country_holidays

_DAY = timedelta(days=1)


class WorkCalendar:
    """Tells what kind of day a day in China is."""

    def __init__(self) -> None:
        self._official = country_holidays("CN")

    def is_working_day(self, day: date) -> bool:
        """Tells whether offices work; also on a weekend that is worked for a holiday."""
        return self._official.is_working_day(day)

    def is_holiday(self, day: date) -> bool:
        """Tells whether the day belongs to a public holiday, the weekend that it runs into included."""
        return any(one in self._official for one in self._off(day))

    def _off(self, day: date) -> list[date]:
        """Lists the unbroken days off around a day; none for a working day."""
        if self.is_working_day(day):
            return []
        first, last = day, day
        while not self.is_working_day(first - _DAY):
            first -= _DAY
        while not self.is_working_day(last + _DAY):
            last += _DAY
        return [first + _DAY * offset for offset in range((last - first).days + 1)]


#: The one that is asked: to make another reads the years it is asked about anew.
CALENDAR = WorkCalendar()
