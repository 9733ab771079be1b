"""How fast the log takes and gives records of 420 bytes: `python -m tests.bench.bench_log`.

Kafka's clients against librdkafka's mock cluster, which shows what a client costs its core; our adapters against the
real broker, where make engines runs one, and against the embedded log, with an fsync per batch. A core second counts
the processor time of the client's process alone; the other rate is by the clock, with the broker on the same cores.
"""

import json
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

import click
import confluent_kafka
import kafka
from rich.console import Console

from stream.log.broker import RAW, Consumer, Message, Producer, Topic
from stream.log.brokers.kafka.client import KafkaConsumer, KafkaProducer
from stream.log.brokers.sqlite.client import SqliteConsumer, SqliteProducer
from stream.process.clock import SystemClock
from stream.process.garbage import rare_garbage_collection
from tests.bench.bench_index import HAN, WEIGHTS
from tests.bench.mock_kafka import VERSION, MockCluster, mock_cluster
from tests.bench.sheets import PER_CORE, PER_SECOND, Aim, Sheet, Spent, apart, show, spent
from tests.engines import noted
from tests.stream.logs import KafkaLog, opened

SIZE = 420  # bytes; a post as SPEED's figures have it
BATCHES = (256, 5000)
TOPICS = 8  # the mock keeps some megabytes of each
PATIENCE = 60.0  # seconds without a record before a consumer is given up
CLOCK = SystemClock()


def messages(count: int) -> list[Message]:
    """Posts as JSON, of characters as unequally frequent as real ones; 997 threads."""
    dice = Random(1)
    values = [_value(dice) for _ in range(1000)]
    return [Message(RAW, f"{number % 997:032x}", values[number % 1000]) for number in range(count)]


