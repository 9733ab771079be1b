import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from stream.errors import Fenced, Retryable
from stream.log.broker import RAW, Consumer, Message, Partition, Producer, Record, Topic
from stream.log.brokers.sqlite.admin import SqliteAdmin
from stream.log.brokers.sqlite.client import SqliteConsumer, SqliteProducer
from stream.log.brokers.sqlite.file import SPAN
from stream.log.brokers.sqlite.group import LEASE
from stream.process.clock import ScriptedClock

ROOT = Path(__file__).parents[5]
START = datetime(2026, 9, 1, 8, tzinfo=UTC)
Engine = TypeVar("Engine", bound=Producer | Consumer)


class Log:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = ScriptedClock(START)
        self._open: list[Producer | Consumer] = []

    def producer(self) -> SqliteProducer:
        return self._kept(SqliteProducer(self.path, self.clock))

    def consumer(self) -> SqliteConsumer:
        return self._kept(SqliteConsumer(self.path, self.clock, group="g", topics=[RAW]))

    def close(self) -> None:
        for one in self._open:
            one.close()

    def _kept(self, one: Engine) -> Engine:
        self._open.append(one)
        return one


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    log = Log(tmp_path / "log.db")
    admin = SqliteAdmin(log.path)
    admin.apply([Topic(RAW)])
    admin.close()
    yield log
    log.close()


def messages(count: int, *, start: int = 0) -> list[Message]:
    return [Message(RAW, f"thread{number % 20}", str(number).encode()) for number in range(start, start + count)]


def numbers(records: Sequence[Record]) -> list[int]:
    return [int(record.value or b"") for record in records]


def following(records: Sequence[Record]) -> dict[Partition, int]:
    return {record.partition: record.offset + 1 for record in records}


def read(consumer: Consumer) -> list[Record]:
    found: list[Record] = []
    while records := consumer.poll(1000, 0):
        found += records
    return found


def start_process(code: str) -> "subprocess.Popen[str]":
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)


def test_a_killed_process_loses_its_partitions_at_once(log: Log) -> None:
    log.producer().publish(messages(40))
    code = (
        "from pathlib import Path\n"
        "from stream.log.brokers.sqlite.client import SqliteConsumer\n"
        "from stream.process.clock import SystemClock\n"
        "clock = SystemClock()\n"
        f"consumer = SqliteConsumer(Path({str(log.path)!r}), clock, group='g', topics=['posts.raw'])\n"
        "print(len(consumer.poll(100, 5)), flush=True)\n"
        "clock.sleep(60)\n"
    )
    process = start_process(code)
    assert process.stdout is not None
    assert process.stdout.readline() == "40\n"
    heir = log.consumer()
    assert read(heir) == []
    process.kill()
    process.communicate()
    assert sorted(numbers(read(heir))) == list(range(40))


def test_a_partition_in_work_stays_with_its_reader_until_it_commits(log: Log) -> None:
    producer, first = log.producer(), log.consumer()
    producer.publish(messages(60))
    work = read(first)
    second = log.consumer()
    for member in (second, first, second):
        assert member.poll(100, 0) == []
    first.commit(following(work))
    for member in (first, second):
        assert member.poll(100, 0) == []
    producer.publish(messages(60, start=60))
    assert len(following(read(first))) == len(following(read(second))) == 3


def test_a_late_member_that_nobody_missed_may_still_commit(log: Log) -> None:
    log.producer().publish(messages(10))
    slow = log.consumer()
    work = read(slow)
    log.clock.sleep(LEASE.total_seconds() + 1)
    slow.commit(following(work))
    assert read(slow) == []


def test_nothing_can_be_committed_that_was_not_read(log: Log) -> None:
    log.producer().publish(messages(10))
    consumer = log.consumer()
    consumer.poll(4, 0)
    with pytest.raises(Fenced, match="were not read"):
        consumer.commit({Partition(RAW, 0): 5})
    with pytest.raises(Fenced, match="were not read"):
        consumer.commit({Partition("posts.scored", 0): 1})


