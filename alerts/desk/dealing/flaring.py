"""Whether a topic whose case has ended goes on rising, or rises again."""

from datetime import datetime, timedelta

from sqlalchemy import select

from alerts.casefile.context import CaseContext
from alerts.casefile.snapshot import CaseSnapshot
from alerts.casefile.tables import CaseRow
from alerts.desk.looking import how_it_burns
from alerts.workflow.cases import Case, rising
from stream.state.database import reading

LOOKED_AT = timedelta(days=7)  # after its end a case's topic is looked at by its page; set by us


def still_rising(context: CaseContext, case: Case, snapshot: CaseSnapshot, now: datetime) -> str:
    """Says in figures that the topic of a case that ended rises; "" where it does not, or long after.

    Raises `Retryable` while the index is away.
    """
    if case.ended_at is None or now - case.ended_at > LOOKED_AT or case.topic not in context.topics.watched:
        return ""
    return rising(how_it_burns(context, case.topic, now), snapshot.signal) or ""


def newer_case(context: CaseContext, case: Case) -> int | None:
    """Finds the number of an open case on the same topic that was begun after this one ended; None without one."""
    query = select(CaseRow.id).where(CaseRow.topic == case.topic, CaseRow.id > case.id, CaseRow.ended_at.is_(None))
    with reading(context.engine) as session:
        return None if case.is_open else session.scalar(query.order_by(CaseRow.id).limit(1))
