"""How a model is made and measured: the commands of `python -m nlp` that training has."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.table import Column, Table

from nlp.config import Engine, read_nlp
from nlp.engines import Openers
from nlp.inference.manifest import FILE as MANIFEST
from nlp.inference.manifest import UnusableModel, read_manifest
from nlp.training.commands import (
    NoSample,
    TooMuchLost,
    TrainingUnavailable,
    run_agreement,
    run_bench,
    run_distill,
    run_evaluate,
    run_export,
    run_pretrain,
    run_quantize,
    run_rebuild,
    run_train,
)
from nlp.training.measure.speed import Speed
from nlp.training.settings import Settings
from stream.cli.options import configs_option, explaining_errors
from stream.process.configuration import Configuration

_data = click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
_out = click.argument("out", type=click.Path(path_type=Path))


@click.command()
@configs_option
@_data
@_out
def pretrain(configs: Path, data: Path, out: Path) -> None:
    """Learn a vocabulary and an encoder from unlabelled posts."""
    with _training(configs) as settings:
        run_pretrain(settings, data, out)


@click.command()
@configs_option
@_data
@_out
@click.option(
    "--by",
    "models",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    help="Model folder to judge what has no emotion of its own; of several, the mean. Without it, the n-grams do.",
)
@click.pass_obj
def distill(openers: Openers, configs: Path, data: Path, out: Path, models: tuple[Path, ...]) -> None:
    """Let a teacher label the training rows and posts softly.

    OUT is the folder that train takes as --teacher.
    """
    with _training(configs) as settings:
        run_distill(settings, data, out, [openers.folder(folder) for folder in models])


@click.command()
@configs_option
@_data
@click.argument("pretrained", type=click.Path(exists=True, file_okay=False, path_type=Path))
@_out
@click.option("--teacher", type=click.Path(exists=True, path_type=Path), help="Soft labels that distill wrote.")
@click.option(
    "--feedback",
    "reviewed",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Labels by people, as `feedback export` wrote them; without it none are learnt from.",
)
def train(
    configs: Path, data: Path, pretrained: Path, out: Path, *, teacher: Path | None, reviewed: Path | None
) -> None:
    """Fine-tune what pretrain left, on labelled posts."""
    with _training(configs) as settings:
        run_train(settings, data, pretrained, out, teacher=teacher, feedback=reviewed)


@click.command()
@configs_option
@_data
@click.argument("tuned", type=click.Path(exists=True, file_okay=False, path_type=Path))
@_out
@click.option("--version", required=True, help="The version that every score names.")
@click.pass_obj
def export(openers: Openers, configs: Path, data: Path, tuned: Path, out: Path, version: str) -> None:
    """Make what train left into a calibrated model folder."""
    with _training(configs) as settings:
        wrong = run_export(settings, data, tuned, out, version=version, scorer=openers.folder)
    click.echo("\n".join(f"labelled otherwise than a person would: {text}" for text in wrong) or f"{out} is ready")


@click.command()
@configs_option
@_data
@click.option("--markdown", is_flag=True, help="Print the tables as Markdown.")
@click.option(
    "--into",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="Document to renew the figures in, between its marks: README.md, nlp/model/README.md.",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="JSON file to leave the figures in.")
@click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var/evaluate"),
    help="Where the other judges' answers are kept for the next time.",
)
@click.pass_obj
def evaluate(
    openers: Openers, configs: Path, data: Path, markdown: bool, into: tuple[Path, ...], out: Path | None, cache: Path
) -> None:
    """Measure the model of nlp.yml on the dev sets, beside others."""
    with _training(configs) as settings:
        config = read_nlp(configs)
        scorer, own = openers.scorer(config), (config.model / MANIFEST).exists()
        temperature = read_manifest(config.model).temperature if own else None
        found = run_evaluate(settings, data, scorer, temperature=temperature, cache=cache)
    if out is not None:
        out.write_text(json.dumps(found.figures, indent=2) + "\n", "utf-8")
    for document in into:
        document.write_text(found.pasted(document.read_text("utf-8")), "utf-8")
    if markdown:
        click.echo(found.markdown)
    else:
        Console(width=None if sys.stdout.isatty() else 250).print(found.shown)


@click.command()
@configs_option
@_data
@click.argument("out", type=click.Path(exists=False, path_type=Path))
@click.option("--most-lost", default=0.005, show_default=True, help="How far a dev set's macro-F1 may fall.")
@click.pass_obj
def quantize(openers: Openers, configs: Path, data: Path, out: Path, most_lost: float) -> None:
    """Write the model in int8, unless dev shows a loss."""
    with _training(configs):
        folder = read_nlp(configs).model
        found = run_quantize(folder, data, out, most_lost=most_lost, scorer=openers.folder)
    for name, (before, after) in found.items():
        click.echo(f"{name}: six-class macro-F1 {before:.4f} before, {after:.4f} after")


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def rebuild(folder: Path) -> None:
    """Make a model folder's CPU graph anew from its safetensors.

    With weights of the type that its manifest names; the manifest's hashes follow.
    """
    with _refusals():
        same = run_rebuild(folder)
    click.echo(f"{folder}: the graph is the same as before" if same else f"{folder}: another graph than before")


@click.command()
@configs_option
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def bench(openers: Openers, configs: Path, files: tuple[Path, ...]) -> None:
    """Measure how fast the model scores, beside others.

    FILES are JSONL with a `text` field; the model is that of nlp.yml.
    """
    with _training(configs):
        config = read_nlp(configs)
        scorer = openers.scorer(config)
        found = run_bench(partial(openers.threaded, config), config.model, files)
        beside = openers.exact(config.model) if config.scorer is Engine.OPENVINO else None
        agreed = run_agreement(scorer, beside, files) if beside else None
    Console(width=None if sys.stdout.isatty() else 120).print(_speed_table(found))
    if agreed is not None:
        click.echo(f"beside torch: {agreed}")


@contextmanager
def _training(configs: Path) -> Iterator[Settings]:
    """The settings of training.yml, once they are sound."""
    with explaining_errors(), _refusals():
        yield Configuration(configs).add("training.yml", Settings)()


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (NoSample, TooMuchLost, TrainingUnavailable, UnusableModel) as error:
        raise click.ClickException(str(error)) from error


def _speed_table(found: Mapping[str, Speed]) -> Table:
    numbers = ("posts/s", "times", "posts/core s", "load s", "MB", "p50 ms", "p99 ms")
    table = Table("", *(Column(name, justify="right") for name in numbers))
    least = next(iter(found.values())).per_second
    for name, one in found.items():
        rates = (one.per_second, one.per_second / least, one.per_core, one.load, one.memory, one.p50, one.p99)
        table.add_row(name, *(f"{number:,.{0 if number >= 100 else 1}f}" for number in rates))
    return table


COMMANDS = (pretrain, distill, train, export, evaluate, quantize, rebuild, bench)
