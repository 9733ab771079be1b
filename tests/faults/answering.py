"""People who answer their letters by mail: a mailbox on IMAP, filled from what the mail server took."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

from tests.faults.evidence import Mail
from tests.faults.world import LethalMailbox

WORDS = ("收到", "收到，谢谢", "转办 宣传部负责人", "什么时候的事？")  # the last one asks and orders nothing
FIRST = "opened-acknowledge"  # in the name of a case's first letter


@dataclass
class AnsweredMail:
    """The mailbox: an answer to every other case's first letter, once however many copies of it came."""

    letters: LethalMailbox
    port: int = 0
    read: set[int] = field(default_factory=set)
    _answers: dict[str, bytes] = field(default_factory=dict)

    def mails(self) -> list[bytes]:
        """All that were ever in it; a mail's number is its place here."""
        for letter in list(self.letters.took):
            if FIRST in letter.message_id and sha256(letter.message_id.encode()).digest()[0] % 2:
                self._answers.setdefault(letter.message_id, _answer(letter))
        return list(self._answers.values())

    def names(self) -> list[str]:
        """The Message-IDs of all."""
        return [str(message_from_bytes(mail, policy=SMTP)["Message-ID"]) for mail in self.mails()]

    def unread(self) -> list[int]:
        """The numbers of those that nobody marked read, from 1."""
        return [number for number in range(1, len(self.mails()) + 1) if number not in self.read]

    def answered(self, command: str) -> Iterator[bytes]:
        """Yields what a server says to a command before it says OK."""
        words = command.upper().split()
        match words[:2]:
            case ["CAPABILITY", *_]:
                yield b"* CAPABILITY IMAP4rev1\r\n"
            case ["SELECT", *_]:
                yield b"* %d EXISTS\r\n" % len(self.mails())
            case ["LOGOUT", *_]:
                yield b"* BYE\r\n"
            case ["UID", "SEARCH"]:
                yield b"* SEARCH " + b" ".join(b"%d" % number for number in self.unread()) + b"\r\n"
            case ["UID", "STORE"]:
                self.read.add(int(words[2]))
            case ["UID", "FETCH"]:
                raw, number = self.mails()[int(words[2]) - 1], int(words[2])
                what = b"BODY[]<0> {%d}\r\n" % len(raw) + raw if "BODY" in words[3] else b"RFC822.SIZE %d" % len(raw)
                yield b"* %d FETCH (UID %d " % (number, number) + what + b")\r\n"


@contextmanager
def open_answers(letters: LethalMailbox) -> Iterator[AnsweredMail]:
    """The mailbox on a port of the loopback, which whoever has any password reads."""
    box = AnsweredMail(letters)

    class Session(StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                self.wfile.write(b"* OK ready\r\n")
                for line in self.rfile:
                    tag, _, command = line.decode().strip().partition(" ")
                    self.wfile.write(b"".join(box.answered(command)) + f"{tag} OK done\r\n".encode())

    with ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        server.daemon_threads = True
        server.block_on_close = False
        box.port = server.server_address[1]
        Thread(target=server.serve_forever, daemon=True).start()
        yield box
        server.shutdown()


def _answer(letter: Mail) -> bytes:
    digest, message = sha256(letter.message_id.encode()).digest(), EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = letter.recipient, "wenfeng@example.com", "回复"
    message["Message-ID"] = f"<{digest.hex()[:16]}@people.example>"
    message["In-Reply-To"] = letter.message_id
    message.set_content(f"{WORDS[digest[1] % len(WORDS)]}\n")
    return message.as_bytes()
