"""What a row of the client amounts to, and looking at single rows without being a member of any group."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from kafka import KafkaConsumer as ReadingClient
from kafka import TopicPartition
from kafka.errors import KafkaError

from stream.errors import Retryable
from stream.log.broker import Partition, Record
from stream.log.brokers.kafka.cluster import REQUEST, Cluster, answering
from stream.process.moments import from_ms


def record_of(partition: Partition, row: Any) -> Record:
    """Builds a record whose key and headers may be anybody's bytes; the value is left to the codec."""
    key = (row.key or b"").decode("utf-8", "replace")
    return Record(partition, row.offset, key, row.value, _headers(row.headers), from_ms(row.timestamp))


class Peek:
    """Looks at single records. Connected at the first look that finds some, and kept: looks come again and again."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._client: Any = None

    def records(self, places: Mapping[Partition, int]) -> list[Record]:
        """Reads the record at each place, or the oldest kept after it; raises `Retryable` where the log is silent."""
        return list(self._look(places)) if places else []

    def close(self) -> None:
        """Releases the connection."""
        if self._client is not None:
            with suppress(KafkaError):
                self._client.close(autocommit=False)
            self._client = None

    def _look(self, places: Mapping[Partition, int]) -> Iterator[Record]:
        if self._client is None:
            self._client = self._cluster.open(
                ReadingClient,
                group_id=None,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                allow_auto_create_topics=False,
                request_timeout_ms=round(REQUEST * 1000),
                metrics_enabled=False,
            )
        with answering("looking at what waits"):
            for partition, offset in places.items():
                part = TopicPartition(self._cluster.prefix + partition.topic, partition.number)
                self._client.assign([part])  # one at a time: of a single partition the cluster never sends nothing
                self._client.seek(part, offset)
                found = self._client.poll(REQUEST * 1000, max_records=1)
                if not found:
                    raise Retryable(f"the log sends nothing of {partition.topic}/{partition.number} at {offset}")
                yield record_of(partition, found[part][0])


def _headers(told: Sequence[tuple[str, bytes | None]]) -> dict[str, str]:
    return {name: (value or b"").decode("utf-8", "replace") for name, value in told} if told else {}
