"""A letter in the form that a channel carries."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from alerts.notify.channel import Form, Medium
from alerts.notify.contents.letter import Letter
from alerts.notify.contents.notice import Notice, without_links
from alerts.notify.render.mail import Letterhead, mail, without_text
from alerts.notify.render.markdown import markdown
from alerts.notify.render.text import text

WIDEST = 4  # bytes of the longest character


@dataclass(frozen=True, slots=True)
class Rendered:
    """The bytes to send: as written, and without any post text for a server that objects."""

    content: bytes
    plain: bytes


def render(letter: Letter, form: Form, letterhead: Letterhead, recipient: str) -> Rendered:
    """Renders both versions. Raises ValueError only where an e-mail's address or letterhead is none."""
    return Rendered(_one(letter, form, letterhead, recipient), _one(without_text(letter), form, letterhead, recipient))


def _one(letter: Letter, form: Form, letterhead: Letterhead, recipient: str) -> bytes:
    if form.medium is Medium.MAIL:
        return mail(letter, letterhead, recipient)
    if isinstance(letter, Notice):
        letter = without_links(letter)
    return _within(form, partial(markdown if form.medium is Medium.MARKDOWN else text, letter))


def _within(form: Form, write: Callable[[int], str]) -> bytes:
    """Writes as many characters as the form's bytes hold: fewer at each try, by the bytes there were too many."""
    limit = form.limit
    while True:
        content = write(limit).encode("utf-8", "replace")
        over = len(content) - form.most_bytes if form.most_bytes is not None else 0
        if over <= 0 or limit <= 0:
            return content
        limit = max(0, min(limit, len(content.decode())) - max(1, over // WIDEST))
