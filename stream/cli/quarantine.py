"""`python -m stream quarantine …`: records that could not be processed, shown and sent again."""

from contextlib import AbstractContextManager, closing
from pathlib import Path

import click

from stream.cli.options import Openers, configs_option, told
from stream.cli.tables import quarantine_table, show
from stream.log.broker import QUARANTINE, Admin, Consumer
from stream.log.quarantine import Quarantined, listed, replay
from stream.process.clock import SystemClock


@click.group()
def quarantine() -> None:
    """Records that could not be processed."""


@quarantine.command("list")
@configs_option
@click.pass_obj
def quarantine_list(openers: Openers, configs: Path) -> None:
    """Show each quarantined record: where it lay, why it was refused, whether it was replayed."""
    with told():
        show(quarantine_table(quarantined(openers.log(openers.config(configs), QUARANTINE))))


@quarantine.command("replay")
@configs_option
@click.option("--reason", help="Only records refused for this reason.")
@click.argument("ids", nargs=-1)
@click.pass_obj
def quarantine_replay(openers: Openers, configs: Path, reason: str | None, ids: tuple[str, ...]) -> None:
    """Send quarantined records (IDS, or all) to their topic again, after the cause was mended."""
    clock = SystemClock()
    with told():
        config = openers.config(configs)
        with openers.log(config, QUARANTINE) as (consumer, admin), closing(openers.producer(config, clock)) as producer:
            sent = replay(
                consumer,
                producer,
                admin.ends(QUARANTINE),
                clock,
                wanted=lambda entry: (not ids or entry.id in ids) and reason in (None, entry.reason),
            )
    click.echo(f"replayed {len(sent)}")


def quarantined(log: AbstractContextManager[tuple[Consumer, Admin]]) -> list[Quarantined]:
    """The quarantine's entries, read by a consumer alone in its group."""
    with log as (consumer, admin):
        return listed(consumer, admin.ends(QUARANTINE))
