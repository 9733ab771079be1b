"""librdkafka's mock cluster in a process of its own: a broker that costs the client's core nothing."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from threading import Event
from typing import Any

from confluent_kafka import Producer

from stream.log.brokers.kafka.cluster import Cluster

VERSION = (2, 1)  # what the mock speaks; it cannot be asked


class MockCluster(Cluster):
    """The mock as our adapters see it. It makes topics when they are written, and cannot describe them before."""

    def open(self, client: Callable[..., Any], **settings: object) -> Any:
        return super().open(client, api_version=VERSION, **settings)

    def require(self, topics: Sequence[str]) -> None:
        """Nothing to ask."""


@contextmanager
def mock_cluster() -> Iterator[str]:
    """The mock's address."""
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.kill()
        process.join()


def _serve(told: Connection) -> None:
    quiet = {"test.mock.num.brokers": 1, "bootstrap.servers": "ignored", "log_level": 4}
    client = Producer(quiet)
    broker = next(iter(client.list_topics(timeout=10).brokers.values()))
    told.send(f"{broker.host}:{broker.port}")
    Event().wait()
