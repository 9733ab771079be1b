"""`python -m stream events …`: cases, their history and the stages' health, as JSON lines."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import click

from stream.cli.options import configs_option, explaining_errors
from stream.codec import CASE_EVENTS, STAGE_HEALTH
from stream.config import read_stream
from stream.engines import open_event_reader, refuse_absent
from stream.index.events import EventReader

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WHAT: dict[str, Callable[[EventReader], Iterator[bytes]]] = {
    "cases": lambda reader: map(CASE_EVENTS.encode, reader.cases()),
    "history": lambda reader: map(CASE_EVENTS.encode, reader.history()),
    "health": lambda reader: map(STAGE_HEALTH.encode, reader.health(EPOCH)),
}


@click.command()
@configs_option
@click.argument("what", type=click.Choice(list(WHAT)))
@click.option("--output", type=click.File("wb"), default="-", help="File to write; standard output by default.")
def events(configs: Path, what: str, output: BinaryIO) -> None:
    """Write what was told beside posts: cases as they stand, their history, the stages' health."""
    written = 0
    with explaining_errors():
        config = read_stream(configs)
        refuse_absent(config, "index")
        with closing(open_event_reader(config)) as reader:
            for line in WHAT[what](reader):
                output.write(line + b"\n")
                written += 1
    if not written:
        click.echo(f"no {what} in the index", err=True)
