"""The table itself: it is whole, every step has desks and limits, and a bad table is refused."""

from dataclasses import replace

import pytest

from alerts.config import AlertsConfig
from alerts.workflow.ladder import limit, rungs
from alerts.workflow.parts import Action, OrderRule, StepRule, Verdict
from alerts.workflow.rules import WORKFLOW
from alerts.workflow.table import Workflow
from tests.alerts.workflow.grown import grown

STAGES = (
    "screening", "reporting", "verifying", "wording", "approving", "responding", "planning", "remedying", "guiding",
    "tracking", "reviewing", "archived", "false_alarm", "merged", "trouble", "mended",
)  # fmt: skip


def test_the_keys_are_those_that_lie_in_databases_and_on_the_wire() -> None:
    assert WORKFLOW.stages == STAGES
    assert WORKFLOW.steps == (
        "acknowledge", "judge", "report", "verify", "word", "approve", "respond", "plan", "remedy", "guide", "close",
        "review", "take", "mend",
    )  # fmt: skip
    assert set(WORKFLOW.actions) == {
        "acknowledge", "judge", "judge_false_alarm", "report", "first_word", "verify", "draft", "approve", "send_back",
        "clarify", "respond", "plan_remedy", "remedied", "guide", "track", "close", "review", "reopen", "take",
        "mended", "no_fault",
    }  # fmt: skip
    assert WORKFLOW.start == "screening"
    assert [stage for stage in WORKFLOW.stages if WORKFLOW.is_open(stage)] == [*STAGES[:10], "trouble"]


@pytest.mark.parametrize("step", WORKFLOW.steps)
def test_every_step_has_desks_and_a_limit_in_every_grade(step: str, config: AlertsConfig) -> None:
    assert rungs(config.ladder, step)
    assert all(limit(config.ladder, grade, step).source for grade in config.ladder.limits)


def test_each_action_belongs_to_the_step_it_fulfils_wherever_it_is_done() -> None:
    assert WORKFLOW.step_of("tracking", "verify") == "verify"
    assert WORKFLOW.step_of("tracking", "track") == "close"
    assert WORKFLOW.step_of("reviewing", "reopen") == "review"
    assert WORKFLOW.step_of("archived", "reopen") is None
    assert WORKFLOW.step_of("archived", "dance") is None


def test_what_is_owed_first_is_a_sign_of_life_and_anything_done_gives_it() -> None:
    assert WORKFLOW.owed("screening", acknowledged=False) == "acknowledge"
    assert WORKFLOW.owed("screening", acknowledged=True) == "judge"
    assert WORKFLOW.owed("archived", acknowledged=True) is None
    assert WORKFLOW.fulfils("judge", "acknowledge")
    assert not WORKFLOW.fulfils("track", "close")
    assert WORKFLOW.acknowledges("acknowledge")
    assert not WORKFLOW.acknowledges("judge")


def test_something_is_put_right_when_that_is_said_and_not_when_it_is_planned() -> None:
    assert WORKFLOW.mending == ("remedied",)


def test_the_public_hears_its_first_word_by_the_answering_step() -> None:
    assert set(WORKFLOW.first_words) == {"first_word", "clarify", "respond"}
    assert WORKFLOW.first_word_step == "respond"
    silent = Workflow((StepRule(stage="a", step="do", done_by=(Action("do", "b"),)), StepRule(stage="b", ended=True)))
    assert (silent.first_words, silent.first_word_step) == ((), None)


def test_from_every_stage_the_case_can_come_to_an_end() -> None:
    for workflow in (WORKFLOW, grown()):
        for start in workflow.stages:
            reached, ahead = set[str](), {start}
            while ahead:
                reached |= ahead
                ahead = {
                    to for stage in ahead for action in workflow.actions for to in workflow.targets(stage, action)
                } - reached
            assert any(not workflow.is_open(stage) for stage in reached), start


def test_no_way_leads_from_the_verdict_true_past_the_remedy() -> None:
    """By the table alone: without the stage `remedying` no ended stage is reachable once a claim was found true."""
    reached, ahead = set[str](), {"wording"}
    while ahead:
        reached |= ahead
        ahead = {
            to
            for rule in WORKFLOW.rules
            if rule.stage in ahead
            for action in rule.actions
            if Verdict.TRUE not in action.barred_by and (to := action.target(Verdict.TRUE)) and to != "remedying"
        } - reached
    assert reached == {"wording", "approving", "responding", "planning"}


@pytest.mark.parametrize("verdict", Verdict)
def test_no_way_leads_from_an_answered_verdict_to_the_archive_past_the_approval(verdict: Verdict) -> None:
    """By the table alone: where no statement may be approved, nothing that is answered ends but by a new verdict."""
    start = WORKFLOW.rule_of("verify").done_by[0].target(verdict)
    reached, ahead = set[str](), {start} if start else set()
    while ahead:
        reached |= ahead
        ahead = {
            to
            for rule in WORKFLOW.rules
            if rule.stage in ahead
            for action in rule.actions
            if action.key != "approve" and not action.verdict and (to := action.target(verdict))
        } - reached
    assert ("archived" in reached) == (verdict is Verdict.NOT_OURS)
    assert verdict is Verdict.NOT_OURS or reached == {"wording", "approving"}


