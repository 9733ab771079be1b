"""`python -m stream`: the index stage, upkeep, and a look at everything. Opens the engines for all four packages."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict
from os import environ, getpid
from pathlib import Path
from typing import TypeVar

import click
from elasticsearch import Elasticsearch
from sqlalchemy import Engine
from structlog import get_logger

from stream.cli.events import events
from stream.cli.index import index
from stream.cli.options import Openers, configs_option, told
from stream.cli.quarantine import quarantine, quarantined
from stream.cli.rights import prepare, rights
from stream.cli.search import export, search
from stream.cli.tables import show, status_tables
from stream.config import Configuration, StreamConfig
from stream.errors import ConfigError, Mistake, Rejected
from stream.index.elastic.events import ElasticEventReader, ElasticEventWriter
from stream.index.elastic.posts import ElasticIndexReader, ElasticIndexWriter
from stream.index.elastic.rights import ElasticRights, read_roles
from stream.index.elastic.schema import Names
from stream.index.elastic.server import connect
from stream.index.elastic.versions import ElasticCare, ElasticVersion
from stream.index.events import EventReader, EventWriter
from stream.index.port import Reader, Writer
from stream.index.rebuild import IndexCare, NextIndex
from stream.index.rights import Rights
from stream.index.sqlite.events import SqliteEventReader, SqliteEventWriter
from stream.index.sqlite.posts import SqliteIndexReader, SqliteIndexWriter
from stream.index.sqlite.refill import SqliteAgain, SqliteCare
from stream.index.stage import finish_erasing
from stream.log.broker import QUARANTINE, Admin, Consumer, Producer
from stream.log.brokers.kafka.admin import KafkaAdmin
from stream.log.brokers.kafka.client import KafkaConsumer, KafkaProducer
from stream.log.brokers.kafka.cluster import Cluster
from stream.log.brokers.sqlite.admin import SqliteAdmin
from stream.log.brokers.sqlite.client import SqliteConsumer, SqliteProducer
from stream.log.topics import TOPICS, configured, make_ready
from stream.log.worker import Worker, stop_on_signals
from stream.process.alive import Alive
from stream.process.clock import Clock, SystemClock
from stream.process.failpoints import failpoint
from stream.process.holders import collecting_seldom
from stream.process.logs import configure
from stream.process.schedule import schedule
from stream.retention import Kept, remove_past
from stream.state.copying import copy_state
from stream.state.database import disposing, migrate, open_state
from stream.state.tombstones import bury
from stream.status import RECENTLY, take
from stream.topics import TopicsConfig

INSTANCE = "WENFENG_INSTANCE"  # names this process among its stage's, alike at each start: Kafka keeps its place

T = TypeVar("T")
log = get_logger("stream")


# --- engines: the only place that turns a line of stream.yml into an adapter -------------------------------------


def open_producer(config: StreamConfig, clock: Clock) -> Producer:
    """The log, for writing."""
    opens: dict[str, Callable[[], Producer]] = {
        "sqlite": lambda: SqliteProducer(_file(config, config.log), clock),
        "kafka": lambda: KafkaProducer(_cluster(config), clock),
    }
    return opens[_scheme(config.log)]()


def open_consumer(config: StreamConfig, clock: Clock, group: str, topics: Sequence[str]) -> Consumer:
    """The log, for reading as one member of `group`."""
    opens: dict[str, Callable[[], Consumer]] = {
        "sqlite": lambda: SqliteConsumer(_file(config, config.log), clock, group=group, topics=topics),
        "kafka": lambda: KafkaConsumer(
            _cluster(config), clock, group=group, topics=topics, instance=environ.get(INSTANCE)
        ),
    }
    return opens[_scheme(config.log)]()


def open_log_admin(config: StreamConfig) -> Admin:
    """The log's topics; in the production profile each record is kept by three brokers, unless allowed otherwise."""
    opens: dict[str, Callable[[], Admin]] = {
        "sqlite": lambda: SqliteAdmin(_file(config, config.log)),
        "kafka": lambda: KafkaAdmin(_cluster(config), copies=config.copies),
    }
    return opens[_scheme(config.log)]()


def open_index_writer(config: StreamConfig) -> Writer:
    """The index, for writing."""
    if not config.index.startswith("sqlite:"):
        return ElasticIndexWriter(_elastic(config), Names(config.index_name))
    return SqliteIndexWriter(_file(config, config.index))


def open_index_reader(config: StreamConfig) -> Reader:
    """The index, for reading."""
    if not config.index.startswith("sqlite:"):
        return ElasticIndexReader(_elastic(config), Names(config.index_name))
    return SqliteIndexReader(_file(config, config.index))


