"""The bulk loop: what each item's answer means is a table, and nothing is sent without learning what became of it.

The client's own helpers give up halfway and retry less than they say; this loop reads every item. It never sleeps:
what may pass is raised as `Retryable`, so that the stage waits with its partitions paused. What was taken before is
remembered, and not sent again when the caller puts the same batch again.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise
from typing import Any

import orjson
from elastic_transport import ApiError, ConnectionTimeout
from elasticsearch import Elasticsearch
from structlog import get_logger

from stream.errors import Retryable
from stream.index.elastic.server import BLOCKED, error_type, reason, translated, unusable
from stream.index.port import Outcome, PutResult
from stream.process.failpoints import failpoint

MOST = 5 << 20  # bytes of one request; larger ones gain nothing and weigh on the server
LEAST = 64 << 10  # as far as pressure from the server makes requests smaller
SAME_500 = 3  # identical requests answered 500 before one of their items is suspected
STRIKES = 5  # odd answers to one item before it is refused

_CONFLICT = "version_conflict_engine_exception"
_BLOCK = "cluster_block_exception"
_BLAMED = (400, 413, 500)  # what one item can do to a whole request
_AT_FAULT = {"status": 413, "error": {"type": "fails_alone", "reason": "Elasticsearch fails on this post alone"}}
_INDEXED = PutResult(Outcome.INDEXED)
_FILTER = "items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by,items.*.result"

log = get_logger(__name__)


class IndexGone(LookupError):
    """Raised when an index that was there is no more: moved behind the alias, or removed by somebody else."""


class Verdict(Enum):
    """What one item's answer means."""

    DONE = auto()
    STALE = auto()
    AGAIN = auto()  # for ever: the server is busy or away
    ODD = auto()  # some times, then refused
    BLOCKED = auto()
    REFUSED = auto()
    GONE = auto()
    FORBIDDEN = auto()


_VERDICTS = {
    200: Verdict.DONE,
    201: Verdict.DONE,
    400: Verdict.REFUSED,
    401: Verdict.FORBIDDEN,
    403: Verdict.FORBIDDEN,
    404: Verdict.GONE,
    409: Verdict.REFUSED,
    413: Verdict.REFUSED,
    429: Verdict.AGAIN,
    502: Verdict.AGAIN,
    503: Verdict.AGAIN,
    504: Verdict.AGAIN,
}


def judge(status: int, kind: str = "") -> Verdict:
    """Judges what an item's status and error type mean.

    Blocks come as 403 or 429, beside refused rights and overload.
    """
    if kind == _BLOCK:
        return Verdict.BLOCKED
    if kind == _CONFLICT:
        return Verdict.STALE
    return _VERDICTS.get(status, Verdict.ODD)


@dataclass(frozen=True, slots=True)
class Item:
    """One document on its way: `lines` are its action and its body as newline-delimited JSON."""

    id: str
    lines: bytes


def index_item(index: str, id_: str, version: int, body: bytes) -> Item:
    """Puts a document where none of a later version is."""
    target = {"_index": index, "_id": id_, "version": version, "version_type": "external_gte"}
    return Item(id_, orjson.dumps({"index": target}) + b"\n" + body + b"\n")


