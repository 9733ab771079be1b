"""An incident is a case: it is taken, passed on, mended by people, or over by itself."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from alerts.casefile.acting.steps import act
from alerts.casefile.context import CaseContext
from alerts.casefile.tables import CaseRow, EventRow, TaskRow, broken_link
from alerts.casefile.troubles.casework import open_incident, recover
from alerts.detection.grades import Grade
from alerts.incidents.kinds import Kind
from alerts.incidents.troubles import Trouble
from alerts.notify.contents.bulletin import Bulletin
from alerts.notify.contents.letter import Letter, read_letter
from alerts.notify.contents.notice import Notice, Occasion
from alerts.notify.tables import OutboxRow
from alerts.watch import Watcher
from alerts.workflow.cases import ActRequest, Case, Refused
from alerts.workflow.ladder import Due
from stream.state.database import transaction

HOUR = timedelta(hours=1)


@pytest.fixture
def trouble(now: datetime) -> Trouble:
    return Trouble(
        kind=Kind.FAILED, thing="bbs", since=now - HOUR, what="信息源「bbs」连续读取失败。", todo="请检查网络。",
        grade=Grade.BLUE,
    )  # fmt: skip


@pytest.fixture
def opened(context: CaseContext, trouble: Trouble, now: datetime) -> Case:
    with transaction(context.engine) as session:
        return open_incident(session, context, trouble, now)


def letters(context: CaseContext) -> list[tuple[str, Letter]]:
    with transaction(context.engine) as session:
        rows = session.scalars(select(OutboxRow).order_by(OutboxRow.id))
        return [(row.person or "", read_letter(row.notice or "")) for row in rows]


def kinds(context: CaseContext) -> list[str]:
    with transaction(context.engine) as session:
        events = list(session.scalars(select(EventRow).order_by(EventRow.id)))
    assert broken_link(events) is None
    return [event.kind for event in events]


def steps(context: CaseContext) -> list[tuple[str, str, bool]]:
    with transaction(context.engine) as session:
        rows = session.scalars(select(TaskRow).order_by(TaskRow.id))
        return [(row.step, row.desk, row.ended_at is None) for row in rows]


def test_it_opens_with_a_task_and_a_letter_that_says_what_is_wrong(context: CaseContext, opened: Case) -> None:
    assert (opened.topic, opened.stage, opened.grade) == ("incident:failed:bbs", "trouble", Grade.BLUE)
    assert steps(context) == [("take", "publicity", True)]
    ((person, letter),) = letters(context)
    assert isinstance(letter, Notice)
    assert (person, letter.occasion, letter.figures) == ("zhang_min", Occasion.TROUBLE, None)
    assert letter.topic == "系统故障：信息源连续读取失败（bbs）"
    assert letter.headline == "信息源「bbs」连续读取失败。"
    assert letter.reasons == ("自 9月21日13:02 起。", "请检查网络。")
    assert "不是舆情" in letter.truth
    assert letter.demand.next_desk == "舆情工作组"
    assert [one.name for one in letter.demand.commands] == ["签收故障"]


def test_the_same_trouble_opens_no_second_case(
    context: CaseContext, opened: Case, trouble: Trouble, now: datetime
) -> None:
    with transaction(context.engine) as session:
        assert open_incident(session, context, trouble, now + HOUR) == opened
    assert len(letters(context)) == 1


@pytest.mark.parametrize("how", ["mended", "no_fault"])
def test_people_take_it_and_mend_it(context: CaseContext, opened: Case, now: datetime, how: str) -> None:
    taken = act(context, opened.id, ActRequest("take", "张敏"), now + HOUR)
    assert (taken.stage, taken.acknowledged_by) == ("trouble", "张敏")
    assert steps(context) == [("take", "publicity", False), ("mend", "publicity", True)]
    with pytest.raises(Refused, match="请写明办理意见"):
        act(context, opened.id, ActRequest(how, "张敏"), now + HOUR)
    done = act(context, opened.id, ActRequest(how, "张敏", "已更换代理"), now + HOUR)
    assert (done.stage, done.is_open) == ("mended", False)
    assert kinds(context) == ["opened", "take", how]
    assert not any(runs for _, _, runs in steps(context))


def test_what_is_for_the_public_cannot_be_done_to_it(context: CaseContext, opened: Case, now: datetime) -> None:
    able = "签收故障 take、排除故障 mended、查无故障 no_fault"
    with pytest.raises(Refused, match=f"「故障处置」，不能办理「研判结论：属实舆情，予以上报」；可以：{able}"):
        act(context, opened.id, ActRequest("judge", "张敏", "x"), now)


def test_two_who_share_an_address_get_a_letter_each(context: CaseContext, trouble: Trouble, now: datetime) -> None:
    people, desk = context.config.people, context.config.desks["publicity"]
    people["night"] = replace(people["zhang_min"], name="夜班")
    context.config.desks["publicity"] = replace(desk, people=("zhang_min", "night"), duty=())
    with transaction(context.engine) as session:
        open_incident(session, context, trouble, now)
    assert sorted(person for person, _ in letters(context)) == ["night", "zhang_min"]


def test_a_desk_that_is_called_otherwise_meanwhile_stops_no_reminder(context: CaseContext, opened: Case) -> None:
    context.config.desks["press"] = context.config.desks.pop("publicity")
    with transaction(context.engine) as session:
        warned_at = session.scalars(select(TaskRow.warn_at)).one()
    called = Watcher(context, [], "w").escalate(warned_at)
    assert [one.due for one in called] == [Due.WARN]
    _, letter = letters(context)[-1]
    assert isinstance(letter, Notice)
    assert (letter.occasion, letter.demand.step) == (Occasion.WARNED, "故障签收")


def test_nobody_takes_it_and_the_leaders_are_called(context: CaseContext, opened: Case, now: datetime) -> None:
    watcher = Watcher(context, [], "w")
    called = watcher.escalate(now + 5 * HOUR)
    assert [(one.due, one.desk) for one in called] == [(Due.BREACH, "leaders")]
    person, letter = letters(context)[-1]
    assert isinstance(letter, Notice)
    assert (person, letter.occasion) == ("wang_fang", Occasion.ESCALATED)
    assert letter.headline.startswith("上一岗位超时未办，现转请处置：信息源「bbs」")


def test_it_is_over_by_itself_and_everybody_who_was_asked_hears_of_it(
    context: CaseContext, opened: Case, now: datetime
) -> None:
    Watcher(context, [], "w").escalate(now + 5 * HOUR)
    with transaction(context.engine) as session:
        after = recover(session, context, opened.id, now + 6 * HOUR)
    assert after is not None
    assert (after.stage, after.ended_at) == ("mended", now + 6 * HOUR)
    assert kinds(context)[-1] == "recovered"
    assert not any(runs for _, _, runs in steps(context))
    told = [(person, letter) for person, letter in letters(context) if isinstance(letter, Bulletin)]
    assert [person for person, _ in told] == ["wang_fang", "zhang_min"]
    assert told[0][1].subject == "【已恢复】系统故障：信息源连续读取失败（bbs）"
    assert told[0][1].thread == f"{opened.id}.root@wenfeng.example.com"


def test_what_people_closed_is_not_closed_again(context: CaseContext, opened: Case, now: datetime) -> None:
    act(context, opened.id, ActRequest("mended", "张敏", "好了"), now)
    with transaction(context.engine) as session:
        assert recover(session, context, opened.id, now) is None
    assert kinds(context) == ["opened", "mended"]


def test_a_case_of_the_public_is_never_closed_so(context: CaseContext, opened: Case, now: datetime) -> None:
    with transaction(context.engine) as session:
        session.get_one(CaseRow, opened.id).found = NOT_OURS
    with transaction(context.engine) as session:
        assert recover(session, context, opened.id, now) is None


NOT_OURS = """{"signal": {"topic": "outage", "state": "spike", "at": "2026-09-21T06:00:00Z",
"window_start": "2026-09-21T06:00:00Z", "since": "2026-09-21T06:00:00Z", "total": 30, "negative": 30, "authors": 30,
"texts": 30, "unscored": 0, "effective": 30.0, "expected": 1.0, "share": 1.0, "usual_share": 0.2, "findings": []},
"grading": {"grade": "yellow", "weighed": []}, "posts": [], "coverage": []}"""
