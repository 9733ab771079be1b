"""What open cases and letters in line name and the configuration does not any more."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.casefile.guards.standins import standing_desk
from alerts.casefile.tables import CaseRow, TaskRow
from alerts.desk.register import Register
from alerts.notify.tables import PENDING, OutboxRow
from alerts.workflow.rules import WORKFLOW
from stream.state.database import reading


def names_gone(register: Register) -> list[str]:
    """Says, a sentence each, what rows wait for that is gone, and what stands in for it."""
    with reading(register.engine) as session:
        return list(dict.fromkeys([*_of_cases(session, register), *_of_letters(session, register)]))


def _of_cases(session: Session, register: Register) -> Iterator[str]:
    config, watched = register.config, register.topics.watched
    open_cases = session.scalars(select(CaseRow).where(CaseRow.ended_at.is_(None)).order_by(CaseRow.id))
    for case in open_cases:
        if case.topic not in watched:
            yield f"case {case.id} is about topic {case.topic}, which topics.yml does not name any more"
        if case.stage not in WORKFLOW.stages:
            yield f"case {case.id} is in stage {case.stage}, which this version does not know: it begins anew"
    running = select(TaskRow, CaseRow.topic).join(CaseRow, CaseRow.id == TaskRow.case_id)
    for task, topic in session.execute(running.where(TaskRow.ended_at.is_(None)).order_by(TaskRow.id)):
        if task.step not in WORKFLOW.steps:
            yield f"case {task.case_id} waits for step {task.step}, which this version does not know"
        if task.desk not in config.desks:
            owner = watched[topic].owner if topic in watched else next(iter(config.desks))
            instead = standing_desk(config.desks, config.ladder, task.desk, task.step, owner)
            yield (
                f"case {task.case_id} waits for desk {task.desk}, which alerts.yml does not name any more: "
                f"{instead} stands in for it"
            )


def _of_letters(session: Session, register: Register) -> Iterator[str]:
    config = register.config
    waiting = session.scalars(select(OutboxRow).where(OutboxRow.state.in_(PENDING)).order_by(OutboxRow.id))
    for row in waiting:
        letter = f"letter {row.id} of case {row.case_id}"
        if row.person is not None and row.person not in config.people:
            yield f"{letter} is for {row.person}, whom alerts.yml does not name any more: it goes to {row.recipient}"
        if row.channel is not None and row.channel not in config.in_use:
            yield f"{letter} goes by channel {row.channel}, which alerts.yml does not name any more: it goes by another"
