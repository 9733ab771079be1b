"""`python -m crawlers`: crawl a source, run all by their cron lines, hand in a file, show how the sources do."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine
from structlog import get_logger

from crawlers.config import CrawlersConfig
from crawlers.cursors import forget
from crawlers.health import Tally, all_sources, reconcile, tell
from crawlers.pull.children import Children
from crawlers.pull.crawl import CrawlEnvironment, crawl
from crawlers.pull.loop import CrawlLoop
from crawlers.pull.politeness.turns import turn
from crawlers.push.file_source import FileSource
from crawlers.push.files import import_file
from crawlers.push.progress import row_counter
from crawlers.source import PulledSource, Source
from stream.cli.options import configs_option, explaining_errors
from stream.config import StreamConfig
from stream.engines import apply_topics, open_producer, open_state_engine
from stream.log.broker import SCORED, Producer
from stream.process.alive import Alive
from stream.process.clock import Clock, SystemClock, local_time
from stream.process.configuration import Configuration
from stream.process.logs import configure
from stream.process.running import registered
from stream.process.schedule import due, schedule
from stream.process.signals import stop_on_signals
from stream.state.database import disposing
from stream.state.source_health import SourceHealth, SourceState
from stream.topics import TopicsConfig

FORGETTING, HOURLY = "forget the erased and the past", "35 * * * *"  # no source's name has spaces
EXITS = {SourceState.OK: 0, SourceState.PARTIAL: 0, SourceState.FAILED: 1, SourceState.BLOCKED: 3}
NO_SOURCES = "no sources yet: describe one under `sources:`, as the examples in the shipped file do"

log = get_logger(__name__)


def read_configs(configs: Path) -> tuple[StreamConfig, CrawlersConfig]:
    """Reads stream.yml and crawlers.yml and checks them together."""
    configuration = Configuration(configs)
    stream = configuration.add("stream.yml", StreamConfig)
    crawlers = configuration.add("crawlers.yml", CrawlersConfig)
    return stream(), crawlers()


@click.group()
def main() -> None:
    """Fetch posts from forums and feeds, or take them from files, and put what is new into the log."""


@main.command("check-config")
@configs_option
def check_config(configs: Path) -> None:
    """Read crawlers.yml, and topics.yml against it, and list every mistake; then what may still surprise."""
    with explaining_errors():
        _, config = read_configs(configs)
        configuration = Configuration(configs)
        topics = configuration.add("topics.yml", TopicsConfig)()
        for place, named in topics.unknown_sources(config.sources):
            words = f"crawlers.yml has no source {named!r}"
            configuration.refuse(str(configs / "topics.yml"), f"{place}.sources", words)
        configuration.check()
    click.echo(
        f"{configs}/crawlers.yml: no mistakes, {f'{len(config.sources)} sources' if config.sources else NO_SOURCES}"
    )
    for name, source in config.pulled.items():
        if source.cron is None:
            click.echo(f"sources.{name}: no cron: only `python -m crawlers crawl {name}` reads it")


@main.command("crawl")
@click.argument("source")
@configs_option
def crawl_command(source: str, configs: Path) -> None:
    """Crawl SOURCE once, now, or when no other crawl of its host runs on this machine.

    Exit code 0: read, 1: failed, 3: the site does not want to be read.
    """
    configure("crawlers")
    clock = SystemClock()
    with explaining_errors():
        stream, config = read_configs(configs)
        one = _source(config, source)
        if not isinstance(one, PulledSource):
            raise click.ClickException(f"{source} is handed in: python -m crawlers import FILE --source {source}")
        with turn(stream.var / "crawls", one.host), _engines(stream, config, clock) as (engine, producer):
            _refuse_if_parked(engine, source, clock.now())
            with closing(CrawlLoop()) as loop:
                environment = CrawlEnvironment(
                    loop=loop,
                    producer=producer,
                    engine=engine,
                    clock=clock,
                    voice_key=config.voice_secret,
                    contact=config.contact,
                    samples=stream.var / "samples",
                    keep=stream.topic(SCORED).keep,
                )
                try:
                    tally = crawl(source, one, environment)
                finally:
                    tell(engine, producer, source, clock.now())
    click.echo(f"{source}: {_summary(tally)}")
    sys.exit(EXITS[tally.state()])


@main.command("schedule")
@configs_option
def schedule_command(configs: Path) -> None:
    """Crawl every source by its cron line, each crawl in a process of its own, until told to stop."""
    configure("crawlers")
    clock, children = SystemClock(), Children()
    with explaining_errors():
        stream, config = read_configs(configs)
        crons = {name: one.cron for name, one in config.pulled.items() if one.cron}
        jobs: dict[str, Callable[[], object]] = {
            name: partial(children.run, ["crawl", name, "--configs", str(configs)]) for name in crons
        }
        with disposing(open_state_engine(stream)) as engine:
            reconcile(engine, config.current, clock.now())
            health = all_sources(engine)
        overdue = [name for name, cron in crons.items() if due(cron, _last_start(health.get(name)), clock.now())]
        log.info("sources with a cron", sources=list(crons), due_now=overdue)
        crons, jobs = crons | {FORGETTING: HOURLY}, jobs | {FORGETTING: lambda: _forget(stream, clock.now())}
        overdue.append(FORGETTING)
        apply_topics(stream)
        alive = Alive(stream.var, "crawlers")
        scheduler = schedule(crons, jobs, now=clock.now(), overdue=overdue, threads=len(crons) + 1, alive=alive)
    with registered(stream.var, "crawlers"), stop_on_signals() as stop:
        scheduler.start()
        stop.wait()
    scheduler.shutdown(wait=False)
    children.stop()


@main.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--source", required=True, help="A source of crawlers.yml with software: file.")
@configs_option
def import_command(file: Path, source: str, configs: Path) -> None:
    """Hand in the posts of FILE: CSV (UTF-8, or GBK from Excel), JSONL or XLSX, by the source's column map.

    Exit code 1: some rows could not be read; the rest is in the log.
    """
    configure("crawlers")
    clock = SystemClock()
    with explaining_errors():
        stream, config = read_configs(configs)
        one = _source(config, source)
        if not isinstance(one, FileSource):
            raise click.ClickException(f"{source} is of software: {one.software}, and takes no files")
        with _engines(stream, config, clock) as (engine, producer), row_counter(file) as progress:
            forget(engine, clock.now(), stream.topic(SCORED).keep)
            try:
                summary = import_file(
                    file,
                    one,
                    name=source,
                    producer=producer,
                    engine=engine,
                    voice_key=config.voice_secret,
                    clock=clock,
                    report_to=stream.var / "imports",
                    progress=progress,
                )
            finally:
                tell(engine, producer, source, clock.now())
    reasons = ", ".join(f"{count} × {reason}" for reason, count in summary.reasons.items())
    click.echo(
        f"{file.name}: {summary.rows} rows, {summary.sent} sent, {summary.unchanged} unchanged, "
        f"{summary.rejected} rejected{f' ({reasons}; see {summary.report})' if reasons else ''}"
    )
    sys.exit(1 if summary.rejected else 0)


@main.command("sources")
@configs_option
def sources_command(configs: Path) -> None:
    """Show every source: when it was read last, what came, and why it is silent if it is."""
    with explaining_errors():
        stream, config = read_configs(configs)
        with disposing(open_state_engine(stream)) as engine:
            health = all_sources(engine)
    if not config.sources:
        click.echo(f"{configs}/crawlers.yml: {NO_SOURCES}")
        return
    console = Console(highlight=False, markup=False)
    console.print(_sources_table(config.sources, health))
    for name, row in health.items():
        if row.reason and name in config.current:
            console.print(f"{name}: {row.reason} (tried {_local(row.started_at)})")


def _sources_table(sources: Mapping[str, Source], health: Mapping[str, SourceHealth]) -> Table:
    """Builds a table that fits 80 columns: long names and cron lines are folded."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("source", overflow="fold", max_width=20)
    table.add_column("kind", no_wrap=True)
    table.add_column("cron", overflow="fold", max_width=14)
    for column in ("state", "last success"):
        table.add_column(column, no_wrap=True)
    for column in ("read", "new"):
        table.add_column(column, no_wrap=True, justify="right")
    for name, one in sources.items():
        row = health.get(name)
        state = "off" if not one.enabled else row.state if row else "unread"
        cron = one.cron or "" if isinstance(one, PulledSource) else ""
        reached = (_local(row.succeeded_at), str(row.read), str(row.new)) if row else ("never", "", "")
        table.add_row(name, one.software, cron, state, *reached)
    return table


