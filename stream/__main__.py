"""`python -m stream`: the index stage, upkeep, and a look at everything. Opens the engines for all four packages."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from os import getpid
from pathlib import Path
from typing import BinaryIO, TypeVar

import click
from rich.console import Console, RenderableType
from sqlalchemy import Engine
from structlog import get_logger

from stream.broker import CASES, HEALTH, QUARANTINE, RAW, SCORED, Admin, Consumer, Producer, Topic
from stream.brokers.sqlite import SqliteConsumer, SqliteProducer
from stream.brokers.sqlite_admin import SqliteAdmin
from stream.clock import Clock, SystemClock
from stream.codec import SCORED as SCORED_POSTS
from stream.config import Configuration, StreamConfig, TopicConfig
from stream.errors import EXIT_CONFIG, EXIT_STOPPED, ConfigError, Rejected, Retryable, TooManyRejects
from stream.export import export_lines
from stream.index import Query, Reader, Writer, withheld
from stream.indexes.sqlite import SqliteIndexReader, SqliteIndexWriter
from stream.indexing import index_step
from stream.log import configure
from stream.messages import Label, ScoredPost
from stream.quarantine import Quarantine, Quarantined, listed, replay
from stream.schedule import schedule
from stream.state import migrate, open_state
from stream.status import take
from stream.tables import hits_table, quarantine_table, status_tables
from stream.topics import TopicsConfig
from stream.worker import Worker, stop_on_signals

TOPICS = (RAW, SCORED, QUARANTINE, CASES, HEALTH)

T = TypeVar("T")
log = get_logger("stream")
configs_option = click.option(
    "--configs", type=click.Path(path_type=Path), default="configs", envvar="WENFENG_CONFIGS", show_default=True,
    help="Folder of the configuration files.",
)  # fmt: skip


# --- engines: the only place that turns a line of stream.yml into an adapter -------------------------------------


def open_producer(config: StreamConfig, clock: Clock) -> Producer:
    """The log, for writing."""
    return SqliteProducer(_file(config, config.log), clock)


def open_consumer(config: StreamConfig, clock: Clock, group: str, topics: Sequence[str]) -> Consumer:
    """The log, for reading as one member of `group`."""
    return SqliteConsumer(_file(config, config.log), clock, group=group, topics=topics)


def open_log_admin(config: StreamConfig) -> Admin:
    """The log's topics."""
    return SqliteAdmin(_file(config, config.log))


def open_index_writer(config: StreamConfig) -> Writer:
    """The index, for writing."""
    return SqliteIndexWriter(_file(config, config.index))


def open_index_reader(config: StreamConfig) -> Reader:
    """The index, for reading."""
    return SqliteIndexReader(_file(config, config.index))


def open_state_engine(config: StreamConfig) -> Engine:
    """The state database, brought to the newest revision."""
    engine = open_state(f"sqlite:///{_file(config, config.state)}")
    migrate(engine)
    return engine


def apply_topics(config: StreamConfig) -> list[str]:
    """Creates or widens the log's topics as configured; returns what changed."""
    with closing(open_log_admin(config)) as admin:
        return admin.apply([_topic(name, config.topics.get(name, TopicConfig())) for name in TOPICS])


def _topic(name: str, config: TopicConfig) -> Topic:
    return Topic(name, config.partitions, config.keep)


def _file(config: StreamConfig, engine: str) -> Path:
    config.var.mkdir(parents=True, exist_ok=True)
    return config.var / engine.removeprefix("sqlite:")


# --- commands --------------------------------------------------------------------------------------------------


@contextmanager
def told() -> Iterator[None]:
    """Turns the errors a person can mend into sentences and exit codes; everything else keeps its traceback."""
    try:
        yield
    except ConfigError as error:
        for mistake in error.mistakes:
            click.echo(mistake, err=True)
        sys.exit(EXIT_CONFIG)
    except TooManyRejects as error:
        click.echo(f"stopped: {error}", err=True)
        sys.exit(EXIT_STOPPED)
    except (Rejected, Retryable) as error:
        click.echo(f"{error}", err=True)
        sys.exit(1)


