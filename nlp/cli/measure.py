"""`python -m nlp evaluate` and `bench`: how good the model is, and how fast."""

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.table import Column, Table

from nlp.cli.options import data_argument, training_settings
from nlp.config import Closely, Engine, NlpConfig, read_nlp
from nlp.engines import open_folder, open_reference, open_scorer
from nlp.inference.manifest import FILE as MANIFEST
from nlp.inference.manifest import larger_of, read_manifest
from nlp.training.commands import run_agreement, run_bench, run_evaluate
from nlp.training.measure.speed import Load, ScoreTexts, Speed
from stream.cli.options import configs_option

ONE_IN = 10  # posts of a stream meets a topic


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

    FILES are JSONL with a `text` field; the model is that of nlp.yml. Where it has a larger one beside it, one post in
    ten is read closely, as if it met a topic. The first 2,000 posts are measured, after 2,000 others: what those took
    is told apart, for a new process is slower.
    """
    with training_settings(configs):
        config = read_nlp(configs)
        open_scorer(config)  # what cannot be used is told before processes are started
        found = run_bench(partial(with_threads, config), config.model, files, variants(config))
        agreed = None
        if config.scorer is Engine.OPENVINO:
            agreed = run_agreement(open_folder(config.model), open_reference(config.model), files)
    Console(width=None if sys.stdout.isatty() else 120).print(_speed_table(found))
    if agreed is not None:
        click.echo(f"beside torch: {agreed}")


def with_threads(config: NlpConfig, threads: int) -> ScoreTexts:
    """Open the model in another process; a function of the module, since it travels there."""
    scorer = open_scorer(config, threads=threads)
    return lambda texts: scorer.score(texts, [number % ONE_IN == 0 for number in range(len(texts))])


def variants(config: NlpConfig) -> dict[str, Load]:
    """List the model's parts alone, where there are two."""
    if config.larger is not Closely.TOPICS or config.checkpoint or larger_of(config.model) is None:
        return {}
    alone = {"the fast one alone": Closely.NONE, "all read closely": Closely.ALL}
    return {name: partial(with_threads, replace(config, larger=which, unsure=0.0)) for name, which in alone.items()}


def _temperature(config: NlpConfig) -> float | None:
    """Read what the model of ours that reads closely divides its logits by; None for a checkpoint that is not ours."""
    if not (config.model / MANIFEST).exists():
        return None
    larger = None if config.larger is Closely.NONE else larger_of(config.model)
    return (larger or read_manifest(config.model)).temperature


def _speed_table(found: Mapping[str, Speed]) -> Table:
    numbers = ("at first/s", "posts/s", "times", "posts/core s", "load s", "MB", "p50 ms", "p99 ms")
    table = Table("", *(Column(name, justify="right") for name in numbers))
    least = next(iter(found.values())).per_second
    for name, one in found.items():
        speeds = (one.at_first, one.per_second, one.per_second / least, one.per_core)
        rates = (*speeds, one.load, one.memory, one.p50, one.p99)
        table.add_row(name, *("" if rate is None else f"{rate:,.{0 if rate >= 100 else 1}f}" for rate in rates))
    return table
