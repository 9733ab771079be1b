"""The auditor: derives anew what every open case owes, and sees to it that somebody has it and is called in time."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session
from structlog import get_logger

from alerts.casefile.casework import WATCH, escalate, resume
from alerts.casefile.context import CaseContext
from alerts.casefile.guards.failures import FailureKind
from alerts.casefile.tables import CaseRow, EventKind, TaskRow, read_task, record
from alerts.desk.audit import unowned_steps
from alerts.notify.contents.notice import Occasion
from alerts.watch import hold_watch
from alerts.workflow.ladder import overdue
from stream.process.failpoints import failpoint
from stream.state.database import reading, transaction
from stream.state.leases import Lease, check_lease

GRACE = timedelta(minutes=5)  # a clock that is ahead by less is none that was set back

log = get_logger()


class Auditor:
    """Repairs what the rounds left undone: they compute from rows, and rows can be lost or of another clock."""

    def __init__(self, context: CaseContext, holder: str) -> None:
        self._context, self._holder = context, holder
        self.passed_at: datetime | None = None  # when all there was to repair was repaired last

    def __call__(self, now: datetime) -> list[int]:
        """Does one round; the cases that it repaired. [] while another watcher holds the lease.

        A case that cannot be repaired is noted, and the others go on; the round has not passed then.
        """
        lease = hold_watch(self._context, self._holder, now)
        if lease is None:
            return []
        with reading(self._context.engine) as session:
            unowned = [case_id for case_id, _ in unowned_steps(session)]
            late = list(session.scalars(select(TaskRow).where(TaskRow.ended_at.is_(None))))
        wrong = [(row.case_id, row.id) for row in late if _is_ahead(row, now) or _is_late([row], now)]
        repairs = [*((case_id, None) for case_id in unowned), *wrong]
        failures = self._context.failures
        failures.keep_only(FailureKind.REPAIR, [f"case {case_id}" for case_id, _ in repairs])
        done = []
        for case_id, task_id in repairs:
            with failures.guarding(FailureKind.REPAIR, f"case {case_id}", now):
                if self._repair(case_id, task_id, lease, now):
                    done.append(case_id)
        if failures.since(FailureKind.REPAIR) is None:
            self.passed_at = now
        return done

    def _repair(self, case_id: int, task_id: int | None, lease: Lease, now: datetime) -> bool:
        with transaction(self._context.engine) as session:
            check_lease(session, lease)
            row = session.get_one(CaseRow, case_id, with_for_update=True)
            task = None if task_id is None else session.get_one(TaskRow, task_id, with_for_update=True)
            step = self._start(session, row, now) if task is None else self._set_right(session, task, now)
            if step is None:
                return False
            record(session, case_id, EventKind.RESUMED, at=now, by=WATCH, detail={"step": step})
            failpoint("watch.resumed")
        log.error("case_resumed", case=case_id, step=step)
        return True

    def _start(self, session: Session, row: CaseRow, now: datetime) -> str | None:
        named = f"{EventKind.RESUMED}-{now:%Y%m%dT%H%M%S}"  # those of the lost task may have been sent long ago
        started = resume(session, self._context, row, Occasion.EXPECTED, now, named=named)
        return started.step if started else None

    def _set_right(self, session: Session, task: TaskRow, now: datetime) -> str | None:
        if task.ended_at is not None:
            return None
        if _is_ahead(task, now):  # begun by a clock that was set back since: it has its whole limit, from now
            ahead = task.began_at - now
            task.began_at, task.due_at, task.warn_at = now, task.due_at - ahead, task.warn_at - ahead
            return task.step
        if not _is_late([task], now):
            return None
        return escalate(session, self._context, task, (), now).step


def _is_ahead(task: TaskRow, now: datetime) -> bool:
    return task.began_at > now + GRACE


def _is_late(tasks: Sequence[TaskRow], now: datetime) -> bool:
    return bool(overdue(list(map(read_task, tasks)), now))
