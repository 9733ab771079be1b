"""Hours in which people cannot be written to, through watcher and ladder: few letters, none lost, told by `check`."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from alerts.casefile.context import CaseContext
from alerts.casefile.tables import EventRow, TaskRow
from alerts.desk.audit import LostAnswers, StuckLetter, UnreachableDesk, audit
from alerts.desk.register import Register
from alerts.notify.channel import AnswerLost, Undeliverable, Unreachable
from alerts.notify.contents.letter import read_letter
from alerts.notify.contents.notice import Colour
from alerts.notify.holding.silences import add_silence
from alerts.notify.tables import OutboxRow
from alerts.watch import Watcher
from stream.messages import ScoredPost
from stream.state.database import reading
from tests.alerts.notify.posting import MINUTE, Door

HOUR = 60 * MINUTE
Rumour = Callable[..., list[ScoredPost]]


class Choosy(Door):
    """Refuses for good whoever is named, and takes the others."""

    def __init__(self, *refused: str) -> None:
        super().__init__([True], "folder")
        self.refused, self.tries = refused, 0

    def send(self, recipient: str, content: bytes, message_id: str) -> str:
        self.tries += 1
        if recipient.split("@")[0] in self.refused:
            raise Undeliverable("552 mailbox full")
        return super().send(recipient, content, message_id)


def goes_by(watcher: Watcher, begin: datetime, end: datetime, step: timedelta) -> None:
    while begin <= end:
        watcher.escalate(begin)
        watcher.deliver(begin)
        begin += step


def tasks(context: CaseContext) -> list[TaskRow]:
    with reading(context.engine) as session:
        return list(session.scalars(select(TaskRow).order_by(TaskRow.id)))


@pytest.fixture
def opened(context: CaseContext, quiet_weeks: None, rumour: Rumour, now: datetime) -> CaseContext:
    rumour(30)
    assert len(Watcher(context, [], "w").look(now)) == 1
    return context


def test_a_last_rung_that_refuses_is_called_again_after_its_limit_and_the_first_one_meanwhile(
    opened: CaseContext, now: datetime
) -> None:
    door = Choosy("wang.fang")
    watcher = Watcher(opened, [door], "w")
    goes_by(watcher, now, now + 6 * HOUR, 5 * MINUTE)
    called = tasks(opened)
    assert [task.desk for task in called[:4]] == ["publicity", "publicity_head", "leaders", "publicity"]
    at_leaders = [task.began_at for task in called if task.desk == "leaders"]
    assert all(later - before >= HOUR for before, later in pairwise(at_leaders))
    assert len(called) <= 12
    assert door.tries < 30
    with reading(opened.engine) as session:
        assert len(session.scalars(select(EventRow.id)).all()) < 60
    register = Register(opened.engine, opened.config, opened.topics)
    assert any(isinstance(one, StuckLetter) for one in audit(register, now + 6 * HOUR))


def test_where_nobody_can_be_written_to_the_ladder_is_climbed_once_in_a_limit(
    opened: CaseContext, now: datetime
) -> None:
    door = Choosy("zhang.min", "li.qiang", "wang.fang")
    watcher = Watcher(opened, [door], "w")
    goes_by(watcher, now, now + 6 * HOUR, 5 * MINUTE)
    assert len(tasks(opened)) <= 3 * 7 + 3
    register = Register(opened.engine, opened.config, opened.topics)
    assert any(isinstance(one, UnreachableDesk) for one in audit(register, now + 6 * HOUR))


def test_two_days_without_a_server_end_in_one_letter_that_counts_the_others(opened: CaseContext, now: datetime) -> None:
    door = Door([Unreachable("connection refused")], "folder")
    watcher = Watcher(opened, [door], "w")
    goes_by(watcher, now, now + 48 * HOUR, 40 * MINUTE)
    door.script = [True]
    monday = now + 48 * HOUR + 31 * MINUTE
    watcher.deliver(monday)
    assert [recipient for recipient, _, _ in door.taken] == ["wang.fang@example.com"]
    with reading(opened.engine) as session:
        (sent,) = session.scalars(select(OutboxRow).where(OutboxRow.state == "sent"))
        assert "封未能送达，最早 9月21日" in read_letter(sent.notice or "").headline
        assert {row.state for row in session.scalars(select(OutboxRow))} == {"sent", "withdrawn"}
    watcher.deliver(monday + HOUR)
    assert len(door.taken) == 1


def test_a_letter_whose_answers_are_lost_is_told_by_check(opened: CaseContext, now: datetime) -> None:
    watcher = Watcher(opened, [Door([AnswerLost("no answer after the whole message")], "folder")], "w")
    for minute in (0, 1):
        watcher.deliver(now + minute * MINUTE)
    register = Register(opened.engine, opened.config, opened.topics)
    (complaint,) = audit(register, now + 2 * MINUTE)
    assert isinstance(complaint, LostAnswers)
    assert (complaint.letter.lost, complaint.letter.next_at) == (2, now + MINUTE + 6 * HOUR)


def test_a_held_letter_is_no_complaint_until_it_should_have_gone(opened: CaseContext, now: datetime) -> None:
    register = Register(opened.engine, opened.config, opened.topics)
    add_silence(opened.engine, "outage", now + HOUR / 2, reason="x", by="y", up_to=Colour.YELLOW, now=now)
    Watcher(opened, [Door([True], "folder")], "w").deliver(now)
    assert audit(register, now + 44 * MINUTE) == []
    assert [type(one) for one in audit(register, now + 46 * MINUTE)] == [StuckLetter]
