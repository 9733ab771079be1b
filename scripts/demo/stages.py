"""All stages of the pipeline in one process, a round at a time; each is the function that its own process would run."""

from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from alerts.casefile.casework import act
from alerts.casefile.context import CaseContext
from alerts.cli.settings import read_settings
from alerts.notify.kinds import open_channels
from alerts.notify.outbox import Attempt
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
        self.context = CaseContext(self.engine, self.reader, settings.alerts, settings.topics, self.stream.index_name)
        pipeline = stack.enter_context(closing(open_pipeline(self.stream)))
        self._watcher = Watcher(
            self.context, open_channels(settings.alerts.in_use, settings.alerts.routing.letterhead), HOLDER,
            pipeline.complete_until,
        )  # fmt: skip

    def round(self) -> Round:
        """Crawl, score, index, look, escalate, deliver; at the clock's time."""
        crawled, scored, indexed = self.crawl(), self.score(), self.index()
        seen, called, attempts = self.alerts()
        return Round(
            at=self._clock.now(), crawled=crawled, scored=scored, indexed=indexed, seen=seen, called=called,
            attempts=attempts,
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

    def alerts(self) -> tuple[Sequence[Seen], Sequence[Called], Sequence[Attempt]]:
        """One round of the watcher."""
        now = self._clock.now()
        return self._watcher.look(now), self._watcher.escalate(now), self._watcher.deliver(now)

    def act(self, case_id: int, deed: ActRequest) -> tuple[Case, Sequence[Attempt]]:
        """A person's deed now, and the letters it set off."""
        now = self._clock.now()
        return act(self.context, case_id, deed, now), self._watcher.deliver(now)

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
