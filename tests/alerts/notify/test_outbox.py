import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from alerts.casefile.casework import Office
from alerts.casefile.tables import EventRow, OutboxRow, TaskRow, broken_link
from alerts.notify.channel import Undeliverable, Unreachable
from alerts.notify.channels.folder import FileChannel
from alerts.notify.outbox import Fate, deliver, retry
from alerts.watch import Watcher
from stream.messages import ScoredPost
from stream.process.holders import this_machine
from stream.state.database import transaction

MINUTE = timedelta(minutes=1)
QUARTER = 15 * MINUTE


@dataclass
class Door:
    """A channel whose answers are scripted: True takes the letter, an exception is raised; the last one stays."""

    script: list[bool | Exception]
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    name: str = "door"
    longest: timedelta = MINUTE

    def send(self, recipient: str, message: bytes) -> str:
        answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(answer, Exception):
            raise answer
        self.taken.append((recipient, message))
        return "250 taken"


@pytest.fixture
def queued(office: Office, quiet_weeks: None, rumour: Callable[..., list[ScoredPost]], now: datetime) -> Engine:
    """One case, one letter in line."""
    rumour(30)
    assert len(Watcher(office, [], "w").look(now)) == 1
    return office.engine


def rows(engine: Engine) -> list[OutboxRow]:
    with transaction(engine) as session:
        return list(session.scalars(select(OutboxRow).order_by(OutboxRow.id)))


def kinds(engine: Engine) -> list[str]:
    with transaction(engine) as session:
        return list(session.scalars(select(EventRow.kind).order_by(EventRow.number)))


def test_a_sent_letter_is_recorded_with_the_servers_words_and_never_sent_again(queued: Engine, now: datetime) -> None:
    door = Door([True])
    assert [a.fate for a in deliver(now, queued, [door], second_after=QUARTER)] == [Fate.SENT]
    assert deliver(now + timedelta(days=9), queued, [door], second_after=QUARTER) == []
    (row,) = rows(queued)
    assert (row.state, row.answer, row.sent_at) == ("sent", "door: 250 taken", now)
    assert kinds(queued) == ["opened", "sent"]


