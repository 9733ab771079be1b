"""NodeBB as the walk's port sees it: categories, their topics, a topic's posts, all of them JSON."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import ClassVar
from urllib.parse import urljoin

from crawlers.pages.answers import JsonObject, folder, fragment, keep_smileys, names_a_writer, rank_of, read_json
from crawlers.pages.forum import Answer, BoardListing, Forum, Index, ListedThread, PageRefused, Refusal, ThreadPage
from crawlers.pages.markup import element_text
from crawlers.pages.observation import Observation
from crawlers.pages.times import not_understood, read_time
from crawlers.pages.xpath import Elements
from stream.errors import Rejected
from stream.messages import Counts, Kind

PARSER, VERSION = "nodebb", 1  # for `Post.crawl`

_TOPIC = re.compile(r"/topic/(\d+)")
_BELOW = re.compile(r"/categories/(\d+)/children\?start=(\d{1,6})$")
_REFUSALS = {
    "not-authorised": Refusal.PERMISSION,
    "not-authorized": Refusal.PERMISSION,  # 1.x, which says no more than this word
    "forbidden": Refusal.PERMISSION,
    "not-found": Refusal.GONE,
}
_NOWHERE = "[[global:404.title]]"
_BY_LAST_POST = "[[topic:recently-replied]]"
_QUOTES = Elements(".//blockquote[preceding-sibling::*[1][self::p]]")


@dataclass(frozen=True, slots=True)
class NodebbForum(Forum):
    """One NodeBB forum. `home` is its folder; pages are UTF-8 by definition, whatever `encoding` says."""

    home: str
    encoding: str | None = None

    statuses: ClassVar[frozenset[int]] = frozenset({401, 403, 404})

    def index_url(self) -> str:
        """Builds the address of the categories."""
        return self._api("categories")

    def board_url(self, board: str) -> str:
        """Builds the address of page one of a category."""
        return self._api(f"category/{board}")

    def thread_url(self, thread: str) -> str:
        """Builds the address of page one of a topic."""
        return self._api(f"topic/{thread}")

    def thread_id(self, url: str) -> str | None:
        """Finds the topic that an address leads to, with its slug or without."""
        match = _TOPIC.search(url.partition("?")[0])
        return match[1] if match else None

    def read_boards(self, answer: Answer) -> Index:
        """Reads a page of the categories, or of those below one.

        There are more pages where there are more than fifty, and where more lie below one than it shows, which are ten.
        """
        told = self._read(answer, "categories")
        categories = told.all("categories")
        more = [self._below(one.text("cid"), len(one.all("children"))) for one in categories if _is_cut(one)]
        if below := _BELOW.search(answer.url):
            more += [self._below(below[1], int(below[2]) + len(categories))] if categories else []
        elif following := _following(told.one("pagination"), self.index_url()):
            more.append(following)
        return Index(boards=_boards(categories), more=tuple(more))

    def read_board(self, answer: Answer, board: str) -> BoardListing:
        """Reads a page of a category's topics; pinned ones come first."""
        told = self._read(answer, "topics")
        pages = told.one("pagination")
        return BoardListing(
            page=pages.number("currentPage"),
            next=_following(pages, self.board_url(board)),
            threads=tuple(_row(topic) for topic in told.all("topics") if topic.text("tid")),
            boards=_boards(told.all("children")),
            name=unescape(told.text("name")),
            total=told.number("topic_count"),
            posts=told.number("post_count"),
            by_last_post=told.text("sortOptionLabel") in ("", _BY_LAST_POST),
        )

    def read_thread(self, answer: Answer, thread: str, opening: str | None) -> ThreadPage:
        """Reads a page of a topic. Posts that were deleted stand there without their words, and are left out."""
        told = self._read(answer, "posts")
        pages = told.one("pagination")
        posts = [post for post in told.all("posts") if not post.flag("deleted")]
        return ThreadPage(
            page=pages.number("currentPage"),
            next=_following(pages, self.thread_url(thread)),
            opening=_native(told.text("mainPid")) or opening,
            observations=tuple(self._observation(post, told, answer.at) for post in posts if _is_whole(post)),
            unreadable=tuple(_native(post.text("pid")) for post in posts if post.text("pid") and not _is_whole(post)),
        )

    def rank(self, native_id: str) -> int | None:
        """Returns the post's number, which rises with time over the whole site."""
        return rank_of(native_id)

    def _observation(self, post: JsonObject, topic: JsonObject, at: datetime) -> Observation:
        native_id, opening = _native(post.text("pid")), _native(topic.text("mainPid"))
        first = native_id == opening
        told = post.moment("timestamp") or post.text("timestampISO")
        published_at, precision = read_time(told, at)
        where = f"topic/{topic.text('tid')}" if first else f"post/{post.text('pid')}"
        return Observation(
            native_id=native_id,
            kind=Kind.THREAD if first else Kind.REPLY,
            thread=opening or native_id,
            parent=_native(post.text("toPid")) or None,
            board=unescape(topic.one("category").text("name")) or None,
            floor=_floor(post.number("index")),
            url=urljoin(folder(self.home), where),
            title=topic.text("titleRaw") or unescape(topic.text("title")),
            text=_words(post.text("content")),
            author=_author(post.one("user")),
            published_at=published_at,
            published_precision=precision,
            unread_time=not_understood(told, published_at),
            edited_at=read_time(post.text("edited"), at)[0],
            counts=_counts(topic) if first else Counts(),
        )

    def _read(self, answer: Answer, wanted: str) -> JsonObject:
        said = read_json(answer)
        told = JsonObject(said)
        code = said if isinstance(said, str) else told.one("status").text("code")
        if code in _REFUSALS:
            raise PageRefused(_REFUSALS[code], told.one("status").text("message"))
        if told.text("title") == _NOWHERE:
            raise PageRefused(Refusal.GONE, told.text("path"))
        if code == "ok":
            told = told.one("response")  # as everything under /api/v3 has it
        if wanted not in told:
            raise Rejected("layout", f"JSON without {wanted}")
        return told

    def _below(self, category: str, start: int) -> str:
        return self._api(f"v3/categories/{category}/children?start={start}")

    def _api(self, path: str) -> str:
        return urljoin(folder(self.home), f"api/{path}")


