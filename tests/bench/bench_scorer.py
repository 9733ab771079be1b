"""How fast texts are scored, in one run on one sample: `python -m tests.bench.bench_scorer FILE...`.

Beside ours: the transformers pipeline as its manual shows it, with the same weights, and SnowNLP. Each contender is a
process of its own. Files are JSONL with a `text` field; without any, texts are made up.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from shutil import copyfile
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

import click
import psutil
from rich.console import Console

from tests.bench.bench_index import text_of
from tests.bench.sheets import PER_CORE, PER_SECOND, TIMES, Aim, Cell, Sheet, show

SAMPLE = 2000  # posts
BATCH = 256  # as the stage takes them from the log
ALONE = 100  # texts scored one by one, for the latency
SLOW = 200  # posts for contenders that take a second for a hundred
LOAD, MEMORY, P50, P99 = "load s", "MB", "p50 ms", "p99 ms"
MODEL = Path("nlp/model")

Score = Callable[[Sequence[str]], object]


# --- contenders: what loads each, in its own process ------------------------------------------------------------


def ours(folder: str, threads: int) -> Score:
    """The scorer of configs/nlp.yml, cache and all; a sample holds few copies."""
    from nlp.scorers.openvino import OpenVinoScorer

    return OpenVinoScorer(Path(folder), threads=threads).score


def naive(folder: str, threads: int) -> Score:
    """transformers' pipeline, one text at a time, as its manual begins."""
    import torch
    from transformers import AutoTokenizer, BertForSequenceClassification, pipeline

    if threads:
        torch.set_num_threads(threads)
    model = BertForSequenceClassification.from_pretrained(folder)
    most = model.config.max_position_embeddings
    pipe: Any = pipeline("text-classification", model=model, tokenizer=AutoTokenizer.from_pretrained(folder))
    return lambda texts: pipe(list(texts), truncation=True, max_length=most)


def snownlp(_folder: str, _threads: int) -> Score:
    """SnowNLP's `sentiments`."""
    from snownlp import SnowNLP

    return lambda texts: [SnowNLP(text).sentiments for text in texts]


@dataclass(frozen=True, slots=True)
class Contender:
    """`load` in `processes` processes, each on a core of its own where there are several, with so many threads each."""

    name: str
    load: Callable[[str, int], Score]
    folder: Path = MODEL
    processes: int = 1
    threads: int = 0
    posts: int = SAMPLE


@dataclass(frozen=True, slots=True)
class Told:
    """What one process measured."""

    load: float
    texts: int
    wall: float
    core: float
    memory: float
    alone: tuple[float, ...]


def measure(one: Contender, texts: Sequence[str]) -> dict[str, Cell]:
    """A row: all processes start at once; the last to end tells the rate."""
    given, parts = texts[: one.posts], one.processes
    spawn = get_context("spawn")
    with ExitStack() as stack:
        lines: list[Connection] = []
        for number in range(parts):
            line, theirs = spawn.Pipe()
            core = number if parts > 1 else None
            args = (theirs, one.load, str(one.folder), one.threads, core, given[number::parts])
            process = spawn.Process(target=_contend, args=args, daemon=True)
            process.start()
            theirs.close()
            stack.callback(process.join)
            lines.append(line)
        for line in lines:
            line.recv()
        for line in lines:
            line.send("go")
        return _row([line.recv() for line in lines])


def _row(told: Sequence[Told]) -> dict[str, Cell]:
    texts, alone = sum(one.texts for one in told), [ms for one in told for ms in one.alone]
    cut = quantiles(alone, n=100)
    return {
        PER_SECOND: texts / max(one.wall for one in told),
        PER_CORE: texts / sum(one.core for one in told),
        LOAD: max(one.load for one in told),
        MEMORY: max(one.memory for one in told),
        P50: cut[49],
        P99: cut[98],
    }


def _contend(
    line: Connection,
    load: Callable[[str, int], Score],
    folder: str,
    threads: int,
    core: int | None,
    texts: Sequence[str],
) -> None:
    if core is not None:
        os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[core]})
    begun = perf_counter()
    score = load(folder, threads)
    loaded = perf_counter() - begun
    score([f"热身{text}" for text in texts[:32]])  # prepares new shapes, and remembers no text of the sample
    line.send("ready")
    line.recv()
    wall, used = perf_counter(), process_time()
    for start in range(0, len(texts), BATCH):
        score(texts[start : start + BATCH])
    wall, used = perf_counter() - wall, process_time() - used
    alone = tuple(_milliseconds(score, f"{text}{number}") for number, text in enumerate(texts[:ALONE]))
    line.send(Told(loaded, len(texts), wall, used, psutil.Process().memory_info().rss / 1e6, alone))


def _milliseconds(score: Score, text: str) -> float:
    begun = perf_counter()
    score([text])
    return (perf_counter() - begun) * 1000


# --- a model of another size, with weights of chance ------------------------------------------------------------


