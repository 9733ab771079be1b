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
from scripts.draining import index, load_model, score
from stream.__main__ import apply_topics, open_index_reader, open_producer, open_state_engine
from stream.clock import SystemClock
from stream.config import StreamConfig
from stream.index import Query
from tests.bench.bench_index import text_of

SYNTHETIC = 4_000
BATCH = 512
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
        config = StreamConfig(var=Path(folder), batch=BATCH)
        apply_topics(config)
        if not files:
            files = (Path(folder) / "synthetic.jsonl",)
            write_synthetic(files[0])
        crawled = timed("import", lambda: import_files(config, files))
        start = perf_counter()
        scorer, matcher = load_model(configs)
        laps = [
            crawled,
            Lap("load model", 0, perf_counter() - start),
            timed("score", lambda: score(config, CLOCK, scorer, matcher)),
            timed("index", lambda: index(config, CLOCK)),
        ]
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
