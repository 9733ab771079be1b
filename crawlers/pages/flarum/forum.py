"""Flarum as the walk's port sees it: one list of all discussions, and the posts of each, all of them JSON:API."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from urllib.parse import urljoin

from crawlers.pages.answers import JsonObject, asked, folder, fragment, keep_smileys, number, rank_of, read_json
from crawlers.pages.forum import Answer, BoardListing, Forum, Index, ListedThread, PageRefused, Refusal, ThreadPage
from crawlers.pages.markup import element_text
from crawlers.pages.observation import Observation
from crawlers.pages.times import not_understood, read_time
from crawlers.pages.xpath import Elements, Words
from stream.errors import Rejected
from stream.messages import Counts, Kind

PARSER, VERSION = "flarum", 1  # for `Post.crawl`
ALL = "all"  # the one board: tags are an extension, and a discussion may have none

_MOST = 50  # per page: what Flarum gives at most
_DISCUSSION = re.compile(r"/d/(\d+)|/api/discussions/(\d+)$")
_REFUSALS = {
    "not_found": Refusal.GONE,
    "permission_denied": Refusal.PERMISSION,
    "not_authenticated": Refusal.PERMISSION,
}
_QUOTES = Elements(".//blockquote")
# Of a post that was deleted since it is no link.
_MENTION_FIRST = Elements("(.//text()[normalize-space()])[1]/ancestor::*[contains(@class,'PostMention')]")
_ANSWERED = Words("(.//*[contains(@class,'PostMention')])[1]/@data-id")


@dataclass(frozen=True, slots=True)
class FlarumForum(Forum):
    """One Flarum forum. `home` is its folder; JSON is UTF-8 by definition, whatever `encoding` says."""

    home: str
    encoding: str | None = None

    statuses: ClassVar[frozenset[int]] = frozenset({401, 403, 404})

    def index_url(self) -> str:
        """Builds the address at which the forum tells of itself."""
        return self._address("api")

    def board_url(self, board: str) -> str:
        """Builds the address of page one of all discussions, by last post."""
        return self._address(f"api/discussions?sort=-lastPostedAt&page[limit]={_MOST}")

    def thread_url(self, thread: str) -> str:
        """Builds the address of page one of a discussion's posts."""
        return self._address(f"api/posts?filter[discussion]={thread}&sort=number&page[limit]={_MOST}")

    def thread_id(self, url: str) -> str | None:
        """Finds the discussion that an address leads to, of its page or of its posts."""
        filtered = asked(url, "filter[discussion]")
        match = _DISCUSSION.search(url.partition("?")[0])
        return filtered or ((match[1] or match[2]) if match else None)

    def read_boards(self, answer: Answer) -> Index:
        """Reads whether it is a Flarum forum that answers; it has one list."""
        if _read(answer).one("data").text("type") != "forums":
            raise Rejected("layout", "not a Flarum forum's own description")
        return Index(boards=(ALL,))

    def read_board(self, answer: Answer, board: str) -> BoardListing:
        """Reads a page of the discussions."""
        told = _read(answer)
        rows = (row for row in told.all("data") if row.text("type") == "discussions" and row.text("id"))
        return BoardListing(page=None, next=_following(told, self.board_url(board)), threads=tuple(map(_row, rows)))

    def read_thread(self, answer: Answer, thread: str, opening: str | None) -> ThreadPage:
        """Reads a page of a discussion's posts. What the software noted among them (renamed, locked) is no post."""
        told = _read(answer)
        posts = [post for post in told.all("data") if post.text("type") == "posts" and post.text("id")]
        first = next((post for post in posts if post.one("attributes").text("number") == "1"), None)
        opening = opening or (_native(first.text("id")) if first else None)
        offset = asked(answer.url, "page[offset]")
        public = [post for post in posts if _is_public(post.one("attributes"))]
        about = next((one for one in told.all("included") if _is_of(one, thread)), JsonObject(None))
        board = _tag(about, told.all("included"))
        return ThreadPage(
            page=(number(offset) or 0) // _MOST + 1 if posts else None,
            next=_following(told, self.thread_url(thread)),
            opening=opening,
            observations=tuple(
                self._observation(post, about.one("attributes"), thread, opening, board, answer.at)
                for post in public
                if "contentHtml" in post.one("attributes")
            ),
            unreadable=tuple(_native(one.text("id")) for one in public if "contentHtml" not in one.one("attributes")),
        )

    def rank(self, native_id: str) -> int | None:
        """Returns the post's number, which rises with time over the whole forum."""
        return rank_of(native_id)

    def _observation(
        self,
        post: JsonObject,
        about: JsonObject,
        thread: str,
        opening: str | None,
        board: str | None,
        at: datetime,
    ) -> Observation:
        native_id, said = _native(post.text("id")), post.one("attributes")
        first = native_id == opening
        told = said.moment("createdAt")
        published_at, precision = read_time(told, at)
        text, answered = _words(said.text("contentHtml"))
        comments = about.number("commentCount")
        return Observation(
            native_id=native_id,
            kind=Kind.THREAD if first else Kind.REPLY,
            thread=opening or native_id,
            parent=_native(answered) if answered else None,
            board=board,
            floor=said.number("number"),
            url=self._address(f"d/{thread}" + ("" if first else f"/{said.text('number')}")),
            title=about.text("title"),
            text=text,
            author=post.one("relationships").one("user").one("data").text("id") or None,
            published_at=published_at,
            published_precision=precision,
            unread_time=not_understood(told, published_at),
            edited_at=read_time(said.text("editedAt"), at)[0],
            counts=Counts(replies=max(comments - 1, 0)) if first and comments is not None else Counts(),
        )

    def _address(self, page: str) -> str:
        return urljoin(folder(self.home), page)


