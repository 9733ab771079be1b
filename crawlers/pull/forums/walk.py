"""What a forum's walk decides, without asking for anything: which page next, when a list ends, what an answer means."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

from crawlers.edge import identify
from crawlers.pages.forum import BoardListing, Refusal, ThreadPage
from crawlers.pull.forums.revisits import CLOSED_AGAIN, DOUBTED_AGAIN, next_visit
from crawlers.pull.forums.views import USUAL
from stream.messages import Kind, Post

THREAD_PAGES = 1000  # a bound, not a target
HOPS = 3  # redirects of one thread to itself, as sites with rewritten addresses have one


@dataclass(slots=True)
class Trail:
    """The pages of one list, or of one thread, that a crawl asked for: `number` of them so far, from the first on."""

    first: str
    number: int = 1
    _asked: set[str] = field(default_factory=set)
    _shown: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._asked.add(self.first)

    def is_due(self, page: int | None, ids: Collection[str]) -> bool:
        """Tells whether a page that came is the one that was asked for.

        Beyond its last page a forum shows the first one again, or the last. Where pages bear no number (`page` is
        None), one that shows nothing but what was shown before is such a page.
        """
        if page is not None:
            return page == self.number
        repeated = bool(self._shown) and self._shown.issuperset(ids)
        self._shown.update(ids)
        return not repeated

    def follow(self, address: str | None, most: int) -> str | None:
        """Finds the address to ask for next, None at the end: the last page, `most` pages, or a link back."""
        if address is None or self.number >= most or address in self._asked:
            return None
        self._asked.add(address)
        self.number += 1
        return address


@dataclass(slots=True)
class ListWalk:
    """One way through a board's list. It `may_stop` at a page without news if the last one came to the list's end.

    `again` tells that it goes over a list that the crawl walks, or walked, already. `view` is the one that it reads.
    """

    board: str
    trail: Trail
    may_stop: bool
    again: bool = False
    view: str = USUAL

    def begin_anew(self, view: str, first: str) -> None:
        """Begins again with the first page of another view, whose pages are cut elsewhere."""
        self.view, self.trail = view, Trail(first)

    @property
    def is_live(self) -> bool:
        """Tells whether what this page shows may be new on the site, and not only new to us."""
        return self.may_stop or self.trail.number == 1

    def following(self, listing: BoardListing, news: Collection[str], most: int) -> str | None:
        """Finds the next page of the list while there may be news on it; sticky threads are on page one, old or new."""
        return self.trail.follow(listing.next, most) if self._goes_on(listing, news) else None

    def whole(self, listing: BoardListing, news: Collection[str], most: int) -> bool | None:
        """Tells of a walk that ends at a page whether that is the last one; None where all behind it is known."""
        if listing.cut:
            return False
        if listing.next is None:
            return True
        return False if self._goes_on(listing, news) and self.trail.number >= most else None

    def _goes_on(self, listing: BoardListing, news: Collection[str]) -> bool:
        ordinary = any(row.thread in news for row in listing.threads if not row.sticky)
        return ordinary or not self.may_stop or not listing.by_last_post


@dataclass(slots=True)
class Visit:
    """One reading of a thread from end to end; `pages` are the native ids that each page showed.

    `shorter` tells that the thread lost posts meanwhile: a page that was to come was no longer there. `priority` is
    among the requests of the crawl. `strange` is an address of nobody's form to which the page redirected. `cut` are
    posts with more comments than were shown. `title` and `board` are what its pages told so far, for those
    that tell neither. `view` is the one that it reads.
    """

    thread: str
    trail: Trail
    opening: str | None = None
    pages: list[list[str]] = field(default_factory=list)
    hops: int = 0
    shorter: bool = False
    title: str = ""
    board: str | None = None
    priority: int = 0
    strange: str = ""
    cut: set[str] = field(default_factory=set)
    view: str = USUAL

    def begin_anew(self, view: str, first: str) -> None:
        """Begins again with the first page of another view, whose pages are cut elsewhere."""
        self.view, self.trail, self.opening = view, Trail(first), None
        self.hops, self.shorter, self.strange = 0, False, ""
        self.pages.clear()
        self.cut.clear()

    def shows(self, page: ThreadPage) -> bool:
        """Takes a page into the reading; whether it belongs to it.

        Posts that were not understood stand behind the others: out of order, so that absences are doubted.
        """
        ids = [one.native_id for one in page.observations] + list(page.unreadable)
        if not self.trail.is_due(page.page, ids):
            self.shorter = True
            return False
        self.opening = page.opening
        self.pages.append(ids)
        for one in page.observations:
            self.title, self.board = self.title or one.title, self.board or one.board
        self.cut.update(page.cut or ())
        self.hops, self.strange = 0, ""
        return True

    def knowable(self, known: Mapping[str, Post]) -> Mapping[str, Post]:
        """Finds the known posts that this reading must have shown if they are still there."""
        sites = {post.site for post in known.values()}
        cut = {identify(site, one) for site in sites for one in self.cut}
        hidden = (name for name, post in known.items() if post.kind is Kind.COMMENT and post.parent_id in cut)
        return {name: known[name] for name in known.keys() - set(hidden)} if cut else known


class Redirection(Enum):
    """Where the redirect of a thread leads."""

    ITSELF = auto()  # under another address
    CIRCLE = auto()  # to itself once too often
    MERGED = auto()  # to the thread that it became part of
    DOOR = auto()  # to the login
    STRANGE = auto()  # to an address of the site's own making, which may be the thread's


_DOOR = re.compile(
    r"log-?_?(?:in|ging)|sign-?_?(?:in|up)|register|passport|(?:member|connect|invite)\.php", re.IGNORECASE
)


def redirection(visit: Visit, target: str | None, address: str = "") -> Redirection:
    """Tells what a redirect to `address`, which is the thread `target`'s, means; None being no thread's."""
    if target is None and (_DOOR.search(address) or not address):
        return Redirection.DOOR
    if target is None:
        return Redirection.STRANGE if visit.hops < HOPS else Redirection.CIRCLE
    if target != visit.thread:
        return Redirection.MERGED
    return Redirection.ITSELF if visit.hops < HOPS else Redirection.CIRCLE


class Reaction(Enum):
    """What a refusal leads to."""

    PASS_BY = auto()  # a board that is closed to us is not ours to read
    WITHDRAW = auto()  # the thread is gone with all its posts
    SHUT_OUT = auto()  # the thread is for members only: what was public is so no more, and it is tried again later
    COUNT = auto()  # a page not understood, and where it happens on pages one after another, a closed site
    LEAVE = auto()  # the site does not want programs


ON_INDEX: Mapping[Refusal, Reaction] = dict.fromkeys(Refusal, Reaction.LEAVE)
ON_BOARD: Mapping[Refusal, Reaction] = {
    Refusal.GONE: Reaction.PASS_BY,
    Refusal.PERMISSION: Reaction.PASS_BY,
    Refusal.CLOSED: Reaction.COUNT,
    Refusal.FLOOD_GUARD: Reaction.LEAVE,
    Refusal.CAPTCHA: Reaction.LEAVE,
}
ON_THREAD: Mapping[Refusal, Reaction] = {
    Refusal.GONE: Reaction.WITHDRAW,
    Refusal.PERMISSION: Reaction.SHUT_OUT,
    Refusal.CLOSED: Reaction.COUNT,
    Refusal.FLOOD_GUARD: Reaction.LEAVE,
    Refusal.CAPTCHA: Reaction.LEAVE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitEnd:
    """What a visit leaves: posts to withdraw, and when to come again (None: when the thread's counters move)."""

    withdrawn: tuple[Post, ...] = ()
    due_at: datetime | None = None
    published_at: datetime | None = None


def read_through(known: Mapping[str, Post], gone: Collection[str], now: datetime) -> VisitEnd:
    """Ends a visit that saw every page; `known` are the thread's posts, `gone` those of them that it lacks now."""
    published_at = min((post.published_at for post in known.values() if post.published_at), default=None)
    return VisitEnd(
        withdrawn=tuple(known[native_id] for native_id in known if native_id in gone),
        due_at=next_visit(published_at, now, (post.published_at for post in known.values() if post.published_at)),
        published_at=published_at,
    )


def thread_gone(known: Mapping[str, Post]) -> VisitEnd:
    """Ends a visit to a thread that is no longer there."""
    return VisitEnd(withdrawn=tuple(known.values()))


def shut_out(known: Mapping[str, Post], now: datetime) -> VisitEnd:
    """Ends a visit to a thread that is for members only, now or always: what was public is so no more.

    The same as where its forum hides one reply: what a guest cannot read is not shown as if he could.
    """
    return VisitEnd(withdrawn=tuple(known.values()), due_at=now + CLOSED_AGAIN)


def at_the_door(known: Mapping[str, Post], missed_before: Collection[str], now: datetime) -> VisitEnd:
    """Ends a visit that led to the login. Only the second time it is believed: a forum's own word would be another."""
    if not known or len(missed_before) == len(known):
        return shut_out(known, now)
    return untold(now)


def untold(now: datetime) -> VisitEnd:
    """Ends a visit that told nothing of the thread: what was public may well be so still."""
    return VisitEnd(due_at=now + DOUBTED_AGAIN)


def merged() -> VisitEnd:
    """Ends a visit to a thread that is another one now: its posts are seen there."""
    return VisitEnd()
