"""Cases, their tasks and notices in the database: each change of a case is one transaction, its notices included."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from alerts.casefile.context import CaseContext
from alerts.casefile.deliveries import note_attempt
from alerts.casefile.notices import Telling, compose
from alerts.casefile.precedents import with_precedents
from alerts.casefile.snapshot import CaseSnapshot, from_json, read_quotes, to_json, with_triggers
from alerts.casefile.tables import (
    BY_HAND,
    CaseRow,
    EventKind,
    TaskRow,
    brought_by,
    insert_case,
    insert_task,
    next_turn,
    read_case,
    read_task,
    record,
    update_case,
)
from alerts.detection.grades import Grade
from alerts.detection.signals import Signal
from alerts.notify.notice import Occasion
from alerts.notify.outbox import CaseRef, queue, withdraw
from alerts.notify.quotes import Quote
from alerts.people.directory import Person
from alerts.people.rights import Roster, is_listed
from alerts.workflow.cases import ActRequest, Case, OpenRequest, Refused, apply, rekindle
from alerts.workflow.ladder import begin, owed, pass_on, tighten
from alerts.workflow.rules import WORKFLOW
from stream.errors import Retryable
from stream.process.failpoints import failpoint
from stream.state.database import advisory_lock, transaction

WATCH = "watch"  # who did it, where no person did


def last_case(session: Session, topic: str) -> CaseRow | None:
    """Finds the topic's newest case."""
    return session.scalar(select(CaseRow).where(CaseRow.topic == topic).order_by(CaseRow.id.desc()).limit(1))


def now_open(session: Session, topic: str) -> CaseRow | None:
    """Finds the topic's open case; until the transaction ends nobody else opens one."""
    advisory_lock(session, f"case of {topic}")
    return session.scalar(select(CaseRow).where(CaseRow.open_key == topic))


def open_case(
    session: Session,
    context: CaseContext,
    snapshot: CaseSnapshot,
    quoted: tuple[Quote, ...],
    now: datetime,
    *,
    report: OpenRequest | None = None,
) -> Case:
    """Opens a new case with its first task and first notices; `report` is a person's, where one asked for it.

    Raises `Retryable` where somebody opened one on the topic meanwhile: the next look finds it.
    """
    snapshot, signal = with_precedents(session, snapshot), snapshot.signal
    if now_open(session, signal.topic) is not None:
        raise Retryable(f"a case on {signal.topic} was opened meanwhile")
    new = Case(
        id=0, topic=signal.topic, stage=WORKFLOW.start, grade=snapshot.grading.grade,
        opened_at=now, since=signal.since, notified=signal.effective, peak=signal.effective,
        last_spike_at=signal.window_end or now,
    )  # fmt: skip
    case = read_case(insert_case(session, new, to_json(snapshot)))
    by, why, detail = WATCH, "", _numbers(signal, case.grade) | _fired_for(snapshot)
    if report is not None:
        by, why = context.person(report.by).name, report.why
        detail |= {BY_HAND: True, "claimed": report.claimed}
    record(session, case.id, EventKind.OPENED, at=now, by=by, note=why, detail=detail)
    _start_owed(session, context, case, snapshot, quoted=quoted, occasion=Occasion.OPENED, now=now)
    return case


def note_rise(
    session: Session,
    context: CaseContext,
    case: Case,
    snapshot: CaseSnapshot,
    *,
    quoted: tuple[Quote, ...],
    now: datetime,
) -> Case:
    """Tells whoever has the case at once that its spike grew since the last letter. A grade only ever rises."""
    signal = snapshot.signal
    risen = replace(
        case,
        notified=signal.effective,
        peak=max(case.peak, signal.effective),
        last_spike_at=max(case.last_spike_at, signal.window_end or now),
        calm_at=None,
    )
    return _tell(session, context, case, risen, snapshot, quoted=quoted, occasion=Occasion.ROSE, now=now)


def note_news(
    session: Session,
    context: CaseContext,
    case: Case,
    snapshot: CaseSnapshot,
    *,
    quoted: tuple[Quote, ...],
    now: datetime,
) -> Case:
    """Tells whoever has the case of something that no count shows: the snapshot's triggers. A grade only ever rises."""
    effective = snapshot.signal.effective
    known = replace(case, notified=max(case.notified, effective), peak=max(case.peak, effective))
    return _tell(session, context, case, known, snapshot, quoted=quoted, occasion=Occasion.NEWS, now=now)


