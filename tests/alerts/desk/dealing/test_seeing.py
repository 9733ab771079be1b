"""Whoever sits at a desk sees every case, others what is copied to them; a page at a time."""

from dataclasses import replace
from datetime import datetime

import pytest

from alerts.casefile.acting.orders import copy_to
from alerts.casefile.acting.steps import act
from alerts.casefile.casework import open_case
from alerts.casefile.context import CaseContext
from alerts.desk.dealing.seeing import PAGE, CasesAsked, find_cases, may_see, sits_somewhere
from alerts.people.directory import Person
from alerts.people.shifts import Away
from alerts.workflow.cases import ActRequest, Case, Order
from stream.state.database import transaction
from tests.alerts.desk.dealing.conftest import MINUTE, snapshot_of


@pytest.fixture
def guest(context: CaseContext) -> str:
    """The key of somebody who sits at no desk."""
    context.config.people["guest"] = Person(name="何来", email="he.lai@example.com")
    return "guest"


@pytest.fixture
def many(context: CaseContext, now: datetime) -> int:
    """More cases than a page has, each false alarm but the last."""
    for number in range(PAGE + 3):
        with transaction(context.engine) as session:
            case = open_case(session, context, snapshot_of("outage", now), (), now + number * MINUTE)
        if number < PAGE + 2:
            act(context, case.id, ActRequest("judge_false_alarm", "zhang_min", "误报"), now + number * MINUTE)
    return PAGE + 3


def test_people_of_desks_see_every_case_and_others_what_is_copied_to_them(
    context: CaseContext, case: Case, guest: str, now: datetime
) -> None:
    assert may_see(context, case.id, "sun_li", now)
    assert not may_see(context, case.id, guest, now)
    assert find_cases(context, CasesAsked(), guest, now).cases == ()
    copy_to(context, case.id, Order("zhang_min", "请知悉"), [guest], now)
    assert may_see(context, case.id, guest, now)
    assert not may_see(context, case.id + 1, guest, now)
    found = find_cases(context, CasesAsked(), guest, now)
    assert [one.case.id for one in found.cases] == [case.id]
    assert found.topics == (("outage", "停电抢修"),)


def test_who_stands_in_at_a_desk_sits_there_that_day(context: CaseContext, guest: str, now: datetime) -> None:
    people, desks = context.config.people, context.config.desks
    day = now.date()
    away = Away(**{"from": day, "to": day, "stand_in": guest})
    people["zhang_min"] = replace(people["zhang_min"], away=(away,))
    assert sits_somewhere(desks, people, guest, now)


def test_cases_come_by_pages_the_newest_first(context: CaseContext, many: int, now: datetime) -> None:
    first = find_cases(context, CasesAsked(), "zhang_min", now)
    assert [one.case.id for one in first.cases] == list(range(many, many - PAGE, -1))
    assert first.before == many - PAGE + 1
    rest = find_cases(context, CasesAsked(before=first.before), "zhang_min", now)
    assert [one.case.id for one in rest.cases] == [3, 2, 1]
    assert rest.before is None


def test_a_list_is_narrowed_by_grade_stage_topic_and_whether_cases_are_open(
    context: CaseContext, many: int, now: datetime
) -> None:
    def found(**asked: object) -> list[int]:
        page = find_cases(context, replace(CasesAsked(before=5), **asked), "zhang_min", now)  # type: ignore[arg-type]
        return [one.case.id for one in page.cases]

    assert found() == [4, 3, 2, 1]
    assert found(grade="yellow") == [4, 3, 2, 1]
    assert found(grade="red") == found(stage="verifying") == found(topic="other") == []
    assert found(open_only=True, before=None) == [many]
    assert found(grade="purple", stage="nowhere") == [4, 3, 2, 1], "what there is not is no condition"


def test_an_open_case_tells_whose_turn_it_is(context: CaseContext, case: Case, now: datetime) -> None:
    (one,) = find_cases(context, CasesAsked(), "zhang_min", now).cases
    assert [task.desk for task in one.tasks] == ["宣传部舆情值班"]
