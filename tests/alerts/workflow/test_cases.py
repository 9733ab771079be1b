from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from alerts.detection.grades import Grade
from alerts.detection.signals import Finding, Reason, Signal, State
from alerts.workflow.cases import (
    AlreadyAcknowledged,
    Case,
    Correlation,
    Refused,
    allowed,
    apply,
    correlate,
    merged,
    regrade,
    rekindle,
    rising,
)
from alerts.workflow.parts import Verdict
from alerts.workflow.rules import WORKFLOW
from alerts.workflow.table import Workflow
from tests.alerts.workflow.grown import grown

NOW = datetime(2026, 9, 21, 6, 0, tzinfo=UTC)
HOURS = timedelta(hours=1)
CASE = Case(
    id=1, topic="outage", stage="screening", grade=Grade.BLUE, opened_at=NOW, since=NOW, notified=20.0, peak=20.0,
    last_spike_at=NOW,
)  # fmt: skip
OFFERED = [(stage, action) for stage, action in product(WORKFLOW.stages, WORKFLOW.actions)]
BY_VERDICT = ("verify", "clarify", "respond")
PLAIN = [pair for pair in OFFERED if len(WORKFLOW.targets(*pair)) == 1 and pair[1] not in BY_VERDICT]


def do(
    case: Case, action: str, verdict: Verdict | None = None, *, by: str = "张敏", brought_by: str | None = None,
    workflow: Workflow = WORKFLOW,
) -> Case:  # fmt: skip
    return apply(case, action, by=by, at=NOW, note="已办", verdict=verdict, brought_by=brought_by, workflow=workflow)


def spike(effective: float, at: datetime = NOW) -> Signal:
    return Signal(
        topic="outage", state=State.SPIKE, at=at, window_start=at, since=at, total=30, negative=30, authors=30,
        texts=30, unscored=0, effective=effective, expected=1.0, share=1.0, usual_share=0.2, findings=(),
    )  # fmt: skip


def keys(case: Case, workflow: Workflow = WORKFLOW) -> list[str]:
    return [action.key for action in allowed(case, workflow)]


@pytest.mark.parametrize(("stage", "action"), PLAIN)
def test_every_plain_edge_leads_where_the_table_says(stage: str, action: str) -> None:
    after = do(replace(CASE, stage=stage), action)
    assert {after.stage} == WORKFLOW.targets(stage, action)
    assert after.revision == 1
    assert after.is_open == WORKFLOW.is_open(after.stage)


@pytest.mark.parametrize(("stage", "action"), [pair for pair in OFFERED if not WORKFLOW.targets(*pair)], ids="-".join)
def test_what_is_not_in_the_table_is_refused(stage: str, action: str) -> None:
    with pytest.raises(Refused, match="不能"):
        do(replace(CASE, stage=stage), action, Verdict.RUMOUR if action == "verify" else None)


def test_a_refusal_says_what_is_possible_with_words_and_keys() -> None:
    with pytest.raises(Refused) as caught:
        do(CASE, "close")
    assert caught.value.detail == (
        "事件处于「初筛研判」，不能办理「办结销号」；可以：签收 acknowledge、"
        "研判结论：属实舆情，予以上报 judge、研判结论：误报 judge_false_alarm"
    )
    with pytest.raises(Refused, match="（核实结论：谣言），不能办理「dance」"):
        do(replace(CASE, stage="tracking", verdict=Verdict.RUMOUR), "dance")


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_leads_on_and_the_case_can_be_closed(verdict: Verdict) -> None:
    case = do(replace(CASE, stage="verifying"), "verify", verdict)
    walked = [case.stage]
    while case.stage != "archived":
        case = do(case, keys(case)[0])
        assert case.stage not in walked
        walked.append(case.stage)
    assert ("approving" in walked) == (verdict is not Verdict.NOT_OURS)
    assert ("remedying" in walked) == (verdict in (Verdict.TRUE, Verdict.PARTLY_TRUE))
    assert walked[-2:] == ["reviewing", "archived"]


def test_what_is_true_is_answered_and_put_right_and_nothing_else() -> None:
    case = do(replace(CASE, stage="verifying"), "verify", Verdict.TRUE)
    assert keys(case) == ["draft"]
    with pytest.raises(Refused):
        do(case, "verify", Verdict.RUMOUR)
    approved = do(do(case, "draft"), "approve")
    assert keys(approved) == ["respond", "draft"]
    with pytest.raises(Refused):
        do(approved, "clarify")
    planning = do(approved, "respond")
    assert keys(planning) == ["plan_remedy"]
    assert keys(do(planning, "plan_remedy")) == ["remedied", "plan_remedy"]


