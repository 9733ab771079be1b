"""Looking after the topics of a Kafka cluster. Old records it drops by itself, by each topic's `retention.ms`."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from kafka import KafkaAdminClient, OffsetSpec, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import InvalidReplicationFactorError, TopicAlreadyExistsError

from stream.broker import MAX_RECORD, Partition, Progress, Topic
from stream.brokers.kafka_cluster import OVERHEAD, REQUEST, Cluster, answering, refusal


class KafkaAdmin:
    """Looks after the topics, each kept by `copies` brokers; with three, a write counts once two have it."""

    def __init__(self, cluster: Cluster, *, copies: int = 1) -> None:
        self._cluster = cluster
        self._copies = copies
        self._client: Any = cluster.open(KafkaAdminClient, request_timeout_ms=round(REQUEST * 1000))

    def apply(self, topics: Sequence[Topic]) -> list[str]:
        with answering("the topics"):
            known = self._cluster.partitions(self._client, [topic.name for topic in topics])
            changes = [change for topic in topics for change in self._apply(topic, known.get(topic.name))]
            self._client.wait_for_topics([self._cluster.prefix + topic.name for topic in topics])
        return changes

    def progress(self) -> list[Progress]:
        prefix = self._cluster.prefix
        with answering("the groups"):
            names = sorted(one["group_id"] for one in self._client.list_groups() if one["group_id"].startswith(prefix))
            committed = self._client.list_group_offsets(names) if names else {}
        return [
            Progress(group.removeprefix(prefix), partition, _offset(offsets, prefix, partition), *ends)
            for group, offsets in sorted(committed.items())
            for topic in sorted({part.topic for part in offsets if part.topic.startswith(prefix)})
            for partition, ends in sorted(self.ends(topic.removeprefix(prefix)).items())
        ]

    def ends(self, topic: str) -> dict[Partition, tuple[int, int]]:
        with answering(f"the ends of {topic}"):
            numbers = [one["partition_index"] for one in self._cluster.partitions(self._client, [topic]).get(topic, [])]
            parts = [TopicPartition(self._cluster.prefix + topic, number) for number in sorted(numbers)]
            first, following = (
                self._client.list_partition_offsets(dict.fromkeys(parts, spec)) if parts else {}
                for spec in (OffsetSpec.EARLIEST, OffsetSpec.LATEST)
            )
        return {Partition(topic, part.partition): (first[part].offset, following[part].offset) for part in parts}

    def expire(self, now: datetime) -> int:
        return 0

    def close(self) -> None:
        self._client.close()

    def _apply(self, topic: Topic, known: Sequence[dict[str, Any]] | None) -> Iterator[str]:
        if known is None:
            yield from self._create(topic)
            return
        if (copies := min(len(one["replica_nodes"]) for one in known)) < self._copies:
            raise refusal(
                f"{topic.name} has {copies} copy of each record, profile production keeps {self._copies}:"
                " let kafka-reassign-partitions add copies, or set profile: single"
            )
        yield from self._correct(topic)
        if len(known) < topic.partitions:
            self._client.create_partitions({self._cluster.prefix + topic.name: topic.partitions})
            yield f"{topic.name}: widened from {len(known)} to {topic.partitions} partitions"

    def _create(self, topic: Topic) -> Iterator[str]:
        wanted = {
            "num_partitions": topic.partitions,
            "replication_factor": self._copies,
            "configs": self._wanted(topic),
        }
        try:
            self._client.create_topics({self._cluster.prefix + topic.name: wanted}, wait_for_metadata=True)
        except TopicAlreadyExistsError:
            return  # another stage, started at the same time, was faster
        except InvalidReplicationFactorError as error:
            raise refusal(
                f"profile production keeps {self._copies} copies of each record and the cluster has fewer brokers:"
                " add brokers, or set profile: single"
            ) from error
        yield f"{topic.name}: created with {topic.partitions} partitions"

    def _correct(self, topic: Topic) -> Iterator[str]:
        """Settings that drifted from the configuration are set back, and said."""
        name = self._cluster.prefix + topic.name
        wanted = self._wanted(topic)
        found = self._client.describe_configs(
            [ConfigResource(ConfigResourceType.TOPIC, name, wanted)], config_filter="all"
        )
        ((_, settings),) = found["topic"].items()
        drifted = {key: value for key, value in wanted.items() if settings[key]["value"] != value}
        if drifted:
            self._client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, drifted)])
        for key, value in drifted.items():
            kept = f"keeps records for {topic.keep}" if key == "retention.ms" else f"{key} set to {value}"
            yield f"{topic.name}: {kept} (was {settings[key]['value']})"

    def _wanted(self, topic: Topic) -> dict[str, str]:
        return {
            "retention.ms": str(round(topic.keep.total_seconds() * 1000)),
            "cleanup.policy": "delete",
            "max.message.bytes": str(MAX_RECORD + OVERHEAD),
            "min.insync.replicas": str(max(1, self._copies - 1)),
        }


def _offset(offsets: dict[TopicPartition, Any], prefix: str, partition: Partition) -> int | None:
    found = offsets.get(TopicPartition(prefix + partition.topic, partition.number))
    return found.offset if found is not None and found.offset >= 0 else None
