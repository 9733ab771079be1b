"""The demo's mail server on loopback: accepts every letter and keeps it as a file."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from threading import Thread

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(slots=True)
class Mailbox:
    """The letters accepted, each also a file `NN-recipient.eml` in `folder`."""

    folder: Path
    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Durable before the server says yes, as a real one would be."""
        content = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        number = len(self.letters) + 1
        path = self.folder / f"{number:02d}-{envelope.rcpt_tos[0].split('@')[0]}.eml"
        await asyncio.to_thread(path.write_bytes, content)
        self.letters.append(message_from_bytes(content, policy=default))
        return f"250 OK kept as {path.name}"

    def newest(self, recipient: str) -> EmailMessage:
        """The letter that somebody got last; `StopIteration` where there is none."""
        return next(one for one in reversed(self.letters) if recipient in str(one["To"]))


def words_of(letter: EmailMessage) -> str:
    """The letter's plain text."""
    body = letter.get_body(("plain",))
    return str(body.get_content()) if body else ""


@contextmanager
def open_mailbox(folder: Path, mailbox: Mailbox | None = None) -> Iterator[Mailbox]:
    """A mailbox, or the given one, with its port, in a thread of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    mailbox = mailbox or Mailbox(folder)
    loop = asyncio.new_event_loop()
    listening = loop.create_server(lambda: SMTP(mailbox, hostname="mailbox.invalid", loop=loop), "127.0.0.1", 0)
    server = loop.run_until_complete(listening)
    mailbox.port = server.sockets[0].getsockname()[1]
    thread = Thread(target=loop.run_forever, name="mailbox", daemon=True)
    thread.start()
    try:
        yield mailbox
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()  # after its loop stands: closed from here while it runs, asyncio wakes its waiters twice
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
