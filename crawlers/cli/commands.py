"""`python -m crawlers`: crawl a source, run all by their cron lines, hand in a file, show how the sources do."""

import sys
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from crawlers.cli.doubts import doubts
from crawlers.cli.health import health_command
from crawlers.cli.imports import lines_of_import, lines_of_preview
from crawlers.cli.kinds import kinds_command
from crawlers.cli.opml import opml_command
from crawlers.cli.probing import add_command, probe_command
from crawlers.cli.progress import row_counter
from crawlers.cli.reading import known_source, opened_engines
from crawlers.cli.reading import read_configs as read_configs
from crawlers.cli.schedule import schedule_command
from crawlers.cli.stops import resume_command, stop_command
from crawlers.cli.taking import how_handed_in, receive_command, take_command
from crawlers.config import CrawlersConfig
from crawlers.cursors import forget
from crawlers.health import Tally, all_sources, tell
from crawlers.pull.crawl import CrawlEnvironment
from crawlers.pull.loop import CrawlLoop
from crawlers.pull.politeness.stops import EVERYTHING, Stop, stopping, stops
from crawlers.push.file_source import FileSource
from crawlers.push.files import import_file
from crawlers.push.preview import preview
from crawlers.scheduling.crawling import NotNow, crawl_in_turn
from crawlers.source import PolledSource, PulledSource
from stream.cli.options import Group, configs_option, explaining_errors
from stream.engines import open_state_engine
from stream.log.broker import SCORED
from stream.process.clock import SystemClock, local_time
from stream.process.configuration import Configuration
from stream.process.holders import holder
from stream.process.logs import configure
from stream.responses.store import open_responses
from stream.state.database import disposing
from stream.state.source_health import SourceHealth, SourceState
from stream.topics import TopicsConfig
from stream.version import VERSION

EXITS = {SourceState.OK: 0, SourceState.PARTIAL: 0, SourceState.FAILED: 1, SourceState.BLOCKED: 3}
NO_SOURCES = "no sources yet: describe one under `sources:`, as the examples in the shipped file do"


@click.group(cls=Group)
@click.version_option(VERSION, prog_name="Wenfeng")
def main() -> None:
    """Fetch posts from forums, sites, feeds and accounts, or take what is handed in; what is new goes into the log."""


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
    for words in doubts(config):
        click.echo(words)


@main.command("crawl")
@click.argument("source")
@configs_option
@click.option("--now", "at_once", is_flag=True, help="Ask also a site that refused and is left alone for a while.")
def crawl_command(source: str, configs: Path, at_once: bool) -> None:
    """Crawl SOURCE once, now, or when no other crawl of its host runs anywhere.

    Exit code 0: read, 1: failed, 3: the site does not want to be read.
    """
    configure("crawlers")
    clock = SystemClock()
    with explaining_errors():
        stream, config = read_configs(configs)
        one = known_source(config, source)
        if not isinstance(one, PulledSource):
            raise click.ClickException(how_handed_in(source, one))
        with opened_engines(stream, config, clock) as (engine, producer), closing(CrawlLoop()) as loop:
            environment = CrawlEnvironment(
                loop=loop,
                producer=producer,
                engine=engine,
                clock=clock,
                voice_key=config.voice_secret,
                contact=config.contact,
                samples=stream.var / "samples",
                keep=stream.topic(SCORED).keep,
                responses=open_responses(stream) if stream.responses.enabled else None,
            )
            tally = crawl_in_turn(
                source, one, environment, opted_out=config.opted_out, holder=holder(), at_once=at_once
            )
    if isinstance(tally, NotNow):
        click.echo(f"{source}: {tally.why}", err=True)
        sys.exit(EXITS[SourceState.BLOCKED])
    click.echo(f"{source}: {_summary(tally)}")
    sys.exit(EXITS[tally.state()])


@main.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--source", required=True, help="A source of crawlers.yml with software: file.")
@click.option("--dry-run", is_flag=True, help="Show three posts and what is odd, and send nothing.")
@configs_option
def import_command(file: Path, source: str, dry_run: bool, configs: Path) -> None:
    """Hand in the posts of FILE: CSV (UTF-8, GBK from Excel, Big5), XLSX, JSON, by the source's column map.

    The form is told by the bytes: a web page with a table that is called .xls, as many exports are, is read too.

    Without a column map the header is guessed, and told. Exit code 1: some rows could not be read; the rest is in the
    log.
    """
    configure("crawlers")
    clock = SystemClock()
    with explaining_errors():
        stream, config = read_configs(configs)
        one = known_source(config, source)
        if not isinstance(one, FileSource):
            raise click.ClickException(f"{source} is of software: {one.software}, and takes no files")
        if dry_run:
            with row_counter(file) as progress:
                seen = preview(file, one, name=source, clock=clock, progress=progress)
            click.echo("\n".join(lines_of_preview(file, seen, guessed=one.columns is None)))
            sys.exit(1 if seen.reasons else 0)
        with opened_engines(stream, config, clock) as (engine, producer), row_counter(file) as progress:
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
    click.echo("\n".join(lines_of_import(file, summary)))
    sys.exit(1 if summary.rejected else 0)


@main.command("sources")
@configs_option
def sources_command(configs: Path) -> None:
    """Show every source: when it was read last, what came, and why it is silent if it is."""
    with explaining_errors():
        stream, config = read_configs(configs)
        with disposing(open_state_engine(stream)) as engine:
            health, held = all_sources(engine), stops(engine)
    if not config.sources:
        click.echo(f"{configs}/crawlers.yml: {NO_SOURCES}")
        return
    console = Console(highlight=False, markup=False)
    console.print(_sources_table(config, health, held))
    for name, row in health.items():
        if row.reason and name in config.current:
            console.print(f"{name}: {row.reason} (tried {_local(row.started_at)})")
    for one in held:
        named = "everything" if one.what == EVERYTHING else one.what
        console.print(f"{named} is stopped since {_local(one.since)}: {one.why}")


def _sources_table(config: CrawlersConfig, health: Mapping[str, SourceHealth], held: tuple[Stop, ...]) -> Table:
    """Builds a table that fits 80 columns: long names and cron lines are folded."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("source", overflow="fold", max_width=20)
    table.add_column("kind", no_wrap=True)
    table.add_column("cron", overflow="fold", max_width=14)
    for column in ("state", "last success"):
        table.add_column(column, no_wrap=True)
    for column in ("read", "new"):
        table.add_column(column, no_wrap=True, justify="right")
    for name, one in config.sources.items():
        row = health.get(name)
        state = "off" if not one.enabled else row.state if row else "unread"
        if config.opt_out(one) is not None:
            state = "opted out"
        elif one.enabled and isinstance(one, PulledSource) and stopping(held, name, one.host) is not None:
            state = "stopped"
        cron = one.cron or "" if isinstance(one, PulledSource | PolledSource) else ""
        reached = (_local(row.succeeded_at), str(row.read), str(row.new)) if row else ("never", "", "")
        table.add_row(name, one.software, cron, state, *reached)
    return table


def _local(moment: datetime | None) -> str:
    return local_time(moment) if moment else "never"


def _summary(tally: Tally) -> str:
    posts = f"{tally.read} posts read, {tally.new} new, {tally.changed} changed, {tally.deleted} deleted"
    return f"{tally.state()} ({tally.pages} pages, {posts}){': ' + tally.reason() if tally.reason() else ''}"


for _command in (
    schedule_command, stop_command, resume_command, probe_command, add_command, opml_command, kinds_command,
    health_command, take_command, receive_command,
):  # fmt: skip
    main.add_command(_command)