@contextmanager
def _engines(stream: StreamConfig, config: CrawlersConfig, clock: Clock) -> Iterator[tuple[Engine, Producer]]:
    """Opens the state, which now knows the sources that are configured, and the log."""
    apply_topics(stream)
    with ExitStack() as stack:
        engine = stack.enter_context(disposing(open_state_engine(stream)))
        reconcile(engine, config.current, clock.now())
        yield engine, stack.enter_context(closing(open_producer(stream, clock)))


def _source(config: CrawlersConfig, name: str) -> Source:
    if name not in config.sources:
        raise click.ClickException(
            f"no source {name!r} in crawlers.yml; there are {', '.join(config.sources) or 'none'}"
        )
    if not config.sources[name].enabled:
        raise click.ClickException(f"{name} is switched off in crawlers.yml (enabled: false)")
    return config.sources[name]


def _refuse_if_parked(engine: Engine, name: str, now: datetime) -> None:
    row = all_sources(engine).get(name)
    if row and row.parked_until and row.parked_until > now:
        click.echo(f"{name}: the site asked us to stay away until {_local(row.parked_until)}", err=True)
        sys.exit(EXITS[SourceState.BLOCKED])


def _forget(stream: StreamConfig, now: datetime) -> None:
    """Drops from the crawlers' memory what was erased or grew too old, within the hour, whatever is crawled."""
    with disposing(open_state_engine(stream)) as engine:
        forget(engine, now, stream.topic(SCORED).keep)


def _last_start(row: SourceHealth | None) -> datetime | None:
    return row.started_at if row else None


def _local(moment: datetime | None) -> str:
    return local_time(moment) if moment else "never"


def _summary(tally: Tally) -> str:
    posts = f"{tally.read} posts read, {tally.new} new, {tally.changed} changed, {tally.deleted} deleted"
    return f"{tally.state()} ({tally.pages} pages, {posts}){': ' + tally.reason() if tally.reason() else ''}"
