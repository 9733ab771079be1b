"""Cases, their tasks and notices in the database: each change of a case is one transaction, its notices included."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.casefile.context import CaseContext
from alerts.casefile.notices import Telling
from alerts.casefile.papers import present_plan, void_statement
from alerts.casefile.precedents import with_precedents
from alerts.casefile.sending import send, tell_running
from alerts.casefile.snapshot import CaseSnapshot, from_json, to_json, with_guest, with_triggers
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
    running,
    update_case,
)
from alerts.casefile.telling.standing import Gathered, with_answer
from alerts.casefile.troubles.found import Found, read_found
from alerts.casefile.troubles.notices import telling_of
from alerts.casefile.wave.known import known_detail, with_known_claim
from alerts.detection.grades import Grade, gravest
from alerts.detection.signals import Signal
from alerts.notify.contents.notice import Occasion
from alerts.notify.outbox import withdraw
from alerts.people.directory import Person, signature
from alerts.workflow.cases import Case, OpenRequest, regrade, rekindle
from alerts.workflow.ladder import Task, begin, dated, owed, pass_on, rungs, seated
from alerts.workflow.rules import WORKFLOW
from stream.errors import Retryable
from stream.state.database import advisory_lock

WATCH = "watch"  # who did it, where no person did


def last_case(session: Session, topic: str) -> CaseRow | None:
    """Finds the topic's newest case; what was split off one does not have the topic's waves."""
    query = select(CaseRow).where(CaseRow.topic == topic, CaseRow.split_from.is_(None))
    return session.scalar(query.order_by(CaseRow.id.desc()).limit(1))


def host_of(session: Session, row: CaseRow | None) -> CaseRow | None:
    """Finds the open case that a case was merged into, also by way of others; None where there is none."""
    while row is not None and row.merged_into is not None:
        row = session.get(CaseRow, row.merged_into)
        if row is not None and row.ended_at is None:
            return row
    return None


def open_splits(session: Session, topic: str) -> list[CaseRow]:
    """Finds the topic's open cases that were split off another one."""
    query = select(CaseRow).where(CaseRow.topic == topic, CaseRow.split_from.is_not(None), CaseRow.ended_at.is_(None))
    return list(session.scalars(query.order_by(CaseRow.id)))


def now_open(session: Session, topic: str) -> CaseRow | None:
    """Finds the topic's open case, or the one it was merged into; until the transaction ends nobody else opens one."""
    advisory_lock(session, f"case of {topic}")
    found = session.scalar(select(CaseRow).where(CaseRow.open_key == topic))
    return found or host_of(session, last_case(session, topic))


def open_case(
    session: Session,
    context: CaseContext,
    snapshot: CaseSnapshot,
    quoted: Gathered,
    now: datetime,
    *,
    report: OpenRequest | None = None,
) -> Case:
    """Opens a new case with its first task and first notices; `report` is a person's, where one asked for it.

    Raises `Retryable` where somebody opened one on the topic meanwhile: the next look finds it.
    """
    snapshot, signal = with_precedents(session, snapshot), snapshot.signal
    snapshot = with_known_claim(session, context.reader, snapshot, now)
    quoted = with_answer(quoted, snapshot.known_claim)
    if now_open(session, signal.topic) is not None:
        raise Retryable(f"a case on {signal.topic} was opened meanwhile")
    before = last_case(session, signal.topic)
    new = Case(
        id=0, topic=signal.topic, stage=WORKFLOW.start, grade=snapshot.grading.grade,
        opened_at=now, since=signal.since, notified=signal.effective, peak=signal.effective,
        last_spike_at=signal.window_end or now, seen_grade=snapshot.grading.grade,
    )  # fmt: skip
    by, why, detail = WATCH, "", numbers(signal, new.grade) | _fired_for(snapshot) | known_detail(snapshot)
    if before is not None and before.calm_at is None:  # a person closed this very wave
        detail |= {"after": before.id}
    if report is not None:
        by, why = signature(context.config.people, context.person(report.by)), report.why
        detail |= {BY_HAND: True, "claimed": report.claimed}
    return begin_case(session, context, new, snapshot, quoted=quoted, by=by, why=why, detail=detail, now=now)


def begin_case(
    session: Session, context: CaseContext, new: Case, snapshot: CaseSnapshot, *, quoted: Gathered, by: str,
    why: str, detail: Mapping[str, object], now: datetime, occasion: Occasion = Occasion.OPENED,
) -> Case:  # fmt: skip
    """Writes a new case with the first line of its history, its first task and first notices."""
    case = read_case(insert_case(session, new, to_json(snapshot)))
    record(session, case.id, EventKind.OPENED, at=now, by=by, note=why, detail=detail)
    start_owed(session, context, case, snapshot, quoted=quoted, occasion=occasion, now=now)
    return case


