"""One entry of a feed, whatever the feed's format, and the observation it amounts to."""

import re
from dataclasses import dataclass
from datetime import datetime, tzinfo
from hashlib import sha256
from urllib.parse import urldefrag, urljoin

from crawlers.pages.feeds.bylines import without_bylines
from crawlers.pages.feeds.footers import without_footer
from crawlers.pages.feeds.mending import mended_html
from crawlers.pages.feeds.topics import Topic, names_no_board, topic_of
from crawlers.pages.markup import text_of
from crawlers.pages.observation import Observation
from crawlers.pages.reposts import in_chains
from crawlers.pages.times import not_understood, read_time
from stream.messages import Counts, Kind

# WeWe-RSS writes this where it could not fetch an article's text.
_NO_TEXT = frozenset(["获取全文失败，请重试~", "获取全文失败，请重试"])
_COMMENT_LINK = re.compile(r"#comment-\d+$")
# WordPress opens the text of a nested comment with a line that names the other writer.
_IN_REPLY_TO = re.compile(r'\s*<p>[^<]*<a [^>]*href="(?P<link>[^"]+#comment-\d+)"[^>]*>[^<]*</a>[^<]{0,40}</p>')


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a feed says of one entry. `title` is text, `markup` HTML; times are as written, links absolute."""

    guid: str = ""
    link: str = ""
    title: str = ""
    markup: str = ""
    author: str | None = None
    board: str | None = None
    published: str = ""
    updated: str = ""
    in_reply_to: str | None = None
    replies: int | None = None

    @property
    def native_id(self) -> str:
        """The feed's own id, else the link, else a hash of the words: an entry without either changes by editing."""
        if self.guid or self.link:
            return f"entry:{self.guid or self.link}"
        words = "\n".join((self.title, self.markup, self.published))
        return f"entry:{sha256(words.encode('utf-8', 'replace')).hexdigest()[:32]}"

    def is_empty(self) -> bool:
        """Tells whether there is nothing to know it by and nothing to read."""
        return not (self.guid or self.link or self.title or self.markup)


def absolute(url: str, link: str) -> str:
    """Resolves `link` as written on the page at `url`; empty where it leads nowhere."""
    try:
        return urljoin(url, link) if link else ""
    except ValueError:  # such as http://[
        return ""


def first_with_words(*markups: str) -> str:
    """Finds the first text in which there is something to read, as there is not in `<p></p>` or a picture alone.

    Where none has words, it is the first that is not blank.
    """
    told = [markup for markup in markups if markup.strip()]
    if len(told) < 2:
        return "".join(told)
    return next((markup for markup in told if text_of(mended_html(markup))), told[0])


def to_observation(entry: Entry, kind: Kind, at: datetime, zone: tzinfo) -> Observation:
    """Reads the entry as a post. Comments are told by their link or by what they answer, whatever `kind` says.

    A line that names the other writer opens comments alone: in an article the same is a link like any other.
    Where `kind` says no more than that it is an article, an address of a forum's form makes it a thread or a reply. No
    writer's name that the software put into the text stays there.
    """
    if entry.in_reply_to or _COMMENT_LINK.search(entry.link):
        kind = Kind.COMMENT
    reply = _IN_REPLY_TO.match(entry.markup) if kind is Kind.COMMENT else None
    parent = reply["link"] if reply else entry.in_reply_to
    topic = topic_of(entry.link, entry.title) if kind is Kind.ARTICLE else None
    if topic is not None:
        kind = Kind.REPLY if topic.is_reply else Kind.THREAD
    told, changed = read_time(entry.published, at, zone), read_time(entry.updated, at, zone)
    published_at, precision = told if told[0] else changed
    updated_at = changed[0]
    markup = mended_html(entry.markup[reply.end() :] if reply else entry.markup)
    text = in_chains(text_of(without_bylines(without_footer(markup), entry.author)))
    return Observation(
        native_id=entry.native_id,
        kind=kind,
        thread=_thread(entry) if kind is Kind.COMMENT else f"entry:{topic.key}" if topic else entry.native_id,
        parent=f"entry:{parent}" if parent else None,
        board=None if kind is Kind.COMMENT else _board(entry, topic),
        url=entry.link,
        title="" if kind is Kind.COMMENT and _names_writer(entry) else _title(entry, topic),
        text="" if text in _NO_TEXT else text,
        author=entry.author,
        published_at=published_at,
        published_precision=precision,
        # Not by `updated` either: many feeds write there when they themselves were made, and an old post would be new.
        unread_time=not_understood(entry.published, told[0]) or not_understood(entry.updated, published_at),
        edited_at=updated_at if updated_at and published_at and updated_at > published_at else None,
        counts=Counts(replies=entry.replies),
    )


def _title(entry: Entry, topic: Topic | None) -> str:
    """Finds the subject: phpBB's titles are `board • Re: subject`, the same for all of a topic without the rest."""
    return topic.subject if topic is not None and topic.subject else in_chains(entry.title)


def _board(entry: Entry, topic: Topic | None) -> str | None:
    if topic is None:
        return entry.board
    return topic.board or (None if names_no_board(entry.board or "") else entry.board)


def _thread(entry: Entry) -> str:
    """Names the page under which a comment stands; the entries of WordPress's two feeds meet in it."""
    if _COMMENT_LINK.search(entry.link):
        return f"entry:{urldefrag(entry.link).url}"
    return f"entry:{entry.in_reply_to}" if entry.in_reply_to else entry.native_id


def _names_writer(entry: Entry) -> bool:
    """Tells whether the title is the software's own `Comment on … by NAME`: no name is stored anywhere."""
    return bool(entry.author) and str(entry.author) in entry.title
