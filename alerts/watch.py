"""The watcher's round: look at every topic, open or join cases, call the next desk where time is over, send notices."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session
from structlog import get_logger

from alerts.casefile.casework import WATCH, escalate, last_case, note_rise, open_case, warn
from alerts.casefile.context import CaseContext
from alerts.casefile.deliveries import note_attempt
from alerts.casefile.snapshot import CaseSnapshot, from_json, read_quotes
from alerts.casefile.tables import CaseRow, EventKind, TaskRow, read_case, read_task, record, update_case
from alerts.casefile.tripwires import Tripwires
from alerts.detection.coverage import coverage
from alerts.detection.findings import History, count_cues, look_at, measures, sample
from alerts.detection.grades import grade
from alerts.detection.signals import Coverage, Signal, State, coverage_of, judge
from alerts.notify.channel import Channel
from alerts.notify.delivery import deliver
from alerts.notify.outbox import Attempt
from alerts.notify.quotes import choose
from alerts.workflow.cases import Case, Correlation, correlate
from alerts.workflow.ladder import Due, due
from stream.process.failpoints import failpoint
from stream.state.database import transaction
from stream.state.leases import Lease, check_lease, take_lease

LEASE = "alerts.watch"
LEASE_ROUNDS = 3  # rounds a watcher may miss before another one takes over

log = get_logger()


@dataclass(frozen=True, slots=True)
class Seen:
    """One topic in one round: the judgement, and what it did to a case."""

    signal: Signal
    correlation: Correlation | None = None
    case_id: int | None = None


@dataclass(frozen=True, slots=True)
class Called:
    """One task that was warned about or passed on."""

    case_id: int
    step: str
    due: Due
    desk: str


class Watcher:
    """One of possibly several watchers; only the holder of the lease acts, and each write proves it still is."""

    def __init__(self, context: CaseContext, channels: Sequence[Channel], holder: str) -> None:
        self._context = context
        self._channels = channels
        self._holder = holder
        self._states: dict[str, State] = {}  # of the last look: the log tells changes, and the rest to who asks
        self._history = History(context.reader, context.config.detector)
        self._tripwires = Tripwires(context)

    def look(self, now: datetime) -> list[Seen]:
        """Judges every topic; opens a case, joins one, or notes that it is calm again. [] while another one watches."""
        lease = self._lease(now)
        if lease is None:
            return []
        failpoint("watch.leased")
        answered = coverage(self._context.engine)
        self._tripwires.look(now)
        return [self._look_at(topic, answered, lease, now) for topic in self._context.topics.topics]

    def escalate(self, now: datetime) -> list[Called]:
        """Does what is due by the rows: reminds, or ends a task and calls the next desk."""
        lease = self._lease(now)
        if lease is None:
            return []
        with transaction(self._context.engine) as session:
            ids = list(session.scalars(select(TaskRow.id).where(_is_due(now)).order_by(TaskRow.due_at)))
        called = [self._call(task_id, lease, now) for task_id in ids]
        return [one for one in called if one is not None]

    def deliver(self, now: datetime) -> list[Attempt]:
        """Sends what is due. Needs no lease: every row is claimed by itself."""
        return deliver(self._context.engine, self._channels, self._context.config.routing, now, note_attempt)

    def _lease(self, now: datetime) -> Lease | None:
        ttl = max(self._context.config.look_every * LEASE_ROUNDS, timedelta(seconds=30))
        with transaction(self._context.engine) as session:
            return take_lease(session, LEASE, self._holder, now, ttl)

    def _look_at(self, topic: str, answered: tuple[Coverage, ...], lease: Lease, now: datetime) -> Seen:
        context, limits = self._context, self._context.config.detector
        view = look_at(context.reader, topic, self._history, limits, now)
        answered = coverage_of(context.topics.topics[topic].sources, answered)
        signal = judge(topic, replace(view, coverage=answered), limits, now)
        news = self._states.get(topic) is not signal.state
        self._states[topic] = signal.state
        (log.info if news else log.debug)(
            "looked", topic=topic, state=signal.state, negative=signal.negative, effective=round(signal.effective, 2),
            expected=round(signal.expected, 2), reasons=sorted(map(str, signal.reasons)),
        )  # fmt: skip
        opened = self._tripwires.tell(signal, answered, lease, now)
        seen = self._judged(signal, answered, lease, now)
        return replace(seen, correlation=Correlation.OPENS, case_id=opened) if opened else seen

    def _judged(self, signal: Signal, answered: tuple[Coverage, ...], lease: Lease, now: datetime) -> Seen:
        context = self._context
        if signal.state is not State.SPIKE:
            return self._unless_spiking(signal, lease, now)
        posts = sample(context.reader, signal)
        graded = grade(measures(signal, posts), context.config.grades)
        shown = tuple(post.id for post in choose(posts))
        cues = count_cues(context.reader, signal, context.topics.cues)
        return self._spiking(CaseSnapshot(signal, graded, shown, answered, cues), lease, now)

    def _spiking(self, snapshot: CaseSnapshot, lease: Lease, now: datetime) -> Seen:
        failpoint("watch.looked")
        context, signal = self._context, snapshot.signal
        quoted = read_quotes(context.reader, snapshot.posts, now)
        with transaction(context.engine) as session:
            check_lease(session, lease)
            row = last_case(session, signal.topic)
            last = read_case(row) if row else None
            correlation = correlate(last, signal, context.config.renotify_at, context.config.forget_after)
            if last is None or correlation is Correlation.OPENS:
                case_id = open_case(session, context, snapshot, quoted, now).id
            elif correlation is Correlation.ROSE:
                case_id = note_rise(session, context, last, snapshot, quoted=quoted, now=now).id
            else:
                case_id = _join(session, last, signal, now).id
            failpoint("watch.written")
        failpoint("watch.kept")
        return Seen(signal, correlation, case_id)

    def _unless_spiking(self, signal: Signal, lease: Lease, now: datetime) -> Seen:
        """Notes, once, that a case's topic has been calm for long enough. Closing is a person's act."""
        with transaction(self._context.engine) as session:
            check_lease(session, lease)
            row = last_case(session, signal.topic)
            if row is None:
                return Seen(signal)
            case = read_case(row)
            quiet = now - case.last_spike_at
            if signal.state is State.CALM and case.calm_at is None and quiet >= self._context.config.calm_for:
                update_case(session, case, replace(case, calm_at=now))
                record(
                    session,
                    case.id,
                    EventKind.CALM,
                    at=now,
                    by=WATCH,
                    detail={"hours": round(quiet / timedelta(hours=1), 1)},
                )
        return Seen(signal, None, case.id)

    def _call(self, task_id: int, lease: Lease, now: datetime) -> Called | None:
        context = self._context
        with transaction(context.engine) as session:
            row = session.get_one(TaskRow, task_id)
            posts = from_json(session.get_one(CaseRow, row.case_id).found).posts
        quoted = read_quotes(context.reader, posts, now)
        with transaction(context.engine) as session:
            check_lease(session, lease)
            session.get_one(CaseRow, row.case_id, with_for_update=True)  # before its task, as `act` does: no deadlock
            row = session.get_one(TaskRow, task_id, with_for_update=True)
            what = due(read_task(row), now)
            if what is None:
                return None
            if what is Due.WARN:
                warn(session, context, row, quoted, now)
            desk = row.desk if what is Due.WARN else escalate(session, context, row, quoted, now).desk
            failpoint("watch.called")
            return Called(row.case_id, row.step, what, desk)


def _join(session: Session, case: Case, signal: Signal, now: datetime) -> Case:
    joined = replace(case, peak=max(case.peak, signal.effective), last_spike_at=now, calm_at=None)
    update_case(session, case, joined)
    if case.calm_at is not None:
        record(session, case.id, EventKind.RESTLESS, at=now, by=WATCH, detail={"effective": round(signal.effective, 2)})
    return joined


def _is_due(now: datetime) -> ColumnElement[bool]:
    warned = and_(TaskRow.warn_at <= now, TaskRow.warned_at.is_(None))
    return and_(TaskRow.ended_at.is_(None), or_(TaskRow.due_at <= now, warned))
