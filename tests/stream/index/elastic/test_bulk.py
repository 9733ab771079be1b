"""What each answer to a bulk's item means, played by a server that answers as Elasticsearch does when it is unwell."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from elasticsearch import Elasticsearch, OrjsonSerializer

from stream.errors import ConfigError, Retryable
from stream.index.elastic.bulk import LEAST, MOST, Bulk, IndexGone, Verdict, index_item, judge
from stream.index.port import Outcome, PutResult

Answer = Callable[[list[str]], tuple[int, dict[str, Any]]]  # ids of the items: status and body


@contextmanager
def unwell(answer: Answer) -> Iterator[Elasticsearch]:
    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            lines = self.rfile.read(int(self.headers["content-length"])).splitlines()
            status, body = answer([json.loads(line)["index"]["_id"] for line in lines[::2]])
            raw = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("X-elastic-product", "Elasticsearch")
            self.send_header("content-type", "application/vnd.elasticsearch+json;compatible-with=8")
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_POST = do_PUT  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            """Nothing to say."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    client = Elasticsearch(f"http://127.0.0.1:{server.server_port}", serializer=OrjsonSerializer(), max_retries=0)
    try:
        yield client
    finally:
        client.close()
        server.shutdown()
        server.server_close()
        thread.join()


def item(id_: str, size: int = 2) -> Any:
    return index_item("posts", id_, 1, b"{" + b" " * (size - 2) + b"}")


def failure(status: int, kind: str, reason: str = "why") -> dict[str, Any]:
    return {"index": {"status": status, "error": {"type": kind, "reason": reason}}}


TAKEN = {"index": {"status": 201}}
TABLE = {
    (200, ""): Verdict.DONE,
    (201, ""): Verdict.DONE,
    (409, "version_conflict_engine_exception"): Verdict.STALE,
    (409, "something_else"): Verdict.REFUSED,
    (429, "es_rejected_execution_exception"): Verdict.AGAIN,
    (429, "circuit_breaking_exception"): Verdict.AGAIN,
    (429, "cluster_block_exception"): Verdict.BLOCKED,
    (403, "cluster_block_exception"): Verdict.BLOCKED,
    (503, "unavailable_shards_exception"): Verdict.AGAIN,
    (504, ""): Verdict.AGAIN,
    (500, "null_pointer_exception"): Verdict.ODD,
    (418, "teapot"): Verdict.ODD,
    (400, "document_parsing_exception"): Verdict.REFUSED,
    (400, "strict_dynamic_mapping_exception"): Verdict.REFUSED,
    (413, ""): Verdict.REFUSED,
    (404, "index_not_found_exception"): Verdict.GONE,
    (401, "security_exception"): Verdict.FORBIDDEN,
    (403, "security_exception"): Verdict.FORBIDDEN,
}


@pytest.mark.parametrize(("told", "verdict"), TABLE.items(), ids=[f"{status} {kind}" for status, kind in TABLE])
def test_every_answer_has_one_meaning(told: tuple[int, str], verdict: Verdict) -> None:
    assert judge(*told) is verdict


def test_only_what_was_not_taken_is_sent_again_and_the_same_post_stays_in_order() -> None:
    asked: list[list[str]] = []

    def answer(ids: list[str]) -> tuple[int, dict[str, Any]]:
        asked.append(ids)
        busy = failure(429, "es_rejected_execution_exception")
        first = len(asked) == 1
        return 200, {"items": [busy if first and at == 1 else TAKEN for at, _ in enumerate(ids)]}

    items = [item("a"), item("b"), item("c"), index_item("posts", "b", 2, b"{}")]
    with unwell(answer) as client:
        bulk = Bulk(client)
        with pytest.raises(Retryable, match="1 of 4 posts"):
            bulk.send(items)
        assert bulk.send(items) == [PutResult(Outcome.INDEXED)] * 4
        assert asked == [["a", "b", "c", "b"], ["b", "b"]]
        bulk.send(items)
        assert asked[-1] == ["a", "b", "c", "b"]


