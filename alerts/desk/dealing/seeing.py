"""Who may look at cases, and which there are: whoever sits at a desk sees all, others what is copied to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from alerts.casefile.context import CaseContext
from alerts.casefile.papers import CopyRow
from alerts.casefile.tables import CaseRow, TaskRow, read_case, read_task
from alerts.desk.cases import CaseSummary, OpenTask
from alerts.desk.register import Register
from alerts.detection.grades import Grade
from alerts.people.directory import Desk, Person
from alerts.people.duty import members
from alerts.workflow.rules import WORKFLOW
from stream.state.database import reading

PAGE = 50  # cases listed at once


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesAsked:
    """Which cases are looked for; "" and False mean no condition. `before` is the number that the page goes on from."""

    topic: str = ""
    grade: str = ""
    stage: str = ""
    open_only: bool = False
    before: int | None = None


@dataclass(frozen=True, slots=True)
class CasesPage:
    """Cases, the newest first. `before` asks for the next page, None for the last one. `topics` are all there were."""

    cases: tuple[CaseSummary, ...]
    before: int | None
    topics: tuple[tuple[str, str], ...]


def sits_somewhere(desks: Mapping[str, Desk], people: Mapping[str, Person], key: str, now: datetime) -> bool:
    """Tells whether the person sits at any desk, or stands in there today."""
    return any(key in members(desk, people, now) for desk in desks.values())


def may_see(context: CaseContext, case_id: int, key: str, now: datetime) -> bool:
    """Tells whether the person may look at the case; False also where there is none."""
    if sits_somewhere(context.config.desks, context.config.people, key, now):
        return True
    with reading(context.engine) as session:
        copy = select(CopyRow.id).where(CopyRow.case_id == case_id, CopyRow.person == key)
        return session.scalar(copy) is not None


def find_cases(context: CaseContext, asked: CasesAsked, key: str, now: datetime) -> CasesPage:
    """Finds a page of the cases that the person may look at, the newest first."""
    register = Register(context.engine, context.config, context.topics)
    sees_all = sits_somewhere(context.config.desks, context.config.people, key, now)
    mine: ColumnElement[bool] | None = (
        None if sees_all else CaseRow.id.in_(select(CopyRow.case_id).where(CopyRow.person == key))
    )
    with reading(context.engine) as session:
        query = select(CaseRow).where(*_conditions(asked, mine)).order_by(CaseRow.id.desc()).limit(PAGE + 1)
        cases = [read_case(row) for row in session.scalars(query)]
        tasks = _tasks(session, register, [case.id for case in cases])
        topics = select(CaseRow.topic).group_by(CaseRow.topic).order_by(func.max(CaseRow.id).desc())
        named = tuple(session.scalars(topics if mine is None else topics.where(mine)))
    shown = cases[:PAGE]
    return CasesPage(
        tuple(CaseSummary(case, register.topic_name(case.topic), tasks.get(case.id, ())) for case in shown),
        shown[-1].id if len(cases) > PAGE else None,
        tuple((topic, register.topic_name(topic)) for topic in named),
    )


def _conditions(asked: CasesAsked, mine: ColumnElement[bool] | None) -> list[ColumnElement[bool]]:
    """Lists what a case has to be; a grade or stage that there is not is no condition."""
    found = [] if mine is None else [mine]
    if asked.topic:
        found.append(CaseRow.topic == asked.topic)
    if asked.grade in set(Grade):
        found.append(CaseRow.grade == asked.grade)
    if asked.stage in WORKFLOW.stages:
        found.append(CaseRow.stage == asked.stage)
    if asked.open_only:
        found.append(CaseRow.ended_at.is_(None))
    if asked.before is not None:
        found.append(CaseRow.id < asked.before)
    return found


def _tasks(session: Session, register: Register, ids: list[int]) -> dict[int, tuple[OpenTask, ...]]:
    found: dict[int, tuple[OpenTask, ...]] = {}
    query = select(TaskRow).where(TaskRow.case_id.in_(ids), TaskRow.ended_at.is_(None))
    for task in map(read_task, session.scalars(query.order_by(TaskRow.due_at, TaskRow.id))):
        found[task.case_id] = (*found.get(task.case_id, ()), OpenTask(task, register.desk_name(task.desk)))
    return found
