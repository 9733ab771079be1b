"""The scoring and the index stage over what lies in the log, in this process: the steps that their commands run."""

from contextlib import closing
from pathlib import Path

from nlp.config import NlpConfig
from nlp.engines import open_scorer
from nlp.scorer import Scorer
from nlp.stage import scoring_worker
from stream.config import StreamConfig
from stream.engines import open_consumer, open_index_writer, open_producer, open_state_engine
from stream.index.stage import indexing_worker
from stream.log.broker import RAW, SCORED
from stream.matching import TopicMatcher
from stream.process.clock import Clock
from stream.process.configuration import Configuration
from stream.state.database import disposing
from stream.topics import TopicsConfig


def load_model(configs: Path) -> tuple[Scorer, TopicMatcher]:
    """The scorer and the rules of a folder of configuration."""
    configuration = Configuration(configs)
    nlp, topics = configuration.add("nlp.yml", NlpConfig), configuration.add("topics.yml", TopicsConfig)
    return open_scorer(nlp()), TopicMatcher(topics())


def score(config: StreamConfig, clock: Clock, scorer: Scorer, matcher: TopicMatcher) -> int:
    """Scores what is not scored yet; how many records."""
    producer, consumer = open_producer(config, clock), open_consumer(config, clock, "wenfeng.score", [RAW])
    with closing(producer), closing(consumer):
        return scoring_worker(config, consumer, producer, scorer=scorer, matcher=matcher, clock=clock).drain()


def index(config: StreamConfig, clock: Clock) -> int:
    """Indexes what is not indexed yet; how many records."""
    producer, consumer = open_producer(config, clock), open_consumer(config, clock, "wenfeng.index", [SCORED])
    with (
        disposing(open_state_engine(config)) as engine,
        closing(producer),
        closing(consumer),
        closing(open_index_writer(config)) as writer,
    ):
        return indexing_worker(config, consumer, producer, writer, engine=engine, clock=clock).drain()
