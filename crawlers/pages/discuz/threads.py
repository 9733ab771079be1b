"""A thread's page: its posts as observations."""

import re
from dataclasses import dataclass
from datetime import datetime

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from crawlers.pages.discuz.address import author_id, board_id, post_url, thread_id, thread_url
from crawlers.pages.discuz.answer import Page, heal, number, place, words
from crawlers.pages.discuz.body import quoted, words_of
from crawlers.pages.discuz.comments import PostComment, below, comments, has_more
from crawlers.pages.forum import ThreadPage
from crawlers.pages.observation import Observation
from crawlers.pages.times import not_understood, read_time
from crawlers.pages.xpath import Elements, Words
from stream.errors import Rejected
from stream.messages import Counts, Kind

_POSTS = Elements("//div[starts-with(@id,'post_') and translate(substring(@id,6),'0123456789','')='']")
_SUBJECT = Elements("(//*[@id='thread_subject'])[1]")
_CRUMBS = Elements("//div[@id='pt']//a[contains(@href,'mod=forumdisplay') or contains(@href,'forum-')]")
_HEADER_COUNTS = Elements("(//div[@id='postlist']//div[contains(@class,'hm')])[1]//span[@class='xi1']")
_CELL = Elements(".//*[@id=$id]")
_LOCKED = Elements(".//div[@class='locked']")
_AUTHOR = Words("(.//*[@id=$id]//a[contains(concat(' ',@class,' '),' xw1 ')])[1]/@href")
_TIME_TITLE = Words(".//span/@title")
_NUMBER = Words(".//*[@id=$id]")
_EDITED = Elements("(.//i[@class='pstatus'])[last()]")
_PREFIX = "pid:"  # of native ids, so that a post and a thread of one number stay two
_COMMENT = "/comment:"  # between the post's number and the comment's name
_TOO_LONG = 20  # digits: no id is
_FLOORS = {"楼主": 1, "沙发": 2, "板凳": 3, "地板": 4, "樓主": 1, "沙發": 2}
_IDENTITY = Words("//script[contains(.,'tid = parseInt')]")
_TID = re.compile(r"tid\s*=\s*parseInt\('(\d+)'")
_EDIT_TIME = re.compile(r".*[于於]\s*(.+?)\s*[编編][辑輯]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _About:
    page: Page
    tid: str
    at: datetime
    opening: str | None
    title: str
    board: str | None
    counts: Counts


def thread_page(page: Page, tid: str, home: str, *, at: datetime, opening: str | None = None) -> ThreadPage:
    """Reads a thread's page. `at` is the server's clock at the answer, `opening` what page one of the thread told.

    Posts that nobody without an account can read (shielded, author banned) are not among the observations. Raises
    `Rejected("layout")` where there are no posts.
    """
    posts = _POSTS.all(page.root)
    subject = _SUBJECT.first(page.root)
    if not posts or subject is None:
        raise Rejected("layout", "no posts on a thread's page")
    shown, pages = place(page)
    if shown == 1 and opening is None:
        opening = _native(_pid(posts[0]))
    about = _About(page, tid, at, opening, words(subject, page), _board(page), _counts(page))
    cells = {_pid(post): (post, _CELL.first(post, id=f"postmessage_{_pid(post)}")) for post in posts}
    unknown = [pid for pid, (post, cell) in cells.items() if cell is None and _LOCKED.first(post) is None]
    return ThreadPage(
        page=shown,
        next=thread_url(home, tid, shown + 1) if shown < pages else None,
        opening=opening,
        observations=tuple(
            one for post, cell in cells.values() if cell is not None for one in _observations(post, cell, about)
        ),
        unreadable=tuple(map(_native, unknown)),
        cut=tuple(_native(pid) for pid, (post, _) in cells.items() if _is_cut(post, pid)) or None,
        thread=_identity(page),
    )


def _is_cut(post: HtmlElement, pid: str) -> bool:
    place = below(post, pid)
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


def _observations(post: HtmlElement, cell: HtmlElement, about: _About) -> list[Observation]:
    """Reads a post and the comments below it."""
    own = _observation(post, cell, about)
    place = below(post, _pid(post))
    return [own, *(_comment(one, own, about) for one in (comments(place) if place is not None else ()))]


def _observation(post: HtmlElement, cell: HtmlElement, about: _About) -> Observation:
    pid = _pid(post)
    native_id = _native(pid)
    told = _time(post, f"authorposton{pid}")
    published_at, precision = read_time(told, about.at)
    edited_at = _edited(cell, about.at)
    answered = quoted(cell, about.tid)
    first = native_id == (about.opening or native_id)
    return Observation(
        native_id=native_id,
        kind=Kind.THREAD if first else Kind.REPLY,
        thread=about.opening or native_id,
        parent=None if answered in (None, pid) else _native(answered),
        board=about.board,
        floor=_floor(_NUMBER.of(post, id=f"postnum{pid}")),
        url=thread_url(about.page.url, about.tid) if first else post_url(about.page.url, about.tid, pid),
        title=about.title,
        text=heal(words_of(post, cell, with_poll=first), about.page.encoding),
        author=author_id(_AUTHOR.of(post, id=f"favatar{pid}")),
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


def _time(post: HtmlElement, name: str) -> str:
    """Finds the words for when it was published, empty where there are none."""
    element = _CELL.first(post, id=name)
    return "" if element is None else _TIME_TITLE.of(element) or str(element.text_content())


def _edited(cell: HtmlElement, at: datetime) -> datetime | None:
    note = _EDITED.first(cell)
    if note is None:
        return None
    told = _TIME_TITLE.of(note)
    match = _EDIT_TIME.search(note.text_content())
    return read_time(told or (match[1] if match else ""), at)[0]


def _floor(told: str) -> int | None:
    name = "".join(told.split())
    return _FLOORS.get(name) or number(name)


def _counts(page: Page) -> Counts:
    numbers = [number(element.text_content()) for element in _HEADER_COUNTS.all(page.root)]
    return Counts(views=numbers[0], replies=numbers[1]) if len(numbers) > 1 else Counts()


def _board(page: Page) -> str | None:
    crumbs = [link for link in _CRUMBS.all(page.root) if board_id(link.get("href", ""))]
    return words(crumbs[-1], page) if crumbs else None


def _pid(post: HtmlElement) -> str:
    return str(post.get("id")).removeprefix("post_")


def _native(pid: str) -> str:
    return f"{_PREFIX}{pid}"
