"""`python -m crawlers`: crawl a source, run all by their cron lines, hand in a file, show how the sources do."""

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from crawlers.config import CrawlersConfig, Source
from crawlers.cursors import Cursors, forget
from crawlers.health import Tally, all_sources, tell
from crawlers.pull.children import Children
from crawlers.pull.crawl import Surroundings, crawl
from crawlers.pull.loop import CrawlLoop
from crawlers.pull.politeness.turns import turn
from crawlers.push.files import import_file
from crawlers.push.progress import row_counter
from stream.cli.options import configs_option, explaining_errors
from stream.config import StreamConfig
from stream.engines import apply_topics, open_producer, open_state_engine
from stream.log.broker import SCORED
from stream.process.alive import Alive
from stream.process.clock import SystemClock, local_time
from stream.process.configuration import Configuration
from stream.process.logs import configure
from stream.process.running import registered
from stream.process.schedule import due, schedule
from stream.process.signals import stop_on_signals
from stream.state.database import disposing
from stream.state.source_health import SourceHealth, SourceState

FORGETTING, HOURLY = "forget the erased and the past", "35 * * * *"  # no source's name has spaces
EXITS = {SourceState.OK: 0, SourceState.PARTIAL: 0, SourceState.FAILED: 1, SourceState.BLOCKED: 3}


def read_configs(configs: Path) -> tuple[StreamConfig, CrawlersConfig]:
    """stream.yml and crawlers.yml, checked together."""
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
    """Read crawlers.yml and list every mistake."""
    with explaining_errors():
        _, config = read_configs(configs)
    click.echo(f"{configs}/crawlers.yml: no mistakes, {len(config.sources)} sources")


@main.command("crawl")
@click.argument("source")
@configs_option
def crawl_command(source: str, configs: Path) -> None:
    """Crawl SOURCE once, now, or when no other crawl of its host runs on this machine.

    Exit code 0: read, 1: failed, 3: the site does not want to be read.
    """
    configure("crawlers")
    with explaining_errors():
        stream, config = read_configs(configs)
        one = _source(config, source)
        if one.software == "file":
            raise click.ClickException(f"{source} is a file source: python -m crawlers import FILE --source {source}")
        if not one.enabled:
            raise click.ClickException(f"{source} is switched off in crawlers.yml (enabled: false)")
        with turn(stream.var / "crawls", one.host), _surroundings(stream, config) as around:
            _refuse_if_parked(source, around)
            try:
                tally = crawl(source, one, around)
            finally:
                tell(around.engine, around.producer, source, around.clock.now())
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
        crons = {name: one.cron for name, one in config.sources.items() if one.cron and one.enabled}
        jobs: dict[str, Callable[[], object]] = {
            name: partial(children.run, ["crawl", name, "--configs", str(configs)]) for name in crons
        }
        health = _health(stream)
        overdue = [name for name, cron in crons.items() if due(cron, _last_start(health.get(name)), clock.now())]
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
    with explaining_errors():
        stream, config = read_configs(configs)
        one = _source(config, source)
        apply_topics(stream)
        clock = SystemClock()
        state = open_state_engine(stream)
        with (
            closing(open_producer(stream, clock)) as producer,
            row_counter(file) as progress,
            disposing(state) as engine,
        ):
            forget(engine, clock.now(), stream.topic(SCORED).keep)
            summary = import_file(
                file,
                one,
                name=source,
                producer=producer,
                cursors=Cursors(engine, one.site),
                voice_key=config.voice_secret,
                clock=clock,
                report_to=stream.var / "imports",
                progress=progress,
            )
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
        health = _health(stream)
    table = Table()
    for column in ("source", "software", "cron", "state", "last start", "last success", "read", "new", "why"):
        table.add_column(column)
    for name, one in config.sources.items():
        row = health.get(name)
        told_state = "off" if not one.enabled else row.state if row else "never crawled"
        reached = (_local(row.started_at), _local(row.succeeded_at), str(row.read), str(row.new)) if row else ("",) * 4
        table.add_row(name, one.software, one.cron or "", told_state, *reached, row.reason if row else "")
    Console().print(table)


@contextmanager
def _surroundings(stream: StreamConfig, config: CrawlersConfig) -> Iterator[Surroundings]:
    clock = SystemClock()
    apply_topics(stream)
    state = open_state_engine(stream)
    with closing(open_producer(stream, clock)) as producer, closing(CrawlLoop()) as loop, disposing(state) as engine:
        yield Surroundings(
            loop=loop,
            producer=producer,
            engine=engine,
            clock=clock,
            voice_key=config.voice_secret,
            contact=config.contact,
            samples=stream.var / "samples",
            keep=stream.topic(SCORED).keep,
        )


def _source(config: CrawlersConfig, name: str) -> Source:
    if name not in config.sources:
        raise click.ClickException(
            f"no source {name!r} in crawlers.yml; there are {', '.join(config.sources) or 'none'}"
        )
    return config.sources[name]


def _refuse_if_parked(name: str, around: Surroundings) -> None:
    row = all_sources(around.engine).get(name)
    if row and row.parked_until and row.parked_until > around.clock.now():
        click.echo(f"{name}: the site asked us to stay away until {_local(row.parked_until)}", err=True)
        sys.exit(EXITS[SourceState.BLOCKED])


def _forget(stream: StreamConfig, now: datetime) -> None:
    """What was erased or grew too old leaves the crawlers' memory within the hour, whatever is crawled."""
    with disposing(open_state_engine(stream)) as engine:
        forget(engine, now, stream.topic(SCORED).keep)


def _health(stream: StreamConfig) -> dict[str, SourceHealth]:
    with disposing(open_state_engine(stream)) as engine:
        return all_sources(engine)


def _last_start(row: SourceHealth | None) -> datetime | None:
    return row.started_at if row else None


def _local(moment: datetime | None) -> str:
    return local_time(moment) if moment else "never"


def _summary(tally: Tally) -> str:
    posts = f"{tally.read} posts read, {tally.new} new, {tally.changed} changed, {tally.deleted} deleted"
    return f"{tally.state()} ({tally.pages} pages, {posts}){': ' + tally.reason() if tally.reason() else ''}"


if __name__ == "__main__":
    main()
