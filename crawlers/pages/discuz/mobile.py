"""Discuz!'s view for telephones (`mobile=2`): lists and threads with ids, writers and quotes, in little HTML.

It shows less than the usual pages: times as people say them (`3 天前`), no last post of a thread, no comments below a
post, no files. It is UTF-8 whatever the board is written in.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from crawlers.pages.discuz.address import author_id, board_url, post_url, thread_id, thread_url
from crawlers.pages.discuz.answer import Page, heal, number, place, read, words
from crawlers.pages.discuz.boards import boards, told_total
from crawlers.pages.discuz.body import quoted, words_of
from crawlers.pages.discuz.threads import edited, floor_of, native
from crawlers.pages.forum import UNTOLD, Answer, BoardListing, ListedThread, ListView, ThreadPage, ThreadView
from crawlers.pages.observation import Observation
from crawlers.pages.times import not_understood, read_time
from crawlers.pages.xpath import Elements, Words
from stream.errors import Rejected
from stream.messages import Counts, Kind

_MOBILE = "&mobile=2"
_CHARSET = re.compile(r"\bcharset\s*=\s*'([\w-]+)'")
_SETTINGS = Words("(//script[contains(.,'charset')])[1]")
_LIST = Elements("(//div[contains(concat(' ',@class,' '),' threadlist ')])[1]")
_ROWS = Elements(".//li[contains(concat(' ',@class,' '),' list ') or contains(concat(' ',@class,' '),' list_top ')]")
_NO_ROWS = Elements(".//h4")
_ROW_LINKS = Words("(.//a[contains(@href,'mod=viewthread') or contains(@href,'thread-')])[1]/@href")
_REPLIES = Words("(.//div[contains(@class,'threadlist_foot')]//i[contains(@class,'dm-chat')])[1]/parent::li")
_HEAD = Elements("(//div[contains(@class,'forumdisplay-top')]/h2)[1]")
_COUNTED = Words("(//div[contains(@class,'forumdisplay-top')]/p)[1]")
_SUBJECT = Elements("(//div[contains(concat(' ',@class,' '),' view_tit ')])[1]")
_TYPE = Elements("./em")  # of the thread, `[求助]`
_BOARD = Elements("(//div[contains(concat(' ',@class,' '),' header ')]//h2//a)[1]")
_POST = re.compile(r"pid(\d{1,19})")
_MESSAGE = Elements("(.//div[contains(concat(' ',@class,' '),' message ')])[1]")
_HIDDEN = Elements("./div[@class='quote'][not(.//blockquote)][starts-with(normalize-space(),'提示')]")
_AUTHOR = Words("(.//li[@class='mtit']/span[@class='z']//a)[1]/@href")
_FLOOR = Words("(.//li[@class='mtit']/span[@class='y'])[1]")
_TIME = Elements("(.//li[@class='mtime'])[1]")
_COUNTS = Elements("(./span[@class='y'])[1]")
_COUNT = Elements("./em")
_POLL = Elements("(.//div[contains(concat(' ',@class,' '),' poll ')])[1]")
_ABOUT_POLL = Words("(.//div[@class='poll_txt'])[1]")
_OPTIONS = Elements(".//label")
_NUMBERED = re.compile(r"^(\d+\.)(?=\S)")
_SCRIPTS = Elements(".//script")


@dataclass(frozen=True, slots=True)
class DiscuzMobile(ListView, ThreadView):
    """The view of one forum; `home` and `encoding` are as of `DiscuzForum`."""

    home: str
    encoding: str | None = None

    def board_url(self, board: str) -> str:
        """Builds the address of page one of a board, ordered by last post."""
        return board_url(self.home, board) + _MOBILE

    def thread_url(self, thread: str) -> str:
        """Builds the address of page one of a thread."""
        return thread_url(self.home, thread) + _MOBILE

    def read_board(self, answer: Answer, board: str) -> BoardListing:
        """Reads a page of a board's list."""
        page = _page(answer, self.encoding)
        found = _LIST.first(page.root)
        rows = [] if found is None else _ROWS.all(found)
        threads = tuple(row for row in map(_row, rows) if row is not None)
        if found is None or (not threads and _NO_ROWS.first(found) is None):
            raise Rejected("layout", "no thread list on a board's page for telephones")
        shown, pages = place(page)
        head = _HEAD.first(page.root)
        return BoardListing(
            page=shown,
            next=board_url(self.home, board, shown + 1) + _MOBILE if shown < pages else None,
            threads=threads,
            boards=boards(page),
            name="" if head is None else words(head, page),
            total=told_total(_COUNTED.of(page.root)),
        )

    def read_thread(self, answer: Answer, thread: str, opening: str | None) -> ThreadPage:
        """Reads a page of a thread."""
        page = _page(answer, self.encoding)
        found = ((_POST.fullmatch(name), one) for name, one in page.named if one.tag == "div")
        posts = {told[1]: one for told, one in found if told is not None}
        subject = _SUBJECT.first(page.root)
        if not posts or subject is None:
            raise Rejected("layout", "no posts on a thread's page for telephones")
        for part in _TYPE.all(subject):
            part.drop_tree()
        shown, pages = place(page)
        if shown == 1 and opening is None:
            opening = native(next(iter(posts)))
        board = _BOARD.first(page.root)
        about = _Thread(
            page, self.home, thread, answer.at, opening, words(subject, page),
            None if board is None else words(board, page),
        )  # fmt: skip
        cells = {pid: (post, _MESSAGE.first(post)) for pid, post in posts.items()}
        return ThreadPage(
            page=shown,
            next=thread_url(self.home, thread, shown + 1) + _MOBILE if shown < pages else None,
            opening=opening,
            observations=tuple(
                _observation(pid, post, cell, about)
                for pid, (post, cell) in cells.items()
                if cell is not None and _HIDDEN.first(cell) is None
            ),
            unreadable=tuple(native(pid) for pid, (_, cell) in cells.items() if cell is None),
            thread=thread_id(page.url),
        )


