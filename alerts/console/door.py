"""What a page is made of: a door that says who may come in, what it shows and what is done there.

A view is a function of a `Visit` and returns what to answer. There is a visit only once it is known who came and that
the door lets them in: to forget the check is not possible. A view reads through `alerts/desk/` and acts through the
functions that the command line acts through; `Refused` becomes a sentence on a page.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Generic, TypeVar
from urllib.parse import urlencode

from starlette.datastructures import FormData, QueryParams
from starlette.responses import Response

from alerts.casefile.context import CaseContext
from alerts.console.keeping import Keeping
from alerts.notify.console import ConsoleConfig
from alerts.people.directory import Person
from stream.config import StreamConfig
from stream.errors import Retryable

T = TypeVar("T")
Facts = Mapping[str, object]


class Admitted(Enum):
    """Whom a door lets in."""

    ANYBODY = "anybody"  # nobody need have signed in; the view is given no person
    STAFF = "staff"
    ADMINISTRATORS = "administrators"


@dataclass(frozen=True, slots=True)
class Premises:
    """What the console stands on: casework's engines and names, its own configuration, and the files' folders.

    `kept` is what the process keeps between visits.
    """

    context: CaseContext
    console: ConsoleConfig
    stream: StreamConfig
    configs: Path
    kept: Keeping = field(default_factory=Keeping, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What came with a request, read; whoever sent it. `path` holds the parts named in the door's path.

    `client` is the address it came from; `seen` what a browser says it is.
    """

    premises: Premises
    now: datetime
    method: str
    at: str
    path: Mapping[str, str]
    query: QueryParams
    form: FormData
    client: str
    seen: str = ""

    @property
    def context(self) -> CaseContext:
        return self.premises.context

    def field(self, name: str) -> str:
        """Returns what was typed into a field, without blanks round it; "" for a field that is not there, or a file."""
        found = self.form.get(name, "")
        return found.strip() if isinstance(found, str) else ""

    def asked(self, name: str) -> str:
        """Returns what the address says behind `?name=`; "" where it says nothing."""
        return self.query.get(name, "").strip()

    @property
    def number(self) -> int:
        """The number in a path with `{number}`; `Missing` where there is none."""
        found = number_in(self.path["number"])
        if found is None:
            raise Missing
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit(Call):
    """A call of somebody who signed in: `person` of alerts.yml, whose key is `key`."""

    person: Person
    key: str
    session: str
    told: str = ""

    @property
    def is_administrator(self) -> bool:
        return self.key in self.premises.console.administrators


@dataclass(frozen=True, slots=True)
class Shown:
    """A page: its template, what stands in it, and the status."""

    template: str
    facts: Facts = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True, slots=True)
class Moved:
    """The answer to an act: the page to be looked at now, and what is told there, once."""

    to: str
    told: str = ""


Answer = Shown | Moved | Response
View = Callable[[Visit], Answer]
OpenView = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A page's path, as Starlette writes them, with what it shows (GET) and what is done there (POST)."""

    path: str
    show: View | None = None
    act: View | None = None
    administrators: bool = False

    @property
    def who(self) -> Admitted:
        return Admitted.ADMINISTRATORS if self.administrators else Admitted.STAFF

    @property
    def methods(self) -> frozenset[str]:
        return _methods(self.show, self.act)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDoor:
    """A page for people who have not signed in: signing in, a signed link of a letter. It does its own checks."""

    path: str
    show: OpenView | None = None
    act: OpenView | None = None

    @property
    def who(self) -> Admitted:
        return Admitted.ANYBODY

    @property
    def methods(self) -> frozenset[str]:
        return _methods(self.show, self.act)


def _methods(show: object, act: object) -> frozenset[str]:
    return frozenset((["GET"] if show else []) + (["POST"] if act else []))


class Missing(LookupError):
    """Raised for what is not there, or not for this person; the page says where to look instead."""

    def __init__(self, what: str = "") -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True, slots=True)
class Fetched(Generic[T]):
    """A part of a page that could be read, or why it could not: the rest is shown."""

    value: T | None = None
    why: str = ""

    @property
    def is_there(self) -> bool:
        return not self.why


def number_in(text: str) -> int | None:
    """Reads a number such as those of cases; None for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def attempt(read: Callable[[], T], what: str) -> Fetched[T]:
    """Reads a part of a page; an engine that is away leaves a sentence in its place."""
    try:
        return Fetched(read())
    except Retryable as error:
        return Fetched(why=f"{what}暂时读不到，请稍后刷新（{error.reason}）")


def address(path: str, **query: object) -> str:
    """Writes an address of ours with what is asked of it; what is empty is left out. Lists are repeated."""
    pairs: list[tuple[str, str]] = []
    for name, value in query.items():
        for one in value if isinstance(value, list | tuple) else (value,):
            if one not in ("", None, False):
                pairs.append((name, "1" if one is True else str(one)))
    return f"{path}?{urlencode(pairs)}" if pairs else path
