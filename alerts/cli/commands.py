"""`python -m alerts`: its commands."""

import click

from alerts.cli.cases import case
from alerts.cli.checks import check, check_config
from alerts.cli.letters import outbox
from alerts.cli.replay import replay
from alerts.cli.screening import screening
from alerts.cli.status import status
from alerts.cli.terms import terms
from alerts.cli.watch import watch


@click.group()
def main() -> None:
    """Notice when people must look, tell them, and keep the record of what they did."""


for command in (check_config, watch, status, case, screening, terms, outbox, check, replay):
    main.add_command(command)
