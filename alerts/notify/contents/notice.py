"""What one person is told on one occasion, before any medium gives it a form: facts, words of ours, and a demand.

A notice is made once, when it is queued, and kept as JSON with the row that delivers it. `VERSION` goes up with every
change that an older notice in an outbox does not survive; `read_notice` then says how the older one is read.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from pydantic import TypeAdapter

from alerts.notify.contents.quotes import Quote
from alerts.notify.contents.situation import Answer, Deed, Situation

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
    STATEMENT = "statement"  # wording to be approved by a second person
    VERDICT = "verdict"
    ASSIGNED = "assigned"
    SUPERVISED = "supervised"
    REGRADED = "regraded"
    REMEDY = "remedy"
    MERGED = "merged"
    SPLIT = "split"
    CLEAR = "clear"
    TROUBLE = "trouble"  # not the public: a source or a part of ours


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
    """What is asked of whom by when; `next_desk` is who is asked then, "" where nobody is left.

    `key` is the step's key in the workflow, "" in a notice of before. `link` is the console's page of the case, ""
    where there is no console.
    """

    person: str
    desk: str
    step: str
    due_at: datetime
    next_desk: str
    commands: tuple[Command, ...]
    key: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """The whole of it. `id` is the same for the same notice for ever, by whatever channel; `thread` is its case's.

    `headline` and every other text is ours or the configuration's. A poster's, made safe, are `quotes`, `claim` (what
    is said, in one line), `express`, and what `situation` has of them; `withheld` says that they were left out.
    `danger` is the line about claimed dangers, "" where none is claimed. `figures` are what the case was written about,
    `situation` how it stands at `at`, None where the index was away, which `unsearched` then says.
    `numbers` are scores and thresholds, for who wants them; a notice of before has them among its reasons.

    `verdict` is in words, "" before there is one; `previous_verdict` that of before the case was opened again.
    `known` and `unknown` are what was verified and what the step has to find out; `deeds` what others did, the last
    first; `statement` the wording that is approved or to be; `answered` what the claims library says; `express` a
    draft of the report upward. `informed` get the same letter now, `informed_before` had one before. A `copy` is for
    who is to know: its demand is somebody else's. `reply_to` and `reply_code` are where an answer goes and what it is
    known by, "" where nobody reads answers. An `exercise` is made up. `signing` is the link that signs for the case by
    the `digits` typed there, `welcome` the one that sets a password: for this person's own mail, never for a chat.
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
    figures: Figures | None  # None where nothing was counted: trouble of our own
    danger: str
    reasons: tuple[str, ...]
    grading: tuple[str, ...]
    quotes: tuple[Quote, ...]
    withheld: bool = False
    sources: tuple[SourceLine, ...]
    demand: Demand
    dashboard: str
    numbers: tuple[str, ...] = ()
    claim: str = ""
    situation: Situation | None = None
    unsearched: bool = False
    verdict: str = ""
    previous_verdict: str = ""
    known: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    deeds: tuple[Deed, ...] = ()
    statement: str = ""
    answered: Answer | None = None
    express: tuple[str, ...] = ()
    informed: tuple[str, ...] = ()
    informed_before: tuple[str, ...] = ()
    copy: bool = False
    reply_to: str = ""
    reply_code: str = ""
    exercise: bool = False
    signing: str = ""
    digits: str = ""
    welcome: str = ""


def as_copy(notice: Notice, asked: str) -> Notice:
    """Makes a copy of the notice for somebody who is asked for nothing; `asked` are the names of those who are."""
    return replace(notice, copy=True, demand=replace(notice.demand, person=asked, commands=()))


def without_links(notice: Notice) -> Notice:
    """Returns the notice without what is for one person's eyes: a group of a chat is read by many."""
    return replace(notice, signing="", digits="", welcome="")


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
