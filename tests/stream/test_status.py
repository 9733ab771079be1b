"""The status as a value: sums over partitions, the last hour by stage and source, who runs where."""

from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from socket import gethostname

import pytest

from stream.config import StreamConfig, TopicConfig
from stream.index.sqlite.posts import SqliteIndexReader, SqliteIndexWriter
from stream.log.broker import RAW, SCORED, Message
from stream.log.topics import configured
from stream.messages import Label, StageHealth, wire_time
from stream.process.running import Signs, StageState
from stream.state.source_health import SourceState
from stream.state.source_standing import SourceFact
from stream.status import Status, take
from tests.stream.logs import SqliteLog
from tests.stream.scored import HOUR, NOON, scored
from tests.stream.told import beat

MINUTE = timedelta(minutes=1)
NOW = NOON + HOUR
HERE = f"{gethostname()}:1"


class Bench:
    def __init__(self, folder: Path) -> None:
        self.log = SqliteLog(folder)
        self.admin = self.log.admin()
        self.admin.apply(configured(StreamConfig(topics={RAW: TopicConfig(partitions=3)})))
        self.index = folder / "index.db"

    def take(
        self, *health: StageHealth, signs: dict[str, Signs] | None = None, quarantined: Counter[str] | None = None,
        sources: tuple[SourceFact, ...] = (),
    ) -> Status:  # fmt: skip
        with closing(SqliteIndexReader(self.index)) as reader:
            return take(
                self.admin, reader, (RAW, SCORED), quarantined=quarantined or Counter(), health=health,
                signs=signs or {}, now=NOW, sources=sources,
            )  # fmt: skip


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_topic_is_the_sum_of_its_partitions(bench: Bench) -> None:
    bench.log.producer().publish([Message(RAW, str(number), b"x") for number in range(30)])
    raw, scored_ = bench.take().topics
    assert (raw.topic, raw.partitions, raw.kept, raw.written) == (RAW, 3, 30, 30)
    assert (scored_.partitions, scored_.kept) == (6, 0)


def test_records_dropped_unread_are_a_gap_and_not_a_lag(bench: Bench) -> None:
    producer, consumer = bench.log.producer(), bench.log.consumer("slow", [RAW])
    producer.publish([Message(RAW, "one", b"x")] * 2)
    consumer.poll(1, 0)
    (record,) = consumer.poll(1, 0)  # the second, which is not committed
    consumer.commit({record.partition: 1})
    producer.publish([Message(RAW, "one", b"x")] * 3)
    bench.log.drop_everything()
    producer.publish([Message(RAW, "one", b"x")])
    (group,) = bench.take().groups
    assert (group.group, group.topic, group.lag, group.gap) == ("slow", RAW, 1, 4)


def test_groups_are_told_in_order_each_topic_once(bench: Bench) -> None:
    bench.log.producer().publish([Message(topic, str(number), b"x") for number in range(9) for topic in (RAW, SCORED)])
    for name in ("b", "a"):
        consumer = bench.log.consumer(name, [RAW, SCORED])
        last = {record.partition: record.offset + 1 for record in consumer.poll(100, 0)}
        consumer.commit(last)
    assert [(one.group, one.topic, one.lag) for one in bench.take().groups] == [
        ("a", RAW, 0), ("a", SCORED, 0), ("b", RAW, 0), ("b", SCORED, 0),
    ]  # fmt: skip


def test_posts_are_counted_by_label_all_of_them_named(bench: Bench) -> None:
    with closing(SqliteIndexWriter(bench.index)) as writer:
        writer.put([scored(1), scored(2, label=Label.UNCERTAIN), scored(3, label=Label.UNCERTAIN)])
    status = bench.take(quarantined=Counter({"z": 1, "a": 2}))
    assert status.indexed == 3
    assert status.labels == {"negative": 1, "neutral": 0, "positive": 0, "uncertain": 2}
    assert list(status.quarantined.items()) == [("a", 2), ("z", 1)]


def test_a_stage_is_the_sum_of_its_processes_with_the_last_lag(bench: Bench) -> None:
    status = bench.take(
        beat(1, instance="a:1", done=1, rejected=1, lag=9.0),
        beat(2, instance="b:1", done=2, rejected=0, lag=0.5),
        beat(2, "score", done=4, lag=None),
    )
    index, score = status.stages
    assert (index.stage, index.processes, index.done, index.rejected, index.lag) == ("index", 2, 3, 1, 0.5)
    assert index.told_at == "2026-09-21T04:02:00.000Z"
    assert (score.done, score.lag) == (4, None)


def test_crawls_are_told_by_their_source(bench: Bench) -> None:
    status = bench.take(*(beat(n, "crawl", source=source, done=n) for n, source in ((1, "b"), (2, "a"), (3, "b"))))
    assert [(one.source, one.done) for one in status.stages] == [("a", 2), ("b", 4)]


def test_sources_are_told_as_they_stand_before_the_index_knows_of_them(bench: Bench) -> None:
    hour = timedelta(hours=1)
    well = SourceFact(name="a", state=SourceState.OK, started_at=NOW, succeeded_at=NOW - hour, page_at=NOW)
    shut = SourceFact(name="b", state=SourceState.BLOCKED, state_since=NOW - hour, reason="captcha")
    first, second = bench.take(sources=(well, shut)).sources
    assert (first.source, first.state, first.last_good, first.why) == ("a", "working", wire_time(NOW), "")
    assert (second.state, second.since, second.last_good, second.why) == (
        "blocked", wire_time(NOW - hour), None, "captcha",
    )  # fmt: skip


def test_what_was_told_here_starts_no_process_here(bench: Bench) -> None:
    (run,) = bench.take(beat(59, instance=HERE), signs={"index": Signs()}).running
    assert (run.state, run.processes, run.last) == (StageState.STOPPED, 0, "2026-09-21T04:59:00.000Z")


def test_processes_elsewhere_are_counted_by_what_they_told(bench: Bench) -> None:
    health = [beat(58, instance="a:1"), beat(59, instance="b:1"), beat(59, instance="a:1")]
    (run,) = bench.take(*health, signs={"index": Signs()}).running
    assert (run.state, run.processes) == (StageState.RUNNING, 2)


def test_the_newest_sign_counts_wherever_it_comes_from(bench: Bench) -> None:
    signs = Signs(started=(NOON,), last=NOW - 2 * MINUTE)
    (run,) = bench.take(beat(10, instance="a:1"), signs={"index": signs}).running
    assert (run.state, run.processes, run.last) == (StageState.RUNNING, 2, "2026-09-21T04:58:00.000Z")


def test_a_stage_without_any_sign_never_ran(bench: Bench) -> None:
    (run,) = bench.take(beat(59), signs={"alerts": Signs()}).running
    assert (run.stage, run.state, run.last) == ("alerts", StageState.NEVER, None)


def test_a_crawl_is_a_sign_of_the_crawlers_and_of_no_other_stage(bench: Bench) -> None:
    signs = {"crawlers": Signs(), "index": Signs()}
    crawlers, index = bench.take(beat(59, "crawl", source="bbs", instance="a:1"), signs=signs).running
    assert (crawlers.state, index.state) == (StageState.RUNNING, StageState.NEVER)
