"""Cases as values, on both state databases."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from alerts.casefile.context import CaseContext
from alerts.casefile.tables import EventRow, record
from alerts.desk.cases import act_on_case, list_cases, read_details
from alerts.desk.register import Register
from alerts.detection.grades import Grade
from alerts.watch import Watcher
from alerts.workflow.cases import ActRequest, Case, Refused
from alerts.workflow.ladder import Ladder
from alerts.workflow.parts import Verdict
from stream.state.database import reading, transaction
from stream.topics import TopicsConfig

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def act(context: CaseContext, case: int, now: datetime, *steps: tuple[str, str, Verdict | None]) -> None:
    for action, by, verdict in steps:
        act_on_case(context, case, ActRequest(action, by, "已办", verdict), now)


def test_an_installation_without_a_case_has_none(register: Register) -> None:
    assert list_cases(register) == []
    assert list_cases(register, also_ended=True) == []
    with pytest.raises(Refused, match="没有事件 1"):
        read_details(register, 1)


def test_a_case_in_the_list_has_its_name_its_limit_and_whose_turn_it_is(
    register: Register, opened: int, now: datetime
) -> None:
    (one,) = list_cases(register)
    assert (one.case.id, one.case.grade, one.topic) == (opened, Grade.YELLOW, "停电抢修")
    (task,) = one.tasks
    assert (task.task.step, task.task.desk, task.desk) == ("acknowledge", "publicity", "宣传部舆情值班")
    assert one.due_at == task.task.due_at == now + HOUR


def test_ended_cases_are_listed_when_asked_for_the_newest_first(
    register: Register, context: CaseContext, watcher: Watcher, opened: int, now: datetime
) -> None:
    act(context, opened, now, ("judge_false_alarm", "张敏", None))
    assert list_cases(register) == []
    (ended,) = list_cases(register, also_ended=True)
    assert (ended.case.stage, ended.tasks, ended.due_at) == ("false_alarm", (), None)
    act(context, opened, now, ("reopen", "李强", None))
    assert [one.case.id for one in list_cases(register)] == [opened]


def test_details_are_the_numbers_the_tasks_the_choices_and_the_history(
    register: Register, opened: int, now: datetime
) -> None:
    details = read_details(register, opened)
    assert (details.case.id, details.topic, details.broken) == (opened, "停电抢修", None)
    assert details.snapshot.signal.negative == 30
    assert details.snapshot.grading.grade is Grade.YELLOW
    assert [one.desk for one in details.tasks] == ["宣传部舆情值班"]
    assert [action.key for action in details.actions] == ["acknowledge", "judge", "judge_false_alarm"]
    (entry,) = details.history
    assert (entry.kind, entry.by, entry.is_act, entry.at) == ("opened", "watch", False, now)
    assert (entry.stage, entry.verdict, entry.claimed, entry.unlisted) == (None, None, False, False)
    assert entry.detail["negative"] == 30


def test_an_act_is_recorded_with_where_it_led_who_claimed_it_and_whose_it_was(
    register: Register, context: CaseContext, opened: int, now: datetime
) -> None:
    act(
        context, opened, now + MINUTE, ("acknowledge", "张敏", None), ("judge", "张敏", None), ("report", "李强", None),
        ("verify", "chen.wei@example.com", Verdict.RUMOUR),
    )  # fmt: skip
    *_, acknowledged, judged, reported, verified = read_details(register, opened).history
    told = [(one.kind, one.by, one.stage, one.verdict) for one in (acknowledged, judged, reported, verified)]
    assert told == [
        ("acknowledge", "张敏", "screening", None),
        ("judge", "张敏", "reporting", None),
        ("report", "李强", "verifying", None),
        ("verify", "陈伟", "wording", Verdict.RUMOUR),
    ]
    assert all(one.claimed and one.is_act and not one.detail for one in (acknowledged, judged, reported, verified))
    assert not any(one.unlisted for one in (acknowledged, judged, reported, verified))


def test_whoever_is_known_to_act_claims_nothing(
    register: Register, context: CaseContext, opened: int, now: datetime
) -> None:
    request = ActRequest("acknowledge", "zhang_min", claimed=False)
    assert act_on_case(context, opened, request, now).case.acknowledged_by == "张敏"
    assert not read_details(register, opened).history[-1].claimed


def test_acknowledging_twice_changes_nothing_and_says_who_was_first(
    register: Register, context: CaseContext, opened: int, now: datetime
) -> None:
    first = act_on_case(context, opened, ActRequest("acknowledge", "张敏"), now)
    assert first.already is None
    before = read_details(register, opened)
    again = act_on_case(context, opened, ActRequest("acknowledge", "李强"), now + 5 * MINUTE)
    assert (again.case, again.already) == (first.case, "张敏已于 14:02 签收")
    assert read_details(register, opened) == before


def test_what_is_refused_changes_nothing(register: Register, context: CaseContext, opened: int, now: datetime) -> None:
    before = read_details(register, opened)
    for request in (
        ActRequest("close", "张敏", "x"),
        ActRequest("judge", "张敏"),
        ActRequest("judge", "路人", "x"),
        ActRequest("judge", "张敏", "x", Verdict.TRUE),
        ActRequest("dance", "张敏", "x"),
    ):
        with pytest.raises(Refused):
            act_on_case(context, opened, request, now)
    with pytest.raises(Refused, match="没有事件 99"):
        act_on_case(context, 99, ActRequest("acknowledge", "张敏"), now)
    assert read_details(register, opened) == before


def test_closing_a_case_whose_topic_burns_is_refused_with_the_figures_until_it_is_confirmed(
    context: CaseContext, opened: int, now: datetime
) -> None:
    act(
        context, opened, now, ("acknowledge", "张敏", None), ("judge", "张敏", None), ("report", "李强", None),
        ("verify", "陈伟", Verdict.NOT_OURS),
    )  # fmt: skip
    close = ActRequest("close", "张敏", "已办")
    with pytest.raises(Refused, match=r"话题仍在上升：当前负面 30 条.*上次通知时 30 条.*请加 --confirm"):
        act_on_case(context, opened, close, now)
    assert act_on_case(context, opened, replace(close, confirm=True), now).case.stage == "reviewing"


def test_a_history_of_the_version_before_is_read_with_its_words(register: Register, opened: int, now: datetime) -> None:
    """Its details cannot be rewritten: the chain of digests covers them."""
    with transaction(register.engine) as session:
        detail = {"stage": "responding", "verdict": "部分属实"}
        record(session, opened, "verify", at=now, by="陈伟", note="x", detail=detail)
    details = read_details(register, opened)
    entry = details.history[-1]
    assert (entry.verdict, entry.stage, entry.claimed) == (Verdict.PARTLY_TRUE, "responding", False)
    assert details.broken is None


def test_a_changed_history_is_told(register: Register, opened: int) -> None:
    with transaction(register.engine) as session:
        session.execute(text("UPDATE alert_event SET note = 'x'"))
    assert read_details(register, opened).broken == 1


@pytest.mark.parametrize(
    ("detail", "shown"),
    [
        ("gone", {"detail": "gone"}),
        ("[1]", {"detail": [1]}),
        ('{"verdict": "假的"}', {"verdict": "假的"}),
        ('{"verdict": [1]}', {"verdict": [1]}),
    ],
)
def test_what_was_put_into_a_history_is_shown_and_hides_nothing_else(
    register: Register, opened: int, detail: str, shown: object
) -> None:
    with transaction(register.engine) as session:
        session.execute(text("UPDATE alert_event SET detail = :detail"), {"detail": detail})
    details = read_details(register, opened)
    assert (details.history[0].detail, details.history[0].verdict, details.broken) == (shown, None, 1)


def test_names_that_left_the_configuration_are_shown_by_their_keys(register: Register, opened: int) -> None:
    """A topic that is watched no more, a desk that was renamed: the case is still there."""
    desks = {key: desk for key, desk in register.config.desks.items() if key != "publicity"}
    config = replace(register.config, desks=desks, ladder=_without(register.config.ladder, "publicity"))
    (one,) = list_cases(Register(register.engine, config, TopicsConfig(topics={})))
    assert (one.topic, one.tasks[0].desk) == ("outage", "publicity")


def _without(ladder: Ladder, desk: str) -> Ladder:
    rungs = {step: tuple(one for one in desks if one != desk) for step, desks in ladder.desks.items()}
    return replace(ladder, desks=rungs)


def test_a_desk_that_slept_is_passed_over_in_tasks_and_history(
    register: Register, watcher: Watcher, opened: int, now: datetime
) -> None:
    watcher.escalate(now + HOUR)
    details = read_details(register, opened)
    assert [one.desk for one in details.tasks] == ["宣传部负责人"]
    entry = details.history[-1]
    assert (entry.kind, entry.detail["from"], entry.detail["to"]) == ("escalated", "publicity", "publicity_head")


def test_every_event_has_one_entry(register: Register, context: CaseContext, opened: int, now: datetime) -> None:
    act(context, opened, now, ("acknowledge", "张敏", None), ("judge", "张敏", None))
    with reading(register.engine) as session:
        numbers = list(session.scalars(select(EventRow.number).order_by(EventRow.number)))
    assert [entry.number for entry in read_details(register, opened).history] == numbers == [1, 2, 3]


def test_what_is_written_beside_an_act_is_kept_with_it_or_not_at_all(
    context: CaseContext, opened: int, now: datetime
) -> None:
    seen: list[str] = []

    def beside(session: Session, case: Case) -> None:
        record(session, case.id, "beside", at=now, by="test")
        seen.append(case.stage)
        if len(seen) == 1:
            raise ZeroDivisionError

    def kinds() -> list[str]:
        with reading(context.engine) as session:
            return [kind for kind in session.scalars(select(EventRow.kind)) if kind in ("judge", "beside")]

    request = ActRequest("judge", "张敏", "成立")
    with pytest.raises(ZeroDivisionError):
        act_on_case(context, opened, request, now, beside)
    assert kinds() == []
    act_on_case(context, opened, request, now, beside)
    assert (kinds(), seen) == (["judge", "beside"], ["reporting", "reporting"])
    with pytest.raises(Refused):
        act_on_case(context, opened, request, now, beside)
    assert len(seen) == 2


def test_an_act_that_the_workflow_does_not_know_is_refused_in_words(
    context: CaseContext, opened: int, now: datetime
) -> None:
    with pytest.raises(Refused, match="事件处于「初筛研判」，不能办理「fly」；可以："):
        act_on_case(context, opened, ActRequest("fly", "张敏"), now)
