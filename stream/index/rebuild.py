"""The index made again from the log, and compared with it: what the log has is the truth."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date
from itertools import islice
from typing import TypeVar

from structlog import get_logger

from stream.codec import SCORED, Codec
from stream.errors import DecodeError, Rejected, Retryable
from stream.index.admin import NextIndex
from stream.index.port import Outcome, Query, Reader, Writer, without_words
from stream.index.stage import Gone, put_living
from stream.log.broker import SCORED as TOPIC
from stream.log.broker import Admin, Consumer, Partition
from stream.messages import ScoredPost
from stream.process.clock import Clock
from stream.process.failpoints import failpoint

AT_ONCE = 500  # records per poll
PATIENCE = 30.0  # seconds without a record before the log counts as away

T = TypeVar("T")
Ends = Mapping[Partition, tuple[int, int]]
log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What became of the log's posts."""

    read: int
    refused: int
    lost: tuple["Difference", ...]  # days of which the old index had more than the log has


@dataclass(slots=True)
class Tally:
    """The posts of one day: how many, and a digest that does not depend on their order."""

    posts: int = 0
    digest: int = 0

    def add(self, number: int) -> None:
        """Counts a post in."""
        self.posts += 1
        self.digest ^= number


@dataclass(frozen=True, slots=True)
class Difference:
    """A day (UTC, of `first_seen_at`) on which log and index do not hold the same posts."""

    day: date
    logged: int
    indexed: int

    def __str__(self) -> str:
        if self.logged == self.indexed:
            return f"{self.day}: {self.logged} posts in both, not the same"
        return f"{self.day}: {self.logged} in the log, {self.indexed} in the index"


@dataclass(frozen=True, slots=True)
class Source:
    """The log's side: a consumer alone in a group that never commits, and who knows the log's ends and the erased."""

    consumer: Consumer
    admin: Admin
    gone: Gone

    def until(self, ends: Ends) -> Iterator[list[ScoredPost]]:
        """Reads the posts not yet read, up to `ends`."""
        return logged(self.consumer, ends)


def rebuild(version: NextIndex, in_use: Reader, source: Source, clock: Clock, *, lose: bool = False) -> Rebuilt:
    """Fills `version` from the log and puts it in the place of the index in use; that one waits only at the end.

    Where the index in use has posts that the log has not any more, raises `Rejected("outside_log")` unless `lose`.
    """
    try:
        ends = source.admin.ends(TOPIC)
        done = [_put(version.writer, posts, source.gone) for posts in source.until(ends)]
        failpoint("rebuild.filled")
        version.hold()
        failpoint("rebuild.held")
        later = source.admin.ends(TOPIC)
        rest = {partition: (ends.get(partition, (0, 0))[1], end) for partition, (_, end) in later.items()}
        done += [_put(version.writer, posts, source.gone) for posts in source.until(rest)]
        version.refresh()
        version.writer.withhold(clock.now())
        old = tally(living(in_use.export(Query()), source.gone))  # first: one file may be both, and still be written
        days = differences(tally(version.reader.export(Query())), old)
        lost = tuple(day for day in days if day.indexed > day.logged)
        if lost and not lose:
            raise Rejected("outside_log", f"{'; '.join(map(str, lost[:5]))}: the log does not reach back so far")
        version.switch()
        failpoint("rebuild.switched")
    except BaseException:
        version.abandon()
        raise
    return Rebuilt(sum(read for read, _ in done), sum(refused for _, refused in done), lost)


def _put(writer: Writer, posts: list[ScoredPost], gone: Gone) -> tuple[int, int]:
    refused = [put for put in put_living(writer, posts, gone) if put.outcome is Outcome.REFUSED]
    for put in refused:
        log.warning("refused, as it was when it came", detail=put.detail)
    return len(posts), len(refused)


def logged(consumer: Consumer, ends: Ends) -> Iterator[list[ScoredPost]]:
    """Yields every post of the topic up to `ends`; see `decoded`."""
    yield from decoded(consumer, ends, SCORED)


def decoded(consumer: Consumer, ends: Ends, codec: Codec[T]) -> Iterator[list[T]]:
    """Yields every message of a topic up to `ends`, in order within a key; what cannot be decoded is left out.

    `consumer` is alone in a group that never commits. Raises `Retryable` if the log stops answering before the end.
    """
    left = {partition: end for partition, (start, end) in ends.items() if end > start}
    while left:
        records = consumer.poll(AT_ONCE, PATIENCE)
        if not records:
            raise Retryable(f"{len(left)} partitions of the log were not read to their end")
        messages: list[T] = []
        for record in records:
            if record.offset + 1 >= left.get(record.partition, record.offset + 2):
                del left[record.partition]
            try:
                messages.append(codec.decode(record.value))
            except DecodeError as error:
                where = {"offset": record.offset, "partition": record.partition.number}
                log.warning("left out: not readable", topic=record.partition.topic, **where, reason=str(error))
        yield messages


def tally_log(batches: Iterable[list[ScoredPost]], gone: Gone) -> dict[date, Tally]:
    """Counts the log's posts by day: of each the newest observation, without the erased.

    Some 200 bytes of memory a post.
    """
    newest: dict[str, tuple[float, date, int]] = {}
    for posts in batches:
        erased = gone({post.id for post in posts})
        for post in posts:
            observed = post.observed_at.timestamp()
            if post.id not in erased and (post.id not in newest or newest[post.id][0] <= observed):
                newest[post.id] = (observed, _day(post), _number(post))
    days: dict[date, Tally] = defaultdict(Tally)
    for _, day, number in newest.values():
        days[day].add(number)
    return days


def tally(posts: Iterable[ScoredPost]) -> dict[date, Tally]:
    """Counts an index's posts by day."""
    days: dict[date, Tally] = defaultdict(Tally)
    for post in posts:
        days[_day(post)].add(_number(post))
    return days


def living(posts: Iterator[ScoredPost], gone: Gone) -> Iterator[ScoredPost]:
    """Yields those that were not erased: an erasing that was cut off has noted more than it removed."""
    while some := list(islice(posts, AT_ONCE)):
        dead = gone({post.id for post in some})
        yield from (post for post in some if post.id not in dead)


def differences(log_days: Mapping[date, Tally], index_days: Mapping[date, Tally]) -> list[Difference]:
    """Finds the days that differ, in order."""
    pairs = ((day, log_days.get(day, Tally()), index_days.get(day, Tally())) for day in {*log_days, *index_days})
    return [
        Difference(day, ours.posts, theirs.posts)
        for day, ours, theirs in sorted(pairs, key=lambda pair: pair[0])
        if ours != theirs
    ]


def _day(post: ScoredPost) -> date:
    return post.first_seen_at.astimezone(UTC).date()


def _number(post: ScoredPost) -> int:
    """Digests a post without its words, which may be withheld, to 64 bits: `content_hash` stands for them."""
    wire = SCORED.encode(without_words(post))
    return int.from_bytes(hashlib.sha256(wire).digest()[:8])
