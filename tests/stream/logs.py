"""The engines of the log, each on a fresh log of its own, for the tests that run on all of them."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol, TypeVar
from uuid import uuid4

from kafka import KafkaAdminClient, TopicPartition

from stream.log.broker import RAW, Admin, Consumer, Producer
from stream.log.brokers.kafka.admin import KafkaAdmin
from stream.log.brokers.kafka.client import KafkaConsumer, KafkaProducer
from stream.log.brokers.kafka.cluster import Cluster
from stream.log.brokers.sqlite.admin import SqliteAdmin
from stream.log.brokers.sqlite.client import SqliteConsumer, SqliteProducer
from stream.log.brokers.sqlite.group import LEASE
from stream.process.clock import ScriptedClock, SystemClock
from tests.engines import engine

START = datetime(2026, 9, 1, 8, tzinfo=UTC)
KEEP = timedelta(days=90)

Engine = TypeVar("Engine", bound=Producer | Consumer | Admin)


class Log(Protocol):
    """What an engine must offer to be put to these tests."""

    clock: ScriptedClock
    waits_for_real: bool  # its polls take the machine's time, not the script's

    def producer(self) -> Producer: ...
    def consumer(self, group: str = "g", topics: Sequence[str] = (RAW,)) -> Consumer: ...
    def admin(self) -> Admin: ...
    def outlive_a_lease(self) -> None: ...
    def notice(self) -> None: ...
    def share_out(self, *members: Consumer) -> None: ...
    def drop_everything(self) -> None: ...
    def opening(self) -> str: ...
    def close(self) -> None: ...


class SqliteLog:
    """One log of the embedded engine."""

    waits_for_real = False

    def __init__(self, folder: Path) -> None:
        self.path = folder / "log.db"
        self.clock = ScriptedClock(START)
        self._open: list[Producer | Consumer | Admin] = []

    def producer(self) -> SqliteProducer:
        return self._kept(SqliteProducer(self.path, self.clock))

    def consumer(self, group: str = "g", topics: Sequence[str] = (RAW,)) -> SqliteConsumer:
        return self._kept(SqliteConsumer(self.path, self.clock, group=group, topics=topics))

    def admin(self) -> SqliteAdmin:
        return self._kept(SqliteAdmin(self.path))

    def outlive_a_lease(self) -> None:
        self.clock.sleep(LEASE.total_seconds() + 1)

    def notice(self) -> None:
        """A change of the group or its topics is seen at the next poll."""

    def share_out(self, *members: Consumer) -> None:
        for member in members * 2:
            member.poll(1, 0)

    def drop_everything(self) -> None:
        self.clock.sleep(KEEP.total_seconds() + 1)
        self.admin().expire(self.clock.now())

    def opening(self) -> str:
        """Python that gives another process `clock`, `producer` and `consumer`."""
        return (
            "from pathlib import Path\n"
            "from stream.log.broker import *\n"
            "from stream.log.brokers.sqlite.client import SqliteConsumer, SqliteProducer\n"
            "from stream.process.clock import SystemClock\n"
            f"path, clock = Path({str(self.path)!r}), SystemClock()\n"
            "producer = SqliteProducer(path, clock)\n"
            "consumer = SqliteConsumer(path, clock, group='g', topics=[RAW])\n"
        )

    def close(self) -> None:
        for one in self._open:
            one.close()

    def _kept(self, one: Engine) -> Engine:
        self._open.append(one)
        return one


class KafkaLog:
    """Topics and groups of a prefix of their own on the cluster of `make engines`."""

    waits_for_real = True
    lease = timedelta(seconds=3)

    def __init__(self, _folder: Path) -> None:
        self.url = f"{engine('WENFENG_TEST_KAFKA')}?prefix={uuid4().hex}."
        self.cluster = Cluster.read(self.url)
        self.clock = ScriptedClock(SystemClock().now())  # the cluster refuses records of the future
        self._open: list[Producer | Consumer | Admin] = []

    def producer(self) -> KafkaProducer:
        return self._kept(KafkaProducer(self.cluster, self.clock))

    def consumer(self, group: str = "g", topics: Sequence[str] = (RAW,)) -> KafkaConsumer:
        member = KafkaConsumer(
            self.cluster,
            self.clock,
            group=group,
            topics=topics,
            lease=self.lease,
            session=timedelta(seconds=2),
            refresh=timedelta(seconds=1),
            settle=timedelta(seconds=1),
        )
        return self._kept(member)

    def admin(self) -> KafkaAdmin:
        return self._kept(KafkaAdmin(self.cluster))

    def outlive_a_lease(self) -> None:
        time.sleep(self.lease.total_seconds() + 1)

    def notice(self) -> None:
        """Longer than a heartbeat, by which a member learns of the group, and than its view of the topics lasts."""
        time.sleep(1.5)

    def share_out(self, *members: Consumer) -> None:
        """Sharing out takes polls of all members at the same time, as processes of their own would make them."""
        with ThreadPoolExecutor() as threads:
            for member in members:
                member.pause()
            list(threads.map(lambda member: member.poll(1, 2.5), members))
            for member in members:
                member.resume()

    def drop_everything(self) -> None:
        client = KafkaAdminClient(bootstrap_servers=list(self.cluster.servers))
        for partition, (_, end) in self.admin().ends(RAW).items():
            client.delete_records({TopicPartition(self.cluster.prefix + RAW, partition.number): end})
        client.close()

    def opening(self) -> str:
        return (
            "from stream.log.broker import *\n"
            "from stream.log.brokers.kafka.client import KafkaConsumer, KafkaProducer\n"
            "from stream.log.brokers.kafka.cluster import Cluster\n"
            "from stream.process.clock import SystemClock\n"
            "from datetime import timedelta\n"
            f"cluster, clock = Cluster.read({self.url!r}), SystemClock()\n"
            "producer = KafkaProducer(cluster, clock)\n"
            "consumer = KafkaConsumer(cluster, clock, group='g', topics=[RAW], session=timedelta(seconds=2))\n"
        )

    def close(self) -> None:
        for one in self._open:
            one.close()
        client = KafkaAdminClient(bootstrap_servers=list(self.cluster.servers))
        ours = [one["name"] for one in client.describe_topics() if one["name"].startswith(self.cluster.prefix)]
        client.delete_topics(ours)
        client.close()

    def _kept(self, one: Engine) -> Engine:
        self._open.append(one)
        return one


ENGINES: dict[str, Callable[[Path], Log]] = {"sqlite": SqliteLog, "kafka": KafkaLog}


@contextmanager
def opened(name: str, folder: Path) -> Iterator[Log]:
    """A fresh log of the engine `name`; closed, and its traces removed, at the end."""
    log = ENGINES[name](folder)
    try:
        yield log
    finally:
        log.close()
