"""What only Kafka can suffer: outages, rebalances among busy members, drifted topics, other people's records."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event
from uuid import uuid4

import pytest
from kafka import KafkaAdminClient
from kafka import KafkaProducer as ForeignProducer
from kafka.admin import ConfigResource, ConfigResourceType
from structlog.testing import capture_logs

from scripts.engines.kafka import PASSWORD, guarded
from scripts.engines.process import Server
from stream.errors import ConfigError, Fenced, Rejected, Retryable
from stream.log.broker import RAW, Consumer, Message, Record, Topic
from stream.log.brokers.kafka.admin import KafkaAdmin
from stream.log.brokers.kafka.client import STALL, KafkaConsumer, KafkaProducer
from stream.log.brokers.kafka.cluster import Cluster
from stream.process.clock import SystemClock
from tests.stream.logs import KafkaLog, opened

ROOT = Path(__file__).parents[5]
ENGINE = Server(ROOT / "var" / "engines" / "kafka")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[KafkaLog]:
    with opened("kafka", tmp_path) as log:
        assert isinstance(log, KafkaLog)
        log.admin().apply([Topic(RAW)])
        yield log


@pytest.fixture
def foreign(log: KafkaLog) -> Iterator[KafkaAdminClient]:
    """The cluster's own administrator, who knows nothing of us."""
    client = KafkaAdminClient(bootstrap_servers=list(log.cluster.servers))
    yield client
    client.close()


@contextmanager
def frozen() -> Iterator[None]:
    """Stops the broker's process without ending it, and lets it go on."""
    pid = ENGINE.pid()
    if pid is None:
        pytest.skip("the broker is not the one of make engines")
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def messages(count: int, *, start: int = 0) -> list[Message]:
    return [Message(RAW, f"thread{number % 20}", str(number).encode()) for number in range(start, start + count)]


def numbers(records: list[Record]) -> list[int]:
    return [int(record.value or b"") for record in records]


def read(consumer: Consumer) -> list[Record]:
    found: list[Record] = []
    while records := consumer.poll(1000, 0):
        found += records
    return found


def until_taken(producer: KafkaProducer, batch: list[Message], seconds: float = 60) -> int:
    """Publishes as a stage does, again and again; returns how often it was refused."""
    until = time.monotonic() + seconds
    for refused in range(1000):
        try:
            producer.publish(batch)
            return refused
        except Retryable:
            assert time.monotonic() < until
            time.sleep(0.5)
    raise AssertionError


def topics_apply(configs: Path, environ: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "stream", "topics", "apply", "--configs", str(configs)]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.slow
def test_nothing_is_lost_in_an_outage_longer_than_the_delivery_timeout(log: KafkaLog) -> None:
    producer = KafkaProducer(log.cluster, log.clock, delivery=timedelta(seconds=2))
    producer.publish(messages(100))
    with frozen():
        began = time.monotonic()
        with pytest.raises(Retryable):
            producer.publish(messages(100, start=100))
        assert time.monotonic() - began < 10
        with pytest.raises(Retryable):
            producer.publish(messages(100, start=100))
    until_taken(producer, messages(100, start=100))
    until_taken(producer, messages(100, start=200))
    producer.close()
    assert set(numbers(read(log.consumer()))) == set(range(300))


@pytest.mark.slow
def test_an_outage_shorter_than_the_delivery_timeout_passes_unnoticed_and_doubles_nothing(log: KafkaLog) -> None:
    producer = log.producer()
    producer.publish(messages(100))
    with ThreadPoolExecutor() as threads:
        with frozen():
            work = threads.submit(producer.publish, messages(100, start=100))
            time.sleep(4)
            assert not work.done()
        work.result(30)
    assert sorted(numbers(read(log.consumer()))) == list(range(200))


@pytest.mark.slow
def test_a_reader_outlives_a_frozen_broker(log: KafkaLog) -> None:
    producer, consumer = log.producer(), log.consumer()
    producer.publish(messages(50))
    work = read(consumer)
    done = {record.partition: record.offset + 1 for record in work}
    with frozen(), pytest.raises(Retryable):
        consumer.commit(done)
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            consumer.commit(done)
            break
        except Fenced:
            consumer.rewind()
            done = {record.partition: record.offset + 1 for record in read(consumer)}
        except Retryable:
            consumer.poll(100, 0.1)
    producer.publish(messages(50, start=50))
    assert sorted(numbers(read(consumer))) == list(range(50, 100))


