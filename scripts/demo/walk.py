"""The walk through the scripted weeks: rounds at their times, people's deeds between them, told as they happen."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from rich.progress import Progress
from sqlalchemy import select

from alerts.casefile.tables import CaseRow, read_case
from alerts.claims.claim import Claim
from alerts.detection.signals import HOUR, Signal, State
from alerts.incidents.debounce import Move
from alerts.notify.outbox import Attempt
from alerts.replies.tables import ReplyOutcome
from alerts.watch import Seen
from alerts.workflow.cases import Case, Correlation, Refused
from alerts.workflow.ladder import Due
from alerts.workflow.subjects import INCIDENT, incident_subject, is_incident
from scripts.demo.deeds import KeepClaim, MailAnswer, Planned, Turns
from scripts.demo.inbox import AnswerBox
from scripts.demo.mailbox import Mailbox, words_of
from scripts.demo.plots import PLOTS, Plot
from scripts.demo.stages import Round, Stages
from scripts.demo.story import Story
from scripts.demo.telling import Teller
from scripts.demo.timetable import DAY
from stream.index.port import Axis, Query
from stream.process.clock import ScriptedClock
from stream.state.database import transaction


@dataclass(slots=True)
class Play:
    """A plot whose case is open, how far it went, and how many of its deeds are done."""

    plot: Plot
    case_id: int
    turns: Turns
    done: int = 0


@dataclass(slots=True)
class Walk:
    """Where the demo is. People act by the turns of the story's cases; `signals` are of every look, in order.

    `when_first_told` is called once the story's first letters are out.
    """

    stages: Stages
    clock: ScriptedClock
    story: Story
    teller: Teller
    mailbox: Mailbox
    answers: AnswerBox
    when_first_told: Callable[[], object] = lambda: None
    plays: dict[int, Play] = field(default_factory=dict)
    signals: list[Signal] = field(default_factory=list)
    kept: Claim | None = None
    _states: dict[str, State] = field(default_factory=dict)
    _is_told: bool = False

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
        if self.plays or not calm:
            return
        fullest = max(calm, key=lambda signal: signal.effective)
        query, before = Query(topics=(fullest.topic,)), fullest.at - DAY
        (day_before,) = self.stages.reader.histogram(query, Axis.CHARTED, before - HOUR, before, HOUR)
        topic = self.stages.context.topic_name(fullest.topic)
        self.teller.ordinary(self.clock.now(), fullest, topic, day_before.negative)

    def _let_people_act(self, until: datetime) -> None:
        while due := sorted(self._due(until), key=lambda one: one[1].at):
            play, planned = due[0]
            self.clock.turn_to(max(planned.at, self.clock.now()))
            play.done += 1
            self._do(play, planned)

    def _due(self, until: datetime) -> Iterator[tuple[Play, Planned]]:
        for play in self.plays.values():
            planned = play.plot.plan(self._owner(play), self.story, play.turns)
            if play.done < len(planned) and planned[play.done].at <= until:
                yield play, planned[play.done]

    def _owner(self, play: Play) -> str:
        """Finds somebody of the desk that finds out the truth; of an incident, of the one that is asked to mend it."""
        context, topic = self.stages.context, self._case(play.case_id).topic
        desk = context.config.ladder.desks["take"][0] if is_incident(topic) else context.owner(topic)
        return context.config.desks[desk].people[0]

    def _do(self, play: Play, planned: Planned) -> None:
        now, deed = self.clock.now(), planned.deed
        person = self.stages.context.person(deed.by)
        if isinstance(deed, MailAnswer):
            letter = self.mailbox.newest(str(person.email))
            self.answers.answer(letter, deed.words, now)
            outcomes, attempts = self.stages.read_answers()
            assert outcomes == {ReplyOutcome.ACTED: 1}, outcomes
            self.teller.answered(now, person.name, deed.words, self._case(play.case_id))
        elif isinstance(deed, KeepClaim):
            self.kept = self.stages.keep(play.case_id, deed)
            self.teller.kept(now, person.name, self.kept)
            return
        else:
            try:
                case, attempts = self.stages.act(play.case_id, deed)
            except Refused as refused:
                if not planned.refused:
                    raise
                self.teller.refused(now, deed, person.name, refused.detail)
                return
            assert not planned.refused, deed
            self.teller.did(now, deed, person.name, case)
        self._tell_letters(now, attempts)

    def _tell(self, done: Round) -> None:
        self.teller.collected(done.at, done.crawled, scored=done.scored, indexed=done.indexed)
        for seen in done.seen:
            self._tell_seen(seen)
        desks = {key: desk.name for key, desk in self.stages.context.config.desks.items()}
        self.teller.called(done.at, done.called, desks)
        for one in done.called:
            play = self.plays.get(one.case_id)
            if play is not None and one.due is Due.BREACH and play.turns.escalated_at is None:
                play.turns.escalated_at = done.at
        for key, move in done.troubles.items():
            self._tell_trouble(key, move)
        self._tell_letters(done.at, done.attempts)

    def _tell_letters(self, at: datetime, attempts: Sequence[Attempt]) -> None:
        self.teller.letters(at, attempts, {str(one["Message-ID"]): str(one["Subject"]) for one in self.mailbox.letters})
        told = {one.message_id for one in attempts}
        if told and not self._is_told:
            self._is_told = True
            self.when_first_told()
        for letter in self.mailbox.letters:
            name = str(letter["Message-ID"])
            if self.kept and name in told and ".opened-" in name and self.kept.statement in words_of(letter):
                self.teller.known(at, self.kept)

    def _tell_trouble(self, key: str, move: Move) -> None:
        now, topic = self.clock.now(), incident_subject(key)
        with transaction(self.stages.engine) as session:
            found = select(CaseRow).where(CaseRow.topic == topic).order_by(CaseRow.id.desc()).limit(1)
            case = read_case(session.scalars(found).one()) if move in (Move.OPEN, Move.RECOVER) else None
        if case is None:
            return
        name = self.stages.context.topic_name(topic)
        if move is Move.OPEN:
            self._begin(case, now)
            self.teller.trouble(now, case.id, name)
        else:
            self.teller.recovered(now, case.id, name)

    def _tell_seen(self, seen: Seen) -> None:
        signal, topic = seen.signal, self.stages.context.topic_name(seen.signal.topic)
        self.signals.append(signal)
        if seen.correlation in (Correlation.OPENS, Correlation.ROSE, Correlation.REKINDLED):
            self.teller.spike(signal, topic, seen.correlation)
        if seen.case_id is not None and seen.correlation is Correlation.OPENS:
            case = self._case(seen.case_id)
            self._begin(case, signal.at)
            self.teller.opened(signal.at, seen.case_id, topic, case.grade)
        elif signal.state is State.WATCH and self._states.get(signal.topic) is not State.WATCH:
            self.teller.watched(signal, topic)
        if (play := self.plays.get(seen.case_id or 0)) is not None:
            self._note_turn(play, seen, topic)
        self._states[signal.topic] = signal.state

    def _begin(self, case: Case, at: datetime) -> None:
        """Lets the next plot begin that such a case opens."""
        begun = {play.plot.name for play in self.plays.values()}
        subject = INCIDENT if is_incident(case.topic) else case.topic
        plot = next((one for one in PLOTS if one.topic == subject and one.name not in begun), None)
        if plot is not None:
            self.plays[case.id] = Play(plot, case.id, Turns(opened_at=at))

    def _note_turn(self, play: Play, seen: Seen, topic: str) -> None:
        calm_at, turns = self._case(play.case_id).calm_at, play.turns
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
