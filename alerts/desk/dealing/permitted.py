"""What of a case is possible now, and which of it is this person's to do: by the rules that acting goes by.

What is offered here is what `act` and the orders take; what is not this person's comes with who may. Pure but for
`permitted`, which reads in one transaction.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.casefile.acting.deeds import roster
from alerts.casefile.acting.orders import FOR_ALL
from alerts.casefile.context import CaseContext
from alerts.casefile.papers import approved_statement, newest_statement, present_plan
from alerts.casefile.tables import CaseRow, TaskRow, brought_by, read_case, running
from alerts.people.directory import Person, signature
from alerts.people.rights import Roster, desks_for, desks_to_order, is_listed
from alerts.words import VERDICT_NAMES
from alerts.workflow.cases import Case, Refused, allowed
from alerts.workflow.ladder import Ladder, owed
from alerts.workflow.parts import Action, OrderRule, Wording
from alerts.workflow.rules import WORKFLOW
from alerts.workflow.subjects import is_incident
from stream.state.database import reading


@dataclass(frozen=True, slots=True)
class OfferedAction:
    """An action that the table lets be done now. `why_not` says why not by this person, "" where it is theirs."""

    action: Action
    why_not: str = ""

    @property
    def is_theirs(self) -> bool:
        return not self.why_not


@dataclass(frozen=True, slots=True)
class OfferedOrder:
    """An order that the case takes now. `why_not` says why not from this person, "" where it is theirs to give."""

    key: str
    why_not: str = ""

    @property
    def is_theirs(self) -> bool:
        return not self.why_not


@dataclass(frozen=True, slots=True)
class Permitted:
    """All that is possible: `owed` fulfils the step whose clock runs, `also` can be done beside it."""

    owed: tuple[OfferedAction, ...]
    also: tuple[OfferedAction, ...]
    orders: tuple[OfferedOrder, ...]

    @property
    def is_theirs(self) -> bool:
        """Whether what is owed is this person's to do."""
        return any(one.is_theirs for one in self.owed)

    def action(self, key: str) -> OfferedAction | None:
        """Finds what is offered under the key."""
        return next((one for one in (*self.owed, *self.also) if one.action.key == key), None)

    def order(self, key: str) -> OfferedOrder | None:
        """Finds the order that is offered under the key."""
        return next((one for one in self.orders if one.key == key), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standpoint:
    """What of a case's record decides who may do what. `called` are the desks that were given each step.

    `brought_by` brought the case to its stage, `written_by` wrote the newest statement; None where nobody did.
    `approved`: two persons stand for that statement. `planned`: a plan waits to be carried out. `clock_runs`: a desk
    has a step of the case.
    """

    called: Mapping[str, Collection[str]]
    brought_by: str | None = None
    written_by: str | None = None
    approved: bool = False
    planned: bool = False
    clock_runs: bool = True


def permitted(context: CaseContext, case_id: int, person: Person, now: datetime) -> Permitted:
    """Reads what the person may do about the case; `Refused` where there is no such case."""
    with reading(context.engine) as session:
        row = session.get(CaseRow, case_id)
        if row is None:
            raise Refused(f"没有事件 {case_id}")
        case, stands = read_case(row), _standpoint(session, read_case(row))
    return offers(
        case, person, stands, context.config.ladder, roster(context, now), owner=context.owner(case.topic)
    )  # fmt: skip


def offers(
    case: Case, person: Person, stands: Standpoint, ladder: Ladder, known: Roster, *, owner: str
) -> Permitted:  # fmt: skip
    """Lists what is possible with the case, each with why it is not this person's, where it is not."""
    step = owed(case)
    rule = WORKFLOW.rule_of(step) if step else None
    found = []
    for action in allowed(case):
        called = stands.called.get(WORKFLOW.step_of(case.stage, action.key) or "", ())
        desks = desks_for(action.key, case, ladder, owner=owner, called=called)
        why_not = _not_theirs(person, desks, known, called) or _barred(action, person, stands, known)
        found.append(OfferedAction(action, why_not))
    return Permitted(
        owed=tuple(one for one in found if rule is not None and one.action in rule.done_by),
        also=tuple(one for one in found if rule is None or one.action not in rule.done_by),
        orders=tuple(_orders(case, person, stands, ladder, known, owner)) if case.is_open else (),
    )


def _orders(
    case: Case, person: Person, stands: Standpoint, ladder: Ladder, known: Roster, owner: str
) -> list[OfferedOrder]:
    called = stands.called.get(owed(case) or "", ())
    found = []
    for rule in WORKFLOW.orders:
        if is_incident(case.topic) and rule.key not in FOR_ALL:
            continue
        desks = desks_to_order(rule.key, case, ladder, owner=owner, called=called)
        found.append(OfferedOrder(rule.key, _not_theirs(person, desks, known) or _pointless(rule, case, stands)))
    return found


def _not_theirs(
    person: Person, desks: Collection[str] | None, known: Roster, called: Collection[str] = ()
) -> str:  # fmt: skip
    """Says who does it where the person may not: the desks that were `called`, else all that may."""
    if desks is None or is_listed(person, desks, known):
        return ""
    told = [desk.name for key, desk in known.desks.items() if key in called]
    return f"由{'、'.join(told or [desk.name for key, desk in known.desks.items() if key in desks])}办理"


def _barred(action: Action, person: Person, stands: Standpoint, known: Roster) -> str:
    """Says what is missing for the action, or that it wants a second person."""
    name = signature(known.people, person)
    if action.second_person and name in (stands.brought_by, stands.written_by):
        return f"须由另一人办理：上一环节由{name}办理"
    if action.wording is Wording.PUBLISHES and not stands.approved:
        return "口径尚未经另一人审批"
    if action.mends and not stands.planned:
        return "尚未安排整改"
    return ""


def _pointless(rule: OrderRule, case: Case, stands: Standpoint) -> str:
    if case.verdict in rule.barred_by:
        return f"核实结论为「{VERDICT_NAMES[case.verdict]}」，须自行回应并整改" if case.verdict else ""
    if rule.key == "supervise" and case.supervised_at is not None:
        return "已在督办"
    return "没有待办环节" if rule.key == "assign" and not stands.clock_runs else ""


def _standpoint(session: Session, case: Case) -> Standpoint:
    called: dict[str, set[str]] = {}
    for step, desk in session.execute(select(TaskRow.step, TaskRow.desk).where(TaskRow.case_id == case.id).distinct()):
        called.setdefault(step, set()).add(desk)
    written = newest_statement(session, case.id)
    return Standpoint(
        called=called, brought_by=brought_by(session, case.id, case.stage),
        written_by=written.by if written is not None else None,
        approved=approved_statement(session, case.id) is not None,
        planned=present_plan(session, case.id) is not None, clock_runs=bool(running(session, case.id)),
    )  # fmt: skip
