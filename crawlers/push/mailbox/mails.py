"""One mail as an observation: its subject, its words, the names of what is attached. Pure."""

import hmac
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from hashlib import sha256

import regex
from imap_tools import MailMessage

from crawlers.pages.decoding import REPLACE, find_codec
from crawlers.pages.observation import Observation
from crawlers.pages.times import not_understood, read_time
from crawlers.push.mailbox.words import own_words, words_of_html
from stream.errors import Rejected
from stream.messages import Kind, Precision

MOST_ATTACHMENTS = 20  # named
_ANSWERED = regex.compile(r"(?i)^\s*((re|fw|fwd|回复|答复|转发|回覆|轉寄)\s*[:：]\s*)+")
# As whole words of programs: who complains of 自动回复机器人, or of a 退信 of the post's, is a person.
_AUTOMATIC = regex.compile(
    r"(?i)^\s*(自动回复|自動回覆|自动答复|auto(matic)?[- ]?(reply|response)|out of( the)? office|不在办公室)"
    r"\s*([:：(（\-]|$)|^.{0,8}(休假|放假|请假|度假|年假|出差|外出|离职|不在).{0,10}[:：(（【\-—]\s*自动[回答][复覆]\W*$"
)
# A receipt or a recall is told by its subject and by what the program says below: who wants something 撤回 writes too.
_RECEIPT = regex.compile(
    r"(?i)^\s*(已读|未读|已讀|撤回|召回|read|not read|recall)\s*[:：].*\n(?s:.{0,300})"
    r"(已(被|于|經|经).{0,40}(阅读|閱讀|读取|删除)|将?撤回邮件|was (read|deleted)|like to recall)"
)
_RETURNED = regex.compile(
    r"(?i)^\s*(系统退信|退信(通知|提醒)?\s*([:：/(（]|$)|undeliver(able|ed)\b|delivery (status|failure)|mail delivery"
    r"|returned mail|failure notice)"
)
_TEXTS = ("text/plain", "text/html")
_WORDS_WITHIN = regex.compile(r"(?i)(application/(ms-tnef|(x-)?pkcs7-mime|pgp-encrypted)|text/calendar)$")
_ONCE, _LATER = datetime(2098, 1, 1, tzinfo=UTC), datetime(2099, 7, 1, tzinfo=UTC)
_NOBODY = regex.compile(r"(?i)(mailer-daemon|postmaster)@|^\s*<>\s*$")


@dataclass(frozen=True, slots=True)
class ReadMail:
    """What a mail amounts to, or why it is none of a person's: `skipped` is a stable word.

    `unread` is the form in which its words are, where that is one that is not read: `application/ms-tnef`.
    """

    observation: Observation | None
    skipped: str = ""
    unread: str = ""


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
        written = _written(mail)
        text = "\n".join(filter(None, (written, _attached(mail))))
        unread = "" if written else _form_of_words(mail.obj)
        told = mail.obj.get("Message-ID", "").strip()
        dated = " ".join(str(mail.obj.get("Date", "")).split())
        at, precision = _read_date(dated)
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
        published_precision=precision,
        unread_time=not_understood(dated, at),
    )
    return ReadMail(observation, unread=unread)


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
    if _RECEIPT.match(f"{mail.subject}\n{_written(mail)}"):
        return "receipt"
    if "List-Unsubscribe" in headers and str(headers.get("Precedence", "")).strip().lower() == "bulk":
        return "newsletter"
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
    """Joins the parts of one kind that are no attachments. Gateways name the text too; what lacks its parts is text."""
    found = (
        part
        for part in mail.walk()
        if _kind(part) == kind and not part.is_multipart() and part.get_content_disposition() != "attachment"
    )
    return "\n".join(
        _decoded(bytes(part.get_payload(decode=True) or b""), part.get_content_charset()) for part in found
    )


def _kind(part: Message) -> str:
    """Reads a part's kind; of a whole that has no parts, for want of a boundary, that of a text."""
    kind = part.get_content_type()
    return "text/plain" if kind.startswith("multipart/") and not part.is_multipart() else kind


def _form_of_words(mail: Message) -> str:
    """Finds the kind of the part that has the words of a mail without a text, "" where there is none."""
    return next((kind for part in mail.walk() if _WORDS_WITHIN.match(kind := part.get_content_type())), "")


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
    names = [
        one.filename
        for one in mail.attachments
        if one.filename and one.content_disposition != "inline"
        and (one.content_disposition == "attachment" or one.content_type not in _TEXTS)
    ]  # fmt: skip
    return f"附件：{'、'.join(' '.join(name.split())[:100] for name in names[:MOST_ATTACHMENTS])}" if names else ""


def _read_date(told: str) -> tuple[datetime | None, Precision]:
    """Reads when it was written, by its writer's program; without a zone, or with CST for one, in ours.

    What says no whole date (`yesterday`, a time of day) is none: nobody knows when it was said.
    """
    moment, precision = read_time(told, _ONCE)
    if moment is None or read_time(told, _LATER)[0] != moment:
        return None, Precision.UNKNOWN
    return moment, precision
