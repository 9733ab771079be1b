"""What the whole path carries, and each stage's share: `python -m tests.bench.bench_path FILE...`.

On engines in a folder of its own: import, score, index, one after the other in one process. Files are JSONL with a
`text` field; without any, posts are made up.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from random import Random
from secrets import token_bytes
from tempfile import TemporaryDirectory

import click
from rich.console import Console

from crawlers.push.columns import Columns
from crawlers.push.file_source import FileSource
from crawlers.push.files import import_file
from scripts.draining import index, load_model, score
from stream.config import StreamConfig
from stream.engines import apply_topics, open_index_reader, open_producer, open_state_engine
from stream.index.port import Query
from stream.matching import TopicMatcher
from stream.process.clock import SystemClock
from stream.process.configuration import Configuration
from stream.topics import TopicsConfig
from tests.bench.bench_index import text_of
from tests.bench.sheets import Sheet, Spent, show, spent

SYNTHETIC = 4_000
BATCH = 512
CONFIGS = Path("configs")
CLOCK = SystemClock()


def import_files(config: StreamConfig, files: Sequence[Path]) -> int:
    """Each file as a source of its own; returns the rows sent to the log."""
    engine, key, sent = open_state_engine(config), token_bytes(32), 0
    with closing(open_producer(config, CLOCK)) as producer:
        for file in files:
            source = FileSource(site=file.stem, basis="benchmark", columns=Columns(text="text"))
            sent += import_file(
                file,
                source,
                name=file.stem,
                producer=producer,
                engine=engine,
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


def stage(work: Callable[[], int]) -> Spent:
    """`work` returns how many posts it handled."""
    posts: list[int] = []
    one = spent(0, lambda: posts.append(work()))
    return Spent(posts[0], one.wall, one.core)


def sheet(files: Sequence[Path]) -> Sheet:
    """All stages over all posts; raises RuntimeError where one was lost."""
    with TemporaryDirectory() as folder:
        config = StreamConfig(var=Path(folder), batch=BATCH)
        apply_topics(config)
        if not files:
            files = (Path(folder) / "synthetic.jsonl",)
            write_synthetic(files[0])
        scorer, _ = load_model(CONFIGS)
        matcher = TopicMatcher(Configuration(CONFIGS / "example", {}).add("topics.yml", TopicsConfig)())
        laps = {
            "import": stage(lambda: import_files(config, files)),
            "score": stage(lambda: score(config, CLOCK, scorer, matcher)),
            "index": stage(lambda: index(config, CLOCK)),
        }
        with closing(open_index_reader(config)) as reader:
            indexed = reader.count(Query())
    if lost := laps["import"].count - indexed:
        raise RuntimeError(f"{lost} of {laps['import'].count} posts were lost")
    return _shares(laps)


def _shares(laps: dict[str, Spent]) -> Sheet:
    wall, core = sum(lap.wall for lap in laps.values()), sum(lap.core for lap in laps.values())
    whole = Spent(laps["import"].count, wall, core)
    told = Sheet("path", f"the whole path, embedded engines, one process: {whole.count} posts, none lost")
    for name, lap in [*laps.items(), ("whole path", whole)]:
        told.rows[name] = {**lap.rates, "share of core time": f"{lap.core / whole.core:.0%}"}
    return told


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True))
def main(files: tuple[Path, ...]) -> None:
    """Import FILES (or made-up posts), score and index them."""
    show(sheet(files), Console())


if __name__ == "__main__":
    main()