def _tell(
    session: Session, context: CaseContext, before: Case, after: Case, snapshot: CaseSnapshot, *,
    quoted: tuple[Quote, ...], occasion: Occasion, now: datetime,
) -> Case:  # fmt: skip
    """Writes the case as it has become, with what was told before, and to everybody who has a task of it."""
    fired, kept = _fired_for(snapshot), from_json(session.get_one(CaseRow, before.id).found)
    snapshot = replace(with_triggers(snapshot, kept.triggers), alike=kept.alike, calmed_at=kept.calmed_at)
    grade = min(before.grade, snapshot.grading.grade, key=list(Grade).index)
    told = replace(after, grade=grade, revision=before.revision + 1)
    update_case(session, before, told, to_json(snapshot))
    kind = EventKind.ROSE if occasion is Occasion.ROSE else EventKind.NEWS
    record(session, before.id, kind, at=now, by=WATCH, detail=_numbers(snapshot.signal, grade) | fired)
    for row in running(session, before.id):
        sooner = tighten(read_task(row), told, context.config.ladder, now)
        row.due_at, row.warn_at = sooner.due_at, sooner.warn_at
        _send(session, context, Telling(told, snapshot, quoted, occasion, f"{occasion}-{told.revision}"), row, now)
    return told


def note_rekindling(
    session: Session,
    context: CaseContext,
    case: Case,
    snapshot: CaseSnapshot,
    *,
    quoted: tuple[Quote, ...],
    now: datetime,
) -> Case:
    """Tells whoever has the case that its topic burns again after a calm, and starts the steps that are owed anew."""
    signal = snapshot.signal
    snapshot = replace(with_precedents(session, snapshot), calmed_at=case.calm_at or case.last_spike_at)
    again = replace(
        rekindle(case, now),
        grade=min(case.grade, snapshot.grading.grade, key=list(Grade).index),
        notified=signal.effective,
        peak=max(case.peak, signal.effective),
        last_spike_at=max(case.last_spike_at, signal.window_end or now),
    )
    update_case(session, case, again, to_json(snapshot))
    detail = _numbers(signal, again.grade) | {"stage": again.stage}
    record(session, case.id, EventKind.REKINDLED, at=now, by=WATCH, detail=detail)
    _end_others(session, again, now)
    for row in running(session, case.id):
        telling = Telling(again, snapshot, quoted, Occasion.REKINDLED, f"{Occasion.REKINDLED}-{again.revision}")
        _send(session, context, telling, row, now)
    _start_owed(session, context, again, snapshot, quoted=quoted, occasion=Occasion.REKINDLED, now=now)
    return again


def act(context: CaseContext, case_id: int, request: ActRequest, now: datetime) -> Case:
    """Carries out a person's act: the case, its record, its tasks and the next notices in one transaction.

    Raises `Refused` where the workflow does not permit it.
    """
    by = context.person(request.by)
    with transaction(context.engine) as session:
        row = session.get(CaseRow, case_id)
        if row is None:
            raise Refused(f"没有事件 {case_id}")
        snapshot = from_json(row.found)
    quoted = read_quotes(context.reader, snapshot.posts, now)
    with transaction(context.engine) as session:
        row = session.get_one(CaseRow, case_id, with_for_update=True)
        before = read_case(row)
        after = apply(
            before, request.action, by=by.name, at=now, note=request.note, verdict=request.verdict,
            brought_by=brought_by(session, case_id, before.stage),
        )  # fmt: skip
        if after.is_open and not before.is_open and _other_open(session, after):
            raise Refused("该话题已有未结事件，不能重新启动本事件")
        update_case(session, before, after)
        detail = _detail(context, by, before, after, request)
        record(session, case_id, request.action, at=now, by=by.name, note=request.note, detail=detail)
        _end_others(session, after, now)
        _start_owed(session, context, after, snapshot, quoted=quoted, occasion=Occasion.EXPECTED, now=now, actor=by)
        failpoint("act.written")
    failpoint("act.kept")
    return after


def warn(session: Session, context: CaseContext, row: TaskRow, quoted: tuple[Quote, ...], now: datetime) -> None:
    """Reminds a task's desk that its time is nearly over."""
    case_row = session.get_one(CaseRow, row.case_id)
    row.warned_at = now
    record(session, row.case_id, EventKind.WARNED, at=now, by=WATCH, detail={"step": row.step, "desk": row.desk})
    step = f"{Occasion.WARNED}-{row.step}"
    telling = Telling(read_case(case_row), from_json(case_row.found), quoted, Occasion.WARNED, step)
    _send(session, context, telling, row, now)


