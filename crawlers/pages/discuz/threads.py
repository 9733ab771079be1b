"""A thread's page: its posts as observations."""

import re
from dataclasses import dataclass
from datetime import datetime

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from crawlers.pages.discuz.address import author_id, board_id, post_url, thread_id, thread_url
from crawlers.pages.discuz.answer import Page, heal, number, place, words
from crawlers.pages.discuz.body import brings_files, quoted, words_of
from crawlers.pages.discuz.comments import PostComment, comments, has_more
from crawlers.pages.discuz.moments import edit_time, told_time
from crawlers.pages.forum import ThreadPage
from crawlers.pages.observation import Observation
from crawlers.pages.times import not_understood, read_time
from crawlers.pages.xpath import Elements, Words
from stream.errors import Rejected
from stream.messages import Counts, Kind

_BOARD_LINKS = Elements(".//a[contains(@href,'mod=forumdisplay') or contains(@href,'forum-')]")
_LOCKED = Elements(".//div[@class='locked']")
_COUNTS = Elements(".//span[@class='xi1']")
_AUTHORS = Elements(".//div[contains(concat(' ',@class,' '),' authi ')]//a[@href]")
_DIGITS = "0123456789"
_PREFIX = "pid:"  # of native ids, so that a post and a thread of one number stay two
_COMMENT = "/comment:"  # between the post's number and the comment's name
_TOO_LONG = 20  # digits: no id is
_FLOORS = {"楼主": 1, "沙发": 2, "板凳": 3, "地板": 4, "樓主": 1, "沙發": 2}
_IDENTITY = Words("//script[contains(.,'tid = parseInt')]")
_TID = re.compile(r"tid\s*=\s*parseInt\('(\d+)'")


class _Post:
    """One post's part of the page: what it is made of is told by ids that end in its number."""

    def __init__(self, element: HtmlElement, name: str) -> None:
        self.element, self.pid = element, name.removeprefix("post_")
        self.named: dict[str, HtmlElement] = {}

    def part(self, name: str) -> HtmlElement | None:
        """Finds the first element that is called so, with the post's number behind it."""
        return self.named.get(f"{name}{self.pid}")

    def words(self, name: str) -> str:
        """Reads what stands there, empty where there is no such part."""
        part = self.part(name)
        return "" if part is None else str(part.text_content()).strip()

    def below(self) -> HtmlElement | None:
        """Finds the place where its comments stand, None where there are none."""
        place = self.part("comment_")
        return place if place is not None and place.tag == "div" and len(place) else None


@dataclass(frozen=True, slots=True)
class _About:
    page: Page
    tid: str
    at: datetime
    opening: str | None
    title: str
    board: str | None
    counts: Counts
    with_files: bool


def thread_page(page: Page, tid: str, home: str, *, at: datetime, opening: str | None = None) -> ThreadPage:
    """Reads a thread's page. `at` is the server's clock at the answer, `opening` what page one of the thread told.

    Posts that nobody without an account can read (shielded, author banned) are not among the observations. Raises
    `Rejected("layout")` where there are no posts.
    """
    posts = _posts(page)
    subject = next(page.named_as("thread_subject"), None)
    if not posts or subject is None:
        raise Rejected("layout", "no posts on a thread's page")
    shown, pages = place(page)
    if shown == 1 and opening is None:
        opening = native(posts[0].pid)
    files = brings_files(page.root)
    about = _About(page, tid, at, opening, words(subject, page), _board(page), _counts(page), files)
    cells = {post.pid: (post, post.part("postmessage_")) for post in posts}
    unknown = [pid for pid, (post, cell) in cells.items() if cell is None and _LOCKED.first(post.element) is None]
    return ThreadPage(
        page=shown,
        next=thread_url(home, tid, shown + 1) if shown < pages else None,
        opening=opening,
        observations=tuple(
            one for post, cell in cells.values() if cell is not None for one in _observations(post, cell, about)
        ),
        unreadable=tuple(map(native, unknown)),
        cut=tuple(native(pid) for pid, (post, _) in cells.items() if _is_cut(post)) or None,
        thread=_identity(page),
    )


def _posts(page: Page) -> list[_Post]:
    """Finds the posts; each has the named elements from its beginning to that of the next, of one name the first."""
    posts: list[_Post] = []
    for name, element in page.named:
        if _is_post(name) and element.tag == "div":
            posts.append(_Post(element, name))
        elif posts:
            posts[-1].named.setdefault(name, element)
    return posts


