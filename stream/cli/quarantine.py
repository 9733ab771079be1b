"""`python -m stream quarantine …`: records that could not be processed, shown and sent again."""

from contextlib import closing
from pathlib import Path

import click

from stream.cli.options import Group, configs_option, explaining_errors
from stream.cli.tables import quarantine_table, show
from stream.config import StreamConfig, read_stream
from stream.engines import open_producer, refuse_absent, whole_topic
from stream.log.broker import QUARANTINE
from stream.log.quarantine import Quarantined, listed, replay
from stream.process.clock import SystemClock


@click.group(cls=Group)
def quarantine() -> None:
    """Look after records that could not be processed."""


@quarantine.command("list")
@configs_option
def quarantine_list(configs: Path) -> None:
    """Show each quarantined record: where it lay, why it was refused, whether it was replayed."""
    with explaining_errors():
        config = read_stream(configs)
        refuse_absent(config, "log")
        show(quarantine_table(quarantined(config)))


@quarantine.command("replay")
@configs_option
@click.option("--reason", help="Only records refused for this reason.")
@click.argument("ids", nargs=-1)
def quarantine_replay(configs: Path, reason: str | None, ids: tuple[str, ...]) -> None:
    """Send quarantined records (IDS, or all) to their topic again, after the cause was mended."""
    clock = SystemClock()
    with explaining_errors():
        config = read_stream(configs)
        with whole_topic(config, QUARANTINE) as (consumer, admin), closing(open_producer(config, clock)) as producer:
            sent = replay(
                consumer,
                producer,
                admin.ends(QUARANTINE),
                clock,
                wanted=lambda entry: (not ids or entry.id in ids) and reason in (None, entry.reason),
            )
    click.echo(f"replayed {len(sent)}")


def quarantined(config: StreamConfig) -> list[Quarantined]:
    """Reads the newest state of every entry of the quarantine, oldest first."""
    with whole_topic(config, QUARANTINE) as (consumer, admin):
        return listed(consumer, admin.ends(QUARANTINE))
