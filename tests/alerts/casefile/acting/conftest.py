"""A case that stands anywhere on its way, and who does what to it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from alerts.casefile.acting.steps import act
from alerts.casefile.casework import open_case
from alerts.casefile.context import CaseContext
from alerts.casefile.snapshot import CaseSnapshot
from alerts.casefile.tables import CaseRow, TaskRow, read_case
from alerts.notify.tables import OutboxRow
from alerts.workflow.cases import ActRequest, Case
from alerts.workflow.parts import Verdict
from stream.state.database import reading, transaction

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
WORDS = "经核实，网传内容不实。"

Walk = Callable[..., Case]


def way(verdict: Verdict, until: datetime) -> list[ActRequest]:
    """Every act of a case with that verdict, in order."""
    answer = "clarify" if verdict is Verdict.RUMOUR else "respond"
    mends = verdict in (Verdict.TRUE, Verdict.PARTLY_TRUE)
    return [
        ActRequest("acknowledge", "zhang_min"),
        ActRequest("judge", "zhang_min", "成立"),
        ActRequest("report", "li_qiang", "已报"),
        ActRequest("verify", "chen_wei", "查明", verdict),
        ActRequest("draft", "zhang_min", statement=WORDS),
        ActRequest("approve", "li_qiang"),
        ActRequest(answer, "li_qiang", "官网"),
        *([ActRequest("plan_remedy", "chen_wei", "更换设备", owner="safety", until=until)] if mends else []),
        *([ActRequest("remedied", "wu_tao", "已更换，附照片")] if mends else []),
        ActRequest("guide", "zhang_min", "答疑"),
        ActRequest("close", "zhang_min", "平静"),
        ActRequest("review", "li_qiang", "总结"),
    ]


@pytest.fixture
def case(context: CaseContext, found: CaseSnapshot, now: datetime) -> Case:
    """A new case on the topic `outage`."""
    with transaction(context.engine) as session:
        return open_case(session, context, found, (), now)


@pytest.fixture
def walk(context: CaseContext, case: Case, now: datetime) -> Walk:
    """Takes the case along its way up to and with the action named, a minute an act."""

    def along(last: str, verdict: Verdict = Verdict.RUMOUR) -> Case:
        walked = case
        for number, request in enumerate(way(verdict, now + 9 * DAY), start=1):
            walked = act(context, case.id, request, now + number * MINUTE)
            if request.action == last:
                return walked
        raise AssertionError(f"{last} is not on the way")

    return along


def letters(context: CaseContext) -> list[tuple[str, str | None]]:
    """Every letter there was: its step and whom it is for."""
    with reading(context.engine) as session:
        return [(row.step, row.person) for row in session.scalars(select(OutboxRow).order_by(OutboxRow.id))]


def standing(context: CaseContext, case_id: int) -> Case:
    with reading(context.engine) as session:
        return read_case(session.get_one(CaseRow, case_id))


def tasks(context: CaseContext, case_id: int) -> list[TaskRow]:
    """The tasks whose clocks run."""
    with reading(context.engine) as session:
        waits = TaskRow.case_id == case_id, TaskRow.ended_at.is_(None)
        return list(session.scalars(select(TaskRow).where(*waits)))
