"""What a stage tells of itself, minute by minute, through the embedded log."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from stream.codec import STAGE_HEALTH
from stream.errors import Retryable
from stream.log.broker import HEALTH, Topic
from stream.log.brokers.sqlite.admin import SqliteAdmin
from stream.log.brokers.sqlite.client import SqliteConsumer, SqliteProducer
from stream.log.health import HealthReporter
from stream.log.worker import Counters
from stream.messages import StageHealth
from stream.process.alive import Alive
from stream.process.clock import ScriptedClock

NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)


class Moody(SqliteProducer):
    refusals = 0

    def publish(self, messages: object) -> None:
        if self.refusals:
            self.refusals -= 1
            raise Retryable("the log is away")
        super().publish(messages)  # type: ignore[arg-type]


def test_each_record_tells_of_the_time_since_the_last_one_the_log_took(tmp_path: Path) -> None:
    clock, path = ScriptedClock(NOW), tmp_path / "log.db"
    with closing(SqliteAdmin(path)) as admin:
        admin.apply([Topic(HEALTH, partitions=1)])
    with (
        closing(Moody(path, clock)) as producer,
        closing(SqliteConsumer(path, clock, group="test", topics=[HEALTH])) as consumer,
    ):
        report = HealthReporter(producer, clock, "index", "host:1", alive=Alive(tmp_path, "index"))
        assert not (tmp_path / "alive").exists()
        clock.sleep(60)
        report(Counters(read=10, done=9, rejected=1, lag=2.5))
        assert (tmp_path / "alive" / "index").exists()
        producer.refusals = 1
        clock.sleep(60)
        report(Counters(read=11, done=10, rejected=1))
        clock.sleep(60)
        report(Counters(read=15, done=14, rejected=1, retried=3))
        told = [STAGE_HEALTH.decode(record.value) for record in consumer.poll(9, 0.0)]
    first, second = told
    assert (first.at, first.seconds) == (NOW + timedelta(minutes=1), 60)
    assert (first.read, first.done, first.rejected) == (10, 9, 1)
    assert (second.at, second.seconds, second.read, second.retried) == (NOW + timedelta(minutes=3), 120, 5, 3)
    assert first.id != second.id
    assert isinstance(first, StageHealth)