def test_a_request_that_always_fails_is_cut_down_to_the_post_at_fault() -> None:
    def answer(ids: list[str]) -> tuple[int, dict[str, Any]]:
        if "poison" in ids:
            return 500, {"error": {"type": "null_pointer_exception", "reason": "oops"}, "status": 500}
        return 200, {"items": [TAKEN] * len(ids)}

    items = [item(id_) for id_ in ("a", "b", "poison", "c")]
    with unwell(answer) as client:
        bulk = Bulk(client)
        for _ in range(2):
            with pytest.raises(Retryable):
                bulk.send(items)
        outcomes = [put.outcome for put in bulk.send(items)]
    assert outcomes == [Outcome.INDEXED, Outcome.INDEXED, Outcome.REFUSED, Outcome.INDEXED]


def test_a_server_that_fails_on_every_post_refuses_none() -> None:
    with unwell(lambda _: (500, {"error": {"type": "oops", "reason": "disk"}, "status": 500})) as client:
        bulk = Bulk(client)
        for _ in range(9):
            with pytest.raises(Retryable):
                bulk.send([item("a"), item("b"), item("c")])


@pytest.mark.parametrize("status", [502, 503, 504, 429])
def test_a_server_that_is_away_is_waited_for_however_long(status: int) -> None:
    with unwell(lambda _: (status, {"error": {"type": "unwell", "reason": "soon"}, "status": status})) as client:
        bulk = Bulk(client)
        for _ in range(9):
            with pytest.raises(Retryable):
                bulk.send([item("a")])


def test_an_item_with_odd_answers_is_refused_at_last() -> None:
    with unwell(lambda ids: (200, {"items": [failure(500, "odd")] * len(ids)})) as client:
        bulk = Bulk(client)
        for _ in range(4):
            with pytest.raises(Retryable):
                bulk.send([item("a")])
        (put,) = bulk.send([item("a")])
    assert (put.outcome, put.detail) == (Outcome.REFUSED, "500 odd: why")


def test_a_full_disk_waits_a_minute_and_a_refused_login_stops() -> None:
    answers = iter(
        [
            failure(429, "cluster_block_exception", "disk usage exceeded flood-stage watermark"),
            failure(403, "security_exception"),
            failure(404, "index_not_found_exception"),
        ]
    )
    with unwell(lambda _: (200, {"items": [next(answers)]})) as client:
        bulk = Bulk(client)
        with pytest.raises(Retryable, match="flood-stage") as full:
            bulk.send([item("a")])
        assert full.value.after == 60
        with pytest.raises(ConfigError, match="may not write"):
            bulk.send([item("a")])
        with pytest.raises(IndexGone):
            bulk.send([item("a")])


def test_requests_shrink_under_pressure_and_grow_again() -> None:
    sizes: list[int] = []
    busy = {"error": {"type": "circuit_breaking_exception", "reason": "too much"}, "status": 429}

    def answer(ids: list[str]) -> tuple[int, dict[str, Any]]:
        sizes.append(len(ids))
        return (429, busy) if len(ids) > 10 else (200, {"items": [TAKEN] * len(ids)})

    items = [item(f"{n}", LEAST) for n in range(80)]
    with unwell(answer) as client:
        bulk = Bulk(client)
        for _ in range(20):
            try:
                outcomes = bulk.send(items)
                break
            except Retryable:
                continue
    assert outcomes == [PutResult(Outcome.INDEXED)] * 80
    assert sizes[0] * LEAST <= MOST
    assert min(sizes) <= 10
    assert len(set(sizes)) > 2


def test_a_post_too_large_for_the_server_is_refused_alone() -> None:
    def answer(ids: list[str]) -> tuple[int, dict[str, Any]]:
        large = {"error": {"type": "too_large", "reason": "413"}, "status": 413}
        return (413, large) if "large" in ids else (200, {"items": [TAKEN] * len(ids)})

    with unwell(answer) as client:
        outcomes = Bulk(client).send([item("a"), item("large"), item("b")])
    assert [put.outcome for put in outcomes] == [Outcome.INDEXED, Outcome.REFUSED, Outcome.INDEXED]