def _value(dice: Random) -> bytes:
    text = "".join(dice.choices(HAN, cum_weights=WEIGHTS, k=(SIZE - 60) // 3))
    return json.dumps({"id": f"{dice.getrandbits(128):032x}", "text": text}, ensure_ascii=False).encode().ljust(SIZE)


# --- writing to the mock; each runs in a process of its own ------------------------------------------------------


def produce_by_default(address: str, count: int) -> Spent:
    """kafka-python as it comes; a flush at the end."""
    posts = messages(count)
    with closing(kafka.KafkaProducer(bootstrap_servers=address, api_version=VERSION)) as client:
        client.send(RAW, b"first").get(timeout=30)

        def act() -> None:
            for post in posts:
                client.send(RAW, key=post.key.encode(), value=post.value)
            client.flush()

        return spent(count, act)


def produce_ours(address: str, count: int, batch: int) -> Spent:
    """Our adapter in a process as a stage's: everything acknowledged before `publish` returns."""
    posts = messages(count)
    with closing(KafkaProducer(MockCluster((address,)), CLOCK)) as producer, rare_garbage_collection():
        producer.publish(posts[:1])
        return spent(count, lambda: publish(producer, posts, batch))


def produce_in_c(address: str, count: int) -> Spent:
    """confluent-kafka with the same guarantees: as fast as a client can be."""
    posts = messages(count)
    client = _librdkafka(address)
    client.produce(RAW, b"first")
    client.flush()

    def act() -> None:
        for post in posts:
            client.produce(RAW, post.value, post.key)
        client.flush()

    return spent(count, act)


def _librdkafka(address: str) -> Any:
    return confluent_kafka.Producer(
        {
            "bootstrap.servers": address,
            "enable.idempotence": True,
            "compression.type": "lz4",
            "linger.ms": 50,
            "queue.buffering.max.messages": 1_000_000,
        }
    )


# --- reading from the mock ----------------------------------------------------------------------------------------


def fill(address: str, count: int) -> None:
    """Puts `count` records into `TOPICS` topics."""
    client = _librdkafka(address)
    for number, post in enumerate(messages(count)):
        client.produce(f"filled{number % TOPICS}", post.value, post.key)
    client.flush()


def consume_by_default(address: str, count: int) -> Spent:
    """kafka-python as it comes, by `poll`; it commits by itself every five seconds."""
    names = [f"filled{number}" for number in range(TOPICS)]
    client = kafka.KafkaConsumer(
        *names, bootstrap_servers=address, api_version=VERSION, group_id="default", auto_offset_reset="earliest"
    )
    with closing(client):
        return reading(count, lambda: sum(map(len, client.poll(1000).values())))


def consume_ours(address: str, count: int, batch: int) -> Spent:
    """Our adapter in a process as a stage's, each batch committed."""
    names = [f"filled{number}" for number in range(TOPICS)]
    consumer = KafkaConsumer(MockCluster((address,)), CLOCK, group=f"ours{batch}", topics=names)
    with closing(consumer), rare_garbage_collection():
        return reading(count, lambda: read_and_commit(consumer, batch))


def consume_in_c(address: str, count: int) -> Spent:
    """confluent-kafka, 500 records a call."""
    told = {"bootstrap.servers": address, "group.id": "c", "auto.offset.reset": "earliest"}
    client = confluent_kafka.Consumer(told)
    client.subscribe([f"filled{number}" for number in range(TOPICS)])
    with closing(client):
        return reading(count, lambda: len(client.consume(500, 1.0)))


def reading(count: int, read: Callable[[], int]) -> Spent:
    """From the first records on: how long it takes to be let into the group says nothing about speed."""
    until, left = monotonic() + PATIENCE, count
    while left == count and monotonic() < until:
        left -= read()

    def act() -> None:
        nonlocal left
        while left > 0:
            found = read()
            left -= found
            if not found and monotonic() > until:
                raise TimeoutError(f"{left} of {count} records did not come")

    return spent(left, act)


# --- tables ---------------------------------------------------------------------------------------------------


def on_the_mock(records: int) -> Iterator[Sheet]:
    """The clients beside each other."""
    with mock_cluster() as address:
        out = Sheet("kafka_produce", f"Kafka, client side: {SIZE} bytes to librdkafka's mock")
        out.rows["kafka-python, defaults"] = apart(produce_by_default, address, records).rates
        for batch in BATCHES:
            out.rows[f"ours, {batch} at once"] = apart(produce_ours, address, records, batch).rates
        out.rows["confluent-kafka (C)"] = apart(produce_in_c, address, records).rates
        yield _held(out, Aim("Kafka, produce", 60_000, best(out), "messages a core second"))
    with mock_cluster() as address:
        apart(fill, address, records)
        back = Sheet("kafka_consume", f"Kafka, client side: {SIZE} bytes from librdkafka's mock, lz4")
        back.rows["kafka-python, defaults"] = apart(consume_by_default, address, records).rates
        for batch in BATCHES:
            back.rows[f"ours, {batch} at once, each committed"] = apart(consume_ours, address, records, batch).rates
        back.rows["confluent-kafka (C)"] = apart(consume_in_c, address, records).rates
        yield _held(back, Aim("Kafka, consume", 180_000, best(back), "messages a core second"))


def best(sheet: Sheet) -> float:
    """Our best row."""
    return max(float(row[PER_CORE]) for name, row in sheet.rows.items() if name.startswith("ours"))


def _held(sheet: Sheet, aim: Aim) -> Sheet:
    sheet.compare("kafka-python, defaults")
    sheet.aims.append(aim)
    return sheet


def publish(producer: Producer, posts: list[Message], batch: int) -> None:
    """Publishes all, `batch` at once."""
    for start in range(0, len(posts), batch):
        producer.publish(posts[start : start + batch])


def read_and_commit(consumer: Consumer, batch: int) -> int:
    """One batch, committed; how many records."""
    found = consumer.poll(batch, 1.0)
    consumer.commit({record.partition: record.offset + 1 for record in found})
    return len(found)


def in_and_out(producer: Producer, consumer: Consumer, records: list[Message], batch: int) -> Mapping[str, Spent]:
    """Publishes all in batches, then reads and commits all in batches."""
    into = spent(len(records), lambda: publish(producer, records, batch))
    return {"in": into, "out": reading(len(records), lambda: read_and_commit(consumer, batch))}


def embedded(records: int) -> Sheet:
    """The SQLite log, an fsync per publish and per commit."""
    sheet, posts = Sheet("log_embedded", f"embedded log: {SIZE} bytes, an fsync per batch"), messages(records)
    for batch in BATCHES:
        with TemporaryDirectory() as folder, opened("sqlite", Path(folder)) as log:
            log.admin().apply([Topic(RAW)])
            path = Path(folder) / "log.db"
            producer, consumer = SqliteProducer(path, CLOCK), SqliteConsumer(path, CLOCK, group="b", topics=[RAW])
            with closing(producer), closing(consumer):
                for way, one in in_and_out(producer, consumer, posts, batch).items():
                    sheet.rows[f"{way}, {batch} at once"] = one.rates
    for way in ("in", "out"):
        reached = float(sheet.rows[f"{way}, {BATCHES[0]} at once"][PER_SECOND])
        sheet.aims.append(Aim(f"embedded log, {way}, {BATCHES[0]} at once", 20_000, reached, "records/s"))
    return sheet


def on_the_real_broker(records: int) -> Sheet:
    """Our adapter against the broker of make engines."""
    sheet, posts = Sheet("kafka_real", f"Kafka, real broker on the same cores: {SIZE} bytes"), messages(records)
    for batch in BATCHES:
        log = KafkaLog(Path())
        log.admin().apply([Topic(RAW)])
        writer, reader = KafkaProducer(log.cluster, CLOCK), KafkaConsumer(log.cluster, CLOCK, group="b", topics=[RAW])
        with closing(writer), closing(reader):
            for way, one in in_and_out(writer, reader, posts, batch).items():
                sheet.rows[f"{way}, {batch} at once"] = one.rates
        log.close()
    return sheet


def sheets(records: int) -> Iterator[Sheet]:
    """All tables of the log."""
    warnings.filterwarnings("ignore", category=DeprecationWarning, module="kafka")
    yield from on_the_mock(records)
    if noted("WENFENG_TEST_KAFKA") is not None:
        yield on_the_real_broker(records)
    yield embedded(records)


@click.command()
@click.option("--records", default=100_000, show_default=True, help="How many.")
def main(records: int) -> None:
    """Measure the log: Kafka's clients, the real broker where make engines runs it, the embedded log."""
    for sheet in sheets(records):
        show(sheet, Console())


if __name__ == "__main__":
    main()
