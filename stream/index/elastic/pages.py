"""Reading many hits from Elasticsearch: one request, or one point in time page by page."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from elastic_transport import ApiError, TransportError
from elasticsearch import Elasticsearch

from stream.index.elastic.server import complete, translated

KEEP = "5m"  # between two pages of a point in time; renewed by each

Hit = dict[str, Any]


def answer(client: Elasticsearch, **asked: Any) -> dict[str, Any]:
    """Asks for a search's whole answer: raises `Retryable` rather than return a part of it."""
    with translated():
        return complete(client.search(track_total_hits=False, allow_partial_search_results=_whole(asked), **asked))


def _whole(asked: dict[str, Any]) -> bool | None:
    return None if "pit" in asked else False  # a point in time is whole or refused anyway, and refuses the parameter


def hits(client: Elasticsearch, **asked: Any) -> list[Hit]:
    """Asks for a search's hits."""
    found: list[Hit] = answer(client, **asked)["hits"]["hits"]
    return found


@contextmanager
def point_in_time(client: Elasticsearch, index: str) -> Iterator[dict[str, str]]:
    """Opens one state of the index, for several requests."""
    with translated():
        opened = client.open_point_in_time(index=index, keep_alive=KEEP).body["id"]
    try:
        yield {"id": opened, "keep_alive": KEEP}
    finally:
        with suppress(ApiError, TransportError):  # it ends by itself, and must not hide why we are here
            client.close_point_in_time(id=opened)


def pages(
    client: Elasticsearch, index: str, query: dict[str, Any], sort: list[dict[str, str]], size: int
) -> Iterator[list[Hit]]:
    """Yields all hits of one state of the index, in order, `size` at a time; each with its document's version."""
    with point_in_time(client, index) as pit:
        behind = None
        while found := hits(client, pit=pit, query=query, sort=sort, size=size, search_after=behind, version=True):
            yield found
            behind = found[-1]["sort"]
