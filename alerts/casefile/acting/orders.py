"""What is ordered about an open case beside its steps: 转办, 抄送, 督办, 调整等级."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from alerts.casefile.acting.deeds import Beside, Doer, doer, hold, nothing, require_order
from alerts.casefile.context import CaseContext
from alerts.casefile.papers import CopyRow, copied_to
from alerts.casefile.sending import send, tell_running
from alerts.casefile.tables import (
    CaseRow,
    TaskRow,
    brought_by,
    insert_task,
    read_case,
    read_task,
    record,
    running,
    update_case,
)
from alerts.casefile.telling.gathering import gathered_for
from alerts.casefile.telling.standing import Gathered
from alerts.casefile.troubles.found import Found, read_found
from alerts.casefile.troubles.notices import telling_of
from alerts.detection.grades import GRADE_NAMES, Grade, gravest
from alerts.notify.contents.notice import Occasion
from alerts.notify.outbox import withdraw
from alerts.people.directory import find_desk, key_of, signature
from alerts.words import ORDER_NAMES, STEP_NAMES
from alerts.workflow.cases import Case, Order, Refused, still_open
from alerts.workflow.ladder import hand_over
from alerts.workflow.rules import WORKFLOW
from alerts.workflow.subjects import is_incident
from stream.process.failpoints import failpoint
from stream.state.database import transaction

FOR_ALL = ("assign", "copy", "supervise")  # orders that trouble of our own knows as well

Carry = Callable[[Session, Case, Doer, Gathered], tuple[Case, dict[str, object]]]


def assign(
    context: CaseContext, case_id: int, order: Order, desk: str, now: datetime, beside: Beside = nothing
) -> Case:
    """Hands the step that is owed to the desk called `desk`, or to that of the person called so.

    The desk has the rest of the limit, at least `ladder.least`; after it the ladder is climbed as before. `beside`
    writes what is to be kept with it or not at all.
    """

    def carry(session: Session, case: Case, by: Doer, quoted: Gathered) -> tuple[Case, dict[str, object]]:
        to = find_desk(context.config.desks, context.config.people, desk)
        if to is None:
            known = "、".join(one.name for one in context.config.desks.values())
            raise Refused(f"没有名为「{desk}」的岗位，或此人不止一个岗位；现有岗位：{known}")
        row = next(iter(running(session, case.id)), None)
        if row is None:
            raise Refused(f"事件 {case.id} 没有待办环节可以转办")
        if row.desk == to:
            raise Refused(f"「{STEP_NAMES.get(row.step, row.step)}」已在{context.config.desks[to].name}")
        _refuse_same_person(session, context, case, row, to, now)
        row.ended_at = now
        withdraw(session, row.id)
        new = insert_task(session, hand_over(read_task(row), to, context.config.ladder, now))
        telling = telling_of(case, _found(session, case), quoted, Occasion.ASSIGNED, f"{Occasion.ASSIGNED}-{row.step}")
        send(session, context, telling, new, now, by.person)
        return case, {"step": row.step, "from": row.desk, "to": to, "due_at": new.due_at.isoformat()}

    return _carry_out(context, case_id, "assign", order, now, carry, beside)


def copy_to(context: CaseContext, case_id: int, order: Order, people: Sequence[str], now: datetime) -> Case:
    """Lets people have a copy of every further letter of the case; nothing is asked of them."""

    def carry(session: Session, case: Case, by: Doer, quoted: Gathered) -> tuple[Case, dict[str, object]]:
        there, new = copied_to(session, case.id), dict.fromkeys(_person_key(context, one) for one in people)
        if not (added := [key for key in new if key not in there]):
            raise Refused("这些人员已在抄送之列" if new else "请写明抄送给谁")
        session.add_all(CopyRow(case_id=case.id, person=key, by=by.name, at=now) for key in added)
        return case, {"people": [context.config.people[key].name for key in added]}

    return _carry_out(context, case_id, "copy", order, now, carry)


def supervise(context: CaseContext, case_id: int, order: Order, now: datetime) -> Case:
    """Puts the case under supervision: its limits are halved from here on, and who has it is told."""

    def carry(session: Session, case: Case, by: Doer, quoted: Gathered) -> tuple[Case, dict[str, object]]:
        if case.supervised_at is not None:
            raise Refused(f"事件 {case.id} 已在督办")
        after = replace(case, supervised_at=now, revision=case.revision + 1)
        _tell(session, context, case, after, by, quoted, Occasion.SUPERVISED, now)
        return after, {}

    return _carry_out(context, case_id, "supervise", order, now, carry)


def regrade_by_hand(context: CaseContext, case_id: int, order: Order, grade: Grade, now: datetime) -> Case:
    """Sets the case's grade, up or down. No rule moves it from then on: what is graver is told as a suggestion."""

    def carry(session: Session, case: Case, by: Doer, quoted: Gathered) -> tuple[Case, dict[str, object]]:
        if grade is case.grade and case.graded_by is not None:
            raise Refused(f"事件 {case.id} 已认定为「{GRADE_NAMES[grade]}」")
        seen = gravest(case.grade, case.seen_grade or case.grade)
        after = replace(case, grade=grade, graded_by=by.name, seen_grade=seen, revision=case.revision + 1)
        _tell(session, context, case, after, by, quoted, Occasion.REGRADED, now)
        return after, {"from": str(case.grade), "to": str(grade)}

    return _carry_out(context, case_id, "regrade", order, now, carry)


