from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import update

from alerts.briefs.policy import BriefsConfig, DailyBrief
from alerts.casefile.context import CaseContext
from alerts.casefile.guards.failures import FailureKind
from alerts.casefile.tables import CaseRow
from alerts.casefile.troubles.casework import open_incident
from alerts.detection.grades import Grade
from alerts.incidents.kinds import Kind
from alerts.incidents.policy import HeartbeatConfig
from alerts.incidents.troubles import Trouble
from alerts.rounds.minding import mind
from alerts.rounds.stock import Stock
from stream.state.database import transaction


def names(context: CaseContext, stock: Stock, var: Path) -> list[str]:
    return [getattr(part, "__name__", "") for part in mind(context, "w", stock, var)]


def test_rows_are_minded_first_and_the_sign_of_life_comes_last(
    context: CaseContext, stock: Stock, tmp_path: Path
) -> None:
    assert names(context, stock, tmp_path) == ["audit", "troubles", "briefs"]
    config = replace(context.config, heartbeat=HeartbeatConfig(file=tmp_path / "heartbeat"))
    assert names(replace(context, config=config), stock, tmp_path)[3:] == ["heartbeat"]


def test_a_row_that_cannot_be_read_is_noted_and_stops_no_part(
    context: CaseContext, stock: Stock, tmp_path: Path, now: datetime
) -> None:
    """Nor the process: what came out of a part would end the loop, and with it the looking."""
    briefs_config = BriefsConfig(daily=DailyBrief(people=("li_qiang",)))
    briefed = replace(context, config=replace(context.config, briefs=briefs_config))
    with transaction(context.engine) as session:
        trouble = Trouble(kind=Kind.FAILED, thing="bbs", since=now, what="x", todo="y", grade=Grade.BLUE)
        case = open_incident(session, context, trouble, now)
        session.execute(update(CaseRow).values(grade="purple"))
    nine = datetime(2026, 9, 22, 1, tzinfo=UTC)  # of Beijing, when the brief is due
    audit, _, briefs = mind(briefed, "w", stock, tmp_path)
    for part in (audit, briefs):
        part(nine)
    failed = [(one.part, one.about) for one in context.failures.open()]
    assert set(failed) == {(FailureKind.ROUND, "briefs"), (FailureKind.REPAIR, f"case {case.id}")}
    with transaction(context.engine) as session:
        session.execute(update(CaseRow).where(CaseRow.id == case.id).values(grade="blue"))
    for part in (audit, briefs):
        part(nine)
    assert context.failures.open() == []
