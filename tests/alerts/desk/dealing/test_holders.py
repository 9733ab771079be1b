"""Whose turn it is, in names."""

from dataclasses import replace
from datetime import datetime

from alerts.casefile.context import CaseContext
from alerts.desk.cases import read_details
from alerts.desk.dealing.holders import TurnHolder, turn_holder
from alerts.desk.register import Register
from tests.alerts.desk.dealing.conftest import Walk


def holder(context: CaseContext, register: Register, now: datetime) -> TurnHolder:
    details = read_details(register, 1)
    return turn_holder(context, details.tasks[0], details.case.topic, now)


def test_a_turn_has_a_desk_people_a_limit_and_who_is_next(
    context: CaseContext, register: Register, walk: Walk, now: datetime
) -> None:
    walk("acknowledge")
    found = holder(context, register, now)
    assert (found.step, found.desk, found.people, found.keys) == ("judge", "宣传部舆情值班", ("张敏",), ("zhang_min",))
    assert found.next_desk == "宣传部负责人"
    assert found.due_at > now


def test_the_owner_of_the_topic_sits_where_the_ladder_says_owner(
    context: CaseContext, register: Register, walk: Walk, now: datetime
) -> None:
    walk("report")
    found = holder(context, register, now)
    assert (found.desk, found.people, found.next_desk) == ("调度抢修中心", ("陈伟",), "宣传部负责人")


def test_after_the_last_desk_there_is_none(context: CaseContext, register: Register, walk: Walk, now: datetime) -> None:
    walk("draft")
    details = read_details(register, 1)
    task = details.tasks[0]
    last = replace(task, task=replace(task.task, level=1))
    assert turn_holder(context, last, "outage", now).next_desk == ""