def open_event_writer(config: StreamConfig) -> EventWriter:
    """The index of cases and health, for writing."""
    if not config.index.startswith("sqlite:"):
        return ElasticEventWriter(_elastic(config), Names(config.index_name))
    return SqliteEventWriter(_file(config, config.index))


def open_event_reader(config: StreamConfig) -> EventReader:
    """The index of cases and health, for reading."""
    if not config.index.startswith("sqlite:"):
        return ElasticEventReader(_elastic(config), Names(config.index_name))
    return SqliteEventReader(_file(config, config.index))


def open_next_index(config: StreamConfig) -> NextIndex:
    """The index that is to take the place of the one in use."""
    if not config.index.startswith("sqlite:"):
        return ElasticVersion(_elastic(config), Names(config.index_name))
    return SqliteAgain(_file(config, config.index))


def open_index_care(config: StreamConfig) -> IndexCare:
    """The index, for looking after it as a whole."""
    if not config.index.startswith("sqlite:"):
        return ElasticCare(_elastic(config), Names(config.index_name))
    return SqliteCare(_file(config, config.index))


def open_index_rights(config: StreamConfig) -> Rights:
    """The index's server, for its administrator."""
    if config.index.startswith("sqlite:"):
        raise ConfigError([Mistake("stream.yml", "index", "a file knows no rights: this is for Elasticsearch")])
    return ElasticRights(_elastic(config))


def _elastic(config: StreamConfig) -> Elasticsearch:
    secrets = {"password": config.index_password, "api_key": config.index_api_key}
    plain = {name: secret.get_secret_value() for name, secret in secrets.items() if secret is not None}
    return connect(config.index, user=config.index_user, ca=config.index_ca, **plain)


def open_state_engine(config: StreamConfig) -> Engine:
    """The state database, brought to the newest revision."""
    secret = config.state_password
    engine = open_state(_state_url(config, config.state), secret.get_secret_value() if secret else None)
    migrate(engine)
    return engine


def apply_topics(config: StreamConfig) -> list[str]:
    """Makes the topics ready for a stage, or refuses; returns what changed."""
    with closing(open_log_admin(config)) as admin:
        return make_ready(admin, config)


def _state_url(config: StreamConfig, address: str) -> str:
    return f"sqlite:///{_file(config, address)}" if address.startswith("sqlite:") else address


def _scheme(line: str) -> str:
    return line.partition(":")[0]


def _cluster(config: StreamConfig) -> Cluster:
    secret = config.log_password
    return Cluster.read(config.log, secret.get_secret_value() if secret else None)


def _file(config: StreamConfig, engine: str) -> Path:
    config.var.mkdir(parents=True, exist_ok=True)
    return config.var / engine.removeprefix("sqlite:")


# --- commands --------------------------------------------------------------------------------------------------


def read_stream(configs: Path) -> StreamConfig:
    """configs/stream.yml alone, checked."""
    return Configuration(configs).add("stream.yml", StreamConfig)()


@click.group()
@click.pass_context
def main(context: click.Context) -> None:
    """What all stages share: the log, the index, the state; and how they stand."""
    context.obj = Openers(
        config=read_stream,
        topics=apply_topics,
        log=_alone,
        producer=open_producer,
        consumer=open_consumer,
        reader=open_index_reader,
        writer=open_index_writer,
        event_reader=open_event_reader,
        event_writer=open_event_writer,
        state=open_state_engine,
        next_index=open_next_index,
        care=open_index_care,
        rights=open_index_rights,
        roles=read_roles,
    )


@main.command("check-config")
@configs_option
def check_config(configs: Path) -> None:
    """Read stream.yml and topics.yml and list every mistake."""
    with told():
        configuration = Configuration(configs)
        configuration.add("stream.yml", StreamConfig)
        configuration.add("topics.yml", TopicsConfig)
        configuration.check()
    click.echo(f"{configs}/stream.yml, {configs}/topics.yml: no mistakes")


@main.group()
def topics() -> None:
    """The log's topics."""


@topics.command("apply")
@configs_option
@click.option("--dry-run", is_flag=True, help="Show what differs from stream.yml, change nothing; exit code 1 if so.")
def topics_apply(configs: Path, dry_run: bool) -> None:
    """Create the topics that are missing, set settings back, widen those that are too narrow; drop nothing."""
    with told():
        config = read_stream(configs)
        with closing(open_log_admin(config)) as admin:
            wanted = configured(config)
            lines = [change.found for change in admin.drift(wanted)] if dry_run else admin.apply(wanted)
    click.echo("\n".join(lines) or "all topics are as configured")
    sys.exit(1 if dry_run and lines else 0)


