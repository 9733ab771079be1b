"""The tables of the alerts, and how a case, its events and its tasks go in and out of them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from alerts.casefile.guards.standins import standing_stage
from alerts.detection.grades import Grade
from alerts.words import VERDICT_NAMES
from alerts.workflow.cases import Case
from alerts.workflow.ladder import Task
from alerts.workflow.parts import Verdict
from alerts.workflow.rules import WORKFLOW
from stream.codec import CASE_EVENTS
from stream.errors import Fenced
from stream.messages import CaseEvent, event_id, wire_time
from stream.state.database import Base, Serial

GENESIS = "0" * 64  # what the first event of a case is chained to
BY_HAND = "by_hand"  # in the detail of a case's first event: a person opened it, not the watcher


class EventKind(StrEnum):
    """What an event records beside the actions of people, which are recorded under their own names."""

    OPENED = "opened"
    ROSE = "rose"
    NEWS = "news"
    CALM = "calm"
    RESTLESS = "restless"  # of versions before waves were told apart
    REKINDLED = "rekindled"
    JOINED = "joined"
    WARNED = "warned"
    ESCALATED = "escalated"
    SENT = "sent"
    SECOND_CHANNEL = "second_channel"
    SENT_WITHOUT_TEXT = "sent_without_text"
    NOT_DELIVERED = "not_delivered"
    RECOVERED = "recovered"  # an incident that was over by itself
    RESUMED = "resumed"  # a step that nobody had, though it was owed


class CaseRow(Base):
    """A case. `open_key` is its topic while it is open: the constraint that there is only one.

    A case split off another one has a key of its own: the waves of the topic are the other one's.
    """

    __tablename__ = "alert_case"

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    open_key: Mapped[str | None] = mapped_column(unique=True)
    topic: Mapped[str] = mapped_column(index=True)
    stage: Mapped[str]
    grade: Mapped[str]
    opened_at: Mapped[datetime]
    since: Mapped[datetime]
    notified: Mapped[float]
    peak: Mapped[float]
    last_spike_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None]
    verdict: Mapped[str | None]  # by its key
    calm_at: Mapped[datetime | None]
    rekindled_at: Mapped[datetime | None]
    reopened_at: Mapped[datetime | None]
    previous_verdict: Mapped[str | None]
    graded_by: Mapped[str | None]
    seen_grade: Mapped[str | None]
    count_at_end: Mapped[float | None]
    split_from: Mapped[int | None]
    merged_into: Mapped[int | None]
    supervised_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    revision: Mapped[int]
    found: Mapped[str] = mapped_column(Text)  # JSON: the signal last written about, the grading, the quoted posts' ids


class EventRow(Base):
    """One line of a case's history. Only ever inserted; `digest` covers the line and the one before it."""

    __tablename__ = "alert_event"
    __table_args__ = (UniqueConstraint("case_id", "number"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("alert_case.id"))
    number: Mapped[int]
    at: Mapped[datetime]
    kind: Mapped[str]
    by: Mapped[str]
    note: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text)
    previous: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))


