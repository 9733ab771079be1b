"""JSON Feed 1.0 and 1.1 (jsonfeed.org)."""

import json
from html import escape
from typing import Any

from crawlers.pages.entry import Entry, absolute, first_with_words
from stream.errors import Rejected


def read_json_feed(document: str, url: str) -> tuple[list[Entry], str | None]:
    """Reads the entries, and the address of the page with older ones. Raises `Rejected` for any other JSON."""
    try:
        feed = json.loads(document)
    except (ValueError, RecursionError) as error:
        raise Rejected("not_a_feed", f"not JSON: {error}") from error
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise Rejected("not_a_feed", "JSON without a list of items")
    entries = [_entry(item, feed, url) for item in feed["items"] if isinstance(item, dict)]
    older = _text(feed.get("next_url"))
    return entries, absolute(url, older) or None


def _entry(item: dict[str, Any], feed: dict[str, Any], url: str) -> Entry:
    link = _text(item.get("url")) or _text(item.get("external_url"))
    tags = item.get("tags")
    return Entry(
        guid=_text(item.get("id")),
        link=absolute(url, link),
        title=_text(item.get("title")),
        markup=first_with_words(
            _text(item.get("content_html")), *(escape(_text(item.get(name))) for name in ("content_text", "summary"))
        ),
        author=_author(item) or _author(feed),
        board=_text(tags[0]) if isinstance(tags, list) and tags else _text(feed.get("title")),
        published=_time(item.get("date_published")),
        updated=_time(item.get("date_modified")),
    )


def _author(holder: dict[str, Any]) -> str | None:
    authors = holder.get("authors")  # 1.1; before, a single `author`
    author = authors[0] if isinstance(authors, list) and authors else holder.get("author")
    return (_text(author.get("url")) or _text(author.get("name")) or None) if isinstance(author, dict) else None


def _text(value: object) -> str:
    """Reads a string as it is; a number too, since ids often are numbers against the specification."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _time(value: object) -> str:
    """Reads whatever stands for a time: what is no text either must not pass for no time at all."""
    return "" if value is None else str(value)
