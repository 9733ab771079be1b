"""An incident's case is opened by what is wrong and closed once that is well again; people act as on any other."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.casefile.casework import WATCH, end_others, resume
from alerts.casefile.context import CaseContext
from alerts.casefile.deliveries import note_attempt
from alerts.casefile.tables import CaseRow, EventKind, TaskRow, insert_case, read_case, record, update_case
from alerts.casefile.troubles.found import TroubleSnapshot, read_found, write_found
from alerts.casefile.troubles.notices import compose_recovery
from alerts.incidents.troubles import Trouble
from alerts.notify.contents.notice import Occasion
from alerts.notify.outbox import CaseRef, queue
from alerts.workflow.cases import Case
from alerts.workflow.rules import MENDED, TROUBLE
from alerts.workflow.subjects import incident_subject


def open_incident(session: Session, context: CaseContext, trouble: Trouble, now: datetime) -> Case:
    """Opens a case over the trouble with its first task and letters; the one that is open already, where there is."""
    topic = incident_subject(trouble.key)
    row = session.scalar(select(CaseRow).where(CaseRow.open_key == topic))
    if row is not None:
        return read_case(row)
    new = Case(
        id=0, topic=topic, stage=TROUBLE, grade=trouble.grade, opened_at=now, since=min(trouble.since, now),
        notified=0.0, peak=0.0, last_spike_at=now,
    )  # fmt: skip
    row = insert_case(session, new, write_found(TroubleSnapshot(trouble)))
    detail = {"kind": trouble.kind, "grade": str(trouble.grade)}
    record(session, row.id, EventKind.OPENED, at=now, by=WATCH, note=trouble.what, detail=detail)
    resume(session, context, row, Occasion.TROUBLE, now)
    return read_case(row)


def recover(session: Session, context: CaseContext, case_id: int, now: datetime) -> Case | None:
    """Closes an incident whose trouble is over, and tells everybody who was asked to mend it; None if it has ended."""
    row = session.get_one(CaseRow, case_id, with_for_update=True)
    before = read_case(row)
    found = read_found(row.found)
    if not before.is_open or not isinstance(found, TroubleSnapshot):
        return None
    after = replace(before, stage=MENDED, ended_at=now, revision=before.revision + 1)
    update_case(session, before, after)
    record(session, case_id, EventKind.RECOVERED, at=now, by=WATCH, detail={"stage": after.stage})
    end_others(session, after, now)
    desks = set(session.scalars(select(TaskRow.desk).where(TaskRow.case_id == case_id)))
    ref = CaseRef(case_id, None, EventKind.RECOVERED, after.revision)
    for key in sorted({key for desk in desks for key in context.may_act(desk, now)}):
        letter = compose_recovery(context, after, found.trouble, context.config.people[key], now)
        for attempt in queue(session, context.config.routing, letter, key, ref):
            note_attempt(session, attempt)
    return after
