"""The unit costs, measured in a minute on the machine at hand: processor time, never the clock, and bytes."""

import random
import time
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from time import process_time
from uuid import uuid4

import lz4.frame  # type: ignore[import-untyped]
from elasticsearch import Elasticsearch

from nlp.config import read_nlp
from nlp.engines import open_scorer
from nlp.stage import score_posts
from scripts.engines.process import Server
from stream.codec import POSTS, SCORED
from stream.index.elastic.posts import ElasticIndexWriter
from stream.index.elastic.schema import Names
from stream.index.elastic.server import connect
from stream.log.broker import RAW, Message, Topic
from stream.log.brokers.kafka.admin import KafkaAdmin
from stream.log.brokers.kafka.client import KafkaConsumer, KafkaProducer
from stream.log.brokers.kafka.cluster import Cluster
from stream.matching import TopicMatcher
from stream.messages import Post, ScoredPost
from stream.process.clock import SystemClock
from stream.process.configuration import Configuration
from stream.topics import TopicsConfig
from tests.bench.bench_index import made

POSTS_MADE, BATCH, ROUNDS = 6_000, 500, 3
SETTLING = 6  # looks, a second apart, that find one size
START = datetime(2026, 6, 1, tzinfo=UTC)


def posts() -> list[ScoredPost]:
    """Seeded posts of 20 to 180 characters, as unequally frequent as in real text."""
    rng = random.Random(20261121)
    return [made(rng, number, START + timedelta(seconds=number)) for number in range(POSTS_MADE)]


def bare(post: ScoredPost) -> Post:
    """What the scoring stage is given of it."""
    return Post(**{name: getattr(post, name) for name in (field.name for field in fields(Post))})


def log_costs(scored: list[ScoredPost], address: str, broker: Server) -> dict[str, float]:
    """Client and broker, two hops; bytes after lz4 in batches as the producer makes them."""
    values = {
        "raw_bytes": [POSTS.encode(bare(post)) for post in scored],
        "scored_bytes": [*map(SCORED.encode, scored)],
    }
    found = {name: sum(map(_packed, _batches(lines))) / len(lines) for name, lines in values.items()}
    cluster, clock = Cluster.read(f"{address}?prefix={uuid4().hex}."), SystemClock()
    admin = KafkaAdmin(cluster)
    admin.apply([Topic(RAW, keep=timedelta(days=36500))])
    producer, consumer = KafkaProducer(cluster, clock), KafkaConsumer(cluster, clock, group="capacity", topics=[RAW])
    begun, broker_begun = process_time(), _spent(broker)
    for lines in values.values():
        for start in range(0, POSTS_MADE, BATCH):
            producer.publish([Message(RAW, str(n // 20), line) for n, line in enumerate(lines[start : start + BATCH])])
    left = 2 * POSTS_MADE
    while left > 0:
        left -= len(consumer.poll(BATCH, 5))
    client, server = process_time() - begun, _spent(broker) - broker_begun
    for one in (producer, consumer, admin):
        one.close()
    return found | {"client_ms": client / POSTS_MADE * 1000, "broker_ms": server / POSTS_MADE * 1000}


def score_cost(scored: list[ScoredPost], configs: Path) -> float:
    """Core-milliseconds a post in the scoring stage, without the log."""
    scorer = open_scorer(read_nlp(configs), threads=1)
    matcher = TopicMatcher(Configuration(configs).add("topics.yml", TopicsConfig)())
    raw = [POSTS.encode(bare(post)) for post in scored[: 2 * BATCH]]

    def work(lines: list[bytes]) -> None:
        now = SystemClock().now()
        for post in score_posts([POSTS.decode(line) for line in lines], scorer=scorer, matcher=matcher, now=now):
            SCORED.encode(post)

    return _least([partial(work, raw[at : at + BATCH]) for at in (0, BATCH)]) / BATCH


def index_costs(scored: list[ScoredPost], address: str) -> dict[str, float]:
    """The index stage's own work, the server's (the least of some rounds: others may use it), bytes on its disk."""
    client, names = connect(address), Names(f"capacity-{uuid4().hex[:8]}")
    try:
        writer, marks = ElasticIndexWriter(client, names), [(process_time(), _used(client))]
        for start in range(0, POSTS_MADE, POSTS_MADE // ROUNDS):
            for first in range(start, start + POSTS_MADE // ROUNDS, BATCH):
                writer.put(scored[first : first + BATCH])
            marks.append((process_time(), _used(client)))
        each = POSTS_MADE / ROUNDS / 1000
        ours, theirs = (min((b[i] - a[i]) / each for a, b in pairwise(marks)) for i in (0, 1))
        client.indices.forcemerge(index=names.pattern, max_num_segments=1)
        client.indices.flush(index=names.pattern, force=True)
        return {"bulk_ms": ours, "elastic_ms": theirs, "index_bytes": _settled(client, names.pattern) / POSTS_MADE}
    finally:
        for index in [*client.indices.get_alias(index=names.pattern).body, names.erased]:
            client.options(ignore_status=404).indices.delete(index=index)
        client.indices.delete_index_template(name=names.posts)
        client.cluster.delete_component_template(name=f"{names.settings},{names.mapping}")
        client.close()


def _settled(client: Elasticsearch, pattern: str) -> int:
    """Bytes on the server's disk once the segments that were merged away are gone."""
    sizes: list[int] = []
    while len(sizes) < SETTLING or len(set(sizes[-SETTLING:])) > 1:
        time.sleep(1)
        client.indices.refresh(index=pattern)
        stats = client.indices.stats(index=pattern, metric="store").body
        sizes.append(stats["_all"]["primaries"]["store"]["size_in_bytes"])
    return sizes[-1]


def _batches(lines: list[bytes]) -> list[bytes]:
    return [b"".join(lines[at : at + 100]) for at in range(0, len(lines), 100)]


def _packed(batch: bytes) -> int:
    return len(lz4.frame.compress(batch))


def _least(works: list[Callable[[], None]]) -> float:
    """Milliseconds of processor time of the cheapest of `works`."""
    spent = []
    for work in works:
        begun = process_time()
        work()
        spent.append((process_time() - begun) * 1000)
    return min(spent)


def _spent(server: Server) -> float:
    """Seconds of processor time that a server's threads have used, to the nanosecond."""
    threads = Path(f"/proc/{server.pid()}/task").iterdir()
    return sum(int((one / "schedstat").read_text().split()[0]) for one in threads) / 1e9


def _used(client: Elasticsearch) -> float:
    time.sleep(1.1)  # the server looks at itself once a second
    (node,) = client.nodes.stats(metric="process").body["nodes"].values()
    return float(node["process"]["cpu"]["total_in_millis"]) / 1000