def _carry_out(
    context: CaseContext, case_id: int, key: str, order: Order, now: datetime, carry: Carry, beside: Beside = nothing
) -> Case:
    """Carries out an order in one transaction with its record; raises `Refused` where it is not possible."""
    by = doer(context, order)
    with transaction(context.engine) as session:
        row = session.get(CaseRow, case_id)
        if row is None:
            raise Refused(f"没有事件 {case_id}")
        found, known = read_found(row.found), read_case(row)
    quoted = gathered_for(context, found, known, now)
    with transaction(context.engine) as session:
        (case,) = hold(session, case_id)
        require_open(session, context, case, by, key, order, now)
        after, detail = carry(session, case, by, quoted)
        record_order(session, after, key, order, by, now, detail)
        beside(session, after)
        failpoint("act.written")
    failpoint("act.kept")
    return after


def require_open(
    session: Session, context: CaseContext, case: Case, by: Doer, key: str, order: Order, now: datetime
) -> None:
    """Raises `Refused` where the case has ended, the order is not this person's, or no reason is given."""
    still_open(case)
    if is_incident(case.topic) and key not in FOR_ALL:
        raise Refused(f"事件 {case.id} 是系统故障，不能{ORDER_NAMES[key]}")
    require_order(session, context, case, by.person, key, now)
    if not order.note.strip():
        raise Refused("请写明事由")


def record_order(
    session: Session, case: Case, key: str, order: Order, by: Doer, now: datetime, detail: Mapping[str, object]
) -> None:
    """Writes the order into the case's history."""
    told = {"stage": case.stage} | by.detail | dict(detail)
    record(session, case.id, key, at=now, by=by.name, note=order.note, detail=told)


def _tell(
    session: Session, context: CaseContext, before: Case, after: Case, by: Doer, quoted: Gathered,
    occasion: Occasion, now: datetime,
) -> None:  # fmt: skip
    update_case(session, before, after)
    telling = telling_of(after, _found(session, after), quoted, occasion, f"{occasion}-{after.revision}")
    tell_running(session, context, telling, now, by.person)


def _found(session: Session, case: Case) -> Found:
    return read_found(session.get_one(CaseRow, case.id).found)


def _person_key(context: CaseContext, named: str) -> str:
    key = key_of(context.config.people, context.person(named))
    assert key is not None, "one of them was found"
    return key


def _refuse_same_person(
    session: Session, context: CaseContext, case: Case, row: TaskRow, to: str, now: datetime
) -> None:
    """Refuses a desk at which nobody may act but who may not do the step: who did the one before."""
    if row.step not in WORKFLOW.steps:  # of an older table
        return
    if not any(action.second_person for action in WORKFLOW.rule_of(row.step).done_by):
        return
    first, people = brought_by(session, case.id, case.stage), context.config.people
    if all(signature(people, people[key]) == first for key in context.may_act(to, now)):
        raise Refused(f"{context.config.desks[to].name}只有{first}，该环节须由另一人办理")
