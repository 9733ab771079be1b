"""The port of forum software: what the walk asks of a forum, and what its pages say. Adapters lie beside this module.

An adapter knows one software: where its pages are and how they read. It holds no state, asks for nothing, and keeps
no time. Ids of boards and threads are the software's own, as text; nothing here takes them for numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Protocol, runtime_checkable

from crawlers.pages.observation import Observation
from stream.errors import Rejected


class Refusal(StrEnum):
    """What a forum may say instead of the page that was asked for."""

    GONE = "gone"  # deleted, never there, or waiting for a moderator: only where the forum itself says so
    PERMISSION = "permission"  # for members, or for some of them
    CLOSED = "closed"  # the whole site, or a message nobody knows
    FLOOD_GUARD = "flood_guard"  # made to keep programs out
    CAPTCHA = "captcha"


class PageRefused(Rejected):
    """Raised when a page is a refusal, not content; it is never a post."""

    def __init__(self, refusal: Refusal, told: str) -> None:
        super().__init__(refusal.value, told)
        self.refusal = refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer of a site, with HTTP's `status`.

    `at` is the server's clock, to which relative times on the page refer.
    """

    body: bytes
    url: str
    content_type: str
    at: datetime
    status: int = 200


UNTOLD = " …"  # ends counters of a view that tells the first of them alone


@dataclass(frozen=True, slots=True)
class ListedThread:
    """One row of a board's list. `counters` differ when the thread has moved since; they are compared, never read.

    Those that end with `UNTOLD` are compared as far as they go.

    A `sticky` one stands on the list's first page, or on every page, however old it is. A `gone` one is still listed,
    as one that was deleted. A `stub` stands where a thread was that is another board's now.
    """

    thread: str
    counters: str
    sticky: bool = False
    gone: bool = False
    stub: bool = False


@dataclass(frozen=True, slots=True)
class Totals:
    """How many threads and posts a site says that a board has, with the boards below it; None where it does not say."""

    threads: int | None = None
    posts: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """What an index links to: boards, `names` of those that threads tell by id alone, and `more` pages of the index.

    `totals` are by board.
    """

    boards: tuple[str, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    more: tuple[str, ...] = ()
    totals: Mapping[str, Totals] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardListing:
    """One page of a board's list, and the sub-boards that it links to.

    `page` is the number of the page shown, which may not be the one asked for; None where the software numbers none.
    `next` is the address of the page with older threads, None on the last one. `name` is what the board is called,
    `total` and `posts` how many threads and posts the site says that itself has, and `below` what it says of the boards
    below, where it does. Where the site does not list `by_last_post`, what is new may stand on any page. A list that is
    `cut` shows its newest threads alone, and has no page for the others.
    """

    page: int | None
    next: str | None
    threads: tuple[ListedThread, ...]
    boards: tuple[str, ...] = ()
    name: str = ""
    total: int | None = None
    posts: int | None = None
    below: Mapping[str, Totals] = field(default_factory=dict)
    by_last_post: bool = True
    cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadPage:
    """One page of a thread; `page` and `next` as of a list.

    `opening` is the native id of the opening post as far as this page tells it, or as it was given. `unreadable` are
    native ids of posts that stand there and were not understood; posts that the forum hides are in neither. `cut` are
    posts with more comments below them than the page shows, None where there are none. `thread` is which thread the
    page itself says that it is.
    """

    page: int | None
    next: str | None
    opening: str | None
    observations: tuple[Observation, ...]
    unreadable: tuple[str, ...] = ()
    cut: tuple[str, ...] | None = None
    thread: str | None = None


@runtime_checkable
class Rewritable(Protocol):
    """A forum software whose owners may give its pages addresses of their own making."""

    def strange_boards(self, answer: Answer) -> tuple[str, ...]:
        """Finds links of the index that seem to lead to boards and that nobody understands."""


class ListView(Protocol):
    """One way in which a forum shows its boards. Whatever is read raises as `Forum` says."""

    def board_url(self, board: str) -> str:
        """Builds the address of the first page of a board's list, ordered by last post."""

    def read_board(self, answer: Answer, board: str) -> BoardListing:
        """Reads a page of a board's list."""


class ThreadView(Protocol):
    """One way in which a forum shows its threads."""

    def thread_url(self, thread: str) -> str:
        """Builds the address of the first page of a thread."""

    def read_thread(self, answer: Answer, thread: str, opening: str | None) -> ThreadPage:
        """Reads a page of a thread; `opening` is what an earlier page of it told."""


@runtime_checkable
class Viewed(Protocol):
    """A forum software that shows the same in plainer pages too, which tell less.

    They are read, in the order given, where the usual page is not understood; ids are the same in all of them. What
    they lack was not edited and is not gone.
    """

    def plainer_lists(self) -> Mapping[str, ListView]:
        """Tells by name in which other ways the boards are shown."""

    def plainer_threads(self) -> Mapping[str, ThreadView]:
        """Tells by name in which other ways the threads are shown."""


class Forum(ListView, ThreadView, Protocol):
    """One forum. Every `read_…` raises `PageRefused` for a refusal, and `Rejected` for what it does not understand.

    `statuses` are those of HTTP, besides success, that come with a page of the software's own, which tells why.
    """

    statuses: ClassVar[frozenset[int]] = frozenset({404, 410})

    def index_url(self) -> str:
        """Tells where the boards are listed."""

    def thread_id(self, url: str) -> str | None:
        """Finds the thread that an address leads to, None where it leads elsewhere."""

    def read_boards(self, answer: Answer) -> Index:
        """Reads a page of the index: its boards, and what more it tells of them where the software tells more."""

    def rank(self, native_id: str) -> int | None:
        """Returns a number that rises in the order in which a thread's pages show its posts.

        It is None where the id tells none.
        """
