"""The log's outages, on a broker of our own: whatever happens to it, every number published comes out of the stage."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from datetime import timedelta
from threading import Event
from uuid import uuid4

import pytest

from scripts.engines.kafka import proxied
from stream.log.broker import QUARANTINE, RAW, SCORED, Topic
from stream.log.brokers.kafka.admin import KafkaAdmin
from stream.log.brokers.kafka.client import KafkaConsumer, KafkaProducer
from stream.log.brokers.kafka.cluster import Cluster
from stream.process.clock import SystemClock
from tests.faults.rows.private import PrivateEngine
from tests.faults.rows.proxy import Proxy
from tests.faults.rows.running import copying, meanwhile, publish_all, read_all, running, until_true

pytestmark = [pytest.mark.slow, pytest.mark.fault("F17")]

CLOCK = SystemClock()
DELIVERY = timedelta(seconds=4)
COUNT, BATCH = 2_000, 100


@dataclass
class Copied:
    """A topic of numbers, the stage that copies them, and what is done to the broker meanwhile."""

    cluster: Cluster

    def producer(self) -> KafkaProducer:
        return KafkaProducer(self.cluster, CLOCK, delivery=DELIVERY)

    def consumer(self, group: str, topic: str = RAW) -> KafkaConsumer:
        return KafkaConsumer(self.cluster, CLOCK, group=group, topics=[topic], session=timedelta(seconds=3))

    def through(
        self, suffering: Callable[[], AbstractContextManager[None]], seconds: float
    ) -> tuple[list[int], list[int]]:
        """What lies in both topics after `COUNT` were published and copied, with an outage in the midst of it."""
        half = Event()

        def outage() -> None:
            half.wait(60)
            with suffering():
                time.sleep(seconds)

        with closing(KafkaAdmin(self.cluster)) as admin:
            admin.apply([Topic(RAW, partitions=3), Topic(SCORED, partitions=3), Topic(QUARANTINE, partitions=1)])
        ours, theirs = self.producer(), self.producer()
        member = self.consumer("copy")
        with running(copying(member, theirs, CLOCK)), meanwhile(outage) as over:
            publish_all(ours, COUNT, BATCH, lambda done: half.set() if done >= COUNT // 2 else None)
            until_true(over.done, "the outage does not end")
            with closing(KafkaAdmin(self.cluster)) as admin:
                until_true(lambda: _drained(admin), "the stage does not come to its end")
        for one in (ours, theirs, member):
            one.close()
        return self.numbers(RAW), self.numbers(SCORED)

    def numbers(self, topic: str) -> list[int]:
        with closing(self.consumer(f"look.{topic}", topic)) as reader:
            return [int(value) for value in read_all(reader)]


def _drained(admin: KafkaAdmin) -> bool:
    ours = [one for one in admin.progress() if one.partition.topic == RAW]
    return sum(one.committed or 0 for one in ours) >= COUNT and all(one.lag == 0 for one in ours)


@pytest.fixture
def copied(own_kafka: PrivateEngine) -> Copied:
    return Copied(Cluster.read(f"{own_kafka.address}?prefix={uuid4().hex}."))


@pytest.fixture
def proxy(own_kafka: PrivateEngine) -> Iterator[Proxy]:
    behind, port = proxied(own_kafka.folder)
    with closing(Proxy(behind, port)) as proxy:
        yield proxy


@pytest.fixture
def far(proxy: Proxy) -> Copied:
    """The same through a proxy that we can spoil."""
    return Copied(Cluster.read(f"kafka://127.0.0.1:{proxy.port}?prefix={uuid4().hex}."))


def test_a_broker_killed_mid_batch_for_longer_than_the_delivery_timeout_loses_nothing(
    copied: Copied, own_kafka: PrivateEngine
) -> None:
    raw, scored = copied.through(own_kafka.dead, 3 * DELIVERY.total_seconds())
    assert set(raw) == set(scored) == set(range(COUNT))
    assert len(raw) <= COUNT + 2 * BATCH  # what was given up and sent again; told by its id further on


def test_a_broker_frozen_mid_batch_for_longer_than_the_delivery_timeout_loses_nothing(
    copied: Copied, own_kafka: PrivateEngine
) -> None:
    raw, scored = copied.through(own_kafka.frozen, 3 * DELIVERY.total_seconds())
    assert set(raw) == set(scored) == set(range(COUNT))


@pytest.mark.fault("F18")
def test_a_network_that_is_cut_mid_batch_loses_nothing(far: Copied, proxy: Proxy) -> None:
    raw, scored = far.through(lambda: proxy.suffers(down=True), 1.5 * DELIVERY.total_seconds())
    assert set(raw) == set(scored) == set(range(COUNT))


@pytest.mark.fault("F18")
def test_a_network_that_swallows_everything_loses_nothing(far: Copied, proxy: Proxy) -> None:
    raw, scored = far.through(lambda: proxy.suffers(silent=True), 1.5 * DELIVERY.total_seconds())
    assert set(raw) == set(scored) == set(range(COUNT))


@pytest.mark.fault("F18")
def test_a_slow_network_loses_nothing(far: Copied, proxy: Proxy) -> None:
    raw, scored = far.through(lambda: proxy.suffers(delay=0.2), 1.5 * DELIVERY.total_seconds())
    assert set(raw) == set(scored) == set(range(COUNT))


@pytest.mark.fault("F20")
def test_a_storm_of_rebalances_while_records_come_loses_nothing(copied: Copied) -> None:
    with closing(KafkaAdmin(copied.cluster)) as admin:
        admin.apply([Topic(RAW, partitions=4), Topic(SCORED, partitions=3), Topic(QUARANTINE, partitions=1)])
        ours, theirs = copied.producer(), copied.producer()
        steady = copied.consumer("copy")
        with running(copying(steady, theirs, CLOCK)), meanwhile(lambda: publish_all(ours, COUNT, 20)):
            for _ in range(4):
                guests = [copied.consumer("copy") for _ in range(2)]
                with running(*(copying(guest, theirs, CLOCK) for guest in guests)):
                    time.sleep(1.5)
                for guest in guests:
                    guest.close()
            until_true(lambda: _drained(admin), "the stage does not come to its end")
        for one in (ours, theirs, steady):
            one.close()
    assert set(copied.numbers(RAW)) == set(copied.numbers(SCORED)) == set(range(COUNT))
