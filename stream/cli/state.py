"""`python -m stream state …`: the state database, brought up to date or copied to another server."""

from pathlib import Path

import click

from stream.cli.options import Group, configs_option, explaining_errors
from stream.config import read_stream
from stream.engines import open_state_as_it_is, open_state_engine, refuse_own_state
from stream.process.clock import SystemClock
from stream.state.copying import copy_state
from stream.state.database import disposing


@click.group(cls=Group)
def state() -> None:
    """Look after the state database."""


@state.command("migrate")
@configs_option
def state_migrate(configs: Path) -> None:
    """Bring the state database to the newest revision."""
    with explaining_errors():
        open_state_engine(read_stream(configs)).dispose()
    click.echo("the state database is up to date")


@state.command("copy")
@configs_option
@click.argument("origin")
def state_copy(configs: Path, origin: str) -> None:
    """Copy the state from ORIGIN, as stream.yml had it (sqlite:state.db), into stream.yml's, empty; then compare.

    Stop every stage before. A password that ORIGIN asks for is taken from PGPASSWORD or ~/.pgpass.
    """
    with explaining_errors():
        config = read_stream(configs)
        refuse_own_state(config, origin)
        old = open_state_as_it_is(config, origin)
        with disposing(old) as source, disposing(open_state_engine(config)) as target:
            for table in copy_state(source, target, SystemClock().now()):
                click.echo(f"{table.table}\t{table.rows} rows\t{table.digest[:16]}")
    click.echo("everything is there and the same")
