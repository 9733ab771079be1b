"""`python -m stream index …`: the stage; making the index again, moving it to a newer mapping, comparing it."""

import sys
from contextlib import ExitStack, closing
from pathlib import Path

import click
from structlog import get_logger

from stream.cli.options import Group, configs_option, explaining_errors
from stream.cli.rights import prepare, rights
from stream.config import read_stream
from stream.engines import (
    apply_topics,
    open_consumer,
    open_event_writer,
    open_index_admin,
    open_index_reader,
    open_index_writer,
    open_next_index,
    open_producer,
    open_state_engine,
    refuse_absent,
    whole_topic,
)
from stream.index.event_stage import EVENTS, GROUP, event_worker, run_beside
from stream.index.port import Query
from stream.index.rebuild import Source, decoded, differences, tally, tally_log
from stream.index.rebuild import rebuild as rebuild_index
from stream.index.stage import indexing_worker
from stream.log.broker import CASES, HEALTH, INDEXING, SCORED
from stream.process.clock import SystemClock
from stream.process.garbage import rare_garbage_collection
from stream.process.logs import configure
from stream.process.running import registered
from stream.process.signals import stop_on_signals
from stream.state.database import disposing
from stream.state.tombstones import asking

log = get_logger("stream")


@click.group(cls=Group, invoke_without_command=True)
@configs_option
@click.option("--once", is_flag=True, help="Index what is there, then end.")
@click.pass_context
def index(context: click.Context, configs: Path, once: bool) -> None:
    """Run the index stage: posts.scored, cases and health into the index. Or look after the index, as below."""
    if context.invoked_subcommand is not None:
        return
    configure("index")
    clock = SystemClock()
    with explaining_errors(), ExitStack() as stack:
        config = read_stream(configs)
        apply_topics(config)
        posts = stack.enter_context(closing(open_consumer(config, clock, INDEXING, [SCORED])))
        happenings = stack.enter_context(closing(open_consumer(config, clock, GROUP, [CASES, HEALTH])))
        producer, apart = (stack.enter_context(closing(open_producer(config, clock))) for _ in range(2))
        engine = stack.enter_context(disposing(open_state_engine(config)))
        writer = stack.enter_context(closing(open_index_writer(config)))
        beside = event_worker(config, happenings, apart, stack.enter_context(closing(open_event_writer(config))), clock)
        worker = indexing_worker(config, posts, producer, writer, engine=engine, clock=clock)
        stack.enter_context(rare_garbage_collection())
        if once:
            log.info("drained", records=worker.drain(), events=beside.drain())
            return
        with registered(config.var, "index"), stop_on_signals() as stop:
            run_beside(worker, beside, stop)


@index.command()
@configs_option
@click.option("--lose", is_flag=True, help="Go on although the index has posts that the log has not any more.")
def rebuild(configs: Path, lose: bool) -> None:
    """Make the index again from posts.scored, without the erased, and put it in the place of the one in use."""
    clock = SystemClock()
    with explaining_errors():
        config = read_stream(configs)
        with (
            disposing(open_state_engine(config)) as state,
            whole_topic(config, SCORED) as (consumer, admin),
            closing(open_next_index(config)) as version,
            closing(open_index_reader(config)) as in_use,
        ):
            source = Source(consumer, admin, asking(state, clock))
            done = rebuild_index(version, in_use, source, clock, lose=lose)
    click.echo(f"read {done.read} records, {done.refused} refused; the index is version {version.number}")
    for day in done.lost:
        click.echo(f"outside the log, not in the index any more: {day}")


@index.command()
@configs_option
def migrate(configs: Path) -> None:
    """Move the index to this program's mapping: a new version is filled from the old one and takes its place."""
    with explaining_errors(), closing(open_index_admin(read_stream(configs))) as care:
        click.echo(care.migrate(SystemClock().now()))


@index.command()
@configs_option
def retell(configs: Path) -> None:
    """Put cases and the stages' health into the index again, from the log: after the index was lost."""
    told_again = 0
    with explaining_errors():
        config = read_stream(configs)
        with closing(open_event_writer(config)) as writer:
            for topic in (CASES, HEALTH):
                with whole_topic(config, topic) as (consumer, admin):
                    for events in decoded(consumer, admin.ends(topic), EVENTS):
                        writer.put(events)
                        told_again += len(events)
    click.echo(f"{told_again} events told again")


@index.command()
@configs_option
def verify(configs: Path) -> None:
    """Compare the index with posts.scored, day by day: numbers of posts and a digest of them; exit code 1 if unlike."""
    clock = SystemClock()
    with explaining_errors():
        config = read_stream(configs)
        refuse_absent(config, "log", "index")
        with (
            disposing(open_state_engine(config)) as state,
            whole_topic(config, SCORED) as (consumer, admin),
            closing(open_index_reader(config)) as reader,
        ):
            gone = asking(state, clock)
            logged = tally_log(Source(consumer, admin, gone).until(admin.ends(SCORED)), gone)
            indexed = tally(reader.export(Query()))
    found = differences(logged, indexed)
    for day in found:
        click.echo(day)
    posts = sum(day.posts for day in indexed.values())
    click.echo(f"{posts} posts of {len(indexed)} days in the index; {len(found)} days differ from the log")
    sys.exit(1 if found else 0)


for command in (rights, prepare):
    index.add_command(command)
