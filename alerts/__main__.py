"""Commands of the alerts: watch topics, look after cases and letters. The only place here that names adapters."""

import click

from alerts.cli.cases import case
from alerts.cli.checks import check, check_config
from alerts.cli.letters import outbox
from alerts.cli.screening import screening
from alerts.cli.watch import watch_command
from alerts.config import AlertsConfig
from alerts.notify.channel import Channel
from alerts.notify.channels.folder import FileChannel
from alerts.notify.channels.smtp import SmtpChannel


def open_channels(config: AlertsConfig) -> list[Channel]:
    """Open the configured channels, the first choice first."""
    channels: list[Channel] = []
    if config.smtp is not None:
        channels.append(SmtpChannel(config.smtp, config.sender))
    if config.folder is not None:
        channels.append(FileChannel(config.folder))
    return channels


@click.group()
def cli() -> None:
    """Notice when people must look, tell them, and keep the record of what they did."""


for command in (check_config, watch_command(open_channels), case, screening, outbox, check):
    cli.add_command(command)


if __name__ == "__main__":
    cli(prog_name="python -m alerts")
