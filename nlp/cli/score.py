"""`python -m nlp score`: the scoring stage as a process."""

import signal
from contextlib import closing
from pathlib import Path

import click

from nlp.config import NlpConfig, read_nlp
from nlp.engines import open_scorer
from nlp.inference.crash_safe import CrashSafeScorer
from nlp.inference.reloading import ReloadingScorer
from nlp.stage import scoring_worker
from stream.cli.options import configs_option, explaining_errors
from stream.config import StreamConfig
from stream.engines import apply_topics, open_consumer, open_producer
from stream.log.broker import RAW, SCORING
from stream.log.worker import run_worker
from stream.matching import TopicMatcher
from stream.process.clock import SystemClock
from stream.process.configuration import Configuration
from stream.process.logs import configure
from stream.process.running import registered
from stream.topics import TopicsConfig


@click.command()
@configs_option
@click.option("--once", is_flag=True, help="Score what is there, then end.")
def score(configs: Path, once: bool) -> None:
    """Run the scoring stage: posts.raw into posts.scored.

    On SIGHUP it reads nlp.yml again and takes the model named there; one that is refused is logged, and the stage goes
    on with the one it has.
    """
    configure("score")
    clock = SystemClock()
    with explaining_errors():
        configuration = Configuration(configs)
        stream, topics = configuration.add("stream.yml", StreamConfig), configuration.add("topics.yml", TopicsConfig)
        configuration.add("nlp.yml", NlpConfig)
        config, matcher = stream(), TopicMatcher(topics())
        scorer = ReloadingScorer(lambda: CrashSafeScorer(open_scorer(read_nlp(configs)), config.var / "scoring"))
        signal.signal(signal.SIGHUP, lambda *_: scorer.request_reload())
        apply_topics(config)
        producer = open_producer(config, clock)
        with closing(producer), closing(open_consumer(config, clock, SCORING, [RAW])) as consumer:
            worker = scoring_worker(config, consumer, producer, scorer=scorer, matcher=matcher, clock=clock)
            with registered(config.var, "score"):
                run_worker(worker, once=once)
