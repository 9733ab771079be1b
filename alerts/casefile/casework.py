"""Cases, their tasks and letters in the database: each change of a case is one transaction, its letters included."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Engine, and_, select
from sqlalchemy.orm import Session

from alerts.casefile.tables import (
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
from alerts.config import AlertsConfig, Person
from alerts.detection.findings import Found, from_json, quotes, to_json
from alerts.detection.grades import Grade
from alerts.detection.signals import Signal
from alerts.notify.dashboard import topic_address
from alerts.notify.letters import Delivery, Occasion, Subject, write
from alerts.notify.outbox import queue, withdraw
from alerts.notify.quotes import Quote
from alerts.people.rights import is_listed
from alerts.workflow.cases import ActRequest, Case, Refused, apply
from alerts.workflow.ladder import OWNER, Task, begin, owed, pass_on, rungs, tighten
from alerts.workflow.rules import WORKFLOW
from stream.index.port import Reader
from stream.process.failpoints import failpoint
from stream.state.database import transaction
from stream.topics import TopicsConfig

WATCH = "watch"  # who did it, where no person did


@dataclass(frozen=True, slots=True)
class Office:
    """What casework needs at hand. `index_name` is what the installation is called on the index, as in stream.yml."""

    engine: Engine
    reader: Reader
    config: AlertsConfig
    topics: TopicsConfig
    index_name: str = "wenfeng"

    def topic_name(self, topic: str) -> str:
        """The name people gave it; its key where it was taken out of the configuration."""
        watched = self.topics.topics.get(topic)
        return watched.name if watched else topic

    def owner(self, topic: str) -> str:
        """The desk that finds out the truth; the first rung of all where the topic is watched no more."""
        watched = self.topics.topics.get(topic)
        return watched.owner if watched else next(iter(self.config.desks))

    def dashboard(self, case: Case) -> str:
        """Where the case's topic is looked at in Kibana; "" where there is none, or for a topic watched no more."""
        if self.config.kibana is None or case.topic not in self.topics.topics:
            return ""
        return topic_address(self.config.kibana, self.index_name, case.topic, case.since)

    def person(self, by: str) -> Person:
        """Who acts, by key, name or address; `Refused` for a stranger."""
        for key, person in self.config.people.items():
            if by in (key, person.name, person.email):
                return person
        raise Refused(f"alerts.yml 的 people 中没有「{by}」")


