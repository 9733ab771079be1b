"""The table itself: it is whole, every step has desks and limits, and a bad table is refused."""

from dataclasses import replace

import pytest

from alerts.config import AlertsConfig
from alerts.workflow.ladder import limit, rungs
from alerts.workflow.rules import WORKFLOW, Action, StepRule, Verdict, Workflow
from tests.alerts.workflow.grown import grown

STAGES = (
    "screening", "reporting", "verifying", "responding", "remedying", "guiding", "tracking", "reviewing", "archived",
    "false_alarm",
)  # fmt: skip


def test_the_keys_are_those_that_lie_in_databases_and_on_the_wire() -> None:
    assert WORKFLOW.stages == STAGES
    assert WORKFLOW.steps == (
        "acknowledge", "judge", "report", "verify", "respond", "remedy", "guide", "close", "review"
    )  # fmt: skip
    assert set(WORKFLOW.actions) == {
        "acknowledge", "judge", "judge_false_alarm", "report", "verify", "clarify", "respond", "remedy", "guide",
        "track", "close", "review", "reopen",
    }  # fmt: skip
    assert WORKFLOW.start == "screening"
    assert [stage for stage in WORKFLOW.stages if WORKFLOW.is_open(stage)] == list(STAGES[:7])


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


def test_the_public_hears_its_first_word_by_the_answering_step() -> None:
    assert set(WORKFLOW.first_words) == {"clarify", "respond"}
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
    reached, ahead = set[str](), {"responding"}
    while ahead:
        reached |= ahead
        ahead = {
            to
            for rule in WORKFLOW.rules
            if rule.stage in ahead
            for action in rule.actions
            if Verdict.TRUE not in action.barred_by and (to := action.target(Verdict.TRUE)) and to != "remedying"
        } - reached
    assert reached == {"responding"}


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
        ((replace(START, like="do"), END), "step do is like do, which is no step before it"),
        ((START, replace(END, like="do")), "step None is like do, which is no step before it"),
    ],
)
def test_a_table_that_is_not_whole_is_refused_in_words(rules: tuple[StepRule, ...], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Workflow(rules)


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
