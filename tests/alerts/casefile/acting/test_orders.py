"""转办, 抄送, 督办 and 调整等级: recorded, told, and refused to who has no part in them."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from alerts.casefile.acting.orders import assign, copy_to, regrade_by_hand, supervise
from alerts.casefile.acting.steps import act
from alerts.casefile.casework import note_calm, note_rise
from alerts.casefile.context import CaseContext
from alerts.casefile.snapshot import CaseSnapshot
from alerts.casefile.tables import EventRow, TaskRow
from alerts.detection.grades import Grade, Grading
from alerts.notify.contents.notice import Notice, Occasion, read_notice
from alerts.notify.tables import OutboxRow
from alerts.watch import Watcher
from alerts.workflow.cases import ActRequest, Case, Order, Refused
from alerts.workflow.ladder import Due
from stream.state.database import reading, transaction
from tests.alerts.casefile.acting.conftest import DAY, MINUTE, Walk, letters, standing, tasks
from tests.alerts.casefile.conftest import signal_of

HEAD = Order("li_qiang", "情况需要")
LEADER = Order("wang_fang", "领导批示")


def recorded(context: CaseContext) -> tuple[str, str, dict[str, object]]:
    """The last line of the first case's history."""
    with reading(context.engine) as session:
        query = select(EventRow).where(EventRow.case_id == 1).order_by(EventRow.number.desc()).limit(1)
        event = session.scalars(query).one()
    return event.kind, event.by, json.loads(event.detail)


def notices(context: CaseContext) -> list[tuple[str | None, Notice]]:
    with reading(context.engine) as session:
        rows = session.scalars(select(OutboxRow).order_by(OutboxRow.id))
        return [(row.person, read_notice(row.notice or "")) for row in rows]


def test_a_step_is_handed_to_another_desk_with_the_rest_of_its_limit(
    context: CaseContext, walk: Walk, now: datetime
) -> None:
    walk("report")
    (before,) = tasks(context, 1)
    assign(context, 1, HEAD, "安全监察部", now + 30 * MINUTE)
    (after,) = tasks(context, 1)
    assert (after.step, after.desk, after.turn, after.due_at) == ("verify", "safety", 1, before.due_at)
    assert letters(context)[-1] == ("assigned-verify", "wu_tao")
    assert recorded(context) == (
        "assign",
        "李强",
        {
            "stage": "verifying", "claimed": True, "step": "verify", "from": "dispatch", "to": "safety",
            "due_at": before.due_at.isoformat(),
        },
    )  # fmt: skip


def test_who_was_handed_a_step_may_do_it_and_hand_it_on(context: CaseContext, walk: Walk, now: datetime) -> None:
    walk("report")
    with pytest.raises(Refused, match="孙丽不在可办理「转办」的岗位"):
        assign(context, 1, Order("sun_li", "x"), "safety", now + 30 * MINUTE)
    assign(context, 1, HEAD, "吴涛", now + 30 * MINUTE)
    assign(context, 1, Order("wu_tao", "不归我管"), "logistics", now + 40 * MINUTE)
    assert act(context, 1, ActRequest("first_word", "sun_li", "正在核实"), now + 50 * MINUTE).stage == "verifying"


def test_a_late_step_that_is_handed_over_has_the_least_and_then_the_ladder_goes_on(
    context: CaseContext, walk: Walk, now: datetime
) -> None:
    walk("report")
    (before,) = tasks(context, 1)
    late = before.due_at - MINUTE
    assign(context, 1, HEAD, "safety", late)
    (after,) = tasks(context, 1)
    assert after.due_at == late + context.config.ladder.least
    assert [(one.due, one.desk) for one in Watcher(context, [], "w").escalate(after.due_at)] == [
        (Due.BREACH, "publicity_head")
    ]


def test_a_desk_that_is_none_has_the_step_already_or_may_not_do_it_is_refused(
    context: CaseContext, walk: Walk, now: datetime
) -> None:
    walk("verify")
    act(context, 1, ActRequest("draft", "wang_fang", statement="情况说明。"), now + 20 * MINUTE)
    for desk, complaint in (
        ("后勤", "没有名为「后勤」的岗位"),
        ("publicity_head", "已在宣传部负责人"),
        ("leaders", "只有王芳，该环节须由另一人办理"),
    ):
        with pytest.raises(Refused, match=complaint):
            assign(context, 1, HEAD, desk, now + 30 * MINUTE)


def test_who_has_a_copy_reads_of_a_desk_that_alerts_yml_names_no_more(
    context: CaseContext, walk: Walk, now: datetime
) -> None:
    walk("acknowledge")
    copy_to(context, 1, HEAD, ["sun_li"], now + 2 * MINUTE)
    with transaction(context.engine) as session:
        session.execute(update(TaskRow).values(desk="gone"))
    supervise(context, 1, LEADER, now + 3 * MINUTE)
    told = [(person, one.copy, one.demand.person) for person, one in notices(context) if one.occasion == "supervised"]
    assert told == [("zhang_min", False, "张敏"), ("sun_li", True, "张敏")]