def test_a_rumour_that_turns_out_true_goes_back_to_the_answer() -> None:
    case = replace(CASE, stage="tracking", verdict=Verdict.RUMOUR)
    assert do(case, "verify", Verdict.TRUE).stage == "wording"


def test_a_first_word_is_said_before_anything_is_found_out() -> None:
    case = replace(CASE, stage="verifying")
    assert keys(case) == ["verify", "first_word"]
    assert do(case, "first_word") == replace(case, acknowledged_at=NOW, acknowledged_by="张敏", revision=1)


def test_words_that_are_sent_back_are_written_anew() -> None:
    waits = replace(CASE, stage="approving", verdict=Verdict.RUMOUR)
    assert do(waits, "send_back").stage == "wording"
    with pytest.raises(Refused, match="办理意见"):
        apply(waits, "send_back", by="李强", at=NOW, brought_by="张敏")


def test_what_fulfils_the_step_is_offered_first() -> None:
    case = replace(CASE, stage="tracking", verdict=Verdict.RUMOUR, acknowledged_at=NOW)
    assert keys(case) == ["close", "track", "verify"]
    assert keys(CASE)[0] == "acknowledge"
    assert keys(replace(CASE, acknowledged_at=NOW)) == ["judge", "judge_false_alarm"]


def test_an_act_needs_a_name_and_a_reason_and_only_verification_a_verdict() -> None:
    with pytest.raises(Refused, match="操作人"):
        do(CASE, "judge", by=" ")
    with pytest.raises(Refused, match="办理意见"):
        apply(CASE, "judge", by="张敏", at=NOW, note="  ", brought_by=None)
    with pytest.raises(Refused, match="不能给出核实结论"):
        do(CASE, "judge", Verdict.RUMOUR)
    with pytest.raises(Refused, match="要给出结论：谣言、属实"):
        do(replace(CASE, stage="verifying"), "verify")
    assert apply(CASE, "acknowledge", by="张敏", at=NOW, brought_by=None).acknowledged_by == "张敏"


def test_who_acknowledges_a_second_time_is_told_who_was_first_and_when() -> None:
    seen = do(CASE, "acknowledge")
    with pytest.raises(AlreadyAcknowledged) as caught:
        do(seen, "acknowledge", by="李强")
    assert caught.value.detail == "张敏已于 14:00 签收"
    with pytest.raises(AlreadyAcknowledged, match="张敏已于 9月21日14:00 签收"):
        apply(seen, "acknowledge", by="张敏", at=NOW + 20 * HOURS, brought_by=None)
    with pytest.raises(AlreadyAcknowledged):
        do(do(seen, "judge"), "acknowledge", by="李强")


def test_judging_a_case_acknowledges_it_too_and_reopening_starts_over() -> None:
    ended = do(CASE, "judge_false_alarm")
    assert (ended.acknowledged_at, ended.ended_at, ended.is_open) == (NOW, NOW, False)
    again = do(ended, "reopen")
    assert (again.stage, again.acknowledged_at, again.ended_at) == ("screening", None, None)
    archived = replace(CASE, stage="archived", verdict=Verdict.TRUE, ended_at=NOW)
    reopened = do(archived, "reopen")
    assert (reopened.verdict, reopened.previous_verdict, reopened.reopened_at) == (None, Verdict.TRUE, NOW)


def test_what_a_person_made_of_a_case_is_gone_when_it_begins_anew_and_its_verdicts_stay_in_sight() -> None:
    before = replace(
        CASE, stage="merged", verdict=None, previous_verdict=Verdict.RUMOUR, graded_by="李强", seen_grade=Grade.RED,
        merged_into=2, supervised_at=NOW, ended_at=NOW, count_at_end=9.0,
    )  # fmt: skip
    after = do(before, "reopen")
    assert (after.graded_by, after.merged_into, after.supervised_at, after.count_at_end) == (None, None, None, None)
    assert (after.previous_verdict, after.seen_grade) == (Verdict.RUMOUR, Grade.RED)


def test_limits_of_a_case_run_from_its_latest_beginning() -> None:
    assert CASE.counted_from == NOW
    again = replace(CASE, reopened_at=NOW + 5 * HOURS)
    assert again.counted_from == NOW + 5 * HOURS
    assert replace(again, rekindled_at=NOW + 2 * HOURS).counted_from == NOW + 5 * HOURS
    assert replace(again, rekindled_at=NOW + 9 * HOURS).counted_from == NOW + 9 * HOURS


