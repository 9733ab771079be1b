"""MyBB as the walk's port sees it: where its pages are, its forums, and their lists of threads."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import ClassVar
from urllib.parse import urljoin

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from crawlers.pages.answers import asked, folder, number, one_line, rank_of
from crawlers.pages.forum import Answer, BoardListing, Forum, Index, ListedThread, ThreadPage, Totals
from crawlers.pages.mybb.moments import DateOrder, moment, told
from crawlers.pages.mybb.page import following, host, hosts, read, refuse, shown
from crawlers.pages.mybb.posts import Reading, thread_page
from crawlers.pages.xpath import Elements, Words
from stream.process.clock import SHANGHAI

PARSER, VERSION = "mybb", 1  # for `Post.crawl`

_REWRITTEN = re.compile(r"(?:^|/)(forum|thread)-(\d+)(?:-page-\d+)?\.html")
_FORUMS = Elements("//a[contains(@href,'forumdisplay.php?fid=') or contains(@href,'forum-')]")
_LIST = Elements("//*[@name='sortby'] | //a[contains(@href,'newthread.php')] | //tr[contains(@class,'inline_row')]")
_BELOW = Elements("//td[contains(@class,'trow')]//a[contains(@href,'forumdisplay.php') or contains(@href,'forum-')]")
_TITLE = Elements("(//*[contains(@class,'navigation')]//span[contains(@class,'active')])[last()]")
_COUNTED = Elements("//tr[td/strong/a[contains(@href,'forumdisplay.php?fid=') or contains(@href,'forum-')]]")
_FORUM = Words("(td/strong/a)[1]/@href")
_THREADS_AND_POSTS = 2
_COUNTS = Elements("td[strong/a]/following-sibling::td[position()<=2]")
_ROWS = Elements("//*[starts-with(@id,'tid_')]/ancestor::tr[1]")
_ID = Words("(.//*[starts-with(@id,'tid_')])[1]/@id")
_REPLIES = Elements(
    "(.//a[contains(@onclick,'whoPosted') or contains(@href,'whoPosted') or contains(@href,'whoposted')])[1]"
)
_STICKY = Elements(".//td[contains(@class,'forumdisplay_sticky')]")
_LAST = Elements("(.//span[contains(@class,'lastpost')])[1]")


@dataclass(frozen=True, slots=True)
class MybbForum(Forum):
    """One MyBB board. `home` is its folder or any address in it; `encoding` overrides what its pages declare.

    `zone` is the one in which it writes times to guests, `date_order` what comes first in `11-28-2026`.
    """

    home: str
    encoding: str | None = None
    zone: tzinfo = SHANGHAI
    date_order: DateOrder = "mdy"

    statuses: ClassVar[frozenset[int]] = frozenset({403, 404})

    def index_url(self) -> str:
        """Builds the address of the page with every forum."""
        return self._address("index.php")

    def board_url(self, board: str) -> str:
        """Builds the address of page one of a forum, by last post and however old, whatever its own settings are."""
        return self._address(f"forumdisplay.php?fid={board}&sortby=lastpost&order=desc&datecut=9999")

    def thread_url(self, thread: str) -> str:
        """Builds the address of page one of a thread."""
        return self._address(f"showthread.php?tid={thread}")

    def thread_id(self, url: str) -> str | None:
        """Finds the thread that an address leads to, dynamic or rewritten."""
        if match := _REWRITTEN.search(url):
            return match[2] if match[1] == "thread" else None
        return asked(url, "tid") or None if "showthread.php" in url.partition("?")[0] else None

    def read_boards(self, answer: Answer) -> Index:
        """Reads the forums that the index links to, and what it says that they hold."""
        root = read(answer, self.encoding)
        return Index(boards=self._forums(root), totals=self._totals(root))

    def read_board(self, answer: Answer, board: str) -> BoardListing:
        """Reads a page of a forum's threads."""
        root = read(answer, self.encoding)
        if _LIST.first(root) is None and _BELOW.first(root) is None:
            refuse(root, answer.status)
        title = _TITLE.first(root)
        rows = (self._row(row, answer.at) for row in _ROWS.all(root))
        return BoardListing(
            page=shown(root),
            next=following(root, "fid", board, self.board_url(board)),
            threads=tuple(row for row in rows if row is not None),
            boards=self._forums(root),
            name="" if title is None else one_line(title),
            below=self._totals(root),
        )

    def read_thread(self, answer: Answer, thread: str, opening: str | None) -> ThreadPage:
        """Reads a page of a thread."""
        root = read(answer, self.encoding)
        reading = Reading(thread, folder(self.home), answer.at, self.zone, self.date_order, answer.status)
        return thread_page(root, reading, opening)

    def rank(self, native_id: str) -> int | None:
        """Returns the post's number, which rises with time over the whole board."""
        return rank_of(native_id)

    def _row(self, row: HtmlElement, at: datetime) -> ListedThread | None:
        thread = _ID.of(row).removeprefix("tid_")
        if not thread.isdecimal():
            return None
        replies, last = _REPLIES.first(row), _LAST.first(row)
        words = "" if last is None else told(last)  # not what is shown: `9 hours ago` moves by itself
        moved_at = moment(words, at, self.zone, self.date_order)[0]
        count = None if replies is None else number(one_line(replies))
        return ListedThread(
            thread=thread,
            counters=f"{count} {moved_at.isoformat() if moved_at else words}",
            sticky=_STICKY.first(row) is not None,
        )

    def _address(self, page: str) -> str:
        return urljoin(folder(self.home), page)

    def _forums(self, root: HtmlElement) -> tuple[str, ...]:
        links = [link.get("href", "") for link in _FORUMS.all(root)]
        return tuple(dict.fromkeys(board for board in self._here(root, links) if board))

    def _totals(self, root: HtmlElement) -> dict[str, Totals]:
        """Reads how many threads and posts forums have, which is with the forums below them."""
        rows = _COUNTED.all(root)
        found = zip(self._here(root, [_FORUM.of(row) for row in rows]), map(_COUNTS.all, rows), strict=True)
        counted = ((board, [number(one_line(cell)) for cell in cells]) for board, cells in found if board)
        return {board: Totals(*counts) for board, counts in counted if len(counts) == _THREADS_AND_POSTS}

    def _here(self, root: HtmlElement, links: Sequence[str]) -> list[str]:
        """Finds the forums that links lead to, "" for those that lead elsewhere: other boards number theirs alike."""
        own = hosts(root, self.home)
        return [_forum(href) if host(href, self.home) in own else "" for href in links]


def _forum(href: str) -> str:
    if match := _REWRITTEN.search(href):
        return match[2] if match[1] == "forum" else ""
    board = asked(href, "fid")
    return board if board.isdecimal() else ""
