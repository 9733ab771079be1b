"""Who may do what to a case: the one place that is asked, whoever asks."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from alerts.people.directory import Desk, Person
from alerts.workflow.cases import Case
from alerts.workflow.ladder import OWNER, Ladder, rungs
from alerts.workflow.rules import WORKFLOW, Who, Workflow


@dataclass(frozen=True, slots=True)
class Roster:
    """An installation's people, the desks they sit at, and the ladder that calls these."""

    people: Mapping[str, Person]
    desks: Mapping[str, Desk]
    ladder: Ladder


def desks_for(
    action: str, case: Case, ladder: Ladder, *, owner: str, workflow: Workflow = WORKFLOW
) -> Collection[str] | None:
    """Returns the keys of the desks whose people an action on the case is for; None where it is for anybody.

    `owner` is the desk that owns the case's topic.
    """
    step = workflow.step_of(case.stage, action)
    if step is None:
        return None
    match workflow.rule_of(step).who:
        case Who.ANYBODY:
            return None
        case Who.OWNER:
            return {owner}
        case Who.RUNGS:
            return {owner if desk == OWNER else desk for desk in rungs(ladder, step, workflow)}


def is_listed(
    person: Person, action: str, case: Case, roster: Roster, *, owner: str, workflow: Workflow = WORKFLOW
) -> bool:
    """Tells whether the person sits at a desk the action is for. Others may act, too: the record says `unlisted`."""
    desks = desks_for(action, case, roster.ladder, owner=owner, workflow=workflow)
    if desks is None:
        return True
    return any(roster.people[key] == person for desk in desks for key in roster.desks[desk].people)
