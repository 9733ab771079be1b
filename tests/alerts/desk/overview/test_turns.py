"""Cases stand where the person who looks has them: to do, signed for and not begun, others', closed and rising."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from alerts.casefile.context import CaseContext
from alerts.casefile.tables import TaskRow
from alerts.casefile.troubles.casework import open_incident
from alerts.desk.cases import act_on_case
from alerts.desk.overview.turns import MOST, MOST_OF_OTHERS, CaseTurn, arrange, read_turns
from alerts.detection.grades import Grade
from alerts.incidents.kinds import Kind
from alerts.incidents.troubles import Trouble
from alerts.notify.tables import OutboxRow
from alerts.watch import Watcher
from alerts.workflow.cases import ActRequest, Case
from alerts.workflow.ladder import Task
from alerts.workflow.parts import Verdict
from stream.errors import Retryable
from stream.index.port import Reader
from stream.messages import ScoredPost
from stream.state.database import transaction

NOW = datetime(2026, 9, 21, 6, 2, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def calm(topic: str) -> bool:
    return False


def rising(topic: str) -> bool:
    return True


def turn(
    number: int, due: timedelta | None = HOUR, *, mine: bool = True, topic: str = "outage", **case: object
) -> CaseTurn:
    given: dict[str, object] = {
        "id": number, "topic": topic, "stage": "screening", "grade": Grade.YELLOW, "opened_at": NOW, "since": NOW,
        "notified": 1.0, "peak": 1.0, "last_spike_at": NOW,
    }  # fmt: skip
    task = None
    if due is not None:
        task = Task(
            case_id=number, step="acknowledge", turn=0, level=0, desk="publicity", began_at=NOW, due_at=NOW + due,
            warn_at=NOW + due,
        )  # fmt: skip
    made = Case(**(given | case))  # type: ignore[arg-type]
    return CaseTurn(case=made, topic=topic, task=task, desk="值班", next_desk="", is_mine=mine)


def numbers(turns: tuple[CaseTurn, ...]) -> list[int]:
    return [one.case.id for one in turns]


def test_what_is_due_first_stands_first_and_what_nobody_owes_last() -> None:
    found = arrange([turn(1, 2 * HOUR), turn(2, HOUR), turn(3, -MINUTE)], calm)
    assert numbers(found.mine) == [3, 2, 1]
    found = arrange([turn(1, None, mine=False), turn(2, mine=False)], calm)
    assert numbers(found.others) == [2, 1]


def test_the_graver_stands_before_what_is_due_at_the_same_moment() -> None:
    assert numbers(arrange([turn(1), turn(2, grade=Grade.RED)], calm).mine) == [2, 1]


def test_a_case_that_somebody_signed_for_and_did_not_begin_stands_by_itself() -> None:
    signed = {"acknowledged_at": NOW, "acknowledged_by": "张敏"}
    begun = turn(2, mine=False, stage="reporting", **signed)
    found = arrange([turn(1, mine=False, **signed), begun, turn(3, mine=False)], calm)
    assert (numbers(found.signed), numbers(found.others)) == ([1], [3, 2])
    assert numbers(arrange([turn(1, **signed)], calm).mine) == [1]


def test_a_closed_case_is_shown_only_while_its_topic_rises_and_no_other_case_has_it() -> None:
    ended = turn(1, None, mine=False, stage="false_alarm", ended_at=NOW)
    assert arrange([ended], calm).is_empty
    assert numbers(arrange([ended], rising).risen) == [1]
    assert arrange([ended, turn(2)], rising).risen == ()
    assert arrange([turn(1, None, stage="merged", ended_at=NOW, merged_into=9)], rising).is_empty


def test_of_several_closed_cases_of_a_topic_the_last_one_is_shown() -> None:
    ended = [turn(number, None, mine=False, stage="archived", ended_at=NOW) for number in (2, 5, 3)]
    assert numbers(arrange(ended, rising).risen) == [5]


def test_a_closed_case_whose_review_is_owed_is_somebodys_turn() -> None:
    found = arrange([turn(1, stage="reviewing", ended_at=NOW)], calm)
    assert numbers(found.mine) == [1]
    assert numbers(arrange([turn(1, stage="reviewing", ended_at=NOW)], rising).risen) == [1]


def test_a_group_is_cut_and_what_was_left_out_is_counted() -> None:
    found = arrange([turn(number) for number in range(MOST + 7)], calm)
    assert (len(found.mine), found.left) == (MOST, 7)
    found = arrange([turn(number, mine=False) for number in range(MOST_OF_OTHERS + 3)], calm)
    assert (len(found.others), found.left) == (MOST_OF_OTHERS, 3)


@given(
    st.lists(
        st.builds(
            turn, st.integers(1, 10**6), st.one_of(st.none(), st.timedeltas(-DAY, DAY)), mine=st.booleans(),
            topic=st.sampled_from("abc"), ended_at=st.sampled_from([None, NOW]),
            acknowledged_at=st.sampled_from([None, NOW]), stage=st.sampled_from(["screening", "verifying", "trouble"]),
        ),
        unique_by=lambda one: one.case.id, max_size=MOST_OF_OTHERS,
    ),
    st.sets(st.sampled_from("abc")),
)  # fmt: skip
def test_every_open_case_stands_in_one_group_and_no_case_in_two(turns: list[CaseTurn], topics: set[str]) -> None:
    found = arrange(turns, topics.__contains__)
    shown = [*numbers(found.mine), *numbers(found.signed), *numbers(found.others), *numbers(found.risen)]
    assert len(shown) == len(set(shown))
    assert {one.case.id for one in turns if one.case.is_open} <= set(shown)


def test_a_new_case_is_the_turn_of_who_is_at_its_desk(context: CaseContext, opened: int, now: datetime) -> None:
    (one,) = read_turns(context, "zhang_min", calm, now).mine
    assert (one.case.id, one.topic, one.step, one.desk, one.next_desk) == (
        opened, "停电抢修", "acknowledge", "宣传部舆情值班", "宣传部负责人"
    )  # fmt: skip
    assert (one.due_at, one.is_signing, one.is_incident) == (now + HOUR, True, False)
    assert "停电三天没人管" in one.claim
    other = read_turns(context, "sun_li", calm, now)
    assert (other.mine, numbers(other.others)) == ((), [opened])


def test_a_stand_in_has_the_turn_of_who_is_away(context: CaseContext, opened: int, now: datetime) -> None:
    desk = replace(context.config.desks["publicity"], people=("zhang_min", "sun_li"))
    moved = replace(context, config=replace(context.config, desks={**context.config.desks, "publicity": desk}))
    assert numbers(read_turns(moved, "sun_li", calm, now).mine) == [opened]


def test_the_last_rung_has_nobody_after_it(context: CaseContext, watcher: Watcher, opened: int, now: datetime) -> None:
    watcher.escalate(now + HOUR)
    watcher.escalate(now + 2 * HOUR)
    (one,) = read_turns(context, "wang_fang", calm, now + 2 * HOUR).mine
    assert (one.desk, one.next_desk) == ("舆情工作组", "")


def test_what_was_signed_for_is_still_the_turn_of_its_desk_and_others_see_it_lie(
    context: CaseContext, opened: int, now: datetime
) -> None:
    act_on_case(context, opened, ActRequest("acknowledge", "zhang_min"), now)
    (mine,) = read_turns(context, "zhang_min", calm, now).mine
    assert (mine.step, mine.is_signing) == ("judge", False)
    assert numbers(read_turns(context, "li_qiang", calm, now).signed) == [opened]


def test_a_desk_that_left_the_configuration_is_stood_in_for(context: CaseContext, opened: int, now: datetime) -> None:
    with transaction(context.engine) as session:
        session.execute(update(TaskRow).values(desk="gone"))
    (one,) = read_turns(context, "zhang_min", calm, now).mine
    assert one.desk == "宣传部舆情值班"


def test_the_claim_is_what_the_newest_letter_says_else_the_first_post(
    context: CaseContext, opened: int, now: datetime
) -> None:
    with transaction(context.engine) as session:
        session.execute(update(OutboxRow).values(notice='{"claim": "黑石渡变电站爆炸"}'))
    (one,) = read_turns(context, "zhang_min", calm, now).mine
    assert one.claim == "黑石渡变电站爆炸"
    for spoilt in ("[", "[1]", '{"claim": 7}', '{"claim": ""}'):
        with transaction(context.engine) as session:
            session.execute(update(OutboxRow).values(notice=spoilt))
        (one,) = read_turns(context, "zhang_min", calm, now).mine
        assert one.claim == "听说好几个小区停电三天没人管"


class Away:
    """An index that does not answer."""

    def get(self, ids: list[str]) -> list[ScoredPost]:
        raise Retryable("index: no answer")


def test_without_the_index_cases_are_listed_all_the_same(context: CaseContext, opened: int, now: datetime) -> None:
    with transaction(context.engine) as session:
        session.execute(update(OutboxRow).values(notice=None))
    reader: Reader = Away()  # type: ignore[assignment]
    (one,) = read_turns(replace(context, reader=reader), "zhang_min", calm, now).mine
    assert (one.case.id, one.claim) == (opened, "")


def test_an_incident_says_what_is_wrong(context: CaseContext, now: datetime) -> None:
    trouble = Trouble(
        kind=Kind.FAILED, thing="bbs", since=now, what="临江论坛读不到。", todo="请检查。", grade=Grade.BLUE
    )
    with transaction(context.engine) as session:
        open_incident(session, context, trouble, now)
        session.execute(update(OutboxRow).values(notice=None))
    found = read_turns(context, "zhang_min", calm, now)
    (one,) = (*found.mine, *found.others)
    assert (one.is_incident, one.step, one.claim) == (True, "take", "临江论坛读不到。")


def test_a_case_closed_in_the_wave_is_shown_for_three_days(
    context: CaseContext, opened: int, now: datetime, rumour: Callable[..., list[ScoredPost]]
) -> None:
    act_on_case(context, opened, ActRequest("judge_false_alarm", "zhang_min", "演练"), now)
    assert read_turns(context, "zhang_min", calm, now).is_empty
    found = read_turns(context, "zhang_min", rising, now)
    assert (numbers(found.risen), found.risen[0].task) == ([opened], None)
    assert numbers(read_turns(context, "zhang_min", rising, now + 3 * DAY).risen) == []


@pytest.mark.parametrize("person", ["zhang_min", "nobody"])
def test_who_sits_at_no_desk_sees_what_others_do(context: CaseContext, opened: int, now: datetime, person: str) -> None:
    found = read_turns(context, person, calm, now)
    assert numbers(found.mine or found.others) == [opened]
    assert bool(found.mine) is (person == "zhang_min")


def test_the_owner_has_the_turn_once_the_truth_is_to_be_found(context: CaseContext, opened: int, now: datetime) -> None:
    for action, by in (("judge", "zhang_min"), ("report", "li_qiang")):
        act_on_case(context, opened, ActRequest(action, by, "请核实"), now)
    (one,) = read_turns(context, "chen_wei", calm, now).mine
    assert (one.step, one.desk) == ("verify", "调度抢修中心")
    act_on_case(context, opened, ActRequest("verify", "chen_wei", "系演练", verdict=Verdict.RUMOUR), now)
    assert read_turns(context, "chen_wei", calm, now).mine == ()
