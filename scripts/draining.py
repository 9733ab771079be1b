"""The scoring and the index stage over what lies in the log, in this process: the steps that their commands run."""

from contextlib import closing
from pathlib import Path

from nlp.__main__ import open_scorer
from nlp.config import NlpConfig
from nlp.score import ScoringStep
from nlp.scorer import Scorer
from nlp.topics import TopicMatcher
from stream.__main__ import open_consumer, open_index_writer, open_producer, open_state_engine
from stream.broker import RAW, SCORED
from stream.clock import Clock
from stream.codec import POSTS
from stream.codec import SCORED as SCORED_POSTS
from stream.config import Configuration, StreamConfig
from stream.indexing import index_step
from stream.quarantine import Quarantine
from stream.tombstones import asking
from stream.topics import TopicsConfig
from stream.worker import Worker

BATCH = 512


def load_model(configs: Path) -> tuple[Scorer, TopicMatcher]:
    """The scorer and the rules of a folder of configuration."""
    configuration = Configuration(configs)
    nlp, topics = configuration.add("nlp.yml", NlpConfig), configuration.add("topics.yml", TopicsConfig)
    return open_scorer(nlp()), TopicMatcher(topics())


def score(config: StreamConfig, clock: Clock, scorer: Scorer, matcher: TopicMatcher) -> int:
    """Scores what is not scored yet; how many records."""
    producer, consumer = open_producer(config, clock), open_consumer(config, clock, "wenfeng.score", [RAW])
    with closing(producer), closing(consumer):
        step = ScoringStep(scorer, matcher, producer, clock)
        return Worker(consumer, Quarantine(producer, clock, "score"), POSTS, step, clock=clock, limit=BATCH).drain()


def index(config: StreamConfig, clock: Clock) -> int:
    """Indexes what is not indexed yet; how many records."""
    producer, consumer = open_producer(config, clock), open_consumer(config, clock, "wenfeng.index", [SCORED])
    engine = open_state_engine(config)
    with closing(producer), closing(consumer), closing(open_index_writer(config)) as writer:
        step, quarantine = index_step(writer, asking(engine, clock)), Quarantine(producer, clock, "index")
        return Worker(consumer, quarantine, SCORED_POSTS, step, clock=clock, limit=BATCH).drain()
