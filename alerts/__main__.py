"""Commands of the alerts: watch topics, look after cases and letters."""

import click

from alerts.cli.cases import case
from alerts.cli.checks import check, check_config
from alerts.cli.letters import outbox
from alerts.cli.screening import screening
from alerts.cli.watch import watch


@click.group()
def cli() -> None:
    """Notice when people must look, tell them, and keep the record of what they did."""


for command in (check_config, watch, case, screening, outbox, check):
    cli.add_command(command)


if __name__ == "__main__":
    cli(prog_name="python -m alerts")
