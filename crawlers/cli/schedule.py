"""`python -m crawlers schedule`: crawl by the clock, or show what comes when."""

from datetime import datetime
from pathlib import Path
from threading import Event

import click
from rich.console import Console
from rich.table import Table
from structlog import get_logger

from crawlers.cli.reading import read_configs, tell_where_new
from crawlers.config import CrawlersConfig
from crawlers.cursors import forget
from crawlers.health import all_sources
from crawlers.pull.politeness.stops import Stop, stopping, stops
from crawlers.scheduling.ledger import TakenTick, last_taken, ticks
from crawlers.scheduling.pool import Pool
from crawlers.scheduling.scheduler import CrawlScheduler
from crawlers.scheduling.timing import next_due
from crawlers.scheduling.watched import WatchedConfig
from crawlers.source import PulledSource
from stream.cli.options import configs_option, explaining_errors
from stream.config import StreamConfig
from stream.engines import apply_topics, open_state_engine
from stream.errors import Retryable
from stream.log.broker import SCORED
from stream.process.alive import Alive
from stream.process.clock import Clock, SystemClock, local_time
from stream.process.holders import holder
from stream.process.logs import configure
from stream.process.running import registered
from stream.process.schedule import schedule
from stream.process.signals import stop_on_signals
from stream.retention import clear_pages
from stream.state.database import disposing
from stream.state.source_health import SourceHealth

FORGETTING, HOURLY = "forget the erased and the past", "35 * * * *"
ROUND = 1.0  # seconds

log = get_logger(__name__)


@click.command("schedule")
@click.option("--show", is_flag=True, help="Only show when each source is due and was read last, and what was missed.")
@configs_option
def schedule_command(show: bool, configs: Path) -> None:
    """Crawl every source by its cron line, in processes that stay, until told to stop.

    Several machines may do so: each crawl is done by one of them. A changed crawlers.yml is taken without a restart.
    """
    with explaining_errors():
        stream, config = read_configs(configs)
        if show:
            _show(stream, config, SystemClock().now())
            return
        configure("crawlers")
        watched = WatchedConfig(configs / "crawlers.yml", lambda: read_configs(configs)[1])
        tell_where_new(stream)
        apply_topics(stream)
        _run(stream, watched, SystemClock())


def _run(stream: StreamConfig, watched: WatchedConfig, clock: Clock) -> None:
    now = clock.now()
    pool = Pool(stream, watched.config.workers)
    forgetting = schedule(
        {FORGETTING: HOURLY}, {FORGETTING: lambda: _forget(stream, clock.now())}, now=now, overdue=[FORGETTING]
    )
    with disposing(open_state_engine(stream)) as engine:
        scheduler = CrawlScheduler(watched, engine, pool, holder(), now)
        log.info("sources with a cron", sources=list(watched.config.timed))
        with registered(stream.var, "crawlers"), stop_on_signals() as stop:
            forgetting.start()
            try:
                _rounds(scheduler, clock, stop, Alive(stream.var, "crawlers"))
            finally:
                forgetting.shutdown(wait=False)
                scheduler.end(clock.now())


def _rounds(scheduler: CrawlScheduler, clock: Clock, stop: Event, alive: Alive) -> None:
    while not stop.is_set():
        try:
            scheduler.round(clock.now())
            alive()
            stop.wait(ROUND)
        except Retryable as error:
            log.warning("schedule waits", reason=error.reason, seconds=error.after)
            stop.wait(error.after)


def _forget(stream: StreamConfig, now: datetime) -> None:
    """Drops from the crawlers' memory and captured pages what was erased or grew too old, whatever is crawled."""
    with disposing(open_state_engine(stream)) as engine:
        forget(engine, now, stream.topic(SCORED).keep)
        clear_pages(stream, engine, now)


def _show(stream: StreamConfig, config: CrawlersConfig, now: datetime) -> None:
    with disposing(open_state_engine(stream)) as engine:
        taken, health, held = ticks(engine), all_sources(engine), stops(engine)
    names = tuple(config.timed)
    console = Console(highlight=False, markup=False)
    if not names:
        click.echo("no source has a cron: nothing is crawled by itself")
        return
    console.print(shown(config, names, taken, health, held, now))
    without = [name for name in config.pulled if name not in names]
    if without:
        console.print(f"without a cron: {', '.join(without)}")


def shown(
    config: CrawlersConfig,
    names: tuple[str, ...],
    taken: dict[str, TakenTick],
    health: dict[str, SourceHealth],
    held: tuple[Stop, ...],
    now: datetime,
) -> Table:
    """Builds the table, in 80 columns: what is due first stands first."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("source", overflow="fold", max_width=20)
    table.add_column("cron", overflow="fold", max_width=16)
    table.add_column("next", no_wrap=True)
    table.add_column("last", no_wrap=True)
    table.add_column("missed", overflow="fold", justify="right")
    order, timed = [], config.timed
    for name in names:
        timing, row = timed[name].timing, health.get(name)
        assert timing is not None  # names are of those that have one
        last = row.started_at if row else None
        order.append((next_due(name, timing, last_taken(taken, name, last), now), name, last, timing))
    for moment, name, last, timing in sorted(order, key=lambda one: (one[0] is None, one[0] or now, one[1])):
        source, one = timed[name], taken.get(name)
        limits = " ".join(str(part) for part in (timing.cron, timing.hours, timing.days) if part is not None)
        coming = "never" if moment is None else "due" if moment <= now else _near(moment, now)
        if one is not None and one.runs(now):
            coming = "running"
        if stopping(held, name, source.host if isinstance(source, PulledSource) else "") is not None:
            coming = "stopped"
        missed = f"{one.missed} ({_near(one.missed_at, now)})" if one and one.missed_at else ""
        table.add_row(name, limits, coming, "never" if last is None else _near(last, now), missed)
    return table


def _near(moment: datetime, now: datetime) -> str:
    """Writes the time of a moment of today in Beijing, else its day as well."""
    return local_time(moment, "%H:%M" if local_time(moment, "%F") == local_time(now, "%F") else "%m-%d %H:%M")
