"""A notice as an e-mail: plain text first, HTML last, headers made of our own words only."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from structlog import get_logger

from alerts.notify.notice import Colour, Notice
from alerts.notify.phrases import local, usual
from alerts.notify.quotes import clean
from alerts.notify.render.brief import brief

TEMPLATES = Path(__file__).parent / "templates"
COLOURS = {Colour.RED: "#b3261e", Colour.ORANGE: "#b8570b", Colour.YELLOW: "#8a6a00", Colour.BLUE: "#1f5a99"}
_WIRE = SMTP.clone(cte_type="7bit")  # no server on the way needs to know 8BITMIME

log = get_logger()


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Whom our mail comes from; `host` is the right-hand side of every Message-ID."""

    sender: str
    host: str


def message_id(name: str) -> str:
    """Builds the Message-ID of the notice or thread of that name."""
    return f"<{name}>"


def mail(notice: Notice, letterhead: Letterhead, recipient: str) -> bytes:
    """Writes the message in RFC 5322. A template that fails is replaced by plain words that say so.

    The same notice gives the same bytes. Raises ValueError where `recipient` or the letterhead is no address.
    """
    try:
        words = _render("letter.txt.j2", notice)
        html = None if notice.withheld else _render("letter.html.j2", notice)
    except Exception:  # whatever a post or an edited template did: people must still be told
        log.exception("letter_template_failed", case=notice.case, notice=notice.id)
        words, html = brief(notice), None
    return _message(notice, letterhead, recipient, words, html)


def without_text(notice: Notice) -> Notice:
    """Returns the same notice without a word of any post."""
    return replace(notice, quotes=(), withheld=True)


def subject_line(notice: Notice) -> str:
    """Writes the subject in words of ours and of the configuration, and numbers; never of a post."""
    return (
        f"[舆情·{notice.grade}] 事件{notice.case} 话题「{notice.topic}」"
        f"负面 {notice.figures.negative}（常态 {usual(notice.figures.expected)}）"
    )


def _message(notice: Notice, letterhead: Letterhead, recipient: str, words: str, html: str | None) -> bytes:
    message = EmailMessage(policy=_WIRE)
    message["From"] = Address(clean(notice.organisation), addr_spec=letterhead.sender)
    message["To"] = Address(clean(notice.demand.person), addr_spec=recipient)
    message["Subject"] = subject_line(notice)
    message["Date"] = format_datetime(notice.at)
    message["Message-ID"] = message_id(notice.id)
    message["In-Reply-To"] = message_id(notice.thread)
    message["References"] = message_id(notice.thread)
    message["List-Id"] = f"<wenfeng.{letterhead.host}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(_encodable(words))
    if html is not None:
        message.add_alternative(_encodable(html), subtype="html")
        message.set_boundary(_boundary(notice))
    return message.as_bytes()


def _boundary(notice: Notice) -> str:
    """Makes what stands between the parts: the same for the same notice, where the library would take a random one.

    Both parts are in base64, since every letter has Chinese in it: no line of theirs can begin like this.
    """
    return f"==============={int(hashlib.sha256(notice.id.encode()).hexdigest(), 16) % 10**19:019d}=="


def _encodable(words: str) -> str:
    """Replaces half a surrogate pair, which YAML and JSON can hold: it would cost the whole letter."""
    return words.encode("utf-8", "replace").decode()


def _render(name: str, notice: Notice) -> str:
    facts: Mapping[str, object] = {"notice": notice, "colour": COLOURS[notice.colour]}
    return _ENVIRONMENT.get_template(name).render(facts)


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=select_autoescape(enabled_extensions=("html.j2",), default_for_string=True, default=False),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters |= {"local": local, "usual": usual}
