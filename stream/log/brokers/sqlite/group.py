"""Who of a group reads which partition, where the members are processes that share one file.

Each member looks at the group when it polls. It strikes out members that are gone, gives up partitions that are
another's by now, unless records of them are still in work, and takes those of its share that nobody holds. A member's
id is never used twice and grows, so it fences: what was read under an old id cannot be committed under a new one.

Gone is whose process has ended, which is seen at once, and who neither polled nor committed for the length of a lease.
No thread renews leases: a process that hangs must lose its partitions too.
"""

import os
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import timedelta
from sqlite3 import Connection

from structlog import get_logger

from stream.errors import Fenced
from stream.log.brokers.sqlite.file import LogFile
from stream.process.clock import Clock
from stream.process.holders import runs, this_machine
from stream.process.moments import to_ms

LEASE = timedelta(minutes=5)  # must outlast the slowest batch; Kafka's max.poll.interval.ms has the same default
_RENEW = 0.9  # a lease is renewed once a tenth is used, lest every poll be a write

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Member:
    """One member as the file knows it; `until` in milliseconds."""

    id: int
    topics: frozenset[str]
    until: int
    host: str
    pid: int


@dataclass(frozen=True, slots=True)
class View:
    """A group at one moment: its members, the partitions there are as (id, topic), and who holds which."""

    members: Sequence[Member]
    parts: Sequence[tuple[int, str]]
    holders: Mapping[int, int]

    def held(self, member: int) -> frozenset[int]:
        """Lists the partitions of one member."""
        return frozenset(part for part, holder in self.holders.items() if holder == member)


@dataclass(frozen=True, slots=True)
class Moves:
    """What a look at the group asks of the member that looked."""

    strike: frozenset[int]
    give: frozenset[int]
    take: frozenset[int]


def shares(members: Sequence[Member], parts: Sequence[tuple[int, str]]) -> dict[int, int]:
    """Decides which member each partition should go to: in turn among those who read its topic.

    Equal views, equal shares.
    """
    ranked = sorted(members, key=lambda member: member.id)
    due: dict[int, int] = {}
    for turn, (part, topic) in enumerate(sorted(parts, key=lambda part: (part[1], part[0]))):
        if readers := [member for member in ranked if topic in member.topics]:
            due[part] = readers[turn % len(readers)].id
    return due


def moves(view: View, me: int, busy: Set[int], gone: frozenset[int]) -> Moves:
    """Tells what member `me` should do, with `busy` partitions in work and the members `gone` out of the reckoning."""
    due = shares([member for member in view.members if member.id not in gone], view.parts)
    mine = {part for part, member in due.items() if member == me}
    free = {part for part in mine if view.holders.get(part) is None or view.holders[part] in gone}
    return Moves(gone, frozenset(view.held(me) - mine - busy), frozenset(free))


class Membership:
    """One consumer's place in its group."""

    def __init__(self, file: LogFile, clock: Clock, team: str, topics: Sequence[str], *, lease: timedelta) -> None:
        self._file = file
        self._clock = clock
        self._team = team
        self._topics = sorted(set(topics))
        self._lease = round(lease.total_seconds() * 1000)
        self._host = this_machine()
        self._id: int | None = None

    def settle(self, busy: Set[int]) -> tuple[int, frozenset[int]]:
        """Returns this member's id and the partitions it holds now, after doing what the group's state asks of it."""
        now = to_ms(self._clock.now())
        with self._file.reading() as connection:
            view = self._look(connection)
        mine = next((member for member in view.members if member.id == self._id), None)
        if mine and mine.until - now > self._lease * _RENEW:
            due = moves(view, mine.id, busy, self._gone(view, now))
            if not (due.strike or due.give or due.take):
                return mine.id, view.held(mine.id)
        with self._file.writing() as connection:
            return self._move(connection, busy, now)

    def confirm(self, connection: Connection, parts: Iterable[int]) -> None:
        """Renews the lease; raises `Fenced` unless every one of `parts` is still this member's."""
        rows = connection.execute("SELECT part FROM holder WHERE team = ? AND member = ?", (self._team, self._id))
        if lost := set(parts) - {part for (part,) in rows}:
            raise Fenced(f"group {self._team}: {len(lost)} partitions went to another member")
        self._renew(connection, to_ms(self._clock.now()))

    def leave(self) -> None:
        """Frees this member's partitions for the others at once."""
        if self._id is not None:
            with self._file.writing() as connection:
                connection.execute("DELETE FROM member WHERE id = ?", (self._id,))
            self._id = None

    def _move(self, connection: Connection, busy: Set[int], now: int) -> tuple[int, frozenset[int]]:
        me = self._renew(connection, now) or self._join(connection, now)
        view = self._look(connection)
        due = moves(view, me, busy, self._gone(view, now))
        connection.executemany("DELETE FROM member WHERE id = ?", [(member,) for member in due.strike])
        connection.executemany(
            "DELETE FROM holder WHERE team = ? AND part = ?", [(self._team, part) for part in due.give]
        )
        connection.executemany("INSERT INTO holder VALUES (?, ?, ?)", [(self._team, part, me) for part in due.take])
        if due.strike:
            log.warning("members gone", group=self._team, members=sorted(due.strike))
        self._id = me
        return me, view.held(me) - due.give | due.take

    def _renew(self, connection: Connection, now: int) -> int | None:
        changed = connection.execute("UPDATE member SET until = ? WHERE id = ?", (now + self._lease, self._id))
        return self._id if changed.rowcount else None

    def _join(self, connection: Connection, now: int) -> int:
        if self._id is not None:
            log.warning("membership lost, joining again", group=self._team, member=self._id)
        added = connection.execute(
            "INSERT INTO member (team, topics, until, host, pid) VALUES (?, ?, ?, ?, ?)",
            (self._team, " ".join(self._topics), now + self._lease, self._host, os.getpid()),
        )
        assert added.lastrowid is not None
        return added.lastrowid

    def _look(self, connection: Connection) -> View:
        members = [
            Member(number, frozenset(topics.split()), until, host, pid)
            for number, topics, until, host, pid in connection.execute(
                "SELECT id, topics, until, host, pid FROM member WHERE team = ?", (self._team,)
            )
        ]
        read = {topic for member in members for topic in member.topics}
        parts = [part for part in connection.execute("SELECT id, topic FROM part") if part[1] in read]
        holders = dict(connection.execute("SELECT part, member FROM holder WHERE team = ?", (self._team,)))
        return View(members, parts, holders)

    def _gone(self, view: View, now: int) -> frozenset[int]:
        return frozenset(
            member.id
            for member in view.members
            if member.id != self._id and (member.until <= now or (member.host == self._host and not runs(member.pid)))
        )
