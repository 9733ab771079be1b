"""What Elasticsearch is asked for a page in an order, by a server that keeps the questions and answers by a script."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import orjson
import pytest
from elasticsearch import Elasticsearch, OrjsonSerializer

from stream.codec import SCORED
from stream.errors import Rejected, Retryable
from stream.index.elastic.orders import mark_behind, search_after, sort_by
from stream.index.elastic.posts import ElasticIndexReader
from stream.index.elastic.schema import Names
from stream.index.port import RANKED, Counted, Order, Query
from stream.messages import Counts, ScoredPost
from stream.process.moments import to_ms
from tests.stream.scored import HOUR, NOON, scored

NEWEST = [{"charted_at": "desc"}, {"id": "asc"}]
IDS = [scored(number).id for number in range(9)]

Asked = list[dict[str, Any]]


def hit(post: ScoredPost) -> dict[str, Any]:
    return {"_source": orjson.loads(SCORED.encode(post)), "sort": [to_ms(post.charted_at), post.id]}


def found(*hits: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"timed_out": False, "_shards": {"failed": 0}, "hits": {"hits": list(hits), **more}}


@contextmanager
def scripted(*answers: dict[str, Any]) -> Iterator[tuple[ElasticIndexReader, Asked]]:
    """A reader, and the questions that it has asked: each its body with the parameters of its address."""
    asked: Asked = []
    left = list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            asked.append({"path": self.path, **body})
            raw = json.dumps(left.pop(0)).encode()
            self.send_response(200)
            self.send_header("X-elastic-product", "Elasticsearch")
            self.send_header("content-type", "application/vnd.elasticsearch+json;compatible-with=8")
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing to say."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    client = Elasticsearch(f"http://127.0.0.1:{server.server_port}", serializer=OrjsonSerializer(), max_retries=0)
    try:
        yield ElasticIndexReader(client, Names()), asked
    finally:
        client.close()
        server.shutdown()
        server.server_close()
        thread.join()


def test_every_order_ends_in_the_order_by_time_and_what_has_no_value_is_below_all() -> None:
    assert sort_by(Order.NEWEST) == NEWEST
    assert sort_by(Order.NEGATIVE) == [{"negative": {"order": "desc", "missing": -1}}, *NEWEST]
    assert sort_by(Order.REPLIES) == [{"counts.replies": {"order": "desc", "missing": -1}}, *NEWEST]


@pytest.mark.parametrize(
    ("order", "changes", "first"),
    [
        (Order.NEGATIVE, {"negative": 0.1}, [0.10000000149011612]),  # as a float of four bytes, which the engine keeps
        (Order.NEGATIVE, {"negative": None}, [-1.0]),
        (Order.REPLIES, {"counts": Counts(replies=12)}, [12]),
        (Order.REPLIES, {"counts": Counts()}, [-1]),
        (Order.NEWEST, {}, []),
    ],
)
def test_a_mark_is_what_the_engine_goes_on_behind(order: Order, changes: dict[str, Any], first: list[float]) -> None:
    post = scored(1, **changes)
    assert search_after(order, mark_behind(order, post)) == [*first, to_ms(NOON), post.id]
    assert search_after(order, None) is None


def test_a_mark_of_another_order_is_refused_before_anything_is_asked() -> None:
    with scripted() as (reader, asked):
        for order, other in ((Order.NEWEST, Order.REPLIES), (Order.REPLIES, Order.NEWEST)):
            with pytest.raises(Rejected, match="first page"):
                reader.search(Query(), after=mark_behind(other, scored(1)), order=order)
    assert asked == []


def test_a_page_by_time_is_one_question() -> None:
    posts = [scored(n, at=NOON - n * HOUR) for n in range(3)]
    with scripted(found(*map(hit, posts))) as (reader, asked):
        page = reader.search(Query(words="食品"), limit=2)
    assert [post.id for post in page.posts] == IDS[:2]
    assert (page.after, page.ranked) == (f"{to_ms(NOON - HOUR)}:{IDS[1]}", None)
    (question,) = asked
    assert (question["sort"], question["size"], question.get("search_after")) == (NEWEST, 3, None)


def test_another_order_asks_first_where_the_newest_end() -> None:
    posts = [scored(n, at=NOON - n * HOUR, negative=0.9 - n / 10) for n in range(3)]
    with scripted(found(), found(*map(hit, posts))) as (reader, asked):
        page = reader.search(Query(words="食品"), limit=2, order=Order.NEGATIVE)
    assert page.ranked is None
    assert page.after is not None
    assert page.after.endswith(IDS[1])
    bound, question = asked
    assert (bound["from"], bound["size"], bound["sort"], bound["_source"]) == (RANKED, 1, NEWEST, False)
    assert question["query"] == bound["query"]
    assert question["sort"] == sort_by(Order.NEGATIVE)


def test_where_there_are_more_they_are_kept_out_by_time_and_id() -> None:
    beyond, post = scored(7), scored(1, counts=Counts(replies=3))
    mark = mark_behind(Order.REPLIES, scored(2, counts=Counts(replies=9)))
    with scripted(found(hit(beyond)), found(hit(post))) as (reader, asked):
        page = reader.search(Query(), after=mark, order=Order.REPLIES)
    assert ([one.id for one in page.posts], page.after, page.ranked) == ([post.id], None, RANKED)
    at = to_ms(NOON)

    def charted(limit: str) -> dict[str, Any]:
        return {"range": {"charted_at": {limit: at, "format": "epoch_millis"}}}

    same = {"bool": {"filter": [charted("gte"), charted("lte"), {"range": {"id": {"lt": beyond.id}}}]}}
    newer = {"bool": {"should": [charted("gt"), same], "minimum_should_match": 1}}
    assert asked[1]["query"] == {"bool": {"filter": [asked[0]["query"], newer]}}
    assert asked[1]["search_after"] == [9, at, scored(2).id]


def test_a_long_page_is_read_in_parts_that_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stream.index.elastic.posts.AT_ONCE", 2)
    posts = [scored(n, at=NOON - n * HOUR, negative=0.5) for n in range(3)]
    with scripted(found(), found(*map(hit, posts[:2])), found(hit(posts[2]))) as (reader, asked):
        page = reader.search(Query(), limit=9, order=Order.NEGATIVE)
    assert [post.id for post in page.posts] == IDS[:3]
    assert asked[2]["search_after"] == [0.5, to_ms(NOON - HOUR), IDS[1]]


def test_a_count_asks_for_one_more_than_it_tells() -> None:
    answers = [found(total={"value": value, "relation": how}) for value, how in ((6, "eq"), (7, "gte"))]
    with scripted(*answers) as (reader, asked):
        assert reader.count_up_to(Query(), 6) == Counted(6, exact=True)
        assert reader.count_up_to(Query(), 6) == Counted(6, exact=False)
    assert (asked[0]["size"], asked[0]["track_total_hits"]) == (0, 7)
    assert "allow_partial_search_results=false" in asked[0]["path"]


def test_a_count_in_part_is_no_count() -> None:
    half = {**found(total={"value": 3, "relation": "eq"}), "_shards": {"failed": 1}}
    with scripted(half) as (reader, _), pytest.raises(Retryable, match="in part"):
        reader.count_up_to(Query())
