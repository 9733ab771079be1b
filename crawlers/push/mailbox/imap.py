"""A folder on an IMAP server (RFC 3501): what nobody has looked at, and the mark that it was."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted, MailMessageFlags

from crawlers.push.mailbox.source import MailboxSource
from stream.errors import Retryable

LONGEST = 4 << 20  # bytes of a mail that are read: the words come first, attachments are only named


class MailboxAway(Retryable):
    """Raised when the mailbox cannot be read now: refused, login failed, time-out, dropped."""


@dataclass(frozen=True, slots=True)
class MailFolder:
    """The folder while the connection lasts. Looking marks nothing; both raise `MailboxAway`."""

    session: BaseMailBox
    source: MailboxSource

    def unread(self, most: int) -> Iterator[tuple[str, bytes]]:
        """Yields uid and bytes of up to `most` mails that are not marked read, the oldest first."""
        with _explained(self.source):
            uids = sorted(self.session.uids("UNSEEN", charset=None), key=int)
        for uid in uids[:most]:
            with _explained(self.source):
                raw = self._fetch(uid)
            if raw is not None:  # else it went away meanwhile
                yield uid, raw

    def mark_read(self, uid: str) -> None:
        """Sets the flag \\Seen."""
        with _explained(self.source):
            self.session.flag([uid], MailMessageFlags.SEEN, True)

    def _fetch(self, uid: str) -> bytes | None:
        _, found = self.session.client.uid("FETCH", uid, f"(BODY.PEEK[]<0.{LONGEST}>)")
        return next((bytes(one[1]) for one in found if isinstance(one, tuple) and len(one) > 1), None)


@contextmanager
def open_folder(source: MailboxSource) -> Iterator[MailFolder]:
    """Logs in and opens the folder, which is closed at the end; raises `MailboxAway`."""
    with _explained(source):
        session = _connect(source)
    try:
        with _explained(source):
            password = source.password.get_secret_value()
            login = session.login if (source.username + password).isascii() else session.login_utf8
            login(source.username, password, initial_folder=source.folder)
        yield MailFolder(session, source)
    finally:
        with suppress(Exception):  # whoever is told that we go may be gone
            session.client.logout()


def _connect(source: MailboxSource) -> BaseMailBox:
    reached: dict[str, Any] = {"host": source.host, "port": source.port, "timeout": source.timeout.total_seconds()}
    if source.tls == "none":
        return MailBoxUnencrypted(**reached)
    context = ssl.create_default_context(cafile=source.ca_file)
    return (MailBox if source.tls == "implicit" else MailBoxStartTls)(**reached, ssl_context=context)


@contextmanager
def _explained(source: MailboxSource) -> Iterator[None]:
    """Makes `MailboxAway` of whatever the libraries raise: of a server that talks nonsense anything can come."""
    try:
        yield
    except MailboxAway:
        raise
    except Exception as error:
        words = f"{source.host}:{source.port}: {type(error).__name__}: {' '.join(str(error).split())}"
        raise MailboxAway(words.replace(source.password.get_secret_value(), "***")[:300]) from None