def note_rise(
    session: Session,
    context: CaseContext,
    case: Case,
    snapshot: CaseSnapshot,
    *,
    quoted: Gathered,
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
    quoted: Gathered,
    now: datetime,
) -> Case:
    """Tells whoever has the case of something that no count shows: the snapshot's triggers. A grade only ever rises."""
    effective = snapshot.signal.effective
    known = replace(case, notified=max(case.notified, effective), peak=max(case.peak, effective))
    if snapshot.signal.topic != case.topic:
        known = case  # its own counts are of its own topic
    return _tell(session, context, case, known, snapshot, quoted=quoted, occasion=Occasion.NEWS, now=now)


def _tell(
    session: Session, context: CaseContext, before: Case, after: Case, snapshot: CaseSnapshot, *,
    quoted: Gathered, occasion: Occasion, now: datetime,
) -> Case:  # fmt: skip
    """Writes the case as it has become, with what was told before, and to everybody who has a task of it."""
    kept, news = from_json(session.get_one(CaseRow, before.id).found), snapshot
    is_guest = news.signal.topic != before.topic  # of a case that was merged into this one
    if is_guest:
        snapshot = with_guest(kept, news)
    else:
        snapshot = replace(with_triggers(news, kept.triggers), alike=kept.alike, calmed_at=kept.calmed_at)
    snapshot = with_known_claim(session, context.reader, snapshot, now)
    quoted = with_answer(quoted, snapshot.known_claim)
    automatic = gravest(snapshot.grading.grade, news.grading.grade)
    told = replace(regrade(after, automatic), revision=before.revision + 1)
    update_case(session, before, told, to_json(snapshot))
    kind = EventKind.ROSE if occasion is Occasion.ROSE else EventKind.JOINED if is_guest else EventKind.NEWS
    detail = numbers(news.signal, told.grade) | _fired_for(news) | _suggested(told, automatic) | known_detail(snapshot)
    record(
        session, before.id, kind, at=now, by=WATCH, detail=detail | ({"topic": news.signal.topic} if is_guest else {})
    )
    tell_running(session, context, Telling(told, snapshot, quoted, occasion, f"{occasion}-{told.revision}"), now)
    return told


def note_rekindling(
    session: Session,
    context: CaseContext,
    case: Case,
    snapshot: CaseSnapshot,
    *,
    quoted: Gathered,
    now: datetime,
) -> Case:
    """Tells whoever has the case that its topic burns again after a calm, and starts the steps that are owed anew."""
    signal = snapshot.signal
    snapshot = replace(with_precedents(session, snapshot), calmed_at=case.calm_at or case.last_spike_at)
    snapshot = with_known_claim(session, context.reader, snapshot, now)
    quoted = with_answer(quoted, snapshot.known_claim)
    again = replace(
        regrade(rekindle(case, now), snapshot.grading.grade),
        notified=signal.effective,
        peak=max(case.peak, signal.effective),
        last_spike_at=max(case.last_spike_at, signal.window_end or now),
    )
    update_case(session, case, again, to_json(snapshot))
    detail = numbers(signal, again.grade) | {"stage": again.stage} | _suggested(again, snapshot.grading.grade)
    detail |= known_detail(snapshot)
    if again.stage != case.stage:
        void_statement(session, case.id, now)  # what answered the wave before is answered anew
    record(session, case.id, EventKind.REKINDLED, at=now, by=WATCH, detail=detail)
    end_others(session, again, now)
    for row in running(session, case.id):
        telling = Telling(again, snapshot, quoted, Occasion.REKINDLED, f"{Occasion.REKINDLED}-{again.revision}")
        send(session, context, telling, row, now)
    start_owed(session, context, again, snapshot, quoted=quoted, occasion=Occasion.REKINDLED, now=now)
    return again


def note_calm(session: Session, context: CaseContext, case: Case, quoted: Gathered, now: datetime) -> Case:
    """Notes, once, that the case's topic is calm again, and tells whoever has it. Closing is a person's act."""
    calm = replace(case, calm_at=now, revision=case.revision + 1)
    update_case(session, case, calm)
    quiet = (now - case.last_spike_at) / timedelta(hours=1)
    record(session, case.id, EventKind.CALM, at=now, by=WATCH, detail={"hours": round(quiet, 1)})
    snapshot = from_json(session.get_one(CaseRow, case.id).found)
    telling = Telling(calm, snapshot, quoted, Occasion.CLEAR, f"{Occasion.CLEAR}-{calm.revision}")
    for row in running(session, case.id) if case.is_open else ():
        send(session, context, telling, row, now)
    return calm


