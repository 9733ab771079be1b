"""Links of letters that do something without a login: signing for a case, and setting one's password.

A token says what it is for and until when, and carries a code over that and the key of one person, made by HMAC from
the installation's key (alerts/notify/codes.py). So the same letter has the same links for ever, nothing is kept before
one is used, and none is believed that was altered, is for somebody else or for something else. Opening one does
nothing. Beside the link for signing the letter prints four digits, which a program that follows links does not type.
"""

import hashlib
import hmac
from base64 import b32decode, b32encode
from binascii import Error
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from alerts.notify.codes import ReplyKeyRow, installation_key
from alerts.notify.console import ConsoleConfig
from alerts.notify.contents.notice import Notice
from alerts.people.accounts import has_password
from stream.process.clock import SHANGHAI

STEPS = ("acknowledge", "take")  # what a link may do: it can be taken back by anybody, and nothing is said outside
AFTER_LIMIT = timedelta(hours=24)  # a link holds so long beyond the step's limit; the next desk was called by then
WELCOME_FOR = timedelta(days=7)  # a link to set a password
TRIES = 5  # of digits; one of ten thousand is met with 0.05 %
_TOKEN = 30  # bytes of a token, 48 letters: no padding, and nothing at its end that a mail program leaves out
_SIGNING, _WELCOME, _DIGITS = b"sign for a case", b"set a password", b"digits"


@dataclass(frozen=True, slots=True)
class SigningLink:
    """What a link to sign with is for: the case, whose turn `turn` it is at that step, until when, and who signs."""

    case_id: int
    turn: int
    expires_at: datetime
    person: str


@dataclass(frozen=True, slots=True)
class WelcomeLink:
    """What a link to set a password is for: whose password, and when it was issued, in whole seconds."""

    person: str
    issued_at: datetime


def signing_token(key: bytes, link: SigningLink) -> str:
    """Makes the token of a link; the time at which it ends is kept in whole minutes."""
    facts = link.case_id.to_bytes(5) + link.turn.to_bytes(2) + (_seconds(link.expires_at) // 60).to_bytes(4)
    return _token(key, _SIGNING, facts, link.person)


def read_signing_token(key: bytes, token: str, people: Iterable[str]) -> SigningLink | None:
    """Reads a token that is for one of the people, by key, whether or not it has expired; None for any other."""
    if (found := _read(key, _SIGNING, 11, token, people)) is None:
        return None
    facts, person = found
    ends = datetime.fromtimestamp(60 * int.from_bytes(facts[7:]), UTC)
    return SigningLink(int.from_bytes(facts[:5]), int.from_bytes(facts[5:7]), ends, person)


def welcome_token(key: bytes, link: WelcomeLink) -> str:
    """Makes the token of a link to set a password."""
    return _token(key, _WELCOME, _seconds(link.issued_at).to_bytes(5), link.person)


def read_welcome_token(key: bytes, token: str, people: Iterable[str]) -> WelcomeLink | None:
    """Reads a token that is for one of the people, by key, whether or not it has expired; None for any other."""
    if (found := _read(key, _WELCOME, 5, token, people)) is None:
        return None
    return WelcomeLink(found[1], datetime.fromtimestamp(int.from_bytes(found[0]), UTC))


def digits_of(key: bytes, token: str) -> str:
    """Makes the four digits that are printed beside a link to sign with."""
    return f"{int.from_bytes(hmac.digest(_own(key), _DIGITS + token.encode(), hashlib.sha256)) % 10_000:04d}"


def token_digest(token: str) -> str:
    """Makes what a token that was used is kept as."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def links_key(session: Session) -> bytes | None:
    """Reads the key of all links; None as long as no letter has any."""
    row = session.get(ReplyKeyRow, 1)
    return row.key if row else None


def with_links(session: Session, notice: Notice, console: ConsoleConfig | None, person: str, turn: int) -> Notice:
    """Gives the notice to the person of that key its links, as far as there is a console to lead to.

    A link to sign with where signing is asked for; one to set the password as long as there is none, unless a proxy
    says who comes. That one is issued at the beginning of the day: the letters of a day have the same.
    """
    if console is None or console.address is None:
        return notice
    signs = notice.demand.key in STEPS and not notice.copy
    welcomes = console.header is None and not has_password(session, person)
    if not (signs or welcomes):
        return notice
    key = installation_key(session)
    if signs:
        token = signing_token(key, SigningLink(notice.case, turn, notice.demand.due_at + AFTER_LIMIT, person))
        notice = replace(notice, signing=f"{console.base}/a/{token}", digits=digits_of(key, token))
    if welcomes:
        day = notice.at.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
        notice = replace(notice, welcome=welcome_address(console, key, WelcomeLink(person, day)))
    return notice


def welcome_address(console: ConsoleConfig, key: bytes, link: WelcomeLink) -> str:
    """Writes the address at which the person sets the password."""
    return f"{console.base}/welcome/{welcome_token(key, link)}"


def _token(key: bytes, purpose: bytes, facts: bytes, person: str) -> str:
    return b32encode(facts + _code(key, purpose, facts, person)).decode().lower()


def _read(key: bytes, purpose: bytes, size: int, token: str, people: Iterable[str]) -> tuple[bytes, str] | None:
    """Finds the facts in a token of the purpose, and whose it is; None for one that is not ours to the letter."""
    if token != token.lower():
        return None
    try:
        raw = b32decode(token.upper())
    except (Error, ValueError):
        return None
    if len(raw) != _TOKEN:
        return None
    facts, code = raw[:size], raw[size:]
    whose = [one for one in people if hmac.compare_digest(code, _code(key, purpose, facts, one))]
    return (facts, whose[0]) if whose else None


def _code(key: bytes, purpose: bytes, facts: bytes, person: str) -> bytes:
    said = b"\0".join((purpose, facts.hex().encode(), person.encode("utf-8", "replace")))
    return hmac.digest(_own(key), said, hashlib.sha256)[: _TOKEN - len(facts)]


def _own(key: bytes) -> bytes:
    """Derives the key of links: a code of a letter says nothing about them."""
    return hmac.digest(key, b"links of letters", hashlib.sha256)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
