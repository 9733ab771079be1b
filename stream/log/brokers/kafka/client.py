"""The log in Kafka, written and read by kafka-python.

Everything is acknowledged by all in-sync replicas and idempotent within one producer's life. No spool of our own lies
before it: every caller of `publish` still holds what it publishes (the crawler its page, a stage its uncommitted
records) and publishes it again until it is taken, so a second durable copy would only be one more file that can fail.

Offsets are committed by us alone, per partition, never on the way out. Partitions move cooperatively: a rebalance
takes from a member only what goes to another. What was handed out of a partition that went away counts for nothing,
also when it comes back: its records are read and worked again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import chain
from threading import Lock
from typing import Any
from zlib import crc32

from kafka import ConsumerRebalanceListener, OffsetAndMetadata, TopicPartition
from kafka import KafkaConsumer as ReadingClient
from kafka import KafkaProducer as WritingClient
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import (
    CommitFailedError,
    FencedInstanceIdError,
    IllegalGenerationError,
    KafkaError,
    MessageSizeTooLargeError,
    RebalanceInProgressError,
    RecordListTooLargeError,
    UnknownMemberIdError,
)
from kafka.partitioner import Partitioner
from kafka.structs import MemberState
from structlog import get_logger

from stream.errors import Fenced, Rejected, Retryable
from stream.log.broker import MAX_RECORD, Message, Partition, Record, refuse_too_large
from stream.log.brokers.kafka.cluster import OVERHEAD, REQUEST, Cluster, answering
from stream.log.brokers.kafka.rows import record_of
from stream.process.clock import Clock
from stream.process.failpoints import failpoint
from stream.process.moments import to_ms

DELIVERY = timedelta(seconds=60)  # until a publish is given up; its caller then does it again
LEASE = timedelta(minutes=5)  # between two polls; must outlast the slowest batch
SESSION = timedelta(seconds=45)  # of silence until a killed member's partitions go to the others
REFRESH = timedelta(seconds=30)  # until a widened topic is noticed
STALL = timedelta(minutes=5)  # without a record of a partition that holds some; a slow stage's turn comes sooner
SETTLE = timedelta(seconds=5)  # a poll waits at most so long for its place in the group and what lies ready
_LINGER = timedelta(milliseconds=50)
_SLICE = timedelta(milliseconds=100)
_TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)
_FENCED = (CommitFailedError, FencedInstanceIdError, IllegalGenerationError, UnknownMemberIdError)

log = get_logger(__name__)


class KafkaProducer:
    """Writes to the cluster. Threads may share it; a fork may not."""

    def __init__(self, cluster: Cluster, clock: Clock, *, delivery: timedelta = DELIVERY) -> None:
        self._cluster = cluster
        self._clock = clock
        self._delivery = delivery
        self._known: set[str] = set()
        self._lock = Lock()
        self._client: Any = self._open()

    def publish(self, messages: Sequence[Message]) -> None:
        for message in messages:
            refuse_too_large(message)
        if not messages:
            return
        with self._lock:
            self._require({message.topic for message in messages})
            if self._client is None:
                self._client = self._open()
            try:
                self._send(messages, to_ms(self._clock.now()))
            except _TOO_LARGE as error:
                raise Rejected("too_large", f"the cluster takes less than {MAX_RECORD} bytes: {error}") from error
            except KafkaError as error:
                self._abandon()
                with answering("not acknowledged"):
                    raise
                raise Retryable(f"not acknowledged: {error}") from error

    def close(self) -> None:
        if self._client is not None:
            with suppress(KafkaError):
                self._client.close(timeout=1)
            self._client = None

    def _send(self, messages: Sequence[Message], at: int) -> None:
        """Sends all and asks each for its acknowledgement: that a flush returns proves nothing."""
        prefix = self._cluster.prefix
        futures = [
            self._client.send(
                prefix + message.topic,
                key=message.key.encode(),
                value=message.value,
                headers=[(name, value.encode()) for name, value in message.headers.items()],
                timestamp_ms=at,
            )
            for message in messages
        ]
        failpoint("publish.sent")
        self._client.flush(timeout=(self._delivery + timedelta(seconds=2)).total_seconds())
        for future in futures:
            if not future.succeeded():
                future.get(timeout=0)  # raises

    def _require(self, topics: set[str]) -> None:
        if unknown := topics - self._known:
            self._cluster.require(sorted(unknown))
            self._known |= unknown

    def _abandon(self) -> None:
        """Drops a client with whatever waits in it. One whose batch expired never recovers (seen in 3.0.12): it waits
        for a producer id that it does not ask for, and every later send of it times out, though the cluster is back.
        """
        client, self._client = self._client, None
        self._known.clear()
        client._sender.force_close()  # `close` alone flushes first, fails, and leaves the thread running
        client._sender.join(REQUEST)
        with suppress(KafkaError):
            client.close(timeout=0)
        log.warning("producer replaced")

    def _open(self) -> Any:
        request = min(timedelta(seconds=REQUEST), self._delivery / 2)
        return self._cluster.open(
            WritingClient,
            acks="all",
            enable_idempotence=True,
            compression_type="lz4",
            linger_ms=_ms(_LINGER),
            batch_size=2**18,
            max_request_size=MAX_RECORD + OVERHEAD,
            delivery_timeout_ms=_ms(self._delivery),
            request_timeout_ms=_ms(request),
            max_block_ms=_ms(request),
            allow_auto_create_topics=False,
            partitioner=_ByChecksum(),
            metrics_enabled=False,
        )


class _ByChecksum(Partitioner):  # type: ignore[misc]  # the library publishes no types
    """A key's partition by CRC-32, as librdkafka and our SQLite log choose it: the client's own hash is in Python."""

    def partition(
        self, topic: str, key: object, serialized_key: bytes, value: object, serialized_value: bytes, cluster: Any
    ) -> int:
        return crc32(serialized_key) % len(cluster.partitions_for_topic(topic))


class KafkaConsumer:
    """One member of `group`.

    `instance` makes it a static member: started again under the same name within a session, it finds its partitions
    without a rebalance; in exchange `close` does not free them, only the end of the session does.
    """

    def __init__(
        self,
        cluster: Cluster,
        clock: Clock,
        *,
        group: str,
        topics: Sequence[str],
        instance: str | None = None,
        lease: timedelta = LEASE,
        session: timedelta = SESSION,
        refresh: timedelta = REFRESH,
        settle: timedelta = SETTLE,
    ) -> None:
        cluster.require(topics)
        self._cluster = cluster
        self._clock = clock
        self._prefix = cluster.prefix
        self._group = group
        self._topics = [cluster.prefix + topic for topic in topics]
        self._settle = settle
        self._settings: dict[str, object] = {
            "group_id": cluster.prefix + group,
            "group_instance_id": instance,
            "enable_auto_commit": False,
            "auto_offset_reset": "earliest",
            "allow_auto_create_topics": False,
            "partition_assignment_strategy": [CooperativeStickyAssignor],
            "fetch_min_bytes": 2**16,
            "fetch_max_wait_ms": _ms(_SLICE),
            "fetch_max_bytes": 2**24,
            "max_poll_interval_ms": _ms(lease),
            "session_timeout_ms": _ms(session),
            "heartbeat_interval_ms": _ms(min(timedelta(seconds=3), session / 6)),
            "request_timeout_ms": _ms(timedelta(seconds=REQUEST)),
            "metadata_max_age_ms": _ms(refresh),
            "metrics_enabled": False,
        }
        self._first: dict[TopicPartition, int] = {}  # per partition held: where a rewind goes back to
        self._next: dict[TopicPartition, int] = {}  # and what follows the last record handed out
        self._paused = False
        self._places: dict[TopicPartition, int] = {}  # where each partition was when it was last watched
        self._watched = clock.monotonic()
        self._client: Any = self._join()

    def poll(self, limit: int, timeout: float) -> list[Record]:
        with answering(f"reading as {self._group}"):
            if self._paused:
                self._sign_of_life(timeout)
                return []
            self._watch()
            found = self._client.poll(timeout * 1000, max_records=limit)
            for _ in range(self._settle // _SLICE):
                if found or self._settled():
                    break
                found = self._client.poll(_ms(_SLICE), max_records=limit)
            return list(chain.from_iterable(self._hand_out(part, rows) for part, rows in found.items()))

    def commit(self, done: Mapping[Partition, int]) -> None:
        if not done:
            return
        offsets = {TopicPartition(self._prefix + one.topic, one.number): offset for one, offset in done.items()}
        if strange := [part for part, offset in offsets.items() if not self._handed_out(part, offset)]:
            raise Fenced(f"group {self._group}: offsets of {strange} were not read in this membership")
        told = {part: OffsetAndMetadata(offset, "", -1) for part, offset in offsets.items()}
        with answering(f"committing as {self._group}"):
            try:
                self._client.commit(told, timeout_ms=_ms(timedelta(seconds=REQUEST)))
            except RebalanceInProgressError as error:  # the next poll ends it; what we keep can then be committed
                raise Retryable(f"group {self._group} is being shared out anew", after=0.1) from error
            except _FENCED as error:
                raise Fenced(f"group {self._group}: {error}") from error
        self._first |= offsets

    def pause(self) -> None:
        self._paused = True
        self._places.clear()

    def resume(self) -> None:
        self._paused = False
        self._client.resume(*self._client.paused())

    def rewind(self) -> None:
        for part in self._client.assignment() & self._first.keys():
            self._client.seek(part, self._first[part])
        self._next.clear()

    def close(self) -> None:
        with suppress(KafkaError):  # leaving is a courtesy: the end of this process is seen anyway
            self._client.close(autocommit=False, timeout_ms=5000)

    def _join(self) -> Any:
        client: Any = self._cluster.open(ReadingClient, **self._settings)
        client.subscribe(self._topics, listener=_Listener(self._forget))
        with answering("the topics"):
            for topic in self._topics:  # known before we join, or as the group's leader we would share out nothing
                client.partitions_for_topic(topic)
        return client

    def _settled(self) -> bool:
        """Tells whether this member has its place in the group and was handed out all that lies in its partitions."""
        return self._client.group_metadata().state == MemberState.STABLE and not self._behind()

    def _behind(self) -> dict[TopicPartition, int]:
        """Finds the places of the partitions that hold more than was handed out."""
        held = self._client.assignment()
        patience = _ms(self._settle)
        ends = self._client.end_offsets(list(held), timeout_ms=patience) if held else {}
        places = {part: self._client.position(part, timeout_ms=patience) or 0 for part in held}
        return {part: place for part, place in places.items() if place < ends[part]}

    def _watch(self) -> None:
        """Joins anew where a partition stood still though it holds more: clients did forget one after a rebalance."""
        if self._clock.monotonic() - self._watched < STALL.total_seconds():
            return
        self._watched = self._clock.monotonic()
        before, self._places = self._places, self._behind()
        if stuck := [part for part, place in self._places.items() if before.get(part) == place]:
            log.error("partitions stand still", group=self._group, partitions=stuck)
            self.close()
            self._forget(self._next.keys() | self._first.keys())
            self._client = self._join()

    def _sign_of_life(self, timeout: float) -> None:
        """Polls with all partitions paused; what a partition yields that came just now is put back."""
        self._client.pause(*self._client.assignment())
        found = self._client.poll(timeout * 1000)
        for part in found.keys() & self._client.assignment():
            self._client.seek(part, found[part][0].offset)

    def _hand_out(self, part: TopicPartition, rows: Sequence[Any]) -> list[Record]:
        expected = (
            self._next[part] if part in self._next else self._client.committed(part, timeout_ms=_ms(self._settle))
        )
        if expected is not None and (lost := rows[0].offset - expected) > 0:
            log.error(
                "records lost unread", group=self._group, topic=part.topic, partition=part.partition, records=lost
            )
        self._first.setdefault(part, rows[0].offset)
        self._next[part] = rows[-1].offset + 1
        partition = Partition(part.topic.removeprefix(self._prefix), part.partition)
        return [record_of(partition, row) for row in rows]

    def _handed_out(self, part: TopicPartition, offset: int) -> bool:
        return part in self._next and self._first[part] <= offset <= self._next[part]

    def _forget(self, parts: Iterable[TopicPartition]) -> None:
        for part in parts:
            self._first.pop(part, None)
            self._next.pop(part, None)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # the library publishes no types
    """Forgets what was handed out of partitions that come or go; called within `poll`."""

    def __init__(self, forget: Callable[[Iterable[TopicPartition]], None]) -> None:
        self._forget = forget

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        self._forget(revoked)

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        self._forget(assigned)

    def on_partitions_lost(self, lost: Iterable[TopicPartition]) -> None:
        self._forget(lost)


def _ms(duration: timedelta) -> int:
    return round(duration.total_seconds() * 1000)
