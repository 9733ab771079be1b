"""A copy of the workflow with one step more: the wording is approved by a second person before it is published."""

from dataclasses import replace

from alerts.workflow.rules import WORKFLOW, Action, StepRule, Verdict, Workflow

APPROVING = StepRule(
    stage="approving",
    step="approve",
    done_by=(Action("approve", "responding", second_person=True),),
    like="verify",
)


def grown() -> Workflow:
    """The shipped table with that row, and every verdict that is answered leading to it."""
    rules: list[StepRule] = []
    for rule in WORKFLOW.rules:
        rules += [APPROVING] if rule.stage == "responding" else []
        rules.append(replace(rule, done_by=_led(rule.done_by), also=_led(rule.also)))
    return Workflow(tuple(rules))


def _led(actions: tuple[Action, ...]) -> tuple[Action, ...]:
    to = dict.fromkeys(Verdict, "approving") | {Verdict.NOT_OURS: "tracking"}
    return tuple(replace(action, to=to) if action.verdict else action for action in actions)
