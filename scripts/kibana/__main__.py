"""`python -m scripts.kibana`: write the dashboards as a file, or hand them to a Kibana server (`make kibana`)."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from os import environ
from pathlib import Path

import click

from alerts.config import AlertsConfig
from scripts.kibana.boards import everything
from scripts.kibana.description import Description
from scripts.kibana.mappings import countable
from scripts.kibana.objects import ndjson
from scripts.kibana.sending import Login, NotTaken, send
from scripts.kibana.vocabulary import Installation
from stream.cli.options import configs_option, explaining_errors
from stream.config import StreamConfig
from stream.process.configuration import Configuration
from stream.topics import TopicsConfig

FILE = "wenfeng.ndjson"


def made(configs: Path) -> str:
    """The file to import for the installation that a folder of configuration describes."""
    configuration = Configuration(configs)
    stream = configuration.add("stream.yml", StreamConfig)
    topics = configuration.add("topics.yml", TopicsConfig)
    alerts = configuration.add("alerts.yml", AlertsConfig)
    description = configuration.add("kibana/dashboards.yml", Description)
    configuration.check()
    installation = Installation(stream().index_name, topics(), alerts())
    return ndjson(everything(description(), installation, countable()))


@click.group()
def main() -> None:
    """Kibana's data views, searches and dashboards."""


@main.command()
@configs_option
def write(configs: Path) -> None:
    """Write configs/kibana/wenfeng.ndjson anew, for whoever imports it by hand."""
    with explaining_errors():
        (configs / "kibana" / FILE).write_text(made(configs), "utf-8")


@main.command("import")
@configs_option
@click.argument("address")
def import_command(configs: Path, address: str) -> None:
    """Import everything into the Kibana at ADDRESS (http://host:5601, with /s/SPACE for a space), replacing its own.

    The login is taken from WENFENG_KIBANA_API_KEY, or WENFENG_KIBANA_USER and WENFENG_KIBANA_PASSWORD; a CA of your
    own from WENFENG_KIBANA_CA.
    """
    with explaining_errors(), _said():
        taken = send(address, made(configs).encode(), Login.read(environ))
    click.echo(f"{taken} objects imported into {address}: {address.rstrip('/')}/app/dashboards")


@contextmanager
def _said() -> Iterator[None]:
    try:
        yield
    except NotTaken as error:
        click.echo(f"{error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main(prog_name="python -m scripts.kibana")
