"""What people are told and not asked for anything: a brief, a digest, an answer, word of what others did."""

from dataclasses import dataclass
from datetime import datetime

from alerts.notify.contents.notice import Colour


@dataclass(frozen=True, slots=True)
class Section:
    """Lines under a title, which may be empty."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulletin:
    """The whole of it, for one person. Every text is ours or the configuration's, or was made safe as quotes are.

    `id` is the same for the same bulletin for ever, `thread` that of what it belongs to, "" for nothing. `answers` is
    the Message-ID of a mail that it answers, without brackets, "" for none. A line that is the `link` can be opened.
    """

    id: str
    at: datetime
    organisation: str
    person: str
    subject: str
    headline: str
    sections: tuple[Section, ...]
    colour: Colour = Colour.BLUE
    thread: str = ""
    answers: str = ""
    link: str = ""
