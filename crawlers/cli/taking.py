"""`take` and `receive`: what others hand in at places of ours, by mail, in a folder, over HTTP."""

from contextlib import ExitStack
from pathlib import Path

import click

from crawlers.cli.reading import opened_engines, read_configs
from crawlers.health import tell
from crawlers.push.looking import look_into
from crawlers.push.reception.serving import receive
from crawlers.push.reception.sources import ReceivedSource
from crawlers.source import PolledSource, Source
from stream.cli.options import configs_option, explaining_errors
from stream.process.clock import SystemClock
from stream.process.logs import configure
from stream.process.running import registered


def how_handed_in(name: str, source: Source) -> str:
    """Tells what to type, or to do, for a source that is not crawled."""
    if isinstance(source, PolledSource):
        return f"{name} is a {source.software}: python -m crawlers take {name}"
    if isinstance(source, ReceivedSource):
        return f"{name} is sent to us: python -m crawlers receive listens for it"
    return f"{name} is handed in: python -m crawlers import FILE --source {name}"


@click.command("take")
@click.argument("source")
@configs_option
def take_command(source: str, configs: Path) -> None:
    """Look once, now, into the mailbox or the folder of SOURCE. `schedule` does so by its cron line.

    Exit code 1: it could not be looked into, or a file in it could not be read.
    """
    configure("crawlers")
    clock = SystemClock()
    with explaining_errors():
        stream, config = read_configs(configs)
        one = config.polled.get(source)
        if one is None:
            known = ", ".join(config.polled) or "none"
            raise click.ClickException(f"no mailbox and no folder {source!r} in crawlers.yml; there are {known}")
        with opened_engines(stream, config, clock) as (engine, producer):
            try:
                looked = look_into(
                    source, one, producer=producer, engine=engine, voice_key=config.voice_secret, clock=clock
                )
            finally:
                tell(engine, producer, source, clock.now())
    click.echo(f"{source}: {looked.told}")
    raise SystemExit(looked.bad)


@click.command("receive")
@configs_option
def receive_command(configs: Path) -> None:
    """Listen for what is sent to us (`reception.listen` of crawlers.yml): 企业微信, webhooks, suggestion boxes.

    Ends at once, exit code 0, where no source is of that kind.
    """
    configure("crawlers")
    clock = SystemClock()
    with explaining_errors(), ExitStack() as stack:
        stream, config = read_configs(configs)
        if not config.received:
            click.echo(f"{configs}/crawlers.yml: nothing to receive: no source is of wecom, webhook or suggestions")
            return
        engine, producer = stack.enter_context(opened_engines(stream, config, clock))
        stack.enter_context(registered(stream.var, "reception"))
        for name, source in config.received.items():
            click.echo(f"{name}: http://{config.reception.listen}{source.path}/{name}", err=True)
        receive(
            config.received,
            config.reception,
            producer=producer,
            engine=engine,
            clock=clock,
            voice_key=config.voice_secret,
        )
