"""A far side that takes what robots and webhooks are sent: it keeps each request and answers as told."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass
class Seen:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> Any:
        return json.loads(self.body)


@dataclass
class Far:
    """The server: `status`, `answer` and `headers` of its next answers, or seconds that it says nothing."""

    port: int = 0
    status: int = 200
    answer: bytes = b'{"errcode": 0, "errmsg": "ok", "code": 0, "msg": "success"}'
    headers: dict[str, str] = field(default_factory=dict)
    hang: float = 0.0
    drop: bool = False
    seen: list[Seen] = field(default_factory=list)

    def says(self, **told: object) -> None:
        self.answer = json.dumps(told, ensure_ascii=False).encode()


@contextmanager
def serving(far: Far) -> Iterator[Far]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            far.seen.append(Seen(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            if far.drop:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            time.sleep(far.hang)
            self.send_response(far.status)
            for name, value in far.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(far.answer)))
            self.end_headers()
            self.wfile.write(far.answer)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        far.port = server.server_address[1]
        Thread(target=server.serve_forever, daemon=True).start()
        yield far
        server.shutdown()