def read_stream(configs: Path) -> StreamConfig:
    """configs/stream.yml alone, checked."""
    return Configuration(configs).add("stream.yml", StreamConfig)()


@click.group()
def main() -> None:
    """What all stages share: the log, the index, the state; and how they stand."""


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
def topics_apply(configs: Path) -> None:
    """Create the topics that are missing, widen those that are too narrow; drop nothing."""
    with told():
        changes = apply_topics(read_stream(configs))
    click.echo("\n".join(changes) or "all topics are as configured")


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


@main.command()
@configs_option
@click.option("--once", is_flag=True, help="Index what is there, then end.")
def index(configs: Path, once: bool) -> None:
    """Run the index stage: posts.scored into the index."""
    configure("index")
    clock = SystemClock()
    with told():
        config = read_stream(configs)
        apply_topics(config)
        consumer = open_consumer(config, clock, "wenfeng.index", [SCORED])
        producer = open_producer(config, clock)
        with closing(consumer), closing(producer), closing(open_index_writer(config)) as writer:
            run_worker(indexing_worker(config, consumer, producer, writer, clock=clock), once=once)


def indexing_worker(
    config: StreamConfig, consumer: Consumer, producer: Producer, writer: Writer, *, clock: Clock
) -> Worker[ScoredPost]:
    """The index stage over these engines; the caller closes them."""
    return Worker(
        consumer,
        Quarantine(producer, clock, "index"),
        SCORED_POSTS,
        index_step(writer),
        clock=clock,
        limit=config.batch,
        stop_after_rejects=config.stop_after_rejects,
    )


def run_worker(worker: Worker[T], *, once: bool) -> None:
    """Runs a stage until a signal asks it to stop, or once over what is there."""
    if once:
        log.info("drained", records=worker.drain())
        return
    with stop_on_signals() as stop:
        worker.run(stop)


@main.command()
@configs_option
@click.option("--once", is_flag=True, help="Do everything now, then end.")
def upkeep(configs: Path, once: bool) -> None:
    """Withhold the text of posts long gone at their source; drop log records past their time."""
    configure("upkeep")
    clock = SystemClock()
    with told():
        config = read_stream(configs)
        apply_topics(config)
        writer, admin = open_index_writer(config), open_log_admin(config)
        with closing(writer), closing(admin):
            jobs: dict[str, Callable[[], object]] = {
                "withhold": lambda: log.info("withheld", posts=writer.withhold(clock.now())),
                "expire": lambda: log.info("expired", records=admin.expire(clock.now())),
            }
            if once:
                for job in jobs.values():
                    job()
                return
            scheduler = schedule(config.upkeep, jobs, now=clock.now(), overdue=jobs, threads=1)
            scheduler.start()
            with stop_on_signals() as stop:
                stop.wait()
            scheduler.shutdown()


@main.command(context_settings={"ignore_unknown_options": True})  # -word is a word here
@configs_option
@click.argument("words", default="")
@click.option("--topic", multiple=True, help="Only this topic (key of topics.yml); may be repeated.")
@click.option("--label", multiple=True, type=click.Choice([label.value for label in Label]), help="Only this polarity.")
@click.option("--site", multiple=True, help="Only this site.")
@click.option("--limit", default=20, show_default=True, help="How many posts, newest first.")
def search(
    configs: Path, words: str, topic: tuple[str, ...], label: tuple[str, ...], site: tuple[str, ...], limit: int
) -> None:
    """Find posts: WORDS must all occur, each as a phrase; "quoted words" stay together, -word must not occur."""
    now = SystemClock().now()
    query = Query(words=words, topics=topic, labels=tuple(map(Label, label)), sites=site)
    with told(), closing(open_index_reader(read_stream(configs))) as reader:
        total, page = reader.count(query), reader.search(query, limit)
    _show(hits_table([withheld(post, now) for post in page.posts], total))


