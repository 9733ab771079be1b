"""Answers of Mastodon's API (also of Pleroma, GoToSocial and others that speak it): accounts and statuses."""

import json
from collections.abc import Mapping
from typing import Any

from crawlers.pages.answers import fragment
from crawlers.pages.forum import Answer
from crawlers.pages.markup import element_text, text_of
from crawlers.pages.observation import Observation
from crawlers.pages.reposts import passing_on
from crawlers.pages.times import not_understood, read_time
from crawlers.pages.xpath import Elements
from stream.errors import Rejected
from stream.messages import Counts, Kind

PARSER, VERSION = "mastodon", 1  # for `Post.crawl`
_QUOTE_LINE = Elements("(.//*[contains(@class,'quote-inline')])[1]")
_PUBLIC = frozenset({"public", "unlisted"})  # followers-only and direct ones are not ours to read, with a token neither


def read_account(answer: Answer) -> str:
    """Reads an account's number on this server. Raises `Rejected("not_the_api")` for anything else."""
    told = _read(answer)
    if not isinstance(told, dict) or not _words(told.get("id")):
        raise Rejected("not_the_api", "no account in it")
    return _words(told["id"])


def read_timeline(answer: Answer, board: str) -> tuple[Observation, ...]:
    """Reads a page of a timeline, newest first; `board` is whose: an account's name, or a #hashtag.

    Statuses that are not public are left out. Raises as `read_account` does.
    """
    told = _read(answer)
    if not isinstance(told, list):
        raise Rejected("not_the_api", "no list of statuses")
    return tuple(_status(one, answer, board) for one in told if isinstance(one, dict) and _is_public(one))


def read_one(answer: Answer, board: str) -> Observation:
    """Reads one status. Raises as `read_account` does."""
    told = _read(answer)
    if not isinstance(told, dict) or not _is_public(told):
        raise Rejected("not_the_api", "no public status in it")
    return _status(told, answer, board)


def _read(answer: Answer) -> Any:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise Rejected("not_the_api", f"not JSON: {error}") from error


def _status(told: Mapping[str, Any], answer: Answer, board: str) -> Observation:
    name, boosted = f"status:{told['id']}", told.get("reblog")
    published = _words(told.get("created_at"))
    published_at, precision = read_time(published, answer.at)
    edited_at, _ = read_time(_words(told.get("edited_at")), answer.at)
    answered, account = _words(told.get("in_reply_to_id")) or _quoted(told), told.get("account")
    text = passing_on(_text(told), _text(boosted)) if isinstance(boosted, dict) else _text(told)
    return Observation(
        native_id=name,
        kind=Kind.STATUS,
        thread=name,
        parent=f"status:{answered}" if answered else None,
        board=board,
        url=_words(told.get("url")) or _words(told.get("uri")),
        text=text,
        author=_words(account.get("id")) or None if isinstance(account, dict) else None,
        published_at=published_at,
        published_precision=precision,
        unread_time=not_understood(published, published_at),
        edited_at=edited_at if edited_at and published_at and edited_at > published_at else None,
        counts=Counts(
            replies=_count(told.get("replies_count")),
            likes=_count(told.get("favourites_count")),
            reposts=_count(told.get("reblogs_count")),
        ),
    )


def _text(told: Mapping[str, Any]) -> str:
    """Reads what a reader sees once the warning is opened: the warning, the words, the options of a poll.

    Not their votes: each one would be an edit.
    """
    poll = told.get("poll")
    options = poll.get("options") if isinstance(poll, dict) else None
    parts = [text_of(_words(told.get("spoiler_text"))), _content(told)]
    listed = options if isinstance(options, list) else ()
    parts += [_words(one.get("title")) for one in listed if isinstance(one, dict)]
    return "\n".join(part for part in parts if part)


def _content(told: Mapping[str, Any]) -> str:
    """Reads the words without the line that stands in for a quoted status where nobody shows that."""
    content = _words(told.get("content"))
    if not isinstance(told.get("quote"), dict) or "quote-inline" not in content:
        return text_of(content)
    body = fragment(content)
    for line in _QUOTE_LINE.all(body):
        line.drop_tree()
    return element_text(body)


def _quoted(told: Mapping[str, Any]) -> str:
    """Finds the number of the status that is quoted, as far as the server may show it."""
    quote = told.get("quote")
    if not isinstance(quote, dict):
        return ""
    shown = quote.get("quoted_status")
    return _words(shown.get("id")) if isinstance(shown, dict) else _words(quote.get("quoted_status_id"))


def _is_public(told: Mapping[str, Any]) -> bool:
    boosted = told.get("reblog")
    shown = [told, *([boosted] if isinstance(boosted, dict) else [])]
    return bool(_words(told.get("id"))) and all(_words(one.get("visibility", "public")) in _PUBLIC for one in shown)


def _words(value: object) -> str:
    """Reads text; a number too, since some servers number what Mastodon writes as text."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
