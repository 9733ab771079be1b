"""One mail as an observation: its subject, its words, the names of what is attached. Pure."""

import hmac
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime
from hashlib import sha256

import regex
from imap_tools import MailMessage

from crawlers.pages.decoding import REPLACE, find_codec
from crawlers.pages.observation import Observation
from crawlers.push.mailbox.words import own_words, words_of_html
from stream.errors import Rejected
from stream.messages import Kind, Precision

MOST_ATTACHMENTS = 20  # named
_ANSWERED = regex.compile(r"(?i)^\s*((re|fw|fwd|回复|答复|转发|回覆|轉寄)\s*[:：]\s*)+")
_AUTOMATIC = regex.compile(
    r"(?i)^\s*(自动回复|自動回覆|自动答复|auto(matic)?[- ]?(reply|response)|out of office|不在办公室)"
)
_RETURNED = regex.compile(
    r"(?i)^\s*(系统退信|退信|undeliver|delivery (status|failure)|mail delivery|returned mail|failure notice)"
)
_NOBODY = regex.compile(r"(?i)(mailer-daemon|postmaster)@|^\s*<>\s*$")


@dataclass(frozen=True, slots=True)
class ReadMail:
    """What a mail amounts to, or why it is none of a person's: `skipped` is a stable word."""

    observation: Observation | None
    skipped: str = ""


def read_mail(raw: bytes, *, kind: Kind, secret: bytes) -> ReadMail:
    """Reads a mail as far as it was fetched. Raises `Rejected("unreadable_mail")` for what is none.

    A Message-ID may name the writer's machine: what is kept is its keyed hash. A mail without one is known by
    its bytes.
    """
    try:
        mail = MailMessage.from_bytes(raw)
        if skipped := _not_written(mail):
            return ReadMail(None, skipped)
        title = _ANSWERED.sub("", " ".join(_subject(mail.obj).split()))
        text = "\n".join(filter(None, (_written(mail), _attached(mail))))
        told = mail.obj.get("Message-ID", "").strip()
        at = _dated(mail.obj)
        author = mail.from_.lower() or None
    except (MessageError, ValueError, LookupError, TypeError, AttributeError) as error:  # of the library, on nonsense
        raise Rejected("unreadable_mail", type(error).__name__) from error
    if not (title or text):
        return ReadMail(None, "empty")
    native_id = "mail:" + hmac.new(secret, told.encode("utf-8", "replace") or raw, sha256).hexdigest()[:32]
    observation = Observation(
        native_id=native_id,
        kind=kind,
        thread=native_id,
        title=title,
        text=text,
        author=author,
        published_at=at,
        published_precision=Precision.SECOND if at else Precision.UNKNOWN,
    )
    return ReadMail(observation)


def _not_written(mail: MailMessage) -> str:
    """Tells why nobody wrote this: a program answered, or it came back; "" for a person's mail."""
    headers = mail.obj
    returned = (
        headers.get_content_type() == "multipart/report"
        or _NOBODY.search(str(headers.get("Return-Path", "")))
        or _NOBODY.search(mail.from_)
        or _RETURNED.match(mail.subject)
    )
    if returned:
        return "bounce"
    automatic = (
        str(headers.get("Auto-Submitted", "no")).strip().lower() not in ("no", "")
        or "X-Autoreply" in headers
        or "X-Autorespond" in headers
        or str(headers.get("Precedence", "")).strip().lower() == "auto_reply"
        or _AUTOMATIC.match(mail.subject)
    )
    return "auto_reply" if automatic else ""


def _written(mail: MailMessage) -> str:
    return own_words(_parts(mail.obj, "text/plain")) or words_of_html(_parts(mail.obj, "text/html"))


def _parts(mail: Message, kind: str) -> str:
    """Joins the parts of one kind that are no attachments."""
    found = (part for part in mail.walk() if part.get_content_type() == kind and not part.get_filename())
    return "\n".join(
        _decoded(bytes(part.get_payload(decode=True) or b""), part.get_content_charset()) for part in found
    )


def _subject(mail: Message) -> str:
    parts = decode_header(mail.get("Subject", ""))
    return "".join(part if isinstance(part, str) else _decoded(part, charset) for part, charset in parts)


def _decoded(raw: bytes, label: str | None) -> str:
    """Reads bytes by what they are rather than by their label; where there is none, for the library or at all, GBK.

    The label of UTF-7 alone is believed: its bytes are ASCII and mean something else.
    """
    label = "gb18030" if label in (None, "", "unknown-8bit") else str(label)
    if label.lower() == "utf-7":
        with suppress(UnicodeDecodeError):
            return raw.decode("utf-7")
    return raw.decode(find_codec(raw, [label]), REPLACE)


def _attached(mail: MailMessage) -> str:
    """Names what is attached; pictures within the text, which have no name that anybody gave, are left out."""
    names = [one.filename for one in mail.attachments if one.filename and one.content_disposition != "inline"]
    return f"附件：{'、'.join(' '.join(name.split())[:100] for name in names[:MOST_ATTACHMENTS])}" if names else ""


def _dated(headers: Message) -> datetime | None:
    """Reads when it was written, by its writer's program; one that names no zone is in UTC by the standard."""
    try:
        told = parsedate_to_datetime(str(headers.get("Date", "")))
    except (ValueError, OverflowError):
        return None
    return told if told.tzinfo is not None else told.replace(tzinfo=UTC)
