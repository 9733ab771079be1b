"""The demo's forum on loopback: shows the world as of a clock, and remembers which posts it really handed out."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from email.utils import format_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from urllib.parse import parse_qs, urlsplit

from scripts.demo.pages import CLOSED_BOARD, GONE, MEMBERS_ONLY, ROBOTS, Pages
from scripts.demo.story import Silence
from scripts.demo.world import Entry, World
from stream.process.clock import Clock

HTML = "text/html; charset=utf-8"


class AccessLog:
    """What left the forum: requests, and of every post whether its latest copy was the edited one."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._served: dict[str, bool] = {}
        self.requests = 0

    def request(self, _path: str, _now: datetime) -> None:
        with self._lock:
            self.requests += 1

    def serve(self, posts: list[Entry], now: datetime) -> None:
        with self._lock:
            self._served.update({f"pid:{post.pid}": post.is_edited(now) for post in posts})

    def served(self) -> dict[str, bool]:
        """Each post's native id, and whether it was last served edited."""
        with self._lock:
            return dict(self._served)


@contextmanager
def open_forum(world: World, clock: Clock, log: AccessLog, silent: Silence | None = None) -> Iterator[str]:
    """The forum's address while it is open; during `silent` whatever stands before it says that nobody is there."""
    pages = Pages(world, "临江论坛")

    class Handler(_Handler):
        forum = (world, pages, clock, log)
        away = silent

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, name="forum", kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "nginx"
    sys_version = ""
    timeout = 30
    disable_nagle_algorithm = True  # or every body would wait for the acknowledgement of its headers
    forum: tuple[World, Pages, Clock, AccessLog]
    away: Silence | None

    def handle(self) -> None:
        with suppress(ConnectionError):  # the client went away between two requests
            super().handle()

    def do_GET(self) -> None:
        _, pages, clock, log = self.forum
        now = clock.now()  # one moment an answer: what is logged is what was shown
        log.request(self.path, now)
        if self.away and self.away.since <= now < self.away.until:
            self._answer(HTTPStatus.BAD_GATEWAY, "502 Bad Gateway", "text/plain; charset=utf-8")
            return
        parts = urlsplit(self.path)
        asked = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        if parts.path == "/robots.txt":
            self._answer(HTTPStatus.OK, ROBOTS, "text/plain; charset=utf-8")
        elif parts.path not in ("/", "/forum.php", "/index.php"):
            self._answer(HTTPStatus.NOT_FOUND, "404 Not Found", "text/plain; charset=utf-8")
        elif asked.get("mod") == "forumdisplay":
            self._board(_number(asked.get("fid")), _number(asked.get("page"), 1), now)
        elif asked.get("mod") == "viewthread":
            self._thread(_number(asked.get("tid")), _number(asked.get("page"), 1), now)
        else:
            self._answer(HTTPStatus.OK, pages.index(now))

    def _board(self, fid: int, page: int, now: datetime) -> None:
        world, pages, _, _ = self.forum
        board = world.board(fid)
        if board is None or board.closed:
            self._answer(HTTPStatus.OK, pages.message(CLOSED_BOARD))
        else:
            self._answer(HTTPStatus.OK, pages.board(board, page, now))

    def _thread(self, tid: int, page: int, now: datetime) -> None:
        world, pages, _, log = self.forum
        thread = world.thread(tid, now)
        board = world.board(thread.fid) if thread else None
        if thread is None or board is None:
            self._answer(HTTPStatus.NOT_FOUND, pages.message(GONE))
        elif thread.moved_to:
            self._answer(HTTPStatus.FOUND, "", location=f"/forum.php?mod=viewthread&tid={thread.moved_to}")
        elif board.closed or thread.members_only:
            self._answer(HTTPStatus.OK, pages.message(MEMBERS_ONLY))
        else:
            html, shown = pages.thread(thread, page, now)
            log.serve(shown, now)
            self._answer(HTTPStatus.OK, html)

    def _answer(self, status: HTTPStatus, body: str, kind: str = HTML, location: str | None = None) -> None:
        data = body.encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            if location:
                self.send_header("Location", location)
            self.end_headers()
            self.wfile.write(data)
        except OSError:
            self.close_connection = True  # the client went away

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The `Date` header is the forum's clock: relative times on its pages are relative to it."""
        return format_datetime(self.forum[2].now(), usegmt=True)

    def log_message(self, format: str, *args: object) -> None:
        """Keeps quiet: `AccessLog` remembers what matters."""


def _number(text: str | None, default: int = 0) -> int:
    return int(text) if text and text.isdecimal() else default
