"""Whatever happens in whatever order, nobody's notice is lost, and nobody gets it oftener than senders have died.

Hypothesis queues, writes again about the same, lets channels fail, kills senders before and after the far side took a
notice, sets the clock forward past quiet hours and silences, takes tasks back and tries again by hand. What was sent is
counted at the far side. A demand that nobody heard by itself is in a newer letter of its case, in a digest, in line, or
no demand any more.
"""

from collections import Counter
from dataclasses import replace
from datetime import time, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from alerts.notify.channel import AnswerLost, Undeliverable, Unreachable
from alerts.notify.contents.letter import read_letter
from alerts.notify.contents.notice import Colour, Notice
from alerts.notify.holding.silences import add_silence
from alerts.notify.outbox import CaseRef, retry, withdraw
from alerts.notify.tables import DIGEST, PENDING, OutboxRow
from alerts.people.directory import Person
from alerts.people.hours import Quiet
from stream.state.database import migrate, open_state, transaction
from tests.alerts.notify.posting import MINUTE, NOW, notice, open_task, put, routing, rows, send

PEOPLE = {
    "zhang": Person(name="张敏", email="zhang@example.com", quiet=Quiet(**{"from": time(22), "to": time(7)})),  # type: ignore[arg-type]
    "li": Person(name="李强", email="li@example.com", addresses={"second": "li.home@example.com"}),
}
NAMES = ("door", "second", "third")
WAYS = replace(routing(*NAMES, people=PEOPLE), letters_per_10m=3)


@cache
def migrated() -> bytes:
    """An empty state, made once."""
    with TemporaryDirectory() as folder:
        engine = open_state(f"sqlite:///{folder}/state.db")
        migrate(engine)
        engine.dispose()
        return (Path(folder) / "state.db").read_bytes()


class Killed(BaseException):
    """Raised where a sender dies."""


class Far:
    """The far side of one channel: answers as it is told to, and keeps what it took."""

    longest = MINUTE

    def __init__(self, name: str) -> None:
        self.name = name
        self.mood = "takes"
        self.took: Counter[tuple[str, str]] = Counter()
        self.bytes: dict[tuple[str, str], set[bytes]] = {}
        self.turn = Lock()

    def send(self, recipient: str, content: bytes, message_id: str) -> str:
        with self.turn:  # a death is one sender's, however many are at the door
            return self._answer(recipient, content, message_id)

    def _answer(self, recipient: str, content: bytes, message_id: str) -> str:
        mood = self.mood
        if mood == "dies_before":
            self.mood = "takes"
            raise Killed
        if mood == "away":
            raise Unreachable("away")
        if mood == "refuses":
            raise Undeliverable("550 no")
        self.took[recipient, message_id] += 1
        self.bytes.setdefault((recipient, message_id), set()).add(content)
        if mood == "dies_after":
            self.mood = "takes"
            raise Killed
        if mood == "loses":
            raise AnswerLost("the answer was lost")
        return "250 taken"


