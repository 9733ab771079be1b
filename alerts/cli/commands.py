"""`python -m alerts`: its commands."""

import click

from alerts.cli.cases.acting import case
from alerts.cli.cases.claims import claims
from alerts.cli.cases.evidence import evidence
from alerts.cli.cases.orders import ORDERS
from alerts.cli.cases.pages import evidence_command
from alerts.cli.cases.reports import report
from alerts.cli.checks import check, check_config
from alerts.cli.console import console
from alerts.cli.duty import duty
from alerts.cli.letters import outbox, test_letter
from alerts.cli.replay import replay
from alerts.cli.screening import screening
from alerts.cli.silences import silence
from alerts.cli.status import status
from alerts.cli.terms import terms
from alerts.cli.watch import watch
from stream.cli.options import Group
from stream.version import VERSION


@click.group(cls=Group)
@click.version_option(VERSION, prog_name="Wenfeng")
def main() -> None:
    """Notice when people must look, tell them, and keep the record of what they did."""


COMMANDS = (
    check_config, watch, status, case, duty, screening, claims, terms, outbox, silence, test_letter, check, report,
    evidence, replay, console,
)  # fmt: skip
for command in COMMANDS:
    main.add_command(command)
for command in (*ORDERS, evidence_command):
    case.add_command(command)
