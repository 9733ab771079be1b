"""`console`: the pages on which people act, served on the same state and index; `invite` gives somebody a password."""

from pathlib import Path

import click

from alerts.cli.settings import Settings, open_context, with_settings
from alerts.console.accounts.inviting import invite
from alerts.console.app import build_app
from alerts.console.door import Premises
from alerts.console.doors import DOORS
from alerts.console.serving import serve
from alerts.notify.console import ConsoleConfig
from alerts.people.directory import key_of
from stream.cli.options import Group, configs_option
from stream.process.clock import SystemClock
from stream.process.running import registered


@click.group(cls=Group, invoke_without_command=True)
@configs_option
@click.pass_context
def console(ctx: click.Context, configs: Path) -> None:
    """Serve the console's pages until a signal ends it; where it listens is `console` of alerts.yml."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(_serve, configs=configs)


@click.command()
@with_settings
def _serve(settings: Settings) -> None:
    config = settings.alerts.console or ConsoleConfig()
    with open_context(settings) as context, registered(settings.stream.var, "console"):
        premises = Premises(context, config, settings.stream, settings.configs)
        click.echo(f"console: {config.base}", err=True)
        serve(build_app(premises, DOORS, SystemClock()), config)


@console.command("invite")
@click.argument("person")
@with_settings
def invite_command(settings: Settings, person: str) -> None:
    """Give PERSON (key, name or address) a link to set a password: printed, and mailed where there is mail.

    Asked again within days, it is the same link, and no second mail.
    """
    config = settings.alerts.console or ConsoleConfig()
    with open_context(settings) as context:
        found = context.person(person)
        key = key_of(settings.alerts.people, found) or ""
        sent = invite(context, config, key, SystemClock().now(), by="", client="")
    click.echo(sent.address)
    if sent.mailed_to:
        click.echo(f"已寄给{found.name}（{'、'.join(sent.mailed_to)}），7 天内有效，只能使用一次")
    else:
        click.echo(f"请转交{found.name}，7 天内有效，只能使用一次")
