"""All commands of `python -m stream`, under one group."""

import click

from stream.cli.check import check_config
from stream.cli.erase import erase
from stream.cli.events import events
from stream.cli.finding.commands import export, search
from stream.cli.index import index
from stream.cli.options import Group
from stream.cli.quarantine import quarantine
from stream.cli.state import state
from stream.cli.status import status
from stream.cli.topics import topics
from stream.cli.upkeep import upkeep
from stream.version import VERSION


@click.group(cls=Group)
@click.version_option(VERSION, prog_name="Wenfeng")
def main() -> None:
    """Run a stage, or look at what all stages share: the log, the index, the state; and how they stand."""


for command in (check_config, topics, state, index, quarantine, events, search, export, erase, upkeep, status):
    main.add_command(command)
