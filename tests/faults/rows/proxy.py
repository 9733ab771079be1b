"""A proxy between a client and a server, which delays, cuts, swallows or drips what goes through it."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Lock, Thread

_CHUNK = 65_536
_RESET = b"\x01\x00\x00\x00\x00\x00\x00\x00"  # SO_LINGER on, 0 s: close sends RST instead of FIN


@dataclass
class Weather:
    """What the network does now. Nothing of it: it is as if the proxy were not there."""

    delay: float = 0.0  # seconds before each piece is passed on
    down: bool = False  # every connection is reset, also new ones
    silent: bool = False  # bytes are taken and go nowhere, in both directions
    lost: bool = False  # what the server answers goes nowhere, and then the connection is reset
    drip: float = 0.0  # seconds before each single byte of the server's


@dataclass
class Proxy:
    """Listens on `port` of the loopback for the server at `target`."""

    target: int
    port: int = 0
    weather: Weather = field(default_factory=Weather)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        self.port = self._listener.getsockname()[1]
        self._lock, self._stop = Lock(), Event()
        self._open: list[socket.socket] = []
        self._thread = Thread(target=self._accept, daemon=True)
        self._thread.start()

    @contextmanager
    def suffers(self, **weather: float) -> Iterator[None]:
        """Such weather as long as the block lasts; connections that lived through it go on."""
        self.weather = Weather(**weather)  # type: ignore[arg-type]
        if self.weather.down:
            self.cut()
        try:
            yield
        finally:
            self.weather = Weather()

    def cut(self) -> None:
        """Resets every connection there is."""
        with self._lock:
            for one in self._open:
                _reset(one)
            self._open.clear()

    def close(self) -> None:
        self._stop.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        self._thread.join()

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                client, _ = self._listener.accept()
                if self.weather.down:
                    _reset(client)
                    continue
                server = socket.create_connection(("127.0.0.1", self.target), 5)
            except OSError:
                continue
            server.settimeout(None)
            with self._lock:
                self._open += [client, server]
            Thread(target=self._pump, args=(client, server, False), daemon=True).start()
            Thread(target=self._pump, args=(server, client, True), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(_CHUNK):
                weather = self.weather
                time.sleep(weather.delay)
                if weather.lost and answers:
                    break
                if weather.silent:
                    continue
                for at in range(0, len(piece), 1 if weather.drip and answers else len(piece)):
                    time.sleep(weather.drip if answers else 0)
                    sink.sendall(piece[at : at + 1] if weather.drip and answers else piece)
        for one in (source, sink):
            _reset(one)


def _reset(one: socket.socket) -> None:
    with suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        one.shutdown(socket.SHUT_RDWR)
    one.close()
