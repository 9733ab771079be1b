"""What is offered to somebody is what they may do, and nothing else is."""

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from alerts.casefile.acting.deeds import require_order
from alerts.casefile.acting.orders import supervise
from alerts.casefile.acting.steps import act
from alerts.casefile.context import CaseContext
from alerts.casefile.troubles.casework import open_incident
from alerts.desk.dealing.permitted import Permitted, Standpoint, offers, permitted
from alerts.detection.grades import Grade
from alerts.incidents.kinds import Kind
from alerts.incidents.troubles import Trouble
from alerts.people.rights import Roster
from alerts.workflow.cases import ActRequest, Case, Order, Refused, allowed
from alerts.workflow.parts import Action, Verdict, Wording
from alerts.workflow.rules import WORKFLOW
from stream.state.database import reading, transaction
from tests.alerts.desk.dealing.conftest import DAY, MINUTE, Walk

PEOPLE = ("zhang_min", "li_qiang", "wang_fang", "chen_wei", "wu_tao")
WAY = (
    "acknowledge", "judge", "report", "verify", "draft", "approve", "respond", "plan_remedy", "remedied", "guide",
    "close", "review",
)  # fmt: skip


class Undone(Exception):
    """Raised at the end of an act that was possible, so that nothing of it is kept."""


def undo(_session: Session, _case: Case) -> None:
    raise Undone


def filled(action: Action, by: str, now: datetime) -> ActRequest:
    """A form as complete as the action wants it."""
    return ActRequest(
        action.key, by, "已办", Verdict.OPINION if action.verdict else None,
        statement="口径" if action.wording is Wording.WRITES else "",
        owner="safety" if action.plans else "", until=now + DAY if action.plans else None,
    )  # fmt: skip


def offered(context: CaseContext, key: str, now: datetime) -> Permitted:
    return permitted(context, 1, context.config.people[key], now)


@pytest.mark.parametrize("last", WAY)
def test_what_is_offered_is_done_and_what_is_not_is_refused(
    context: CaseContext, walk: Walk, now: datetime, last: str
) -> None:
    case, at = walk(last, Verdict.TRUE), now + 30 * MINUTE
    for key in PEOPLE:
        found = offered(context, key, at)
        assert {one.action.key for one in (*found.owed, *found.also)} == {one.key for one in allowed(case)}
        for one in (*found.owed, *found.also):
            done: type[Exception] = Undone if one.is_theirs else Refused
            with pytest.raises(done):
                act(context, 1, filled(one.action, key, at), at, beside=undo)


@pytest.mark.parametrize("last", ["acknowledge", "report", "approve", "guide"])
def test_an_order_is_offered_to_whoever_may_give_it(context: CaseContext, walk: Walk, now: datetime, last: str) -> None:
    case = walk(last)
    for key in PEOPLE:
        found = offered(context, key, now)
        assert [one.key for one in found.orders] == [rule.key for rule in WORKFLOW.orders]
        for one in found.orders:
            with reading(context.engine) as session:
                try:
                    require_order(session, context, case, context.config.people[key], one.key, now)
                    assert one.is_theirs, (key, one)
                except Refused:
                    assert one.why_not.startswith("由"), (key, one)


def test_whose_it_is_is_said_where_it_is_not_ones_own(context: CaseContext, walk: Walk, now: datetime) -> None:
    walk("report")
    found = offered(context, "zhang_min", now)
    (verify,) = found.owed
    assert (verify.action.key, verify.why_not) == ("verify", "由调度抢修中心办理")
    assert not found.is_theirs
    assert offered(context, "chen_wei", now).is_theirs
    supervised = found.order("supervise")
    assert supervised is not None
    assert supervised.why_not == "由舆情工作组办理"


def test_who_wrote_a_statement_is_told_that_another_one_approves(
    context: CaseContext, walk: Walk, now: datetime
) -> None:
    walk("verify")
    act(context, 1, ActRequest("draft", "li_qiang", statement="口径"), now + 9 * MINUTE)
    found = offered(context, "li_qiang", now)
    approve = found.action("approve")
    assert approve is not None
    assert approve.why_not == "须由另一人办理：上一环节由李强办理"
    assert offered(context, "wang_fang", now).action("approve").is_theirs  # type: ignore[union-attr]
    sent_back = found.action("send_back")
    assert sent_back is not None
    assert sent_back.is_theirs, "to take one's own words back needs nobody else"


def test_a_case_that_ended_takes_no_order_and_may_be_begun_anew(
    context: CaseContext, walk: Walk, now: datetime
) -> None:
    walk("review")
    found = offered(context, "wang_fang", now)
    assert found.orders == ()
    assert [one.action.key for one in found.also] == ["reopen"]
    assert (found.owed, found.action("judge"), found.order("assign")) == ((), None, None)


def test_what_would_do_nothing_is_not_offered(context: CaseContext, walk: Walk, now: datetime) -> None:
    walk("report")
    supervise(context, 1, Order("wang_fang", "影响较大"), now)
    found = offered(context, "wang_fang", now)
    assert found.order("supervise").why_not == "已在督办"  # type: ignore[union-attr]


def test_what_was_found_true_goes_into_no_other_case(context: CaseContext, walk: Walk, now: datetime) -> None:
    walk("verify", Verdict.TRUE)
    found = offered(context, "wang_fang", now).order("merge")
    assert found is not None
    assert found.why_not == "核实结论为「属实」，须自行回应并整改"


def test_words_that_nobody_approved_are_not_offered_to_be_published(
    context: CaseContext, walk: Walk, now: datetime
) -> None:
    case, config = walk("approve"), context.config
    stands = Standpoint(called={}, approved=False, clock_runs=False)
    known = Roster(config.people, config.desks, now)
    found = offers(case, config.people["wang_fang"], stands, config.ladder, known, owner="dispatch")
    assert found.action("clarify").why_not == "口径尚未经另一人审批"  # type: ignore[union-attr]
    assert found.order("assign").why_not == "没有待办环节"  # type: ignore[union-attr]
    mending = replace(case, stage="remedying", verdict=Verdict.TRUE)
    found = offers(mending, config.people["wang_fang"], stands, config.ladder, known, owner="dispatch")
    assert found.action("remedied").why_not == "尚未安排整改"  # type: ignore[union-attr]


def test_an_incident_is_taken_and_mended_and_takes_three_orders(context: CaseContext, now: datetime) -> None:
    trouble = Trouble(kind=Kind.FAILED, thing="bbs", since=now, what="读不到。", todo="查。", grade=Grade.YELLOW)
    with transaction(context.engine) as session:
        open_incident(session, context, trouble, now)
    found = offered(context, "zhang_min", now)
    assert [one.action.key for one in found.owed] == ["take"]
    assert [one.action.key for one in found.also] == ["mended", "no_fault"]
    assert [one.key for one in found.orders] == ["assign", "copy", "supervise"]


def test_a_case_that_is_not_there_is_refused(context: CaseContext, now: datetime) -> None:
    with pytest.raises(Refused, match="没有事件 1"):
        offered(context, "zhang_min", now)
