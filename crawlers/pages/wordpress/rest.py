"""What a page of a list says: posts, or comments, as observations; and what an answer means that is no such page."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Any

from crawlers.pages.feeds.mending import mended_html, mended_title
from crawlers.pages.forum import Answer
from crawlers.pages.markup import text_of
from crawlers.pages.observation import Observation
from crawlers.pages.times import not_understood, read_time
from crawlers.pages.wordpress.address import Listing
from stream.errors import Rejected
from stream.messages import Kind

PARSER, VERSION = "wordpress", 1  # for `Post.crawl`
_PINGS = frozenset(["pingback", "trackback"])  # programs' notes that another page links here
_NO_SUCH_ROUTE = "rest_no_route"
_SWITCHED_OFF = ("disabled", "unavailable", _NO_SUCH_ROUTE)


class Meaning(Enum):
    """What an answer is, by its status and its words."""

    PAGE = auto()
    END = auto()  # a page beyond the last one
    CLOSED = auto()  # the interface, or this list, is not for guests
    ABSENT = auto()  # no interface: switched off, or no WordPress


@dataclass(frozen=True, slots=True, kw_only=True)
class RestPage:
    """One page of a list. `total` and `pages` are the site's own, None where a server takes the headers off.

    `parents` are the posts that its comments stand under, `withheld` rows that are not for us to read: behind a
    password, a ping. `unreadable` counts rows that were not understood.
    """

    observations: tuple[Observation, ...]
    total: int | None
    pages: int | None
    withheld: int = 0
    unreadable: int = 0

    @property
    def parents(self) -> frozenset[str]:
        """Names the posts under which its comments stand."""
        return frozenset(one.thread for one in self.observations if one.kind is Kind.COMMENT)


def meaning_of(status: int, body: bytes, number: int) -> tuple[Meaning, str]:
    """Tells what an answer for page `number` of a list means, and the word that the site gives for it."""
    code = _code(body)
    if status == 400 and number > 1:
        return Meaning.END, code
    if status in (401, 403) or (code and status == 404 and not any(one in code for one in _SWITCHED_OFF)):
        return Meaning.CLOSED, code or f"http_{status}"
    if status in (400, 404, 410):
        return Meaning.ABSENT, code or f"http_{status}"
    return Meaning.PAGE, code


def read_list(answer: Answer, listing: Listing, headers: Mapping[str, str], boards: Mapping[int, str]) -> RestPage:
    """Reads a page of posts, of which `boards` are the categories' names by number, or of comments.

    Raises `Rejected("not_wordpress")` for anything else, such as the site's own page for whatever it does not know.
    """
    rows = _rows(answer.body)
    shown = [_read(row, listing, boards, answer.at) for row in rows if not _is_withheld(row)]
    known = tuple(one for one in shown if one is not None)
    return RestPage(
        observations=known,
        total=_number(headers.get("X-WP-Total")),
        pages=_number(headers.get("X-WP-TotalPages")),
        withheld=len(rows) - len(shown),
        unreadable=len(shown) - len(known),
    )


def read_categories(body: bytes) -> Mapping[int, str]:
    """Reads the categories' names by number."""
    return {row["id"]: text_of(str(row.get("name", ""))) for row in _rows(body) if isinstance(row.get("id"), int)}


def _rows(body: bytes) -> list[dict[str, Any]]:
    try:
        told = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Rejected("not_wordpress", f"no JSON: {error}") from error
    if not isinstance(told, list):
        raise Rejected("not_wordpress", _code(body) or "JSON, and no list")
    return [row for row in told if isinstance(row, dict)]


def _code(body: bytes) -> str:
    try:
        told = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return ""
    return str(told.get("code") or "")[:100] if isinstance(told, dict) else ""


def _is_withheld(row: Mapping[str, Any]) -> bool:
    content = row.get("content")
    return _text(row.get("type")) in _PINGS or (isinstance(content, dict) and content.get("protected") is True)


def _read(row: Mapping[str, Any], listing: Listing, boards: Mapping[int, str], at: datetime) -> Observation | None:
    number = row.get("id")
    if not isinstance(number, int) or isinstance(number, bool):
        return None
    told, edited = _text(row.get("date_gmt")), _text(row.get("modified_gmt"))
    (published_at, precision), (modified_at, _) = read_time(told, at, UTC), read_time(edited, at, UTC)
    shared: dict[str, Any] = {
        "url": _text(row.get("link")),
        "text": text_of(mended_html(_rendered(row, "content"))),
        "author": _author(row),
        "published_at": published_at,
        "published_precision": precision,
        "unread_time": not_understood(told, published_at),
        "edited_at": modified_at if modified_at and published_at and modified_at > published_at else None,
    }
    if listing is Listing.COMMENTS:
        post, parent = _number(row.get("post")), _number(row.get("parent"))
        thread = f"post:{post}" if post else f"comment:{number}"
        above = f"comment:{parent}" if parent else None
        return Observation(native_id=f"comment:{number}", kind=Kind.COMMENT, thread=thread, parent=above, **shared)
    name = f"post:{number}"
    title = text_of(mended_title(_rendered(row, "title")))
    board = _board(row.get("categories"), boards)
    return Observation(native_id=name, kind=Kind.ARTICLE, thread=name, board=board, title=title, **shared)


def _author(row: Mapping[str, Any]) -> str | None:
    """Finds what tells one writer from another: the account's number, else the name that a guest gave."""
    account = _number(row.get("author"))
    return f"user:{account}" if account else _text(row.get("author_name")) or None


def _board(categories: object, boards: Mapping[int, str]) -> str | None:
    numbers = categories if isinstance(categories, list) else []
    return next((boards[number] for number in numbers if isinstance(number, int) and number in boards), None)


def _rendered(row: Mapping[str, Any], field: str) -> str:
    value = row.get(field)
    return _text(value.get("rendered")) if isinstance(value, dict) else _text(value)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int | None:
    told = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return int(told) if told.isascii() and told.isdigit() and len(told) < 16 else None
