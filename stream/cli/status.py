"""`python -m stream status`: how the whole pipeline stands."""

import json
from collections import Counter
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import click

from stream.cli.options import configs_option, explaining_errors
from stream.cli.quarantine import quarantined
from stream.cli.tables import show, status_tables
from stream.config import read_stream
from stream.engines import apply_topics, open_event_reader, open_index_reader, open_log_admin
from stream.log.topics import TOPICS
from stream.process.clock import SystemClock
from stream.status import RECENTLY, take


@click.command()
@configs_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
def status(configs: Path, as_json: bool) -> None:
    """Show topics, lag, counts and quarantine."""
    with explaining_errors():
        config = read_stream(configs)
        apply_topics(config)
        admin, reader, told_of = open_log_admin(config), open_index_reader(config), open_event_reader(config)
        with closing(admin), closing(reader), closing(told_of):
            counted = Counter(entry.reason for entry in quarantined(config) if entry.replayed_at is None)
            since = SystemClock().now() - RECENTLY
            now = take(admin, reader, TOPICS, counted, told_of.health(since))
    if as_json:
        click.echo(json.dumps(asdict(now), ensure_ascii=False))
    else:
        show(status_tables(now))