def _read(answer: Answer) -> JsonObject:
    told = JsonObject(read_json(answer))
    for error in told.all("errors"):
        refusal = _REFUSALS.get(error.text("code"), Refusal.CLOSED)
        raise PageRefused(refusal, error.text("detail") or error.text("code"))
    if "data" not in told:
        raise Rejected("layout", "JSON without data")
    return told


def _row(row: JsonObject) -> ListedThread:
    about = row.one("attributes")
    return ListedThread(
        thread=row.text("id"),
        counters=f"{about.text('commentCount')} {about.text('lastPostedAt')}",
        sticky=about.flag("isSticky"),
    )


def _following(told: JsonObject, first: str) -> str | None:
    offset = asked(told.one("links").text("next"), "page[offset]")
    return f"{first}&page[offset]={offset}" if offset.isdecimal() else None


def _is_public(said: JsonObject) -> bool:
    return said.text("contentType") == "comment" and not said.flag("isHidden")


def _is_of(included: JsonObject, thread: str) -> bool:
    return (included.text("type"), included.text("id")) == ("discussions", thread)


def _tag(discussion: JsonObject, included: list[JsonObject]) -> str | None:
    """Finds the name of the discussion's first tag, where the answer tells its tags and what they are called."""
    tags = discussion.one("relationships").one("tags").all("data")
    names = {one.text("id"): one.one("attributes").text("name") for one in included if one.text("type") == "tags"}
    return next((names[tag.text("id")] for tag in tags if names.get(tag.text("id"))), None)


def _words(markup: str) -> tuple[str, str]:
    """Reads what the writer wrote, without the posts that are quoted, and the id of the post that is answered.

    Flarum begins an answer with a mention of the post; it tells who wrote that, and `[deleted]` when it is gone.
    """
    body = fragment(markup)
    answered = _ANSWERED.of(body)
    for quote in reversed(_QUOTES.all(body)):  # what is within first: its head is not that of the quote around it
        if _MENTION_FIRST.first(quote) is not None:
            quote.drop_tree()
    head = _MENTION_FIRST.first(body)
    if head is not None and head.get("data-id") == answered:
        head.drop_tree()
    keep_smileys(body)
    return element_text(body), answered if answered.isdecimal() else ""


def _native(number: str) -> str:
    return f"pid:{number}"
