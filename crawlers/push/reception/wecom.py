"""A callback of 企业微信: its signature, its cipher, its messages. Pure.

As https://developer.work.weixin.qq.com/document/path/90968 has it: a request is signed by SHA-1 over token, time, nonce
and cipher text; the plain text is 16 random bytes, the message's length in four, the message, and whose it is.
"""

from base64 import b64decode, b64encode
from binascii import Error
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from hmac import compare_digest

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from lxml import etree  # type: ignore[import-untyped]

from crawlers.pages.observation import Observation
from stream.errors import Rejected
from stream.messages import Kind, Precision

WINDOW = timedelta(minutes=5)  # 企业微信 asks again at once, three times at most
_BLOCK = 32  # PKCS#7 to 32 bytes, whatever AES's own block is
_RANDOM, _LENGTH = 16, 4
_LONGEST = 128  # characters of an account or of an event's token
_SERVICE = "kf_msg_or_event"
_WORDLESS = frozenset({"image", "voice", "video", "location", "file"})


def sign(token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    """Signs a request as 企业微信 does: hexadecimal."""
    return sha1("".join(sorted((token, timestamp, nonce, encrypted))).encode(), usedforsecurity=False).hexdigest()


def check(token: str, *, signature: str, timestamp: str, nonce: str, encrypted: str, now: datetime) -> None:
    """Raises `Rejected` for a request that the organisation's 企业微信 did not sign, or signed too long ago."""
    if not compare_digest(sign(token, timestamp, nonce, encrypted).encode(), signature.encode("utf-8", "replace")):
        raise Rejected("forged_signature", "signed with another token: compare it with the page 接收消息")
    if not is_near(timestamp, now):
        raise Rejected("stale_signature", "signed more than five minutes from now: is this machine's clock right?")


def is_near(timestamp: str, now: datetime) -> bool:
    """Tells whether seconds since 1970 are within `WINDOW` of now."""
    if not is_seconds(timestamp):
        return False
    return abs(datetime.fromtimestamp(int(timestamp), UTC) - now) <= WINDOW


def is_seconds(told: str) -> bool:
    """Tells whether these are seconds since 1970 that a date can be made of."""
    return told.isascii() and told.isdigit() and len(told) < 12


def decipher(key: bytes, encrypted: str, corp_id: str) -> bytes:
    """Reads the message of a request that was checked. Raises `Rejected` for another key, or another organisation's."""
    try:
        sealed = b64decode(encrypted, validate=True)
        opening = Cipher(AES(key), CBC(key[:16])).decryptor()
        plain = opening.update(sealed) + opening.finalize()
    except (Error, ValueError) as error:
        raise Rejected("undecipherable", "no cipher text of AES") from error
    padding = plain[-1] if plain else 0
    if not 1 <= padding <= _BLOCK or plain[-padding:] != bytes([padding]) * padding:
        raise Rejected("undecipherable", "enciphered with another EncodingAESKey")
    body = plain[_RANDOM:-padding]
    length = int.from_bytes(body[:_LENGTH], "big")
    message, receiver = body[_LENGTH : _LENGTH + length], body[_LENGTH + length :]
    if len(message) != length:
        raise Rejected("undecipherable", "shorter than it says")
    if not compare_digest(receiver, corp_id.encode()):
        raise Rejected("another_corp", "sent for another organisation than corp_id")
    return message


def encipher(key: bytes, message: bytes, corp_id: str, random: bytes) -> str:
    """Writes a message as 企业微信 does; `random` are 16 bytes."""
    plain = random + len(message).to_bytes(_LENGTH, "big") + message + corp_id.encode()
    padding = _BLOCK - len(plain) % _BLOCK
    closing = Cipher(AES(key), CBC(key[:16])).encryptor()
    return b64encode(closing.update(plain + bytes([padding]) * padding) + closing.finalize()).decode()


def encrypted_part(body: bytes) -> str:
    """Finds the cipher text in the XML of a request; raises `Rejected` where there is none."""
    return _words(_parse(body), "Encrypt") or _missing("Encrypt")


@dataclass(frozen=True, slots=True)
class ServiceEvent:
    """Says that something came for an `account` of customer service ("": for any), to be fetched with `token`."""

    account: str
    token: str = field(default="", repr=False)


def read_service_event(message: bytes) -> ServiceEvent | None:
    """Reads an event of 微信客服; None for anything else. Raises `Rejected` for what is no message."""
    root = _parse(message)
    if _words(root, "MsgType") != "event" or _words(root, "Event") != _SERVICE:
        return None
    return ServiceEvent(_words(root, "OpenKfId")[:_LONGEST], _words(root, "Token")[:_LONGEST])


def read_message(message: bytes) -> Observation | None:
    """Reads what somebody wrote; None for an event, which says that something happened and no words.

    Raises `Rejected` for a message without words, such as a picture, and for what is no message.
    """
    root = _parse(message)
    kind = _words(root, "MsgType")
    if kind == "event":
        return None
    if kind in _WORDLESS:
        raise Rejected(f"without_words_{kind}", "a message that has no text")
    number = _words(root, "MsgId") or _missing("MsgId")
    text = _words(root, "Content") if kind == "text" else _words(root, "Description")
    title = _words(root, "Title")
    if not (text or title):
        raise Rejected("unknown_message", f"MsgType {kind[:40]!r} has no Content, Title or Description")
    written = _words(root, "CreateTime")
    at = datetime.fromtimestamp(int(written), UTC) if is_seconds(written) else None
    return Observation(
        native_id=f"msg:{number}",
        kind=Kind.SUGGESTION,
        thread=f"msg:{number}",
        url=_words(root, "Url"),
        title=title,
        text=text,
        author=_words(root, "FromUserName") or None,
        published_at=at,
        published_precision=Precision.SECOND if at else Precision.UNKNOWN,
    )


def _parse(xml: bytes) -> etree._Element:
    """Parses XML that declares nothing: no entity is resolved, nothing is fetched, nothing grows."""
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Rejected("no_message", "not XML") from error
    if root.getroottree().docinfo.doctype:
        raise Rejected("no_message", "XML with a document type, which 企业微信 never sends")
    return root


def _words(root: etree._Element, name: str) -> str:
    return (root.findtext(name) or "").strip()


def _missing(name: str) -> str:
    raise Rejected("no_message", f"without {name}")
