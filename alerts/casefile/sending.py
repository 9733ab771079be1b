"""Letters of a case put in line: to the people of a task, and copies to who is to know."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session
from structlog import get_logger

from alerts.casefile.context import CaseContext
from alerts.casefile.deliveries import note_attempt
from alerts.casefile.guards.composing import composed
from alerts.casefile.notices import Telling
from alerts.casefile.papers import copied_to, standing_words
from alerts.casefile.tables import TaskRow, read_task, running
from alerts.casefile.telling.past import read_past
from alerts.casefile.troubles.notices import TroubleTelling, compose_trouble
from alerts.notify.contents.notice import Notice, as_copy
from alerts.notify.outbox import Attempt, CaseRef, queue
from alerts.people.directory import Person
from alerts.workflow.ladder import Task, tighten

log = get_logger()


def tell_running(
    session: Session, context: CaseContext, telling: Telling | TroubleTelling, now: datetime,
    actor: Person | None = None,
) -> None:  # fmt: skip
    """Writes to everybody who has a task of the case, and puts each under the limits that the case has now."""
    for row in running(session, telling.case.id):
        sooner = tighten(read_task(row), telling.case, context.config.ladder, now)
        row.due_at, row.warn_at = sooner.due_at, sooner.warn_at
        send(session, context, telling, row, now, actor)


def send(
    session: Session, context: CaseContext, telling: Telling | TroubleTelling, row: TaskRow, now: datetime,
    actor: Person | None = None, replaces: int | None = None,
) -> None:  # fmt: skip
    """Queues a notice for each of the task's people, save the one who just acted and so knows."""
    task, people = read_task(row), context.config.people
    topic, failed = telling.case.topic, []
    if isinstance(telling, Telling):
        words = telling.statement or standing_words(session, telling.case.id)
        telling = replace(telling, past=read_past(session, telling.case, now), statement=words)
    desk = context.desk_of(task, topic)
    if desk != task.desk:
        log.warning("desk_gone", case=row.case_id, step=row.step, desk=task.desk, instead=desk)
    ref = CaseRef(
        telling.case.id, row.id, telling.step, task.turn, topic, context.owner(topic), desk, replaces
    )  # fmt: skip
    for key in context.called(desk, now):
        if people[key] is actor:
            continue
        notice = _composed(context, telling, task, people[key], now)
        failed += queue(session, context.config.routing, notice, key, ref)
    failed += _copies(session, context, telling, task, now, actor)
    for attempt in failed:  # only now it shows whether anybody at the desk can be reached
        note_attempt(session, attempt)


def _composed(
    context: CaseContext, telling: Telling | TroubleTelling, task: Task, person: Person, now: datetime
) -> Notice:
    if isinstance(telling, TroubleTelling):
        return compose_trouble(context, telling, task, person, now)
    return composed(context, telling, task, person, now)


def _copies(
    session: Session, context: CaseContext, telling: Telling | TroubleTelling, task: Task, now: datetime,
    actor: Person | None,
) -> list[Attempt]:  # fmt: skip
    """Queues a copy for who is to know and is asked for nothing: no task hangs on it, and none takes it back."""
    people, failed = context.config.people, list[Attempt]()
    asked = context.called(context.desk_of(task, telling.case.topic), now)
    ref = CaseRef(telling.case.id, None, telling.step, task.turn)
    for key in copied_to(session, telling.case.id):
        if key in people and key not in asked and people[key] is not actor:
            notice = _composed(context, telling, task, people[key], now)
            names = "、".join(people[one].name for one in asked)
            failed += queue(session, context.config.routing, as_copy(notice, names), key, ref)
    return failed
