"""What the commands of training and measuring share: their arguments, the settings, and refusals as sentences."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from nlp.inference.manifest import UnusableModel
from nlp.training.errors import TrainingError
from nlp.training.settings import Settings
from stream.cli.options import explaining_errors
from stream.process.configuration import Configuration

RECIPE = "training"  # of the model that ships

data_argument = click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
out_argument = click.argument("out", type=click.Path(path_type=Path))


recipe_option = click.option(
    "--recipe", default=RECIPE, show_default=True, help="Which file of the configuration says how a model is made."
)


@contextmanager
def training_settings(configs: Path, recipe: str = RECIPE) -> Iterator[Settings]:
    """Give the settings of a recipe's file, once they are sound, and turn refusals into sentences."""
    with explaining_errors(), refusals():
        yield Configuration(configs).add(f"{recipe}.yml", Settings)()


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what training refuses into a sentence and exit code 1."""
    try:
        yield
    except (TrainingError, UnusableModel) as error:
        raise click.ClickException(str(error)) from error
