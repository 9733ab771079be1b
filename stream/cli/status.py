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
from stream.config import StreamConfig, read_stream
from stream.engines import (
    apply_topics,
    open_event_reader,
    open_index_reader,
    open_log_admin,
    open_state_engine,
    refuse_absent,
)
from stream.log.topics import TOPICS
from stream.process.clock import SystemClock
from stream.process.running import STAGES, read_signs
from stream.state.database import disposing
from stream.state.source_standing import SourceFact, current_facts
from stream.status import RECENTLY, take


@click.command()
@configs_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
def status(configs: Path, as_json: bool) -> None:
    """Show which stages run, topics, lag, counts and quarantine. Times in tables are Beijing time."""
    with explaining_errors():
        config, now = read_stream(configs), SystemClock().now()
        refuse_absent(config, "log", "index", "state")
        apply_topics(config)
        admin, reader, told_of = open_log_admin(config), open_index_reader(config), open_event_reader(config)
        with closing(admin), closing(reader), closing(told_of):
            waiting = [entry.reason for entry in quarantined(config) if entry.replayed_at is None]
            taken = take(
                admin,
                reader,
                TOPICS,
                quarantined=Counter(waiting),
                health=list(told_of.health(now - RECENTLY)),
                signs={stage: read_signs(config.var, stage) for stage in STAGES},
                now=now,
                sources=_sources(config),
            )
    if as_json:
        click.echo(json.dumps(asdict(taken), ensure_ascii=False))
    else:
        show(status_tables(taken), width=80)


def _sources(config: StreamConfig) -> tuple[SourceFact, ...]:
    with disposing(open_state_engine(config)) as engine:
        return current_facts(engine)
