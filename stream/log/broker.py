"""The log's port: topics cut into partitions, read by groups that commit how far they are.

The port is written for Kafka and kept by SQLite; neither shows through. A record is bytes: codec.py decodes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from stream.errors import Rejected

MAX_RECORD = 1_048_576  # bytes of key, value and headers together: Kafka's own default for a topic

RAW = "posts.raw"
SCORED = "posts.scored"
QUARANTINE = "posts.quarantine"
CASES = "cases"
HEALTH = "health"

SCORING = "wenfeng.score"  # the group that reads RAW
INDEXING = "wenfeng.index"  # the group that reads SCORED


class UnknownTopic(LookupError):
    """Raised when a topic does not exist: only `Admin.apply` creates any. A mistake of set-up, so it crashes."""

    def __init__(self, topic: str) -> None:
        super().__init__(f"the log has no topic {topic}: create the topics first")
        self.topic = topic


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic as configured. Records of one key keep their order; records older than `keep` may be dropped."""

    name: str
    partitions: int = 6
    keep: timedelta = timedelta(days=90)


class Partition(NamedTuple):
    """One ordered part of a topic."""

    topic: str
    number: int


@dataclass(frozen=True, slots=True)
class Message:
    """What a stage hands to the log. `key` decides the partition: the thread id, for everything about a post."""

    topic: str
    key: str
    value: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def refuse_too_large(message: Message) -> None:
    """Raises `Rejected("too_large")` for a message over `MAX_RECORD`; every engine asks it before writing any."""
    size = len(message.key.encode()) + len(message.value)
    size += sum(len(name.encode()) + len(value.encode()) for name, value in message.headers.items())
    if size > MAX_RECORD:
        raise Rejected("too_large", f"{size} bytes for {message.topic}, key {message.key[:80]}; at most {MAX_RECORD}")


class Record(NamedTuple):
    """What the log hands to a stage. `value` is None or broken where somebody else wrote it; that is for the codec.

    A tuple, as `Partition` is, because hundreds of thousands a second are made and told apart.
    """

    partition: Partition
    offset: int
    key: str
    value: bytes | None
    headers: Mapping[str, str]
    at: datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a group is in one partition: `committed` is the offset it reads next, `end` the one written next.

    `committed` is None where the group never committed. `start` > `committed` is a gap: records dropped unread.
    """

    group: str
    partition: Partition
    committed: int | None
    start: int
    end: int

    @property
    def lag(self) -> int:
        """Records still to read."""
        return self.end - max(self.start, self.committed or 0)

    @property
    def gap(self) -> int:
        """Records dropped by retention before the group read them: lost to it, and to be reported loudly."""
        return max(0, self.start - self.committed) if self.committed is not None else 0


class Producer(Protocol):
    """Writes to the log."""

    def publish(self, messages: Sequence[Message]) -> None:
        """Returns when every message is durable, in the order given within a key.

        Raises `Rejected("too_large")` before writing any, if one is over `MAX_RECORD`; `UnknownTopic` likewise;
        `Retryable` when the log does not take them: then some may be written, so the caller publishes all again and
        readers tell copies by id.
        """
        ...

    def close(self) -> None:
        """Releases the connection. Nothing is pending, since `publish` waits. Closing twice does no harm."""
        ...


class Consumer(Protocol):
    """Reads topics as one member of a group. A group's members share the partitions; one partition has one reader.

    A member whose process ends, or that neither polls nor commits for longer than its engine's patience (minutes: it
    must outlast the slowest batch), loses its partitions to the others. Making one raises `UnknownTopic` for a topic
    nobody created. Belongs to the process that made it: not to be used after a fork.
    """

    def poll(self, limit: int, timeout: float) -> list[Record]:
        """Reads up to `limit` next records, in order within a partition; [] after `timeout` seconds without any.

        Must be called more often than the membership lasts, also while paused: it is the sign of life. A group that
        never committed starts at the oldest record; so does one whose next record was dropped unread, with an error
        logged. Each record is handed out once per membership. A member that lost its place joins again by itself.
        """
        ...

    def commit(self, done: Mapping[Partition, int]) -> None:
        """Remembers the offset to read next, per partition.

        Raises `Fenced` if a partition went to another member, or was read before this member lost its place and came
        back; nothing is committed then, and after `rewind` the next poll starts from what is committed.
        """
        ...

    def pause(self) -> None:
        """Polls return nothing until `resume`; the membership is kept."""
        ...

    def resume(self) -> None:
        """Polls go on where they were."""
        ...

    def rewind(self) -> None:
        """Lets the next poll read again from what is committed: after work that was not finished."""
        ...

    def close(self) -> None:
        """Leaves the group at once, without committing. Closing twice does no harm."""
        ...


@dataclass(frozen=True, slots=True)
class TopicChange:
    """One thing in which a topic differs from its configuration, and what mends it.

    `found` says what is, `done` what was done by `do`. `narrow`: widening it parts a key's later records from its
    earlier ones, so that it is a person's to do.
    """

    found: str
    done: str
    do: Callable[[], object]
    narrow: bool = False


class Admin(Protocol):
    """Looks after topics."""

    def drift(self, topics: Sequence[Topic]) -> list[TopicChange]:
        """Tells what `apply` would do. Changes nothing. Raises `ConfigError` for what it could not mend either."""
        ...

    def apply(self, topics: Sequence[Topic]) -> list[str]:
        """Creates what is missing and widens what is narrower; returns what it changed, in words. Never drops data.

        Widening sends later records of a key to another partition than its earlier ones: order across it is not kept.
        """
        ...

    def progress(self) -> list[Progress]:
        """Reads every group in every partition of the topics it ever committed to."""
        ...

    def waiting(self, group: str, topic: str) -> list[Record]:
        """Reads of each partition the record that `group` has to read next; none of one that it has read to its end.

        A group that never committed has to read all that is kept; what was dropped unread waits no more. [] for an
        unknown topic. Joins no group and moves nothing. Raises `Retryable` where the log is away.
        """
        ...

    def ends(self, topic: str) -> dict[Partition, tuple[int, int]]:
        """Reads the first offset kept and the next to be written, per partition; {} for an unknown topic."""
        ...

    def expire(self, now: datetime, *, dry: bool = False) -> int:
        """Drops records older than their topic keeps them, where the log does not do so by itself; returns how many.

        `dry`: drops none.
        """
        ...

    def close(self) -> None:
        """Releases the connection."""
        ...
