"""The forum's index and a board's list of threads."""

from dataclasses import dataclass

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from crawlers.pages.discuz.address import board_id, thread_id
from crawlers.pages.discuz.answer import Page, number, place, words
from crawlers.pages.xpath import Elements, Words
from stream.errors import Rejected

_BOARD_LINKS = Elements("//a[contains(@href,'mod=forumdisplay') or contains(@href,'forum-')]")
_LIST = Elements("//*[@id='threadlisttableid' or @id='threadlist' or @id='waterfall']")
_ROWS = Elements("//tbody[starts-with(@id,'normalthread_') or starts-with(@id,'stickthread_')]")
_EMPTY = Elements("//p[@class='emp']")
_ROW_TITLE = Elements(".//a[contains(concat(' ',@class,' '),' xst ')]")
_ROW_REPLIES = Words(".//td[@class='num']/a")
_ROW_VIEWS = Words(".//td[@class='num']/em")
_ROW_LAST = Elements("(.//td[@class='by'])[last()]//em")
_TIME_TITLE = Words(".//span/@title")


@dataclass(frozen=True, slots=True)
class Board:
    """A board that a page links to."""

    fid: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedThread:
    """One row of a board's list: enough to tell whether the thread changed since it was last read."""

    tid: str
    title: str
    replies: int | None
    views: int | None
    last_post: str  # the site's words, @title where there is one: compared, never computed with
    sticky: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPage:
    """One page of a board's list. `page` is the one shown, which may not be the one asked for; `pages` how many."""

    page: int
    pages: int
    threads: tuple[ListedThread, ...]
    boards: tuple[Board, ...]


def boards(page: Page) -> tuple[Board, ...]:
    """Every board the page links to, in order: the forum's index, or the sub-boards on a board's page."""
    found: dict[str, str] = {}
    for link in _BOARD_LINKS.all(page.root):
        fid = board_id(link.get("href", ""))
        name = words(link, page)
        if fid is not None and not found.get(fid):
            found[fid] = name
    return tuple(Board(fid, name) for fid, name in found.items())


def board_page(page: Page) -> BoardPage:
    """A board's list; `Rejected("layout")` where there is no list at all, which is not the same as an empty one."""
    if _LIST.first(page.root) is None:
        raise Rejected("layout", "no thread list on a board's page")
    shown, pages = place(page)
    rows = (_row(row, page) for row in _ROWS.all(page.root))
    threads = tuple(row for row in rows if row is not None)
    if not threads and _EMPTY.first(page.root) is None:
        raise Rejected("layout", "a thread list without threads that does not say so")
    return BoardPage(page=shown, pages=pages, threads=threads, boards=boards(page))


def _row(row: HtmlElement, page: Page) -> ListedThread | None:
    link = _ROW_TITLE.first(row)
    if link is None:
        return None
    kind, _, own = row.get("id", "").partition("_")
    tid = thread_id(link.get("href", "")) or own
    last = _ROW_LAST.first(row)
    return ListedThread(
        tid=tid,
        title=words(link, page),
        replies=number(_ROW_REPLIES.of(row)),
        views=number(_ROW_VIEWS.of(row)),
        last_post="" if last is None else _TIME_TITLE.of(last) or last.text_content().strip(),
        sticky=kind == "stickthread",
    )
