"""Opens the log, the index and the state that stream.yml names: the one module that knows their adapters.

An adapter is imported where it is opened, so that a command of the embedded installation loads the client of no server.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from os import environ, getpid
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from stream.config import StreamConfig
from stream.errors import ConfigError, Mistake, Rejected
from stream.index.admin import IndexAdmin, NextIndex
from stream.index.events import EventReader, EventWriter
from stream.index.port import Finder, Writer
from stream.index.rights import Rights
from stream.log.broker import Admin, Consumer, Producer
from stream.log.topics import make_ready
from stream.pipeline import Pipeline
from stream.process.clock import Clock, SystemClock
from stream.state.database import migrate, open_state

INSTANCE = "WENFENG_INSTANCE"  # names this process among its stage's, alike at each start: Kafka keeps its place
_EMBEDDED = "sqlite:"


def open_producer(config: StreamConfig, clock: Clock) -> Producer:
    """Opens the log for writing."""
    if _embedded(config.log):
        from stream.log.brokers.sqlite.client import SqliteProducer

        return SqliteProducer(_file(config, config.log), clock)
    from stream.log.brokers.kafka.client import KafkaProducer

    return KafkaProducer(_cluster(config), clock)


def open_consumer(config: StreamConfig, clock: Clock, group: str, topics: Sequence[str]) -> Consumer:
    """Opens the log for reading, as one member of `group`."""
    if _embedded(config.log):
        from stream.log.brokers.sqlite.client import SqliteConsumer

        return SqliteConsumer(_file(config, config.log), clock, group=group, topics=topics)
    from stream.log.brokers.kafka.client import KafkaConsumer

    return KafkaConsumer(_cluster(config), clock, group=group, topics=topics, instance=environ.get(INSTANCE))


def open_log_admin(config: StreamConfig) -> Admin:
    """Opens the log's topics; each record is kept by `config.copies` brokers."""
    if _embedded(config.log):
        from stream.log.brokers.sqlite.admin import SqliteAdmin

        return SqliteAdmin(_file(config, config.log))
    from stream.log.brokers.kafka.admin import KafkaAdmin

    return KafkaAdmin(_cluster(config), copies=config.copies)


def open_pipeline(config: StreamConfig) -> Pipeline:
    """Opens what tells how far the pipeline has come. Reaches for the log at the first question, not before."""
    return Pipeline(lambda: open_log_admin(config))


def apply_topics(config: StreamConfig) -> list[str]:
    """Makes the topics ready for a stage, or raises `ConfigError`; returns what changed."""
    with closing(open_log_admin(config)) as admin:
        return make_ready(admin, config)


@contextmanager
def whole_topic(config: StreamConfig, topic: str) -> Iterator[tuple[Consumer, Admin]]:
    """Opens a consumer that sees all of `topic` each time: alone in its group, which never commits."""
    apply_topics(config)
    consumer = open_consumer(config, SystemClock(), f"look.{getpid()}", [topic])
    with closing(consumer), closing(open_log_admin(config)) as admin:
        yield consumer, admin


def open_index_writer(config: StreamConfig) -> Writer:
    """Opens the index for writing."""
    if _embedded(config.index):
        from stream.index.sqlite.posts import SqliteIndexWriter

        return SqliteIndexWriter(_file(config, config.index))
    from stream.index.elastic.posts import ElasticIndexWriter

    return ElasticIndexWriter(*_elastic(config))


def open_index_reader(config: StreamConfig) -> Finder:
    """Opens the index for reading."""
    if _embedded(config.index):
        from stream.index.sqlite.posts import SqliteIndexReader

        return SqliteIndexReader(_file(config, config.index))
    from stream.index.elastic.posts import ElasticIndexReader

    return ElasticIndexReader(*_elastic(config))


def open_event_writer(config: StreamConfig) -> EventWriter:
    """Opens the index of cases and health for writing."""
    if _embedded(config.index):
        from stream.index.sqlite.events import SqliteEventWriter

        return SqliteEventWriter(_file(config, config.index))
    from stream.index.elastic.events import ElasticEventWriter

    return ElasticEventWriter(*_elastic(config))


def open_event_reader(config: StreamConfig) -> EventReader:
    """Opens the index of cases and health for reading."""
    if _embedded(config.index):
        from stream.index.sqlite.events import SqliteEventReader

        return SqliteEventReader(_file(config, config.index))
    from stream.index.elastic.events import ElasticEventReader

    return ElasticEventReader(*_elastic(config))