@main.command()
@configs_option
@click.option(
    "--observed-since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z"]),
    help="Only posts observed since then (UTC if no zone).",
)
@click.option("--site", help="Only this site.")
@click.option("--output", type=click.File("wb"), default="-", help="File to write; standard output by default.")
def export(configs: Path, observed_since: datetime | None, site: str | None, output: BinaryIO) -> None:
    """Write the index as JSONL, one post a line."""
    if observed_since is not None and observed_since.tzinfo is None:
        observed_since = observed_since.replace(tzinfo=UTC)
    with told(), closing(open_index_reader(read_stream(configs))) as reader:
        for line in export_lines(reader, SystemClock().now(), observed_since=observed_since, site=site):
            output.write(line)


@main.command()
@configs_option
@click.argument("ids", nargs=-1, required=True)
def erase(configs: Path, ids: tuple[str, ...]) -> None:
    """Remove posts by id from the index for good: no later crawl or replay brings them back."""
    with told(), closing(open_index_writer(read_stream(configs))) as writer:
        click.echo(f"erased {writer.erase(ids)} of {len(ids)}; all of them stay away")


@main.command()
@configs_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
def status(configs: Path, as_json: bool) -> None:
    """Show topics, lag, counts and quarantine."""
    with told():
        config = read_stream(configs)
        apply_topics(config)
        with closing(open_log_admin(config)) as admin, closing(open_index_reader(config)) as reader:
            counted = Counter(entry.reason for entry in _quarantined(config) if entry.replayed_at is None)
            now = take(admin, reader, TOPICS, counted)
    if as_json:
        click.echo(json.dumps(asdict(now), ensure_ascii=False))
    else:
        _show(status_tables(now))


@main.group()
def quarantine() -> None:
    """Records that could not be processed."""


@quarantine.command("list")
@configs_option
def quarantine_list(configs: Path) -> None:
    """Show each quarantined record: where it lay, why it was refused, whether it was replayed."""
    with told():
        _show(quarantine_table(_quarantined(read_stream(configs))))


@quarantine.command("replay")
@configs_option
@click.option("--reason", help="Only records refused for this reason.")
@click.argument("ids", nargs=-1)
def quarantine_replay(configs: Path, reason: str | None, ids: tuple[str, ...]) -> None:
    """Send quarantined records (IDS, or all) to their topic again, after the cause was mended."""
    clock = SystemClock()
    with told():
        config = read_stream(configs)
        with _quarantine_reader(config) as (consumer, admin), closing(open_producer(config, clock)) as producer:
            sent = replay(
                consumer,
                producer,
                admin.ends(QUARANTINE),
                clock,
                wanted=lambda entry: (not ids or entry.id in ids) and reason in (None, entry.reason),
            )
    click.echo(f"replayed {len(sent)}")


def _quarantined(config: StreamConfig) -> list[Quarantined]:
    with _quarantine_reader(config) as (consumer, admin):
        return listed(consumer, admin.ends(QUARANTINE))


@contextmanager
def _quarantine_reader(config: StreamConfig) -> Iterator[tuple[Consumer, Admin]]:
    """A reader alone in its group, which never commits: it sees the whole topic each time."""
    apply_topics(config)
    consumer = open_consumer(config, SystemClock(), f"look.{getpid()}", [QUARANTINE])
    with closing(consumer), closing(open_log_admin(config)) as admin:
        yield consumer, admin


def _show(what: RenderableType) -> None:
    """A terminal has its own width; a file or a pipe gets one in which ids and reasons stay whole."""
    console = Console() if sys.stdout.isatty() else Console(width=160)
    console.print(what, markup=False, highlight=False)


if __name__ == "__main__":
    main()
