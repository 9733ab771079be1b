"""Cases as people look at them, and a person's act on one."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.casefile.acting.deeds import Beside, nothing
from alerts.casefile.acting.steps import act
from alerts.casefile.context import CaseContext, cue_names
from alerts.casefile.papers import Remedy, Statement, copied_to, remedies_of, statements_of
from alerts.casefile.snapshot import CaseSnapshot, from_json
from alerts.casefile.tables import CaseRow, EventKind, EventRow, TaskRow, broken_link, read_case, read_task
from alerts.casefile.troubles.found import TroubleSnapshot, read_found
from alerts.desk.looking import how_it_burns
from alerts.desk.register import Register
from alerts.detection.signals import Signal
from alerts.incidents.troubles import Trouble
from alerts.words import VERDICT_NAMES
from alerts.workflow.cases import ActRequest, AlreadyAcknowledged, Case, Refused, Unconfirmed, allowed
from alerts.workflow.ladder import Task
from alerts.workflow.parts import Action, Verdict, read_verdict
from alerts.workflow.rules import WORKFLOW
from alerts.workflow.subjects import is_incident
from stream.errors import Retryable
from stream.state.database import reading


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task whose clock runs, with its desk's name."""

    task: Task
    desk: str


@dataclass(frozen=True, slots=True)
class CaseSummary:
    """A case in a list of cases. `tasks` are in order of their limits; none where nobody owes anything."""

    case: Case
    topic: str
    tasks: tuple[OpenTask, ...]

    @property
    def is_incident(self) -> bool:
        return is_incident(self.case.topic)

    @property
    def due_at(self) -> datetime | None:
        return self.tasks[0].task.due_at if self.tasks else None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One line of a case's history. `kind` is an `EventKind` or the key of a person's action.

    `verdict` is what a verification found, `stage` where an act led. `claimed`: nothing proved that it was `by`;
    `typed_by` wrote it down for `by`; `unlisted`, of a version before: `by` sits at none of the desks it was for.
    `detail` is everything else that was recorded.
    """

    number: int
    at: datetime
    kind: str
    by: str
    note: str
    is_act: bool
    stage: str | None
    verdict: Verdict | None
    claimed: bool
    unlisted: bool
    detail: Mapping[str, object]
    typed_by: str | None = None


@dataclass(frozen=True, slots=True)
class MergedCase:
    """A case that went into another one, and what is known of it."""

    case: Case
    topic: str
    snapshot: CaseSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDetails:
    """All there is to one case. `claims` are names of dangers and how many posts claim them, unverified.

    A case over posts has a `snapshot`, an incident a `trouble`. `statements` are the revisions of what is answered,
    `remedies` the plans, `merged` the cases that went into this one, `copied_to` the names of who gets a copy. `desks`
    are the names of all desks by their keys.

    `broken` is the number of the first event that was changed after it was written, None for an intact history.
    """

    case: Case
    topic: str
    snapshot: CaseSnapshot | None
    trouble: Trouble | None
    claims: tuple[tuple[str, int], ...]
    tasks: tuple[OpenTask, ...]
    actions: tuple[Action, ...]
    history: tuple[HistoryEntry, ...]
    broken: int | None
    statements: tuple[Statement, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    merged: tuple[MergedCase, ...] = ()
    copied_to: tuple[str, ...] = ()
    desks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ActResult:
    """The case after a person's act; `already` says in words who had done the same before, and nothing was changed."""

    case: Case
    already: str | None = None


def list_cases(register: Register, *, also_ended: bool = False) -> list[CaseSummary]:
    """Finds open cases, the newest first; all there ever were with `also_ended`."""
    query = select(CaseRow).order_by(CaseRow.id.desc())
    with reading(register.engine) as session:
        rows = session.scalars(query if also_ended else query.where(CaseRow.ended_at.is_(None)))
        cases = [read_case(row) for row in rows]
        tasks = _open_tasks(session, register, [case.id for case in cases])
    return [CaseSummary(case, register.topic_name(case.topic), tasks.get(case.id, ())) for case in cases]


