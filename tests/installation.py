"""The lines of stream.yml for an installation of its own: files, or the engines that `make engines` started."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from secrets import token_hex
from typing import Any

from kafka import KafkaAdminClient

from stream.index.elastic.schema import Names
from stream.index.elastic.server import connect
from stream.log.brokers.kafka.cluster import Cluster
from tests.databases import Postgres
from tests.engines import noted
from tests.stream.elastic import clear

EMBEDDED, REAL = "embedded", "real"
VARIABLES = ("WENFENG_TEST_KAFKA", "WENFENG_TEST_ELASTIC", "WENFENG_TEST_POSTGRES")


class NoEngines(Exception):
    """Raised when real engines are asked for and none are known."""


def best_engines() -> str:
    """The real ones where all of them are known."""
    return REAL if all(map(noted, VARIABLES)) else EMBEDDED


@contextmanager
def fresh_engines(kind: str, name: str) -> Iterator[dict[str, str]]:
    """Nothing for the embedded engines; for the real ones names of this installation's own, removed afterwards."""
    if kind == EMBEDDED:
        yield {}
        return
    kafka, elastic, postgres = (noted(variable) for variable in VARIABLES)
    if not (kafka and elastic and postgres):
        raise NoEngines(f"{', '.join(VARIABLES)} are not all set: make engines, or take the embedded engines")
    run = f"{name}-{token_hex(4)}"
    with ExitStack() as stack:
        databases = Postgres(postgres)
        stack.callback(databases.close)
        state = stack.enter_context(databases.database())
        client = connect(elastic)
        stack.callback(client.close)
        stack.callback(clear, client, Names(run))
        log = f"{kafka}?prefix={run}."
        stack.callback(_drop_topics, Cluster.read(log))
        yield {"log": log, "index": elastic, "index_name": run, "state": state}


def _drop_topics(cluster: Cluster) -> None:
    admin: Any = cluster.open(KafkaAdminClient)
    admin.delete_topics([name for name in admin.list_topics() if name.startswith(cluster.prefix)])
    admin.close()
