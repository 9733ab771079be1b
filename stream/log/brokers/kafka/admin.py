"""Looking after the topics of a Kafka cluster. Old records it drops by itself, by each topic's `retention.ms`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from time import monotonic, sleep
from typing import Any

from kafka import KafkaAdminClient, OffsetSpec, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import InvalidReplicationFactorError, TopicAlreadyExistsError

from stream.log.broker import MAX_RECORD, Partition, Progress, Record, Topic, TopicChange
from stream.log.brokers.kafka.cluster import OVERHEAD, REQUEST, Cluster, answering, refusal
from stream.log.brokers.kafka.rows import Peek

WIDENING = 0.1  # seconds between two looks at whether a topic is as wide as it was made
_COMMITTED = "__consumer_offsets"  # the cluster's own topic of committed offsets


class KafkaAdmin:
    """Looks after the topics, each kept by `copies` brokers; with three, a write counts once two have it."""

    def __init__(self, cluster: Cluster, *, copies: int = 1) -> None:
        self._cluster = cluster
        self._copies = copies
        cluster.refuse_unknown_hosts()
        self._client: Any = cluster.open(KafkaAdminClient, request_timeout_ms=round(REQUEST * 1000))
        self._peek = Peek(cluster)

    def apply(self, topics: Sequence[Topic]) -> list[str]:
        with answering("the topics"):
            changes = self._changes(topics)
            for change in changes:
                change.do()
            self._client.wait_for_topics([self._cluster.prefix + topic.name for topic in topics])
            if any(change.narrow for change in changes):
                self._wait_until_wide(topics)
        return [change.done for change in changes]

    def _wait_until_wide(self, topics: Sequence[Topic]) -> None:
        """Waits until the cluster tells of the new partitions: right after it took them it may answer as before."""
        until = monotonic() + REQUEST
        while any(change.narrow for change in self._changes(topics)) and monotonic() < until:
            sleep(WIDENING)

    def drift(self, topics: Sequence[Topic]) -> list[TopicChange]:
        with answering("the topics"):
            return self._changes(topics)

    def progress(self) -> list[Progress]:
        prefix = self._cluster.prefix
        committed = self._committed(lambda group: group.startswith(prefix))
        return [
            Progress(group.removeprefix(prefix), partition, _offset(offsets, prefix, partition), *ends)
            for group, offsets in sorted(committed.items())
            for topic in sorted({part.topic for part in offsets if part.topic.startswith(prefix)})
            for partition, ends in sorted(self.ends(topic.removeprefix(prefix)).items())
        ]

    def waiting(self, group: str, topic: str) -> list[Record]:
        prefix = self._cluster.prefix
        committed = self._committed(lambda name: name == prefix + group).get(prefix + group, {})
        ends = self.ends(topic)
        places = {part: max(first, _offset(committed, prefix, part) or 0) for part, (first, _) in ends.items()}
        return self._peek.records({part: place for part, place in places.items() if place < ends[part][1]})

    def ends(self, topic: str) -> dict[Partition, tuple[int, int]]:
        with answering(f"the ends of {topic}"):
            numbers = [one["partition_index"] for one in self._cluster.partitions(self._client, [topic]).get(topic, [])]
            parts = [TopicPartition(self._cluster.prefix + topic, number) for number in sorted(numbers)]
            first, following = (
                self._client.list_partition_offsets(dict.fromkeys(parts, spec)) if parts else {}
                for spec in (OffsetSpec.EARLIEST, OffsetSpec.LATEST)
            )
        return {Partition(topic, part.partition): (first[part].offset, following[part].offset) for part in parts}

    def expire(self, now: datetime, *, dry: bool = False) -> int:
        return 0

    def close(self) -> None:
        self._peek.close()
        self._client.close()

    def _committed(self, wanted: Callable[[str], bool]) -> dict[str, dict[TopicPartition, Any]]:
        """Reads how far the groups are whose full names are `wanted`: those that exist, as no other has a coordinator.

        A cluster that never had a group has none at all.
        """
        with answering("the groups"):
            names = sorted(name for one in self._client.list_groups() if wanted(name := one["group_id"]))
            return self._client.list_group_offsets(names) if names else {}

    def _changes(self, topics: Sequence[Topic]) -> list[TopicChange]:
        known = self._cluster.partitions(self._client, [topic.name for topic in topics])
        self._refuse_few_copies({_COMMITTED: self._describe(_COMMITTED)} | known)
        return [change for topic in topics for change in self._differs(topic, known.get(topic.name))]

    def _describe(self, topic: str) -> list[dict[str, Any]]:
        (found,) = self._client.describe_topics([topic])
        return [] if found["error_code"] else list(found["partitions"])

    def _refuse_few_copies(self, known: Mapping[str, Sequence[dict[str, Any]]]) -> None:
        """Refuses too few copies, also of the offsets, which the cluster keeps for us.

        With them the place of every stage would be lost.
        """
        for topic, partitions in known.items():
            copies = min((len(one["replica_nodes"]) for one in partitions), default=self._copies)
            if copies < self._copies:
                raise refusal(
                    f"{topic} has {copies} {'copy' if copies == 1 else 'copies'} of each record, profile production"
                    f" keeps {self._copies}: let kafka-reassign-partitions add copies, or allow: [single_broker]"
                )

    def _differs(self, topic: Topic, known: Sequence[dict[str, Any]] | None) -> Iterator[TopicChange]:
        if known is None:
            done = f"{topic.name}: created with {topic.partitions} partitions"
            yield TopicChange(f"{topic.name}: is missing", done, lambda: self._create(topic))
            return
        yield from self._settings(topic)
        if len(known) < topic.partitions:
            wider = {self._cluster.prefix + topic.name: topic.partitions}
            yield TopicChange(
                f"{topic.name}: has {len(known)} partitions, {topic.partitions} are configured",
                f"{topic.name}: widened from {len(known)} to {topic.partitions} partitions",
                lambda: self._client.create_partitions(wider),
                narrow=True,
            )

    def _create(self, topic: Topic) -> None:
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
                " add brokers, or allow: [single_broker]"
            ) from error

    def _settings(self, topic: Topic) -> Iterator[TopicChange]:
        """Finds settings that drifted from the configuration."""
        name = self._cluster.prefix + topic.name
        wanted = self._wanted(topic)
        found = self._client.describe_configs(
            [ConfigResource(ConfigResourceType.TOPIC, name, wanted)], config_filter="all"
        )
        ((_, settings),) = found["topic"].items()
        for key, value in wanted.items():
            if (was := settings[key]["value"]) != value:
                kept = f"keeps records for {topic.keep}" if key == "retention.ms" else f"{key} set to {value}"
                yield TopicChange(
                    f"{topic.name}: {key} is {was}, {value} is configured",
                    f"{topic.name}: {kept} (was {was})",
                    partial(self._set, name, {key: value}),
                )

    def _set(self, name: str, settings: dict[str, str]) -> None:
        self._client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, settings)])

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
