"""`python -m stream topics …`: the log's topics, shown and set as stream.yml has them."""

import sys
from contextlib import closing
from pathlib import Path

import click

from stream.cli.options import Group, configs_option, explaining_errors
from stream.config import read_stream
from stream.engines import open_log_admin
from stream.log.topics import configured


@click.group(cls=Group)
def topics() -> None:
    """Look after the log's topics."""


@topics.command("apply")
@configs_option
@click.option("--dry-run", is_flag=True, help="Show what differs from stream.yml, change nothing; exit code 1 if so.")
def topics_apply(configs: Path, dry_run: bool) -> None:
    """Create the topics that are missing, set settings back, widen those that are too narrow; drop nothing."""
    with explaining_errors():
        config = read_stream(configs)
        with closing(open_log_admin(config)) as admin:
            wanted = configured(config)
            lines = [change.found for change in admin.drift(wanted)] if dry_run else admin.apply(wanted)
    click.echo("\n".join(lines) or "all topics are as configured")
    sys.exit(1 if dry_run and lines else 0)
