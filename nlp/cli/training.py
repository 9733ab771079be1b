"""How a model is made: the commands of `python -m nlp` from raw text to a model folder."""

from pathlib import Path

import click

from nlp.cli.options import data_argument, out_argument, recipe_option, refusals, training_settings
from nlp.config import read_nlp
from nlp.engines import open_folder
from nlp.training.commands import (
    run_distill,
    run_export,
    run_fetch,
    run_join,
    run_pretrain,
    run_quantize,
    run_rebuild,
    run_train,
)
from stream.cli.options import configs_option, explaining_errors


@click.command()
@out_argument
def fetch(out: Path) -> None:
    """Fetch a pretrained Chinese encoder.

    It is bge-small-zh-v1.5 by BAAI (MIT). OUT is the folder that pretrain takes as --start, or train as PRETRAINED.
    Maven brings it, pinned; what is made of it is held against its maker's graph.
    """
    with explaining_errors(), refusals():
        away = run_fetch(out)
    click.echo(f"{out} is ready: the last hidden state is at most {away:.1e} from the maker's")


@click.command()
@configs_option
@recipe_option
@data_argument
@out_argument
@click.option("--start", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder that fetch left.")
def pretrain(configs: Path, recipe: str, data: Path, out: Path, start: Path | None) -> None:
    """Learn an encoder from unlabelled posts.

    With --start it goes on from one that knows the language, and keeps its vocabulary.
    """
    with training_settings(configs, recipe) as settings:
        run_pretrain(settings, data, out, start)


@click.command()
@configs_option
@recipe_option
@data_argument
@out_argument
@click.option(
    "--by",
    "models",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    help="Model folder to label what has no emotion of its own; of several, the mean. Without it, the n-grams do.",
)
def distill(configs: Path, recipe: str, data: Path, out: Path, models: tuple[Path, ...]) -> None:
    """Let a teacher label the training rows and posts softly.

    OUT is the folder that train takes as --teacher.
    """
    with training_settings(configs, recipe) as settings:
        run_distill(settings, data, out, [open_folder(folder) for folder in models])


@click.command()
@configs_option
@recipe_option
@data_argument
@click.argument("pretrained", type=click.Path(exists=True, file_okay=False, path_type=Path))
@out_argument
@click.option("--teacher", type=click.Path(exists=True, path_type=Path), help="Soft labels that distill wrote.")
@click.option(
    "--feedback",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Labels by people, as `feedback export` wrote them; without it none are learnt from.",
)
@click.option(
    "--again", is_flag=True, help="Run only the stage `again`: a model folder learns sentences written since."
)
def train(
    configs: Path, recipe: str, data: Path, pretrained: Path, out: Path,
    *, teacher: Path | None, feedback: Path | None, again: bool,
) -> None:  # fmt: skip
    """Fine-tune an encoder on labelled posts.

    PRETRAINED is what pretrain or fetch left, or a model folder.
    """
    with training_settings(configs, recipe) as settings:
        run_train(settings, data, pretrained, out, teacher=teacher, feedback=feedback, again=again)


@click.command()
@configs_option
@recipe_option
@data_argument
@click.argument("tuned", type=click.Path(exists=True, file_okay=False, path_type=Path))
@out_argument
@click.option("--name", default="wenfeng-mini", show_default=True, help="The name that every score says.")
@click.option("--version", required=True, help="The version that every score says.")
def export(configs: Path, recipe: str, data: Path, tuned: Path, out: Path, *, name: str, version: str) -> None:
    """Make what train left into a calibrated model folder."""
    with training_settings(configs, recipe) as settings:
        wrong = run_export(settings, data, tuned, out, name=name, version=version, scorer=open_folder)
    click.echo("\n".join(f"labelled otherwise than a person would: {text}" for text in wrong) or f"{out} is ready")


@click.command()
@configs_option
@data_argument
@click.argument("out", type=click.Path(exists=False, path_type=Path))
@click.option("--most-lost", default=0.005, show_default=True, help="How far a dev set's macro-F1 may fall.")
@click.option(
    "--model",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Model folder to round, instead of that of nlp.yml.",
)
def quantize(configs: Path, data: Path, out: Path, most_lost: float, model: Path | None) -> None:
    """Write the model in int8, unless dev shows a loss."""
    with training_settings(configs):
        folder = model or read_nlp(configs).model
        found = run_quantize(folder, data, out, most_lost=most_lost, scorer=open_folder)
    for name, (before, after) in found.items():
        click.echo(f"{name}: six-class macro-F1 {before:.4f} before, {after:.4f} after")


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def rebuild(folder: Path) -> None:
    """Make a model folder's CPU graph anew from its safetensors.

    Without any, from the weights in its graph; that of a larger model inside it too. With weights of the type that its
    manifest names; the manifest's hashes follow.
    """
    with refusals():
        same = run_rebuild(folder)
    click.echo(f"{folder}: the graph is the same as before" if same else f"{folder}: another graph than before")


@click.command()
@configs_option
@data_argument
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("larger", type=click.Path(exists=True, file_okay=False, path_type=Path))
def join(configs: Path, data: Path, folder: Path, larger: Path) -> None:
    """Put a larger model into a model folder, to read what matters.

    That is what meets a topic (configs/nlp.yml: larger). Its graph is copied, not its safetensors; how the answers of
    both are joined is fitted on the dev sets.
    """
    with training_settings(configs) as settings:
        how = run_join(settings, data, folder, larger, scorer=open_folder)
    click.echo(f"{folder} holds {larger}: its word counts {how.share:.0%} where the other is less sure than {how.sure}")
