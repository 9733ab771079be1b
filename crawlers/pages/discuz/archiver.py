"""Discuz!'s archiver (`archiver/?fid-6.html`): lists of threads in a few lines of HTML.

Its pages of threads are not read: they tell no post by an id and no writer by one, and what is quoted stands among the
writer's own words.
"""

import re
from dataclasses import dataclass
from urllib.parse import urljoin

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from crawlers.pages.discuz.answer import Page, number, read, words
from crawlers.pages.forum import UNTOLD, Answer, BoardListing, ListedThread, ListView
from crawlers.pages.xpath import Elements
from stream.errors import Rejected

_THREAD = re.compile(r"(?:^|[/?])tid-(\d{1,19})\.html$")
_BOARD = re.compile(r"(?:^|[/?])fid-(\d{1,19})\.html$")
_PAGE = re.compile(r"(?:^|[/?])fid-\d+(?:-page-(\d{1,9}))?\.html(?:.*[?&]page=(\d{1,9}))?")
_LINKS = Elements("//div[@id='content']//li/a[@href]")
_LISTS = Elements("//div[@id='content']/ul[@type] | //div[@id='content']/ol")
_PLACE = Elements("//div[@id='content']//div[@class='page']")
_SHOWN = Elements("./strong")
_OTHERS = Elements("./a[@href]")
_NAME = Elements("//div[@id='nav']")


@dataclass(frozen=True, slots=True)
class DiscuzArchiver(ListView):
    """The archiver of one forum; `home` and `encoding` are as of `DiscuzForum`."""

    home: str
    encoding: str | None = None

    def board_url(self, board: str) -> str:
        """Builds the address of page one of a board, ordered by last post."""
        return self._url(board, 1)

    def read_board(self, answer: Answer, board: str) -> BoardListing:
        """Reads a page of a board's list, which does not tell the pinned threads from the others."""
        page = read(answer.body, answer.content_type, answer.url, self.encoding)
        if not _LISTS.all(page.root):
            raise Rejected("layout", "no list on a board's page of the archiver")
        links = [(link, link.get("href", "")) for link in _LINKS.all(page.root)]
        threads = [_listed(link, told[1]) for link, href in links if (told := _THREAD.search(href))]
        shown, following = _place(page)
        return BoardListing(
            page=shown,
            next=None if following is None else self._url(board, following),
            threads=tuple(threads),
            boards=tuple(dict.fromkeys(told[1] for _, href in links if (told := _BOARD.search(href)))),
            name=_name(page),
        )

    def _url(self, board: str, page: int) -> str:
        told = f"archiver/?fid-{board}.html&filter=lastpost&orderby=lastpost"
        return urljoin(self.home, told + (f"&page={page}" if page > 1 else ""))


def _listed(link: HtmlElement, thread: str) -> ListedThread:
    """Reads a row: behind its title stands `(37篇回复)`, or `(-篇回复)` where the thread is another board's now."""
    replies = number(link.tail or "")
    return ListedThread(thread=thread, counters=f"{replies}{UNTOLD}", stub=replies is None)


def _place(page: Page) -> tuple[int, int | None]:
    """Reads which page is shown, and the number of the next one. Beyond the last one no page is marked as shown: 0."""
    pager = _PLACE.first(page.root)
    if pager is None:
        return 1, None
    marked, others = _SHOWN.first(pager), [_number(link.get("href", "")) for link in _OTHERS.all(pager)]
    shown = (0 if others else 1) if marked is None else number(marked.text_content()) or 0
    return shown, shown + 1 if shown and shown + 1 in others else None


def _number(href: str) -> int | None:
    told = _PAGE.search(href)
    return None if told is None else int(told[1] or told[2] or 1)


def _name(page: Page) -> str:
    trail = _NAME.first(page.root)
    return "" if trail is None else words(trail, page).rpartition("›")[2].strip()
