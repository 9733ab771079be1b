"""The walk through the scripted weeks: rounds at their times, people's deeds between them, told as they happen."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from rich.progress import Progress

from alerts.casefile.tables import CaseRow, read_case
from alerts.detection.signals import HOUR, Signal, State
from alerts.watch import Seen
from alerts.workflow.cases import Case, Correlation
from alerts.workflow.ladder import Due
from scripts.demo.people import Planned, Turns, plan
from scripts.demo.stages import Round, Stages
from scripts.demo.story import MONDAY, Story
from scripts.demo.telling import Teller
from stream.index.port import Axis, Query
from stream.process.clock import SHANGHAI, ScriptedClock
from stream.state.database import transaction

DAY = timedelta(days=1)
Span = tuple[str, str, int]  # from, to, and minutes between two rounds
EVENING: tuple[Span, ...] = (("21:00", "21:00", 60),)
MORNING: tuple[Span, ...] = (("08:00", "11:30", 30),)
FIRST_WAVE: tuple[Span, ...] = (
    ("09:00", "13:00", 240), ("14:00", "14:45", 5), ("14:50", "15:10", 10), ("15:15", "15:25", 10),
    ("15:40", "17:00", 20), ("17:15", "18:00", 15), ("19:00", "21:00", 60),
)  # fmt: skip
SECOND_WAVE: tuple[Span, ...] = (
    ("08:00", "10:30", 50), ("10:40", "11:15", 5), ("11:25", "11:45", 20), ("12:00", "13:00", 30),
    ("14:00", "20:00", 120),
)  # fmt: skip
MORNING_AFTER: tuple[Span, ...] = (("08:00", "11:00", 60),)


def archive() -> list[datetime]:
    """One round, on the evening before the Monday: six weeks of posts at once."""
    return _every(MONDAY - DAY, EVENING)


def ordinary_monday() -> list[datetime]:
    """Its morning, every half an hour."""
    return _every(MONDAY, MORNING)


def last_days() -> list[datetime]:
    """The days of the rumour: every five minutes while it ferments, and the mornings after."""
    days = (EVENING, FIRST_WAVE, SECOND_WAVE, MORNING_AFTER)
    return [moment for number, spans in enumerate(days) for moment in _every(MONDAY + number * DAY, spans)]


def _every(midnight: datetime, spans: Sequence[Span]) -> list[datetime]:
    moments = []
    for since, until, minutes in spans:
        at, end = (datetime.combine(midnight, time.fromisoformat(edge), SHANGHAI) for edge in (since, until))
        while at <= end:
            moments.append(at)
            at += timedelta(minutes=minutes)
    return moments


@dataclass(slots=True)
class Walk:
    """Where the demo is. People act by the turns of the first case; `signals` are of every look, in order."""

    stages: Stages
    clock: ScriptedClock
    story: Story
    teller: Teller
    case_id: int | None = None
    turns: Turns = field(default_factory=Turns)
    signals: list[Signal] = field(default_factory=list)
    _done: int = 0
    _states: dict[str, State] = field(default_factory=dict)

    def go(self, moments: list[datetime], progress: Progress, words: str) -> None:
        """Visits the moments; on the way people do what is due."""
        bar = progress.add_task(words, total=len(moments))
        for moment in moments:
            self._let_people_act(moment)
            self.clock.turn_to(moment)
            self._tell(self.stages.round())
            progress.advance(bar)

    def tell_ordinary(self) -> None:
        """Tells the fullest hour of a topic's so far, and why it was no alarm; nothing where there was a case."""
        calm = [signal for signal in self.signals if signal.state is State.CALM]
        if self.case_id is not None or not calm:
            return
        fullest = max(calm, key=lambda signal: signal.effective)
        query, before = Query(topics=(fullest.topic,)), fullest.at - DAY
        (day_before,) = self.stages.reader.histogram(query, Axis.CHARTED, before - HOUR, before, HOUR)
        topic = self.stages.context.topic_name(fullest.topic)
        self.teller.ordinary(self.clock.now(), fullest, topic, day_before.negative)

    def _let_people_act(self, until: datetime) -> None:
        while (planned := self._next()) is not None and planned.at <= until:
            self.clock.turn_to(max(planned.at, self.clock.now()))
            assert self.case_id is not None
            case, attempts = self.stages.act(self.case_id, planned.deed)
            name = self.stages.context.person(planned.deed.by).name
            self.teller.did(self.clock.now(), planned.deed, name, case)
            self.teller.letters(self.clock.now(), attempts)
            self._done += 1

    def _next(self) -> Planned | None:
        if self.case_id is None:
            return None
        context = self.stages.context
        owner = context.config.desks[context.owner(self._case(self.case_id).topic)].people[0]
        planned = plan(owner, self.story, self.turns)
        return planned[self._done] if self._done < len(planned) else None

    def _tell(self, done: Round) -> None:
        self.teller.collected(done.at, done.crawled, scored=done.scored, indexed=done.indexed)
        for seen in done.seen:
            self._tell_seen(seen)
        desks = {key: desk.name for key, desk in self.stages.context.config.desks.items()}
        self.teller.called(done.at, done.called, desks)
        if self.turns.escalated_at is None and any(one.due is Due.BREACH for one in done.called):
            self.turns.escalated_at = done.at
        self.teller.letters(done.at, done.attempts)

    def _tell_seen(self, seen: Seen) -> None:
        signal, topic = seen.signal, self.stages.context.topic_name(seen.signal.topic)
        self.signals.append(signal)
        if seen.correlation in (Correlation.OPENS, Correlation.ROSE, Correlation.REKINDLED):
            self.teller.spike(signal, topic, seen.correlation)
        if seen.case_id is not None and seen.correlation is Correlation.OPENS:
            self.case_id = self.case_id or seen.case_id
            self.teller.opened(signal.at, seen.case_id, topic, self._case(seen.case_id).grade)
        elif signal.state is State.WATCH and self._states.get(signal.topic) is not State.WATCH:
            self.teller.watched(signal, topic)
        if seen.case_id is not None and seen.case_id == self.case_id:
            self._note_turn(seen, topic)
        self._states[signal.topic] = signal.state

    def _note_turn(self, seen: Seen, topic: str) -> None:
        calm_at, turns = self._case(self.case_id or 0).calm_at, self.turns
        if seen.correlation is Correlation.REKINDLED:
            turns.rekindled_at = seen.signal.at
        elif calm_at is not None and calm_at not in (turns.calm_at, turns.calm_again_at):
            if turns.rekindled_at is None:
                turns.calm_at = calm_at
            else:
                turns.calm_again_at = calm_at
            self.teller.calm(seen.signal, topic)

    def _case(self, case_id: int) -> Case:
        with transaction(self.stages.engine) as session:
            return read_case(session.get_one(CaseRow, case_id))
