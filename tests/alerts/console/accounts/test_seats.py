"""What somebody may do, by the desks they sit at."""

from dataclasses import replace
from datetime import date, datetime

from alerts.casefile.context import CaseContext
from alerts.console.accounts.seats import seats_of
from alerts.people.shifts import Away


def test_a_duty_officer_may_do_the_steps_of_the_desk(context: CaseContext, now: datetime) -> None:
    (seat,) = seats_of(context.config, context.topics, "zhang_min", now)
    assert (seat.desk, seat.always, seat.stands_in, seat.owned) == ("宣传部舆情值班", False, False, ())
    assert "签收" in seat.steps
    assert not any("上报" in step for step in seat.steps)


def test_an_owner_may_do_more_on_the_topics_of_the_desk(context: CaseContext, now: datetime) -> None:
    (seat,) = seats_of(context.config, context.topics, "chen_wei", now)
    assert seat.topics == ("停电抢修",)
    assert any("核实" in step for step in seat.owned)
    assert "签收" not in seat.steps


def test_a_desk_without_a_topic_may_do_what_it_is_given(context: CaseContext, now: datetime) -> None:
    (seat,) = seats_of(context.config, context.topics, "sun_li", now)
    assert (seat.steps, seat.topics, seat.owned) == ((), (), ())


def test_leaders_may_do_everything_and_a_stranger_nothing(context: CaseContext, now: datetime) -> None:
    (seat,) = seats_of(context.config, context.topics, "wang_fang", now)
    assert seat.always
    assert seats_of(context.config, context.topics, "nobody", now) == ()


def test_who_stands_in_sits_there_that_day(context: CaseContext, now: datetime) -> None:
    people = context.config.people
    away = Away(**{"from": date(2026, 9, 20), "to": date(2026, 9, 22), "stand_in": "sun_li"})
    people["zhang_min"] = replace(people["zhang_min"], away=(away,))
    found = seats_of(context.config, context.topics, "sun_li", now)
    assert [(one.desk, one.stands_in) for one in found] == [("宣传部舆情值班", True), ("后勤保障部", False)]