def _boards(categories: Iterable[JsonObject]) -> tuple[str, ...]:
    """Names the categories and those below; a category that is a mere link, or switched off, holds no topics."""
    found: list[str] = []
    for category in categories:
        if category.text("cid") and not category.text("link") and not category.flag("disabled"):
            found.append(category.text("cid"))
        found += _boards(category.all("children"))
    return tuple(dict.fromkeys(found))


def _is_cut(category: JsonObject) -> bool:
    """Tells whether more categories may lie below than are shown."""
    return 0 < (category.number("subCategoriesPerPage") or 0) <= len(category.all("children"))


def _row(topic: JsonObject) -> ListedThread:
    gone = topic.flag("deleted")
    moved = f"{topic.text('postcount')} {topic.text('lastposttime')}"  # not the views: our own visits would move them
    return ListedThread(
        thread=topic.text("tid"),
        counters=f"{moved} deleted" if gone else moved,
        sticky=topic.flag("pinned"),
        gone=gone,
    )


def _following(pages: JsonObject, first: str) -> str | None:
    shown, all_pages = pages.number("currentPage") or 1, pages.number("pageCount") or 1
    return f"{first}?page={shown + 1}" if shown < all_pages else None


def _is_whole(post: JsonObject) -> bool:
    return bool(post.text("pid")) and "content" in post


def _words(markup: str) -> str:
    """Reads what the writer wrote: without `@NAME said:` and the words quoted below it."""
    body = fragment(markup)
    for quote in _QUOTES.all(body):
        said = quote.getprevious()
        if names_a_writer(said):
            said.drop_tree()
            quote.drop_tree()
    keep_smileys(body)
    return element_text(body)


def _author(user: JsonObject) -> str | None:
    uid = user.text("uid")
    return uid if uid not in ("", "0") else None  # 0: a guest


def _floor(index: int | None) -> int | None:
    return None if index is None else index + 1


def _counts(topic: JsonObject) -> Counts:
    posts = topic.number("postcount")
    return Counts(views=topic.number("viewcount"), replies=None if posts is None else max(posts - 1, 0))


def _native(pid: str) -> str:
    return f"pid:{pid}" if pid else ""
