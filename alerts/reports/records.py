"""Cases as a report needs them, read from the state database; and what lies in a case's folder beside its history."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Engine, or_, select

from alerts.casefile.papers import Remedy, Statement, remedies_of, statements_of
from alerts.casefile.tables import CaseRow, TaskRow, read_task
from alerts.desk.cases import CaseDetails, read_details
from alerts.desk.register import Register
from alerts.workflow.ladder import Task
from alerts.workflow.rules import WORKFLOW
from stream.state.database import reading


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A case with its history, and every task it ever had, in order."""

    details: CaseDetails
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Papers:
    """What was to be said of a case, and what was to be put right."""

    statements: tuple[Statement, ...]
    remedies: tuple[Remedy, ...]


def read_record(register: Register, case_id: int) -> CaseRecord:
    """Reads one case; `Refused` if there is none."""
    details = read_details(register, case_id)
    with reading(register.engine) as session:
        rows = session.scalars(select(TaskRow).where(TaskRow.case_id == case_id).order_by(TaskRow.id))
        return CaseRecord(details, tuple(map(read_task, rows)))


def as_of(record: CaseRecord, moment: datetime) -> CaseRecord:
    """Returns the record as it stood before `moment`: a report of a past week tells that week's end."""
    details = record.details
    history = tuple(one for one in details.history if one.at < moment)
    if len(history) == len(details.history):
        return record
    ended = details.case.ended_at
    case = replace(
        details.case,
        stage=next((one.stage for one in reversed(history) if one.stage), WORKFLOW.start),
        verdict=next((one.verdict for one in reversed(history) if one.verdict), None),
        ended_at=ended if ended and ended < moment else None,
    )
    return CaseRecord(replace(details, case=case, history=history), record.tasks)


def read_records(register: Register, since: datetime, until: datetime) -> list[CaseRecord]:
    """Reads the cases that were open at any time in [since, until), in order."""
    there = CaseRow.opened_at < until, or_(CaseRow.ended_at.is_(None), CaseRow.ended_at >= since)
    with reading(register.engine) as session:
        ids = list(session.scalars(select(CaseRow.id).where(*there).order_by(CaseRow.id)))
    return [read_record(register, case_id) for case_id in ids]


def issue_of(engine: Engine, case_id: int, year_began: datetime) -> int:
    """Counts the cases of the year up to this one: the number of its report."""
    with reading(engine) as session:
        ids = session.scalars(select(CaseRow.id).where(CaseRow.opened_at >= year_began, CaseRow.id <= case_id))
        return max(1, len(list(ids)))


def read_papers(engine: Engine, case_id: int) -> Papers:
    """Reads every revision of the case's statement and every plan, the oldest first."""
    with reading(engine) as session:
        return Papers(statements_of(session, case_id), remedies_of(session, case_id))
