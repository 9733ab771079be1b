"""Who may do what to a case: the one place that is asked, whoever asks. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from alerts.people.directory import Desk, Person
from alerts.people.duty import members
from alerts.workflow.cases import Case, Refused
from alerts.workflow.ladder import Ladder, leaders, owed, rungs, seated
from alerts.workflow.parts import Who
from alerts.workflow.rules import WORKFLOW
from alerts.workflow.table import Workflow


@dataclass(frozen=True, slots=True)
class Roster:
    """An installation's people, and the desks they sit at `at` a moment: who is away is stood in for that day."""

    people: Mapping[str, Person]
    desks: Mapping[str, Desk]
    at: datetime


def desks_for(
    action: str, case: Case, ladder: Ladder, *, owner: str, called: Collection[str] = (), workflow: Workflow = WORKFLOW
) -> Collection[str] | None:
    """Returns the keys of the desks whose people an action on the case is for; None where it is for anybody.

    `owner` is the desk that owns the case's topic, `called` those that were given the action's step on this case,
    whatever the ladder says: by 转办, or by a plan.
    """
    step = workflow.step_of(case.stage, action)
    if step is None:
        return None
    found = _desks(workflow.rule_of(step).who, step, ladder, owner, workflow)
    return None if found is None else {*found, *called, *leaders(ladder, workflow)}


def desks_to_order(
    order: str, case: Case, ladder: Ladder, *, owner: str, called: Collection[str] = (), workflow: Workflow = WORKFLOW
) -> Collection[str]:
    """Returns the keys of the desks whose people may give an order about the case; arguments are as above."""
    rule = workflow.order(order)
    step = rule.of or owed(case, workflow)
    found = _desks(rule.who, step, ladder, owner, workflow) or ()
    also = called if rule.of is None and rule.who is Who.RUNGS else ()
    return {*found, *also, *leaders(ladder, workflow)}


def require(person: Person, desks: Collection[str] | None, roster: Roster, what: str) -> None:
    """Raises `Refused`, with who may do `what`, where the person may act for none of the desks. None: anybody may."""
    if desks is None or is_listed(person, desks, roster):
        return
    able = "、".join(desk.name for key, desk in roster.desks.items() if key in desks)
    raise Refused(f"{person.name}不在可办理「{what}」的岗位；可由以下岗位办理：{able}")


def is_listed(person: Person, desks: Collection[str], roster: Roster) -> bool:
    """Tells whether the person sits at one of the desks, or stands in there that day; a desk that left the
    configuration has nobody."""
    known = (roster.desks[desk] for desk in desks if desk in roster.desks)
    return any(roster.people[key] is person for desk in known for key in members(desk, roster.people, roster.at))


def _desks(who: Who, step: str | None, ladder: Ladder, owner: str, workflow: Workflow) -> set[str] | None:
    match who:
        case Who.ANYBODY:
            return None
        case Who.OWNER:
            return {owner}
        case Who.LEADERS:
            return set(leaders(ladder, workflow))
        case Who.INVOLVED:
            named = {desk for step in workflow.steps for desk in rungs(ladder, step, workflow)}
        case Who.RUNGS:
            named = set(rungs(ladder, step, workflow)) if step else set()
    return {seated(desk, owner) for desk in named}