def escalate(session: Session, context: CaseContext, row: TaskRow, quoted: tuple[Quote, ...], now: datetime) -> TaskRow:
    """Ends a task nobody did and gives it to the next desk."""
    case_row = session.get_one(CaseRow, row.case_id)
    case, task = read_case(case_row), read_task(row)
    row.ended_at = now  # its unsent notices stay in line: the desk is still to hear of the case
    heir = pass_on(task, context.config.ladder, grade=case.grade, owner=context.owner(case.topic), now=now)
    new = insert_task(session, heir)
    detail = {"step": row.step, "from": row.desk, "to": heir.desk, "due_at": heir.due_at.isoformat()}
    record(session, case.id, EventKind.ESCALATED, at=now, by=WATCH, detail=detail)
    telling = Telling(case, from_json(case_row.found), quoted, Occasion.ESCALATED, f"overdue-{row.step}")
    _send(session, context, telling, new, now)
    return new


def running(session: Session, case_id: int) -> list[TaskRow]:
    """Finds the tasks of a case whose clocks run."""
    query = select(TaskRow).where(TaskRow.case_id == case_id, TaskRow.ended_at.is_(None)).order_by(TaskRow.id)
    return list(session.scalars(query))


def _detail(context: CaseContext, by: Person, before: Case, after: Case, request: ActRequest) -> dict[str, object]:
    """Says for the record where an act led, whether it is proven who did it, whether it was theirs to do."""
    roster = Roster(context.config.people, context.config.desks, context.config.ladder)
    listed = is_listed(by, request.action, before, roster, owner=context.owner(before.topic))
    detail: dict[str, object] = {"stage": after.stage}
    if request.verdict:
        detail["verdict"] = str(request.verdict)
    if request.claimed:
        detail["claimed"] = True
    if not listed:
        detail["unlisted"] = True
    return detail


def _end_others(session: Session, case: Case, now: datetime) -> None:
    step = owed(case)
    for row in running(session, case.id):
        if row.step != step:
            row.ended_at = now
            withdraw(session, row.id)


def _start_owed(
    session: Session, context: CaseContext, case: Case, snapshot: CaseSnapshot, *, quoted: tuple[Quote, ...],
    occasion: Occasion, now: datetime, actor: Person | None = None,
) -> None:  # fmt: skip
    step = owed(case)
    if step is None or any(row.step == step for row in running(session, case.id)):
        return
    turn = next_turn(session, case.id, step)
    task = begin(case, step, context.config.ladder, owner=context.owner(case.topic), turn=turn, now=now)
    telling = Telling(case, snapshot, quoted, occasion, f"{occasion}-{step}")
    _send(session, context, telling, insert_task(session, task), now, actor)


def _send(
    session: Session, context: CaseContext, telling: Telling, row: TaskRow, now: datetime, actor: Person | None = None
) -> None:
    """Queues a notice for each of the task's people, save the one who just acted and so knows."""
    task, people = read_task(row), context.config.people
    ref, failed = CaseRef(telling.case.id, row.id, telling.step, task.turn), []
    for key in context.config.desks[task.desk].people:
        if people[key] == actor:
            continue
        notice = compose(context, telling, task, people[key], now)
        failed += queue(session, context.config.routing, notice, key, ref)
    for attempt in failed:  # only now it shows whether anybody at the desk can be reached
        note_attempt(session, attempt)


def _other_open(session: Session, case: Case) -> bool:
    other = and_(CaseRow.open_key == case.topic, CaseRow.id != case.id)
    return session.scalar(select(CaseRow.id).where(other)) is not None


def _numbers(signal: Signal, grade: Grade) -> dict[str, object]:
    return {
        "grade": str(grade),
        "negative": signal.negative,
        "effective": round(signal.effective, 2),
        "expected": round(signal.expected, 2),
        "authors": signal.authors,
        "total": signal.total,
        "reasons": sorted(map(str, signal.reasons)),
    }


def _fired_for(snapshot: CaseSnapshot) -> dict[str, object]:
    """Says for the record what fired now, which is not what fired before: the case keeps that."""
    return {"triggers": [[one.key, *one.things] for one in snapshot.triggers]} if snapshot.triggers else {}