def test_who_gets_a_copy_reads_every_further_letter_and_is_asked_for_nothing(
    context: CaseContext, walk: Walk, now: datetime
) -> None:
    walk("acknowledge")
    copy_to(context, 1, HEAD, ["王芳", "sun_li"], now + 2 * MINUTE)
    assert recorded(context)[2]["people"] == ["王芳", "孙丽"]
    before = len(letters(context))
    act(context, 1, ActRequest("judge", "zhang_min", "成立"), now + 3 * MINUTE)
    told = notices(context)[before:]
    assert [person for person, _ in told] == ["li_qiang", "wang_fang", "sun_li"]
    assert [(one.copy, one.demand.person, bool(one.demand.commands)) for _, one in told] == [
        (False, "李强", True), (True, "李强", False), (True, "李强", False),
    ]  # fmt: skip
    with reading(context.engine) as session:
        assert session.scalars(select(OutboxRow.task_id).where(OutboxRow.person == "sun_li")).all() == [None]
    with pytest.raises(Refused, match="已在抄送之列"):
        copy_to(context, 1, HEAD, ["王芳"], now + 4 * MINUTE)
    with pytest.raises(Refused, match="「路人」"):
        copy_to(context, 1, HEAD, ["路人"], now + 4 * MINUTE)
    with pytest.raises(Refused, match="请写明抄送给谁"):
        copy_to(context, 1, HEAD, [], now + 4 * MINUTE)


def test_who_has_the_step_gets_no_copy_beside_their_own_letter(context: CaseContext, case: Case, now: datetime) -> None:
    copy_to(context, 1, HEAD, ["李强"], now + MINUTE)
    act(context, 1, ActRequest("judge", "zhang_min", "成立"), now + 2 * MINUTE)
    assert letters(context)[-1:] == [("expected-report", "li_qiang")]
    assert len([one for one in letters(context) if one[1] == "li_qiang"]) == 1


def test_supervision_halves_limits_from_here_on_and_tells_who_has_the_step(
    context: CaseContext, walk: Walk, now: datetime
) -> None:
    walk("report")
    at = now + 5 * MINUTE
    with pytest.raises(Refused, match="不在可办理「督办」的岗位；可由以下岗位办理：舆情工作组"):
        supervise(context, 1, HEAD, at)
    assert supervise(context, 1, LEADER, at).supervised_at == at
    (task,) = tasks(context, 1)
    assert task.due_at == now + timedelta(hours=2), "half of four hours"
    assert letters(context)[-1][1] == "chen_wei"
    assert recorded(context)[:2] == ("supervise", "王芳")
    with pytest.raises(Refused, match="已在督办"):
        supervise(context, 1, LEADER, at)


def test_a_grade_set_by_a_person_is_recorded_with_both_and_brings_limits_forward(
    context: CaseContext, case: Case, now: datetime
) -> None:
    after = regrade_by_hand(context, 1, HEAD, Grade.RED, now + MINUTE)
    assert (after.grade, after.graded_by, case.grade) == (Grade.RED, "李强", Grade.YELLOW)
    (task,) = tasks(context, 1)
    assert task.due_at == now + 15 * MINUTE
    kind, _, detail = recorded(context)
    assert (kind, detail["from"], detail["to"]) == ("regrade", "yellow", "red")
    assert notices(context)[-1][1].occasion is Occasion.REGRADED
    with pytest.raises(Refused, match="已认定为「特别重大」"):
        regrade_by_hand(context, 1, HEAD, Grade.RED, now + MINUTE)


def test_a_grade_set_by_a_person_is_left_alone_and_a_graver_one_is_suggested(
    context: CaseContext, case: Case, found: CaseSnapshot, now: datetime
) -> None:
    lowered = regrade_by_hand(context, 1, HEAD, Grade.BLUE, now + MINUTE)
    graver = replace(found, grading=Grading(Grade.ORANGE, ()))
    with transaction(context.engine) as session:
        risen = note_rise(session, context, lowered, graver, quoted=(), now=now + 9 * MINUTE)
    assert (risen.grade, risen.seen_grade) == (Grade.BLUE, Grade.ORANGE)
    kind, _, detail = recorded(context)
    assert (kind, detail["grade"], detail["suggested"]) == ("rose", "blue", "orange")
    told = notices(context)[-1][1]
    assert (told.grade, told.grading[0]) == (
        "一般",
        "按标准已达「重大」（现为「一般」，由李强认定，系统不自动改动）：建议研判是否上调",
    )


def test_an_order_needs_a_reason_a_known_person_and_an_open_case(
    context: CaseContext, walk: Walk, now: datetime
) -> None:
    with pytest.raises(Refused, match="没有事件 9"):
        assign(context, 9, HEAD, "safety", now)
    with pytest.raises(Refused, match="请写明事由"):
        assign(context, 1, replace(HEAD, note=" "), "safety", now)
    with pytest.raises(Refused, match="「路人」"):
        assign(context, 1, replace(HEAD, by="路人"), "safety", now)
    walk("close")
    with pytest.raises(Refused, match="事件 1 已结（复盘）"):
        assign(context, 1, HEAD, "safety", now + DAY)


def test_who_has_the_case_is_told_once_that_its_topic_is_calm(context: CaseContext, walk: Walk, now: datetime) -> None:
    walk("guide")
    copy_to(context, 1, HEAD, ["wang_fang"], now + 15 * MINUTE)
    before = len(letters(context))
    with transaction(context.engine) as session:
        calm = note_calm(session, context, standing(context, 1), (), now + 13 * timedelta(hours=1))
    assert calm.calm_at == now + 13 * timedelta(hours=1)
    assert recorded(context)[0] == "calm"
    told = notices(context)[before:]
    assert [(person, one.occasion, one.copy) for person, one in told] == [
        ("zhang_min", Occasion.CLEAR, False), ("wang_fang", Occasion.CLEAR, True),
    ]  # fmt: skip
    assert signal_of("outage", now).negative == told[0][1].figures.negative
