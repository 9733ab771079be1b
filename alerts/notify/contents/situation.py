"""How a case's wave stands when a letter is written, and what was done about it. A poster's words are made safe."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPost:
    """The wave's first negative post. `title` and `board` are None where there is none or it may not be shown.

    `url` is the site's own address, `link` a page of ours that leads there, "" without a console. `removed`: gone at
    its source; `edited_at`: when its writer last changed it, None for never.
    """

    at: datetime
    source: str
    board: str | None
    title: str | None
    url: str
    link: str = ""
    edited_at: datetime | None = None
    removed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A platform that the wave came to, and how many posts it has since."""

    source: str
    first_at: datetime
    posts: int
    negative: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What posts say in nearly the same words, and how many of how many people."""

    text: str
    posts: int
    authors: int
    first_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Posts of one step of the trend, which lasts until the next one's start."""

    start: datetime
    total: int
    negative: int


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that is marked in the trend: a letter of ours, or else an act of a person."""

    at: datetime
    is_letter: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Counts of the hour before `at`, and what the index has of the wave by then.

    `before` negatives stood in the last letter, of `before_at`; None where this is the first. `peak` is the most that
    any look counted. `outlook` is a sentence about the next hours, "" where nothing can be said. `edited` and
    `removed` count negative posts that their writers or the site changed.
    """

    at: datetime
    negative: int
    total: int
    authors: int
    expected: float
    before: int | None = None
    before_at: datetime | None = None
    peak: int = 0
    peak_at: datetime | None = None
    first: FirstPost | None = None
    spread: tuple[Reached, ...] = ()
    said: tuple[Said, ...] = ()
    bars: tuple[Bar, ...] = ()
    happened: tuple[Happening, ...] = ()
    outlook: str = ""
    edited: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the claims library has on what is said now; not `sure`: a person is to compare both."""

    claim: str
    verdict: str
    statement: str
    sure: bool


@dataclass(frozen=True, slots=True)
class Deed:
    """What a person did about the case before, in words."""

    at: datetime
    by: str
    what: str
    note: str
