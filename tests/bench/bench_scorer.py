"""How fast texts are scored, in one run on one sample, beside what was aimed at: the shipped model and a large one."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from shutil import copyfile
from tempfile import TemporaryDirectory

from nlp.cli.measure import variants, with_threads
from nlp.config import NlpConfig
from nlp.inference.manifest import WeightType
from nlp.training.measure.speed import (
    SAMPLE,
    SLOW,
    Contender,
    ScoreTexts,
    Speed,
    contenders,
    measure_all,
    pipeline_load,
    sample,
)
from tests.bench.bench_index import text_of
from tests.bench.sheets import PER_CORE, PER_SECOND, TIMES, Aim, Cell, Sheet

MODEL = Path("nlp/model")
SHIPPED = NlpConfig(model=MODEL)
PIPELINE, PER_CORE_PROCESS = "transformers pipeline", "ours, a process per core"
EIGHT_BITS = "ours in int8, a process per core"


def ours(folder: Path, threads: int) -> ScoreTexts:
    """One model by itself, cache and all; a sample holds few copies."""
    from nlp.scorers.openvino import OpenVinoScorer

    return OpenVinoScorer(folder, threads=threads).score


def base_sized(folder: Path, like: Path = MODEL) -> None:
    """A folder with 12 layers of 768, weights of chance and the tokenizer of `like`: speed knows no accuracy."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    from nlp.training.ship.graph import write_graph

    shipped = json.loads((like / "manifest.json").read_text("utf-8"))
    small = json.loads((like / "config.json").read_text("utf-8"))
    torch.manual_seed(1)
    config = BertConfig(vocab_size=small["vocab_size"], max_position_embeddings=512)
    config.num_labels = len(shipped["labels"])
    BertForSequenceClassification(config).save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        copyfile(like / name, folder / name)
    write_graph(folder, WeightType.FLOAT16)
    keys = ("labels", "temperature", "threshold")
    manifest = {key: shipped[key] for key in keys} | {"name": "base", "version": "0", "positions": 512}
    (folder / "manifest.json").write_text(json.dumps(manifest | {"files": {}, "canaries": []}), "utf-8")


def _in_eight_bits(folder: Path, out: Path) -> Path:
    """The model as `python -m nlp quantize` rounds it, which here could not be held against any truth."""
    from nlp.training.ship.graph import write_graph

    out.mkdir()
    for name in ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "manifest.json"):
        copyfile(folder / name, out / name)
    write_graph(out, WeightType.INT8)
    return out


def shipped(texts: Sequence[str]) -> Sheet:
    """The shipped model, one post in ten read closely, and its two parts alone."""
    length, cores = sum(map(len, texts)) / len(texts), os.cpu_count() or 1
    sheet = Sheet("scorer", f"scoring {len(texts)} posts of {length:.0f} characters on average")
    found = measure_all(contenders(partial(with_threads, SHIPPED), MODEL, cores, variants(SHIPPED)), texts)
    sheet.rows = {name: _cells(speed) for name, speed in found.items()}
    sheet.compare(next(iter(sheet.rows)), PER_SECOND)
    best = sheet.rows[PER_CORE_PROCESS]
    _aim(sheet, f"scoring, {cores} cores", 1200, float(best[PER_SECOND]), "posts/s")
    _aim(sheet, "beside the quicker pipeline", 5, float(best[PER_SECOND]) / _fastest(sheet, PIPELINE), "times")
    _aim(sheet, "beside SnowNLP on as many cores", 6, float(best[PER_SECOND]) / _fastest(sheet, "SnowNLP"), "times")
    _aim(sheet, "loading the model", 1.5, float(best["load s"]), "s", at_most=True)
    _aim(sheet, "memory of a scoring process", 400, float(best["MB"]), "MB", at_most=True)
    return sheet


def large(texts: Sequence[str]) -> Sheet:
    """A base-sized model."""
    sheet = Sheet("scorer_base", "scoring with 12 layers of 768, weights of chance")
    cores = os.cpu_count() or 1
    with TemporaryDirectory() as name:
        folder = Path(name)
        base_sized(folder)
        small = _in_eight_bits(folder, folder / "int8")
        pipe = Contender(PIPELINE, partial(pipeline_load, folder), posts=SLOW // 4)
        mine = Contender(PER_CORE_PROCESS, partial(ours, folder), cores, threads=1, posts=2 * SLOW)
        field = [pipe, mine, replace(mine, name=EIGHT_BITS, load=partial(ours, small))]
        sheet.rows = {name: _cells(speed) for name, speed in measure_all(field, texts).items()}
    sheet.compare(PIPELINE, PER_SECOND)
    row = sheet.rows[EIGHT_BITS]
    _aim(sheet, f"scoring with a base-sized model, {cores} cores", 100, float(row[PER_SECOND]), "posts/s")
    _aim(sheet, "base-sized beside the pipeline", 10, float(row[TIMES]), "times")
    return sheet


def sheets(files: Sequence[Path]) -> Iterator[Sheet]:
    """All tables of the scorer; without files, of texts that are made up."""
    dice = Random(1)
    texts = sample(files) or [text_of(dice) for _ in range(SAMPLE)]
    yield shipped(texts)
    yield large(texts)


def _cells(speed: Speed) -> dict[str, Cell]:
    return {
        PER_SECOND: speed.per_second,
        PER_CORE: speed.per_core,
        "load s": speed.load,
        "MB": speed.memory,
        "p50 ms": speed.p50,
        "p99 ms": speed.p99,
    }


def _fastest(sheet: Sheet, name: str) -> float:
    return max(float(row[PER_SECOND]) for key, row in sheet.rows.items() if key.startswith(name))


def _aim(sheet: Sheet, what: str, wanted: float, reached: float, unit: str, *, at_most: bool = False) -> None:
    sheet.aims.append(Aim(what, wanted, reached, unit, at_most))