@main.group()
def state() -> None:
    """The state database."""


@state.command("migrate")
@configs_option
def state_migrate(configs: Path) -> None:
    """Bring the state database to the newest revision."""
    with told():
        open_state_engine(read_stream(configs)).dispose()
    click.echo("the state database is up to date")


@state.command("copy")
@configs_option
@click.argument("origin")
def state_copy(configs: Path, origin: str) -> None:
    """Copy the state from ORIGIN, as stream.yml had it (sqlite:state.db), into stream.yml's, empty; then compare.

    Stop every stage before. A password that ORIGIN asks for is taken from PGPASSWORD or ~/.pgpass.
    """
    with told():
        config = read_stream(configs)
        if origin.startswith("sqlite:") and not _file(config, origin).exists():
            raise Rejected("no_such_file", str(_file(config, origin)))
        old = open_state(_state_url(config, origin))
        with disposing(old) as source, disposing(open_state_engine(config)) as target:
            for table in copy_state(source, target, SystemClock().now()):
                click.echo(f"{table.table}\t{table.rows} rows\t{table.digest[:16]}")
    click.echo("everything is there and the same")


for command in (rights, prepare):
    index.add_command(command)
for command in (quarantine, index, events, search, export):
    main.add_command(command)


def run_worker(worker: Worker[T], *, once: bool) -> None:
    """Runs a stage until a signal asks it to stop, or once over what is there."""
    with collecting_seldom():
        if once:
            log.info("drained", records=worker.drain())
            return
        with stop_on_signals() as stop:
            worker.run(stop)


@main.command()
@configs_option
@click.option("--once", is_flag=True, help="Do everything now, then end.")
@click.option("--dry-run", is_flag=True, help="Say what is past its time and would go, remove nothing, then end.")
def upkeep(configs: Path, once: bool, dry_run: bool) -> None:
    """Withhold the text of posts long gone at their source; finish erasing; remove what is past its time."""
    configure("upkeep")
    clock = SystemClock()
    with told(), ExitStack() as stack:
        config = read_stream(configs)
        apply_topics(config)
        writer = stack.enter_context(closing(open_index_writer(config)))
        reader = stack.enter_context(closing(open_index_reader(config)))
        kept = Kept(
            log=stack.enter_context(closing(open_log_admin(config))),
            posts=stack.enter_context(closing(open_index_care(config))),
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
        with stop_on_signals() as stop:
            stop.wait()
        scheduler.shutdown()


@main.command()
@configs_option
@click.argument("ids", nargs=-1, required=True)
@click.option("--reason", default="request", show_default=True, help="Why, for the record; no names.")
def erase(configs: Path, ids: tuple[str, ...], reason: str) -> None:
    """Remove posts by id for good: no later crawl, replay or rebuilding of the index brings them back."""
    with told():
        config = read_stream(configs)
        with disposing(open_state_engine(config)) as engine:
            bury(engine, ids, SystemClock().now(), reason=reason)
        failpoint("erase.buried")
        with closing(open_index_writer(config)) as writer:
            removed = writer.erase(ids)
        failpoint("erase.removed")
        click.echo(f"erased {removed} of {len(ids)}; all of them stay away")


@main.command()
@configs_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
def status(configs: Path, as_json: bool) -> None:
    """Show topics, lag, counts and quarantine."""
    with told():
        config = read_stream(configs)
        apply_topics(config)
        admin, reader, told_of = open_log_admin(config), open_index_reader(config), open_event_reader(config)
        with closing(admin), closing(reader), closing(told_of):
            counted = Counter(
                entry.reason for entry in quarantined(_alone(config, QUARANTINE)) if entry.replayed_at is None
            )
            since = SystemClock().now() - RECENTLY
            now = take(admin, reader, TOPICS, counted, told_of.health(since))
    if as_json:
        click.echo(json.dumps(asdict(now), ensure_ascii=False))
    else:
        show(status_tables(now))


@contextmanager
def _alone(config: StreamConfig, topic: str) -> Iterator[tuple[Consumer, Admin]]:
    """A reader alone in its group, which never commits: it sees the whole topic each time."""
    apply_topics(config)
    consumer = open_consumer(config, SystemClock(), f"look.{getpid()}", [topic])
    with closing(consumer), closing(open_log_admin(config)) as admin:
        yield consumer, admin


if __name__ == "__main__":
    main()
