"""What stands between a crawler and a site: it passes everything on and notes what was asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from scripts.live.judging import Asked

_OWN = frozenset(["connection", "keep-alive", "transfer-encoding", "content-length", "host", "accept-encoding"])
_PATIENCE = 120.0  # seconds: what the site may take for an answer, on a machine that is busy with other things


class Front(ThreadingHTTPServer):
    """A door of its own on the loopback before the site at `port`. `asked` is what came since it was emptied."""

    daemon_threads = True

    def __init__(self, own: int, port: int) -> None:
        super().__init__(("127.0.0.1", own), _Passing)
        self.port = port
        self.asked: list[Asked] = []


@contextmanager
def fronting(own: int, port: int) -> Iterator[Front]:
    """Opens a door at port `own` before the site at `port`."""
    front = Front(own, port)
    thread = Thread(target=front.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield front
    finally:
        front.shutdown()
        front.server_close()
        thread.join()


class _Passing(BaseHTTPRequestHandler):
    server: Front

    def do_GET(self) -> None:
        site = HTTPConnection("127.0.0.1", self.server.port, timeout=_PATIENCE)
        try:
            site.connect()
        except OSError:
            self.send_error(502)  # not begun yet: WordPress asks itself while it is being installed
            return
        try:
            passed = {name: value for name, value in self.headers.items() if name.lower() not in _OWN}
            site.request("GET", self.path, headers={**passed, "Host": self.headers["Host"]})
            answer = site.getresponse()
            body = answer.read()
        finally:
            site.close()
        self.server.asked.append(Asked(self.path, answer.status))
        self._answer(answer, body)

    def _answer(self, answer: HTTPResponse, body: bytes) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _OWN:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Not on the terminal."""
