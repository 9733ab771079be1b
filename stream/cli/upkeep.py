"""`python -m stream upkeep`: what is removed or withheld when its time has come, by cron or once."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

import click
from structlog import get_logger

from stream.cli.options import configs_option, explaining_errors
from stream.config import read_stream
from stream.engines import (
    apply_topics,
    open_event_writer,
    open_index_admin,
    open_index_reader,
    open_index_writer,
    open_log_admin,
    open_state_engine,
)
from stream.index.stage import finish_erasing
from stream.process.alive import Alive
from stream.process.clock import SystemClock
from stream.process.logs import configure
from stream.process.running import registered
from stream.process.schedule import schedule
from stream.process.signals import stop_on_signals
from stream.retention import Kept, clear_pages, remove_past
from stream.state.database import disposing

log = get_logger("stream")


@click.command()
@configs_option
@click.option("--once", is_flag=True, help="Do everything now, then end.")
@click.option("--dry-run", is_flag=True, help="Say what is past its time and would go, remove nothing, then end.")
def upkeep(configs: Path, once: bool, dry_run: bool) -> None:
    """Withhold the text of posts long gone at their source; finish erasing; remove what is past its time."""
    configure("upkeep")
    clock = SystemClock()
    with explaining_errors(), ExitStack() as stack:
        config = read_stream(configs)
        apply_topics(config)
        writer = stack.enter_context(closing(open_index_writer(config)))
        reader = stack.enter_context(closing(open_index_reader(config)))
        kept = Kept(
            log=stack.enter_context(closing(open_log_admin(config))),
            posts=stack.enter_context(closing(open_index_admin(config))),
            health=stack.enter_context(closing(open_event_writer(config))),
            state=stack.enter_context(disposing(open_state_engine(config))),
        )
        if dry_run:
            for what, gone in remove_past(kept, config, clock.now(), dry=True).items():
                click.echo(f"{what}: {gone}")
            return
        jobs: dict[str, Callable[[], object]] = {
            "withhold": lambda: log.info(
                "withheld",
                posts=writer.withhold(clock.now()),
                erased=finish_erasing(kept.state, reader, writer, clock.now()),
                pages=clear_pages(config, kept.state, clock.now()),
            ),
            "expire": lambda: log.info("expired", **remove_past(kept, config, clock.now())),
        }
        if once:
            for job in jobs.values():
                job()
            return
        alive = Alive(config.var, "upkeep")
        scheduler = schedule(config.upkeep, jobs, now=clock.now(), overdue=jobs, threads=1, alive=alive)
        scheduler.start()
        with registered(config.var, "upkeep"), stop_on_signals() as stop:
            stop.wait()
        scheduler.shutdown()
