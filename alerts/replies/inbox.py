"""The mailbox's port: what nobody has looked at, one mail at a time, and the mark that it was."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from stream.errors import Retryable

LONGEST = 1_048_576  # bytes of a mail that is read: an answer that quotes a letter and its picture has a tenth of it


class InboxAway(Retryable):
    """Raised when the mailbox cannot be read now: refused, login failed, time-out, dropped; read it again later."""


@dataclass(frozen=True, slots=True)
class Received:
    """A mail; `uid` is for `mark_read` within the same session and no longer. Of one `too_long`, its beginning."""

    uid: str
    raw: bytes
    too_long: bool = False


class Inbox(Protocol):
    """A session in which the mailbox is read. Looking marks nothing; both raise `InboxAway`."""

    def unread(self, most: int) -> Iterator[Received]:
        """Yields up to `most` mails that are not marked read, the oldest first, each when it is asked for."""
        ...

    def mark_read(self, uid: str) -> None:
        """Marks one as read, for every session hence."""
        ...


class Mailbox(Protocol):
    """Where answers to letters come in. No number of a mail outlives a session: one numbered anew changes nothing."""

    def open(self) -> AbstractContextManager[Inbox]:
        """Opens a session, which is closed at the end; `InboxAway`."""
        ...