class Bulk:
    """Sends items. Requests shrink when the server complains and grow again when it does not."""

    def __init__(self, client: Elasticsearch) -> None:
        self._client = client
        self._limit = MOST
        self._taken: dict[bytes, PutResult] = {}
        self._strikes: Counter[bytes] = Counter()

    def send(self, items: Sequence[Item], *, refresh: bool = False) -> list[PutResult]:
        """Returns one outcome per item, in order.

        Raises `Retryable` where some may be taken later; all may then be sent again.
        """
        before, self._taken = self._taken, {}
        left = [item for item in items if item.lines not in before] if before else items
        puts: dict[int, PutResult] = {}  # by place in `left`; bytes as keys would cost more than sending them
        waiting: list[str] = []
        try:
            at = 0
            for chunk in _chunks(left, self._limit):
                waiting += self._take(chunk, at, puts, refresh)
                at += len(chunk)
        finally:
            if len(puts) < len(left):
                kept = {item.lines: before[item.lines] for item in items if item.lines in before}
                self._taken = kept | {left[place].lines: put for place, put in puts.items()}
        if waiting:
            raise Retryable(f"index: {len(waiting)} of {len(items)} posts were not taken: {waiting[0]}")
        self._strikes.clear()
        if not before:
            return [puts[place] for place in range(len(left))]
        taken = before | {left[place].lines: put for place, put in puts.items()}
        return [taken[item.lines] for item in items]

    def _take(self, chunk: Sequence[Item], first: int, puts: dict[int, PutResult], refresh: bool) -> list[str]:
        """Sends a chunk and notes its outcomes; returns why others must be sent again."""
        late: set[str] = set()  # ids with an item to send again: what follows of the same id waits for its turn
        waiting: list[str] = []
        for place, (item, answer) in enumerate(zip(chunk, self._answers(chunk, refresh), strict=True), first):
            put = _INDEXED if answer["status"] in (200, 201) else self._outcome(item, answer)
            if isinstance(put, str):
                waiting.append(put)
                late.add(item.id)
            elif item.id not in late:
                puts[place] = put
        if waiting:
            self._shrink()
        else:
            self._limit = min(MOST, self._limit + self._limit // 4)
        return waiting

    def _outcome(self, item: Item, answer: Mapping[str, Any]) -> PutResult | str:
        """Tells what became of an item, or why it must be sent again."""
        status, kind = int(answer["status"]), error_type(answer.get("error"))
        detail = f"{status} {kind}: {reason(answer.get('error'))}"
        match judge(status, kind):
            case Verdict.DONE:
                return _INDEXED
            case Verdict.STALE:
                return PutResult(Outcome.STALE)
            case Verdict.REFUSED:
                return PutResult(Outcome.REFUSED, detail)
            case Verdict.BLOCKED:
                raise Retryable(f"index: Elasticsearch takes no writes: {detail}", after=BLOCKED)
            case Verdict.FORBIDDEN:
                raise unusable(f"the login may not write: {detail}")
            case Verdict.GONE:
                raise IndexGone(detail)
            case Verdict.ODD:
                self._strikes[item.lines] += 1
                if self._strikes[item.lines] >= STRIKES:
                    log.error("refused after odd answers", id=item.id, detail=detail)
                    return PutResult(Outcome.REFUSED, detail)
        return detail

    def _answers(self, chunk: Sequence[Item], refresh: bool) -> list[dict[str, Any]]:
        """Returns the answer to each item.

        A request that fails as a whole, and always, is cut down to the item at fault.
        """
        try:
            return self._request(chunk, refresh)
        except ApiError as error:
            if not self._blame(chunk, error):
                self._shrink()
                with translated():
                    raise
            answers = self._cut(chunk, error, refresh)
            if error.meta.status == 500 and len(chunk) > 1 and all(answer is _AT_FAULT for answer in answers):
                raise Retryable("index: Elasticsearch answers 500 to every single post") from error
            return answers
        except ConnectionTimeout:
            self._shrink()
            with translated():
                raise

    def _cut(self, chunk: Sequence[Item], error: ApiError, refresh: bool) -> list[dict[str, Any]]:
        """Collects the answers to a request that failed, half by half."""
        if len(chunk) == 1:
            log.error("fails alone", id=chunk[0].id, status=error.meta.status, reason=reason(error.body))
            return [_AT_FAULT]
        answers: list[dict[str, Any]] = []
        for part in (chunk[: len(chunk) // 2], chunk[len(chunk) // 2 :]):
            try:
                answers += self._request(part, refresh)
            except ApiError as again:
                if again.meta.status not in _BLAMED:
                    with translated():
                        raise
                answers += self._cut(part, again, refresh)
        return answers

    def _request(self, chunk: Sequence[Item], refresh: bool) -> list[dict[str, Any]]:
        operations: Any = b"".join(item.lines for item in chunk)  # bytes go out as they are
        answer = self._client.bulk(operations=operations, filter_path=_FILTER, refresh=refresh)
        failpoint("index.written")
        return [next(iter(item.values())) for item in answer.body["items"]]

    def _blame(self, chunk: Sequence[Item], error: ApiError) -> bool:
        """Tells whether an item must be at fault.

        It must for 400 and 413 at once, for 500 when the same request failed before.
        """
        if error.meta.status not in _BLAMED or error.meta.status != 500:
            return error.meta.status in _BLAMED
        request = b"".join(item.lines for item in chunk)
        self._strikes[request] += 1
        return self._strikes[request] >= (SAME_500 if len(chunk) > 1 else STRIKES)

    def _shrink(self) -> None:
        self._limit = max(LEAST, self._limit // 2)


def _chunks(items: Sequence[Item], limit: int) -> Iterator[Sequence[Item]]:
    """Cuts the items, in order, so that a chunk is no larger than `limit` bytes unless one item alone is."""
    cuts, size = [0], 0
    for at, item in enumerate(items):
        if size and size + len(item.lines) > limit:
            cuts.append(at)
            size = 0
        size += len(item.lines)
    yield from (items[start:end] for start, end in pairwise([*cuts, len(items)]) if end > start)
