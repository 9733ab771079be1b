"""The mailbox on an IMAP server (RFC 3501): a session a round, cut after `SESSION` whatever the server does."""

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from imap_tools import BaseMailBox, MailMessageFlags

from alerts.notify.cut import CutShort
from alerts.notify.inbox import InboxConfig
from alerts.replies.inbox import LONGEST, InboxAway, Received

SESSION = timedelta(minutes=2)  # a timeout is for one answer, and a server that drips a byte a minute meets none
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,15})")
_BEGINNING = 65_536  # bytes of a mail that is too long: enough to know it again


class _CutConnection(CutShort, imaplib.IMAP4):
    """A connection that is cut after a while and takes no more than was asked for."""

    def read(self, size: int) -> bytes:
        """Reads what the server announced, unless that is more than was ever asked for."""
        if size > 2 * LONGEST:
            raise self.abort(f"{size} bytes announced")
        return super().read(size)

    def shutdown(self) -> None:
        self.in_time()
        super().shutdown()


class _CutTlsConnection(_CutConnection, imaplib.IMAP4_SSL):
    """The same over TLS from the first byte."""


class _OpenMailbox(BaseMailBox):
    """The library's mailbox over a connection of ours."""

    def __init__(self, client: imaplib.IMAP4) -> None:
        self._given = client
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        return self._given


@dataclass(frozen=True, slots=True)
class ImapMailbox:
    """Reads one folder of one account."""

    config: InboxConfig
    session: timedelta = SESSION

    @contextmanager
    def open(self) -> Iterator["ImapInbox"]:
        """Opens a session as the port says."""
        with _explained(self.config):
            client = self._connect()
        try:
            with _explained(self.config):
                session = _OpenMailbox(client)
                self._login(session)
            yield ImapInbox(session, self.config)
        finally:
            with suppress(Exception):  # whoever is told that we go may be gone
                client.logout()
            with suppress(Exception):
                client.shutdown()

    def _connect(self) -> imaplib.IMAP4:
        config = self.config
        context = ssl.create_default_context(cafile=config.ca_file)
        limits: dict[str, Any] = {
            "timeout": config.timeout.total_seconds(), "longest": self.session.total_seconds(),
        }  # fmt: skip
        if config.tls == "implicit":
            return _CutTlsConnection(config.host, config.port, ssl_context=context, **limits)
        client = _CutConnection(config.host, config.port, **limits)
        try:
            if config.tls == "starttls":
                client.starttls(context)
        except BaseException:
            client.shutdown()
            raise
        return client

    def _login(self, session: _OpenMailbox) -> None:
        name, password = self.config.username, self.config.password.get_secret_value()
        login = session.login if (name + password).isascii() else session.login_utf8
        login(name, password, initial_folder=self.config.folder)


@dataclass(frozen=True, slots=True)
class ImapInbox:
    """The folder while the connection lasts."""

    session: _OpenMailbox
    config: InboxConfig

    def unread(self, most: int) -> Iterator[Received]:
        """Yields mails as the port says; one that went away meanwhile is left out."""
        with _explained(self.config):
            uids = sorted(self.session.uids("UNSEEN", charset=None), key=int)
        for uid in uids[:most]:
            with _explained(self.config):
                received = self._fetch(uid)
            if received is not None:
                yield received

    def mark_read(self, uid: str) -> None:
        """Sets the flag \\Seen."""
        with _explained(self.config):
            self.session.flag([uid], MailMessageFlags.SEEN, True)

    def _fetch(self, uid: str) -> Received | None:
        size = _SIZE.search(b" ".join(_bytes(self._asked(uid, "(RFC822.SIZE)"))))
        if size is None:
            return None
        too_long = int(size[1]) > LONGEST
        wanted = _BEGINNING if too_long else LONGEST
        found = self._asked(uid, f"(BODY.PEEK[]<0.{wanted}>)")
        raw = next((one[1] for one in found if isinstance(one, tuple) and len(one) > 1), None)
        return None if raw is None else Received(uid, raw, too_long)

    def _asked(self, uid: str, what: str) -> list[Any]:
        kind, found = self.session.client.uid("FETCH", uid, what)
        if kind != "OK":
            raise imaplib.IMAP4.error(f"FETCH: {kind}")
        return list(found)


def _bytes(found: list[Any]) -> Iterator[bytes]:
    for one in found:
        yield from (piece for piece in (one if isinstance(one, tuple) else (one,)) if isinstance(piece, bytes))


@contextmanager
def _explained(config: InboxConfig) -> Iterator[None]:
    """Makes `InboxAway` of whatever the libraries raise: of a server that talks nonsense anything can come."""
    try:
        yield
    except InboxAway:
        raise
    except Exception as error:
        words = f"{config.host}:{config.port}: {type(error).__name__}: {' '.join(str(error).split())}"
        raise InboxAway(words.replace(config.password.get_secret_value(), "***")[:500]) from None