@pytest.mark.slow
def test_members_that_come_and_go_lose_no_record(log: KafkaLog) -> None:
    log.producer().publish(messages(3000))
    stop, done = Event(), []

    def work(patience: float) -> None:
        until = time.monotonic() + patience
        member = log.consumer()
        while not stop.is_set() and time.monotonic() < until:
            try:
                records = member.poll(20, 0.2)
                time.sleep(0.01)
                done.extend(numbers(records))
                member.commit({record.partition: record.offset + 1 for record in records})
            except Fenced:
                member.rewind()
            except Retryable:
                continue
        member.close()

    with ThreadPoolExecutor() as threads:
        steady = threads.submit(work, 60)
        for _ in range(3):
            threads.submit(work, 2.5).result()
        until = time.monotonic() + 30
        while len(set(done)) < 3000 and time.monotonic() < until:
            time.sleep(0.1)
        time.sleep(0.5)
        stop.set()
        steady.result()
    assert set(done) == set(range(3000))
    assert sum(one.lag for one in log.admin().progress()) == 0


def test_a_topic_is_made_as_configured_and_what_drifted_is_set_back(log: KafkaLog, foreign: KafkaAdminClient) -> None:
    admin, name = log.admin(), log.cluster.prefix + RAW
    assert admin.apply([Topic(RAW)]) == []
    drift = {"cleanup.policy": "compact", "min.insync.replicas": "1"}
    foreign.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, drift)])
    assert admin.apply([Topic(RAW, keep=timedelta(days=7))]) == [
        f"{RAW}: keeps records for 7 days, 0:00:00 (was 7776000000)",
        f"{RAW}: cleanup.policy set to delete (was compact)",
    ]
    assert admin.apply([Topic(RAW, keep=timedelta(days=7))]) == []


def test_the_production_profile_refuses_fewer_copies_than_three(log: KafkaLog) -> None:
    admin = KafkaAdmin(log.cluster, copies=3)
    for act in (admin.apply, admin.drift):
        with pytest.raises(ConfigError, match=r"stream\.yml: log: \S+ has 1 copy .* or allow: \[single_broker\]"):
            act([Topic(RAW)])
    admin.close()


def test_the_production_profile_refuses_a_cluster_of_fewer_brokers(
    log: KafkaLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stream.log.brokers.kafka.admin._COMMITTED", "not there yet")
    admin = KafkaAdmin(log.cluster, copies=3)
    with pytest.raises(ConfigError, match=r"fewer brokers: add brokers, or allow: \[single_broker\]"):
        admin.apply([Topic("cases")])
    admin.close()


def test_a_record_larger_than_the_cluster_takes_is_rejected_with_its_reason(
    log: KafkaLog, foreign: KafkaAdminClient
) -> None:
    resource = ConfigResource(ConfigResourceType.TOPIC, log.cluster.prefix + RAW, {"max.message.bytes": "1000"})
    foreign.alter_configs([resource])
    with pytest.raises(Rejected, match="too_large: the cluster takes less"):
        log.producer().publish([Message(RAW, "k", os.urandom(5000))])


def test_records_of_strangers_come_through_as_they_are(log: KafkaLog) -> None:
    stranger = ForeignProducer(bootstrap_servers=list(log.cluster.servers))
    stranger.send(log.cluster.prefix + RAW, key=b"\xff", value=None, headers=[("h", b"\xfe")])
    stranger.send(log.cluster.prefix + RAW, value=b"")
    stranger.flush(10)
    stranger.close()
    found = {(record.key, record.value, tuple(record.headers.items())) for record in read(log.consumer())}
    assert found == {("\ufffd", None, (("h", "\ufffd"),)), ("", b"", ())}


def test_records_dropped_unread_are_told_loudly(log: KafkaLog) -> None:
    producer, consumer = log.producer(), log.consumer()
    producer.publish(messages(20))
    first = consumer.poll(1, 0)
    consumer.commit({first[0].partition: 1})
    consumer.close()
    log.drop_everything()
    producer.publish(messages(20))
    with capture_logs() as lines:
        assert sorted(numbers(read(log.consumer()))) == list(range(20))
    (line,) = [line for line in lines if line["event"] == "records lost unread"]
    assert line["records"] == log.admin().ends(RAW)[first[0].partition][0] - 1


def test_a_partition_that_stands_still_is_noticed_and_read_again(log: KafkaLog) -> None:
    consumer = log.consumer()
    assert read(consumer) == []
    consumer._client.pause(*consumer._client.assignment())  # as if the client had forgotten them
    log.producer().publish(messages(20))
    with capture_logs() as lines:
        for _ in range(2):
            assert consumer.poll(100, 0) == []
            log.clock.sleep(STALL.total_seconds())
        records = read(consumer)
    assert [line["event"] for line in lines if line["log_level"] == "error"] == ["partitions stand still"]
    assert sorted(numbers(records)) == list(range(20))
    consumer.commit({record.partition: record.offset + 1 for record in records})


def test_a_static_member_finds_its_place_again_without_a_rebalance(log: KafkaLog) -> None:
    def member() -> KafkaConsumer:
        session = timedelta(seconds=10)
        return KafkaConsumer(log.cluster, log.clock, group="g", topics=[RAW], instance="one", session=session)

    log.producer().publish(messages(50))
    first = member()
    read(first)
    generation = first._client.group_metadata().generation_id
    first.close()
    second = member()
    assert sorted(numbers(read(second))) == list(range(50))
    assert second._client.group_metadata().generation_id == generation
    second.close()


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("kafka://nobody.invalid:9092", "there is no host nobody.invalid: correct the address"),
        ("kafka://127.0.0.1:1?security_protocol=SSL&ssl_cafile=nowhere.pem", "ssl_cafile: nowhere.pem is not there"),
    ],
)
def test_an_address_that_cannot_be_right_is_one_sentence_at_once(address: str, sentence: str) -> None:
    began = time.monotonic()
    with pytest.raises(ConfigError, match=sentence):
        KafkaAdmin(Cluster.read(address))
    assert time.monotonic() - began < 3


