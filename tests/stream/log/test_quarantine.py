import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.errors import DecodeError, Rejected, Retryable
from stream.log.broker import MAX_RECORD, QUARANTINE, RAW, Message, Partition, Record, Topic
from stream.log.brokers.sqlite.admin import SqliteAdmin
from stream.log.brokers.sqlite.client import SqliteConsumer, SqliteProducer
from stream.log.quarantine import ENTRIES, MAX_RAW, Quarantine, Quarantined, listed, replay
from stream.process.clock import ScriptedClock

START = datetime(2026, 9, 1, 8, tzinfo=UTC)


class Bench:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "log.db"
        self.clock = ScriptedClock(START)
        self.admin = SqliteAdmin(self.path)
        self.admin.apply([Topic(RAW), Topic(QUARANTINE, partitions=2)])
        self.producer = SqliteProducer(self.path, self.clock)
        self.quarantine = Quarantine(self.producer, self.clock, "score")

    def listed(self) -> list[Quarantined]:
        consumer = self.consumer(QUARANTINE)
        try:
            return listed(consumer, self.admin.ends(QUARANTINE))
        finally:
            consumer.close()

    def replay(self, *reasons: str) -> list[str]:
        consumer = self.consumer(QUARANTINE)
        ends = self.admin.ends(QUARANTINE)
        sent = replay(consumer, self.producer, ends, self.clock, wanted=lambda entry: entry.reason in reasons)
        consumer.close()
        return sent

    def raw(self) -> list[Record]:
        consumer = self.consumer(RAW)
        records = consumer.poll(1000, 0)
        consumer.close()
        return records

    def consumer(self, topic: str) -> SqliteConsumer:
        return SqliteConsumer(self.path, self.clock, group="look", topics=[topic])


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.admin.close()
    bench.producer.close()


def record(value: bytes | None, offset: int = 7, key: str = "thread", headers: dict[str, str] | None = None) -> Record:
    return Record(Partition(RAW, 3), offset, key, value, headers or {}, START)


def test_an_entry_says_what_was_refused_where_why_and_by_whom(bench: Bench) -> None:
    raw = b"\xff\x00not a post"
    bench.quarantine.put([(record(raw, headers={"schema": "1"}), DecodeError("no JSON", raw))])
    (entry,) = bench.listed()
    assert (entry.stage, entry.topic, entry.partition, entry.offset, entry.key) == ("score", RAW, 3, 7, "thread")
    assert (entry.reason, entry.detail, entry.at) == ("undecodable", "no JSON", START)
    assert entry.sha256 == hashlib.sha256(raw).hexdigest()
    assert entry.headers == {"schema": "1"}


def test_a_record_refused_twice_after_a_crash_is_one_entry(bench: Bench) -> None:
    for _ in range(2):
        bench.quarantine.put([(record(b"x"), Rejected("mapping"))])
        bench.clock.sleep(60)
    assert len(bench.listed()) == 1
    assert len(bench.replay("mapping")) == 1


def test_another_record_at_the_same_offset_of_a_topic_made_anew_is_another_entry(bench: Bench) -> None:
    bench.quarantine.put([(record(b"x"), Rejected("mapping")), (record(b"y"), Rejected("mapping"))])
    assert len(bench.listed()) == 2


def test_entries_are_listed_oldest_first(bench: Bench) -> None:
    for offset in range(40):
        bench.quarantine.put([(record(b"x", offset, key=str(offset)), Rejected("mapping"))])
        bench.clock.sleep(1)
    assert [entry.offset for entry in bench.listed()] == list(range(40))


def test_a_replay_publishes_the_wanted_bytes_as_they_were_and_only_once(bench: Bench) -> None:
    bench.quarantine.put(
        [
            (record(b"first", 1, headers={"h": "1"}), Rejected("mapping")),
            (record(b"\xff", 2), Rejected("undecodable")),
            (record(b"second", 3), Rejected("mapping")),
        ]
    )
    bench.clock.sleep(3600)
    sent = bench.replay("mapping")
    assert sent == [entry.id for entry in bench.listed() if entry.reason == "mapping"]
    assert [(one.key, one.value, dict(one.headers)) for one in bench.raw()] == [
        ("thread", b"first", {"h": "1"}),
        ("thread", b"second", {}),
    ]
    assert [(one.offset, one.replayed_at) for one in bench.listed()] == [
        (1, START + timedelta(hours=1)),
        (2, None),
        (3, START + timedelta(hours=1)),
    ]
    assert bench.replay("mapping") == []
    assert len(bench.replay("undecodable")) == 1
    assert len(bench.raw()) == 3


def test_what_is_refused_again_after_a_replay_is_a_new_entry(bench: Bench) -> None:
    bench.quarantine.put([(record(b"x", 1), Rejected("mapping"))])
    assert len(bench.replay("mapping")) == 1
    bench.quarantine.put([(record(b"x", 50), Rejected("mapping"))])
    assert [entry.replayed_at is None for entry in bench.listed()] == [False, True]
    assert len(bench.replay("mapping")) == 1


def test_a_record_too_long_to_keep_or_without_a_value_is_listed_but_not_replayed(bench: Bench) -> None:
    bench.quarantine.put(
        [
            (record(b"x" * MAX_RECORD, 1), Rejected("mapping")),
            (record(None, 2), Rejected("mapping")),
            (record(b"x", 3, key="k" * 900_000), Rejected("mapping")),
        ]
    )
    assert [entry.replayable for entry in bench.listed()] == [False, False, False]
    assert bench.replay("mapping") == []


def test_the_greatest_entry_still_fits_a_record(bench: Bench) -> None:
    hostile = Rejected("r" * 5000, "字\ud800" * 5000)
    greatest = record(b"\xff" * MAX_RAW, key="键" * 10_000, headers={"\x00" * 5_000: "\x00" * 5_000})
    bench.quarantine.put([(greatest, hostile)])
    (entry,) = bench.listed()
    assert entry.replayable
    assert len(bench.replay(entry.reason)) == 1
    assert bench.raw()[0].value == greatest.value


def test_an_entry_nobody_can_read_does_not_hide_the_others(bench: Bench) -> None:
    bench.producer.publish([Message(QUARANTINE, "thread", b"{}")])
    bench.quarantine.put([(record(b"x"), Rejected("mapping"))])
    assert len(bench.listed()) == 1


def test_an_empty_quarantine_is_listed_without_waiting(bench: Bench) -> None:
    assert (bench.listed(), bench.replay("mapping")) == ([], [])
    assert bench.clock.now() == START


def test_a_log_that_stops_answering_is_said_to(bench: Bench) -> None:
    consumer = bench.consumer(QUARANTINE)
    with pytest.raises(Retryable, match="not read to their end"):
        listed(consumer, {Partition(QUARANTINE, 0): (0, 5)})
    consumer.close()


@given(st.binary(max_size=200), st.text(max_size=50))
def test_any_bytes_survive_the_wire(raw: bytes, detail: str) -> None:
    entry = Quarantined(
        id="0" * 32,
        stage="s",
        topic=RAW,
        partition=0,
        offset=0,
        key="k",
        reason="r",
        detail=detail,
        sha256="",
        raw=raw,
        truncated=False,
        at=START,
    )
    assert ENTRIES.decode(ENTRIES.encode(entry)) == entry
