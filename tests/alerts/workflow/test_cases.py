from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from alerts.detection.grades import Grade
from alerts.detection.signals import Signal, State
from alerts.workflow.cases import (
    OPEN,
    TRANSITIONS,
    Action,
    Case,
    Meeting,
    Refused,
    Stage,
    Verdict,
    allowed,
    apply,
    meet,
)

NOW = datetime(2026, 9, 21, 6, 0, tzinfo=UTC)
HOURS = timedelta(hours=1)
CASE = Case(
    id=1, topic="outage", stage=Stage.SCREENING, grade=Grade.BLUE, opened_at=NOW, since=NOW, notified=20.0, peak=20.0,
    last_spike_at=NOW,
)  # fmt: skip


def do(case: Case, action: Action, verdict: Verdict | None = None) -> Case:
    return apply(case, action, by="张敏", at=NOW, note="已办", verdict=verdict)


def spike(effective: float, at: datetime = NOW) -> Signal:
    return Signal(
        topic="outage", state=State.SPIKE, at=at, window_start=at, since=at, total=30, negative=30, voices=30, texts=30,
        unscored=0, effective=effective, expected=1.0, share=1.0, usual_share=0.2, cusum=9.0, residual=9.0, findings=(),
    )  # fmt: skip


@pytest.mark.parametrize(("stage", "action"), [key for key, to in TRANSITIONS.items() if isinstance(to, Stage)])
def test_every_plain_edge_leads_where_the_table_says(stage: Stage, action: Action) -> None:
    after = do(replace(CASE, stage=stage), action)
    assert after.stage is TRANSITIONS[stage, action]
    assert after.revision == 1
    assert (after.ended_at is None) == (after.stage in OPEN)


@pytest.mark.parametrize(
    ("stage", "action"), [pair for pair in product(Stage, Action) if pair not in TRANSITIONS], ids="-".join
)
def test_what_is_not_in_the_table_is_refused(stage: Stage, action: Action) -> None:
    verdict = Verdict.RUMOUR if action is Action.VERIFY else None
    with pytest.raises(Refused):
        do(replace(CASE, stage=stage), action, verdict)


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_leads_on_and_the_case_can_be_closed(verdict: Verdict) -> None:
    case = do(replace(CASE, stage=Stage.VERIFYING), Action.VERIFY, verdict)
    walked = [case.stage]
    forward = (Action.CLARIFY, Action.RESPOND, Action.REMEDY, Action.GUIDE, Action.CLOSE, Action.REVIEW)
    while case.stage is not Stage.ARCHIVED:
        case = do(case, next(action for action in forward if action in allowed(case)))
        walked.append(case.stage)
    assert (Stage.REMEDYING in walked) == (verdict in (Verdict.TRUE, Verdict.PARTLY_TRUE))
    assert walked[-2:] == [Stage.REVIEWING, Stage.ARCHIVED]


def test_what_is_true_is_answered_and_put_right_and_nothing_else() -> None:
    case = do(replace(CASE, stage=Stage.VERIFYING), Action.VERIFY, Verdict.TRUE)
    assert allowed(case) == (Action.RESPOND,)
    with pytest.raises(Refused):
        do(case, Action.CLARIFY)
    with pytest.raises(Refused):
        do(case, Action.VERIFY, Verdict.RUMOUR)
    assert allowed(do(case, Action.RESPOND)) == (Action.REMEDY,)


def test_a_rumour_that_turns_out_true_goes_back_to_the_answer() -> None:
    case = replace(CASE, stage=Stage.TRACKING, verdict=Verdict.RUMOUR)
    assert do(case, Action.VERIFY, Verdict.TRUE).stage is Stage.RESPONDING


def test_an_act_needs_a_name_and_a_reason_and_only_verification_a_verdict() -> None:
    with pytest.raises(Refused, match="操作人"):
        apply(CASE, Action.JUDGE, by=" ", at=NOW, note="x")
    with pytest.raises(Refused, match="事由"):
        apply(CASE, Action.JUDGE, by="张敏", at=NOW)
    with pytest.raises(Refused, match="结论"):
        do(CASE, Action.JUDGE, Verdict.RUMOUR)
    with pytest.raises(Refused, match="结论"):
        do(replace(CASE, stage=Stage.VERIFYING), Action.VERIFY)
    assert apply(CASE, Action.ACKNOWLEDGE, by="张敏", at=NOW).acknowledged_by == "张敏"


def test_judging_a_case_acknowledges_it_too_and_reopening_starts_over() -> None:
    ended = do(CASE, Action.JUDGE_FALSE_ALARM)
    assert (ended.acknowledged_at, ended.ended_at) == (NOW, NOW)
    again = do(ended, Action.REOPEN)
    assert (again.stage, again.acknowledged_at, again.ended_at) == (Stage.SCREENING, None, None)


def test_a_spike_joins_the_open_case_and_says_when_it_rose() -> None:
    assert meet(None, spike(9), 2.0, 12 * HOURS) is Meeting.OPENS
    assert meet(CASE, spike(39), 2.0, 12 * HOURS) is Meeting.JOINS
    assert meet(CASE, spike(40), 2.0, 12 * HOURS) is Meeting.ROSE


def test_a_wave_a_person_ended_opens_no_second_case() -> None:
    ended = replace(CASE, stage=Stage.FALSE_ALARM, ended_at=NOW)
    assert meet(ended, spike(25), 2.0, 12 * HOURS) is Meeting.SAME_EPISODE
    assert meet(ended, spike(40), 2.0, 12 * HOURS) is Meeting.OPENS
    assert meet(ended, spike(25, NOW + 12 * HOURS), 2.0, 12 * HOURS) is Meeting.OPENS
    assert meet(replace(ended, calm_at=NOW), spike(9), 2.0, 12 * HOURS) is Meeting.OPENS
