"""Whether two entries of feeds are one post: what an id is worth, by the words, the address and the time beside it.

Feeds break their ids in known ways: one id for all entries, an id that follows the scheme, the host's case or the
clock, a topic's id for its last reply. Nothing here knows a feed's format.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit, urlunsplit

_VOLATILE = frozenset(["_", "_t", "t", "ts", "time", "timestamp", "r", "rand", "random", "nocache", "cb", "v"])
_MOMENT = re.compile(r"\d{10,17}|\d*\.\d{6,}")  # a clock in seconds or finer, or a random number
_PORTS = {"http": 80, "https": 443}
_WORD = re.compile(r"\w+")
_ALIKE = 0.5  # of the shorter text's pairs of characters: edits keep most words; unrelated Chinese texts share a tenth
_TELLING = 6  # pairs: fewer are in any longer text
_COMPARED = 2000  # characters


@dataclass(frozen=True, slots=True)
class Likeness:
    """What tells one post from another: `words` are title and text, `published_at` is None where nobody knows it."""

    url: str
    title: str
    text: str
    published_at: datetime | None


def plain(guid: str) -> str:
    """Writes an id as it stays: an address with its host in small letters, without the usual port and without a clock.

    A parameter is a clock, or a random number, by its name and its digits; where a reader comes from (`utm_…`) is none
    of the post either. Any other id is as it was told.
    """
    parts = _address(guid)
    if parts is None:
        return guid
    query = "&".join(piece for piece in parts.query.split("&") if not _moves(piece))
    port = parts.port if parts.port not in (None, _PORTS[parts.scheme]) else None
    host = (parts.hostname or "") + (f":{port}" if port else "")
    return urlunsplit((parts.scheme, host, parts.path, query, parts.fragment))


def spellings(guid: str) -> tuple[str, ...]:
    """Lists how one id may have been written: as told, plainly, and plainly with the other of the two schemes."""
    simple = plain(guid)
    scheme, separator, rest = simple.partition("://")
    other = {"http": "https", "https": "http"}.get(scheme) if separator else None
    return tuple(dict.fromkeys([guid, simple, *([f"{other}://{rest}"] if other else [])]))


def _address(guid: str) -> SplitResult | None:
    try:
        parts = urlsplit(guid)
        _ = parts.port  # raises for one that is none
    except ValueError:
        return None
    return parts if parts.scheme in _PORTS and parts.hostname else None


def _moves(piece: str) -> bool:
    name, _, value = piece.partition("=")
    name = name.lower()
    return name.startswith("utm_") or (name in _VOLATILE and bool(_MOMENT.fullmatch(value)))


def same_words(one: str, other: str) -> bool:
    """Tells whether a text may be an edition, a beginning or an edit of another."""
    if one == other:
        return True
    first, second = _pairs(one), _pairs(other)
    if min(len(first), len(second)) < _TELLING:
        return first == second
    return len(first & second) >= _ALIKE * min(len(first), len(second))


def one_post(known: Likeness, shown: Likeness, *, together: bool = False) -> bool:
    """Tells whether an entry under a known id is that post, maybe edited, rather than another one under its id.

    Words that are alike are one post whatever the time says: many sites date an edit anew. Other words are an edit
    where the time stayed, or where nothing tells a time and the title stayed. Notices are all alike, so that where the
    address differs the time must agree too; and of two that stand `together` in one document, every word, where
    address or time differ.
    """
    alike = same_words(known.text or known.title, shown.text or shown.title)
    dated = known.published_at is not None or shown.published_at is not None
    if _elsewhere(known.url, shown.url):
        if together:
            return (known.title, known.text) == (shown.title, shown.text)
        return alike and dated and known.published_at == shown.published_at
    if together and known.published_at != shown.published_at:
        return (known.title, known.text) == (shown.title, shown.text)
    if alike:
        return True
    return known.published_at == shown.published_at if dated else bool(known.title) and known.title == shown.title


def _elsewhere(one: str, other: str) -> bool:
    """Tells whether two addresses, if there are two, lead to two pages."""
    return bool(one and other) and not set(spellings(one)) & set(spellings(other))


def renamed(known: Sequence[tuple[str, Likeness]], shown: Likeness) -> str | None:
    """Finds the id under which a post was known before its id changed: same address, title, words and time."""
    return next((native_id for native_id, one in known if one.url and one == shown), None)


@lru_cache(maxsize=256)  # one holder of an id is compared with many
def _pairs(text: str) -> frozenset[str]:
    words = "".join(_WORD.findall(text[:_COMPARED].casefold()))
    return frozenset(words[start : start + 2] for start in range(max(1, len(words) - 1))) - {""}
