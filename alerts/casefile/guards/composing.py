"""A notice for one person, whatever goes wrong: where the whole of it cannot be put together, a short one is."""

from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from alerts.casefile.context import CaseContext
from alerts.casefile.guards.failures import FailureKind
from alerts.casefile.notices import Telling, case_page, compose, named
from alerts.detection.grades import GRADE_NAMES
from alerts.notify.contents.notice import Colour, Command, Demand, Figures, Notice, write_notice
from alerts.people.directory import Person, key_of, told_apart
from alerts.words import STAGE_NAMES, STEP_NAMES
from alerts.workflow.ladder import Task
from stream.errors import Retryable

INCOMPLETE = "有一项舆情任务请您办理；本信正文生成失败，仅列要点"
SEE_CASE = "正文未能生成，请用“查看经过”核对情况，并通知系统管理员"


def composed(context: CaseContext, telling: Telling, task: Task, person: Person, now: datetime) -> Notice:
    """Composes the notice; a short one where that fails, which is noted for the operators.

    What the database raises passes: its transaction is lost anyway.
    """
    about = f"{key_of(context.config.people, person) or person.name}, {telling.occasion}"
    try:
        notice = compose(context, telling, task, person, now)
        write_notice(notice)
    except (Retryable, SQLAlchemyError, MemoryError):
        raise
    except Exception as error:
        context.failures.note(FailureKind.LETTER, about, error, now)
        return short_notice(context, telling, task, person, now)
    context.failures.clear(FailureKind.LETTER, about)
    return notice


def short_notice(context: CaseContext, telling: Telling, task: Task, person: Person, now: datetime) -> Notice:
    """Says which case, which step and by when, from plain values alone."""
    case, signal, host = telling.case, telling.snapshot.signal, context.config.host
    return Notice(
        id=named(case.id, telling.step, told_apart(context.config.people, person), task.turn, host),
        thread=f"{case.id}.root@{host}",
        occasion=telling.occasion,
        at=now,
        organisation=context.config.organisation,
        case=case.id,
        topic=case.topic,
        colour=Colour(case.grade),
        grade=GRADE_NAMES[case.grade],
        stage=STAGE_NAMES.get(case.stage, case.stage),
        headline=INCOMPLETE,
        truth="待核实。",
        figures=Figures(
            since=signal.since, at=signal.at, total=signal.total, negative=signal.negative, expected=signal.expected,
            effective=signal.effective, authors=signal.authors, texts=signal.texts, share=signal.share,
            usual_share=signal.usual_share, rising=False,
        ),
        danger="",
        reasons=(SEE_CASE,),
        grading=(),
        quotes=(),
        sources=(),
        demand=Demand(
            person=person.name,
            desk=task.desk,
            step=STEP_NAMES.get(task.step, task.step),
            due_at=task.due_at,
            next_desk="",
            commands=(Command("查看经过", f"python -m alerts case show {case.id}"),),
            link=case_page(context.config, case.id),
        ),
        dashboard="",
    )  # fmt: skip
