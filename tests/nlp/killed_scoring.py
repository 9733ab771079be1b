"""A scoring stage whose scorer kills its process on a deadly text, as the system does one that takes all memory.

`python -m tests.nlp.killed_scoring LOG FOLDER`: works off the log once, then prints how many records it handled.
"""

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from nlp.inference.crash_safe import CrashSafeScorer
from nlp.scorer import Score, Unscored
from nlp.stage import ScoringStep
from stream.codec import POSTS
from stream.log.broker import RAW
from stream.log.brokers.sqlite.client import SqliteConsumer, SqliteProducer
from stream.log.quarantine import Quarantine
from stream.log.worker import Worker
from stream.matching import TopicMatcher
from stream.messages import Label, Polarity
from stream.process.clock import SystemClock
from stream.topics import TopicsConfig


class DeadlyScorer:
    """Finds every text negative, and never returns from one with 死."""

    name = "deadly@1"

    def score(self, texts: Sequence[str], closely: Sequence[bool] | None = None) -> list[Score | Unscored]:
        if any("死" in text for text in texts):
            os.kill(os.getpid(), signal.SIGKILL)
        told = Polarity(negative=1.0, neutral=0.0, positive=0.0)
        return [Score(emotion=None, polarity=told, negative=1.0, label=Label.NEGATIVE, model=self.name) for _ in texts]


def main(log: Path, folder: Path) -> None:
    """One life of the stage."""
    clock = SystemClock()
    consumer = SqliteConsumer(log, clock, group="wenfeng.score", topics=[RAW])
    with closing(SqliteProducer(log, clock)) as producer, closing(consumer):
        step = ScoringStep(
            CrashSafeScorer(DeadlyScorer(), folder), TopicMatcher(TopicsConfig(topics={})), producer, clock
        )
        print(Worker(consumer, Quarantine(producer, clock, "score"), POSTS, step, clock=clock, limit=4).drain())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
