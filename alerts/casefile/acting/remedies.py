"""What was found true is put right: by a desk, until a date, reminded until it is done and proven."""

from datetime import datetime

from sqlalchemy.orm import Session

from alerts.casefile.acting.deeds import Doer
from alerts.casefile.context import CaseContext
from alerts.casefile.papers import RemedyRow, next_number, present_plan
from alerts.notify.contents.phrases import local
from alerts.people.directory import find_desk
from alerts.workflow.cases import ActRequest, Case, Refused
from alerts.workflow.parts import Action


def handle_remedy(
    session: Session, context: CaseContext, case: Case, action: Action, request: ActRequest, by: Doer, now: datetime
) -> dict[str, object]:
    """Writes down a plan or the proof that it was carried out, and says so for the record.

    `Refused` for a plan without a desk or a date to come, and for proof of what nobody planned.
    """
    if not action.plans and (request.owner or request.until is not None):
        raise Refused("只有安排整改（plan_remedy）可以给出责任岗位和期限")
    if action.plans:
        return _plan(session, context, case, request, by, now)
    if action.mends:
        row = present_plan(session, case.id)
        if row is None:
            raise Refused("尚未安排整改，请先登记责任岗位和期限 plan_remedy")
        row.done_by, row.done_at, row.proof = by.name, now, request.note
        return {"remedy": row.number}
    return {}


def _plan(
    session: Session, context: CaseContext, case: Case, request: ActRequest, by: Doer, now: datetime
) -> dict[str, object]:
    if not request.owner or request.until is None:
        raise Refused("安排整改要给出责任岗位 --owner 和完成期限 --until")
    desk = find_desk(context.config.desks, context.config.people, request.owner)
    if desk is None:
        raise Refused(f"alerts.yml 的 desks 中没有「{request.owner}」")
    if request.until <= now:
        raise Refused(f"整改期限 {local(request.until)} 已过，请给出今后的日期")
    before = present_plan(session, case.id)
    if before is not None:
        before.replaced_at = now
    number = next_number(session, case.id)
    session.add(
        RemedyRow(
            case_id=case.id, number=number, desk=desk, until=request.until, plan=request.note, by=by.name, at=now
        )
    )  # fmt: skip
    session.flush()
    return {"remedy": number, "owner": desk, "until": request.until.isoformat()}