def test_a_closed_door_is_tried_after_1_2_5_10_and_then_every_30_minutes(queued: Engine, now: datetime) -> None:
    door = Door([Unreachable("closed")])
    tries, moment = [], now
    while moment < now + timedelta(hours=2):
        tries += [(moment - now) // MINUTE for _ in deliver(moment, queued, [door], second_after=QUARTER)]
        moment += MINUTE
    assert tries == [0, 1, 3, 8, 18, 48, 78, 108]
    door.script = [True]
    assert [a.fate for a in deliver(moment + 30 * MINUTE, queued, [door], second_after=QUARTER)] == [Fate.SENT]


def test_the_second_channel_is_used_once_when_the_first_stays_away(
    queued: Engine, now: datetime, tmp_path: Path
) -> None:
    first, second = Door([Unreachable("closed")]), FileChannel(tmp_path / "letters")
    for minute in range(60):
        deliver(now + minute * MINUTE, queued, [first, second], second_after=QUARTER)
    assert len(list((tmp_path / "letters").iterdir())) == 1
    assert kinds(queued) == ["opened", "second_channel"]
    assert rows(queued)[0].state == "queued"


def test_a_refused_letter_goes_once_more_without_post_text_and_then_the_next_desk_is_called(
    queued: Engine, office: Office, now: datetime
) -> None:
    door = Door([Undeliverable("550 content"), Undeliverable("550 content"), True])
    watcher = Watcher(office, [door], "w")
    assert [a.fate for a in watcher.deliver(now)] == [Fate.AGAIN_WITHOUT_TEXT, Fate.FAILED]
    assert [(c.step, c.desk) for c in watcher.escalate(now)] == [("acknowledge", "publicity_head")]
    assert [a.fate for a in watcher.deliver(now)] == [Fate.SENT]
    assert door.taken[0][0] == "li.qiang@example.com"
    assert kinds(queued) == ["opened", "sent_without_text", "not_delivered", "escalated", "sent"]


def test_the_second_try_of_a_refused_letter_holds_no_post_text(queued: Engine, now: datetime) -> None:
    door = Door([Undeliverable("554 spam"), True])
    deliver(now, queued, [door], second_after=QUARTER)
    (row,) = rows(queued)
    assert door.taken[0][1] == row.plain != row.message
    assert (row.state, row.without_text) == ("sent", True)


def test_a_letter_claimed_by_a_sender_that_died_goes_out_after_its_lease_with_the_same_name(
    queued: Engine, now: datetime
) -> None:
    class Dies(BaseException):
        pass

    class Deadly(Door):
        def send(self, recipient: str, message: bytes) -> str:
            super().send(recipient, message)
            raise Dies

    deadly, door = Deadly([True]), Door([True])
    with pytest.raises(Dies):
        deliver(now, queued, [deadly], second_after=QUARTER)
    assert deliver(now + MINUTE, queued, [door], second_after=QUARTER) == []
    assert len(deliver(now + 2 * MINUTE, queued, [door], second_after=QUARTER)) == 1
    assert deadly.taken == door.taken


def test_a_letter_claimed_by_a_process_of_this_machine_that_ended_is_not_waited_for(
    queued: Engine, now: datetime
) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with transaction(queued) as session:
        row = session.scalars(select(OutboxRow)).one()
        row.state, row.token, row.lease_until = "claimed", f"1f {this_machine()} {gone.pid}", now + 20 * MINUTE
    assert [a.fate for a in deliver(now, queued, [Door([True])], second_after=QUARTER)] == [Fate.SENT]


def test_a_sender_that_lost_its_claim_changes_nothing(queued: Engine, now: datetime) -> None:
    class Slow(Door):
        def send(self, recipient: str, message: bytes) -> str:
            deliver(now + 10 * MINUTE, queued, [Door([True])], second_after=QUARTER)
            raise Unreachable("timed out")

    deliver(now, queued, [Slow([True])], second_after=QUARTER)
    assert rows(queued)[0].state == "sent"
    assert kinds(queued) == ["opened", "sent"]


def test_a_failed_letter_can_be_tried_again_by_hand(queued: Engine, now: datetime) -> None:
    deliver(now, queued, [Door([Undeliverable("550 no")])], second_after=QUARTER)
    (row,) = rows(queued)
    assert row.state == "failed"
    assert retry(queued, now, row.id)
    assert [a.fate for a in deliver(now, queued, [Door([True])], second_after=QUARTER)] == [Fate.SENT]
    assert not retry(queued, now, row.id)


def test_a_failed_letter_makes_its_task_due_only_if_nobody_of_the_desk_was_reached(
    queued: Engine, now: datetime
) -> None:
    with transaction(queued) as session:
        row = session.scalars(select(OutboxRow)).one()
        session.add(
            OutboxRow(
                case_id=row.case_id, step=row.step, recipient="other@example.com", revision=0, task_id=row.task_id,
                message_id="<other@h>", message=b"m", plain=b"p", queued_at=now, next_at=now + 9 * MINUTE,
            )
        )  # fmt: skip
    deliver(now, queued, [Door([Undeliverable("550 no")])], second_after=QUARTER)
    with transaction(queued) as session:
        assert session.scalars(select(TaskRow)).one().due_at > now


def one_more(session: Session, like: OutboxRow, number: int, now: datetime) -> None:
    session.add(
        OutboxRow(
            case_id=like.case_id, step=like.step, recipient=f"{number}@example.com", revision=0, task_id=like.task_id,
            message_id=f"<{number}@h>", message=str(number).encode(), plain=b"p", queued_at=now, next_at=now,
        )
    )  # fmt: skip


def test_of_many_senders_at_once_each_letter_is_sent_by_one_and_the_history_stays_whole(
    queued: Engine, now: datetime
) -> None:
    with transaction(queued) as session:
        first = session.scalars(select(OutboxRow)).one()
        for number in range(23):
            one_more(session, first, number, now)
    door = Door([True])
    with ThreadPoolExecutor(6) as pool:
        rounds = [pool.submit(deliver, now, queued, [door], second_after=QUARTER) for _ in range(6)]
        sent = [attempt.message_id for one in rounds for attempt in one.result()]
    assert len(sent) == len(set(sent)) == len(door.taken) == 24
    with transaction(queued) as session:
        events = session.scalars(select(EventRow).order_by(EventRow.number)).all()
        assert (len(events), broken_link(events)) == (25, None)


def test_two_letters_refused_at_the_same_moment_still_call_the_next_desk(queued: Engine, now: datetime) -> None:
    with transaction(queued) as session:
        one_more(session, session.scalars(select(OutboxRow)).one(), 1, now)
    together = Barrier(2)

    class Refusing(Door):
        def send(self, recipient: str, message: bytes) -> str:
            together.wait(10)
            raise Undeliverable("550 no")

    with ThreadPoolExecutor(2) as pool:
        doors = [pool.submit(deliver, now, queued, [Refusing([True])], second_after=QUARTER) for _ in range(2)]
        fates = [attempt.fate for one in doors for attempt in one.result()]
    assert fates.count(Fate.FAILED) == 2
    with transaction(queued) as session:
        assert session.scalars(select(TaskRow)).one().due_at == now
