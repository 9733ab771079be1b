"""`python -m stream erase`: posts removed for good, on request."""

import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import click

from stream.cli.options import configs_option, explaining_errors
from stream.config import StreamConfig, read_stream
from stream.engines import open_index_reader, open_index_writer, open_state_engine
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
    """Remove posts by id for good: no later crawl, replay or rebuilding of the index brings them back.

    Exit code 1: there is no post of one of these ids, and none was erased. It is kept away, should one come.
    """
    with explaining_errors():
        config = read_stream(configs)
        with disposing(open_state_engine(config)) as engine:
            try:
                there = _there(config, ids)
            finally:  # also where the index is away: upkeep removes later what is noted now
                noted = bury(engine, ids, SystemClock().now(), reason=reason)
        failpoint("erase.buried")
        with closing(open_index_writer(config)) as writer:
            removed = writer.erase(ids)
        failpoint("erase.removed")
        pages = erase_pages(config, ids)
        click.echo(f"erased {removed} of {len(ids)}; all of them stay away")
        if pages:
            click.echo(f"removed {pages} captured answers of sites that showed them, claimed ones too")
    unknown = [one for one in dict.fromkeys(ids) if one in noted and one not in there]
    for one in unknown:
        click.echo(f"{one}: the index has no such post, and none was erased before: is the id right?", err=True)
    sys.exit(1 if unknown else 0)


def _there(config: StreamConfig, ids: Sequence[str]) -> frozenset[str]:
    """Finds those that are in the index: before they are noted, since whoever sees the note may remove them first."""
    with closing(open_index_reader(config)) as reader:
        return frozenset(post.id for post in reader.get(ids))
