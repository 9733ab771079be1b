"""What the adapters share: the mark of a page, a histogram's query."""

import struct
from dataclasses import replace
from datetime import datetime, timedelta
from re import fullmatch

from stream.errors import Rejected
from stream.index.port import Axis, Order, Query
from stream.process.moments import MILLISECOND

_NO_MARK = "this is no mark of a page: start again from the first page"
UNRANKED = -1.0  # below every probability and every counter


def mark(charted_at: int, id_: str) -> str:
    """Marks the place behind a post in the search order; the post need not exist any more."""
    return f"{charted_at}:{id_}"


def read_mark(after: str) -> tuple[int, str]:
    """Reads `charted_at` and id of a mark; raises `Rejected("query")` for what is none."""
    if not (match := fullmatch(r"(-?[0-9]{1,15}):([0-9a-f]{32})", after)):
        raise Rejected("query", _NO_MARK)
    return int(match[1]), match[2]


def rank(order: Order, value: float | None) -> float:
    """Returns what an order other than NEWEST compares: in the precision that all engines keep, None as `UNRANKED`."""
    if value is None:
        return UNRANKED
    return float(struct.unpack("f", struct.pack("f", value))[0]) if order is Order.NEGATIVE else float(value)


def ranked_mark(order: Order, ranked: float, charted_at: int, id_: str) -> str:
    """Marks the place behind a post in an order other than NEWEST."""
    return f"{order.value}:{ranked!r}:{mark(charted_at, id_)}"


def read_ranked_mark(order: Order, after: str) -> tuple[float, int, str]:
    """Reads rank, `charted_at` and id of a mark of `order`; raises `Rejected("query")` for another order's or none."""
    number = r"-?[0-9]{1,20}(?:\.[0-9]{1,25})?(?:e-[0-9]{1,3})?"
    if not (match := fullmatch(rf"{order.value}:({number}):([^:]*:[^:]*)", after)):
        raise Rejected("query", _NO_MARK)
    return (float(match[1]), *read_mark(match[2]))


def slots(start: datetime, end: datetime, step: timedelta) -> int:
    """Counts the buckets of a histogram; raises `ValueError` for a step no engine can count by."""
    if step < MILLISECOND:
        raise ValueError(f"the step of a histogram is a millisecond at least, not {step}")
    return -((start - end) // step)


def within(query: Query, axis: Axis, start: datetime, end: datetime) -> Query:
    """Narrows the query to times of `axis` in [start, end)."""
    if axis is Axis.CHARTED:
        since, until = max(start, query.charted_since or start), min(end, query.charted_until or end)
        return replace(query, charted_since=since, charted_until=until)
    since, until = max(start, query.counted_since or start), min(end, query.counted_until or end)
    return replace(query, counted_since=since, counted_until=until)
