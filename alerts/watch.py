"""The watcher's round: look at every topic, open or join cases, call the next desk where time is over, send notices."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session
from structlog import get_logger

from alerts.casefile.acting.merging import note_guest
from alerts.casefile.casework import (
    WATCH,
    escalate,
    host_of,
    last_case,
    note_calm,
    note_rekindling,
    note_rise,
    open_case,
    open_splits,
    warn,
)
from alerts.casefile.context import CaseContext
from alerts.casefile.deliveries import note_attempt
from alerts.casefile.guards.failures import FailureKind
from alerts.casefile.likeness import common_texts
from alerts.casefile.snapshot import CaseSnapshot, from_json
from alerts.casefile.tables import CaseRow, EventKind, TaskRow, read_case, read_task, record, update_case
from alerts.casefile.telling.gathering import gathered, gathered_for
from alerts.casefile.telling.standing import Gathered
from alerts.casefile.tripwires import Tripwires
from alerts.casefile.troubles.found import read_found
from alerts.detection.findings import burning, count_cues, judge_wave, measures, sample
from alerts.detection.grades import grade, gravest
from alerts.detection.ledger import recent
from alerts.detection.lookout import HORIZON, Outlook
from alerts.detection.series.detector import QUIET
from alerts.detection.series.waves import Crossing, Told, Wave
from alerts.detection.signals import Signal, State, View, judge
from alerts.detection.watchman import Seeds, Watchman, present_view
from alerts.notify.channel import Channel
from alerts.notify.contents.notice import Colour
from alerts.notify.contents.quotes import choose
from alerts.notify.delivery import Sender
from alerts.notify.holding.decision import OpenCase
from alerts.notify.outbox import Attempt
from alerts.workflow.cases import Case, Correlation, correlate
from alerts.workflow.ladder import Due, due
from alerts.workflow.rules import WORKFLOW
from stream.process.clock import Clock
from stream.process.failpoints import failpoint
from stream.state.database import reading, transaction
from stream.state.leases import Lease, check_lease, take_lease

LEASE = "alerts.watch"
LEASE_ROUNDS = 3  # rounds a watcher may miss before another one takes over
TELLING = {Correlation.ROSE: note_rise, Correlation.REKINDLED: note_rekindling}

log = get_logger()


@dataclass(frozen=True, slots=True)
class Seen:
    """One topic, or one wave of it, in one round: the judgement, and what it did to a case."""

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

    def __init__(
        self,
        context: CaseContext,
        channels: Sequence[Channel],
        holder: str,
        complete_until: Callable[[datetime], datetime | None] = lambda now: now,
        *,
        clock: Clock | None = None,
        patience: float | None = None,
    ) -> None:
        """`complete_until` tells how far the pipeline has come at a moment, None where nobody can tell.

        By default nothing ever waits. `clock` and `patience` are the sender's: alerts/notify/delivery.py.
        """
        self._context = context
        self._sender = Sender(
            context.engine, channels, context.config.routing, note_attempt, clock=clock, patience=patience
        )
        self._holder = holder
        self._complete_until = complete_until
        self._states: dict[str, State] = {}  # of the last look: the log tells changes, and the rest to who asks
        self._dull: dict[str, set[Crossing]] = {}  # steps of waves that are no spikes: not counted at each look
        self._token: int | None = None  # of the lease at the last look
        self._watchman = self._new_watchman()
        self._tripwires = Tripwires(context)

    def look(self, now: datetime) -> list[Seen]:
        """Judges every topic; opens a case, joins one, or notes that it is calm again. [] while another one watches.

        Whatever fails leaves the steps unjudged: the next look goes on from what is kept. A topic that fails by itself
        is noted and keeps no other from being looked at; nothing of it settles until it was judged.
        """
        lease = self._lease(now)
        if lease is None or lease.token != self._token:
            self._watchman = self._new_watchman()  # whoever watches now, or did meanwhile, remembers more than this one
            self._context.failures.read()
        self._token = lease.token if lease else None
        if lease is None:
            return []
        failpoint("watch.leased")
        failures = self._context.failures
        failures.keep_only(FailureKind.TOPIC, self._context.topics.watched)
        hold = failures.since(FailureKind.TOPIC)
        sighting = self._watchman.look(lease, now, self._complete_until(now), self._earned(now), hold=hold)
        with failures.guarding(FailureKind.TRIGGERS, "all", now):
            self._tripwires.look(now)
        lately = recent(self._context.reader, now)
        restless = self._restless(now)
        seen: list[Seen] = []
        for topic, outlook in sighting.outlooks.items():
            with failures.guarding(FailureKind.TOPIC, topic, now):
                view = present_view(sighting, topic, lately.get(topic), now)
                seen += self._look_at(topic, outlook, view, lease, now, restless=topic in restless)
        failpoint("watch.judged")
        self._watchman.finish(lease, now)
        return seen

    def escalate(self, now: datetime) -> list[Called]:
        """Does what is due by the rows: reminds, or ends a task and calls the next desk."""
        lease = self._lease(now)
        if lease is None:
            return []
        with transaction(self._context.engine) as session:
            rows = session.execute(select(TaskRow.id, TaskRow.case_id).where(_is_due(now)).order_by(TaskRow.due_at))
            tasks = {task_id: f"{task_id} of case {case_id}" for task_id, case_id in rows}
        self._context.failures.keep_only(FailureKind.TASK, tasks.values())
        called: list[Called] = []
        for task_id, about in tasks.items():
            with self._context.failures.guarding(FailureKind.TASK, about, now):
                called += filter(None, [self._call(task_id, lease, now)])
        return called

    def deliver(self, now: datetime) -> list[Attempt]:
        """Sends what is due. Needs no lease: every row is claimed by itself."""
        inhibits = self._context.config.inhibits
        return self._sender.round(now, self._open_cases() if inhibits else ())

    def finish(self, seconds: float) -> None:
        """Waits so long at most for letters that are on their way."""
        self._sender.finish(seconds)

    def _open_cases(self) -> list[OpenCase]:
        context = self._context
        with reading(context.engine) as session:
            known = CaseRow.grade.in_(list(map(str, Colour)))  # a spoilt row holds nobody's letters back
            rows = session.scalars(select(CaseRow).where(CaseRow.ended_at.is_(None), known))
            return [OpenCase(row.topic, context.owner(row.topic), Colour(row.grade)) for row in rows]

    def _lease(self, now: datetime) -> Lease | None:
        return hold_watch(self._context, self._holder, now)

    def _new_watchman(self) -> Watchman:
        context = self._context
        return Watchman(context.engine, context.reader, context.topics, context.config.detector, self._told_before)

    def _told_before(self) -> Seeds:
        """Finds the waves of the cases there are: a version that remembered no waves wrote of them."""
        with reading(self._context.engine) as session:
            rows = {topic: last_case(session, topic) for topic in self._context.topics.watched}
            return {topic: (Told(row.since, row.last_spike_at),) for topic, row in rows.items() if row is not None}

    def _earned(self, now: datetime) -> dict[str, list[tuple[datetime, datetime]]]:
        """Finds the waves of late cases that nobody called a false alarm."""
        false = [stage for stage in WORKFLOW.stages if WORKFLOW.is_false_alarm(stage)]
        found: dict[str, list[tuple[datetime, datetime]]] = {}
        with reading(self._context.engine) as session:
            true = select(CaseRow).where(CaseRow.last_spike_at > now - 2 * HORIZON, CaseRow.stage.not_in(false))
            for row in session.scalars(true):
                found.setdefault(row.topic, []).append((row.since, row.last_spike_at))
        return found

    def _restless(self, now: datetime) -> frozenset[str]:
        """Finds the topics of cases that may be noted as calm."""
        before = now - self._context.config.calm_for
        with reading(self._context.engine) as session:
            found = select(CaseRow.topic).where(CaseRow.calm_at.is_(None), CaseRow.last_spike_at <= before)
            return frozenset(session.scalars(found))

    def _look_at(
        self, topic: str, outlook: Outlook, view: View, lease: Lease, now: datetime, *, restless: bool
    ) -> list[Seen]:
        """Judges each wave that is not told, and the one that still burns; else the topic as it is now."""
        limits = self._context.config.detector
        running = burning(outlook, now)
        due = dict.fromkeys([*self._watchman.untold(topic, outlook.waves), *([running] if running else [])])
        self._dull[topic] = self._dull.get(topic, set()).intersection(one for wave in due for one in wave.crossings)
        found = {wave: self._judge_wave(topic, wave, view, now) for wave in due}
        judged = {wave: signal for wave, signal in found.items() if signal is not None}
        spikes = [(wave, signal) for wave, signal in judged.items() if signal.state is State.SPIKE]
        present = (judged.get(running) if running else None) or judge(topic, view, limits, now)
        for signal in dict.fromkeys((*(one for _, one in spikes), present)):
            self._log(signal)
        opened = self._tripwires.tell(spikes[-1][1] if spikes else present, tuple(view.coverage), lease, now)
        seen = [self._spiking(wave, self._snapshot(signal, view), lease, now) for wave, signal in spikes]
        if opened is not None and seen:
            seen[0] = replace(seen[0], correlation=Correlation.OPENS, case_id=opened)
        elif opened is not None:
            return [Seen(present, Correlation.OPENS, opened)]
        if any(one.signal is present for one in seen):
            return seen
        return [*seen, self._unless_spiking(present, lease, now) if restless else Seen(present)]

    def _judge_wave(self, topic: str, wave: Wave, view: View, now: datetime) -> Signal | None:
        late = now - wave.first.at if self._watchman.is_new(topic, wave) else timedelta(0)
        about = replace(view, wave=wave, late=late)
        return judge_wave(self._context.reader, topic, about, self._context.config.detector, now, self._dull[topic])

    def _snapshot(self, signal: Signal, view: View) -> CaseSnapshot:
        context = self._context
        posts = sample(context.reader, signal)
        graded = grade(measures(signal, posts), context.config.grades)
        shown = tuple(post.id for post in choose(posts))
        cues = count_cues(context.reader, signal, context.topics.cues)
        return CaseSnapshot(signal, graded, shown, tuple(view.coverage), cues, texts=common_texts(posts))

    def _log(self, signal: Signal) -> None:
        news = self._states.get(signal.topic) is not signal.state
        self._states[signal.topic] = signal.state
        (log.info if news else log.debug)(
            "looked", topic=signal.topic, state=signal.state, negative=signal.negative,
            effective=round(signal.effective, 2), expected=round(signal.expected, 2),
            reasons=sorted(map(str, signal.reasons)),
        )  # fmt: skip

    def _spiking(self, wave: Wave, snapshot: CaseSnapshot, lease: Lease, now: datetime) -> Seen:
        failpoint("watch.looked")
        context, signal = self._context, snapshot.signal
        is_new = self._watchman.is_new(signal.topic, wave)
        quoted = gathered(context, snapshot, None, now)
        with transaction(context.engine) as session:
            check_lease(session, lease)
            row = last_case(session, signal.topic)
            last = read_case(row) if row else None
            config = context.config
            new_wave = is_new and (last is None or not last.is_open or _was_calm(last, wave))
            correlation = correlate(
                last, signal, config.renotify_at, config.forget_after, new_wave=new_wave, grade=snapshot.grading.grade
            )
            if last is not None and (host := host_of(session, row)) is not None:
                correlation = note_guest(session, context, last.id, host.id, snapshot, quoted=quoted, now=now)
                case_id = host.id
            elif last is None or correlation is Correlation.OPENS:
                case_id = open_case(session, context, snapshot, quoted, now).id
            elif correlation in TELLING and not (correlation is Correlation.ROSE and row and _is_wider(signal, row)):
                case_id = TELLING[correlation](session, context, last, snapshot, quoted=quoted, now=now).id
            else:
                case_id = _join(session, last, snapshot, now).id
            self._watchman.tell(session, signal.topic, wave)
            failpoint("watch.written")
        failpoint("watch.kept")
        return Seen(signal, correlation, case_id)

    def _unless_spiking(self, signal: Signal, lease: Lease, now: datetime) -> Seen:
        """Notes, once, that a case's topic has been calm for long enough. Closing is a person's act."""
        context, quoted = self._context, dict[int, Gathered]()
        with reading(context.engine) as session:
            row = last_case(session, signal.topic)
            if row is None:
                return Seen(signal)
            known = [(read_case(one), one.found) for one in (row, *open_splits(session, signal.topic))]
        for case, found in known:
            if self._is_calm_again(signal, case, now):
                quoted[case.id] = gathered(context, from_json(found), case, now)
        if quoted:
            with transaction(context.engine) as session:
                check_lease(session, lease)
                for number, of_it in quoted.items():
                    case = read_case(session.get_one(CaseRow, number, with_for_update=True))
                    if self._is_calm_again(signal, case, now):
                        note_calm(session, context, case, of_it, now)
        return Seen(signal, None, row.id)

    def _is_calm_again(self, signal: Signal, case: Case, now: datetime) -> bool:
        quiet = now - case.last_spike_at >= self._context.config.calm_for
        return quiet and signal.state is State.CALM and case.calm_at is None

    def _call(self, task_id: int, lease: Lease, now: datetime) -> Called | None:
        context = self._context
        with transaction(context.engine) as session:
            row = session.get_one(TaskRow, task_id)
            case_row = session.get_one(CaseRow, row.case_id)
            found, case = read_found(case_row.found), read_case(case_row)
        quoted = gathered_for(context, found, case, now)
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


def hold_watch(context: CaseContext, holder: str, now: datetime) -> Lease | None:
    """Takes or renews the lease under which a watcher and what runs beside it act; None while another one has it."""
    ttl = max(context.config.look_every * LEASE_ROUNDS, timedelta(seconds=30))
    with transaction(context.engine) as session:
        return take_lease(session, LEASE, holder, now, ttl)


def _is_wider(signal: Signal, row: CaseRow) -> bool:
    """Tells whether a signal counts a longer window than the one last written about: a day's count is no rise of an
    hour's."""
    return signal.length > from_json(row.found).signal.length


def _was_calm(case: Case, wave: Wave) -> bool:
    """Tells whether a wave begins after a calm of its case, which a trigger or a person may have opened just now."""
    return case.calm_at is not None or wave.first.at - case.last_spike_at > QUIET


def _join(session: Session, case: Case, snapshot: CaseSnapshot, now: datetime) -> Case:
    signal, automatic = snapshot.signal, snapshot.grading.grade
    joined = replace(
        case,
        seen_grade=gravest(automatic, case.seen_grade or automatic),
        notified=min(case.notified, max(signal.effective, signal.expected)),  # it falls with the wave
        peak=max(case.peak, signal.effective),
        last_spike_at=max(case.last_spike_at, signal.window_end or now),
        calm_at=None,
    )
    update_case(session, case, joined)
    if case.calm_at is not None:
        record(session, case.id, EventKind.RESTLESS, at=now, by=WATCH, detail={"effective": round(signal.effective, 2)})
    return joined


def _is_due(now: datetime) -> ColumnElement[bool]:
    warned = and_(TaskRow.warn_at <= now, TaskRow.warned_at.is_(None))
    return and_(TaskRow.ended_at.is_(None), or_(TaskRow.due_at <= now, warned))
