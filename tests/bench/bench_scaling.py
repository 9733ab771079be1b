"""What a second scoring process brings: `python -m tests.bench.bench_scaling`.

The stage as operators run it, a process a core, each with one thread and tied to its core, on one topic of the real
Kafka where make engines runs one, else of the embedded log.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from shutil import copy
from tempfile import TemporaryDirectory
from time import monotonic, sleep

import click
import psutil
from rich.console import Console
from yaml import safe_dump

from nlp.training.measure.speed import sample
from scripts.capacity.measure import START, bare
from stream.codec import POSTS
from stream.config import StreamConfig, read_stream
from stream.engines import apply_topics, open_log_admin, open_producer
from stream.log.broker import RAW, SCORED, Admin, Message
from stream.process.clock import SystemClock
from tests.bench.bench_index import made
from tests.bench.sheets import PER_SECOND, TIMES, Aim, Sheet, show
from tests.installation import best_engines, fresh_engines

FIRST = 600  # posts scored before the clock starts: every process has loaded its model and has its partitions
SETTLED = 10.0  # seconds for the group to share the partitions anew
PATIENCE = 600.0
CONFIGS = Path("configs")
NEARLY = 0.8  # of the ideal: what is called near-linear


def rate(processes: int, messages: Sequence[Message], engines: str) -> float:
    """Posts a second of so many scoring processes."""
    with TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        lines = stack.enter_context(fresh_engines(engines, "scaling"))
        config = _configured(folder, lines)
        apply_topics(config)
        admin = stack.enter_context(closing(open_log_admin(config)))
        producer = stack.enter_context(closing(open_producer(config, SystemClock())))
        for core in sorted(os.sched_getaffinity(0))[:processes]:
            stack.enter_context(_stage(folder, core))
        producer.publish(messages[:FIRST])
        _until(admin, FIRST)
        sleep(SETTLED)
        begun = monotonic()
        producer.publish(messages[FIRST:])
        _until(admin, len(messages))
        return (len(messages) - FIRST) / (monotonic() - begun)


def sheet(posts: int, files: Sequence[Path]) -> Sheet:
    """One process, then one more for each core."""
    cores, engines = len(os.sched_getaffinity(0)), best_engines()
    found = Sheet("scaling", f"the scoring stage over {posts} posts, {engines} log, a process a core")
    messages = _messages(posts, sample(files))
    for processes in range(1, cores + 1):
        found.rows[f"{processes} process{'es' if processes > 1 else ''}"] = {
            PER_SECOND: rate(processes, messages, engines)
        }
    found.compare("1 process", PER_SECOND)
    reached = float(list(found.rows.values())[-1][TIMES])
    found.aims.append(Aim(f"{cores} scoring processes beside one", NEARLY * cores, reached, "times"))
    physical = psutil.cpu_count(logical=False) or cores
    if physical < cores:
        found.notes.append(f"the {cores} processors are {physical} physical: they share its arithmetic")
    return found


def _messages(posts: int, texts: Sequence[str]) -> list[Message]:
    dice, found = Random(1), []
    for number in range(FIRST + posts):
        post = bare(made(dice, number, START))
        if texts:
            post = replace(post, text=f"{texts[number % len(texts)]}{number}")
        found.append(Message(RAW, post.thread_id, POSTS.encode(post)))
    return found


def _configured(folder: Path, engines: dict[str, str]) -> StreamConfig:
    copy(CONFIGS / "topics.yml", folder)
    model = str(Path("nlp/model").resolve())
    (folder / "nlp.yml").write_text(safe_dump({"model": model, "threads": 1}), "utf-8")
    (folder / "stream.yml").write_text(safe_dump({"var": str(folder / "var"), **engines}), "utf-8")
    return read_stream(folder)


@contextmanager
def _stage(configs: Path, core: int) -> Iterator[None]:
    command = [sys.executable, "-m", "nlp", "score", "--configs", str(configs)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        psutil.Process(process.pid).cpu_affinity([core])
        yield
    finally:
        process.terminate()
        process.wait()


def _until(admin: Admin, posts: int) -> None:
    until = monotonic() + PATIENCE
    while sum(end for _, end in admin.ends(SCORED).values()) < posts:
        if monotonic() > until:
            raise RuntimeError(f"{posts} posts were not scored within {PATIENCE:.0f} s")
        sleep(0.1)


@click.command()
@click.option("--posts", default=6000, show_default=True)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True))
def main(posts: int, files: tuple[Path, ...]) -> None:
    """Measure the scoring stage on the posts of FILES, or on made-up ones."""
    show(sheet(posts, files), Console())


if __name__ == "__main__":
    main()
