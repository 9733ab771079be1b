"""TLS before a server of the loopback that speaks plainly."""

import asyncio
import ssl
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

from scripts.engines.certificates import certify


@contextmanager
def tls_before(port: int, folder: Path) -> Iterator[tuple[int, Path]]:
    """A port that takes TLS and passes on to `port`, and the file of the authority to trust for it."""
    certify(folder)
    told = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    told.load_cert_chain(folder / "cert.pem", folder / "private.pem")
    relay, ready = _Relay(port), Future[int]()
    thread = Thread(target=lambda: asyncio.run(relay.serve(told, ready)))
    thread.start()
    try:
        yield ready.result(10), folder / "cert.pem"
    finally:
        relay.end()
        thread.join()


class _Relay:
    def __init__(self, port: int) -> None:
        self._port = port

    async def serve(self, told: ssl.SSLContext, ready: "Future[int]") -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        server = await asyncio.start_server(self._relay, "127.0.0.1", 0, ssl=told)
        ready.set_result(server.sockets[0].getsockname()[1])
        await self._ended.wait()
        server.close()
        for writer in self._writers:
            writer.close()
        for writer in list(self._writers):
            with suppress(OSError):
                await writer.wait_closed()

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writers |= {writer, far_writer}
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await source.read(65_536):
            sink.write(piece)
            await sink.drain()
    sink.close()