def named(topics: TopicsConfig, cues: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """The claims of danger by the names people gave them."""
    known = topics.cues
    return tuple((known[key].name if key in known else key, count) for key, count in cues)


def last_case(session: Session, topic: str) -> CaseRow | None:
    """The topic's newest case."""
    return session.scalar(select(CaseRow).where(CaseRow.topic == topic).order_by(CaseRow.id.desc()).limit(1))


def open_case(session: Session, office: Office, found: Found, quoted: tuple[Quote, ...], now: datetime) -> Case:
    """A new case with its first task and first letters."""
    signal = found.signal
    new = Case(
        id=0, topic=signal.topic, stage=WORKFLOW.start, grade=found.grading.grade,
        opened_at=now, since=signal.since, notified=signal.effective, peak=signal.effective, last_spike_at=now,
    )  # fmt: skip
    case = read_case(insert_case(session, new, to_json(found)))
    record(session, case.id, EventKind.OPENED, at=now, by=WATCH, detail=_numbers(signal, case.grade))
    _start_owed(session, office, case, found, quoted=quoted, occasion=Occasion.OPENED, now=now)
    return case


def note_rise(
    session: Session, office: Office, case: Case, found: Found, *, quoted: tuple[Quote, ...], now: datetime
) -> Case:
    """The case's spike grew since the last letter: whoever has the case is told at once. A grade only ever rises."""
    signal = found.signal
    grade = min(case.grade, found.grading.grade, key=list(Grade).index)
    risen = replace(
        case,
        grade=grade,
        notified=signal.effective,
        peak=max(case.peak, signal.effective),
        last_spike_at=now,
        calm_at=None,
        revision=case.revision + 1,
    )
    update_case(session, case, risen, to_json(found))
    record(session, case.id, EventKind.ROSE, at=now, by=WATCH, detail=_numbers(signal, grade))
    for row in running(session, case.id):
        sooner = tighten(read_task(row), risen, office.config.ladder, now)
        row.due_at, row.warn_at = sooner.due_at, sooner.warn_at
        step = f"{Occasion.ROSE}-{risen.revision}"
        _send(session, office, _Errand(risen, found, quoted, row, Occasion.ROSE, step), now)
    return risen


def act(office: Office, case_id: int, request: ActRequest, now: datetime) -> Case:
    """A person's act: the case, its record, its tasks and the next letters in one transaction.

    Raises `Refused` where the workflow does not permit it.
    """
    by = office.person(request.by)
    with transaction(office.engine) as session:
        row = session.get(CaseRow, case_id)
        if row is None:
            raise Refused(f"没有事件 {case_id}")
        found = from_json(row.found)
    quoted = quotes(office.reader, found.posts, now)
    with transaction(office.engine) as session:
        row = session.get_one(CaseRow, case_id, with_for_update=True)
        before = read_case(row)
        after = apply(
            before, request.action, by=by.name, at=now, note=request.note, verdict=request.verdict,
            brought_by=brought_by(session, case_id, before.stage),
        )  # fmt: skip
        if after.is_open and not before.is_open and _other_open(session, after):
            raise Refused("该话题已有未结事件，不能重新启动本事件")
        update_case(session, before, after)
        detail = _detail(office, by, before, after, request)
        record(session, case_id, request.action, at=now, by=by.name, note=request.note, detail=detail)
        _end_others(session, after, now)
        _start_owed(session, office, after, found, quoted=quoted, occasion=Occasion.EXPECTED, now=now, actor=by)
        failpoint("act.written")
    failpoint("act.kept")
    return after


def warn(session: Session, office: Office, row: TaskRow, quoted: tuple[Quote, ...], now: datetime) -> None:
    """Reminds a task's desk that its time is nearly over."""
    case_row = session.get_one(CaseRow, row.case_id)
    row.warned_at = now
    record(session, row.case_id, EventKind.WARNED, at=now, by=WATCH, detail={"step": row.step, "desk": row.desk})
    errand = _Errand(
        read_case(case_row), from_json(case_row.found), quoted, row, Occasion.WARNED, f"{Occasion.WARNED}-{row.step}"
    )
    _send(session, office, errand, now)


def escalate(session: Session, office: Office, row: TaskRow, quoted: tuple[Quote, ...], now: datetime) -> TaskRow:
    """Ends a task nobody did and gives it to the next desk."""
    case_row = session.get_one(CaseRow, row.case_id)
    case, task = read_case(case_row), read_task(row)
    row.ended_at = now  # its unsent letters stay in line: the desk is still to hear of the case
    heir = pass_on(task, office.config.ladder, grade=case.grade, owner=office.owner(case.topic), now=now)
    new = insert_task(session, heir)
    told = {"step": row.step, "from": row.desk, "to": heir.desk, "due_at": heir.due_at.isoformat()}
    record(session, case.id, EventKind.ESCALATED, at=now, by=WATCH, detail=told)
    found = from_json(case_row.found)
    _send(session, office, _Errand(case, found, quoted, new, Occasion.ESCALATED, f"overdue-{row.step}"), now)
    return new


def running(session: Session, case_id: int) -> list[TaskRow]:
    """The tasks of a case whose clocks run."""
    query = select(TaskRow).where(TaskRow.case_id == case_id, TaskRow.ended_at.is_(None)).order_by(TaskRow.id)
    return list(session.scalars(query))


@dataclass(frozen=True, slots=True)
class _Errand:
    case: Case
    found: Found
    quoted: tuple[Quote, ...]
    task: TaskRow
    occasion: Occasion
    step: str


def _end_others(session: Session, case: Case, now: datetime) -> None:
    step = owed(case)
    for row in running(session, case.id):
        if row.step != step:
            row.ended_at = now
            withdraw(session, row.id)


def _start_owed(
    session: Session, office: Office, case: Case, found: Found, *, quoted: tuple[Quote, ...], occasion: Occasion,
    now: datetime, actor: Person | None = None,
) -> None:  # fmt: skip
    step = owed(case)
    if step is None or any(row.step == step for row in running(session, case.id)):
        return
    turn = next_turn(session, case.id, step)
    task = begin(case, step, office.config.ladder, owner=office.owner(case.topic), turn=turn, now=now)
    errand = _Errand(case, found, quoted, insert_task(session, task), occasion, f"{occasion}-{step}")
    _send(session, office, errand, now, actor)


def _send(session: Session, office: Office, errand: _Errand, now: datetime, actor: Person | None = None) -> None:
    """Queues one letter for each of the task's people, save the one who just acted and so knows."""
    case, task = errand.case, read_task(errand.task)
    subject = Subject(
        case=case, topic_name=office.topic_name(case.topic), signal=errand.found.signal,
        grading=errand.found.grading, quotes=errand.quoted, coverage=errand.found.coverage,
        claims=named(office.topics, errand.found.cues), dashboard=office.dashboard(case),
    )  # fmt: skip
    desk = office.config.desks[task.desk]
    for person in (office.config.people[key] for key in desk.people):
        if person == actor:
            continue
        delivery = Delivery(
            occasion=errand.occasion, step=errand.step, revision=task.turn, person=person, desk=desk.name, task=task,
            next_desk=_next_desk(office, case, task),
        )  # fmt: skip
        queue(
            session, write(subject, delivery, office.config, now), case_id=case.id, step=errand.step,
            recipient=person.email, revision=task.turn, task_id=errand.task.id, now=now,
        )  # fmt: skip


def _detail(office: Office, by: Person, before: Case, after: Case, request: ActRequest) -> dict[str, object]:
    """What the record says of an act: where it led, whether it is proven who did it, whether it was theirs to do."""
    listed = is_listed(by, request.action, before, office.config, owner=office.owner(before.topic))
    detail: dict[str, object] = {"stage": after.stage}
    if request.verdict:
        detail["verdict"] = str(request.verdict)
    if request.claimed:
        detail["claimed"] = True
    if not listed:
        detail["unlisted"] = True
    return detail


def _next_desk(office: Office, case: Case, task: Task) -> str:
    desks = rungs(office.config.ladder, task.step)
    if task.level + 1 >= len(desks):
        return ""
    key = desks[task.level + 1]
    return office.config.desks[office.owner(case.topic) if key == OWNER else key].name


def _other_open(session: Session, case: Case) -> bool:
    other = and_(CaseRow.open_key == case.topic, CaseRow.id != case.id)
    return session.scalar(select(CaseRow.id).where(other)) is not None


def _numbers(signal: Signal, grade: Grade) -> dict[str, object]:
    return {
        "grade": str(grade),
        "negative": signal.negative,
        "effective": round(signal.effective, 2),
        "expected": round(signal.expected, 2),
        "voices": signal.voices,
        "total": signal.total,
        "reasons": sorted(map(str, signal.reasons)),
    }
