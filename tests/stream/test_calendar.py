"""Which days China's offices work, against the State Council's notice for 2026 (国办发明电〔2025〕7号)."""

from datetime import date

import pytest

from stream.calendar import CALENDAR


@pytest.mark.parametrize(
    ("day", "works", "holiday"),
    [
        (date(2026, 9, 20), True, False),  # a Sunday, worked
        (date(2026, 9, 24), True, False),
        (date(2026, 9, 25), False, True),  # Mid-Autumn
        (date(2026, 9, 27), False, True),  # the weekend it runs into
        (date(2026, 10, 4), False, True),  # a Sunday within National Day
        (date(2026, 10, 7), False, True),  # off for a worked Saturday
        (date(2026, 10, 10), True, False),  # that Saturday
        (date(2026, 11, 28), False, False),  # an ordinary Saturday
    ],
)
def test_a_day_is_what_the_notice_says(day: date, works: bool, holiday: bool) -> None:
    assert (CALENDAR.is_working_day(day), CALENDAR.is_holiday(day)) == (works, holiday)


@pytest.mark.parametrize(("day", "works"), [("2026-09-14", True), ("2026-09-20", True), ("2026-09-25", False)])
def test_offices_work_as_the_state_council_says(day: str, works: bool) -> None:
    assert CALENDAR.is_working_day(date.fromisoformat(day)) is works
