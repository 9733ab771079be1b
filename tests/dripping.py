"""A far side that sends one byte after another and never comes to an end."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread


@contextmanager
def dripping(byte: bytes, pause: float) -> Iterator[int]:
    """Yields the port where the first to connect gets `byte` every `pause` seconds for as long as it stays."""

    def drip(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            try:
                while True:
                    connection.send(byte)
                    time.sleep(pause)
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=drip, args=(listener,), daemon=True).start()
        yield listener.getsockname()[1]
