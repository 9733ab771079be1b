"""Records that could not be processed: kept with the reason, and sent again to their topic once that is mended.

The quarantine is a topic like any other. An entry that was replayed is written again with `replayed_at` set, so the
topic alone says what was replayed, on every engine; the newest record of an id is what holds.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from pydantic import ConfigDict
from structlog import get_logger

from stream.codec import Codec
from stream.errors import DecodeError, Rejected, Retryable
from stream.log.broker import QUARANTINE, Consumer, Message, Partition, Producer, Record
from stream.messages import Hex32, Time
from stream.process.clock import Clock

MAX_RAW = 600_000  # bytes kept of a record: in base64 and with six bytes a label's character still under MAX_RECORD
MAX_LABELS = 20_000  # characters kept of key and headers together
MAX_DETAIL = 1_000
_READ_AT_ONCE = 200
_PATIENCE = 10.0  # seconds without a record before the log counts as not answering

log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """One rejected record: where it lay, why it was refused and by which stage, and its bytes (base64 on the wire).

    `raw` is None where the record had no value; `truncated` says that something of it was too long to be kept, so that
    it cannot be replayed. `sha256` is of the whole value.
    """

    schema: Literal[1] = 1
    id: Hex32
    stage: str
    topic: str
    partition: int
    offset: int
    key: str
    headers: dict[str, str] = field(default_factory=dict)
    reason: str
    detail: str
    sha256: str
    raw: bytes | None
    truncated: bool
    at: Time
    replayed_at: Time | None = None

    @property
    def replayable(self) -> bool:
        """Whether its bytes are all here."""
        return self.raw is not None and not self.truncated


Quarantined.__pydantic_config__ = ConfigDict(  # type: ignore[attr-defined]  # a class attribute would be a slot
    extra="forbid", strict=True, ser_json_bytes="base64", val_json_bytes="base64"
)

ENTRIES = Codec(Quarantined)


class Quarantine:
    """Where one stage puts what it rejects."""

    def __init__(self, producer: Producer, clock: Clock, stage: str) -> None:
        self._producer = producer
        self._clock = clock
        self._stage = stage

    def put(self, rejects: Sequence[tuple[Record, Rejected]]) -> None:
        """Returns when every reject is durable: only then may its offset be committed. Raises as `publish` does."""
        entries = [self._entry(record, error) for record, error in rejects]
        self._producer.publish([_message(entry) for entry in entries])
        for entry in entries:
            log.warning(
                "quarantined",
                id=entry.id,
                topic=entry.topic,
                partition=entry.partition,
                offset=entry.offset,
                reason=entry.reason,
            )

    def _entry(self, record: Record, error: Rejected) -> Quarantined:
        value = record.value or b""
        sha256 = hashlib.sha256(value).hexdigest()
        place = [self._stage, record.partition.topic, record.partition.number, record.offset, sha256]
        labels = len(record.key) + sum(len(name) + len(text) for name, text in record.headers.items())
        fits = labels <= MAX_LABELS
        return Quarantined(
            id=hashlib.sha256(json.dumps(place).encode()).hexdigest()[:32],
            stage=self._stage,
            topic=record.partition.topic,
            partition=record.partition.number,
            offset=record.offset,
            key=record.key if fits else record.key[:100],
            headers=dict(record.headers) if fits else {},
            reason=error.reason[:100],
            detail=_clean(error.detail)[:MAX_DETAIL],
            sha256=sha256,
            raw=None if record.value is None else value[:MAX_RAW],
            truncated=len(value) > MAX_RAW or not fits,
            at=self._clock.now(),
        )


def entries(consumer: Consumer, ends: Mapping[Partition, tuple[int, int]]) -> Iterator[Quarantined]:
    """Yields every record of the quarantine up to `ends` (of `Admin.ends`), in order within a key.

    A replayed one comes twice.

    `consumer` is alone in a group that never commits. Raises `Retryable` if the log stops answering before the end.
    """
    left = {partition: end for partition, (start, end) in ends.items() if end > start}
    while left:
        records = consumer.poll(_READ_AT_ONCE, _PATIENCE)
        if not records:
            raise Retryable(f"{QUARANTINE}: {len(left)} partitions were not read to their end")
        for record in records:
            if record.offset + 1 >= left.get(record.partition, record.offset + 2):
                del left[record.partition]
            try:
                yield ENTRIES.decode(record.value)
            except DecodeError as error:
                log.error("quarantine entry unreadable", offset=record.offset, detail=error.detail)


def listed(consumer: Consumer, ends: Mapping[Partition, tuple[int, int]]) -> list[Quarantined]:
    """Lists the newest state of every entry, oldest first, without its bytes (they may be many)."""
    newest = {entry.id: replace(entry, raw=entry.raw and b"") for entry in entries(consumer, ends)}
    return sorted(newest.values(), key=lambda entry: (entry.at, entry.topic, entry.partition, entry.offset))


def replay(
    consumer: Consumer,
    producer: Producer,
    ends: Mapping[Partition, tuple[int, int]],
    clock: Clock,
    *,
    wanted: Callable[[Quarantined], bool],
) -> list[str]:
    """Publishes the wanted entries' bytes to the topics they came from, in order; returns the ids.

    What was replayed before or cannot be replayed is left out. Stopped halfway and started again it sends at most the
    entry at hand twice. A record rejected again is a new entry.
    """
    past = {entry.id for entry in entries(consumer, ends) if entry.replayed_at or not wanted(entry)}
    consumer.rewind()
    sent: list[str] = []
    for entry in entries(consumer, ends):
        if entry.id in past or entry.raw is None or not entry.replayable:
            continue
        again = Message(entry.topic, entry.key, entry.raw, entry.headers)
        mark = replace(entry, raw=b"", replayed_at=clock.now())
        producer.publish([again, _message(mark)])
        past.add(entry.id)
        sent.append(entry.id)
    return sent


def _message(entry: Quarantined) -> Message:
    return Message(QUARANTINE, entry.key, ENTRIES.encode(entry))


def _clean(text: str) -> str:
    """Replaces the lone surrogates that words of an engine may hold, and which no encoder takes."""
    return text.encode("utf-8", "replace").decode()
