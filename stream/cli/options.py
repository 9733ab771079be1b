"""What the commands of all packages share: where the configuration lies, and errors as sentences."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Engine

from stream.config import StreamConfig
from stream.errors import EXIT_CONFIG, EXIT_STOPPED, ConfigError, Rejected, Retryable, TooManyRejects
from stream.index.events import EventReader, EventWriter
from stream.index.port import Reader, Writer
from stream.index.rebuild import IndexCare, NextIndex
from stream.index.rights import Rights
from stream.log.broker import Admin, Consumer, Producer
from stream.process.clock import Clock

configs_option = click.option(
    "--configs", type=click.Path(path_type=Path), default="configs", envvar="WENFENG_CONFIGS", show_default=True,
    help="Folder of the configuration files.",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Openers:
    """How the engines are opened: given to the commands by the one module that names adapters."""

    config: Callable[[Path], StreamConfig]
    topics: Callable[[StreamConfig], list[str]]
    log: Callable[[StreamConfig, str], AbstractContextManager[tuple[Consumer, Admin]]]
    producer: Callable[[StreamConfig, Clock], Producer]
    consumer: Callable[[StreamConfig, Clock, str, Sequence[str]], Consumer]
    reader: Callable[[StreamConfig], Reader]
    writer: Callable[[StreamConfig], Writer]
    event_reader: Callable[[StreamConfig], EventReader]
    event_writer: Callable[[StreamConfig], EventWriter]
    state: Callable[[StreamConfig], Engine]
    next_index: Callable[[StreamConfig], NextIndex]
    care: Callable[[StreamConfig], IndexCare]
    rights: Callable[[StreamConfig], Rights]
    roles: Callable[[Path, str], dict[str, dict[str, Any]]]


@contextmanager
def told() -> Iterator[None]:
    """Turns the errors a person can mend into sentences and exit codes; everything else keeps its traceback."""
    try:
        yield
    except ConfigError as error:
        for mistake in error.mistakes:
            click.echo(mistake, err=True)
        sys.exit(EXIT_CONFIG)
    except TooManyRejects as error:
        click.echo(f"stopped: {error}", err=True)
        sys.exit(EXIT_STOPPED)
    except (Rejected, Retryable) as error:
        click.echo(f"{error}", err=True)
        sys.exit(1)
