"""WordPress by its REST interface: all of state a, what state b changed, then the site closed."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.error import HTTPError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import Request, urlopen

from crawlers.pull.sites.wordpress_source import WordPressSource
from scripts.captures.forums import crawl_state
from scripts.captures.serving import OUT, Result, Run, ask, captured_at, served, surrounded

_HELD = ("Content-Type", "X-WP-Total", "X-WP-TotalPages", "Retry-After", "Date", "ETag", "Last-Modified")


def crawl_blog(folder: Path, name: str, run: Run) -> Iterator[Result]:
    """State a from nothing, then state b on top of it."""
    captured = captured_at(folder, run.site)
    home = OUT / name
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    with served(folder, run) as port, whole_answers(port) as front, surrounded(home, captured["a"]) as (around, clock):
        source = WordPressSource(
            site=run.site,
            url=f"http://127.0.0.1:{front}/",
            basis="a recording on this machine",
            delay=timedelta(seconds=run.delay),
            private=True,
        )
        for state in "ab":
            clock.turn_to(captured[state])
            ask(port, f"state?{state}")
            yield crawl_state(folder, run, state, (name, port, home), source, around)


@contextmanager
def whole_answers(port: int) -> Iterator[int]:
    """Stands before the replay server, which holds whole answers alone, and takes `_fields` off what is asked."""
    front = ThreadingHTTPServer(("127.0.0.1", 0), _handler(port))
    Thread(target=front.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield front.server_port
    finally:
        front.shutdown()
        front.server_close()


def without_fields(path: str) -> str:
    """Returns the path without the parameter by which a crawler leaves out fields that it does not read."""
    parts = urlsplit(path)
    kept = [pair for pair in parts.query.split("&") if pair and not pair.startswith("_fields=")]
    return urlunsplit(("", "", parts.path, "&".join(kept), ""))


def _handler(port: int) -> type[BaseHTTPRequestHandler]:
    class Front(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = Request(f"http://127.0.0.1:{port}{without_fields(self.path)}", headers=dict(self.headers))
            try:
                answer = urlopen(asked)
            except HTTPError as error:
                answer = error
            with answer:
                body = answer.read()
            self.send_response_only(answer.status)
            for header in _HELD:
                if told := answer.headers.get(header):
                    self.send_header(header, told)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Not on the terminal."""

    return Front
