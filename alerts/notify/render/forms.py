"""A notice in the form that a channel carries."""

from dataclasses import dataclass

from alerts.notify.channel import Form, Medium
from alerts.notify.notice import Notice
from alerts.notify.render.mail import Letterhead, mail, without_text
from alerts.notify.render.markdown import markdown
from alerts.notify.render.text import text


@dataclass(frozen=True, slots=True)
class Rendered:
    """The bytes to send: as written, and without any post text for a server that objects."""

    content: bytes
    plain: bytes


def render(notice: Notice, form: Form, letterhead: Letterhead, recipient: str) -> Rendered:
    """Renders both versions. Raises ValueError only where an e-mail's address or letterhead is none."""
    return Rendered(_one(notice, form, letterhead, recipient), _one(without_text(notice), form, letterhead, recipient))


def _one(notice: Notice, form: Form, letterhead: Letterhead, recipient: str) -> bytes:
    if form.medium is Medium.MAIL:
        return mail(notice, letterhead, recipient)
    words = markdown(notice, form.limit) if form.medium is Medium.MARKDOWN else text(notice, form.limit)
    return words.encode("utf-8", "replace")
