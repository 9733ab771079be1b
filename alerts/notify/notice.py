"""What one person is told on one occasion, before any medium gives it a form: facts, words of ours, and a demand.

A notice is made once, when it is queued, and kept as JSON with the row that delivers it. `VERSION` goes up with every
change that an older notice in an outbox does not survive; `read_notice` then says how the older one is read.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import TypeAdapter

from alerts.notify.quotes import Quote

VERSION = 1


class Occasion(StrEnum):
    """Why a notice is written."""

    OPENED = "opened"
    ROSE = "rose"
    REKINDLED = "rekindled"
    NEWS = "news"
    EXPECTED = "expected"
    WARNED = "warned"
    ESCALATED = "escalated"


class Colour(StrEnum):
    """How grave it is: the four colours of warnings, gravest first (国家突发公共事件总体应急预案 3.1.1)."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    BLUE = "blue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Counts of the detector's window, which ends at `at`; shares are parts of 1, `effective` has copies discounted.

    `window` is what the window is called. Where they are not `rising`, the notice is about something else than counts,
    and `since` says nothing.
    """

    since: datetime
    at: datetime
    total: int
    negative: int
    expected: float
    effective: float
    authors: int
    texts: int
    share: float
    usual_share: float
    rising: bool = True
    window: str = "近 1 小时"


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source: when it last answered, None for never, and whether it should have done so since."""

    source: str
    last_success: datetime | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class Command:
    """Something that can be done about the demand, and the command line that does it."""

    name: str
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What is asked of whom by when; `next_desk` is who is asked then, "" where nobody is left."""

    person: str
    desk: str
    step: str
    due_at: datetime
    next_desk: str
    commands: tuple[Command, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """The whole of it. `id` is the same for the same notice for ever, by whatever channel; `thread` is its case's.

    `headline` and every other text is ours or the configuration's but for `quotes`, which are a poster's, made safe.
    `danger` is the line about claimed dangers, "" where none is claimed; `withheld` says that quotes were left out.
    `numbers` are scores and thresholds, for who wants them; a notice of before has them among its reasons.
    """

    id: str
    thread: str
    occasion: Occasion
    at: datetime
    organisation: str
    case: int
    topic: str
    colour: Colour
    grade: str
    stage: str
    headline: str
    truth: str
    figures: Figures
    danger: str
    reasons: tuple[str, ...]
    grading: tuple[str, ...]
    quotes: tuple[Quote, ...]
    withheld: bool = False
    sources: tuple[SourceLine, ...]
    demand: Demand
    dashboard: str
    numbers: tuple[str, ...] = ()


_NOTICE: TypeAdapter[Notice] = TypeAdapter(Notice)


class UnreadableNotice(ValueError):
    """Raised when a kept notice is of a newer version than this program, or no notice at all."""


def write_notice(notice: Notice) -> str:
    """Writes the notice as it is kept: JSON with its version. Half a surrogate pair becomes a question mark."""
    told = json.dumps({"version": VERSION, **_NOTICE.dump_python(notice, mode="json")}, ensure_ascii=False)
    return told.encode("utf-8", "replace").decode()


def read_notice(kept: str) -> Notice:
    """Reads the notice as it was written; raises `UnreadableNotice`."""
    try:
        told = json.loads(kept)
        version = told.pop("version")
        if version != VERSION:
            raise UnreadableNotice(f"a notice of version {version}, this program knows {VERSION}")
        return _NOTICE.validate_python(told)
    except UnreadableNotice:
        raise
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UnreadableNotice(" ".join(str(error).split())[:200]) from error
