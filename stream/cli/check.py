"""`python -m stream check-config`: what is wrong with the files that all stages share."""

from pathlib import Path

import click

from stream.cli.options import configs_option, explaining_errors
from stream.config import StreamConfig
from stream.process.configuration import Configuration
from stream.topics import TopicsConfig


@click.command("check-config")
@configs_option
def check_config(configs: Path) -> None:
    """Read stream.yml and topics.yml and list every mistake."""
    with explaining_errors():
        configuration = Configuration(configs)
        configuration.add("stream.yml", StreamConfig)
        configuration.add("topics.yml", TopicsConfig)
        configuration.check()
    click.echo(f"{configs}/stream.yml, {configs}/topics.yml: no mistakes")
