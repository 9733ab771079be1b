"""The forum's index and a board's list of threads."""

import re

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from crawlers.pages.discuz.address import board_id, board_url, is_strange, thread_id
from crawlers.pages.discuz.answer import Page, number, place, words
from crawlers.pages.discuz.moments import told_time
from crawlers.pages.forum import BoardListing, ListedThread, Totals
from crawlers.pages.xpath import Elements, Words
from stream.errors import Rejected

_BOARD_LINKS = Elements("//a[contains(@href,'mod=forumdisplay') or contains(@href,'forum-')]")
_BOARD_TITLES = Elements(
    "//*[contains(@class,'fl_icn')]//a[@href] | //*[contains(@class,'fl_tb')]//h2//a[@href]"
    " | //*[contains(@class,'fl_g')]//dt//a[@href]"
)
_COUNTED_BOARDS = Elements(
    "//td[contains(concat(' ',@class,' '),' fl_i ')]/parent::tr | //td[contains(concat(' ',@class,' '),' fl_g ')]"
)
_COUNTED_LINK = Words("(.//h2//a[@href] | .//dt//a[@href])[1]/@href")
_BOARD_COUNTS = Elements("(.//td[contains(concat(' ',@class,' '),' fl_i ')]/span | .//dd/em)[position()<=2]")
_WHOLE_NUMBER = Words("(.//span/@title)[1]")  # behind `1万`
_THREADS_AND_POSTS = 2
_LINKS = Elements("//a[@href][normalize-space()]")
_NUMBERED = re.compile(r"\d")
_HEAD = Elements("(//h1[contains(concat(' ',@class,' '),' xs2 ')]/a)[1]")
_TOTAL = re.compile(r"(?:主题|主題)\s*[:：]\s*([\d.,]+\s*[万萬]?)")
_COUNTED = Words("(//h1[contains(concat(' ',@class,' '),' xs2 ')])[1]")
_LIST = Elements("//*[@id='threadlisttableid' or @id='threadlist' or @id='waterfall']")
_ROWS = Elements("//tbody[starts-with(@id,'normalthread_') or starts-with(@id,'stickthread_')]")
_EMPTY = Elements("//p[@class='emp']")
_ROW_TITLE = Elements(".//a[contains(concat(' ',@class,' '),' xst ')]")
_ROW_REPLIES = Words(".//td[@class='num']/a")
_ROW_LAST = Elements("(.//td[@class='by'])[last()]//em")


def boards(page: Page) -> tuple[str, ...]:
    """Finds every board the page links to, in order: the forum's index, or the sub-boards on a board's page."""
    homes = page.addresses()
    found = (board_id(link.get("href", ""), *homes) for link in _BOARD_LINKS.all(page.root))
    return tuple(dict.fromkeys(fid for fid in found if fid is not None))


def board_totals(page: Page) -> dict[str, Totals]:
    """Reads how many threads and posts the page says that boards have, which is with the boards below them."""
    homes, rows = page.addresses(), _COUNTED_BOARDS.all(page.root)
    found = ((board_id(_COUNTED_LINK.of(row), *homes), _BOARD_COUNTS.all(row)) for row in rows)
    return {
        fid: Totals(*map(_count, counts))
        for fid, counts in found
        if fid is not None and len(counts) == _THREADS_AND_POSTS
    }


def _count(element: HtmlElement) -> int | None:
    return number(_WHOLE_NUMBER.of(element) or element.text_content())


def strange_boards(page: Page, home: str) -> tuple[str, ...]:
    """Finds links of the index that must lead to boards and whose addresses nobody understands.

    They are what stands as a board's title. Where no board at all is understood, and nothing stands so, they are
    whatever has a number in an address that Discuz! does not make.
    """
    found = [link.get("href", "") for link in (*_BOARD_TITLES.all(page.root), *_BOARD_LINKS.all(page.root))]
    if not found and not boards(page):
        found = [href for link in _LINKS.all(page.root) if _NUMBERED.search(href := link.get("href", ""))]
    homes = page.addresses()
    return tuple(dict.fromkeys(href for href in found if board_id(href, *homes) is None and is_strange(href, home)))


def board_page(page: Page, fid: str, home: str) -> BoardListing:
    """Reads a board's list.

    Raises `Rejected("layout")` where there is no list at all, which is not the same as an empty one.
    """
    if _LIST.first(page.root) is None:
        raise Rejected("layout", "no thread list on a board's page")
    shown, pages = place(page)
    rows = (_row(row) for row in _ROWS.all(page.root))
    threads = tuple(row for row in rows if row is not None)
    if not threads and _EMPTY.first(page.root) is None:
        raise Rejected("layout", "a thread list without threads that does not say so")
    following = board_url(home, fid, shown + 1) if shown < pages else None
    head = _HEAD.first(page.root)
    return BoardListing(
        page=shown,
        next=following,
        threads=threads,
        boards=boards(page),
        name="" if head is None else words(head, page),
        total=told_total(_COUNTED.of(page.root)),
        below={board: totals for board, totals in board_totals(page).items() if board != fid},
    )


def told_total(told: str) -> int | None:
    """Finds how many threads a board says that it has, in the words at its head."""
    match = _TOTAL.search(told)
    return number(match[1]) if match else None


def _row(row: HtmlElement) -> ListedThread | None:
    link = _ROW_TITLE.first(row)
    if link is None:
        return None
    kind, _, own = row.get("id", "").partition("_")
    last = _ROW_LAST.first(row)
    moved_at = "" if last is None else told_time(last)
    thread = thread_id(link.get("href", "")) or own
    return ListedThread(
        thread=thread,
        counters=f"{number(_ROW_REPLIES.of(row))} {moved_at}",  # not the views: our own visits would move them
        sticky=kind == "stickthread",
        stub=thread != own,
    )
