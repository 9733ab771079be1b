"""Whatever happens in whatever order, nobody's notice is lost, and nobody gets it oftener than senders have died.

Hypothesis queues, lets channels fail, kills senders before and after the far side took a notice, sets the clock
forward, takes tasks back and tries again by hand. What was sent is counted at the far side.
"""

from collections import Counter
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from alerts.notify.channel import Undeliverable, Unreachable
from alerts.notify.outbox import CaseRef, retry, withdraw
from alerts.notify.tables import PENDING
from alerts.people.directory import Person
from stream.state.database import migrate, open_state, transaction
from tests.alerts.notify.posting import MINUTE, NOW, notice, open_task, put, routing, rows, send

PEOPLE = {
    "zhang": Person(name="张敏", email="zhang@example.com"),
    "li": Person(name="李强", email="li@example.com", addresses={"second": "li.home@example.com"}),
}
NAMES = ("door", "second", "third")
WAYS = routing(*NAMES, people=PEOPLE)


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

    def send(self, recipient: str, content: bytes, message_id: str) -> str:
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
            raise Unreachable("the answer was lost")
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
        for _ in range(4):
            self.now += timedelta(minutes=31)
            send(self.engine, WAYS, self.now, *self.far.values())
        for row in rows(self.engine):
            assert row.state not in PENDING
        self.a_notice_that_nobody_has_is_in_line_or_was_refused_or_taken_back()

    @rule()
    def a_case_is_written_about(self) -> None:
        ref = open_task(self.engine, f"topic{len(self.refs)}")
        self.refs.append(ref)
        for person in PEOPLE:
            name = f"{ref.case_id}.{person}@h"
            put(self.engine, WAYS, ref, notice(name, at=self.now), person)
            put(self.engine, WAYS, ref, notice(name, at=self.now + MINUTE), person)  # told twice, queued once
            self.notices.append((f"<{name}>", person))

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
        retry(self.engine, self.now, row.id)

    @invariant()
    def there_is_one_row_for_each_notice_and_channel(self) -> None:
        kept = [(row.message_id, row.channel) for row in rows(self.engine)]
        assert len(kept) == len(set(kept)) == 3 * len(self.notices)

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
    def a_notice_that_nobody_has_is_in_line_or_was_refused_or_taken_back(self) -> None:
        for message_id, _ in self.notices:
            mine = [row for row in rows(self.engine) if row.message_id == message_id]
            if not any(message_id == name for far in self.far.values() for _, name in far.took):
                back = any(message_id.startswith(one) for one in self.taken_back)
                assert back or any(row.state in PENDING for row in mine) or all(row.state == "failed" for row in mine)

    def _took(self) -> dict[str, Counter[tuple[str, str]]]:
        return {name: Counter(far.took) for name, far in self.far.items()}


TestOutbox = Outbox.TestCase
TestOutbox.settings = settings(max_examples=12, stateful_step_count=25, deadline=None)
