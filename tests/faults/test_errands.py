"""People in the kill loop lead every case to an end that the workflow's table knows."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from alerts.casefile.tables import CaseRow
from alerts.workflow.parts import Verdict
from alerts.workflow.rules import WORKFLOW
from tests.faults.errands import AFTER, LEADER, SOON, Kind, next_errands

NOW = datetime(2026, 9, 21, 7, 0, tzinfo=UTC)
FALSE, WHOLE, MERGE, ASSIGN = 4, 1, 2, 3


def case(number: int, stage: str = "screening", age: timedelta = AFTER, topic: str = "") -> CaseRow:
    return CaseRow(id=number, topic=topic or f"t{number}", stage=stage, opened_at=NOW - age)


def words(row: CaseRow, *others: CaseRow, hurry: bool = False, assigned: tuple[int, ...] = ()) -> tuple[str, ...]:
    found = next_errands([row, *others], assigned, NOW, hurry=hurry)
    return next((one.words for one in found if one.words[3] == str(row.id)), ())


@pytest.mark.parametrize("hurry", [False, True])
def test_a_case_goes_by_the_table_from_its_first_stage_to_its_last(hurry: bool) -> None:
    row, stages, persons = case(WHOLE), ["screening"], []
    while errand := words(row, hurry=hurry and row.stage != "screening"):
        action, verdict = errand[4], Verdict("not_ours" if hurry else "true")
        persons.append((action, errand[6]))
        target = _after(row.stage, action, verdict)
        row.acknowledged_at, row.stage = NOW, target
        stages.append(target)
    assert stages[-1] == "archived"
    assert ("remedying" in stages) is not hurry
    by = dict(persons)
    assert hurry or by["draft"] != by["approve"]
    assert all(after in _reachable(before) for before, after in pairwise(stages))


def test_a_false_alarm_is_left_to_be_escalated_and_the_others_are_not() -> None:
    assert words(case(FALSE, age=SOON)) == ()
    assert words(case(FALSE))[4] == "judge_false_alarm"
    assert words(case(WHOLE, age=SOON))[4] == "acknowledge"


def test_a_case_is_handed_over_once() -> None:
    assert words(case(ASSIGN))[2] == "assign"
    assert words(case(ASSIGN), assigned=(ASSIGN,))[4] == "judge_false_alarm"


def test_a_case_goes_into_an_open_one_of_another_topic_that_is_no_incident() -> None:
    ended = case(5)
    ended.ended_at = NOW
    alone = (case(7, "trouble", topic="incident:letters:all"), case(9, topic=f"t{MERGE}"), ended)
    assert words(case(MERGE), *alone)[4] == "judge_false_alarm"
    assert words(case(MERGE), *alone, case(WHOLE))[2:5] == ("merge", str(MERGE), str(WHOLE))


def test_in_a_hurry_nothing_waits_and_nothing_is_handed_on() -> None:
    young = [case(number, age=timedelta(0)) for number in (FALSE, WHOLE, MERGE, ASSIGN)]
    found = next_errands(young, (), NOW, hurry=True)
    assert [(one.kind, one.words[4]) for one in found] == [(Kind.ACT, "judge_false_alarm")] * 4


def test_what_is_furthest_along_comes_first() -> None:
    found = next_errands([case(FALSE), case(WHOLE, "responding"), case(MERGE, "reporting")], (), NOW)
    assert [one.words[3] for one in found] == [str(WHOLE), str(MERGE), str(FALSE)]


def test_trouble_of_our_own_is_mended_by_a_leader() -> None:
    assert words(case(WHOLE, "trouble"))[4:7] == ("mended", "--by", LEADER)


def _after(stage: str, key: str, verdict: Verdict) -> str:
    action = WORKFLOW.action(stage, key)
    assert action is not None, f"{key} is not in the table at {stage}"
    target = action.target(verdict)
    assert target is not None
    return target


def _reachable(stage: str) -> set[str]:
    return {to for key in WORKFLOW.actions for to in WORKFLOW.targets(stage, key)}