def test_every_way_into_the_answer_is_an_approval_by_another_person() -> None:
    ways = {
        (rule.stage, action.key, action.second_person)
        for rule in WORKFLOW.rules
        for action in rule.actions
        if "responding" in action.targets
    }
    assert ways == {("approving", "approve", True)}
    assert not any(order.to == "responding" for order in WORKFLOW.orders)
    assert not any("responding" in _back(rule) for rule in WORKFLOW.rules)


def _back(rule: StepRule) -> set[str]:
    return {rule.again} if isinstance(rule.again, str) else set((rule.again or {}).values())


def test_orders_are_of_the_table_too() -> None:
    assert [one.key for one in WORKFLOW.orders] == ["assign", "copy", "supervise", "regrade", "merge", "split"]
    assert WORKFLOW.order("merge").to == "merged"
    with pytest.raises(KeyError):
        WORKFLOW.order("dance")
    for order, complaint in (
        (OrderRule("move", to="moon"), "move leads to moon, which is no stage"),
        (OrderRule("move", of="fly"), "move is for the people of fly, which is no step"),
    ):
        with pytest.raises(ValueError, match=complaint):
            Workflow((START, END), orders=(order,))


def test_only_a_case_called_false_is_a_false_alarm_and_a_merged_one_is_counted_as_such() -> None:
    assert [stage for stage in STAGES if WORKFLOW.is_false_alarm(stage)] == ["false_alarm"]
    assert [stage for stage in STAGES if WORKFLOW.is_outcome(stage)] == ["false_alarm", "merged"]


END = StepRule(stage="end", ended=True)
DO = Action("do", "end")
START = StepRule(stage="start", step="do", done_by=(DO,))


@pytest.mark.parametrize(
    ("rules", "complaint"),
    [
        ((START,), "do leads to end, which is no stage"),
        ((START, END, END, replace(START, stage="other")), "step do stands in two rows"),
        ((START, END, StepRule(stage="island", step="swim", done_by=(DO,))), "stage island is never reached"),
        ((replace(START, step=None, done_by=()), END), "stage start: nothing leads on"),
        ((replace(START, step=None), END), "a step, and the actions that fulfil it, go together"),
        ((replace(START, done_by=(Action("do", "end", verdict=True),)), END), "does not say where every verdict leads"),
        (
            (replace(START, done_by=(Action("do", {Verdict.TRUE: "end"}, verdict=True),)), END),
            "does not say where every verdict leads",
        ),
        ((replace(START, again="moon"), END), "stage start goes back to moon, which is no stage"),
        ((replace(START, again={Verdict.TRUE: "moon"}), END), "stage start goes back to moon, which is no stage"),
        ((replace(START, like="do"), END), "step do is like do, which is no step with desks"),
        ((START, replace(END, like="do")), "step None is like do, which is no step with desks"),
    ],
)
def test_a_table_that_is_not_whole_is_refused_in_words(rules: tuple[StepRule, ...], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Workflow(rules)


def test_cases_of_another_kind_begin_in_a_stage_of_their_own() -> None:
    other = StepRule(stage="trouble", step="mend", done_by=(Action("mend", "end"),))
    both = Workflow((START, END, other), starts=("trouble",))
    assert (both.start, both.starts, both.owed("trouble", acknowledged=False)) == ("start", ("trouble",), "mend")
    with pytest.raises(ValueError, match="stage trouble is never reached"):
        Workflow((START, END, other))
    with pytest.raises(ValueError, match="a case is to start in moon, which is no stage"):
        Workflow((START, END), starts=("moon",))


def test_a_stage_that_is_not_in_the_table_is_an_error() -> None:
    with pytest.raises(KeyError):
        WORKFLOW.is_open("dreaming")
    with pytest.raises(KeyError):
        WORKFLOW.rule_of("dream")
    assert WORKFLOW.targets("dreaming", "verify") == frozenset()


def test_a_row_sends_a_case_that_burns_again_to_one_stage_or_to_one_by_the_verdict() -> None:
    always = Workflow((replace(START, again="end"), END))
    assert [always.rekindled("start", verdict) for verdict in (None, Verdict.TRUE)] == ["end", "end"]
    some = Workflow((replace(START, again={Verdict.TRUE: "end"}), END))
    assert [some.rekindled("start", verdict) for verdict in (None, Verdict.RUMOUR, Verdict.TRUE)] == [
        "start", "start", "end",
    ]  # fmt: skip
    assert some.rekindled("end", Verdict.TRUE) == "end"
    with pytest.raises(KeyError):
        some.rekindled("dreaming", None)
