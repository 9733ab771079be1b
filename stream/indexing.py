"""The index stage's step: scored posts into the index, refusals back to the worker for its quarantine."""

from collections.abc import Callable, Mapping, Sequence

from stream.errors import Rejected
from stream.index import Outcome, Writer
from stream.messages import ScoredPost


def index_step(writer: Writer) -> Callable[[Sequence[ScoredPost]], Mapping[int, Rejected]]:
    """A step that puts a batch and returns what the index will never take, by position.

    A post that is older than what is there, or was erased, is done as well as one that was indexed. `Retryable`
    passes: the worker waits and puts the whole batch again.
    """

    def step(posts: Sequence[ScoredPost]) -> Mapping[int, Rejected]:
        outcomes = enumerate(writer.put(posts))
        return {at: Rejected("refused", put.detail) for at, put in outcomes if put.outcome is Outcome.REFUSED}

    return step
