"""The mailbox in which answers to letters lie: IMAP on loopback, as much of it as one reader needs (RFC 3501)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from secrets import token_hex
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

ADDRESS = "wenfeng@example.com"
_PIECE = re.compile(r"BODY\.PEEK\[\]<0\.(\d+)>")


@dataclass(slots=True)
class AnswerBox:
    """Mails that came in, by their number, and those that were read."""

    port: int = 0
    password: str = field(default_factory=lambda: token_hex(16))
    mails: list[bytes] = field(default_factory=list)
    read: set[int] = field(default_factory=set)

    def answer(self, letter: EmailMessage, words: str, at: datetime) -> None:
        """Puts in what a mail program makes of an answer: the words, then the letter's first lines, quoted."""
        body = letter.get_body(("plain",))
        quoted = body.get_content().splitlines()[:12] if body else []
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"] = str(letter["To"]), ADDRESS
        mail["Subject"] = f"回复：{letter['Subject']}"
        mail["Date"] = format_datetime(at)
        mail["Message-ID"] = f"<{len(self.mails) + 1}.{token_hex(4)}@phone.example.com>"
        mail["In-Reply-To"] = mail["References"] = str(letter["Message-ID"])
        mail.set_content("\n".join([words, "", f"{letter['From']} 写道：", *(f"> {line}" for line in quoted)]) + "\n")
        self.mails.append(mail.as_bytes())


@contextmanager
def open_inbox() -> Iterator[AnswerBox]:
    """The mailbox with its port, in a thread of its own."""
    box = AnswerBox()

    class Handler(_Session):
        mailbox = box

    ThreadingTCPServer.daemon_threads = True
    server = ThreadingTCPServer(("127.0.0.1", 0), Handler)
    box.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, name="inbox", kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield box
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Session(StreamRequestHandler):
    """One connection: every command of the reader, and NO to any other."""

    timeout = 30
    mailbox: AnswerBox

    def handle(self) -> None:
        with suppress(OSError):
            self._say("* OK ready")
            while line := self.rfile.readline(8192).decode("utf-8", "replace").strip():
                tag, _, rest = line.partition(" ")
                done = self._obey(rest)
                self._say(f"{tag} {'OK' if done else 'NO'} done")
                if rest.upper() == "LOGOUT":
                    return

    def _obey(self, command: str) -> bool:
        word, _, rest = command.partition(" ")
        match word.upper():
            case "CAPABILITY":
                self._say("* CAPABILITY IMAP4rev1")
            case "LOGIN":
                return self.mailbox.password in rest
            case "SELECT":
                self._say(f"* {len(self.mailbox.mails)} EXISTS")
            case "UID":
                return self._uid(rest)
            case "LOGOUT":
                self._say("* BYE")
            case "EXPUNGE" | "NOOP":
                pass
            case _:
                return False
        return True

    def _uid(self, command: str) -> bool:
        box, (word, _, rest) = self.mailbox, command.partition(" ")
        if word.upper() == "SEARCH":
            unread = [str(uid) for uid in range(1, len(box.mails) + 1) if uid not in box.read]
            self._say(" ".join(["* SEARCH", *unread]))
            return True
        number, _, what = rest.partition(" ")
        if not number.isdecimal() or not 1 <= (uid := int(number)) <= len(box.mails):
            return False
        if word.upper() == "STORE":
            box.read.add(uid)
            return True
        raw = box.mails[uid - 1]
        if piece := _PIECE.search(what):
            part = raw[: int(piece[1])]
            self._say(f"* {uid} FETCH (UID {uid} BODY[]<0> {{{len(part)}}}")
            self.wfile.write(part + b")\r\n")
        else:
            self._say(f"* {uid} FETCH (UID {uid} RFC822.SIZE {len(raw)})")
        return True

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")
