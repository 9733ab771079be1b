"""The index stage: scored posts into the index, refusals back to the worker for its quarantine."""

from collections.abc import Callable, Collection, Mapping, Sequence, Set
from datetime import datetime
from itertools import islice

from sqlalchemy import Engine

from stream.codec import SCORED
from stream.config import StreamConfig
from stream.errors import Rejected
from stream.index.port import Outcome, PutResult, Reader, Writer
from stream.log.broker import Consumer, Producer
from stream.log.health import HealthReporter, this_process
from stream.log.quarantine import Quarantine
from stream.log.worker import Worker
from stream.messages import ScoredPost
from stream.process.alive import Alive
from stream.process.clock import Clock
from stream.process.failpoints import failpoint
from stream.state.tombstones import CHUNK, all_gone, asking

Gone = Callable[[Collection[str]], Set[str]]


def indexing_worker(
    config: StreamConfig, consumer: Consumer, producer: Producer, writer: Writer, *, engine: Engine, clock: Clock
) -> Worker[ScoredPost]:
    """Builds the index stage over these engines; the caller closes them."""
    return Worker(
        consumer,
        Quarantine(producer, clock, "index"),
        SCORED,
        index_step(writer, asking(engine, clock)),
        clock=clock,
        limit=config.batch,
        stop_after_rejects=config.stop_after_rejects,
        report=HealthReporter(producer, clock, "index", this_process(), alive=Alive(config.var, "index")),
    )


def index_step(writer: Writer, gone: Gone) -> Callable[[Sequence[ScoredPost]], Mapping[int, Rejected]]:
    """Builds a step that puts a batch and returns what the index will never take, by position.

    A post that is older than what is there, or was erased, is done as well as one that was indexed. `Retryable`
    passes: the worker waits and puts the whole batch again.
    """

    def step(posts: Sequence[ScoredPost]) -> Mapping[int, Rejected]:
        outcomes = enumerate(put_living(writer, posts, gone))
        return {at: Rejected("refused", put.detail) for at, put in outcomes if put.outcome is Outcome.REFUSED}

    return step


def put_living(writer: Writer, posts: Sequence[ScoredPost], gone: Gone) -> list[PutResult]:
    """Puts those posts that were not erased; one outcome per post, in order.

    Asks a second time afterwards: who erases notes it first and removes then, so that whichever comes last removes.
    """
    ids = {post.id for post in posts}
    dead = gone(ids)
    failpoint("index.asked")
    puts = iter(writer.put([post for post in posts if post.id not in dead]))
    outcomes = [PutResult(Outcome.ERASED) if post.id in dead else next(puts) for post in posts]
    failpoint("index.put")
    if died := gone(ids) - dead:
        writer.erase(sorted(died))
    return [PutResult(Outcome.ERASED) if post.id in died else put for post, put in zip(posts, outcomes, strict=True)]


def finish_erasing(engine: Engine, reader: Reader, writer: Writer, now: datetime) -> int:
    """Removes what was noted as erased and is still there, where whoever erased was cut off; returns how many."""
    noted, removed = all_gone(engine, now), 0
    while ids := list(islice(noted, CHUNK)):
        if left := [post.id for post in reader.get(ids)]:
            removed += writer.erase(left)
    return removed
