"""How fast the log's engines take and give records of 420 bytes: `python -m tests.bench.bench_log`.

The rate per core counts the processor time of this process alone: what an engine costs a stage. The other is by the
clock, with the broker on the same cores.
"""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random
from resource import RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory

import click

from stream.broker import RAW, Consumer, Message, Producer, Topic
from stream.brokers.kafka import KafkaConsumer, KafkaProducer
from stream.brokers.sqlite import SqliteConsumer, SqliteProducer
from stream.clock import SystemClock
from tests.engines import noted
from tests.stream.logs import KafkaLog, opened

SIZE = 420  # bytes; a post as SPEED's figures have it
HAN = range(0x4E00, 0x9FA5)


def messages(count: int) -> list[Message]:
    """Posts of chance, hence compressed little; 997 threads."""
    dice = Random(1)
    texts = ["".join(map(chr, dice.choices(HAN, k=SIZE // 3))).encode() for _ in range(1000)]
    return [Message(RAW, f"thread{number % 997}", texts[number % 1000]) for number in range(count)]


@contextmanager
def measured(what: str, count: int) -> Iterator[None]:
    began, used = time.monotonic(), _processor()
    yield
    wall, core = time.monotonic() - began, _processor() - used
    click.echo(f"{what}\t{count / wall:,.0f}/s\t{count / core:,.0f}/s per core")


def bench(name: str, producer: Producer, consumer: Consumer, records: list[Message], batch: int) -> None:
    """Publishes all in batches, then reads and commits all in batches."""
    with measured(f"{name}: publish {batch}", len(records)):
        for start in range(0, len(records), batch):
            producer.publish(records[start : start + batch])
    left = len(records)
    with measured(f"{name}: poll and commit {batch}", left):
        while left:
            found = consumer.poll(batch, 1.0)
            left -= len(found)
            consumer.commit({record.partition: record.offset + 1 for record in found})


@click.command()
@click.option("--records", default=100_000, show_default=True, help="How many.")
def main(records: int) -> None:
    """Measure both engines of the log; Kafka where make engines runs it."""
    clock, posts = SystemClock(), messages(records)
    for batch in (256, 5000):
        with TemporaryDirectory() as folder, opened("sqlite", Path(folder)) as log:
            log.admin().apply([Topic(RAW)])
            path = Path(folder) / "log.db"
            producer, consumer = SqliteProducer(path, clock), SqliteConsumer(path, clock, group="b", topics=[RAW])
            with closing(producer), closing(consumer):
                bench("sqlite", producer, consumer, posts, batch)
        if noted("WENFENG_TEST_KAFKA") is None:
            click.echo("kafka: make engines")
            continue
        log = KafkaLog(Path())
        log.admin().apply([Topic(RAW)])
        writer, reader = KafkaProducer(log.cluster, clock), KafkaConsumer(log.cluster, clock, group="b", topics=[RAW])
        with closing(writer), closing(reader):
            bench("kafka", writer, reader, posts, batch)
        log.close()


def _processor() -> float:
    usage = getrusage(RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
