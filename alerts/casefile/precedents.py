"""What was judged before, put beside a new wave: false alarms teach whoever reads the letter."""

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.casefile.likeness import Traits, compare
from alerts.casefile.snapshot import CaseSnapshot, from_json
from alerts.casefile.tables import CaseRow
from alerts.workflow.rules import WORKFLOW

LOOKED_AT = 20  # false alarms of the topic, the newest
SHOWN = 3
FALSE_ALARMS = tuple(rule.stage for rule in WORKFLOW.rules if rule.is_false)


def with_precedents(session: Session, snapshot: CaseSnapshot) -> CaseSnapshot:
    """Notes in the snapshot which false alarms of its topic the wave looks like, the newest first."""
    wave = Traits(snapshot.signal, snapshot.texts)
    judged = select(CaseRow).where(CaseRow.topic == snapshot.signal.topic, CaseRow.stage.in_(FALSE_ALARMS))
    found = []
    for row in session.scalars(judged.order_by(CaseRow.id.desc()).limit(LOOKED_AT)):
        before = from_json(row.found)
        found.append(compare(wave, Traits(before.signal, before.texts), row.id, row.ended_at or row.opened_at))
    return replace(snapshot, alike=tuple(one for one in found if one is not None)[:SHOWN])
