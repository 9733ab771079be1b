"""The Elasticsearch server of `make engines`, for tests: names of their own, and no waiting for refreshes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from uuid import uuid4

from elasticsearch import Elasticsearch

from stream.index.elastic.events import series
from stream.index.elastic.schema import Names
from stream.index.elastic.server import connect
from stream.index.port import PutResult, Writer
from stream.messages import ScoredPost
from tests.engines import engine


@contextmanager
def server() -> Iterator[tuple[Elasticsearch, Names]]:
    """A client, and names that nobody else has; what was made under them is removed."""
    client, names = connect(engine("WENFENG_TEST_ELASTIC")), Names(f"test-{uuid4().hex[:12]}")
    try:
        yield client, names
    finally:
        clear(client, names)
        client.close()


def clear(client: Elasticsearch, names: Names) -> None:
    """Removes everything under the names."""
    plain = client.options(ignore_status=404)
    held = plain.indices.get_alias(index=f"{names.posts.removesuffix('-posts')}-*").body
    if held:
        plain.indices.delete(index=",".join(held))
    for template in (names.posts, *(one.alias for one in series(names))):
        plain.indices.delete_index_template(name=template)
    for component in (names.settings, names.mapping):
        plain.cluster.delete_component_template(name=component)


class Refreshing:
    """A writer after which everything is found at once."""

    def __init__(self, writer: Writer, client: Elasticsearch) -> None:
        self._writer = writer
        self._client = client

    def put(self, posts: Sequence[ScoredPost]) -> list[PutResult]:
        outcomes = self._writer.put(posts)
        self._client.indices.refresh()
        return outcomes

    def erase(self, ids: Sequence[str]) -> int:
        return self._writer.erase(ids)

    def withhold(self, now: datetime) -> int:
        return self._writer.withhold(now)

    def close(self) -> None:
        self._writer.close()
