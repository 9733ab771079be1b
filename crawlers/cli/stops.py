"""`python -m crawlers stop` and `resume`: end crawls within seconds and begin none, on every machine."""

from pathlib import Path

import click

from crawlers.cli.reading import read_configs
from crawlers.config import CrawlersConfig
from crawlers.pull.politeness.stops import EVERYTHING, resume, stop
from stream.cli.options import configs_option, explaining_errors
from stream.engines import open_state_engine
from stream.process.clock import SystemClock
from stream.state.database import disposing

_WHAT = click.argument("what", metavar="[SOURCE|HOST]", default=EVERYTHING)


@click.command("stop")
@_WHAT
@click.option("--why", default="no reason given", show_default=True, help="Stands in `sources` for whoever wonders.")
@configs_option
def stop_command(what: str, why: str, configs: Path) -> None:
    """Stop reading a source, a host, or everything: running crawls end within seconds, none begins until `resume`."""
    with explaining_errors():
        stream, config = read_configs(configs)
        _refuse_unknown(config, what)
        with disposing(open_state_engine(stream)) as engine:
            stop(engine, what, why, SystemClock().now())
    click.echo(
        f"{_named(what)} is stopped; python -m crawlers resume{'' if what == EVERYTHING else f' {what}'} lets it go on"
    )


@click.command("resume")
@_WHAT
@configs_option
def resume_command(what: str, configs: Path) -> None:
    """Let a source or a host that was stopped be read again; without a name, everything that was."""
    with explaining_errors():
        stream, _ = read_configs(configs)
        with disposing(open_state_engine(stream)) as engine:
            found = resume(engine, what)
    if not found:
        raise click.ClickException(f"{_named(what)} was not stopped")
    click.echo(f"let go on: {', '.join(_named(one) for one in found)}")


def _refuse_unknown(config: CrawlersConfig, what: str) -> None:
    hosts = {one.host for one in config.pulled.values()}
    if what != EVERYTHING and what not in config.sources and what not in hosts:
        raise click.ClickException(f"{what!r} is neither a source of crawlers.yml nor the host of one")


def _named(what: str) -> str:
    return "everything" if what == EVERYTHING else what
