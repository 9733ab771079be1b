"""Whatever row is lost and whatever the clock does: the next round gives every open case to somebody again."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from alerts.casefile.acting.steps import act
from alerts.casefile.casework import open_case
from alerts.casefile.context import CaseContext
from alerts.casefile.guards.failures import FailureKind
from alerts.casefile.snapshot import CaseSnapshot
from alerts.casefile.tables import CaseRow, EventRow, TaskRow
from alerts.desk.audit import audit
from alerts.desk.register import Register
from alerts.detection.grades import Grade, Grading
from alerts.detection.signals import Signal, State
from alerts.notify.tables import OutboxRow
from alerts.rounds.auditor import Auditor
from alerts.watch import Watcher
from alerts.workflow.cases import ActRequest
from alerts.workflow.parts import Verdict
from stream.state.database import migrate, open_state, reading, transaction

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WAY = (
    ActRequest("acknowledge", "张敏"), ActRequest("judge", "张敏", "x"), ActRequest("report", "李强", "x"),
    ActRequest("verify", "陈伟", "x", Verdict.RUMOUR),
)  # fmt: skip


def opened(context: CaseContext, now: datetime) -> int:
    signal = Signal(
        topic="outage", state=State.SPIKE, at=now, window_start=now, since=now, total=30, negative=30, authors=30,
        texts=30, unscored=0, effective=30.0, expected=1.0, share=1.0, usual_share=0.2, findings=(),
    )  # fmt: skip
    snapshot = CaseSnapshot(signal, Grading(Grade.YELLOW, ()), (), ())
    with transaction(context.engine) as session:
        return open_case(session, context, snapshot, (), now).id


@pytest.fixture
def case(context: CaseContext, now: datetime) -> int:
    return opened(context, now)


def running(context: CaseContext) -> list[TaskRow]:
    with reading(context.engine) as session:
        return list(session.scalars(select(TaskRow).where(TaskRow.ended_at.is_(None)).order_by(TaskRow.id)))


def lose_tasks(context: CaseContext) -> None:
    with transaction(context.engine) as session:
        session.execute(update(OutboxRow).values(task_id=None))
        session.execute(delete(TaskRow))


def kinds(context: CaseContext) -> list[str]:
    with reading(context.engine) as session:
        return list(session.scalars(select(EventRow.kind).order_by(EventRow.id)))


def test_where_every_step_is_somebodys_nothing_is_done(context: CaseContext, case: int, now: datetime) -> None:
    auditor = Auditor(context, "w")
    assert auditor.passed_at is None
    assert auditor(now) == []
    assert auditor.passed_at == now
    assert kinds(context) == ["opened"]


@pytest.mark.parametrize("done", range(len(WAY) + 1))
def test_a_lost_task_is_somebodys_again_with_a_letter_whatever_the_stage(
    context: CaseContext, case: int, now: datetime, done: int
) -> None:
    for request in WAY[:done]:
        act(context, case, request, now + MINUTE)
    (owed,) = running(context)
    lose_tasks(context)
    register = Register(context.engine, context.config, context.topics)
    assert owed.step in str(audit(register, now))
    assert Auditor(context, "w")(now + 2 * MINUTE) == [case]
    (task,) = running(context)
    assert (task.step, task.desk) == (owed.step, owed.desk)
    assert kinds(context)[-1] == "resumed"
    with reading(context.engine) as session:
        assert session.scalar(select(OutboxRow.task_id).order_by(OutboxRow.id.desc()).limit(1)) == task.id
    assert audit(register, now) == []
    assert Auditor(context, "w")(now + 3 * MINUTE) == []


def test_a_case_that_ended_and_owes_nothing_is_left_alone(context: CaseContext, case: int, now: datetime) -> None:
    act(context, case, ActRequest("judge_false_alarm", "张敏", "误报"), now)
    lose_tasks(context)
    assert Auditor(context, "w")(now) == []


def test_a_task_of_a_clock_that_was_set_back_runs_from_now(context: CaseContext, now: datetime) -> None:
    opened(context, now + 30 * DAY)
    (before,) = running(context)
    assert Auditor(context, "w")(now) == [1]
    (task,) = running(context)
    assert (task.began_at, task.due_at) == (now, now + (before.due_at - before.began_at))
    assert Auditor(context, "w")(now + MINUTE) == []
    assert [one.due for one in Watcher(context, [], "w").escalate(task.due_at)] == ["breach"]


def test_a_clock_that_was_set_forward_calls_the_next_desk(context: CaseContext, case: int, now: datetime) -> None:
    """As when the watcher's own round could not call it."""
    assert Auditor(context, "w")(now + HOUR + 5 * MINUTE) == []
    assert Auditor(context, "w")(now + HOUR + 6 * MINUTE) == [case]
    (task,) = running(context)
    assert (task.step, task.desk, task.level) == ("acknowledge", "publicity_head", 1)
    assert kinds(context) == ["opened", "escalated", "resumed"]


def test_beside_another_watcher_nothing_is_done(context: CaseContext, case: int, now: datetime) -> None:
    lose_tasks(context)
    Watcher(context, [], "other").escalate(now)
    auditor = Auditor(context, "w")
    assert auditor(now) == []
    assert auditor.passed_at is None


def test_a_case_that_cannot_be_repaired_stops_no_other_and_the_round_has_not_passed(
    context: CaseContext, case: int, now: datetime
) -> None:
    with transaction(context.engine) as session:
        broken = session.get_one(CaseRow, case)
        broken.open_key = None
    other = opened(context, now)
    lose_tasks(context)
    with transaction(context.engine) as session:
        session.get_one(CaseRow, case).found = "{}"
    auditor = Auditor(context, "w")
    assert auditor(now) == [other]
    assert auditor.passed_at is None
    assert [(one.part, one.about) for one in context.failures.open()] == [(FailureKind.REPAIR, f"case {case}")]


CLOCKS = st.lists(
    st.tuples(st.sampled_from(["act", "lose", "back", "forward", "call"]), st.integers(1, 5000)), max_size=8
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CLOCKS)
def test_whatever_happens_one_round_leaves_every_owed_step_with_somebody_in_time(
    context: CaseContext, tmp_path_factory: pytest.TempPathFactory, now: datetime, happens: list[tuple[str, int]]
) -> None:
    folder: Path = tmp_path_factory.mktemp("audited")
    engine = open_state(f"sqlite:///{folder / 'state.db'}")
    migrate(engine)
    ours = CaseContext(engine, context.reader, context.config, context.topics)
    case, acts = opened(ours, now), iter(WAY)
    for what, minutes in happens:
        if what == "act" and (request := next(acts, None)) is not None:
            act(ours, case, request, now)
        elif what == "lose":
            lose_tasks(ours)
        elif what == "call":
            Watcher(ours, [], "w").escalate(now)
        now += {"back": -1, "forward": 1}.get(what, 0) * minutes * MINUTE
        with transaction(engine) as session:  # a clock set back leaves a lease of the future; its holder keeps it
            session.execute(update(TaskRow).where(TaskRow.ended_at.is_(None)).values(warned_at=None))
        Auditor(ours, "w")(now)
        (task,) = running(ours)
        longest = max(limit.within for grade in ours.config.ladder.limits.values() for limit in grade.values())
        assert now - 5 * MINUTE <= task.due_at <= now + longest + 5 * MINUTE
        assert audit(Register(engine, ours.config, ours.topics), now) == [
            one for one in audit(Register(engine, ours.config, ours.topics), now) if "StuckLetter" in repr(one)
        ]
    engine.dispose()
