"""A made-up forum served on loopback by a process of its own: as fast as Python writes what was made before."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from socket import create_connection

from tests.bench.made_forum import MadeForum

ROBOTS = ("/robots.txt", "User-agent: *\nDisallow: /private\n")


@contextmanager
def served(forum: MadeForum) -> Iterator[int]:
    """The port at which every page of it is answered."""
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_serve, args=(theirs, forum), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.kill()
        process.join()


def fetch(port: int, paths: list[str], at_once: int = 16) -> int:
    """Asks for every path over one connection, `at_once` of them before reading; returns the bytes that came."""
    came = 0
    with create_connection(("127.0.0.1", port)) as line, line.makefile("rb") as answers:
        for start in range(0, len(paths), at_once):
            some = paths[start : start + at_once]
            line.sendall(b"".join(f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode() for path in some))
            for _ in some:
                size = 0
                while (head := answers.readline()) not in (b"\r\n", b""):
                    if head.startswith(b"Content-Length:"):
                        size = int(head.partition(b":")[2])
                came += len(answers.read(size))
    return came


def answer(body: str, kind: str = "text/html; charset=utf-8", status: str = "200 OK") -> bytes:
    """A whole answer of HTTP."""
    raw, now = body.encode(), datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nDate: {now}\r\nContent-Length: {len(raw)}\r\n\r\n"
    return head.encode() + raw


class _Talk(asyncio.Protocol):
    def __init__(self, pages: dict[bytes, bytes]) -> None:
        self._pages, self._missing = pages, answer("", status="404 Not Found")
        self._asked = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *whole, self._asked = (self._asked + data).split(b"\r\n\r\n")
        for one in whole:
            self._transport.write(self._pages.get(one.split(b" ", 2)[1], self._missing))


def _serve(told: Connection, forum: MadeForum) -> None:
    pages = {path.encode(): answer(body) for path, body in forum.everything()}
    pages[ROBOTS[0].encode()] = answer(ROBOTS[1], "text/plain")

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(lambda: _Talk(pages), "127.0.0.1", 0)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())