@dataclass(frozen=True, slots=True)
class _Thread:
    page: Page
    home: str
    tid: str
    at: datetime
    opening: str | None
    title: str
    board: str | None


def _page(answer: Answer, encoding: str | None) -> Page:
    """Parses an answer. What its board cannot write is escaped in it twice, as on the board's own pages."""
    page = read(answer.body, answer.content_type, answer.url)
    told = _CHARSET.search(_SETTINGS.of(page.root))
    return replace(page, encoding=encoding or (told[1].lower() if told else page.encoding))


def _row(row: HtmlElement) -> ListedThread | None:
    thread = thread_id(_ROW_LINKS.of(row))
    if thread is None:
        return None
    replies, sticky = _REPLIES.of(row), "list_top" in row.get("class", "").split()
    return ListedThread(
        thread=thread,
        counters=UNTOLD if sticky else f"{number(replies)}{UNTOLD}",
        sticky=sticky,
        stub=not sticky and not any(map(str.isdigit, replies)),
    )


def _observation(pid: str, post: HtmlElement, cell: HtmlElement, about: _Thread) -> Observation:
    native_id = native(pid)
    first = native_id == (about.opening or native_id)
    told, counts = _time_and_counts(post)
    published_at, precision = read_time(told, about.at)
    edited_at = edited(cell, about.at)
    answered = quoted(cell, about.tid)
    return Observation(
        native_id=native_id,
        kind=Kind.THREAD if first else Kind.REPLY,
        thread=about.opening or native_id,
        parent=None if answered in (None, pid) else native(answered),
        board=about.board,
        floor=floor_of(_FLOOR.of(post)),
        url=thread_url(about.home, about.tid) if first else post_url(about.home, about.tid, pid),
        title=about.title,
        text=heal(_words(post, cell), about.page.encoding),
        author=author_id(_AUTHOR.of(post)),
        published_at=published_at,
        published_precision=precision,
        unread_time=not_understood(told, published_at),
        edited_at=edited_at,
        counts=counts,
    )


def _words(post: HtmlElement, cell: HtmlElement) -> str:
    """Reads the writer's words, then the options of a poll, whose votes are not told."""
    for script in _SCRIPTS.all(cell):
        script.drop_tree()
    poll = _POLL.first(cell)
    lines: list[str] = []
    if poll is not None:
        told = " ".join(_ABOUT_POLL.of(poll).split())
        options = (_NUMBERED.sub(r"\1 ", " ".join(one.text_content().split())) for one in _OPTIONS.all(poll))
        lines = [f"投票：{told}" if told else "", *options]
        poll.drop_tree()
    return "\n".join(part for part in (words_of(post, cell, first=False), *lines) if part)


def _time_and_counts(post: HtmlElement) -> tuple[str, Counts]:
    """Finds the words for when it was published, and beside them, of an opening post, the thread's counters."""
    element = _TIME.first(post)
    if element is None:
        return "", Counts()
    beside = _COUNTS.first(element)
    numbers = [] if beside is None else [number(one.text_content()) for one in _COUNT.all(beside)]
    if beside is not None:
        beside.drop_tree()
    counts = Counts(views=numbers[0], replies=numbers[1]) if len(numbers) > 1 else Counts()
    return str(element.text_content()).strip(), counts