def open_next_index(config: StreamConfig) -> NextIndex:
    """Opens the index that is to take the place of the one in use."""
    if _embedded(config.index):
        from stream.index.sqlite.admin import SqliteRefill

        return SqliteRefill(_file(config, config.index))
    from stream.index.elastic.versions import ElasticNextIndex

    return ElasticNextIndex(*_elastic(config))


def open_index_admin(config: StreamConfig) -> IndexAdmin:
    """Opens the index for looking after it as a whole."""
    if _embedded(config.index):
        from stream.index.sqlite.admin import SqliteIndexAdmin

        return SqliteIndexAdmin(_file(config, config.index))
    from stream.index.elastic.versions import ElasticIndexAdmin

    return ElasticIndexAdmin(*_elastic(config))


def open_index_rights(config: StreamConfig) -> Rights:
    """Opens the index's server for its administrator; raises `ConfigError` where the index is a file."""
    if _embedded(config.index):
        raise ConfigError([Mistake("stream.yml", "index", "a file knows no rights: this is for Elasticsearch")])
    from stream.index.elastic.rights import ElasticRights

    client, _ = _elastic(config)
    return ElasticRights(client)


def open_state_engine(config: StreamConfig) -> Engine:
    """Opens the state database and brings it to the newest revision."""
    secret = config.state_password
    engine = open_state(_state_url(config, config.state), secret.get_secret_value() if secret else None)
    migrate(engine)
    return engine


def open_state_as_it_is(config: StreamConfig, address: str) -> Engine:
    """Opens the state at `address`, unchanged; raises `Rejected` where its file is missing.

    The password of stream.yml is for stream.yml's own state alone.
    """
    if _embedded(address) and not _file(config, address).exists():
        raise Rejected("no_such_file", str(_file(config, address)))
    secret = config.state_password if address == config.state else None
    return open_state(_state_url(config, address), secret.get_secret_value() if secret else None)


def refuse_own_state(config: StreamConfig, address: str) -> None:
    """Raises `Rejected` where `address` is the state that stream.yml names itself."""
    files = [_file(config, one).resolve() if _embedded(one) else one for one in (address, config.state)]
    if files[0] == files[1]:
        raise Rejected("same_state", f"{address} is the state that stream.yml names: name the new one there first")


def refuse_absent(config: StreamConfig, *engines: str) -> None:
    """Raises `ConfigError` where none of `engines` (log, index, state) is there yet, for who only wants to look.

    Only files can be missing: a server that is not there says so itself.
    """
    addresses = {name: str(getattr(config, name)) for name in engines}
    files = {name: config.var / address.removeprefix(_EMBEDDED) for name, address in addresses.items()}
    if not all(map(_embedded, addresses.values())) or any(file.exists() for file in files.values()):
        return
    name, file = next(iter(files.items()))
    raise ConfigError(
        [Mistake("stream.yml", "var", f"no {name} at {file}: is `var` right, and did any stage run yet?")]
    )


def _embedded(address: str) -> bool:
    return address.startswith(_EMBEDDED)


def _file(config: StreamConfig, address: str) -> Path:
    config.var.mkdir(parents=True, exist_ok=True)
    return config.var / address.removeprefix(_EMBEDDED)


def _state_url(config: StreamConfig, address: str) -> str:
    return f"sqlite:///{_file(config, address)}" if _embedded(address) else address


def _cluster(config: StreamConfig) -> Any:
    """Reads the Kafka cluster; untyped, as its type is the adapter's."""
    from stream.log.brokers.kafka.cluster import Cluster

    secret = config.log_password
    return Cluster.read(config.log, secret.get_secret_value() if secret else None)


def _elastic(config: StreamConfig) -> tuple[Any, Any]:
    """Opens the client of the index's server, with the names of this installation's indices there; untyped likewise."""
    from stream.index.elastic.schema import Names
    from stream.index.elastic.server import connect

    secrets = {"password": config.index_password, "api_key": config.index_api_key}
    plain = {name: secret.get_secret_value() for name, secret in secrets.items() if secret is not None}
    client = connect(config.index, user=config.index_user, ca=config.index_ca, **plain)
    return client, Names(config.index_name)
