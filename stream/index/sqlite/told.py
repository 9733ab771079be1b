"""What only a post's document says, as a function of SQL: `told(body, 'board')`."""

import sqlite3
from typing import Any

import orjson

from stream.index.sqlite.rows import unpacked


class Told:
    """Reads a field or a counter from a packed document; one asked for several of them in turn is read once."""

    def __init__(self) -> None:
        self._body = b""
        self._read: dict[str, Any] = {}

    def __call__(self, body: bytes, name: str) -> str | int | float | None:
        if body != self._body:
            document = orjson.loads(unpacked(body))
            self._body, self._read = body, {**document["counts"], **document}
        found: str | int | float | None = self._read[name]
        return found


def tell(connection: sqlite3.Connection) -> None:
    """Gives the connection the function `told`."""
    connection.create_function("told", 2, Told(), deterministic=True)
