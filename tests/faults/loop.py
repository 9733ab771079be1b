"""The kill loop: one installation at work, whose stages die at one named place after another.

Every stage is armed with all the deaths it owes and dies at whichever place it reaches first; it is started again at
once, armed with the rest. So all stages die side by side, as they would, and most of a death's cost is the restart.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from time import monotonic, sleep

from sqlalchemy import func, select

from alerts.casefile.tables import AnnouncementRow, CaseRow, EventRow
from alerts.cli.settings import read_settings
from alerts.notify.tables import OutboxRow
from stream.engines import apply_topics, open_index_reader, open_log_admin, open_producer, open_state_engine
from stream.errors import Retryable
from stream.index.port import Query
from stream.log.broker import RAW, SCORED, Message
from stream.process.clock import SystemClock
from stream.state.database import reading
from tests.faults.errands import Errand, Kind, next_errands
from tests.faults.processes import PAUSE, Death, Stage
from tests.faults.world import SOURCE, LethalMailbox, StoppableClock

MAIL_KEPT = "mail server kept"  # not a place of ours: the far side has the letter and has not said so
ANYWHERE = "anywhere"  # no place at all: a moment by chance
WORKER = ("worker.polled", "worker.done", "worker.quarantined", "worker.committed", "publish.sent", "health.published")
PLACES: Mapping[str, Sequence[str]] = {
    "crawl": ("crawl.met", "crawl.sent", "crawl.noted", "crawl.listed", "crawl.visited", "publish.sent", ANYWHERE),
    "score": (*WORKER, "score.scored", "score.published", ANYWHERE),
    "index": (*WORKER, "index.asked", "index.written", "index.put", ANYWHERE),
    "alerts": (
        "watch.leased", "watch.looked", "watch.written", "watch.kept", "watch.judged", "watch.called",
        "outbox.sorted", "outbox.claimed", "outbox.accepted", "outbox.settled", "relay.published", "relay.told",
        "publish.sent", "reply.read", "reply.written", "reply.kept",
        MAIL_KEPT, ANYWHERE,
    ),
    "upkeep": ("schedule.woken",),
    **dict.fromkeys(Kind, ("act.written", "act.kept")),
    "erase": ("erase.buried", "erase.removed"),
    "rebuild": ("rebuild.filled", "rebuild.held", "rebuild.switched"),
}  # fmt: skip
#: Places between two rounds of which lie minutes, or days: tests/alerts/rounds/test_killed_rounds.py kills there;
#: at those of accounts, which have no part in the flow, tests/alerts/console/accounts/test_killed.py; at those of the
#: crawlers' schedule and its file, tests/crawlers/scheduling/test_killed.py. What comes in other than by a crawl dies
#: beside its readers, in tests/crawlers/push.
ELSEWHERE = (
    "brief.written", "heart.beaten", "incident.written", "watch.resumed", "account.written", "invite.written",
    "folder.taken", "mailbox.taken", "reception.kept", "crawl.claimed", "source.written",
    "service.synced", "service.kept",
)  # fmt: skip
FOUR = 4  # a process dies at one of its first four hits of a place, where nothing below says otherwise
SELDOM = {"reply.read": 2, "reply.written": 2, "reply.kept": 2}  # an answer by mail comes every half a minute
ONCE = frozenset({"upkeep", "erase", *Kind})  # stages that pass a place once
STAGES: Mapping[str, Sequence[str]] = {
    "crawl": ("crawlers", "crawl", SOURCE),
    "score": ("nlp", "score"),
    "index": ("stream", "index"),
    "alerts": ("alerts", "watch"),
    "upkeep": ("stream", "upkeep"),
}
WATCHED = ("score", "index", "alerts")  # what runs until all is drained
ENDLESS = (*WATCHED, "upkeep")
MAINTENANCE = ("erase", "rebuild")
FOUND_OUT = (
    *Kind,
    "erase",
)  # nobody repeats them after a death: the case tells how it stands, the upkeep erases the rest
ANY_MOMENT = 4.0  # seconds of a stage's life, on average, before it is killed anywhere
PAUSES = {"crawl": 2.0}  # seconds between two crawls
POISON_EVERY, BEAT = 5.0, 0.1  # seconds
FIRST = 2  # errands among which one is chosen: the one before may be refused again and again
AT_ONCE = 8  # errands between two looks at what is left of them
STILL = 3.0  # seconds that a quiet stage is looked at
STALL = 400.0  # seconds without a death
PATIENCE = 240.0  # seconds for the work to come to its end
DRAINS = 4  # times at most that all is asked to end: the last round of one may leave the others something to do


def latest_hit(stage: str, place: str) -> int:
    """The last hit of a place at which a stage may be made to die."""
    return 1 if stage in ONCE else SELDOM.get(place, FOUR)


class Stuck(Exception):
    """Raised when the loop or the draining does not come to its end; says what was still to do."""


@dataclass(slots=True)
class Tally:
    """What died where, and ended otherwise than by us."""

    deaths: Counter[tuple[str, str]] = field(default_factory=Counter)
    surprises: list[str] = field(default_factory=list)
    refused: int = 0  # what a person came too late for

    def of(self, stage: str) -> int:
        return sum(number for (name, _), number in self.deaths.items() if name == stage)


class Loop:
    """One installation and its stages, from the first start to the last end."""

    def __init__(
        self,
        configs: Path,
        logs: Path,
        owed: Mapping[str, dict[str, list[int]]],
        mailbox: LethalMailbox,
        chance: Random,
        unread: Callable[[], Sequence[int]],
    ) -> None:
        """`unread` tells which answers to letters nobody has read yet."""
        self.settings = read_settings(configs)
        self.tally = Tally()
        self._configs = configs
        self._logs = logs
        self._mailbox = mailbox
        self._chance = chance
        self._unread = unread
        self._owed = owed
        self._clock = SystemClock()
        self._stages = {name: self._stage(name, words) for name, words in STAGES.items()}
        self._errand: Stage | None = None
        self._turn = 0
        self._poisoned = monotonic()
        self._poison = 0
        apply_topics(self.settings.stream)
        self._engine = open_state_engine(self.settings.stream)

    def settle_in(self) -> None:
        """Lets what the forum has of the weeks before go all the way: the watcher learns from it what is usual."""
        for name, words in (
            ("crawl", STAGES["crawl"]),
            *((one, (*STAGES[one], "--once")) for one in ("score", "index")),
        ):
            self._once(self._stage(name, words))

    def run(self) -> Iterator[int]:
        """Lets everything die that owes a death; yields how many deaths are left whenever that changed."""
        until, left = 0.0, -1
        while self.left:
            if left != self.left:
                left, until = self.left, monotonic() + STALL
                yield left
            if monotonic() > until:
                raise Stuck(f"nothing died for {STALL:.0f} s, still to come: {self._debts()}")
            self._beat()
        yield 0

    @property
    def left(self) -> int:
        """Deaths still to die."""
        return sum(len(hits) for places in self._owed.values() for hits in places.values())

    def drain(self, forum: StoppableClock) -> None:
        """The forum falls silent, every stage runs in peace until nothing is left to do, then all are asked to end."""
        forum.stop()
        self._mailbox.kill = None
        self._finish_errand()
        self._stop(self._stages["crawl"], patience=60)
        self._stop(self._stages["upkeep"], patience=60)
        for name in WATCHED:
            if not self._stages[name].runs:
                self._reap(self._stages[name])
                self._stages[name].start()
        for _ in range(2):
            self._once(self._stage("crawl", STAGES["crawl"]))
        self._once(self._stage("upkeep", ("stream", "upkeep", "--once")))
        self._until(self._read_to_the_end, "the log was not read to its end")
        for _ in range(DRAINS):
            self._drain_once()
            if not self._asked(self._all_sent):
                break
            for name in WATCHED:  # a stage's last round before it ended found something more to do
                self._stages[name].start(deadly=False)
        self._engine.dispose()

    def _drain_once(self) -> None:
        for _ in range(2):  # on a slow machine a look may open cases after all that were there had ended
            sleep(3 * STILL)  # the index refreshes, the watcher looks
            self._until(self._all_judged, "cases were not judged")
            self._until(self._all_sent, "letters or events were not sent")
        for name in WATCHED:
            self._stop(self._stages[name], patience=60)

    def close(self) -> None:
        """Ends what still runs."""
        for stage in (*self._stages.values(), *([self._errand] if self._errand else [])):
            stage.kill("the end")

    def _beat(self) -> None:
        for stage in self._stages.values():
            self._keep(stage)
        self._arm_mailbox()
        with suppress(Retryable):  # an engine on a busy machine: the next beat asks again
            self._run_errands()
            if monotonic() - self._poisoned > POISON_EVERY:
                self._poisoned = monotonic()
                self._publish_poison()
        sleep(BEAT)

    def _keep(self, stage: Stage) -> None:
        """Notes a death and starts the stage again; asks one to end that owes only the health of its end."""
        if self._reap(stage) or not stage.runs:
            wanted = stage.name != "upkeep" or stage.owes
            if wanted and monotonic() - stage.ended_at > PAUSES.get(stage.name, PAUSE):
                stage.start()
        elif stage.owed.get(ANYWHERE) and self._chance.random() < BEAT / ANY_MOMENT:
            stage.kill(ANYWHERE)

    def _reap(self, stage: Stage) -> bool:
        death = stage.reap()
        if death is None:
            return False
        self._note(stage, death)
        return True

    def _note(self, stage: Stage, death: Death) -> None:
        if death.place is not None:
            self.tally.deaths[stage.name, death.place] += 1
        elif death.code == 0:
            stage.ease()
        elif self._is_refusal(stage, death):
            self.tally.refused += 1
        else:
            self.tally.surprises.append(f"{stage.name} ended with {death.code}")

    def _is_refusal(self, stage: Stage, death: Death) -> bool:
        """Tells whether a person was told that it cannot be done any more: the case had gone on meanwhile."""
        return stage.name in set(Kind) and death.code == 1 and "Traceback" not in stage.said()

    def _arm_mailbox(self) -> None:
        hits = self._stages["alerts"].owed.get(MAIL_KEPT)
        if hits and self._mailbox.kill is None:
            self._mailbox.kill = partial(self._stages["alerts"].kill, MAIL_KEPT)

    def _run_errands(self) -> None:
        if self._errand is not None:
            if (death := self._errand.reap()) is not None:
                self._note(self._errand, death)
                if death.place is None or self._errand.name in FOUND_OUT:
                    self._errand = None
                else:  # whoever ran a command that died runs it again
                    self._errand.start(deadly=False)
            return
        self._turn += 1
        name = MAINTENANCE[self._turn % 4 // 2]
        if self._turn % 2 and any(self._owed[name].values()):
            words = self._maintenance(name)
        elif errand := self._errand_of_a_person():
            name, words = errand.kind, errand.words
        else:
            words = None
        if words is not None:
            self._errand = self._stage(name, words)
            self._errand.start()

    def _maintenance(self, name: str) -> Sequence[str] | None:
        with closing(open_index_reader(self.settings.stream)) as reader:
            posts = reader.search(Query(), 50).posts
        if not posts:
            return None
        return (
            ("stream", "index", "rebuild") if name == "rebuild" else ("stream", "erase", self._chance.choice(posts).id)
        )

    def _errand_of_a_person(self, *, hurry: bool = False) -> Errand | None:
        """Picks what somebody does next, the rarer kinds first: those that still owe a death."""
        with reading(self._engine) as session:
            unended = CaseRow.ended_at.is_(None) | (CaseRow.stage == "reviewing")
            cases = session.scalars(select(CaseRow).where(unended).order_by(CaseRow.id)).all()
            assigned = session.scalars(select(EventRow.case_id).where(EventRow.kind == "assign")).all()
        found = next_errands(cases, assigned, self._clock.now(), hurry=hurry)
        owing = [one for one in found if any(self._owed[one.kind].values())]
        return self._chance.choice((owing or found)[:FIRST]) if found else None

    def _publish_poison(self) -> None:
        self._poison += 1
        bad = [b"{", b"\xff\xfe", b'{"schema":1,"id":"none"}', b"[" * 10_000][self._poison % 4]
        with closing(open_producer(self.settings.stream, self._clock)) as producer:
            producer.publish([Message(topic, f"poison{self._poison}", bad) for topic in (RAW, SCORED)])

    def _finish_errand(self) -> None:
        if self._errand is not None:
            death = self._errand.end(PATIENCE)
            if death is not None and death.place is not None and self._errand.name not in FOUND_OUT:
                self._note(self._errand, death)
                self._once(self._errand)
            self._errand = None

    def _once(self, stage: Stage) -> None:
        stage.start(deadly=False)
        death = stage.end(PATIENCE)
        if death is not None and self._is_refusal(stage, death):
            self.tally.refused += 1
        elif death is None or death.code != 0:
            self.tally.surprises.append(f"{stage.name}, in peace, ended with {death}")

    def _stop(self, stage: Stage, patience: float) -> None:
        """As a service runner stops a stage; one that does not end by itself is a finding."""
        if stage.name not in ENDLESS:
            death = stage.end(patience)
        else:
            stage.stop()
            death = stage.end(patience)
        if stage.runs or (death is not None and death.code != 0 and death.place is None):
            self.tally.surprises.append(f"{stage.name}, asked to end, ended with {death}")
            stage.kill("asked to end in vain")

    def _until(self, done: Callable[[], str], what: str) -> None:
        until = monotonic() + PATIENCE
        while left := self._asked(done):
            if monotonic() > until:
                raise Stuck(f"{what}: {left}")
            for name in WATCHED:
                stage = self._stages[name]
                if self._reap(stage):
                    stage.start(deadly=False)
            sleep(STILL / 3)

    def _asked(self, done: Callable[[], str]) -> str:
        try:
            return done()
        except Retryable as error:
            return error.reason

    def _read_to_the_end(self) -> str:
        with closing(open_log_admin(self.settings.stream)) as admin:
            return ", ".join(
                f"{one.group} {one.lag}" for one in admin.progress() if one.lag and "look" not in one.group
            )

    def _all_judged(self) -> str:
        for _ in range(AT_ONCE):
            if (errand := self._errand_of_a_person(hurry=True)) is None:
                return ""
            self._once(self._stage(errand.kind, errand.words))
        return " ".join(errand.words)

    def _all_sent(self) -> str:
        with reading(self._engine) as session:
            letters = session.scalar(
                select(func.count()).select_from(OutboxRow).where(OutboxRow.state.in_(("queued", "claimed")))
            )
            events = session.scalar(select(func.count()).select_from(AnnouncementRow))
        unread = len(self._unread())
        left = f"{letters} letters, {events} events, {unread} answers to letters"
        return left if letters or events or unread else ""

    def _stage(self, name: str, words: Sequence[str]) -> Stage:
        return Stage(
            name, [*words, "--configs", str(self._configs)], self._logs / f"{name}.log", self._owed.get(name, {})
        )

    def _debts(self) -> str:
        return ", ".join(
            f"{name} {place}@{hits}" for name, places in self._owed.items() for place, hits in places.items() if hits
        )
