"""A server on loopback for crawls to ask."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic
from typing import Any

START = datetime(2026, 11, 19, 6, 34, 20, tzinfo=UTC)
ROBOTS = "User-agent: *\nDisallow: /forum.php?mod=redirect*\nDisallow: /private\n"


@dataclass(frozen=True)
class Answer:
    """What the server sends; with `reset` it closes the connection instead."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    reset: bool = False


class Site(ThreadingHTTPServer):
    """Answers by a function, honours conditions by ETag, and writes down who asked for what, and when."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer: Callable[[str], Answer] = lambda _path: Answer(status=404)
        self.robots: Callable[[], Answer] = lambda: Answer(ROBOTS.encode(), headers={"Content-Type": "text/plain"})
        self.now = START
        self.log: list[tuple[str, float, str]] = []
        self.conditions: list[str | None] = []

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def url(self) -> str:
        return f"{self.root}/forum.php"

    @property
    def asked(self) -> list[str]:
        """What was fetched, robots.txt apart."""
        return [path for path, _, _ in self.log if path != "/robots.txt"]


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.log.append((self.path, monotonic(), self.headers.get("User-Agent", "")))
        if self.path == "/robots.txt":
            return self._send(self.server.robots())
        condition = self.headers.get("If-None-Match")
        self.server.conditions.append(condition)
        told = self.server.answer(self.path)
        if condition is not None and told.headers.get("ETag") == condition:
            told = Answer(status=304, headers=told.headers)
        return self._send(told)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def _send(self, told: Answer) -> None:
        if told.reset:
            self.connection.close()
            self.close_connection = True
            return
        self.send_response_only(told.status)
        moment = self.server.now.strftime("%a, %d %b %Y %H:%M:%S GMT")
        named = {"Content-Type": "text/html; charset=utf-8", "Date": moment, "Content-Length": str(len(told.body))}
        for name, value in (named | dict(told.headers)).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(told.body)

    def log_message(self, *_: Any) -> None:
        """Not on the terminal."""
