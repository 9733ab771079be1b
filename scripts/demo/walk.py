"""The walk through the scripted weeks: rounds at their times, people's deeds between them, told as they happen."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rich.progress import Progress

from alerts.casefile.tables import CaseRow, read_case
from alerts.detection.signals import State
from alerts.watch import Seen
from alerts.workflow.cases import Case, Correlation
from alerts.workflow.ladder import Due
from scripts.demo.people import Planned, plan
from scripts.demo.stages import Round, Stages
from scripts.demo.story import START, Story
from scripts.demo.telling import Teller
from stream.process.clock import ScriptedClock
from stream.state.database import transaction

DAILY = timedelta(hours=21)  # after local midnight
RUMOUR_DAY = START + timedelta(days=21)
CLOSE_LOOK = (timedelta(hours=14), timedelta(hours=15, minutes=30), timedelta(minutes=5))
AFTERNOON = (timedelta(hours=15, minutes=40), timedelta(hours=18), timedelta(minutes=10))
EVENING = (timedelta(hours=18, minutes=30), timedelta(hours=21), timedelta(minutes=30))
MORNING_AFTER = (timedelta(hours=32), timedelta(hours=35), timedelta(hours=1))


def weeks() -> list[datetime]:
    """One round a day, for three weeks."""
    return [START + timedelta(days=day) + DAILY for day in range(21)]


def last_days() -> list[datetime]:
    """The day of the rumour, every five to ten minutes while it ferments, and the morning after."""
    spans = (
        (timedelta(hours=9), timedelta(hours=13), timedelta(hours=4)),
        CLOSE_LOOK,
        AFTERNOON,
        EVENING,
        MORNING_AFTER,
    )
    return [moment for span in spans for moment in _every(*span)]


def _every(start: timedelta, end: timedelta, step: timedelta) -> Iterator[datetime]:
    while start <= end:
        yield RUMOUR_DAY + start
        start += step


@dataclass(slots=True)
class Walk:
    """Where the demo is. The people's plan is made when the first case passes its first desk."""

    stages: Stages
    clock: ScriptedClock
    story: Story
    teller: Teller
    case_id: int | None = None
    _escalated_at: datetime | None = None
    _calm_at: datetime | None = None
    _done: int = 0
    _states: dict[str, State] = field(default_factory=dict)

    def go(self, moments: list[datetime], progress: Progress, words: str, *, detailed: bool) -> None:
        """Visits the moments; on the way people do what is due."""
        bar = progress.add_task(words, total=len(moments))
        for moment in moments:
            self._let_people_act(moment)
            self.clock.turn_to(moment)
            self._tell(self.stages.round(), detailed)
            progress.advance(bar)

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
        if self._escalated_at is None or self.case_id is None:
            return None
        context = self.stages.context
        owner = context.config.desks[context.owner(self._case(self.case_id).topic)].people[0]
        planned = plan(owner, self._escalated_at, self.story.clarified_at, self._calm_at)
        return planned[self._done] if self._done < len(planned) else None

    def _tell(self, done: Round, detailed: bool) -> None:
        self.teller.collected(done.at, done.crawled, scored=done.scored, indexed=done.indexed)
        for seen in done.seen:
            self._tell_seen(seen, detailed)
        desks = {key: desk.name for key, desk in self.stages.context.config.desks.items()}
        self.teller.called(done.at, done.called, desks)
        if self._escalated_at is None and any(one.due is Due.BREACH for one in done.called):
            self._escalated_at = done.at
        self.teller.letters(done.at, done.attempts)

    def _tell_seen(self, seen: Seen, detailed: bool) -> None:
        signal, topic = seen.signal, self.stages.context.topic_name(seen.signal.topic)
        if seen.correlation in (Correlation.OPENS, Correlation.ROSE):
            self.teller.spike(signal, topic, seen.correlation)
        if seen.correlation is Correlation.OPENS and seen.case_id is not None:
            self.case_id = self.case_id or seen.case_id
            self.teller.opened(signal.at, seen.case_id, topic, self._case(seen.case_id).grade)
        elif detailed and signal.state is State.WATCH and self._states.get(signal.topic) is not State.WATCH:
            self.teller.watched(signal, topic)
        if seen.case_id == self.case_id and self.case_id is not None and self._calm_at is None:
            self._calm_at = self._case(self.case_id).calm_at
            if self._calm_at is not None:
                self.teller.calm(signal, topic)
        self._states[signal.topic] = signal.state

    def _case(self, case_id: int) -> Case:
        with transaction(self.stages.engine) as session:
            return read_case(session.get_one(CaseRow, case_id))
