"""`python -m nlp evaluate` and `bench`: how good the model is, and how fast."""

import json
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.table import Column, Table

from nlp.cli.options import data_argument, training_settings
from nlp.config import Engine, NlpConfig, read_nlp
from nlp.engines import open_folder, open_reference, open_scorer
from nlp.inference.manifest import FILE as MANIFEST
from nlp.inference.manifest import read_manifest
from nlp.scorer import Scorer
from nlp.training.commands import run_agreement, run_bench, run_evaluate
from nlp.training.measure.speed import Speed
from stream.cli.options import configs_option


@click.command()
@configs_option
@data_argument
@click.option("--markdown", is_flag=True, help="Print the tables as Markdown.")
@click.option(
    "--into",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="Document to renew the figures in, between its marks: nlp/model/README.md.",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="JSON file to leave the figures in.")
@click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var/evaluate"),
    help="Where the baselines' predictions are kept for the next time.",
)
@click.option(
    "--beside",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    help="Model folder to measure in the same run.",
)
def evaluate(
    configs: Path, data: Path, *, markdown: bool, into: tuple[Path, ...], out: Path | None, cache: Path,
    beside: tuple[Path, ...],
) -> None:  # fmt: skip
    """Measure the model of nlp.yml on the dev sets, beside others."""
    with training_settings(configs) as settings:
        config = read_nlp(configs)
        models = [(open_scorer(config), _temperature(config))]
        models += [(open_folder(folder), read_manifest(folder).temperature) for folder in beside]
        found = run_evaluate(settings, data, models, cache=cache)
    if out is not None:
        out.write_text(json.dumps(found.figures, indent=2) + "\n", "utf-8")
    for document in into:
        document.write_text(found.renewed(document.read_text("utf-8")), "utf-8")
    if markdown:
        click.echo(found.markdown)
    else:
        Console(width=None if sys.stdout.isatty() else 250).print(found.shown)


@click.command()
@configs_option
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def bench(configs: Path, files: tuple[Path, ...]) -> None:
    """Measure how fast the model scores, beside others.

    FILES are JSONL with a `text` field; the model is that of nlp.yml.
    """
    with training_settings(configs):
        config = read_nlp(configs)
        scorer = open_scorer(config)
        found = run_bench(partial(_with_threads, config), config.model, files)
        beside = open_reference(config.model) if config.scorer is Engine.OPENVINO else None
        agreed = run_agreement(scorer, beside, files) if beside else None
    Console(width=None if sys.stdout.isatty() else 120).print(_speed_table(found))
    if agreed is not None:
        click.echo(f"beside torch: {agreed}")


def _temperature(config: NlpConfig) -> float | None:
    """Read what a model of ours divides its logits by; None for a checkpoint that is not ours."""
    own = (config.model / MANIFEST).exists()
    return read_manifest(config.model).temperature if own else None


def _with_threads(config: NlpConfig, threads: int) -> Callable[..., object]:
    """Open the model in another process; a function of the module, since it travels there."""
    scorer: Scorer = open_scorer(config, threads=threads)
    return scorer.score


def _speed_table(found: Mapping[str, Speed]) -> Table:
    numbers = ("posts/s", "times", "posts/core s", "load s", "MB", "p50 ms", "p99 ms")
    table = Table("", *(Column(name, justify="right") for name in numbers))
    least = next(iter(found.values())).per_second
    for name, one in found.items():
        rates = (one.per_second, one.per_second / least, one.per_core, one.load, one.memory, one.p50, one.p99)
        table.add_row(name, *(f"{number:,.{0 if number >= 100 else 1}f}" for number in rates))
    return table
