"""A thread's page: its posts as observations."""

import re
from dataclasses import dataclass
from datetime import datetime, tzinfo
from urllib.parse import urljoin

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from crawlers.pages.answers import NO_NAME, asked, keep_smileys, number, one_line
from crawlers.pages.attached import FILE, attached, file_in
from crawlers.pages.forum import ThreadPage
from crawlers.pages.markup import element_text
from crawlers.pages.mybb.moments import DateOrder, moment, told, told_within
from crawlers.pages.mybb.page import following, refuse, shown
from crawlers.pages.observation import Observation
from crawlers.pages.times import not_understood
from crawlers.pages.xpath import Elements, Words
from stream.messages import Kind

_POSTS = Elements(
    "//*[starts-with(@id,'post_') and translate(substring(@id,6),'0123456789','')=''][string-length(@id)>5]"
)
_BODY = Elements("(.//*[@id=$id])[1]")
_DATE = Elements("(.//*[contains(@class,'post_date')])[1]")
_EDIT = Elements("(.//*[starts-with(@id,'edited_by_')])[1]")
_AUTHOR = Words(
    "(.//span[contains(@class,'largetext')]//a[contains(@href,'uid=') or contains(@href,'user-')])[1]/@href"
)
_FLOOR = Words("(.//a[contains(@href,'#pid')][starts-with(normalize-space(.),'#')])[1]")
_TITLE = Elements("(//*[contains(@class,'navigation')]//span[contains(@class,'active')])[last()]")
_CRUMBS = Elements(
    "//*[contains(@class,'navigation')]//a[contains(@href,'forumdisplay.php') or contains(@href,'forum-')]"
    "[not(ancestor::*[@id='breadcrumb_multipage_popup'])]"
)
_QUOTED = Words("(.//blockquote[contains(@class,'mycode_quote')]//cite//a[contains(@href,'pid=')])[1]/@href")
_HEADS = Elements(".//blockquote[contains(@class,'mycode_quote')]//cite")
_LINK = Elements(".//a[@href]")
_NOT_THE_AUTHORS = Elements(".//div[contains(@class,'codeblock')]/div[@class='title']")
_ATTACHED = Elements(".//a[contains(@href,'attachment.php?')] | .//img[contains(@src,'attachment.php?')]")
_SIZE = re.compile(r"\s*\([^()]*\d\s*(?:[kmg]?b|bytes)\b[^()]*\)", re.IGNORECASE)  # and downloads, behind a file's name
# A guest is shown the options, or what they came to: a table that is followed by the link to its results.
_POLL = Elements(
    "(//form[contains(@action,'polls.php')]//table[.//td[contains(@class,'thead')]]"
    " | //table[.//td[contains(@class,'thead')]][following-sibling::table[1]//a[contains(@href,'polls.php?')]])[1]"
)
_QUESTION = Words("(.//td[contains(@class,'thead')]//strong)[1]")
_OPTIONS = Elements(".//td[contains(@class,'trow')][not(.//input)][not(preceding-sibling::td[not(.//input)])]")
_LABEL = re.compile(r"^(?:poll|投票)\s*[:：]\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a page is read with: the thread, the board's folder, the server's clock, and how the board writes times."""

    thread: str
    base: str
    at: datetime
    zone: tzinfo
    date_order: DateOrder
    status: int


def thread_page(root: HtmlElement, reading: Reading, opening: str | None) -> ThreadPage:
    """Reads a thread's page. Raises `PageRefused` for an error in its place, `Rejected("layout")` for anything else."""
    posts = _POSTS.all(root)
    if not posts:
        refuse(root, reading.status)
    page = shown(root)
    if page == 1 and opening is None:
        opening = _native(posts[0])
    title, crumbs = _TITLE.first(root), _CRUMBS.all(root)
    about = _ThreadHead(
        reading,
        opening,
        title="" if title is None else one_line(title),
        board=one_line(crumbs[-1]) if crumbs else None,
        poll=_poll(root),
    )
    cells = [(post, _BODY.first(post, id=f"pid_{_number(post)}")) for post in posts]
    return ThreadPage(
        page=page,
        next=following(root, "tid", reading.thread, urljoin(reading.base, f"showthread.php?tid={reading.thread}")),
        opening=opening,
        observations=tuple(_observation(post, cell, about) for post, cell in cells if cell is not None),
        unreadable=tuple(_native(post) for post, cell in cells if cell is None),
    )


@dataclass(frozen=True, slots=True)
class _ThreadHead:
    reading: Reading
    opening: str | None
    title: str
    board: str | None
    poll: str


def _observation(post: HtmlElement, cell: HtmlElement, about: _ThreadHead) -> Observation:
    native_id, reading = _native(post), about.reading
    first = native_id == (about.opening or native_id)
    date = _DATE.first(post)
    words = "" if date is None else told(date)
    published_at, precision = moment(words, reading.at, reading.zone, reading.date_order)
    quoted = asked(_QUOTED.of(cell), "pid")
    files = _files(post)
    address = f"showthread.php?tid={reading.thread}"
    return Observation(
        native_id=native_id,
        kind=Kind.THREAD if first else Kind.REPLY,
        thread=about.opening or native_id,
        parent=f"pid:{quoted}" if quoted else None,
        board=about.board,
        floor=number(_FLOOR.of(post)),
        url=urljoin(reading.base, address if first else f"{address}&pid={_number(post)}#pid{_number(post)}"),
        title=about.title,
        text="\n\n".join(filter(None, (_words(cell), about.poll if first else "", attached(files)))),
        author=_author(post),
        published_at=published_at,
        published_precision=precision,
        unread_time=not_understood(words, published_at),
        edited_at=_edited(post, reading),
    )


def _words(cell: HtmlElement) -> str:
    """Reads what the writer wrote: without the posts that are quoted, and the title of a block of code or a quote."""
    for element in (*map(_unwritten, _HEADS.all(cell)), *_NOT_THE_AUTHORS.all(cell)):
        if element.getparent() is not None:
            element.drop_tree()
    keep_smileys(cell)
    return element_text(cell)


def _files(post: HtmlElement) -> list[tuple[str, str]]:
    """Finds the names of the files that a post brings along, and takes them out of its words with their counters."""
    files = []
    for element in _ATTACHED.all(post):
        name = file_in(element.get("title", "")) if element.tag == "img" else one_line(element)
        if FILE.fullmatch(name):
            files.append((name, ""))
            element.tail = _SIZE.sub("", element.tail or "", count=1)
            element.drop_tree()
    return files


def _poll(root: HtmlElement) -> str:
    """Reads a poll's question and its options; not their votes: each one would be an edit."""
    table = _POLL.first(root)
    if table is None:
        return ""
    question = _LABEL.sub("", " ".join(_QUESTION.of(table).split()))
    return "\n".join([f"投票：{question}", *filter(None, map(one_line, _OPTIONS.all(table)))])


def _unwritten(head: HtmlElement) -> HtmlElement:
    """Finds what the writer did not write: the whole quote where its head names a post or a writer, else the head."""
    names = _LINK.first(head) is not None or not NO_NAME.fullmatch(one_line(head))
    return next(head.iterancestors("blockquote")) if names else head


def _author(post: HtmlElement) -> str | None:
    href = _AUTHOR.of(post)
    named = asked(href, "uid") or href.rpartition("user-")[2].removesuffix(".html")
    return named if named.isdecimal() and named != "0" else None


def _edited(post: HtmlElement, reading: Reading) -> datetime | None:
    note = _EDIT.first(post)
    if note is None:
        return None
    return moment(told_within(note), reading.at, reading.zone, reading.date_order)[0]


def _number(post: HtmlElement) -> str:
    return str(post.get("id")).removeprefix("post_")


def _native(post: HtmlElement) -> str:
    return f"pid:{_number(post)}"
