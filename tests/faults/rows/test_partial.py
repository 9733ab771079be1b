"""A search engine that answers in part: a window is unknown then, never quiet."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from elasticsearch import Elasticsearch
from sqlalchemy import select

from alerts.casefile.context import CaseContext
from alerts.casefile.tables import CaseRow
from alerts.watch import Watcher
from stream.errors import Retryable
from stream.index.elastic.posts import ElasticIndexReader
from stream.index.elastic.schema import Names
from stream.index.port import Axis, Query, Reader
from stream.state.database import transaction
from tests.stream.scored import HOUR, NOON

pytestmark = pytest.mark.fault("F40")

WHOLE = {"id": "p", "count": 0, "hits": {"hits": []}, "aggregations": {}, "timed_out": False}
PARTIAL = {
    "a shard failed": {"_shards": {"total": 5, "successful": 4, "failed": 1}},
    "the time was up": {"_shards": {"total": 5, "successful": 5, "failed": 0}, "timed_out": True},
}
ASKS: dict[str, Callable[[Reader], object]] = {
    "count": lambda reader: reader.count(Query()),
    "search": lambda reader: reader.search(Query(words="停电")),
    "histogram": lambda reader: reader.histogram(Query(), Axis.COUNTED, NOON, NOON + HOUR, HOUR),
    "tally": lambda reader: reader.tally(Query(), Axis.COUNTED, NOON, NOON + HOUR, HOUR),
    "export": lambda reader: list(reader.export(Query())),
    "get": lambda reader: reader.get(["0" * 32]),
}


@pytest.fixture(params=PARTIAL)
def partial(request: pytest.FixtureRequest) -> Iterator[Reader]:
    body = json.dumps(WHOLE | PARTIAL[request.param]).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response(200)
            self.send_header("X-elastic-product", "Elasticsearch")
            self.send_header("content-type", "application/vnd.elasticsearch+json;compatible-with=8")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_DELETE = do_POST  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            """Nothing to say."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    with Elasticsearch(f"http://127.0.0.1:{server.server_port}", max_retries=0) as client:
        yield ElasticIndexReader(client, Names("x"))
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("ask", ASKS)
def test_half_an_answer_is_waited_out_and_never_counted(partial: Reader, ask: str) -> None:
    with pytest.raises(Retryable, match="in part only"):
        ASKS[ask](partial)


def test_a_watcher_judges_nothing_by_half_an_answer(partial: Reader, context: CaseContext, now: datetime) -> None:
    with pytest.raises(Retryable):
        Watcher(replace(context, reader=partial), [], "w").look(now)
    with transaction(context.engine) as session:
        assert session.scalars(select(CaseRow)).all() == []