def warn(session: Session, context: CaseContext, row: TaskRow, quoted: Gathered, now: datetime) -> None:
    """Reminds a task's desk that its time is nearly over."""
    case_row = session.get_one(CaseRow, row.case_id)
    row.warned_at = now
    record(session, row.case_id, EventKind.WARNED, at=now, by=WATCH, detail={"step": row.step, "desk": row.desk})
    step = f"{Occasion.WARNED}-{row.step}"
    telling = telling_of(read_case(case_row), read_found(case_row.found), quoted, Occasion.WARNED, step)
    send(session, context, telling, row, now)


def escalate(session: Session, context: CaseContext, row: TaskRow, quoted: Gathered, now: datetime) -> TaskRow:
    """Ends a task nobody did and gives it to the next desk."""
    case_row = session.get_one(CaseRow, row.case_id)
    case, task = read_case(case_row), read_task(row)
    row.ended_at = now
    heir = pass_on(task, context.config.ladder, case=case, owner=context.owner(case.topic), now=now)
    new = insert_task(session, heir)
    detail = {"step": row.step, "from": row.desk, "to": heir.desk, "due_at": heir.due_at.isoformat()}
    record(session, case.id, EventKind.ESCALATED, at=now, by=WATCH, detail=detail)
    telling = telling_of(case, read_found(case_row.found), quoted, Occasion.ESCALATED, f"overdue-{row.step}")
    send(session, context, telling, new, now, replaces=row.id)
    withdraw(session, row.id)  # what it asked for is asked of others now, and each of them is told so
    return new


def resume(
    session: Session, context: CaseContext, row: CaseRow, occasion: Occasion, now: datetime, *, named: str = ""
) -> TaskRow | None:
    """Starts the step that a case owes, where nobody has it; the new task, None where somebody has it or none is owed.

    Letters quote no posts: whoever needs them finds them with the case. `named` tells them from those of a task that
    was lost; by default they are named by the occasion.
    """
    case, before = read_case(row), {task.id for task in running(session, row.id)}
    end_others(session, case, now)
    start_owed(session, context, case, read_found(row.found), quoted=(), occasion=occasion, now=now, named=named)
    return next((task for task in running(session, row.id) if task.id not in before), None)


def end_others(session: Session, case: Case, now: datetime) -> None:
    """Ends the tasks of a case that are not of the step owed now, and takes back what is not sent of them."""
    step = owed(case)
    for row in running(session, case.id):
        if row.step != step:
            row.ended_at = now
            withdraw(session, row.id)


def start_owed(
    session: Session, context: CaseContext, case: Case, found: Found, *, quoted: Gathered,
    occasion: Occasion, now: datetime, actor: Person | None = None, named: str = "",
) -> None:  # fmt: skip
    """Begins the step that is owed now, unless it runs already, and writes to its first desk."""
    step = owed(case)
    if step is None or any(row.step == step for row in running(session, case.id)):
        return
    task = _first_task(session, context, case, step, now)
    telling = telling_of(case, found, quoted, occasion, f"{named or occasion}-{step}")
    send(session, context, telling, insert_task(session, task), now, actor)


def _first_task(session: Session, context: CaseContext, case: Case, step: str, now: datetime) -> Task:
    """Builds the task of who is called first: somebody who may do it, and by the plan where there is one."""
    ladder, rule, owner = context.config.ladder, WORKFLOW.rule_of(step), context.owner(case.topic)
    turn, level = next_turn(session, case.id, step), 0
    if any(action.second_person for action in rule.done_by):
        level = first_other(context, case, step, brought_by(session, case.id, case.stage), now)
    task = begin(case, step, ladder, owner=owner, turn=turn, now=now, level=level)
    plan = present_plan(session, case.id) if rule.dated else None
    return dated(task, plan.desk, plan.until, ladder) if plan is not None else task


def first_other(context: CaseContext, case: Case, step: str, first: str | None, now: datetime) -> int:
    """Finds the first rung at which somebody else may act than who was there `first`; 0 where nobody may."""
    people, owner = context.config.people, context.owner(case.topic)
    for level, desk in enumerate(rungs(context.config.ladder, step)):
        able = context.may_act(seated(desk, owner), now)
        if any(signature(people, people[key]) != first for key in able):
            return level
    return 0


def _suggested(case: Case, automatic: Grade) -> dict[str, object]:
    """Says for the record that the rules came to a graver grade than the one a person set."""
    return {"suggested": str(automatic)} if gravest(case.grade, automatic) is not case.grade else {}


def numbers(signal: Signal, grade: Grade) -> dict[str, object]:
    """Says for the record what was counted, and until when: posts that come late make a wave of the past."""
    until = {"until": signal.window_end.isoformat()} if signal.window_end else {}
    return until | {
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
