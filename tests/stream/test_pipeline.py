"""How far the pipeline has come, by what waits in the log, on every engine: behind stages that are slow, or dead."""

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from stream.codec import POSTS
from stream.codec import SCORED as SCORED_POSTS
from stream.config import StreamConfig
from stream.engines import apply_topics, open_consumer, open_pipeline, open_producer
from stream.errors import Retryable
from stream.log.broker import INDEXING, RAW, SCORED, SCORING, Admin, Message, Topic
from stream.messages import Post
from stream.pipeline import Pipeline, complete_until
from stream.process.clock import ScriptedClock
from tests.stream.logs import ENGINES, KEEP, Log, opened
from tests.stream.scored import NOON, scored

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
POST_FIELDS = Post.__dataclass_fields__


@pytest.fixture(params=sorted(ENGINES))
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Log]:
    with opened(request.param, tmp_path) as log:
        log.admin().apply([Topic(RAW, keep=KEEP), Topic(SCORED, keep=KEEP)])
        yield log


def raw(number: int, at: datetime, thread: str | None = None) -> Message:
    """Post `number` as a crawler saw it at `at`."""
    whole = scored(number, at=at)
    post = Post(**{name: getattr(whole, name) for name in POST_FIELDS})
    return Message(RAW, thread or f"thread{number}", POSTS.encode(post))


def judged(number: int, at: datetime, thread: str | None = None) -> Message:
    """The same post with its score."""
    return Message(SCORED, thread or f"thread{number}", SCORED_POSTS.encode(scored(number, at=at)))


def work(log: Log, group: str, topic: str, records: int = 1000) -> None:
    """A stage takes up to so many records and commits them."""
    consumer = log.consumer(group, [topic])
    done = {record.partition: record.offset + 1 for record in consumer.poll(records, 0)}
    consumer.commit(done)
    consumer.close()


def publish(log: Log, *messages: Message) -> None:
    log.producer().publish(messages)


def ask(log: Log, now: datetime) -> datetime:
    return complete_until(log.admin(), now)


def test_where_nothing_ever_came_all_is_complete(log: Log) -> None:
    assert ask(log, log.clock.now()) == log.clock.now()


def test_posts_wait_for_a_stage_that_never_ran(log: Log) -> None:
    start = log.clock.now()
    publish(log, raw(1, start), raw(2, start - MINUTE), raw(3, start + MINUTE))
    log.clock.sleep(60)
    assert ask(log, log.clock.now()) == start - MINUTE


def test_what_was_handled_waits_no_more(log: Log) -> None:
    start = log.clock.now()
    publish(log, raw(1, start - MINUTE, "one"), raw(2, start, "one"))
    work(log, SCORING, RAW, 1)
    assert ask(log, start + HOUR) == start
    work(log, SCORING, RAW)
    assert ask(log, start + HOUR) == start + HOUR


def test_a_post_that_is_scored_waits_for_the_index_since_it_was_seen_and_not_since_it_was_scored(log: Log) -> None:
    start = log.clock.now()
    publish(log, judged(1, start - 3 * HOUR), judged(2, start - 2 * HOUR))
    assert ask(log, start) == start - 3 * HOUR
    work(log, INDEXING, SCORED)
    assert ask(log, start) == start


def test_the_oldest_of_both_topics_counts(log: Log) -> None:
    start = log.clock.now()
    publish(log, raw(1, start - MINUTE), judged(2, start - 2 * MINUTE))
    assert ask(log, start) == start - 2 * MINUTE
    work(log, INDEXING, SCORED)
    assert ask(log, start) == start - MINUTE


def test_other_groups_do_not_count(log: Log) -> None:
    start = log.clock.now()
    publish(log, raw(1, start - MINUTE))
    work(log, "look.1", RAW)
    assert ask(log, start) == start - MINUTE


def test_a_record_that_nobody_can_read_waits_since_it_came(log: Log) -> None:
    came = log.clock.now()
    publish(log, Message(RAW, "one", b"no post"), Message(SCORED, "one", b""))
    log.clock.sleep(60)
    assert ask(log, log.clock.now()) == came.replace(microsecond=came.microsecond // 1000 * 1000)


def test_a_post_that_claims_to_be_seen_in_the_future_waits_since_it_came(log: Log) -> None:
    came = log.clock.now()
    publish(log, raw(1, came + HOUR))
    assert ask(log, came + 2 * HOUR) == came.replace(microsecond=came.microsecond // 1000 * 1000)


def test_nothing_is_complete_beyond_now(log: Log) -> None:
    start = log.clock.now()
    publish(log, raw(1, start))
    assert ask(log, start - HOUR) == start - HOUR


def test_records_dropped_unread_wait_no_more(log: Log) -> None:
    publish(log, *(raw(number, log.clock.now(), "one") for number in range(5)))
    work(log, SCORING, RAW, 2)
    log.drop_everything()
    now = log.clock.now()
    assert ask(log, now) == now
    publish(log, raw(9, now - MINUTE, "one"))
    assert ask(log, now) == now - MINUTE


class Away:
    """A log that answers at every second attempt to open it, and then twice."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.opened = 0

    def __call__(self) -> Admin:
        self.opened += 1
        if self.opened % 2:
            raise Retryable("log away")
        return self._log.admin()


def test_nobody_can_tell_while_the_log_is_away_and_it_is_asked_again(log: Log) -> None:
    away = Away(log)
    now = log.clock.now()
    with closing(Pipeline(away)) as pipeline:
        assert away.opened == 0
        assert [pipeline.complete_until(now) for _ in range(4)] == [None, now, now, now]
    assert away.opened == 2


class Breaking:
    """A log that opens and then does not answer."""

    def __init__(self) -> None:
        self.closed = 0

    def waiting(self, group: str, topic: str) -> list[object]:
        raise Retryable("log away")

    def close(self) -> None:
        self.closed += 1


def test_a_log_that_does_not_answer_is_opened_anew() -> None:
    opened = [Breaking(), Breaking()]
    left = iter(opened)
    with closing(Pipeline(lambda: next(left))) as pipeline:  # type: ignore[arg-type, return-value]
        assert [pipeline.complete_until(NOON), pipeline.complete_until(NOON)] == [None, None]
    assert [one.closed for one in opened] == [1, 1]


def test_the_configured_log_is_asked(tmp_path: Path) -> None:
    config, clock = StreamConfig(var=tmp_path), ScriptedClock(NOON)
    apply_topics(config)
    with closing(open_producer(config, clock)) as producer:
        producer.publish([raw(1, NOON - MINUTE)])
    with closing(open_pipeline(config)) as pipeline:
        assert pipeline.complete_until(NOON) == NOON - MINUTE
        with closing(open_consumer(config, clock, SCORING, [RAW])) as consumer:
            consumer.commit({record.partition: record.offset + 1 for record in consumer.poll(10, 0)})
        assert pipeline.complete_until(NOON) == NOON


def test_a_question_is_cheap_however_much_waits(log: Log) -> None:
    start = log.clock.now()
    for batch in range(10):
        publish(log, *(raw(number, start + batch * MINUTE) for number in range(500)))
    admin = log.admin()
    complete_until(admin, start)  # connects
    began = time.monotonic()
    assert complete_until(admin, start + HOUR) == start
    assert time.monotonic() - began < 2
