"""Discuz! X as the walk's port sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from crawlers.pages.discuz.address import board_url, index_url, thread_id, thread_url
from crawlers.pages.discuz.answer import Page, read
from crawlers.pages.discuz.archiver import DiscuzArchiver
from crawlers.pages.discuz.boards import board_page, board_totals, boards, strange_boards
from crawlers.pages.discuz.mobile import DiscuzMobile
from crawlers.pages.discuz.threads import number_of, thread_page
from crawlers.pages.forum import Answer, BoardListing, Forum, Index, ListView, ThreadPage, ThreadView

PARSER, VERSION = "discuz", 3  # for `Post.crawl`

PlainerView = Literal["mobile", "archiver"]


@dataclass(frozen=True, slots=True)
class DiscuzForum(Forum):
    """One Discuz! forum. `home` is any address in its folder; `encoding` overrides what its pages declare.

    `views` are the plainer ones that may be read where its usual pages are not understood, in that order.
    """

    home: str
    encoding: str | None = None
    views: tuple[PlainerView, ...] = ("mobile", "archiver")

    def index_url(self) -> str:
        """Builds the address of the page with every board."""
        return index_url(self.home)

    def board_url(self, board: str) -> str:
        """Builds the address of page one of a board, ordered by last post."""
        return board_url(self.home, board)

    def thread_url(self, thread: str) -> str:
        """Builds the address of page one of a thread."""
        return thread_url(self.home, thread)

    def thread_id(self, url: str) -> str | None:
        """Finds the thread that an address leads to, dynamic or rewritten."""
        return thread_id(url)

    def read_boards(self, answer: Answer) -> Index:
        """Reads the boards that the index links to, and what it says that they hold."""
        page = self._page(answer)
        return Index(boards=boards(page), totals=board_totals(page))

    def strange_boards(self, answer: Answer) -> tuple[str, ...]:
        """Finds links of the index that lead to boards under addresses that nobody understands."""
        return strange_boards(self._page(answer), self.home)

    def read_board(self, answer: Answer, board: str) -> BoardListing:
        """Reads a page of a board's list."""
        return board_page(self._page(answer), board, self.home)

    def read_thread(self, answer: Answer, thread: str, opening: str | None) -> ThreadPage:
        """Reads a page of a thread."""
        return thread_page(self._page(answer), thread, self.home, at=answer.at, opening=opening)

    def rank(self, native_id: str) -> int | None:
        """Returns the post's number, which rises with time over the whole site."""
        return number_of(native_id)

    def plainer_lists(self) -> Mapping[str, ListView]:
        """Tells in which plainer ways the boards are shown."""
        made: Mapping[PlainerView, ListView] = {
            "mobile": DiscuzMobile(self.home, self.encoding),
            "archiver": DiscuzArchiver(self.home, self.encoding),
        }
        return {view: made[view] for view in self.views}

    def plainer_threads(self) -> Mapping[str, ThreadView]:
        """Tells in which plainer ways the threads are shown: the archiver tells of no post which one it is."""
        return {view: DiscuzMobile(self.home, self.encoding) for view in self.views if view == "mobile"}

    def _page(self, answer: Answer) -> Page:
        return read(answer.body, answer.content_type, answer.url, self.encoding)
