"""`python -m stream erase`: posts removed for good, on request."""

from contextlib import closing
from pathlib import Path

import click

from stream.cli.options import configs_option, explaining_errors
from stream.config import read_stream
from stream.engines import open_index_writer, open_state_engine
from stream.process.clock import SystemClock
from stream.process.failpoints import failpoint
from stream.retention import erase_pages
from stream.state.database import disposing
from stream.state.tombstones import bury


@click.command()
@configs_option
@click.argument("ids", nargs=-1, required=True)
@click.option("--reason", default="request", show_default=True, help="Why, for the record; no names.")
def erase(configs: Path, ids: tuple[str, ...], reason: str) -> None:
    """Remove posts by id for good: no later crawl, replay or rebuilding of the index brings them back."""
    with explaining_errors():
        config = read_stream(configs)
        with disposing(open_state_engine(config)) as engine:
            bury(engine, ids, SystemClock().now(), reason=reason)
        failpoint("erase.buried")
        with closing(open_index_writer(config)) as writer:
            removed = writer.erase(ids)
        failpoint("erase.removed")
        pages = erase_pages(config, ids)
        click.echo(f"erased {removed} of {len(ids)}; all of them stay away")
        if pages:
            click.echo(f"removed {pages} captured answers of sites that showed them, claimed ones too")
