"""Connections of the standard library's clients that end: a server that drips a byte a minute meets no timeout."""

import socket
from contextlib import suppress
from threading import Timer
from typing import Any


class CutShort:
    """Goes before a client's class: its connection is cut `longest` seconds after it was begun, whatever the server
    does meanwhile. Who closes the connection calls `in_time`."""

    def __init__(self, *args: Any, longest: float, **settings: Any) -> None:
        self._deadline = Timer(longest, self._cut)
        self._deadline.daemon = True
        self._deadline.start()
        try:
            super().__init__(*args, **settings)
        except BaseException:
            self._deadline.cancel()
            raise

    def in_time(self) -> None:
        """Takes the deadline off."""
        self._deadline.cancel()

    def _cut(self) -> None:
        """Wakes whoever reads from the socket; to close it would not."""
        connected = getattr(self, "sock", None)
        if connected is not None:
            with suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)
