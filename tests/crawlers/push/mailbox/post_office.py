"""An IMAP server of a few commands on this machine, and mails as people's programs write them."""

import re
from base64 import b64decode
from email.message import EmailMessage
from email.policy import SMTP
from itertools import count
from socketserver import StreamRequestHandler, ThreadingTCPServer

PASSWORD = "geheim-密"
_numbers = count(1)


def mail(words: str = "三号楼停水了", **headers: str) -> EmailMessage:
    """A mail as most programs write it; `_` in a header's name is a hyphen, one given as "" is left out."""
    told = {
        "From": "张三 <zhang.san@corp.cn>",
        "To": "yijian@corp.cn",
        "Subject": "停水",
        "Date": "Sat, 28 Nov 2026 22:58:00 +0800",
        "Message-ID": f"<{next(_numbers)}@zhangsan-pc.corp.cn>",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    message = EmailMessage(policy=SMTP)
    for name, value in told.items():
        if value:
            message[name] = value
    message.set_content(words)
    return message


class PostOffice(ThreadingTCPServer):
    """Mails by number, of which some are marked read. With `dropped_at` a connection breaks at that command."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.mails: list[bytes] = []
        self.read: set[int] = set()
        self.heard: list[str] = []
        self.dropped_at = ""

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def put(self, *mails: EmailMessage | bytes) -> None:
        self.mails += [one if isinstance(one, bytes) else one.as_bytes() for one in mails]


class _Session(StreamRequestHandler):
    server: PostOffice

    def handle(self) -> None:
        self._say("* OK ready")
        while line := self.rfile.readline():
            tag, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            self.server.heard.append(rest)
            verb = rest.upper()
            if self.server.dropped_at and verb.startswith(self.server.dropped_at):
                return
            if verb.startswith("AUTHENTICATE"):
                self._say("+ ")
                self._answer(tag, "LOGIN", PASSWORD if PASSWORD.encode() in b64decode(self.rfile.readline()) else "")
            else:
                self._answer(tag, verb, rest)

    def _answer(self, tag: str, verb: str, rest: str) -> None:
        office = self.server
        if verb.startswith("LOGIN") and PASSWORD not in rest:
            self._say(f"{tag} NO [AUTHENTICATIONFAILED] {rest} is wrong")
            return
        if verb.startswith("CAPABILITY"):
            self._say("* CAPABILITY IMAP4rev1")
        elif verb.startswith("SELECT"):
            self._say(f"* {len(office.mails)} EXISTS")
        elif verb.startswith("UID SEARCH"):
            unseen = [str(at + 1) for at in range(len(office.mails)) if at not in office.read]
            self._say(f"* SEARCH {' '.join(reversed(unseen))}")
        elif found := re.match(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", verb):
            raw = office.mails[int(found[1]) - 1][: int(found[2])]
            told = f"* {found[1]} FETCH (UID {found[1]} BODY[]<0> {{{len(raw)}}}\r\n"
            self.wfile.write(told.encode() + raw + b")\r\n")
        elif found := re.match(r"UID STORE (\d+) \+FLAGS \(\\SEEN\)", verb):
            office.read.add(int(found[1]) - 1)
        elif verb.startswith("LOGOUT"):
            self._say("* BYE")
        self._say(f"{tag} OK done")

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")
