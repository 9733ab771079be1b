"""`python -m nlp check-config`."""

from pathlib import Path

import click

from nlp.config import NlpConfig
from nlp.inference.manifest import FILE
from nlp.training.settings import Settings
from stream.cli.options import configs_option, explaining_errors
from stream.process.configuration import Configuration
from stream.topics import TopicsConfig

READ = {"training.yml": Settings}


@click.command("check-config")
@configs_option
def check_config(configs: Path) -> None:
    """List every mistake in nlp.yml, topics.yml and training.yml.

    And in other recipes beside it: training-NAME.yml.
    """
    read = READ | {path.name: Settings for path in sorted(configs.glob("training-*.yml"))}
    with explaining_errors():
        configuration = Configuration(configs)
        nlp = configuration.add("nlp.yml", NlpConfig)
        topics = configuration.add("topics.yml", TopicsConfig)
        for name, kind in read.items():
            configuration.add(name, kind)
        configuration.check()
    click.echo(f"{', '.join(f'{configs}/{name}' for name in ['nlp.yml', 'topics.yml', *read])}: no mistakes")
    for place, doubt in topics().doubts():
        click.echo(f"warning: {configs}/topics.yml: {place}: {doubt}", err=True)
    folder = nlp().model
    if not (folder / FILE).is_file():  # it may be mounted where the stages run and not here
        click.echo(f"{configs}/nlp.yml: model: there is no {FILE} in {folder} here; a stage would not start", err=True)
