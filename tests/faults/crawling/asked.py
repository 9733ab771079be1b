"""What a site was asked, and what of it was allowed: no page again but for a reason that the crawler's rules give.

The site's own log is judged, request by request, against what the crawler can know by then. Allowed are

- robots.txt, the index and the first page of every list, once a crawl;
- a further page of a list, once a crawl, where the page before it showed news, or where the last way through this list
  was cut off after it had met news;
- a thread, page by page from its first one, where a list shows it for the first time or moved, where its age says so
  (`crawlers/pull/forums/revisits.py`), and where a kill cut its reading off.

`FLIGHT` is the overlap: how many requests before a kill may be without effect.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit

from crawlers.pull.forums.revisits import OLD, next_visit
from scripts.demo.pages import POSTS_A_PAGE, THREADS_A_PAGE
from scripts.demo.when import exact, relative, titled
from scripts.demo.world import Row, World

FLIGHT = 1
SWEPT = timedelta(days=1)  # no thread is looked at again by the sweep any sooner


class Sort(StrEnum):
    """Kinds of pages."""

    ROBOTS = "robots.txt"
    INDEX = "index"
    LIST = "list, first page"
    OLDER = "list, further pages"
    THREAD = "thread"


class Why(StrEnum):
    """Reasons to ask for a page."""

    FIRST = "first time"
    EACH = "each crawl"
    NEWS = "news on the page before"
    MOVED = "moved"
    DUE = "due by age"
    KILLED = "cut off by a kill"
    NONE = "beyond"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as the site logged it; `crawl` numbers the process that made it."""

    crawl: int
    at: datetime
    path: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What the site answered: `listed` are a list's threads with what their rows say, `posts` the times of a thread's.

    `last` tells that no page follows, `gone` that there is no such thread.
    """

    sort: Sort
    name: str = ""
    number: int = 1
    listed: Mapping[str, str] = field(default_factory=dict)
    sticky: frozenset[str] = frozenset()
    posts: tuple[datetime, ...] = ()
    last: bool = True
    gone: bool = False


@dataclass(slots=True)
class Judged:
    """How often which page was asked for, and why; `breaches` in words."""

    why: Counter[tuple[Sort, Why]] = field(default_factory=Counter)
    pages: Counter[tuple[Sort, str, int]] = field(default_factory=Counter)
    breaches: list[str] = field(default_factory=list)
    cut: list[int] = field(default_factory=list)  # of every kill: threads whose reading it cut off


def shown(world: World, asked: Asked) -> Shown:
    """What stood on the page that was asked for, at that moment."""
    parts, now = urlsplit(asked.path), asked.at
    told = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    number = int(told.get("page", 1))
    if parts.path == "/robots.txt":
        return Shown(Sort.ROBOTS)
    if told.get("mod") == "forumdisplay":
        fid = int(told["fid"])
        rows = world.listed(fid, now)
        part = rows[(number - 1) * THREADS_A_PAGE : number * THREADS_A_PAGE]
        pinned = world.pinned(fid, now) if number == 1 else []
        return Shown(
            Sort.LIST if number == 1 else Sort.OLDER, told["fid"], number,
            listed={str(row.thread.tid): _counters(row, now) for row in (*pinned, *part)},
            sticky=frozenset(str(row.thread.tid) for row in pinned),
            last=number * THREADS_A_PAGE >= len(rows),
        )  # fmt: skip
    if told.get("mod") == "viewthread":
        if world.thread(int(told["tid"]), now) is None:
            return Shown(Sort.THREAD, told["tid"], number, gone=True)
        posts = world.posts(int(told["tid"]), now)
        part = posts[(number - 1) * POSTS_A_PAGE : number * POSTS_A_PAGE]
        last = number * POSTS_A_PAGE >= len(posts)
        return Shown(Sort.THREAD, told["tid"], number, posts=tuple(post.at for post in part), last=last)
    return Shown(Sort.INDEX)


def judge(world: World, log: Sequence[Asked], killed: Iterable[int]) -> Judged:
    """Judges every request; `killed` numbers the crawls that did not end by themselves."""
    book, dead = _Book(world), frozenset(killed)
    crawls: dict[int, list[Asked]] = {number: [] for number in dead}
    for asked in log:
        crawls.setdefault(asked.crawl, []).append(asked)
    for number in sorted(crawls):
        book.open()
        requests = crawls[number]
        flying = len(requests) - (FLIGHT if number in dead else 0)
        for place, asked in enumerate(requests):
            book.take(asked, flying=place >= flying)
        if number in dead:
            book.kill()
    return book.judged


@dataclass(slots=True)
class _Thread:
    """One thread, by what was asked of it: `owed` is why it may be read, `due_at` when it may by its age.

    `next` is the page that goes on with the reading of this crawl, None where there is none.
    """

    owed: Why | None = Why.FIRST
    due_at: datetime | None = None
    next: int | None = None
    known: set[datetime] = field(default_factory=set)


class _Book:
    """What a crawler can know by the answers it got."""

    def __init__(self, world: World) -> None:
        self.judged = Judged()
        self._world = world
        self._rows: dict[str, str] = {}
        self._threads: dict[str, _Thread] = {}
        self._walked: dict[str, bool] = {}  # lists whose last way came to its end
        self._news: dict[tuple[str, int], bool] = {}
        self._asked: set[tuple[Sort, str, int]] = set()
        self._whole: set[str] = set()

    def open(self) -> None:
        """Begins a crawl; one that ended by itself left nothing half read."""
        half = [name for name, thread in self._threads.items() if thread.next is not None]
        self.judged.breaches += [f"thread {name} was left half read" for name in half]
        self._asked.clear()
        self._news.clear()
        self._whole = {name for name, walked in self._walked.items() if not walked}

    def kill(self) -> None:
        """Ends a crawl in the middle: what was begun is begun anew."""
        cut = [thread for thread in self._threads.values() if thread.next is not None]
        for thread in cut:
            thread.owed, thread.next = Why.KILLED, None
        self.judged.cut.append(len(cut))
        if len(cut) > 1:
            self.judged.breaches.append(f"a kill cut off {len(cut)} threads at once")

    def take(self, asked: Asked, *, flying: bool) -> None:
        """Judges one request; a `flying` one may have had no effect."""
        page = shown(self._world, asked)
        place = (page.sort, page.name, page.number)
        self.judged.pages[place] += 1
        why = self._read(page, asked, flying) if page.sort is Sort.THREAD else self._listed(page, place, flying)
        self.judged.why[page.sort, why] += 1
        if why is Why.NONE:
            self.judged.breaches.append(f"crawl {asked.crawl} asked for {asked.path} at {asked.at:%H:%M:%S.%f}")
        self._asked.add(place)

    def _listed(self, page: Shown, place: tuple[Sort, str, int], flying: bool) -> Why:
        why = Why.EACH
        if place in self._asked:
            why = Why.NONE
        elif page.sort is Sort.OLDER:
            why = self._further(page)
        if page.sort in (Sort.LIST, Sort.OLDER):
            self._note(page, flying)
        return why

    def _further(self, page: Shown) -> Why:
        if page.name not in self._walked:
            return Why.NONE  # its first page was not asked for
        if page.name in self._whole:
            return Why.KILLED
        return Why.NEWS if self._news.get((page.name, page.number - 1)) else Why.NONE

    def _note(self, page: Shown, flying: bool) -> None:
        news = {thread for thread, counters in page.listed.items() if self._rows.get(thread) != counters}
        for name in news:
            thread = self._threads.setdefault(name, _Thread())
            thread.owed = thread.owed or Why.MOVED
            if flying:
                self._rows.pop(name, None)
            else:
                self._rows[name] = page.listed[name]
        if page.name not in self._walked:
            self._whole.add(page.name)
        ordinary, whole = bool(news - page.sticky), page.name in self._whole
        self._news[page.name, page.number] = ordinary
        goes_on = not page.last and (ordinary or whole)
        further = ordinary or whole or page.number > 1
        self._walked[page.name] = not goes_on and not (flying and further)

    def _read(self, page: Shown, asked: Asked, flying: bool) -> Why:
        thread = self._threads.setdefault(page.name, _Thread(owed=None))
        if page.number == 1:
            why = self._begun(page, thread, asked.at)
        elif thread.next == page.number:
            why = thread.owed or Why.DUE
        else:
            why = Why.NONE
        thread.known |= set(page.posts)
        thread.next = page.number + 1
        if (page.last or page.gone) and not flying:
            thread.next, thread.owed = None, None
            thread.due_at = None if page.gone else self._due(page, thread, asked.at)
        return why

    def _begun(self, page: Shown, thread: _Thread, now: datetime) -> Why:
        twice = (page.sort, page.name, 1) in self._asked
        if twice and thread.owed is not Why.MOVED:
            return Why.NONE
        if thread.owed is not None:
            return thread.owed
        return Why.DUE if thread.due_at is not None and thread.due_at <= now else Why.NONE

    def _due(self, page: Shown, thread: _Thread, now: datetime) -> datetime | None:
        opened = self._world.threads[int(page.name)].at
        times = [next_visit(opened, now, posted) for posted in (thread.known, self._there(page, now))]
        swept = now + SWEPT if now - opened >= OLD else None
        return min((due for due in (*times, swept) if due is not None), default=None)

    def _there(self, page: Shown, now: datetime) -> Iterator[datetime]:
        return (post.at for post in self._world.posts(int(page.name), now))


def _counters(row: Row, now: datetime) -> str:
    """What a row tells of its thread, as a reader can see it: the minute of the last post, not the second."""
    fresh = relative(row.last.at, now) is not None
    return f"{row.replies} {titled(row.last.at) if fresh else exact(row.last.at)}"