class Outbox(RuleBasedStateMachine):
    """Two people, three channels, one sender that dies and is started again."""

    @initialize()
    def begin(self) -> None:
        self.folder = TemporaryDirectory()
        (Path(self.folder.name) / "state.db").write_bytes(migrated())
        self.engine = open_state(f"sqlite:///{self.folder.name}/state.db")
        self.now = NOW
        self.far = {name: Far(name) for name in NAMES}
        self.refs: list[CaseRef] = []
        self.notices: list[tuple[str, str]] = []
        self.taken_back: set[str] = set()
        self.copies = 0
        self.by_hand: set[int] = set()

    def teardown(self) -> None:
        """In the end every channel is well: then everybody has every notice that was not taken back."""
        try:
            self._settle()
        finally:
            self.engine.dispose()
            self.folder.cleanup()

    def _settle(self) -> None:
        for far in self.far.values():
            far.mood = "takes"
        for _ in range(6):  # past every pause, silence and quiet hour
            self.now += timedelta(hours=25)
            send(self.engine, WAYS, self.now, *self.far.values())
        for row in rows(self.engine):
            assert row.state not in PENDING
        self.a_notice_that_nobody_has_is_in_line_or_was_refused_or_replaced_or_taken_back()

    @rule()
    def a_case_is_written_about(self) -> None:
        topic = f"topic{len(self.refs)}"
        ref = replace(open_task(self.engine, topic), topic=topic)
        self.refs.append(ref)
        for person in PEOPLE:
            name = f"{ref.case_id}.{person}@h"
            put(self.engine, WAYS, ref, notice(name, at=self.now, case=ref.case_id), person)
            put(
                self.engine, WAYS, ref, notice(name, at=self.now + MINUTE, case=ref.case_id), person
            )  # told twice, queued once
            self.notices.append((f"<{name}>", person))

    @precondition(lambda self: self.refs)
    @rule(data=st.data(), person=st.sampled_from(list(PEOPLE)), colour=st.sampled_from(list(Colour)))
    def a_case_is_written_about_again(self, data: Any, person: str, colour: Colour) -> None:
        ref = data.draw(st.sampled_from(self.refs))
        if f"<{ref.case_id}." in self.taken_back:
            return
        name = f"{ref.case_id}.{person}.{len(self.notices)}@h"
        put(self.engine, WAYS, ref, notice(name, at=self.now, colour=colour, case=ref.case_id), person)
        self.notices.append((f"<{name}>", person))

    @rule(hours=st.integers(1, 30))
    def a_topic_is_silenced(self, hours: int) -> None:
        until = self.now + timedelta(hours=hours)
        add_silence(self.engine, "topic0", until, reason="x", by="y", up_to=Colour.YELLOW, now=self.now)

    @rule(name=st.sampled_from(NAMES), mood=st.sampled_from(["takes", "away", "refuses", "loses"]))
    def a_channel_changes(self, name: str, mood: str) -> None:
        self.far[name].mood = mood

    @rule(minutes=st.sampled_from([0, 1, 5, 20, 120]))
    def a_round_is_sent(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        before = self._took()
        send(self.engine, WAYS, self.now, *self.far.values())
        self.copies += sum(
            count
            for name, far in self.far.items()
            if far.mood == "loses"
            for count in (far.took - before[name]).values()
        )

    @rule(name=st.sampled_from(NAMES), how=st.sampled_from(["dies_before", "dies_after"]))
    def the_sender_dies(self, name: str, how: str) -> None:
        mood, self.far[name].mood = self.far[name].mood, how
        try:
            send(self.engine, WAYS, self.now, *self.far.values())
        except Killed:
            self.copies += how == "dies_after"
        self.far[name].mood = mood

    @precondition(lambda self: self.refs)
    @rule(data=st.data())
    def a_task_is_done(self, data: Any) -> None:
        ref = data.draw(st.sampled_from(self.refs))
        with transaction(self.engine) as session:
            withdraw(session, ref.task_id or 0)
        self.taken_back.add(f"<{ref.case_id}.")

    @precondition(lambda self: self.notices)
    @rule(data=st.data())
    def somebody_tries_again(self, data: Any) -> None:
        row = data.draw(st.sampled_from(rows(self.engine)))
        if retry(self.engine, self.now, row.id):
            self.by_hand.add(row.id)

    @invariant()
    def there_is_one_row_for_each_notice_and_channel(self) -> None:
        kept = [(row.message_id, row.channel) for row in rows(self.engine)]
        assert len(kept) == len(set(kept))
        assert len([name for name, _ in kept if not name.startswith(DIGEST)]) == 3 * len(self.notices)

    @invariant()
    def what_counts_as_sent_was_taken(self) -> None:
        for row in rows(self.engine):
            if row.state == "sent":
                assert self.far[row.channel or ""].took[row.recipient, row.message_id]

    @invariant()
    def copies_are_the_same_bytes_and_no_more_than_deaths_and_lost_answers(self) -> None:
        kept = {(row.channel, row.recipient, row.message_id): {row.message, row.plain} for row in rows(self.engine)}
        for name, far in self.far.items():
            for (recipient, message_id), sent in far.bytes.items():
                assert sent <= kept[name, recipient, message_id]
        assert sum(sum(far.took.values()) - len(far.took) for far in self.far.values()) <= self.copies

    @invariant()
    def a_notice_that_nobody_has_is_in_line_or_was_refused_or_replaced_or_taken_back(self) -> None:
        kept: dict[str, list[OutboxRow]] = {}
        for row in rows(self.engine):
            kept.setdefault(row.message_id, []).append(row)
        for message_id, _ in self.notices:
            back = any(message_id.startswith(one) for one in self.taken_back)
            assert back or self._is_heard_or_to_be_heard(message_id, kept)

    def _is_heard_or_to_be_heard(self, message_id: str, kept: dict[str, list[OutboxRow]]) -> bool:
        if any(message_id == name for far in self.far.values() for _, name in far.took):
            return True
        mine = kept[message_id]
        if any(row.state in PENDING for row in mine) or all(row.state == "failed" for row in mine):
            return True
        (instead,) = {row.instead for row in mine if row.instead}
        told = [read_letter(row.notice or "") for row in kept[instead]]
        named = isinstance(told[0], Notice) or f"事件 {read_letter(mine[0].notice or '').case}「" in str(told[0])  # type: ignore[union-attr]
        return named and self._is_heard_or_to_be_heard(instead, kept)

    @invariant()
    def nothing_of_a_task_that_is_over_is_tried_again(self) -> None:
        for row in rows(self.engine):
            if any(row.message_id.startswith(one) for one in self.taken_back):
                assert row.state != "queued" or row.id in self.by_hand

    def _took(self) -> dict[str, Counter[tuple[str, str]]]:
        return {name: Counter(far.took) for name, far in self.far.items()}


TestOutbox = Outbox.TestCase
TestOutbox.settings = settings(max_examples=12, stateful_step_count=25, deadline=None)
