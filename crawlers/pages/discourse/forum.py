"""Discourse as the walk's port sees it: categories, their topics, a topic's posts, all of them JSON."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from urllib.parse import urljoin

from crawlers.pages.answers import JsonObject, asked, folder, fragment, keep_smileys, number, rank_of, read_json
from crawlers.pages.forum import (
    Answer,
    BoardListing,
    Forum,
    Index,
    ListedThread,
    PageRefused,
    Refusal,
    ThreadPage,
    Totals,
)
from crawlers.pages.markup import element_text
from crawlers.pages.observation import Observation
from crawlers.pages.times import not_understood, read_time
from crawlers.pages.xpath import Elements
from stream.errors import Rejected
from stream.messages import Counts, Kind

PARSER, VERSION = "discourse", 1  # for `Post.crawl`

_TOPIC = re.compile(r"/t/(?:(?!\d+/)[^/?]+/)?(\d+)(?:/\d+)?(?:\.json)?$")  # no slug is a mere number
_REFUSALS = {
    "not_found": Refusal.GONE,
    "not_logged_in": Refusal.PERMISSION,
    "invalid_access": Refusal.PERMISSION,
    "read_only": Refusal.CLOSED,
}
_WRITTEN = {"1", "2"}  # post types: a person's, a moderator's; 3 says what the software did, 4 is for staff
_NOT_THE_AUTHORS = Elements(
    ".//aside[contains(@class,'quote')][@data-username or @data-post or *[not(self::blockquote)][normalize-space()]]"
    " | .//aside[contains(@class,'onebox')] | .//div[@class='meta'][ancestor::a or ../img]"
)


@dataclass(frozen=True, slots=True)
class DiscourseForum(Forum):
    """One Discourse forum. `home` is its folder; JSON is UTF-8 by definition, whatever `encoding` says."""

    home: str
    encoding: str | None = None

    statuses: ClassVar[frozenset[int]] = frozenset({403, 404, 410})

    def index_url(self) -> str:
        """Builds the address of the categories."""
        return self._address("categories.json?include_subcategories=true")

    def board_url(self, board: str) -> str:
        """Builds the address of page one of a category, without those below it, by last post."""
        return self._address(f"latest.json?category={board}&no_subcategories=true")

    def thread_url(self, thread: str) -> str:
        """Builds the address of page one of a topic."""
        return self._address(f"t/{thread}.json")

    def thread_id(self, url: str) -> str | None:
        """Finds the topic that an address leads to, with its slug or without."""
        match = _TOPIC.search(url.partition("?")[0])
        return match[1] if match else None

    def read_boards(self, answer: Answer) -> Index:
        """Reads the categories with their names, which topics do not tell."""
        told = _read(answer, "category_list")
        categories = told.one("category_list").all("categories")
        found = list(_categories(categories))
        names = {board: name for board, name in found if name}
        return Index(boards=tuple(dict(found)), names=names, totals=_totals(categories))

    def read_board(self, answer: Answer, board: str) -> BoardListing:
        """Reads a page of a category's topics; pinned ones come first."""
        topics = _read(answer, "topic_list").one("topic_list")
        older = asked(topics.text("more_topics_url"), "page")
        return BoardListing(
            page=None,
            next=f"{self.board_url(board)}&page={older}" if older.isdecimal() else None,
            threads=tuple(_row(topic) for topic in topics.all("topics") if topic.text("id")),
        )

    def read_thread(self, answer: Answer, thread: str, opening: str | None) -> ThreadPage:
        """Reads a page of a topic: twenty of the posts whose ids all its pages name."""
        told = _read(answer, "post_stream")
        posts = told.one("post_stream").all("posts")
        ids = told.one("post_stream").texts("stream")
        opening = opening or _native(ids[0] if ids else posts[0].text("id") if posts else "") or None
        page = number(asked(answer.url, "page")) or 1
        written = [post for post in posts if _is_public(post)]
        numbers = {post.text("post_number"): post.text("id") for post in posts if post.text("post_number")}
        return ThreadPage(
            page=page if posts else None,
            next=f"{self.thread_url(thread)}?page={page + 1}" if _goes_on(posts, ids, told) else None,
            opening=opening,
            observations=tuple(
                self._observation(post, told, answer.at, opening, numbers) for post in written if "cooked" in post
            ),
            unreadable=tuple(_native(post.text("id")) for post in written if "cooked" not in post),
        )

    def rank(self, native_id: str) -> int | None:
        """Returns the post's number, which rises with time over the whole forum."""
        return rank_of(native_id)

    def _observation(
        self, post: JsonObject, topic: JsonObject, at: datetime, opening: str | None, numbers: dict[str, str]
    ) -> Observation:
        native_id = _native(post.text("id"))
        first = native_id == opening
        told = post.moment("created_at")
        published_at, precision = read_time(told, at)
        edited = (post.number("version") or 1) > 1
        answered = numbers.get(post.text("reply_to_post_number"), "")
        where = f"t/{topic.text('id')}" + ("" if first else f"/{post.text('post_number')}")
        return Observation(
            native_id=native_id,
            kind=Kind.THREAD if first else Kind.REPLY,
            thread=opening or native_id,
            parent=_native(answered) or None,
            board=topic.text("category_id") or None,
            floor=post.number("post_number"),
            url=self._address(where),
            title=topic.text("title"),
            text=_words(post.text("cooked")),
            author=post.text("user_id") or post.text("username") or None,
            published_at=published_at,
            published_precision=precision,
            unread_time=not_understood(told, published_at),
            edited_at=read_time(post.text("updated_at"), at)[0] if edited else None,
            counts=_counts(topic) if first else Counts(),
        )

    def _address(self, page: str) -> str:
        return urljoin(folder(self.home), page)


