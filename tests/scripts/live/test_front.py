from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

import pytest

from scripts.engines.process import free_ports
from scripts.live.front import Front, fronting
from scripts.live.judging import Asked

OPENER = build_opener(ProxyHandler({}))


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status = 404 if self.path == "/gone" else 200
        body = f"{self.headers['Host']} {self.path} {self.headers['User-Agent']}".encode()
        self.send_response_only(status)
        self.send_header("X-WP-Total", "7")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@contextmanager
def a_site() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def front() -> Iterator[Front]:
    with a_site() as port, fronting(free_ports(1)[0], port) as door:
        yield door


def test_answers_come_as_the_site_gave_them_under_the_name_that_was_asked(front: Front) -> None:
    host = f"127.0.0.1:{front.server_port}"
    with OPENER.open(f"http://{host}/a?b=%E6%B0%B4", timeout=30) as answer:
        told = answer.read().decode()
        assert answer.headers["X-WP-Total"] == "7"
    assert told.startswith(f"{host} /a?b=%E6%B0%B4 Python-urllib")


def test_what_was_asked_is_noted_with_its_status(front: Front) -> None:
    OPENER.open(f"http://127.0.0.1:{front.server_port}/there", timeout=30).close()
    with pytest.raises(HTTPError) as refused:
        OPENER.open(f"http://127.0.0.1:{front.server_port}/gone", timeout=30)
    refused.value.close()
    assert front.asked == [Asked("/there", 200), Asked("/gone", 404)]


def test_a_site_that_does_not_answer_yet_is_a_bad_gateway_and_nothing_worse() -> None:
    with fronting(*free_ports(2)) as front, pytest.raises(HTTPError) as refused:
        OPENER.open(f"http://127.0.0.1:{front.server_port}/", timeout=30)
    assert refused.value.code == 502
    refused.value.close()
    assert front.asked == []
