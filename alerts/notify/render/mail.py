"""A letter as an e-mail: plain text first, HTML last, headers made of our own words only."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from structlog import get_logger

from alerts.notify.contents.bulletin import Bulletin
from alerts.notify.contents.letter import Letter
from alerts.notify.contents.notice import Colour, Notice
from alerts.notify.contents.phrases import address, local, usual
from alerts.notify.contents.quotes import clean
from alerts.notify.render import passages
from alerts.notify.render.blocks import FIRST_SCREEN, LEADING, blocks
from alerts.notify.render.brief import brief
from alerts.notify.render.chart import chart
from alerts.notify.render.headers import WIRE
from alerts.notify.render.subject import subject_line

TEMPLATES = Path(__file__).parent / "templates"
COLOURS = {Colour.RED: "#b3261e", Colour.ORANGE: "#b8570b", Colour.YELLOW: "#8a6a00", Colour.BLUE: "#1f5a99"}

log = get_logger()


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Whom our mail comes from; `host` is the right-hand side of every Message-ID."""

    sender: str
    host: str


def message_id(name: str) -> str:
    """Builds the Message-ID of the notice or thread of that name."""
    return f"<{name}>"


def mail(letter: Letter, letterhead: Letterhead, recipient: str) -> bytes:
    """Writes the message in RFC 5322. A template that fails is replaced by plain words that say so.

    The same letter gives the same bytes. Raises ValueError where `recipient` or the letterhead is no address.
    """
    name = "bulletin" if isinstance(letter, Bulletin) else "letter"
    withheld = isinstance(letter, Notice) and letter.withheld
    try:
        drawn = b"" if withheld else _chart(letter)
        html = None if withheld else _render(f"{name}.html.j2", letter, drawn)
        body = _Body(_render(f"{name}.txt.j2", letter, b""), html, drawn)
    except Exception:  # whatever a post or an edited template did: people must still be told
        log.exception("letter_template_failed", letter=letter.id)
        body = _Body(brief(letter), None, b"")
    return _message(letter, letterhead, recipient, body)


def without_text(letter: Letter) -> Letter:
    """Returns the same letter without a word of any post."""
    if isinstance(letter, Bulletin):
        return letter
    now = letter.situation
    if now is not None:
        first = replace(now.first, title=None, board=None) if now.first else None
        now = replace(now, said=(), first=first)
    return replace(letter, quotes=(), withheld=True, claim="", express=(), situation=now)


@dataclass(frozen=True, slots=True)
class _Body:
    """The letter in plain text and in HTML, None for none, and its picture, b"" for none."""

    words: str
    html: str | None
    picture: bytes


def _message(letter: Letter, letterhead: Letterhead, recipient: str, body: _Body) -> bytes:
    person, before = letter.person if isinstance(letter, Bulletin) else letter.demand.person, _before(letter)
    message = EmailMessage(policy=WIRE)
    message["From"] = Address(clean(letter.organisation), addr_spec=letterhead.sender)
    message["To"] = Address(clean(person), addr_spec=recipient)
    message["Subject"] = subject_line(letter)
    message["Date"] = format_datetime(letter.at)
    if isinstance(letter, Notice) and letter.reply_to:
        message["Reply-To"] = Address(addr_spec=letter.reply_to)
    message["Message-ID"] = message_id(letter.id)
    if before:
        message["In-Reply-To"] = message_id(before[-1])
        message["References"] = " ".join(map(message_id, before))
    message["List-Id"] = f"<wenfeng.{letterhead.host}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(_encodable(body.words))
    if body.html is not None:
        message.add_alternative(_encodable(body.html), subtype="html")
        message.set_boundary(_boundary(letter.id))
        if body.picture:
            _put_in(message, body.picture, letter)
    return message.as_bytes()


def _put_in(message: EmailMessage, picture: bytes, letter: Letter) -> None:
    """Puts the picture beside the HTML, which shows it by its name: nothing is fetched from anywhere."""
    html = message.get_body(("html",))
    assert isinstance(html, EmailMessage), "it was added just now"
    html.add_related(picture, "image", "png", cid=message_id(_picture_name(letter)), disposition="inline")
    html.set_boundary(_boundary(f"picture of {letter.id}"))


def _picture_name(letter: Letter) -> str:
    return f"trend.{hashlib.sha256(letter.id.encode()).hexdigest()[:16]}@{letter.id.rpartition('@')[2]}"


def _chart(letter: Letter) -> bytes:
    if isinstance(letter, Bulletin) or letter.situation is None:
        return b""
    return chart(letter.situation.bars, letter.situation.happened)


def _before(letter: Letter) -> tuple[str, ...]:
    """Names what the letter belongs to: its thread, then what it answers."""
    answers = letter.answers if isinstance(letter, Bulletin) else ""
    return tuple(filter(None, (letter.thread, answers)))


def _boundary(name: str) -> str:
    """Makes what stands between the parts: the same for the same letter, where the library would take a random one.

    All parts are in base64, since every letter has Chinese in it: no line of theirs can begin like this.
    """
    return f"==============={int(hashlib.sha256(name.encode()).hexdigest(), 16) % 10**19:019d}=="


def _encodable(words: str) -> str:
    """Replaces half a surrogate pair, which YAML and JSON can hold: it would cost the whole letter."""
    return words.encode("utf-8", "replace").decode()


def _render(name: str, letter: Letter, picture: bytes) -> str:
    told = blocks(letter)
    facts: Mapping[str, object] = {
        "letter" if isinstance(letter, Bulletin) else "notice": letter,
        "colour": COLOURS[letter.colour],
        "blocks": told,
        "leading": [block for block in told if block.part in LEADING],
        "sections": [block for block in told if block.part not in FIRST_SCREEN | LEADING],
        "picture": _picture_name(letter) if picture else "",
    }
    return _ENVIRONMENT.get_template(name).render(facts)


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=select_autoescape(enabled_extensions=("html.j2",), default_for_string=True, default=False),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters |= {"local": local, "usual": usual, "address": address}
_ENVIRONMENT.globals["says"] = passages