def _is_post(name: str) -> bool:
    return name.startswith("post_") and not name.removeprefix("post_").strip(_DIGITS)


def _is_cut(post: _Post) -> bool:
    place = post.below()
    return place is not None and has_more(place)


def _identity(page: Page) -> str | None:
    """Finds which thread a page is, by its address or, where that tells nothing, by its scripts."""
    known = thread_id(page.url)
    told = None if known is not None else _TID.search(_IDENTITY.of(page.root))
    return told[1] if told else known


def number_of(native_id: str) -> int | None:
    """Reads the number in a post's native id, None where it is no number that a database would give.

    A comment stands where its post does.
    """
    digits = native_id.removeprefix(_PREFIX).partition(_COMMENT)[0]
    return int(digits) if digits.isdecimal() and len(digits) < _TOO_LONG else None


def _observations(post: _Post, cell: HtmlElement, about: _About) -> list[Observation]:
    """Reads a post and the comments below it."""
    own = _observation(post, cell, about)
    place = post.below()
    return [own, *(_comment(one, own, about) for one in (comments(place) if place is not None else ()))]


def _observation(post: _Post, cell: HtmlElement, about: _About) -> Observation:
    pid = post.pid
    native_id = native(pid)
    told = _time(post)
    published_at, precision = read_time(told, about.at)
    edited_at = edited(cell, about.at)
    answered = quoted(cell, about.tid)
    first = native_id == (about.opening or native_id)
    return Observation(
        native_id=native_id,
        kind=Kind.THREAD if first else Kind.REPLY,
        thread=about.opening or native_id,
        parent=None if answered in (None, pid) else native(answered),
        board=about.board,
        floor=floor_of(post.words("postnum")),
        url=thread_url(about.page.url, about.tid) if first else post_url(about.page.url, about.tid, pid),
        title=about.title,
        text=heal(words_of(post.element, cell, first=first, with_files=about.with_files), about.page.encoding),
        author=_author(post),
        published_at=published_at,
        published_precision=precision,
        unread_time=not_understood(told, published_at),
        edited_at=edited_at,
        counts=about.counts if first else Counts(),
    )


def _comment(comment: PostComment, post: Observation, about: _About) -> Observation:
    published_at, precision = read_time(comment.told_time, about.at)
    return Observation(
        native_id=f"{post.native_id}{_COMMENT}{comment.name}",
        kind=Kind.COMMENT,
        thread=post.thread,
        parent=post.native_id,
        board=post.board,
        url=post.url,
        title=post.title,
        text=heal(comment.text, about.page.encoding),
        author=comment.author,
        published_at=published_at,
        published_precision=precision,
        unread_time=not_understood(comment.told_time, published_at),
    )


def _time(post: _Post) -> str:
    """Finds the words for when it was published, empty where there are none."""
    element = post.part("authorposton")
    return "" if element is None else told_time(element)


def _author(post: _Post) -> str | None:
    """Finds the writer: beside the post, or where X2, and an owner's setting, show it, above the text."""
    beside = post.part("favatar")
    links = () if beside is None else beside.iterdescendants("a")
    known = next((author_id(one.get("href", "")) for one in links if "xw1" in one.get("class", "").split()), None)
    above = () if known else (author_id(one.get("href", "")) for one in _AUTHORS.all(post.element))
    return known or next(filter(None, above), None)


def edited(cell: HtmlElement, at: datetime) -> datetime | None:
    """Reads when its writer, or a moderator, edited a post last, where its text says so."""
    return read_time(edit_time(cell), at)[0]


def floor_of(told: str) -> int | None:
    """Reads which post of its thread one is, from what stands for that: `楼主`, `31#`."""
    name = "".join(told.split())
    return _FLOORS.get(name) or number(name)


def _counts(page: Page) -> Counts:
    parts = (part for posts in page.named_as("postlist", "div") for part in posts.iterdescendants("div"))
    head = next((part for part in parts if "hm" in part.get("class", "")), None)
    numbers = [] if head is None else [number(element.text_content()) for element in _COUNTS.all(head)]
    return Counts(views=numbers[0], replies=numbers[1]) if len(numbers) > 1 else Counts()


def _board(page: Page) -> str | None:
    links = (link for crumbs in page.named_as("pt", "div") for link in _BOARD_LINKS.all(crumbs))
    homes = page.addresses()
    crumbs = [link for link in links if board_id(link.get("href", ""), *homes)]
    return words(crumbs[-1], page) if crumbs else None


def native(pid: str) -> str:
    """Writes a post's number as its native id."""
    return f"{_PREFIX}{pid}"
