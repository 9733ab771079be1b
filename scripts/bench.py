"""`make bench`: what the whole path carries, and each stage's share, in one run on engines in a folder of its own.

Without files it imports synthetic posts; with files (JSONL with a `text` field) the posts of those.
"""

import json
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random
from secrets import token_bytes
from tempfile import TemporaryDirectory
from time import perf_counter

import click
from rich.console import Console
from rich.table import Table

from crawlers.config import Source
from crawlers.cursors import Cursors
from crawlers.intake.columns import Columns
from crawlers.intake.files import import_file
from nlp.__main__ import open_scorer
from nlp.config import NlpConfig
from nlp.score import ScoringStep
from nlp.topics import TopicMatcher
from stream.__main__ import (
    apply_topics,
    open_consumer,
    open_index_reader,
    open_index_writer,
    open_producer,
    open_state_engine,
)
from stream.broker import RAW, SCORED
from stream.clock import SystemClock
from stream.codec import POSTS
from stream.codec import SCORED as SCORED_POSTS
from stream.config import Configuration, StreamConfig
from stream.index import Query
from stream.indexing import index_step
from stream.quarantine import Quarantine
from stream.topics import TopicsConfig
from stream.worker import Worker
from tests.bench.bench_index import text_of

SYNTHETIC = 4_000
CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class Lap:
    """One stage over all posts."""

    stage: str
    posts: int
    seconds: float


def timed(stage: str, work: Callable[[], int]) -> Lap:
    """`work` returns how many posts it handled."""
    start = perf_counter()
    posts = work()
    return Lap(stage, posts, perf_counter() - start)


def import_files(config: StreamConfig, files: Sequence[Path]) -> int:
    """Each file as a source of its own; returns the rows sent to the log."""
    engine, key, sent = open_state_engine(config), token_bytes(32), 0
    with closing(open_producer(config, CLOCK)) as producer:
        for file in files:
            source = Source(site=file.stem, software="file", basis="benchmark", columns=Columns(text="text"))
            sent += import_file(
                file,
                source,
                name=file.stem,
                producer=producer,
                cursors=Cursors(engine, source.site),
                voice_key=key,
                clock=CLOCK,
                report_to=config.var,
            ).sent
    engine.dispose()
    return sent


def score(config: StreamConfig, configs: Path) -> tuple[Lap, Lap]:
    """Loading the model, and scoring what lies in the log."""
    configuration = Configuration(configs)
    nlp, topics = configuration.add("nlp.yml", NlpConfig), configuration.add("topics.yml", TopicsConfig)
    start = perf_counter()
    scorer, matcher = open_scorer(nlp()), TopicMatcher(topics())
    loading = Lap("load model", 0, perf_counter() - start)
    producer, consumer = open_producer(config, CLOCK), open_consumer(config, CLOCK, "wenfeng.score", [RAW])
    with closing(producer), closing(consumer):
        step = ScoringStep(scorer, matcher, producer, CLOCK)
        worker = Worker(consumer, Quarantine(producer, CLOCK, "score"), POSTS, step, clock=CLOCK, limit=512)
        return loading, timed("score", worker.drain)


def index(config: StreamConfig) -> Lap:
    """Indexing what was scored."""
    producer, consumer = open_producer(config, CLOCK), open_consumer(config, CLOCK, "wenfeng.index", [SCORED])
    with closing(producer), closing(consumer), closing(open_index_writer(config)) as writer:
        quarantine = Quarantine(producer, CLOCK, "index")
        worker = Worker(consumer, quarantine, SCORED_POSTS, index_step(writer), clock=CLOCK, limit=512)
        return timed("index", worker.drain)


def write_synthetic(path: Path) -> None:
    """Posts of characters as unequally frequent as real ones, the same at each run."""
    rng = Random(1)
    lines = (json.dumps({"text": text_of(rng)}, ensure_ascii=False) + "\n" for _ in range(SYNTHETIC))
    path.write_text("".join(lines), "utf-8")


@click.command()
@click.option("--configs", type=click.Path(path_type=Path), default="configs", show_default=True)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True))
def main(configs: Path, files: tuple[Path, ...]) -> None:
    """Import FILES (or synthetic posts), score and index them; print posts/s and each stage's share."""
    with TemporaryDirectory() as folder:
        config = StreamConfig(var=Path(folder))
        apply_topics(config)
        if not files:
            files = (Path(folder) / "synthetic.jsonl",)
            write_synthetic(files[0])
        crawled = timed("import", lambda: import_files(config, files))
        laps = [crawled, *score(config, configs), index(config)]
        with closing(open_index_reader(config)) as reader:
            indexed = reader.count(Query())
    show(laps)
    lost = crawled.posts - indexed
    click.echo(f"imported {crawled.posts}, indexed {indexed}, lost {lost}")
    sys.exit(1 if lost else 0)


def show(laps: Sequence[Lap]) -> None:
    """The laps as a table; the last row is the whole path without loading."""
    whole = sum(lap.seconds for lap in laps if lap.posts)
    table = Table("stage", "posts", "seconds", "posts/s", "share")
    for lap in [*laps, Lap("whole path", laps[0].posts, whole)]:
        rate = f"{lap.posts / lap.seconds:,.0f}" if lap.posts else ""
        share = f"{lap.seconds / whole:.0%}" if lap.posts else ""
        table.add_row(lap.stage, str(lap.posts or ""), f"{lap.seconds:.2f}", rate, share)
    Console(width=None if sys.stdout.isatty() else 100).print(table)


if __name__ == "__main__":
    main()
