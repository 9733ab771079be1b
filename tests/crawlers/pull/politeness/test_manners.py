"""A budget of the day holds for a host whatever asks it, and an owner's no for every address below it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select

from crawlers.pull.politeness.manners import BudgetSpent, HostDayRow, Manners, OwnerSaysNo, asked_today, note_asked
from stream.state.database import reading

NOW = datetime(2026, 11, 28, 8, tzinfo=UTC)  # 16:00 in Beijing


def test_requests_are_counted_until_the_budget_is_spent() -> None:
    manners = Manners(left=2)
    manners.admit("https://bbs.example.com/1")
    manners.admit("https://bbs.example.com/2")
    with pytest.raises(BudgetSpent):
        manners.admit("https://bbs.example.com/3")
    assert manners.asked == 2


def test_what_an_owner_refused_is_not_asked_and_not_counted() -> None:
    manners = Manners(opted_out=("bbs.example.com",))
    with pytest.raises(OwnerSaysNo, match=r"bbs\.example\.com is on opted_out"):
        manners.admit("https://bbs.example.com/1")
    manners.admit("https://www.example.com/")
    assert manners.asked == 1


def test_a_host_is_counted_by_the_days_of_beijing_and_for_a_week(engine: Engine) -> None:
    note_asked(engine, "bbs.example.com", 3, NOW)
    note_asked(engine, "bbs.example.com", 4, NOW + timedelta(hours=7, minutes=59))
    note_asked(engine, "www.example.com", 9, NOW)
    assert asked_today(engine, "bbs.example.com", NOW) == 7
    assert asked_today(engine, "bbs.example.com", NOW + timedelta(hours=8)) == 0
    note_asked(engine, "bbs.example.com", 1, NOW + timedelta(days=9))
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(HostDayRow)) == 2
