"""How fast texts are scored, beside the two ways that come first to mind: one sample, each contender its own process.

Beside ours: transformers' pipeline as its manual shows it, with the same weights, and SnowNLP. Each has scored as many
other texts before: runtimes prepare anew for every shape of a batch, which is half the time of the first thousand posts
of a process that runs for weeks. What those took is told apart.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import quantiles
from time import perf_counter, process_time
from typing import Any

from rich.progress import track

NEEDED = ("psutil", "snownlp", "torch", "transformers")  # packages
SAMPLE = 2000  # posts
WANTED = 2 * SAMPLE  # half of them to begin with
SLOW = 200  # posts for contenders that take a second for a hundred
BATCH = 256  # as the stage takes them from the log
ALONE = 100  # texts scored one by one, for the latency

ScoreTexts = Callable[[Sequence[str]], object]
Load = Callable[[int], ScoreTexts]
"""Loads a scorer of so many threads, 0 for as many as there are cores. Goes to another process: no closure."""


@dataclass(frozen=True, slots=True)
class Contender:
    """`load` in `processes` processes, each on a core of its own where there are several, with so many threads each."""

    name: str
    load: Load
    processes: int = 1
    threads: int = 0
    posts: int = SAMPLE


@dataclass(frozen=True, slots=True)
class Speed:
    """Posts a second, at first and then, and a second of processor time; s to load; MB of the largest; ms of one post.

    `at_first` is None where there were no other texts to begin with.
    """

    at_first: float | None
    per_second: float
    per_core: float
    load: float
    memory: float
    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class _ProcessResult:
    """What one process measured."""

    load: float
    before: int
    before_wall: float
    texts: int
    wall: float
    core: float
    memory: float
    alone: tuple[float, ...]


def pipeline_load(folder: Path, threads: int) -> ScoreTexts:
    """Load transformers' pipeline, one text at a time, as its manual begins."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer, pipeline

    if threads:
        torch.set_num_threads(threads)
    model = AutoModelForSequenceClassification.from_pretrained(folder)
    most = model.config.max_position_embeddings
    pipe: Any = pipeline("text-classification", model=model, tokenizer=AutoTokenizer.from_pretrained(folder))
    return lambda texts: pipe(list(texts), truncation=True, max_length=most)


def snownlp_load(_threads: int) -> ScoreTexts:
    """Load SnowNLP's `sentiments`; it has no threads."""
    from snownlp import SnowNLP

    return lambda texts: [SnowNLP(text).sentiments for text in texts]


def contenders(mine: Load, folder: Path, cores: int, variants: Mapping[str, Load]) -> list[Contender]:
    """List the usual field: `mine` with the weights in `folder`, and the others with one process and one per core.

    `variants` are ours in other settings, by what is other, with a process per core.
    """
    pipe, snow = partial(pipeline_load, folder), f"SnowNLP {version('snownlp')}"
    return [
        Contender("transformers pipeline, same weights", pipe, posts=SLOW),
        Contender("transformers pipeline, a process per core", pipe, cores, threads=1, posts=cores * SLOW),
        Contender(snow, snownlp_load, posts=SLOW),
        Contender(f"{snow}, a process per core", snownlp_load, cores, posts=cores * SLOW),
        Contender("ours, one process", mine),
        Contender("ours, one process of one thread", mine, threads=1),
        Contender("ours, a process per core", mine, cores, threads=1),
        *(Contender(f"ours, a process per core, {name}", load, cores, threads=1) for name, load in variants.items()),
    ]


def measure_all(field: Sequence[Contender], texts: Sequence[str]) -> dict[str, Speed]:
    """Measure each contender's speed on the first of the texts, one contender after the other; the next come before."""
    return {one.name: measure(one, texts) for one in track(field, "measuring")}


def measure(one: Contender, texts: Sequence[str]) -> Speed:
    """Start all processes of a contender at once; the last to end tells the rate."""
    given, before, parts = texts[: one.posts], texts[one.posts : 2 * one.posts], one.processes
    spawn = get_context("spawn")
    with ExitStack() as stack:
        lines: list[Connection] = []
        for number in range(parts):
            line, theirs = spawn.Pipe()
            core = number if parts > 1 else None
            args = (theirs, one.load, one.threads, core, before[number::parts], given[number::parts])
            process = spawn.Process(target=_run_process, args=args, daemon=True)
            process.start()
            theirs.close()
            stack.callback(process.join)
            lines.append(line)
        for line in lines:
            line.recv()
        for line in lines:
            line.send("go")
        return _summed([line.recv() for line in lines])


def sample(files: Sequence[Path], most: int = WANTED) -> list[str]:
    """Read the first posts of JSONL files with a `text` field; [] where there are none."""
    rows = (json.loads(line) for file in files for line in file.read_text("utf-8").splitlines())
    return list(islice((row["text"] for row in rows if row.get("text")), most))


def _summed(results: Sequence[_ProcessResult]) -> Speed:
    texts, alone = sum(one.texts for one in results), [ms for one in results for ms in one.alone]
    before = sum(one.before for one in results)
    cut = quantiles(alone, n=100)
    return Speed(
        at_first=before / max(one.before_wall for one in results) if before else None,
        per_second=texts / max(one.wall for one in results),
        per_core=texts / sum(one.core for one in results),
        load=max(one.load for one in results),
        memory=max(one.memory for one in results),
        p50=cut[49],
        p99=cut[98],
    )


def _run_process(
    line: Connection, load: Load, threads: int, core: int | None, before: Sequence[str], texts: Sequence[str]
) -> None:
    import psutil

    if core is not None:
        os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[core]})
    begun = perf_counter()
    score = load(threads)
    loaded = perf_counter() - begun
    line.send("ready")
    line.recv()
    before_wall, _ = _seconds(score, before)
    wall, used = _seconds(score, texts)
    alone = tuple(_milliseconds(score, f"{text}{number}") for number, text in enumerate(texts[:ALONE]))
    memory = psutil.Process().memory_info().rss / 1e6
    line.send(_ProcessResult(loaded, len(before), before_wall, len(texts), wall, used, memory, alone))


def _seconds(score: ScoreTexts, texts: Sequence[str]) -> tuple[float, float]:
    """Measure in batches what all of them take, by the clock and of the processor."""
    wall, used = perf_counter(), process_time()
    for start in range(0, len(texts), BATCH):
        score(texts[start : start + BATCH])
    return perf_counter() - wall, process_time() - used


def _milliseconds(score: ScoreTexts, text: str) -> float:
    begun = perf_counter()
    score([text])
    return (perf_counter() - begun) * 1000
