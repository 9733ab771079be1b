"""Disks that are full, each alone: nothing is said to be kept that is not, and with room again everything goes on."""

import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from threading import Event
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from alerts.notify.channel import Unreachable
from alerts.notify.channels.folder import FolderChannel, FolderConfig
from stream.errors import Retryable
from stream.index.port import Outcome, Query
from stream.index.sqlite.posts import SqliteIndexReader, SqliteIndexWriter
from stream.log.broker import QUARANTINE, RAW, SCORED, Message, Topic
from stream.log.brokers.kafka.admin import KafkaAdmin
from stream.log.brokers.kafka.client import KafkaConsumer, KafkaProducer
from stream.log.brokers.kafka.cluster import Cluster
from stream.process.clock import SystemClock
from stream.state.database import transaction
from stream.state.tombstones import TombstoneRow, bury
from tests.databases import opened
from tests.faults.rows.private import PrivateEngine, private
from tests.faults.rows.running import copying, publish_all, read_all, until_done, until_true
from tests.stream.logs import SqliteLog
from tests.stream.scored import NOON, scored

pytestmark = pytest.mark.fault("F12")

MEGABYTE = 1 << 20


class Disk:
    """A file system of its own in `folder`, small until it `grows`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def grows(self, megabytes: int) -> None:
        subprocess.run(["mount", "-o", f"remount,size={megabytes}m", str(self.folder)], check=True)


@contextmanager
def mounted(folder: Path, megabytes: int) -> Iterator[Disk]:
    """Skipped where file systems may not be mounted, as in most containers; root of a machine may."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "wenfeng", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def until_full(act: Callable[[int], object], least: int = 20) -> int:
    """How often it was done until it was refused because there is no room."""
    for number in range(1000):
        try:
            act(number)
        except (sqlite3.OperationalError, OperationalError, Unreachable) as error:
            told = str(error)
            break
    assert "full" in told or "No space left" in told
    assert number >= least
    return number


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with mounted(tmp_path / "disk", 2) as disk:
        yield disk


def test_a_full_disk_under_the_embedded_log_loses_nothing_that_was_taken(disk: Disk) -> None:
    log = SqliteLog(disk.folder)
    log.admin().apply([Topic(RAW)])
    producer = log.producer()
    taken = until_full(lambda _: producer.publish([Message(RAW, "k", os.urandom(5_000))]))
    disk.grows(64)
    producer.publish([Message(RAW, "k", b"after")])
    values = read_all(log.consumer())
    assert len(values) == taken + 1
    assert values[-1] == b"after"
    log.close()


def test_a_full_disk_under_the_embedded_stage_leaves_its_offsets_and_it_goes_on_where_it_was(disk: Disk) -> None:
    log = SqliteLog(disk.folder)
    log.admin().apply([Topic(RAW), Topic(SCORED), Topic(QUARANTINE)])
    publish_all(log.producer(), 500, 100)
    ballast = disk.folder / "ballast"
    with suppress(OSError), ballast.open("wb") as file:
        while True:
            file.write(bytes(4096))
    worker = copying(log.consumer("copy"), log.producer(), log.clock)
    with pytest.raises(sqlite3.OperationalError, match="full"):
        worker.drain()
    ballast.unlink()
    log.clock.sleep(timedelta(minutes=6).total_seconds())
    assert copying(log.consumer("copy"), log.producer(), log.clock).drain() == 500 - worker.counters.done
    assert {int(value) for value in read_all(log.consumer("look", [SCORED]))} == set(range(500))
    log.close()


def test_a_full_disk_under_the_embedded_index_loses_nothing_that_was_taken(disk: Disk) -> None:
    path = disk.folder / "index.db"
    writer = SqliteIndexWriter(path)
    taken = until_full(lambda number: writer.put([scored(number, f"停电 {os.urandom(2000).hex()}")]))
    with closing(SqliteIndexReader(path)) as reader:
        assert reader.count(Query()) == reader.count(Query(words="停电")) == taken
        disk.grows(64)
        assert [put.outcome for put in writer.put([scored(5000)])] == [Outcome.INDEXED]
        assert reader.count(Query()) == taken + 1
    writer.close()


def test_a_full_disk_under_the_embedded_state_loses_nothing_that_was_taken(disk: Disk) -> None:
    with opened(f"sqlite:///{disk.folder / 'state.db'}") as engine:
        taken = until_full(lambda number: bury(engine, [f"{number} {'x' * 4000}"], NOON, reason="test"))
        disk.grows(64)
        bury(engine, ["after"], NOON, reason="test")
        with transaction(engine) as session:
            assert len(session.scalars(select(TombstoneRow)).all()) == taken + 1


def test_a_full_disk_under_the_letters_is_a_closed_door(disk: Disk) -> None:
    folder = disk.folder / "letters"
    channel = FolderChannel(FolderConfig(path=folder))
    letter = b"Message-ID: <%d@x>\r\n\r\n"
    taken = until_full(
        lambda number: channel.send("a@example.com", letter % number + os.urandom(40_000), f"<{number}@x>")
    )
    assert len(list(folder.glob("*.eml"))) == taken
    disk.grows(64)
    assert channel.send("a@example.com", letter % 1000, "<1000@x>")
    assert len(list(folder.glob("*.eml"))) == taken + 1


@pytest.mark.slow
@pytest.mark.long
def test_a_full_disk_under_the_broker_ends_it_and_with_room_again_nothing_is_lost(tmp_path: Path) -> None:
    with mounted(Path(tmp_path / "unused"), 1):
        """Only to be skipped early where nothing can be mounted."""
    clock = SystemClock()
    with private("kafka", _small) as kafka:
        try:
            cluster = Cluster.read(f"{kafka.address}?prefix={uuid4().hex}.")
            with closing(KafkaAdmin(cluster)) as admin:
                admin.apply([Topic(RAW, partitions=1)])
            producer = KafkaProducer(cluster, clock, delivery=timedelta(seconds=6))
            taken = _fill(producer, kafka)
            Disk(kafka.folder / "data").grows(256)
            kafka.start()
            until_done(lambda: producer.publish([Message(RAW, "k", b"after")]))
            producer.close()
            with closing(KafkaConsumer(cluster, clock, group="look", topics=[RAW])) as reader:
                values = {value[:8] for value in read_all(reader)}
            assert values >= {b"%08d" % number for number in range(taken)} | {b"after"}
        finally:
            subprocess.run(["umount", "-l", str(kafka.folder / "data")], check=False)


def _small(folder: Path) -> None:
    (folder / "data").mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=40m,mode=777", "wenfeng", str(folder / "data")]
    subprocess.run(command, check=True)


def _fill(producer: KafkaProducer, kafka: PrivateEngine) -> int:
    """Publishes until the broker is dead; returns how many it took."""
    full, taken = Event(), 0
    while kafka.runs and not full.is_set():
        try:
            producer.publish([Message(RAW, "k", b"%08d" % taken + os.urandom(400_000))])
            taken += 1
        except Retryable:
            until_true(lambda: not kafka.runs, "the broker takes nothing and does not end")
    return taken
