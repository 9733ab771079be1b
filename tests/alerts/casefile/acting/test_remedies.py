"""What was found true is put right by a desk until a date, and the ladder climbs after that."""

from datetime import datetime

import pytest
from sqlalchemy import select

from alerts.casefile.acting.steps import act
from alerts.casefile.context import CaseContext
from alerts.casefile.papers import remedies_of
from alerts.casefile.tables import CaseRow
from alerts.watch import Watcher
from alerts.workflow.cases import ActRequest, Refused
from alerts.workflow.ladder import Due
from alerts.workflow.parts import Verdict
from stream.state.database import reading, transaction
from tests.alerts.casefile.acting.conftest import DAY, MINUTE, Walk, letters, standing, tasks


def test_a_true_claim_is_answered_planned_put_right_and_then_the_case_can_end(
    context: CaseContext, walk: Walk, now: datetime
) -> None:
    assert walk("respond", Verdict.TRUE).stage == "planning"
    assert letters(context)[-1] == ("remedy-plan", "chen_wei")
    assert walk_on(context, now)[-1] == "archived"
    with reading(context.engine) as session:
        (one,) = remedies_of(session, 1)
    assert (one.desk, one.until, one.plan, one.by) == ("safety", now + 9 * DAY, "更换设备", "陈伟")
    assert (one.done_by, one.proof, one.replaced_at) == ("吴涛", "已更换，附照片", None)


def walk_on(context: CaseContext, now: datetime) -> list[str]:
    """From the plan to the archive."""
    return [
        act(context, 1, request, now + 20 * MINUTE).stage
        for request in (
            ActRequest("plan_remedy", "chen_wei", "更换设备", owner="安全监察部", until=now + 9 * DAY),
            ActRequest("remedied", "wu_tao", "已更换，附照片"),
            ActRequest("guide", "zhang_min", "答疑"),
            ActRequest("close", "zhang_min", "平静"),
            ActRequest("review", "li_qiang", "总结"),
        )
    ]


def test_the_desk_of_the_plan_is_reminded_and_then_the_next_one_is_called(
    context: CaseContext, walk: Walk, now: datetime
) -> None:
    walk("plan_remedy", Verdict.PARTLY_TRUE)
    (task,) = tasks(context, 1)
    assert (task.step, task.desk, task.due_at) == ("remedy", "safety", now + 9 * DAY)
    assert letters(context)[-1] == ("remedy-remedy", "wu_tao")
    watcher = Watcher(context, [], "w")
    assert watcher.escalate(now + 7 * DAY) == []
    assert [(one.due, one.desk) for one in watcher.escalate(now + 8.5 * DAY)] == [(Due.WARN, "safety")]
    assert [(one.due, one.desk) for one in watcher.escalate(now + 9 * DAY)] == [(Due.BREACH, "leaders")]


def test_a_new_plan_takes_the_place_of_the_one_before_with_its_desk_and_date(
    context: CaseContext, walk: Walk, now: datetime
) -> None:
    walk("plan_remedy", Verdict.TRUE)
    again = ActRequest("plan_remedy", "chen_wei", "设备缺货", owner="logistics", until=now + 20 * DAY)
    act(context, 1, again, now + DAY)
    (task,) = tasks(context, 1)
    assert (task.desk, task.due_at, task.turn) == ("logistics", now + 20 * DAY, 1)
    with reading(context.engine) as session:
        first, second = remedies_of(session, 1)
    assert (first.replaced_at, second.replaced_at, second.number) == (now + DAY, None, 2)


@pytest.mark.parametrize(
    ("owner", "days", "complaint"),
    [
        ("", 9, "要给出责任岗位 --owner 和完成期限 --until"),
        ("safety", None, "要给出责任岗位 --owner 和完成期限 --until"),
        ("不存在", 9, "没有「不存在」"),
        ("safety", -1, "已过，请给出今后的日期"),
    ],
)
def test_a_plan_needs_a_desk_and_a_day_to_come(
    owner: str, days: int | None, complaint: str, context: CaseContext, walk: Walk, now: datetime
) -> None:
    walk("respond", Verdict.TRUE)
    until = None if days is None else now + days * DAY
    with pytest.raises(Refused, match=complaint):
        act(context, 1, ActRequest("plan_remedy", "chen_wei", "x", owner=owner, until=until), now + 20 * MINUTE)
    assert standing(context, 1).stage == "planning"


def test_the_desk_of_a_plan_does_not_give_itself_more_time(context: CaseContext, walk: Walk, now: datetime) -> None:
    walk("plan_remedy", Verdict.TRUE)
    with pytest.raises(Refused, match="吴涛不在可办理「整改安排」的岗位"):
        act(context, 1, ActRequest("plan_remedy", "wu_tao", "x", owner="safety", until=now + 99 * DAY), now + DAY)


def test_desk_and_date_belong_to_a_plan_alone(context: CaseContext, walk: Walk, now: datetime) -> None:
    walk("acknowledge")
    with pytest.raises(Refused, match="只有安排整改"):
        act(context, 1, ActRequest("judge", "zhang_min", "x", owner="safety"), now + 20 * MINUTE)


def test_what_nobody_planned_nobody_proves(context: CaseContext, walk: Walk, now: datetime) -> None:
    """A case of a version before stands there without a plan: it is planned first."""
    walk("verify", Verdict.TRUE)
    with transaction(context.engine) as session:
        session.scalars(select(CaseRow)).one().stage = "remedying"
    with pytest.raises(Refused, match="尚未安排整改"):
        act(context, 1, ActRequest("remedied", "chen_wei", "已办"), now + 20 * MINUTE)
    act(context, 1, ActRequest("plan_remedy", "chen_wei", "x", owner="safety", until=now + DAY), now + 21 * MINUTE)
    assert act(context, 1, ActRequest("remedied", "wu_tao", "已办"), now + 22 * MINUTE).stage == "guiding"