def test_a_case_remembers_the_count_that_it_ended_with() -> None:
    assert do(replace(CASE, notified=12.0), "judge_false_alarm").count_at_end == 12.0
    again = replace(CASE, stage="reviewing", ended_at=NOW - HOURS, count_at_end=7.0, notified=3.0)
    assert do(again, "review").count_at_end == 7.0


def test_a_merged_case_has_ended_and_says_where_it_went() -> None:
    gone = merged(replace(CASE, notified=8.0), 7, NOW + HOURS)
    assert (gone.stage, gone.merged_into, gone.ended_at, gone.count_at_end) == ("merged", 7, NOW + HOURS, 8.0)
    assert keys(gone) == ["reopen"]
    with pytest.raises(Refused, match="事件 1 已结（已并案），如需继续办理请先重新启动"):
        merged(gone, 8, NOW)


@pytest.mark.parametrize("verdict", [None, *Verdict])
def test_what_was_found_true_is_put_right_where_it_is_and_goes_into_no_other_case(verdict: Verdict | None) -> None:
    case = replace(CASE, stage="tracking", verdict=verdict)
    if verdict in (Verdict.TRUE, Verdict.PARTLY_TRUE):
        with pytest.raises(Refused, match="须自行回应并整改，不能并入其他事件"):
            merged(case, 7, NOW)
    else:
        assert merged(case, 7, NOW).stage == "merged"


def test_a_grade_rises_by_the_rules_alone_unless_a_person_set_it() -> None:
    risen = regrade(CASE, Grade.ORANGE)
    assert (risen.grade, risen.seen_grade) == (Grade.ORANGE, Grade.ORANGE)
    assert regrade(risen, Grade.BLUE) == risen
    by_hand = replace(CASE, grade=Grade.YELLOW, graded_by="李强")
    assert regrade(by_hand, Grade.RED) == replace(by_hand, seen_grade=Grade.RED)


def test_a_topic_rises_while_it_spikes_or_is_above_what_was_last_told() -> None:
    calm = replace(spike(19), state=State.CALM, negative=19)
    assert rising(calm, spike(20)) is None
    assert rising(replace(calm, effective=21.0), spike(20)) == (
        "当前负面 19 条（折合 21，常态 1），上次通知时 30 条（折合 20）"
    )
    assert rising(spike(5), spike(20)) is not None
    wider = replace(calm, effective=90.0, window_start=NOW - 24 * HOURS)
    assert rising(wider, spike(20)) is None, "a day's count is no rise of an hour's"


def test_the_end_of_a_case_is_when_it_was_closed_not_when_it_was_reviewed() -> None:
    closed = replace(CASE, stage="reviewing", ended_at=NOW - 5 * HOURS)
    assert do(closed, "review").ended_at == NOW - 5 * HOURS


def test_a_new_step_is_one_row_and_a_case_walks_through_it() -> None:
    workflow = grown()
    case = do(replace(CASE, stage="verifying"), "verify", Verdict.RUMOUR, by="陈伟", workflow=workflow)
    case = do(do(case, "draft", workflow=workflow), "approve", by="李强", brought_by="张敏", workflow=workflow)
    assert case.stage == "checking"
    assert keys(case, workflow) == ["pass_legally"]
    passed = do(case, "pass_legally", by="吴涛", brought_by="李强", workflow=workflow)
    assert passed.stage == "responding"
    assert do(passed, "clarify", workflow=workflow).stage == "guiding"


def test_the_second_person_is_another_one() -> None:
    case = replace(CASE, stage="approving", verdict=Verdict.RUMOUR)
    with pytest.raises(Refused, match="须由另一人办理：上一环节由陈伟办理"):
        do(case, "approve", by="陈伟", brought_by="陈伟")
    assert do(case, "approve", by="陈伟", brought_by=None).stage == "responding"
    assert do(case, "send_back", by="陈伟", brought_by="陈伟").stage == "wording", "whoever wrote it may take it back"


def beside(last: Case | None, signal: Signal, *, new_wave: bool = False, grade: Grade = Grade.BLUE) -> Correlation:
    return correlate(last, signal, 2.0, 12 * HOURS, new_wave=new_wave, grade=grade)


def test_a_spike_joins_the_open_case_and_says_when_it_rose() -> None:
    assert beside(None, spike(9)) is Correlation.OPENS
    assert beside(None, spike(9), new_wave=True) is Correlation.OPENS
    assert beside(CASE, spike(39)) is Correlation.JOINS
    assert beside(CASE, spike(40)) is Correlation.ROSE