class TaskRow(Base):
    """A step owed by a desk until it is done, breached or no longer owed."""

    __tablename__ = "alert_task"
    __table_args__ = (UniqueConstraint("case_id", "step", "turn"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("alert_case.id"))
    step: Mapped[str]
    turn: Mapped[int]
    level: Mapped[int]
    desk: Mapped[str]
    began_at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(index=True)
    warn_at: Mapped[datetime]
    warned_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class AnnouncementRow(Base):
    """An event that the log has still to be told of, as it is to be told."""

    __tablename__ = "alert_announcement"

    event_id: Mapped[int] = mapped_column(Serial, ForeignKey("alert_event.id"), primary_key=True, autoincrement=False)
    case_id: Mapped[int] = mapped_column(Serial)
    message: Mapped[bytes] = mapped_column(LargeBinary)


class FiredTriggerRow(Base):
    """A thing that a trigger told of, in the case that was open then or was opened by it."""

    __tablename__ = "fired_trigger"
    __table_args__ = (UniqueConstraint("topic", "trigger_key", "thing", "case_id"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    topic: Mapped[str]
    trigger_key: Mapped[str]
    thing: Mapped[str]
    at: Mapped[datetime]
    case_id: Mapped[int] = mapped_column(ForeignKey("alert_case.id"))


_CASE = tuple(field.name for field in fields(Case))
_TASK = tuple(field.name for field in fields(Task))


def read_case(row: CaseRow) -> Case:
    """Reads the row as a value."""
    values: dict[str, Any] = {name: getattr(row, name) for name in _CASE}
    values |= {name: Verdict(values[name]) if values[name] else None for name in ("verdict", "previous_verdict")}
    seen = Grade(row.seen_grade) if row.seen_grade else None
    stage = standing_stage(row.stage, ended=row.ended_at is not None)
    return Case(**{**values, "stage": stage, "grade": Grade(row.grade), "seen_grade": seen})


def open_key(case: Case) -> str | None:
    """Builds what no second open case may have: the topic, for one that was split off the topic and its number."""
    if not case.is_open:
        return None
    return case.topic if case.split_from is None else f"{case.topic}#{case.id}"


def read_task(row: TaskRow) -> Task:
    """Reads the row as a value."""
    return Task(**{name: getattr(row, name) for name in _TASK})


def insert_case(session: Session, case: Case, found: str) -> CaseRow:
    """Inserts the case and returns the new row with its id; whatever id `case` has is ignored."""
    row = CaseRow(**{name: getattr(case, name) for name in _CASE if name != "id"}, found=found)
    row.open_key = case.topic if case.split_from is None else None  # a key of its own needs its number
    session.add(row)
    session.flush()
    row.open_key = open_key(read_case(row))
    session.flush()
    return row


def update_case(session: Session, before: Case, after: Case, found: str | None = None) -> None:
    """Writes `after` where the case is still as `before`; `Fenced` where somebody was quicker: read it again."""
    values: dict[str, Any] = {name: getattr(after, name) for name in _CASE if name != "id"}
    values |= {"open_key": open_key(after), "revision": before.revision + 1}
    if found is not None:
        values["found"] = found
    matched = update(CaseRow).where(CaseRow.id == before.id, CaseRow.revision == before.revision).values(values)
    if session.execute(matched).rowcount != 1:  # type: ignore[attr-defined]
        raise Fenced(f"case {before.id} was changed by somebody else")


def insert_task(session: Session, task: Task) -> TaskRow:
    """Inserts the task and returns the new row with its id."""
    row = TaskRow(**{name: getattr(task, name) for name in _TASK})
    session.add(row)
    session.flush()
    return row


def running(session: Session, case_id: int) -> list[TaskRow]:
    """Finds the tasks of a case whose clocks run."""
    query = select(TaskRow).where(TaskRow.case_id == case_id, TaskRow.ended_at.is_(None)).order_by(TaskRow.id)
    return list(session.scalars(query))


def next_turn(session: Session, case_id: int, step: str) -> int:
    """Finds the number of the next task of this step of the case."""
    last = session.scalar(select(func.max(TaskRow.turn)).where(TaskRow.case_id == case_id, TaskRow.step == step))
    return 0 if last is None else last + 1


def record(
    session: Session,
    case_id: int,
    kind: str,
    *,
    at: datetime,
    by: str,
    note: str = "",
    detail: Mapping[str, object] = MappingProxyType({}),
) -> EventRow:
    """Appends one event to the case's chain, which until the transaction ends is nobody else's to lengthen.

    The same transaction puts it in line for the log: see alerts/casefile/relay.py.
    """
    session.execute(select(CaseRow.id).where(CaseRow.id == case_id).with_for_update())
    last = session.scalar(select(EventRow).where(EventRow.case_id == case_id).order_by(EventRow.number.desc()).limit(1))
    row = EventRow(
        case_id=case_id,
        number=last.number + 1 if last else 1,
        at=at,
        kind=str(kind),
        by=by,
        note=note,
        detail=json.dumps(dict(detail), ensure_ascii=False, sort_keys=True),
        previous=last.digest if last else GENESIS,
    )
    row.digest = _digest(row)
    session.add(row)
    session.flush()
    _announce(session, row)
    return row


def _announce(session: Session, event: EventRow) -> None:
    """Puts the event in line as the wire has it: with the verdict's word, which Kibana shows as it comes."""
    case = session.get_one(CaseRow, event.case_id, populate_existing=True)
    clocks = select(TaskRow).where(TaskRow.case_id == case.id, TaskRow.ended_at.is_(None))
    task = session.scalar(clocks.order_by(TaskRow.due_at, TaskRow.id).limit(1))
    detail = json.loads(event.detail)
    announced = CaseEvent(
        id=event_id("case", case.id, event.number),
        case_id=case.id,
        number=event.number,
        at=event.at,
        kind=event.kind,
        by="program" if event.kind in set(EventKind) and not detail.get(BY_HAND) else "person",
        topic=case.topic,
        grade=case.grade,
        stage=case.stage,
        verdict=VERDICT_NAMES[Verdict(case.verdict)] if case.verdict else None,
        peak=case.peak,
        opened_at=case.opened_at,
        reopened_at=case.reopened_at,
        acknowledged_at=case.acknowledged_at,
        ended_at=case.ended_at,
        elapsed=(event.at - case.opened_at).total_seconds(),
        missed_by=detail.get("from") if event.kind == EventKind.ESCALATED else None,
        first_word_at=_first_word(session, case),
        step=task.step if task else None,
        desk=task.desk if task else None,
        due_at=task.due_at if task else None,
        late=task is not None and event.at > task.due_at,
    )
    session.add(AnnouncementRow(event_id=event.id, case_id=case.id, message=CASE_EVENTS.encode(announced)))


def _first_word(session: Session, case: CaseRow) -> datetime | None:
    """Finds when the public heard its first word, since the case was begun anew where it was."""
    said = select(EventRow.at).where(EventRow.case_id == case.id, EventRow.kind.in_(WORKFLOW.first_words))
    said = said.where(EventRow.at >= (case.reopened_at or case.opened_at))
    return session.scalar(said.order_by(EventRow.number).limit(1))


def brought_by(session: Session, case_id: int, stage: str) -> str | None:
    """Finds who brought the case to its `stage` by an act; None where nobody did."""
    acts = select(EventRow).where(EventRow.case_id == case_id, EventRow.kind.not_in(list(EventKind)))
    last = None
    for event in session.scalars(acts.order_by(EventRow.number.desc())):
        if json.loads(event.detail).get("stage") != stage:
            break
        last = event.by
    return last


def broken_link(events: Sequence[EventRow]) -> int | None:
    """Finds the number of the first event that was changed, removed or put in later; None for an intact history."""
    previous = GENESIS
    for number, event in enumerate(events, start=1):
        if (event.number, event.previous, event.digest) != (number, previous, _digest(event)):
            return number
        previous = event.digest
    return None


def _digest(event: EventRow) -> str:
    covered = [event.case_id, event.number, wire_time(event.at), event.kind, event.by, event.note, event.detail]
    line = json.dumps([*covered, event.previous], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(line.encode("utf-8", "surrogatepass")).hexdigest()
