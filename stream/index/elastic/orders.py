"""The orders of a search as Elasticsearch sorts, and the marks of their pages."""

from typing import Any

from elasticsearch import Elasticsearch

from stream.index.elastic.pages import hits
from stream.index.order import UNRANKED, mark, rank, ranked_mark, read_mark, read_ranked_mark
from stream.index.port import RANKED, Order
from stream.messages import ScoredPost
from stream.process.moments import to_ms

Clause = dict[str, Any]

_NEWEST: list[Clause] = [{"charted_at": "desc"}, {"id": "asc"}]
_RANKS = {Order.NEGATIVE: "negative", Order.REPLIES: "counts.replies"}


def sort_by(order: Order) -> list[Clause]:
    """Builds the request's `sort`. What has no value is given one below all, which a mark can name."""
    if order is Order.NEWEST:
        return _NEWEST
    return [{_RANKS[order]: {"order": "desc", "missing": int(UNRANKED)}}, *_NEWEST]


def search_after(order: Order, after: str | None) -> list[Any] | None:
    """Reads a mark as the request's `search_after`; raises `Rejected("query")` for one that is not of this order."""
    if after is None:
        return None
    if order is Order.NEWEST:
        return list(read_mark(after))
    ranked, charted_at, id_ = read_ranked_mark(order, after)
    return [ranked if order is Order.NEGATIVE else int(ranked), charted_at, id_]


def mark_behind(order: Order, post: ScoredPost) -> str:
    """Marks the place behind a post."""
    if order is Order.NEWEST:
        return mark(to_ms(post.charted_at), post.id)
    value = post.negative if order is Order.NEGATIVE else post.counts.replies
    return ranked_mark(order, rank(order, value), to_ms(post.charted_at), post.id)


def newest_alone(client: Elasticsearch, place: str, filters: Clause) -> tuple[Clause, int | None]:
    """Narrows the filters to the newest `RANKED` posts found; None in place of that number where they are all."""
    beyond = hits(client, index=place, query=filters, sort=_NEWEST, from_=RANKED, size=1, source=False)
    if not beyond:
        return filters, None
    charted_at, id_ = beyond[0]["sort"]  # of the first one that is too many
    same = [_charted("gte", charted_at), _charted("lte", charted_at), {"range": {"id": {"lt": id_}}}]
    before = [_charted("gt", charted_at), {"bool": {"filter": same}}]
    newer = {"bool": {"should": before, "minimum_should_match": 1}}
    return {"bool": {"filter": [filters, newer]}}, RANKED


def _charted(limit: str, ms: int) -> Clause:
    return {"range": {"charted_at": {limit: ms, "format": "epoch_millis"}}}