def _read(answer: Answer, wanted: str) -> JsonObject:
    told = JsonObject(read_json(answer))
    if told.texts("errors"):
        refusal = _REFUSALS.get(told.text("error_type"), Refusal.CLOSED)
        raise PageRefused(refusal, "; ".join(told.texts("errors")))
    if wanted not in told:
        raise Rejected("layout", f"JSON without {wanted}")
    return told


def _categories(categories: Iterable[JsonObject]) -> Iterator[tuple[str, str]]:
    """Finds id and name of each category and of those below it; of some below only the id is told."""
    for category in categories:
        if category.text("id"):
            yield category.text("id"), category.text("name")
        below = list(_categories(category.all("subcategory_list")))
        yield from ((board, "") for board in category.texts("subcategory_ids") if board not in dict(below))
        yield from below


def _totals(categories: Iterable[JsonObject]) -> dict[str, Totals]:
    """Reads how many topics and posts each category has, without those below it."""
    found: dict[str, Totals] = {}
    for category in categories:
        if category.text("id"):
            found[category.text("id")] = Totals(category.number("topic_count"), category.number("post_count"))
        found |= _totals(category.all("subcategory_list"))
    return found


def _row(topic: JsonObject) -> ListedThread:
    return ListedThread(
        thread=topic.text("id"),
        counters=f"{topic.text('posts_count')} {topic.text('bumped_at')}",
        sticky=topic.flag("pinned") or topic.flag("pinned_globally"),
    )


def _goes_on(posts: list[JsonObject], ids: list[str], topic: JsonObject) -> bool:
    """Tells whether posts follow these; a topic of more than 10,000 posts names no ids, only its highest number."""
    if not posts:
        return False
    if ids:
        return posts[-1].text("id") != ids[-1]
    return (posts[-1].number("post_number") or 0) < (topic.number("highest_post_number") or 0)


def _is_public(post: JsonObject) -> bool:
    """Tells whether a person wrote it, and it is there: neither withdrawn by its writer nor hidden by others."""
    hidden = post.flag("hidden") or post.flag("user_deleted") or post.flag("deleted_at")
    return bool(post.text("id")) and (post.text("post_type") or "1") in _WRITTEN and not hidden


def _words(markup: str) -> str:
    """Reads what the writer wrote: without quoted posts, previews of links, and what stands below a picture."""
    body = fragment(markup)
    for element in _NOT_THE_AUTHORS.all(body):
        if element.getparent() is not None:
            element.drop_tree()
    keep_smileys(body)
    return element_text(body)


def _counts(topic: JsonObject) -> Counts:
    posts = topic.number("posts_count")
    return Counts(
        views=topic.number("views"),
        replies=None if posts is None else max(posts - 1, 0),
        likes=topic.number("like_count"),
    )


def _native(number: str) -> str:
    return f"pid:{number}" if number else ""
