"""A person's act on a case: what the workflow's table lets be done, by whom it lets it be done."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.casefile.acting.deeds import Beside, doer, hold, nothing, require_act
from alerts.casefile.acting.remedies import handle_remedy
from alerts.casefile.acting.statements import handle_wording
from alerts.casefile.casework import end_others, start_owed
from alerts.casefile.context import CaseContext
from alerts.casefile.tables import CaseRow, brought_by, open_key, read_case, record, running, update_case
from alerts.casefile.telling.gathering import gathered_for
from alerts.casefile.telling.standing import Gathered
from alerts.casefile.troubles.found import Found, TroubleSnapshot, read_found
from alerts.detection.signals import Signal
from alerts.notify.contents.notice import Occasion
from alerts.notify.outbox import withdraw
from alerts.workflow.cases import ActRequest, Case, Refused, Unconfirmed, apply, rising
from alerts.workflow.ladder import owed
from alerts.workflow.parts import Action
from alerts.workflow.rules import WORKFLOW
from stream.process.failpoints import failpoint
from stream.state.database import transaction


def act(
    context: CaseContext, case_id: int, request: ActRequest, now: datetime, present: Signal | None = None,
    beside: Beside = nothing,
) -> Case:  # fmt: skip
    """Carries out a person's act: the case, its record, its tasks and the next notices in one transaction.

    `present` is the topic as it is now, where the table asks whether it is calm. Raises `Refused` where the workflow
    does not permit it, or not to this person; nothing is changed then. `beside` writes what is to be kept with it or
    not at all.
    """
    by, (snapshot, quoted) = doer(context, request), _found(context, case_id, now)
    with transaction(context.engine) as session:
        (before,) = hold(session, case_id)
        after = apply(
            before, request.action, by=by.name, at=now, note=request.note, verdict=request.verdict,
            brought_by=brought_by(session, case_id, before.stage),
        )  # fmt: skip
        action = WORKFLOW.action(before.stage, request.action)
        assert action is not None, "what was applied is in the table"
        require_act(session, context, before, by.person, action.key, now)
        _refuse_taken(session, before, after)
        detail = {"stage": after.stage} | _verdict(request) | by.detail
        detail |= _although_rising(action, request, snapshot, present)
        detail |= handle_wording(session, before, action, request, by, now)
        detail |= handle_remedy(session, context, before, action, request, by, now)
        update_case(session, before, after)
        record(session, case_id, action.key, at=now, by=by.name, note=request.note, detail=detail)
        end_others(session, after, now)
        if action.plans:
            _end_planned(session, after, now)
        occasion = _occasion(action, after)
        start_owed(session, context, after, snapshot, quoted=quoted, occasion=occasion, now=now, actor=by.person)
        beside(session, after)
        failpoint("act.written")
    failpoint("act.kept")
    return after


def _found(context: CaseContext, case_id: int, now: datetime) -> tuple[Found, Gathered]:
    """Reads what is known of the case, and its quotes, before anything is locked: the index may be slow."""
    with transaction(context.engine) as session:
        row = session.get(CaseRow, case_id)
        if row is None:
            raise Refused(f"没有事件 {case_id}")
        found, case = read_found(row.found), read_case(row)
    return found, gathered_for(context, found, case, now)


def _refuse_taken(session: Session, before: Case, after: Case) -> None:
    if after.is_open and not before.is_open:
        other = select(CaseRow.id).where(CaseRow.open_key == open_key(after), CaseRow.id != after.id)
        if (there := session.scalar(other)) is not None:
            raise Refused(f"该话题已有未结事件 {there}，不能重新立案")


def _verdict(request: ActRequest) -> dict[str, object]:
    return {"verdict": str(request.verdict)} if request.verdict else {}


def _although_rising(action: Action, request: ActRequest, snapshot: Found, present: Signal | None) -> dict[str, object]:
    """Says for the record that a case was closed although its topic rose; `Refused` where nobody confirmed that."""
    if not action.when_calm:
        if request.confirm:
            raise Refused("只有销号（close）需要确认 --confirm")
        return {}
    told = None if isinstance(snapshot, TroubleSnapshot) else snapshot.signal
    words = rising(present, told) if present is not None and told is not None else None
    if words is not None and not request.confirm:
        raise Unconfirmed(f"话题仍在上升：{words}")
    said: dict[str, object] = {"confirmed": True} if request.confirm else {}
    if present is not None and words is not None:
        said |= {"negative": present.negative, "effective": round(present.effective, 2)}
    return said


def _end_planned(session: Session, case: Case, now: datetime) -> None:
    """Ends the task of the plan before, which another desk or another date has taken the place of."""
    for row in running(session, case.id):
        row.ended_at = now
        withdraw(session, row.id)


def _occasion(action: Action, after: Case) -> Occasion:
    """Finds why the next desk is written to."""
    step = owed(after)
    rule = WORKFLOW.rule_of(step) if step else None
    if rule is not None and any(one.second_person for one in rule.done_by):
        return Occasion.STATEMENT
    if rule is not None and (rule.dated or any(one.plans for one in rule.done_by)):
        return Occasion.REMEDY
    return Occasion.VERDICT if action.verdict else Occasion.EXPECTED
