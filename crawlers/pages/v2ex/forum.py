"""V2EX as the walk's port sees it: the nodes that are configured, their latest topics, a topic, then its replies."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import quote, urljoin

from crawlers.pages.answers import JsonObject, asked, fragment, keep_smileys, objects, rank_of, read_json
from crawlers.pages.forum import Answer, BoardListing, Forum, Index, ListedThread, PageRefused, Refusal, ThreadPage
from crawlers.pages.markup import element_text
from crawlers.pages.observation import Observation
from crawlers.pages.times import not_understood, read_time
from stream.errors import Rejected
from stream.messages import Counts, Kind

PARSER, VERSION = "v2ex", 1  # for `Post.crawl`

_TOPIC = re.compile(r"/t/(\d+)$")
_REPLIES = "replies/show.json"


@dataclass(frozen=True, slots=True)
class V2exForum(Forum):
    """The site. `nodes` are those to read: at 120 calls an hour nobody can read all.

    A topic's opening post and all its replies are two answers, its first page and its second. A reply tells neither
    title nor node: the walk knows them from the first page.
    """

    home: str
    encoding: str | None = None
    nodes: tuple[str, ...] = ()

    statuses: ClassVar[frozenset[int]] = frozenset({403, 404})

    def index_url(self) -> str:
        """Builds the address of the latest topics, which shows whether the API answers."""
        return self._api("topics/latest.json")

    def board_url(self, board: str) -> str:
        """Builds the address of a node's topics; there is no second page of them."""
        return self._api(f"topics/show.json?node_name={quote(board, safe='')}")

    def thread_url(self, thread: str) -> str:
        """Builds the address of a topic."""
        return self._api(f"topics/show.json?id={thread}")

    def thread_id(self, url: str) -> str | None:
        """Finds the topic that an address leads to."""
        match = _TOPIC.search(url.partition("?")[0].partition("#")[0])
        return match[1] if match else asked(url, "topic_id") or asked(url, "id") or None

    def read_boards(self, answer: Answer) -> Index:
        """Reads whether the API answers; the nodes are those of the configuration."""
        _read(answer)
        return Index(boards=self.nodes)

    def read_board(self, answer: Answer, board: str) -> BoardListing:
        """Reads the topics that a node shows."""
        topics = [topic for topic in objects(_read(answer)) if topic.text("id")]
        total = topics[0].one("node").number("topics") if topics else None
        return BoardListing(page=None, next=None, threads=tuple(map(_row, topics)), total=total, cut=True)

    def read_thread(self, answer: Answer, thread: str, opening: str | None) -> ThreadPage:
        """Reads a topic, or its replies."""
        told = objects(_read(answer))
        if _REPLIES in answer.url:
            replies = [reply for reply in told if reply.text("id")]
            return self._page(2, None, opening, (self._reply(one, thread, opening, answer.at) for one in replies))
        if not told:
            raise PageRefused(Refusal.GONE, "no such topic")
        topic = told[0]
        if topic.text("id") != thread:
            raise Rejected("layout", "not the topic that was asked for")
        following = self._api(f"{_REPLIES}?topic_id={thread}") if topic.number("replies") else None
        return self._page(1, following, f"topic:{thread}", [self._topic(topic, thread, answer.at)])

    def rank(self, native_id: str) -> int | None:
        """Returns a reply's number, which rises with time; the topic stands above all replies."""
        return 0 if native_id.startswith("topic:") else rank_of(native_id)

    def _page(self, page: int, following: str | None, opening: str | None, posts: Iterable[Observation]) -> ThreadPage:
        return ThreadPage(page=page, next=following, opening=opening, observations=tuple(posts))

    def _topic(self, topic: JsonObject, thread: str, at: datetime) -> Observation:
        return self._observation(
            topic,
            at,
            native_id=f"topic:{thread}",
            kind=Kind.THREAD,
            thread=f"topic:{thread}",
            board=topic.one("node").text("title") or topic.one("node").text("name") or None,
            title=topic.text("title"),
            url=urljoin(self.home, f"/t/{thread}"),
            counts=Counts(replies=topic.number("replies")),
        )

    def _reply(self, reply: JsonObject, thread: str, opening: str | None, at: datetime) -> Observation:
        return self._observation(
            reply,
            at,
            native_id=f"reply:{reply.text('id')}",
            kind=Kind.REPLY,
            thread=opening or f"topic:{thread}",
            url=urljoin(self.home, f"/t/{thread}#r_{reply.text('id')}"),
        )

    def _observation(self, said: JsonObject, at: datetime, **about: Any) -> Observation:
        told = said.moment("created")
        published_at, precision = read_time(told, at)
        return Observation(
            text=_words(said),
            author=said.one("member").text("id") or said.one("member").text("username") or None,
            published_at=published_at,
            published_precision=precision,
            unread_time=not_understood(told, published_at),
            **about,
        )

    def _api(self, path: str) -> str:
        return urljoin(self.home, f"/api/{path}")


def _read(answer: Answer) -> object:
    told = read_json(answer)
    refused = JsonObject(told)
    if refused.text("status") == "error" or refused.text("message"):
        gone = "not found" in refused.text("message").lower()
        raise PageRefused(Refusal.GONE if gone else Refusal.CLOSED, refused.text("message"))
    if not isinstance(told, list):
        raise Rejected("layout", "JSON that is no list")
    return told


def _row(topic: JsonObject) -> ListedThread:
    moved = topic.text("last_touched") or topic.text("last_modified")
    return ListedThread(thread=topic.text("id"), counters=f"{topic.text('replies')} {moved}")


def _words(said: JsonObject) -> str:
    rendered = said.text("content_rendered")
    if not rendered:
        return said.text("content")
    body = fragment(rendered)
    keep_smileys(body)
    return element_text(body)
