"""The channel's port: one rendered message to one recipient. Channels classify a failure; only the outbox retries."""

from datetime import timedelta
from typing import Protocol

from stream.errors import Rejected, Retryable


class Unreachable(Retryable):
    """Raised when the message was not accepted now and may be later: refused connection, 4xx, time-out, lost answer."""


class Undeliverable(Rejected):
    """Raised when this message will never be accepted for this recipient: 5xx."""

    def __init__(self, detail: str) -> None:
        super().__init__("undeliverable", detail)


class Channel(Protocol):
    """Delivers letters. May deliver twice when an answer is lost: the same bytes, hence the same Message-ID."""

    @property
    def name(self) -> str:
        """What the case's record calls this channel."""
        ...

    @property
    def longest(self) -> timedelta:
        """How long one `send` may take: for so long nobody else may try the same letter."""
        ...

    def send(self, recipient: str, message: bytes) -> str:
        """Returns the server's own words of acceptance, for the case's record.

        `message` is a complete RFC 5322 message. Raises `Unreachable` or `Undeliverable`; returns only when accepted.
        """
        ...
