"""Who may act, when a case may be closed, and how it begins anew."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from pydantic import TypeAdapter
from sqlalchemy import select

from alerts.casefile.acting.steps import act
from alerts.casefile.casework import open_case
from alerts.casefile.context import CaseContext
from alerts.casefile.snapshot import CaseSnapshot
from alerts.casefile.tables import AnnouncementRow, EventRow
from alerts.desk.cases import read_details
from alerts.desk.register import Register
from alerts.detection.signals import Signal, State
from alerts.people.shifts import Away
from alerts.workflow.cases import ActRequest, Case, Refused
from alerts.workflow.ladder import limit
from alerts.workflow.parts import Verdict
from stream.codec import CASE_EVENTS
from stream.state.database import reading, transaction
from tests.alerts.casefile.acting.conftest import DAY, MINUTE, Walk, standing, tasks
from tests.alerts.casefile.conftest import signal_of


def calm(at: datetime, effective: float) -> Signal:
    return replace(signal_of("outage", at), state=State.CALM, effective=effective, negative=int(effective))


def history(context: CaseContext) -> list[EventRow]:
    with reading(context.engine) as session:
        return list(session.scalars(select(EventRow).order_by(EventRow.number)))


def test_an_act_is_refused_to_who_is_in_none_of_the_steps_desks_and_leaves_nothing(
    context: CaseContext, case: Case, now: datetime
) -> None:
    before = len(history(context))
    with pytest.raises(Refused, match="孙丽不在可办理「签收」的岗位；可由以下岗位办理：宣传部舆情值班、"):
        act(context, 1, ActRequest("acknowledge", "sun_li"), now)
    assert (len(history(context)), standing(context, 1)) == (before, case)


def test_who_stands_in_for_somebody_of_the_desk_may_act_as_long_as_that_one_is_away(
    context: CaseContext, case: Case, now: datetime
) -> None:
    leave = TypeAdapter(Away).validate_python({"from": now.date(), "to": now.date(), "stand_in": "sun_li"})
    people = {**context.config.people, "zhang_min": replace(context.config.people["zhang_min"], away=(leave,))}
    there = replace(context, config=replace(context.config, people=people))
    with pytest.raises(Refused, match="孙丽不在可办理「签收」的岗位"):
        act(there, 1, ActRequest("acknowledge", "sun_li"), now + DAY)
    assert act(there, 1, ActRequest("acknowledge", "sun_li"), now).acknowledged_at == now


def test_leaders_may_do_every_step_and_those_of_higher_rungs_theirs(
    context: CaseContext, walk: Walk, now: datetime
) -> None:
    walk("clarify")
    assert act(context, 1, ActRequest("guide", "wang_fang", "答疑"), now + 9 * MINUTE).stage == "tracking"
    assert act(context, 1, ActRequest("close", "li_qiang", "平静"), now + 10 * MINUTE).stage == "reviewing"


def test_who_typed_for_whom_is_recorded_and_must_be_known(context: CaseContext, case: Case, now: datetime) -> None:
    act(context, 1, ActRequest("acknowledge", "li_qiang", typed_by="张敏"), now)
    *_, entry = read_details(Register(context.engine, context.config, context.topics), 1).history
    assert (entry.by, entry.typed_by, entry.claimed) == ("李强", "张敏", True)
    with pytest.raises(Refused, match="「路人」"):
        act(context, 1, ActRequest("judge", "li_qiang", "x", typed_by="路人"), now)


def test_closing_while_the_topic_rises_asks_twice(context: CaseContext, walk: Walk, now: datetime) -> None:
    walk("guide")
    at, close = now + 20 * MINUTE, ActRequest("close", "zhang_min", "平静")
    for present in (signal_of("outage", at), calm(at, 31.0)):
        with pytest.raises(Refused, match=r"话题仍在上升：当前负面 3\d 条.*上次通知时 30 条.*--confirm"):
            act(context, 1, close, at, present)
    assert act(context, 1, replace(close, confirm=True), at, calm(at, 31.0)).stage == "reviewing"
    assert '"confirmed": true, "effective": 31.0, "negative": 31' in history(context)[-1].detail


def test_a_calm_topic_is_closed_at_once_and_what_is_confirmed_nowhere_else(
    context: CaseContext, walk: Walk, now: datetime
) -> None:
    walk("guide")
    with pytest.raises(Refused, match="只有销号"):
        act(context, 1, ActRequest("track", "zhang_min", "看", confirm=True), now + 20 * MINUTE)
    close = ActRequest("close", "zhang_min", "平静")
    assert act(context, 1, close, now + 21 * MINUTE, calm(now, 2.0)).stage == "reviewing"


def test_a_reopened_case_has_its_limits_anew_and_its_verdict_in_sight(
    context: CaseContext, walk: Walk, now: datetime
) -> None:
    walk("review")
    again = now + 5 * DAY
    act(context, 1, ActRequest("reopen", "li_qiang", "又有新情况"), again)
    case = standing(context, 1)
    assert (case.stage, case.verdict, case.previous_verdict, case.reopened_at) == (
        "screening", None, Verdict.RUMOUR, again,
    )  # fmt: skip
    for step in ("acknowledge", "judge", "report", "verify"):
        (task,) = tasks(context, 1)
        assert (task.step, task.due_at) == (step, again + limit(context.config.ladder, case.grade, step).within)
        act(context, 1, next(one for one in WAY if one.action == step), again + timedelta(seconds=1))
    assert standing(context, 1).stage == "wording"


WAY = (
    ActRequest("acknowledge", "zhang_min"),
    ActRequest("judge", "zhang_min", "成立"),
    ActRequest("report", "li_qiang", "已报"),
    ActRequest("verify", "chen_wei", "查明", Verdict.TRUE),
)


def test_the_first_word_of_a_reopened_case_is_owed_anew(context: CaseContext, walk: Walk, now: datetime) -> None:
    walk("review")
    act(context, 1, ActRequest("reopen", "li_qiang", "又有新情况"), now + 5 * DAY)
    with reading(context.engine) as session:
        last = session.scalars(select(AnnouncementRow).order_by(AnnouncementRow.event_id.desc()).limit(1)).one()
    event = CASE_EVENTS.decode(last.message)
    assert (event.kind, event.first_word_at, event.reopened_at) == ("reopen", None, now + 5 * DAY)


def test_a_case_is_not_reopened_beside_an_open_one(
    context: CaseContext, walk: Walk, found: CaseSnapshot, now: datetime
) -> None:
    walk("review")
    with transaction(context.engine) as session:
        open_case(session, context, found, (), now + DAY)
    with pytest.raises(Refused, match="该话题已有未结事件 2，不能重新立案"):
        act(context, 1, ActRequest("reopen", "li_qiang", "x"), now + DAY)


def test_a_wave_that_a_person_closed_and_that_comes_again_is_a_new_case_that_names_the_old_one(
    context: CaseContext, walk: Walk, found: CaseSnapshot, now: datetime
) -> None:
    walk("close")
    with transaction(context.engine) as session:
        assert open_case(session, context, found, (), now + DAY).id == 2
    opened = next(event for event in history(context) if event.case_id == 2)
    assert '"after": 1' in opened.detail
