"""Messages to bytes and back. The only place that knows the wire form; engines carry bytes and never decode."""

from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from stream.errors import DecodeError
from stream.messages import CaseEvent, Post, ScoredPost, StageHealth

T = TypeVar("T")


class Codec(Generic[T]):
    """Encodes and strictly decodes one kind of message (UTF-8 JSON, `schema` inside)."""

    def __init__(self, kind: type[T], name: str | None = None) -> None:
        self._name = name or kind.__name__
        self._adapter: TypeAdapter[T] = TypeAdapter(kind)

    def encode(self, message: T) -> bytes:
        """Writes the message in its one wire form: field order fixed, so equal messages are equal bytes."""
        return self._adapter.dump_json(message)

    def decode(self, raw: bytes | None) -> T:
        """Reads the message, or raises `DecodeError` naming each wrong field and keeping `raw`.

        A record without a value is an error too: our topics are never compacted, so nobody deletes by tombstone.
        """
        if raw is None:
            raise DecodeError("record without a value", b"")
        try:
            return self._adapter.validate_json(raw)
        except ValidationError as error:
            raise DecodeError(self._words(error), raw) from error

    def _words(self, error: ValidationError) -> str:
        wrong = error.errors(include_url=False, include_input=False, include_context=False)
        return f"not a {self._name}: " + "; ".join(
            f"{'.'.join(map(str, one['loc'])) or 'record'}: {one['msg']}" for one in wrong[:8]
        )


POSTS = Codec(Post)
SCORED = Codec(ScoredPost)
CASE_EVENTS = Codec(CaseEvent)
STAGE_HEALTH = Codec(StageHealth)