@pytest.mark.slow
def test_a_host_where_no_broker_is_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "stream.yml").write_text("log: kafka://127.0.0.1:1\n")
    done = topics_apply(tmp_path, os.environ)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "no Kafka answers at 127.0.0.1:1" in done.stderr


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-512"])
def test_a_login_over_tls_is_passed_through(mechanism: str) -> None:
    if ENGINE.pid() is None:
        pytest.skip("the broker is not the one of make engines")
    cluster = Cluster.read(f"{guarded(ENGINE.folder, mechanism)}&prefix={uuid4().hex}.", PASSWORD)
    admin = KafkaAdmin(cluster)
    admin.apply([Topic(RAW)])
    producer, clock = KafkaProducer(cluster, SystemClock()), SystemClock()
    producer.publish(messages(20))
    consumer = KafkaConsumer(cluster, clock, group="g", topics=[RAW])
    assert sorted(numbers(read(consumer))) == list(range(20))
    for one in (producer, consumer, admin):
        one.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("password", "authority", "sentence"),
    [
        ("not this one", "", "the cluster refuses the login: check sasl_plain_username and the password"),
        (PASSWORD, "/etc/ssl/certs/ca-certificates.crt", "the brokers' certificate is not trusted: check ssl_cafile"),
    ],
)
def test_a_refused_login_is_told_in_one_sentence_without_the_password(
    tmp_path: Path, password: str, authority: str, sentence: str
) -> None:
    if ENGINE.pid() is None:
        pytest.skip("the broker is not the one of make engines")
    address = guarded(ENGINE.folder)
    if authority:
        address = address.replace(f"{ENGINE.folder}/cert.pem", authority)
    (tmp_path / "stream.yml").write_text(f"log: {address}\nlog_password_env: WENFENG_LOG_PASSWORD\n")
    environ = os.environ | {"WENFENG_LOG_PASSWORD": password}
    tries = (topics_apply(tmp_path, environ) for _ in range(12))  # a broker that got no processor refuses too late
    done = next(one for one in tries if "no Kafka answers" not in one.stderr)
    assert done.stderr.count("\n") == 1
    assert sentence in done.stderr
    assert password not in done.stderr
    assert done.returncode == 78


def test_an_unknown_option_is_refused_with_those_there_are() -> None:
    with pytest.raises(
        ConfigError, match=r"stream\.yml: log: unknown option acks: known are prefix, security_protocol"
    ):
        Cluster.read("kafka://a:1,b:2?acks=0")
    cluster = Cluster.read("kafka://a:1,b:2?prefix=x.&sasl_mechanism=PLAIN", "secret")
    assert (cluster.servers, cluster.prefix, cluster.options) == (("a:1", "b:2"), "x.", {"sasl_mechanism": "PLAIN"})
    assert "secret" not in repr(cluster)
