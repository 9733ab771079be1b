"""The channel's port: one rendered notice to one recipient. Channels classify a failure; only the outbox retries."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from stream.errors import Rejected, Retryable


class Unreachable(Retryable):
    """Raised when the message was not accepted now and may be later: refused connection, 4xx, time-out, lost answer."""


class AnswerLost(Unreachable):
    """Raised when the far side has heard the whole message and its answer never came: it may have kept it, or not."""


class Undeliverable(Rejected):
    """Raised when this message will never be accepted for this recipient: 5xx."""

    def __init__(self, detail: str) -> None:
        super().__init__("undeliverable", detail)


class Medium(StrEnum):
    """What a channel carries: a complete RFC 5322 message, or UTF-8 text, plain or in Markdown."""

    MAIL = "mail"
    TEXT = "text"
    MARKDOWN = "markdown"


@dataclass(frozen=True, slots=True)
class Form:
    """A medium, and how many characters and bytes of UTF-8 the far side takes of it at most; mail is sent whole.

    A Chinese character is three bytes: who counts bytes takes a third of the characters.
    """

    medium: Medium
    limit: int = 4_000
    most_bytes: int | None = None


class ChannelConfig(Protocol):
    """The configuration of a channel, whatever its kind."""

    @property
    def form(self) -> Form:
        """What a notice must be made into for this channel."""
        ...


class Channel(Protocol):
    """Delivers notices. May deliver twice when an answer is lost: the same bytes under the same name."""

    @property
    def name(self) -> str:
        """What alerts.yml and the case's record call this channel."""
        ...

    @property
    def longest(self) -> timedelta:
        """How long one `send` may take: for so long nobody else may try the same notice."""
        ...

    def send(self, recipient: str, content: bytes, message_id: str) -> str:
        """Sends the content and returns the server's own words of acceptance, for the case's record.

        `content` is rendered in the form that the channel's configuration says; `message_id` is `<…>`, the same for
        every copy. Raises `Unreachable` or `Undeliverable`; returns only when accepted.
        """
        ...
