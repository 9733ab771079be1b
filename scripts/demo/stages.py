"""All stages of the pipeline in one process, a round at a time; each is the function that its own process would run."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from alerts.casefile.context import CaseContext
from alerts.claims.claim import Claim
from alerts.cli.settings import read_settings, read_sources
from alerts.desk.cases import act_on_case
from alerts.desk.claims import NewClaim, add_claim
from alerts.desk.register import Register
from alerts.incidents.debounce import Move
from alerts.notify.kinds import open_channels
from alerts.notify.outbox import Attempt
from alerts.replies.handling import ReplyRounds
from alerts.replies.imap import ImapMailbox
from alerts.replies.tables import ReplyOutcome
from alerts.rounds.auditor import Auditor
from alerts.rounds.stock import QuarantineCount, Stock
from alerts.rounds.troubles import TroubleRound
from alerts.watch import Called, Seen, Watcher
from alerts.workflow.cases import ActRequest, Case
from crawlers.config import CrawlersConfig
from crawlers.health import Tally
from crawlers.pull.crawl import CrawlEnvironment, crawl
from crawlers.pull.loop import CrawlLoop
from crawlers.source import PulledSource
from nlp.config import NlpConfig
from nlp.engines import open_scorer
from nlp.stage import scoring_worker
from scripts.demo.deeds import KeepClaim
from stream.engines import (
    apply_topics,
    open_consumer,
    open_index_reader,
    open_index_writer,
    open_pipeline,
    open_producer,
    open_state_engine,
)
from stream.index.stage import indexing_worker
from stream.log.broker import RAW, SCORED, Producer
from stream.matching import TopicMatcher
from stream.process.clock import ScriptedClock
from stream.process.configuration import Configuration

HOLDER = "demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one round of all stages did."""

    at: datetime
    crawled: Tally
    scored: int
    indexed: int
    seen: Sequence[Seen]
    called: Sequence[Called]
    attempts: Sequence[Attempt]
    troubles: Mapping[str, Move]


class Stages:
    """The stages wired by a folder of configuration, all of them on the same scripted clock."""

    def __init__(self, configs: Path, clock: ScriptedClock, stack: ExitStack) -> None:
        configuration = Configuration(configs)
        nlp = configuration.add("nlp.yml", NlpConfig)
        settings = read_settings(configs)
        self.stream = settings.stream
        apply_topics(self.stream)
        self._clock = clock
        self.engine = open_state_engine(self.stream)
        stack.callback(self.engine.dispose)
        self.reader = stack.enter_context(closing(open_index_reader(self.stream)))
        producer = stack.enter_context(closing(open_producer(self.stream, clock)))
        raw = stack.enter_context(closing(open_consumer(self.stream, clock, "wenfeng.score", [RAW])))
        scored = stack.enter_context(closing(open_consumer(self.stream, clock, "wenfeng.index", [SCORED])))
        writer = stack.enter_context(closing(open_index_writer(self.stream)))
        scorer, matcher = open_scorer(nlp()), TopicMatcher(settings.topics)
        self._scoring = scoring_worker(self.stream, raw, producer, scorer=scorer, matcher=matcher, clock=clock)
        self._indexing = indexing_worker(self.stream, scored, producer, writer, engine=self.engine, clock=clock)
        self._source, self._around = self._crawled(configs, producer, stack)
        self.context = CaseContext(
            self.engine, self.reader, settings.alerts, settings.topics, self.stream.index_name, settings.source_names
        )
        pipeline = stack.enter_context(closing(open_pipeline(self.stream)))
        self._watcher = Watcher(
            self.context, open_channels(settings.alerts.in_use, settings.alerts.routing.letterhead), HOLDER,
            pipeline.complete_until,
        )  # fmt: skip
        inbox = settings.alerts.inbox
        assert inbox is not None, "the demo's own configuration has one"
        self._replies = ReplyRounds(self.context, ImapMailbox(inbox))
        count, sources = QuarantineCount(self.stream), read_sources(configs)
        stock = Stock(self.context, self.stream.var, pipeline.complete_until, count, sources)
        self._auditor, self._troubles = Auditor(self.context, HOLDER), TroubleRound(self.context, HOLDER, stock)

    def round(self) -> Round:
        """Crawl, score, index, look, escalate, mind, deliver; at the clock's time."""
        crawled, scored, indexed = self.crawl(), self.score(), self.index()
        seen, called, troubles, attempts = self.alerts()
        return Round(
            at=self._clock.now(), crawled=crawled, scored=scored, indexed=indexed, seen=seen, called=called,
            attempts=attempts, troubles=troubles,
        )  # fmt: skip

    def crawl(self) -> Tally:
        """One crawl of the forum."""
        return crawl(*self._source, self._around)

    def score(self) -> int:
        """Scores what lies in the log; how many records."""
        return self._scoring.drain()

    def index(self) -> int:
        """Indexes what was scored; how many records."""
        return self._indexing.drain()

    def alerts(self) -> tuple[Sequence[Seen], Sequence[Called], Mapping[str, Move], Sequence[Attempt]]:
        """One round of the watcher, and of what it minds beside."""
        now = self._clock.now()
        seen, called = self._watcher.look(now), self._watcher.escalate(now)
        self._auditor(now)
        return seen, called, self._troubles(now), self._watcher.deliver(now)

    def act(self, case_id: int, deed: ActRequest) -> tuple[Case, Sequence[Attempt]]:
        """A person's deed now, and the letters it set off; `Refused` where the program says no."""
        now = self._clock.now()
        return act_on_case(self.context, case_id, deed, now).case, self._watcher.deliver(now)

    def read_answers(self) -> tuple[Mapping[ReplyOutcome, int], Sequence[Attempt]]:
        """Reads the mailbox now; what became of the mails, and the letters they set off."""
        now = self._clock.now()
        return self._replies(now), self._watcher.deliver(now)

    def keep(self, case_id: int, kept: KeepClaim) -> Claim:
        """Keeps a claim with what its case came to, as `claims add --case` does."""
        register = Register(self.engine, self.context.config, self.context.topics)
        new = NewClaim(claim=kept.claim, by=kept.by, evidence=kept.evidence, case_id=case_id)
        return add_claim(register, new, self._clock.now())

    def _crawled(
        self, configs: Path, producer: Producer, stack: ExitStack
    ) -> tuple[tuple[str, PulledSource], CrawlEnvironment]:
        """The one source of crawlers.yml, and what crawling it needs."""
        config = Configuration(configs).add("crawlers.yml", CrawlersConfig)()
        around = CrawlEnvironment(
            loop=stack.enter_context(closing(CrawlLoop())), producer=producer, engine=self.engine, clock=self._clock,
            voice_key=config.voice_secret, contact=config.contact, samples=self.stream.var / "samples",
            keep=self.stream.topic(SCORED).keep,
        )  # fmt: skip
        return next(iter(config.pulled.items())), around