def base_sized(folder: Path, like: Path = MODEL) -> None:
    """A folder with 12 layers of 768, weights of chance and the tokenizer of `like`: speed knows no accuracy."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    from nlp.training.export import rebuild_graph

    shipped = json.loads((like / "manifest.json").read_text("utf-8"))
    small = json.loads((like / "config.json").read_text("utf-8"))
    torch.manual_seed(1)
    config = BertConfig(vocab_size=small["vocab_size"], max_position_embeddings=512)
    config.num_labels = len(shipped["labels"])
    BertForSequenceClassification(config).save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        copyfile(like / name, folder / name)
    rebuild_graph(folder)
    keys = ("labels", "temperature", "threshold")
    manifest = {key: shipped[key] for key in keys} | {"name": "base", "version": "0", "positions": 512}
    (folder / "manifest.json").write_text(json.dumps(manifest | {"files": {}, "canaries": []}), "utf-8")


# --- tables -------------------------------------------------------------------------------------------------------


def sample(files: Sequence[Path]) -> list[str]:
    """The first SAMPLE posts of the files, or made-up ones."""
    rows = (json.loads(line) for file in files for line in file.read_text("utf-8").splitlines())
    real = [row["text"] for row in rows if row.get("text")][:SAMPLE]
    dice = Random(1)
    return real or [text_of(dice) for _ in range(SAMPLE)]


def shipped(texts: Sequence[str]) -> Sheet:
    """The shipped model."""
    length = sum(map(len, texts)) / len(texts)
    sheet = Sheet("scorer", f"scoring {len(texts)} posts of {length:.0f} characters on average")
    cores = os.cpu_count() or 1
    for one in (
        Contender("transformers pipeline, same weights", naive, posts=SLOW),
        Contender("the same, a process per core", naive, processes=cores, threads=1, posts=2 * SLOW),
        Contender(f"SnowNLP {version('snownlp')}", snownlp, posts=SLOW),
        Contender("the same, a process per core", snownlp, processes=cores, posts=2 * SLOW),
        Contender("ours, one process", ours),
        Contender("ours, one process of one thread", ours, threads=1),
        Contender("ours, a process per core", ours, processes=cores, threads=1),
    ):
        base = next(iter(reversed(sheet.rows)), "").partition(",")[0]
        sheet.rows[one.name.replace("the same", base)] = measure(one, texts)
    sheet.compare("transformers pipeline, same weights", PER_SECOND)
    best = sheet.rows["ours, a process per core"]
    _aim(sheet, f"scoring, {cores} cores", 1200, float(best[PER_SECOND]), "posts/s")
    fastest = max(float(row[PER_SECOND]) for name, row in sheet.rows.items() if name.startswith("transformers"))
    _aim(sheet, "beside the quicker pipeline", 5, float(best[PER_SECOND]) / fastest, "times")
    rival = max(float(row[PER_SECOND]) for name, row in sheet.rows.items() if name.startswith("SnowNLP"))
    _aim(sheet, "beside SnowNLP on as many cores", 6, float(best[PER_SECOND]) / rival, "times")
    _aim(sheet, "loading the model", 1.5, float(best[LOAD]), "s", at_most=True)
    _aim(sheet, "memory of a scoring process", 400, float(best[MEMORY]), "MB", at_most=True)
    return sheet


def large(texts: Sequence[str]) -> Sheet:
    """A base-sized model."""
    sheet = Sheet("scorer_base", "scoring with 12 layers of 768, weights of chance")
    cores = os.cpu_count() or 1
    with TemporaryDirectory() as folder:
        base_sized(Path(folder))
        few = texts[: 2 * SLOW]
        pipe = Contender("transformers pipeline", naive, Path(folder), posts=SLOW // 4)
        sheet.rows[pipe.name] = measure(pipe, few)
        mine = Contender("ours, a process per core", ours, Path(folder), processes=cores, threads=1)
        sheet.rows[mine.name] = measure(mine, few)
    sheet.compare("transformers pipeline", PER_SECOND)
    row = sheet.rows["ours, a process per core"]
    _aim(sheet, f"scoring with a base-sized model, {cores} cores", 100, float(row[PER_SECOND]), "posts/s")
    _aim(sheet, "base-sized beside the pipeline", 10, float(row[TIMES]), "times")
    return sheet


def _aim(sheet: Sheet, what: str, wanted: float, reached: float, unit: str, *, at_most: bool = False) -> None:
    sheet.aims.append(Aim(what, wanted, reached, unit, at_most))


def sheets(files: Sequence[Path]) -> Iterator[Sheet]:
    """All tables of the scorer."""
    texts = sample(files)
    yield shipped(texts)
    yield large(texts)


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True))
def main(files: tuple[Path, ...]) -> None:
    """Measure the scorers on the posts of FILES."""
    for sheet in sheets(files):
        show(sheet, Console())


if __name__ == "__main__":
    main()
