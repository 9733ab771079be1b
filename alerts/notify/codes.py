"""The code of a letter (回执码), by which an answer to it is known: in its Message-ID and in its last line.

It is made of the notice's name by HMAC, so that the same notice has the same code for ever, as it has the same
Message-ID: a code drawn anew would make every repeated notice another one. The key is drawn once and kept in the state
database, not in a file under var/: watchers on several machines share that database and must make the same codes, and
nobody has a key to make, to copy or to lose. Who can read it can read the letters there, codes included, anyway.

To know a code again no key is needed: it stands in the Message-ID of the letter's row.
"""

import hashlib
import hmac
from dataclasses import replace
from secrets import token_bytes

import regex
from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, Session, mapped_column

from alerts.notify.contents.notice import Notice
from stream.state.database import Base, advisory_lock

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that looks like another one on a phone
LENGTH = 8  # 31**8 codes: forty bits, of which nobody can try more than a mailbox takes
_PRINTED = regex.compile(rf"回执码\s{{0,3}}([{LETTERS}]{{{LENGTH}}})(?![A-Z0-9])")
_CARRIED = regex.compile(rf"<.+\.([{LETTERS}]{{{LENGTH}}})@[^@]+>")


class ReplyKeyRow(Base):
    """The key of all codes of an installation; one row, drawn when it is first needed."""

    __tablename__ = "reply_key"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[bytes] = mapped_column(LargeBinary)


def with_reply_code(session: Session, notice: Notice, reply_to: str | None) -> Notice:
    """Gives the notice its code, also in its name, and the address of answers; as it was where nobody reads them."""
    if reply_to is None:
        return notice
    code = reply_code(installation_key(session), notice.id)
    local, _, host = notice.id.rpartition("@")
    return replace(notice, id=f"{local}.{code}@{host}", reply_to=reply_to, reply_code=code)


def reply_code(key: bytes, name: str) -> str:
    """Makes the code of the notice of that name."""
    number = int.from_bytes(hmac.digest(key, name.encode(), hashlib.sha256))
    return "".join(LETTERS[number // len(LETTERS) ** place % len(LETTERS)] for place in range(LENGTH))


def printed_codes(words: str) -> frozenset[str]:
    """Finds every code that is printed in the words."""
    return frozenset(_PRINTED.findall(words))


def carried_code(message_id: str) -> str | None:
    """Finds the code that the Message-ID `<…>` of a letter carries; None for a letter that has none."""
    match = _CARRIED.fullmatch(message_id)
    return match[1] if match else None


def installation_key(session: Session) -> bytes:
    """Reads the installation's key, which is drawn where there is none; nobody else draws one meanwhile."""
    row = session.get(ReplyKeyRow, 1)
    if row is None:
        advisory_lock(session, "key of reply codes")
        row = session.get(ReplyKeyRow, 1, populate_existing=True)
    if row is None:
        row = ReplyKeyRow(id=1, key=token_bytes(32))
        session.add(row)
        session.flush()
    return row.key
