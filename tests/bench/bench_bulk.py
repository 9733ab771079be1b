"""What a bulk costs this side: `python -m tests.bench.bench_bulk`. Ours beside the client's own helper, in one run.

The server is a stub in a process of its own that answers as Elasticsearch does and keeps nothing, so that only the
client is measured: documents of about 2,000 bytes, tokens and all, made before the clock starts.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection
from random import Random

import click
from elasticsearch import Elasticsearch, OrjsonSerializer
from elasticsearch.helpers import bulk
from rich.console import Console

from stream.index.elastic.bulk import Bulk, index_item
from stream.index.elastic.rows import prepare
from tests.bench.bench_index import START, made
from tests.bench.sheets import PER_CORE, Aim, Sheet, Spent, show, spent

BATCH = 500


class Stub(BaseHTTPRequestHandler):
    """Takes every document."""

    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        documents = self.rfile.read(int(self.headers["content-length"])).count(b"\n") // 2
        whole = {"_index": "p", "_id": "0" * 32, "_version": 1, "result": "created", "status": 201, "_seq_no": 1}
        item = {"status": 201, "result": "created"} if "filter_path" in self.path else whole
        raw = json.dumps({"took": 1, "errors": False, "items": [{"index": item}] * documents}).encode()
        self.send_response(200)
        self.send_header("X-elastic-product", "Elasticsearch")
        self.send_header("content-type", "application/vnd.elasticsearch+json;compatible-with=8")
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    do_POST = do_PUT  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Nothing to say."""


def serve(told: Connection) -> None:
    """Serves until it is killed; tells its port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stub)
    told.send(server.server_port)
    server.serve_forever()


@contextmanager
def stub() -> Iterator[str]:
    """The stub's address."""
    ours, theirs = Pipe()
    process = get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.kill()
        process.join()


def ours(url: str, bodies: list[bytes]) -> Spent:
    """Through our loop."""
    items = [index_item("p", f"{number:032x}", 1, body) for number, body in enumerate(bodies)]
    batches = [items[at : at + BATCH] for at in range(0, len(items), BATCH)]
    with Elasticsearch(url, serializer=OrjsonSerializer(), max_retries=0) as client:
        sender = Bulk(client)
        return spent(len(bodies), lambda: [sender.send(batch) for batch in batches])


def defaults(url: str, bodies: list[bytes]) -> Spent:
    """Through the client's own helper, as it is."""
    documents = [
        {"_index": "p", "_id": f"{number:032x}", "_source": json.loads(body)} for number, body in enumerate(bodies)
    ]
    with Elasticsearch(url) as client:
        return spent(len(bodies), lambda: bulk(client, documents))


def sheets(posts: int) -> Iterator[Sheet]:
    """One table per size of document."""
    rng = Random(1)
    whole = [prepare(made(rng, number, START)).body for number in range(posts)]
    small = [json.dumps({"text": "x" * 487}).encode()] * posts
    with stub() as url:
        for key, what, bodies in (("bulk_posts", "posts as they are", whole), ("bulk_500", "documents", small)):
            size = sum(map(len, bodies)) // posts
            sheet = Sheet(key, f"Elasticsearch, client side: {what}, {size} bytes, to a stub")
            sheet.rows["helpers.bulk, defaults"] = defaults(url, bodies).rates
            sheet.rows[f"ours, {BATCH} at once"] = ours(url, bodies).rates
            sheet.compare("helpers.bulk, defaults")
            if bodies is small:
                reached = float(sheet.rows[f"ours, {BATCH} at once"][PER_CORE])
                sheet.aims.append(Aim("Elasticsearch, bulk of 500 bytes", 120_000, reached, "documents a core second"))
            yield sheet


@click.command()
@click.option("--posts", default=20_000, show_default=True, help="How many documents.")
def main(posts: int) -> None:
    """Measure what a bulk costs the client."""
    for sheet in sheets(posts):
        show(sheet, Console())


if __name__ == "__main__":
    main()
