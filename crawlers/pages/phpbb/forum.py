"""phpBB as the walk's port sees it: where its pages are, its forums, and their lists of topics."""

from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urljoin

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from crawlers.pages.answers import asked, folder, number, one_line, rank_of
from crawlers.pages.forum import Answer, BoardListing, Forum, Index, ListedThread, ThreadPage, Totals
from crawlers.pages.phpbb.page import following, read, shown, total
from crawlers.pages.phpbb.posts import thread_page
from crawlers.pages.xpath import Elements, Words
from stream.errors import Rejected

PARSER, VERSION = "phpbb", 1  # for `Post.crawl`

_FORUMS = Elements(
    "//a[contains(concat(' ',@class,' '),' forumtitle ') or contains(concat(' ',@class,' '),' subforum ')]"
)
_TITLE = Elements("//h2[contains(@class,'forum-title')]")
_ROWS = Elements("//li[contains(concat(' ',@class,' '),' row ')][.//a[contains(@class,'topictitle')]]")
_COUNTED = Elements("//li[contains(concat(' ',@class,' '),' row ')][.//a[contains(@class,'forumtitle')]]")
_FORUM = Words("(.//a[contains(@class,'forumtitle')])[1]/@href")
_TOPICS = Words("(.//dd[@class='topics'])[1]")
_POSTS = Words("(.//dd[@class='posts'])[1]")
_LINK = Words("(.//a[contains(@class,'topictitle')])[1]/@href")
_REPLIES = Words("(.//dd[@class='posts'])[1]")
_LAST_TIME = Words("(.//dd[@class='lastpost']//time)[1]/@datetime")
_LAST = Words("(.//dd[@class='lastpost'])[1]")
_ALWAYS_ON_TOP = {"announce", "global-announce", "sticky"}


@dataclass(frozen=True, slots=True)
class PhpbbForum(Forum):
    """One phpBB board. `home` is its folder or any address in it; `encoding` overrides what its pages declare.

    Every address that is asked for is built here, since the links of a page carry a visitor's `sid`.
    """

    home: str
    encoding: str | None = None

    statuses: ClassVar[frozenset[int]] = frozenset({403, 404})

    def index_url(self) -> str:
        """Builds the address of the page with every forum."""
        return self._address("index.php")

    def board_url(self, board: str) -> str:
        """Builds the address of page one of a forum: phpBB lists by last post."""
        return self._address(f"viewforum.php?f={board}")

    def thread_url(self, thread: str) -> str:
        """Builds the address of page one of a topic."""
        return self._address(f"viewtopic.php?t={thread}")

    def thread_id(self, url: str) -> str | None:
        """Finds the topic that an address leads to; one that names a post alone tells none."""
        return asked(url, "t") or None if "viewtopic.php" in url.partition("?")[0] else None

    def read_boards(self, answer: Answer) -> Index:
        """Reads the forums that the index links to, and what it says that they hold."""
        root = read(answer, self.encoding)
        return Index(boards=_forums(root), totals=_totals(root))

    def read_board(self, answer: Answer, board: str) -> BoardListing:
        """Reads a page of a forum's topics; announcements stand on top of every page."""
        root = read(answer, self.encoding)
        title = _TITLE.first(root)
        if title is None:
            raise Rejected("layout", "no forum's title on a forum's page")
        rows = (_row(row) for row in _ROWS.all(root))
        return BoardListing(
            page=shown(root),
            next=following(root, "f", board, self.board_url(board)),
            threads=tuple(row for row in rows if row is not None),
            boards=_forums(root),
            name=one_line(title),
            total=total(root),
            below=_totals(root),
        )

    def read_thread(self, answer: Answer, thread: str, opening: str | None) -> ThreadPage:
        """Reads a page of a topic."""
        root = read(answer, self.encoding)
        return thread_page(root, thread, folder(self.home), at=answer.at, opening=opening)

    def rank(self, native_id: str) -> int | None:
        """Returns the post's number, which rises with time over the whole board."""
        return rank_of(native_id)

    def _address(self, page: str) -> str:
        return urljoin(folder(self.home), page)


def _forums(root: HtmlElement) -> tuple[str, ...]:
    found = (asked(link.get("href", ""), "f") for link in _FORUMS.all(root))
    return tuple(dict.fromkeys(board for board in found if board.isdecimal()))


def _totals(root: HtmlElement) -> dict[str, Totals]:
    """Reads how many topics and posts forums have, which is with the forums below them."""
    rows = {asked(_FORUM.of(row), "f"): row for row in _COUNTED.all(root)}
    return {
        board: Totals(number(_TOPICS.of(row)), number(_POSTS.of(row))) for board, row in rows.items() if _TOPICS.of(row)
    }


def _row(row: HtmlElement) -> ListedThread | None:
    thread = asked(_LINK.of(row), "t")
    if not thread.isdecimal():
        return None
    moved_at = _LAST_TIME.of(row) or " ".join(_LAST.of(row).split())
    return ListedThread(
        thread=thread,
        counters=f"{number(_REPLIES.of(row))} {moved_at}",  # not the views: our own visits would move them
        sticky=bool(_ALWAYS_ON_TOP & set(row.get("class", "").split())),
    )
