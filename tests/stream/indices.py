"""One index for a test, through both ports of one adapter."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from stream.index.elastic.posts import ElasticIndexReader, ElasticIndexWriter
from stream.index.port import Finder, Order, Outcome, Query, Writer
from stream.index.sqlite.posts import SqliteIndexReader, SqliteIndexWriter
from stream.messages import ScoredPost
from tests.stream.elastic import Refreshing, server

ADAPTERS = ("sqlite", "elastic")


@dataclass
class Index:
    """One index through both of its ports."""

    writer: Writer
    reader: Finder

    def put(self, *posts: ScoredPost) -> list[Outcome]:
        return [put.outcome for put in self.writer.put(posts)]

    def found(self, words: str = "", order: Order = Order.NEWEST, **conditions: object) -> list[str]:
        """The native ids of all hits, in order, read by small pages."""
        query, native, after = Query(words=words, **conditions), list[str](), None  # type: ignore[arg-type]
        while True:
            page = self.reader.search(query, limit=3, after=after, order=order)
            native += [post.native_id.removeprefix("pid:") for post in page.posts]
            assert len(native) <= self.reader.count(query)
            if (after := page.after) is None:
                return native


@contextmanager
def new_index(adapter: str, folder: Path) -> Iterator[Index]:
    """An empty index of an adapter's, gone afterwards."""
    if adapter == "elastic":
        with server() as (client, names):
            yield Index(Refreshing(ElasticIndexWriter(client, names), client), ElasticIndexReader(client, names))
        return
    path = folder / "index.db"
    with closing(SqliteIndexWriter(path)) as writer, closing(SqliteIndexReader(path)) as reader:
        yield Index(writer, reader)
