"""What every engine of the log promises."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from stream.errors import Fenced, Rejected
from stream.log.broker import MAX_RECORD, RAW, Consumer, Message, Partition, Record, Topic, UnknownTopic
from tests.stream.logs import ENGINES, KEEP, Log, opened

ROOT = Path(__file__).parents[3]


@pytest.fixture(params=sorted(ENGINES))
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Log]:
    with opened(request.param, tmp_path) as log:
        log.admin().apply([Topic(RAW, keep=KEEP)])
        yield log


def messages(count: int, *, start: int = 0, keys: int = 20) -> list[Message]:
    return [Message(RAW, f"thread{number % keys}", str(number).encode()) for number in range(start, start + count)]


def numbers(records: Sequence[Record]) -> list[int]:
    return [int(record.value or b"") for record in records]


def following(records: Sequence[Record]) -> dict[Partition, int]:
    return {record.partition: record.offset + 1 for record in records}


def read(log: Log, consumer: Consumer, limit: int = 1000) -> list[Record]:
    found: list[Record] = []
    while records := consumer.poll(limit, 0):
        found += records
    return found


def start_process(code: str) -> "subprocess.Popen[str]":
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)


def test_a_record_comes_back_as_it_was_published(log: Log) -> None:
    log.producer().publish([Message(RAW, "帖子", b"\x00\xff", {"schema": "1", "来源": "论坛"})])
    (record,) = read(log, log.consumer())
    assert (record.key, record.value, dict(record.headers)) == ("帖子", b"\x00\xff", {"schema": "1", "来源": "论坛"})
    assert (record.partition.topic, record.offset, record.at) == (RAW, 0, log.clock.now())


def test_records_of_a_key_keep_their_order_and_their_partition(log: Log) -> None:
    producer = log.producer()
    for batch in range(5):
        producer.publish(messages(60, start=batch * 60))
    records = read(log, log.consumer(), limit=7)
    assert sorted(numbers(records)) == list(range(300))
    for key in {record.key for record in records}:
        mine = [record for record in records if record.key == key]
        assert numbers(mine) == sorted(numbers(mine))
        assert len({record.partition for record in mine}) == 1
    for partition in {record.partition for record in records}:
        offsets = [record.offset for record in records if record.partition == partition]
        assert offsets == list(range(len(offsets)))
    assert len({record.partition for record in records}) > 3


def test_a_poll_keeps_its_limit_and_gives_each_record_once(log: Log) -> None:
    log.producer().publish(messages(100))
    consumer = log.consumer()
    polls = [consumer.poll(30, 0) for _ in range(5)]
    assert max(map(len, polls)) <= 30
    assert sorted(number for poll in polls for number in numbers(poll)) == list(range(100))
    assert consumer.poll(30, 0) == []


def test_publishing_nothing_does_nothing(log: Log) -> None:
    log.producer().publish([])
    assert read(log, log.consumer()) == []


def test_groups_read_independently(log: Log) -> None:
    log.producer().publish(messages(10))
    first, second = log.consumer("first"), log.consumer("second")
    first.commit(following(read(log, first)))
    assert sorted(numbers(read(log, second))) == list(range(10))


def test_what_was_not_committed_comes_again_to_the_next_member(log: Log) -> None:
    producer, consumer = log.producer(), log.consumer()
    producer.publish(messages(50))
    consumer.commit(following(read(log, consumer)))
    producer.publish(messages(50, start=50))
    assert sorted(numbers(read(log, consumer))) == list(range(50, 100))
    consumer.close()
    assert sorted(numbers(read(log, log.consumer()))) == list(range(50, 100))


def test_a_rewind_reads_again_from_what_is_committed(log: Log) -> None:
    producer, consumer = log.producer(), log.consumer()
    producer.publish(messages(10))
    consumer.commit(following(read(log, consumer)))
    producer.publish(messages(10, start=10))
    first = read(log, consumer)
    consumer.rewind()
    assert sorted(numbers(read(log, consumer))) == sorted(numbers(first)) == list(range(10, 20))


def test_a_paused_consumer_reads_nothing_and_stays_a_member(log: Log) -> None:
    log.producer().publish(messages(10))
    consumer = log.consumer()
    work = consumer.poll(4, 0)
    consumer.pause()
    assert consumer.poll(10, 0) == []
    consumer.resume()
    work += read(log, consumer)
    assert sorted(numbers(work)) == list(range(10))
    consumer.commit(following(work))


def test_a_record_of_the_greatest_size_passes_and_a_larger_one_is_refused_before_any_is_written(log: Log) -> None:
    producer = log.producer()
    headers = {"h": "1"}
    producer.publish([Message(RAW, "键", bytes(MAX_RECORD - 5), headers)])
    with pytest.raises(Rejected) as refused:
        producer.publish([*messages(3), Message(RAW, "键", bytes(MAX_RECORD - 4), headers)])
    assert refused.value.reason == "too_large"
    assert [record.key for record in read(log, log.consumer())] == ["键"]


def test_a_topic_nobody_created_is_refused(log: Log) -> None:
    with pytest.raises(UnknownTopic, match=r"posts\.rwa: create the topics first"):
        log.producer().publish([*messages(1), Message("posts.rwa", "k", b"")])
    with pytest.raises(UnknownTopic):
        log.consumer(topics=[RAW, "posts.rwa"])
    assert log.admin().ends("posts.rwa") == {}
    assert read(log, log.consumer()) == []


def test_members_share_the_partitions_and_each_record_has_one_reader(log: Log) -> None:
    first, second = log.consumer(), log.consumer()
    log.share_out(first, second)
    log.producer().publish(messages(200, keys=50))
    mine, other = read(log, first), read(log, second)
    assert sorted(numbers(mine) + numbers(other)) == list(range(200))
    assert not following(mine).keys() & following(other).keys()
    assert len(following(mine)) == len(following(other)) == 3


def test_a_member_that_leaves_hands_its_partitions_over(log: Log) -> None:
    first, second = log.consumer(), log.consumer()
    log.share_out(first, second)
    log.producer().publish(messages(60))
    early = read(log, second)
    first.close()
    log.notice()
    assert sorted(numbers(early) + numbers(read(log, second))) == list(range(60))


def test_others_take_over_from_a_silent_member_whose_late_commit_is_refused(log: Log) -> None:
    log.producer().publish(messages(60))
    silent, other = log.consumer(), log.consumer()
    work = read(log, silent)
    assert read(log, other) == []
    log.outlive_a_lease()
    taken = read(log, other)
    assert sorted(numbers(taken)) == list(range(60))
    with pytest.raises(Fenced):
        silent.commit(following(work))
    other.commit(following(taken))
    with pytest.raises(Fenced):
        silent.commit(following(work))
    assert read(log, silent) == []


def test_a_member_that_lost_its_place_and_came_back_cannot_commit_what_it_read_before(log: Log) -> None:
    producer, late, other = log.producer(), log.consumer(), log.consumer()
    producer.publish(messages(60))
    work = read(log, late)
    log.outlive_a_lease()
    producer.publish(messages(30, start=60))
    other.commit(following(read(log, other)))
    other.close()
    producer.publish(messages(30, start=90))
    assert sorted(numbers(read(log, late))) == list(range(90, 120))
    with pytest.raises(Fenced):
        late.commit(following(work))
    late.rewind()
    again = read(log, late)
    assert sorted(numbers(again)) == list(range(90, 120))
    late.commit(following(again))


def test_topics_are_created_once_and_widened_but_never_narrowed(log: Log) -> None:
    admin = log.admin()
    assert [change.found for change in admin.drift([Topic("cases", partitions=2)])] == ["cases: is missing"]
    assert admin.apply([Topic("cases", partitions=2)]) == ["cases: created with 2 partitions"]
    assert admin.apply([Topic("cases", partitions=2)]) == []
    assert admin.apply([Topic("cases", partitions=4)]) == ["cases: widened from 2 to 4 partitions"]
    assert admin.apply([Topic("cases", partitions=1)]) == []
    assert admin.ends("cases") == {Partition("cases", number): (0, 0) for number in range(4)}


def test_no_record_is_skipped_when_a_topic_is_widened_under_a_reader(log: Log) -> None:
    producer, consumer = log.producer(), log.consumer()
    producer.publish(messages(50))
    early = read(log, consumer)
    log.admin().apply([Topic(RAW, partitions=12, keep=KEEP)])
    log.notice()
    producer.publish(messages(50, start=50, keys=50))
    assert sorted(numbers(early) + numbers(read(log, consumer))) == list(range(100))


def test_progress_tells_how_far_each_group_is(log: Log) -> None:
    admin, consumer = log.admin(), log.consumer("wenfeng.score")
    log.producer().publish(messages(20, keys=1))
    assert admin.progress() == []
    work = consumer.poll(5, 0)
    consumer.commit(following(work))
    told = {one.partition: one for one in admin.progress()}
    assert len(told) == 6
    mine = told.pop(work[0].partition)
    assert (mine.group, mine.committed, mine.end, mine.lag, mine.gap) == ("wenfeng.score", 5, 20, 15, 0)
    assert {(one.committed, one.lag, one.gap) for one in told.values()} == {(None, 0, 0)}


def test_records_dropped_before_a_group_read_them_are_a_gap_that_progress_reports(log: Log) -> None:
    producer, consumer, admin = log.producer(), log.consumer(), log.admin()
    producer.publish(messages(20, keys=1))
    consumer.commit(following(consumer.poll(5, 0)))
    consumer.close()
    log.drop_everything()
    producer.publish(messages(3, start=20, keys=1))
    (mine,) = [one for one in admin.progress() if one.committed is not None]
    assert (mine.committed, mine.start, mine.end, mine.gap, mine.lag) == (5, 20, 23, 15, 3)
    late = log.consumer()
    work = read(log, late)
    assert numbers(work) == [20, 21, 22]
    late.commit(following(work))
    assert [one.gap for one in admin.progress() if one.committed is not None] == [0]


def test_what_a_group_has_to_read_next_waits_in_each_partition(log: Log) -> None:
    admin, consumer = log.admin(), log.consumer()
    assert admin.waiting("g", RAW) == admin.waiting("g", "posts.rwa") == []
    log.producer().publish(messages(40, keys=40))
    first = {record.partition: record for record in reversed(read(log, log.consumer("other")))}
    assert sorted(admin.waiting("g", RAW)) == sorted(first.values())
    consumer.commit(following(consumer.poll(40, 0)))
    assert admin.waiting("g", RAW) == []
    log.clock.sleep(1)
    log.producer().publish(messages(1, start=40))
    (waiting,) = admin.waiting("g", RAW)
    assert (numbers([waiting]), waiting.at) == ([40], read(log, consumer)[0].at)
    assert admin.waiting("g", RAW) == [waiting]


def test_what_was_dropped_unread_waits_no_more(log: Log) -> None:
    producer, consumer, admin = log.producer(), log.consumer(), log.admin()
    producer.publish(messages(20, keys=1))
    consumer.commit(following(consumer.poll(5, 0)))
    log.drop_everything()
    assert admin.waiting("g", RAW) == []
    producer.publish(messages(2, start=20, keys=1))
    assert numbers(admin.waiting("g", RAW)) == [20]


@pytest.mark.slow
def test_what_was_acknowledged_before_a_kill_is_there_once_and_in_order(log: Log) -> None:
    code = log.opening() + (
        "import itertools, sys\n"
        "for batch in itertools.count():\n"
        "    producer.publish([Message(RAW, f'k{n % 7}', f'RUN {batch * 20 + n}'.encode()) for n in range(20)])\n"
        "    print(batch * 20 + 20, flush=True)\n"
    )
    acknowledged: dict[str, int] = {}
    for run in range(5):
        process = start_process(code.replace("RUN", f"run{run}"))
        assert process.stdout is not None
        for _ in range(3 + 7 * run):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        rest = process.communicate()[0].split("\n")[:-1]
        acknowledged[f"run{run}"] = max(map(int, rest), default=(3 + 7 * run) * 20)
    records = read(log, log.consumer())
    told = [(record.key, *(record.value or b"").decode().split()) for record in records]
    assert max(Counter(told).values()) == 1
    for run_name, count in acknowledged.items():
        for key in range(7):
            mine = [int(number) for found, name, number in told if (found, name) == (f"k{key}", run_name)]
            assert mine == sorted(mine)
        there = {int(number) for _, name, number in told if name == run_name}
        assert set(range(count)) <= there
        assert len(there) - count in (0, 20)


def test_another_process_reads_and_commits(log: Log) -> None:
    log.producer().publish(messages(40))
    code = log.opening() + (
        "records = consumer.poll(100, 5)\n"
        "consumer.commit({record.partition: record.offset + 1 for record in records})\n"
        "print(sum(int(record.value) for record in records))\n"
    )
    told, _ = start_process(code).communicate(timeout=30)
    assert int(told) == sum(range(40))
    log.outlive_a_lease()
    assert read(log, log.consumer()) == []