def read_details(register: Register, case_id: int) -> CaseDetails:
    """Reads one case with its numbers, tasks, history and what can be done now; `Refused` if there is none."""
    with reading(register.engine) as session:
        row = _row(session, case_id)
        case, found = read_case(row), read_found(row.found)
        events = list(session.scalars(select(EventRow).where(EventRow.case_id == case_id).order_by(EventRow.number)))
        tasks = _open_tasks(session, register, [case_id])
        papers = statements_of(session, case_id), remedies_of(session, case_id)
        merged, copies = _merged(session, register, case_id), copied_to(session, case_id)
    people = register.config.people
    snapshot = None if isinstance(found, TroubleSnapshot) else found
    return CaseDetails(
        case=case,
        topic=register.topic_name(case.topic),
        snapshot=snapshot,
        trouble=found.trouble if isinstance(found, TroubleSnapshot) else None,
        claims=cue_names(register.topics, snapshot.cues) if snapshot else (),
        tasks=tasks.get(case_id, ()),
        actions=allowed(case),
        history=tuple(map(_entry, events)),
        broken=broken_link(events),
        statements=papers[0],
        remedies=papers[1],
        merged=merged,
        copied_to=tuple(people[key].name if key in people else key for key in copies),
        desks={key: desk.name for key, desk in register.config.desks.items()},
    )


def act_on_case(
    context: CaseContext, case_id: int, request: ActRequest, now: datetime, beside: Beside = nothing
) -> ActResult:
    """Does what a person asks; `Refused` where the workflow does not permit it. Acknowledging twice changes nothing.

    Where the table asks whether the topic is calm, it is looked at once more. `beside` is called within the transaction
    of an act that took place: what it writes is kept with it or not at all.
    """
    try:
        return ActResult(act(context, case_id, request, now, _present(context, case_id, request, now), beside))
    except AlreadyAcknowledged as error:
        with reading(context.engine) as session:
            return ActResult(read_case(_row(session, case_id)), error.detail)


def _present(context: CaseContext, case_id: int, request: ActRequest, now: datetime) -> Signal | None:
    """Looks at the case's topic where the act depends on it; `Refused` where nobody can look and nobody confirmed."""
    with reading(context.engine) as session:
        case = read_case(_row(session, case_id))
    action = WORKFLOW.action(case.stage, request.action)
    if action is None or not action.when_calm or case.topic not in context.topics.watched:
        return None
    try:
        return how_it_burns(context, case.topic, now)
    except Retryable as error:
        if request.confirm:
            return None
        raise Unconfirmed(f"当前数据暂时读不到（{error.reason}），无法确认话题是否平静") from error


def _merged(session: Session, register: Register, case_id: int) -> tuple[MergedCase, ...]:
    rows = session.scalars(select(CaseRow).where(CaseRow.merged_into == case_id).order_by(CaseRow.id))
    return tuple(MergedCase(read_case(row), register.topic_name(row.topic), from_json(row.found)) for row in rows)


def _row(session: Session, case_id: int) -> CaseRow:
    row = session.get(CaseRow, case_id)
    if row is None:
        raise Refused(f"没有事件 {case_id}")
    return row


def _open_tasks(session: Session, register: Register, cases: Iterable[int]) -> dict[int, tuple[OpenTask, ...]]:
    """Reads tasks by case, all of them in one query: an installation has few that run, and may have had many cases."""
    wanted, found = set(cases), dict[int, tuple[OpenTask, ...]]()
    query = select(TaskRow).where(TaskRow.ended_at.is_(None)).order_by(TaskRow.due_at, TaskRow.id)
    for task in map(read_task, session.scalars(query)):
        if task.case_id in wanted:
            one = OpenTask(task, register.desk_name(task.desk))
            found[task.case_id] = (*found.get(task.case_id, ()), one)
    return found


def _entry(event: EventRow) -> HistoryEntry:
    detail = _detail(event.detail)
    return HistoryEntry(
        number=event.number,
        at=event.at,
        kind=event.kind,
        by=event.by,
        note=event.note,
        is_act=event.kind not in set(EventKind),
        verdict=read_verdict(detail.pop("verdict")) if _is_verdict(detail.get("verdict")) else None,
        stage=detail.pop("stage", None),
        claimed=detail.pop("claimed", False),
        unlisted=detail.pop("unlisted", False),
        typed_by=detail.pop("typed_by", None),
        detail=detail,
    )


def _detail(kept: str) -> dict[str, Any]:
    """Reads the detail as it was recorded; what somebody put in its place is shown, too."""
    try:
        detail = json.loads(kept)
    except ValueError:
        detail = kept
    return detail if isinstance(detail, dict) else {"detail": detail}


def _is_verdict(text: object) -> bool:
    return isinstance(text, str) and (text in set(Verdict) or text in VERDICT_NAMES.values())
