"""What tests of answers share: mails as people's programs write them, and mailboxes to put them in."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from imaplib import IMAP4
from itertools import count
from urllib.parse import urlsplit

from pydantic import TypeAdapter

from alerts.notify.inbox import InboxConfig
from alerts.replies.imap import ImapMailbox
from alerts.replies.inbox import InboxAway, Mailbox, Received
from scripts.engines.dovecot import PASSWORD

LETTER = "<1.opened-acknowledge.ab.0.K7M2PXQ4@wenfeng.example.com>"
CODE = "K7M2PXQ4"
_numbers = count(1)


def mail(words: str = "收到", **headers: str) -> bytes:
    """An answer as most programs write it; a header given as "" is left out, `_` in its name is a hyphen."""
    told = {
        "From": "张敏 <zhang.min@example.com>",
        "To": "wenfeng@example.com",
        "Subject": "回复：[舆情·较大] 事件1",
        "Message-ID": f"<{next(_numbers)}.reply@qq.example.com>",
        "In-Reply-To": LETTER,
        "References": f"<1.root@wenfeng.example.com> {LETTER}",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    message = EmailMessage(policy=SMTP)
    for name, value in told.items():
        if value:
            message[name] = value
    message.set_content(words)
    return message.as_bytes()


@dataclass
class MemoryMailbox:
    """Mails in memory. With `dropped_after` a session breaks when so many mails were read."""

    mails: list[bytes] = field(default_factory=list)
    read: set[int] = field(default_factory=set)
    dropped_after: int | None = None
    away: str = ""

    @contextmanager
    def open(self) -> Iterator["MemoryMailbox"]:
        if self.away:
            raise InboxAway(self.away)
        yield self

    def unread(self, most: int) -> Iterator[Received]:
        for at in [at for at in range(len(self.mails)) if at not in self.read][:most]:
            if self.dropped_after is not None:
                self.dropped_after -= 1
                if self.dropped_after < 0:
                    self.dropped_after = None
                    raise InboxAway("the connection was dropped")
            yield Received(str(at), self.mails[at])

    def mark_read(self, uid: str) -> None:
        self.read.add(int(uid))

    def put(self, raw: bytes) -> None:
        self.mails.append(raw)

    def left(self) -> int:
        """How many are not marked read."""
        return len(self.mails) - len(self.read)


def of_dovecot(address: str, user: str, **changes: object) -> InboxConfig:
    """The configuration of a user's mailbox on the test server, which is made when it is first opened."""
    plain: dict[str, object] = {
        "address": "wenfeng@example.com", "host": "127.0.0.1", "port": urlsplit(address).port, "tls": "none",
        "username": user, "password_env": "WENFENG_INBOX",
    }  # fmt: skip
    return configured(plain | changes)


def configured(raw: Mapping[str, object], password: str = PASSWORD) -> InboxConfig:
    """A configuration as alerts.yml gives it, with its password in the environment."""
    config: InboxConfig = TypeAdapter(InboxConfig).validate_python(dict(raw), context={"WENFENG_INBOX": password})
    return config


@dataclass
class DovecotMailbox:
    """A mailbox on the real server, with another client's eyes on it."""

    config: InboxConfig

    @property
    def mailbox(self) -> Mailbox:
        return ImapMailbox(self.config)

    def put(self, raw: bytes) -> None:
        with self.looked_at() as client:
            client.append(self.config.folder, "", "", raw)

    def left(self) -> int:
        with self.looked_at() as client:
            client.select(self.config.folder)
            return len(client.search(None, "UNSEEN")[1][0].split())

    def renumber(self) -> None:
        """Puts the mails into a folder made anew, as a restored server has them: other numbers, another validity."""
        with self.looked_at() as client:
            client.select(self.config.folder)
            numbers = client.search(None, "ALL")[1][0].split()
            found = [client.fetch(number, "(BODY.PEEK[])")[1][0] for number in numbers]
            mails = [one[1] for one in found if isinstance(one, tuple)]
            client.close()
            client.delete(self.config.folder)
            client.create(self.config.folder)
            for raw in mails:  # nobody restored who had read what
                client.append(self.config.folder, "", "", raw)

    @contextmanager
    def looked_at(self) -> Iterator[IMAP4]:
        client = IMAP4(self.config.host, self.config.port, timeout=10)
        client.login(self.config.username, PASSWORD)
        try:
            yield client
        finally:
            client.logout()