def test_a_reader_that_waits_sleeps_by_its_clock(log: Log) -> None:
    assert log.consumer().poll(10, 30.0) == []
    assert log.clock.now() == START + timedelta(seconds=30)


def test_a_poll_stops_at_the_bytes_a_process_can_bear(log: Log) -> None:
    producer = log.producer()
    for number in range(24):
        producer.publish([Message(RAW, str(number), bytes(1_000_000))])
    consumer = log.consumer()
    assert [len(consumer.poll(100, 0)) for _ in range(3)] == [17, 7, 0]


def test_a_record_without_a_value_is_handed_on_for_the_codec_to_refuse(log: Log) -> None:
    with sqlite3.connect(log.path) as stranger:
        stranger.execute("INSERT INTO record VALUES (?, 0, 'k', '{}', NULL)", (SPAN,))
        stranger.execute("UPDATE part SET following = 1")
    stranger.close()
    assert [record.value for record in read(log.consumer())] == [None]


def test_a_lock_held_too_long_is_waited_out_by_the_caller(log: Log) -> None:
    producer = SqliteProducer(log.path, log.clock, busy=timedelta(milliseconds=50))
    holder = sqlite3.connect(log.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(Retryable, match="locked"):
        producer.publish(messages(1))
    holder.execute("ROLLBACK")
    holder.close()
    producer.publish(messages(1))
    assert numbers(read(log.consumer())) == [0]
    producer.close()


def test_closing_does_not_insist_on_saying_goodbye(log: Log) -> None:
    log.producer().publish(messages(5))
    consumer = SqliteConsumer(log.path, log.clock, group="g", topics=[RAW], busy=timedelta(milliseconds=50))
    assert len(read(consumer)) == 5
    holder = sqlite3.connect(log.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    consumer.close()
    holder.close()


def test_a_full_disk_crashes_with_nothing_half_written(log: Log) -> None:
    producer = log.producer()
    producer.publish(messages(10))
    with producer._file.writing() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    producer._file._connection.execute(f"PRAGMA max_page_count={pages + 5}").fetchall()
    with pytest.raises(sqlite3.OperationalError, match="full"):
        producer.publish([Message(RAW, str(number), bytes(10_000)) for number in range(50)])
    producer._file._connection.execute("PRAGMA max_page_count=1000000").fetchall()
    producer.publish(messages(10, start=10))
    assert sorted(numbers(read(log.consumer()))) == list(range(20))


def test_a_log_opened_before_a_fork_refuses_the_child(log: Log) -> None:
    producer = log.producer()
    child = os.fork()
    if child == 0:
        try:
            producer.publish(messages(1))
        except RuntimeError as error:
            os._exit(42 if "fork" in str(error) else 1)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 42


def test_processes_that_start_together_make_one_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "log.db"
    code = (
        "from pathlib import Path\n"
        "from stream.log.broker import Topic\n"
        "from stream.log.brokers.sqlite.admin import SqliteAdmin\n"
        f"print(len(SqliteAdmin(Path({str(path)!r})).apply([Topic('a'), Topic('b')])))\n"
    )
    processes = [start_process(code) for _ in range(4)]
    assert sorted(process.communicate(timeout=30)[0] for process in processes) == ["0\n"] * 3 + ["2\n"]


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    with sqlite3.connect(path) as stranger:
        stranger.execute("PRAGMA user_version=9")
    stranger.close()
    with pytest.raises(RuntimeError, match="version 9"):
        SqliteAdmin(path)


def test_only_what_is_older_than_its_topic_keeps_is_dropped(log: Log) -> None:
    keep, admin, producer = timedelta(days=90), SqliteAdmin(log.path), log.producer()
    producer.publish(messages(10))
    log.clock.sleep(keep.total_seconds())
    producer.publish(messages(10, start=10))
    assert admin.expire(log.clock.now()) == 0
    assert admin.expire(log.clock.now() + timedelta(seconds=1)) == 10
    admin.close()
    assert sorted(numbers(log.consumer().poll(100, 0))) == list(range(10, 20))
