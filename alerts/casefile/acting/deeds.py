"""What every deed of a person begins with: who it is, whether it is theirs to do, and what the record says of that."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.casefile.context import CaseContext
from alerts.casefile.tables import CaseRow, TaskRow, read_case
from alerts.people.directory import Person, signature
from alerts.people.rights import Roster, desks_for, desks_to_order, require
from alerts.words import ORDER_NAMES, STEP_NAMES
from alerts.workflow.cases import ActRequest, Case, Order, Refused
from alerts.workflow.ladder import owed
from alerts.workflow.rules import WORKFLOW

Beside = Callable[[Session, Case], None]  # gets the case as a deed left it, within the deed's transaction


def nothing(_session: Session, _case: Case) -> None:
    """Keeps nothing beside a deed."""


@dataclass(frozen=True, slots=True)
class Doer:
    """Who does something, and as what the record knows them; `typed_by` is who wrote it down for them, None where they
    did so themselves."""

    person: Person
    name: str
    typed_by: str | None
    claimed: bool

    @property
    def detail(self) -> dict[str, object]:
        """Says for the record whether it is proven who it was, and who typed."""
        said: dict[str, object] = {"claimed": True} if self.claimed else {}
        return said | ({"typed_by": self.typed_by} if self.typed_by else {})


def doer(context: CaseContext, request: ActRequest | Order) -> Doer:
    """Finds who asks; `Refused` for a stranger, also at the keyboard."""
    people, person = context.config.people, context.person(request.by)
    typed_by = signature(people, context.person(request.typed_by)) if request.typed_by else None
    return Doer(person, signature(people, person), typed_by, request.claimed)


def hold(session: Session, *ids: int) -> tuple[Case, ...]:
    """Reads cases, which until the transaction ends are nobody else's to change; `Refused` where one is not there.

    They are locked in order of their numbers, whatever the order asked for: nobody waits for somebody who waits.
    """
    held = {id_: session.get(CaseRow, id_, with_for_update=True, populate_existing=True) for id_ in sorted({*ids})}
    for id_, row in held.items():
        if row is None:
            raise Refused(f"没有事件 {id_}")
    return tuple(read_case(row) for row in (held[id_] for id_ in ids) if row is not None)


def require_act(session: Session, context: CaseContext, case: Case, by: Person, action: str, now: datetime) -> None:
    """Raises `Refused` where the action is of a step that is not this person's on this case."""
    step, owner = WORKFLOW.step_of(case.stage, action), context.owner(case.topic)
    called = called_desks(session, case.id, step) if step else ()
    desks = desks_for(action, case, context.config.ladder, owner=owner, called=called)
    require(by, desks, roster(context, now), STEP_NAMES.get(step or "", action))


def require_order(session: Session, context: CaseContext, case: Case, by: Person, order: str, now: datetime) -> None:
    """Raises `Refused` where the order is not this person's to give on this case."""
    step, owner = owed(case), context.owner(case.topic)
    called = called_desks(session, case.id, step) if step else ()
    desks = desks_to_order(order, case, context.config.ladder, owner=owner, called=called)
    require(by, desks, roster(context, now), ORDER_NAMES[order])


def roster(context: CaseContext, now: datetime) -> Roster:
    """Puts together who may act now."""
    return Roster(context.config.people, context.config.desks, now)


def called_desks(session: Session, case_id: int, step: str) -> frozenset[str]:
    """Finds the desks that were ever given this step of the case."""
    query = select(TaskRow.desk).where(TaskRow.case_id == case_id, TaskRow.step == step).distinct()
    return frozenset(session.scalars(query))
