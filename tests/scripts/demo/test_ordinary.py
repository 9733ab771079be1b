from collections import Counter
from datetime import date, datetime
from random import Random

import pytest

from scripts.demo.drafts import Cast, Draft, fid
from scripts.demo.ordinary import NIGHT, awake, ordinary_life
from scripts.demo.story import START
from stream.process.clock import SHANGHAI

WEEKS = 6


@pytest.fixture(scope="module")
def drafts() -> list[Draft]:
    return list(ordinary_life(START, 7 * WEEKS, Random(1), Cast([])))


def opened(drafts: list[Draft]) -> Counter[date]:
    return Counter(draft.posts[0]["at"].date() for draft in drafts)


def test_a_working_day_has_about_twice_the_threads_of_a_free_one(drafts: list[Draft]) -> None:
    days = opened(drafts)
    assert all(3 <= days[day] <= 4 for day in days if day.weekday() == 5)
    assert all(6 <= days[day] <= 8 for day in days if day.weekday() in range(1, 5))


def test_a_sunday_that_is_worked_for_the_holiday_is_like_a_wednesday(drafts: list[Draft]) -> None:
    assert 6 <= opened(drafts)[date(2026, 9, 20)] <= 8
    assert 3 <= opened(drafts)[date(2026, 9, 13)] <= 4


def test_every_monday_morning_is_full_of_bills_and_no_other_is(drafts: list[Draft]) -> None:
    posts = [post["at"] for draft in drafts if draft.fid == fid("电费账单") for post in draft.posts]
    mornings = Counter(at.date() for at in posts if 8 <= at.hour < 11)
    mondays = [number for day, number in mornings.items() if day.weekday() == 0]
    others = [number for day, number in mornings.items() if day.weekday() != 0]
    assert len(mondays) == WEEKS
    assert min(mondays) >= 20
    assert max(others) <= 10


def test_nobody_writes_at_night() -> None:
    morning = awake(datetime(2026, 9, 8, 3, 10, tzinfo=SHANGHAI), Random(1))
    assert morning.date() == date(2026, 9, 8)
    assert morning.hour not in NIGHT
    assert awake(datetime(2026, 9, 8, 9, 10, tzinfo=SHANGHAI), Random(1)).hour == 9
