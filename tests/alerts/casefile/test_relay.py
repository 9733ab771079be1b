"""What happens to a case reaches the log: once the log takes it, in order, and again after a crash with the same id."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.casefile.acting.steps import act
from alerts.casefile.context import CaseContext
from alerts.casefile.relay import relay
from alerts.casefile.tables import AnnouncementRow
from alerts.notify.channels.folder import FolderChannel, FolderConfig
from alerts.watch import Watcher
from alerts.workflow.cases import ActRequest
from stream.codec import CASE_EVENTS
from stream.errors import Retryable
from stream.log.broker import CASES, Message, Topic
from stream.log.brokers.sqlite.admin import SqliteAdmin
from stream.log.brokers.sqlite.client import SqliteConsumer, SqliteProducer
from stream.messages import CaseEvent, ScoredPost
from stream.process.clock import ScriptedClock

HOUR = timedelta(hours=1)


class Line:
    """The topic `cases` in an embedded log; may crash once after it took a batch, or take nothing."""

    def __init__(self, path: Path, now: datetime) -> None:
        with closing(SqliteAdmin(path)) as admin:
            admin.apply([Topic(CASES)])
        clock = ScriptedClock(now)
        self._producer = SqliteProducer(path, clock)
        self._consumer = SqliteConsumer(path, clock, group="test", topics=[CASES])
        self.away = False
        self.crashes = False

    def publish(self, messages: Sequence[Message]) -> None:
        if self.away:
            raise Retryable("the log is away")
        self._producer.publish(messages)
        if self.crashes:
            self.crashes = False
            raise KeyboardInterrupt

    def told(self) -> list[CaseEvent]:
        found: list[CaseEvent] = []
        while records := self._consumer.poll(100, 0.0):
            found += [CASE_EVENTS.decode(record.value) for record in records]
        return found

    def close(self) -> None:
        self._producer.close()
        self._consumer.close()


@pytest.fixture
def line(tmp_path: Path, now: datetime) -> Iterator[Line]:
    with closing(Line(tmp_path / "log.db", now)) as line:
        yield line


@pytest.fixture
def case(
    context: CaseContext, quiet_weeks: None, rumour: Callable[..., list[ScoredPost]], now: datetime, tmp_path: Path
) -> int:
    """A case that was opened, written about and acknowledged after an hour."""
    rumour(30)
    watcher = Watcher(context, [FolderChannel(FolderConfig(path=tmp_path / "letters"))], "w")
    (seen,) = watcher.look(now)
    watcher.deliver(now)
    assert seen.case_id is not None
    act(context, seen.case_id, ActRequest("acknowledge", "张敏"), now + HOUR)
    return seen.case_id


def test_each_event_is_told_once_in_order_with_the_clock_it_answers(
    context: CaseContext, case: int, line: Line, now: datetime
) -> None:
    assert relay(context.engine, line, context.config.ladder) == 3
    assert relay(context.engine, line, context.config.ladder) == 0
    opened, sent, acknowledged = line.told()
    assert [one.kind for one in (opened, sent, acknowledged)] == ["opened", "sent", "acknowledge"]
    assert [one.number for one in (opened, sent, acknowledged)] == [1, 2, 3]
    assert [one.by for one in (opened, sent, acknowledged)] == ["program", "program", "person"]
    assert {one.topic for one in (opened, sent, acknowledged)} == {"outage"}
    assert (opened.step, opened.elapsed) == (None, 0.0)
    assert (acknowledged.step, acknowledged.elapsed, acknowledged.at) == ("acknowledge", 3600.0, now + HOUR)
    assert acknowledged.due_at is not None
    assert acknowledged.late == (acknowledged.at > acknowledged.due_at)
    assert acknowledged.acknowledged_at == now + HOUR
    assert (acknowledged.spent, acknowledged.limit, acknowledged.met) == (3600.0, 3600.0, True)
    assert acknowledged.first_word_due_at == now + 48 * HOUR
    assert (opened.met, sent.met, acknowledged.outcome) == (None, None, None)


def test_nobody_is_named_and_nothing_quoted(context: CaseContext, case: int, line: Line) -> None:
    with Session(context.engine) as session:
        told = b"".join(session.scalars(select(AnnouncementRow.message))).decode()
    assert "张敏" not in told
    assert "停电" not in told
    assert "@" not in told


def test_a_log_that_is_away_loses_nothing(context: CaseContext, case: int, line: Line) -> None:
    line.away = True
    with pytest.raises(Retryable):
        relay(context.engine, line, context.config.ladder)
    line.away = False
    assert relay(context.engine, line, context.config.ladder) == len(line.told()) == 3


def test_a_crash_after_the_log_took_it_tells_it_again_under_the_same_id(
    context: CaseContext, case: int, line: Line
) -> None:
    line.crashes = True
    with pytest.raises(KeyboardInterrupt):
        relay(context.engine, line, context.config.ladder)
    relay(context.engine, line, context.config.ladder)
    told = line.told()
    assert (len(told), len({one.id for one in told})) == (6, 3)
    assert {one.id: one for one in told[:3]} == {one.id: one for one in told[3:]}


def test_more_than_one_batch_is_told(
    context: CaseContext, case: int, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alerts.casefile.relay.AT_ONCE", 2)
    assert relay(context.engine, line, context.config.ladder) == 3
    assert [one.number for one in line.told()] == [1, 2, 3]