def test_a_new_wave_in_an_open_case_burns_again_whatever_its_height() -> None:
    assert beside(CASE, spike(5), new_wave=True) is Correlation.REKINDLED
    assert beside(replace(CASE, calm_at=NOW), spike(99), new_wave=True) is Correlation.REKINDLED
    assert beside(replace(CASE, calm_at=NOW), spike(5)) is Correlation.JOINS


def test_silence_adds_nothing_to_an_open_case_and_opens_one_where_there_is_none() -> None:
    fall = replace(spike(99), findings=(Finding(Reason.FALL, 9.0, 5.0),))
    assert beside(CASE, fall, new_wave=True) is Correlation.JOINS
    assert beside(None, fall) is Correlation.OPENS
    assert beside(replace(CASE, stage="archived", ended_at=NOW), fall, new_wave=True) is Correlation.OPENS


def test_a_wave_a_person_ended_opens_no_second_case() -> None:
    ended = replace(CASE, stage="false_alarm", ended_at=NOW)
    assert beside(ended, spike(25)) is Correlation.SAME_EPISODE
    assert beside(ended, spike(25), new_wave=True) is Correlation.OPENS
    assert beside(ended, spike(40)) is Correlation.OPENS
    assert beside(ended, spike(25, NOW + 12 * HOURS)) is Correlation.OPENS
    assert beside(replace(ended, calm_at=NOW), spike(9)) is Correlation.OPENS


def test_a_closed_wave_that_doubles_from_where_it_was_closed_is_a_case_again() -> None:
    ended = replace(CASE, stage="reviewing", ended_at=NOW, peak=90.0, count_at_end=20.0)
    assert beside(ended, spike(39)) is Correlation.SAME_EPISODE
    assert beside(ended, spike(40)) is Correlation.OPENS
    assert beside(replace(ended, count_at_end=None), spike(40)) is Correlation.SAME_EPISODE, "of a version before"


def test_a_closed_wave_that_becomes_graver_than_it_ever_was_is_a_case_again() -> None:
    ended = replace(CASE, stage="false_alarm", ended_at=NOW, count_at_end=20.0)
    assert beside(ended, spike(25), grade=Grade.YELLOW) is Correlation.OPENS
    for known in (replace(ended, grade=Grade.YELLOW), replace(ended, seen_grade=Grade.YELLOW)):
        assert beside(known, spike(25), grade=Grade.YELLOW) is Correlation.SAME_EPISODE
        assert beside(known, spike(25), grade=Grade.ORANGE) is Correlation.OPENS
    fall = replace(spike(25), findings=(Finding(Reason.FALL, 9.0, 5.0),))
    assert beside(ended, fall, grade=Grade.RED) is Correlation.SAME_EPISODE


@pytest.mark.parametrize("verdict", [None, *Verdict])
@pytest.mark.parametrize("stage", [stage for stage in WORKFLOW.stages if WORKFLOW.is_open(stage)])
def test_what_answered_the_wave_before_is_owed_anew_and_nothing_earlier_is(stage: str, verdict: Verdict | None) -> None:
    before = replace(CASE, stage=stage, verdict=verdict, acknowledged_at=NOW, calm_at=NOW, revision=4)
    after = rekindle(before, NOW + HOURS)
    answered = stage in ("guiding", "tracking") and verdict is not None
    anew = "verifying" if verdict is Verdict.NOT_OURS else "wording"
    assert after.stage == (anew if answered else stage)
    assert (after.rekindled_at, after.calm_at, after.revision) == (NOW + HOURS, None, 5)
    assert replace(after, stage=stage, rekindled_at=None, calm_at=NOW, revision=4) == before
    assert keys(after)


def test_a_case_that_burns_again_comes_to_its_end_by_the_same_way() -> None:
    case = rekindle(replace(CASE, stage="tracking", verdict=Verdict.RUMOUR, acknowledged_at=NOW), NOW)
    for action in ("draft", "approve", "clarify", "guide", "close", "review"):
        case = do(case, action)
    assert (case.stage, case.rekindled_at) == ("archived", NOW)


def test_a_grown_table_says_itself_where_a_case_goes_back_to() -> None:
    assert rekindle(replace(CASE, stage="checking", verdict=Verdict.TRUE), NOW, grown()).stage == "checking"
    assert rekindle(replace(CASE, stage="guiding", verdict=Verdict.TRUE), NOW, grown()).stage == "wording"
