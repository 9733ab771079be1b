"""The edge: an observation becomes a post here, and only here. What is normalised once is never normalised again."""

from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from unicodedata import is_normalized
from unicodedata import normalize as compose
from urllib.parse import urlsplit

import regex
from w3lib.url import safe_url_string

from crawlers.pages.observation import Observation
from crawlers.pages.times import plausible
from stream.messages import (
    BELIEVED_FUTURE,
    MAX_TEXT,
    Counts,
    Crawl,
    Post,
    Precision,
    author_hash,
    content_hash,
    counted_at,
    post_id,
)

MAX_TITLE = 300
MAX_NAME = 300  # of an id or a board
MAX_URL = 2083  # what old browsers stop at
MOST = 10**12  # no counter of a real site is higher
_LONGEST_TIME = 40  # characters of a time that was not understood, in a source's line
_LOST_BEFORE = "锟斤拷"  # two U+FFFD in UTF-8, read as GBK
_LOST = 0.03  # of the characters: so many may be U+FFFD in a text that a person still reads

_BREAKS = regex.compile(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_SPACES = regex.compile(r"[\u00a0\u2000-\u200a\u202f\u205f]")
# Controls, direction overrides, zero-width marks, soft hyphens, noncharacters, and tags that belong to no flag.
_INVISIBLE = regex.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\p{Noncharacter_Code_Point}]|(?<![\U0001f3f4\U000e0000-\U000e007f])[\U000e0000-\U000e007f]+"
)
# A joiner belongs inside an emoji or between letters that join; anywhere else it only hides a word from the search.
_JOINED = r"[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f\p{Arabic}\p{Mongolian}\p{Devanagari}\p{Bengali}]"
_STRAY_JOINERS = regex.compile(rf"(?<!{_JOINED})[\u200c\u200d]|[\u200c\u200d](?!{_JOINED})")
_PILED_MARKS = regex.compile(r"(\p{M}{8})\p{M}+")
_EMPTY_LINES = regex.compile(r"\n{3,}")
# What any of the above may change, or only broken text holds. Nearly every text has none of it, and is looked at once.
_UNUSUAL = regex.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\xa0\u00ad\u061c\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\ud800-\udfff\ufeff"
    r"\ufff9-\ufffb\U000e0000-\U000e007f\p{Noncharacter_Code_Point}\p{M}]"
)
_PLAIN_NAME = regex.compile(rf"[!-~]{{1,{MAX_NAME}}}")
# An address in which nothing is to be escaped, and that hides no name, password or port.
_PLAIN_ADDRESS = regex.compile(
    r"https?://[a-z0-9][a-z0-9.-]*[a-z0-9](?::(?:[1-5]\d{4}|[1-9]\d{0,3}))?/[A-Za-z0-9._~/-]*(?:\?[A-Za-z0-9._~/=&-]+)?"
)
_OF_A_DATE = regex.compile(r"[\p{N}年月日天前昨今]")
_GRAPHEME = regex.compile(r"\X")


def to_post(
    observation: Observation,
    *,
    site: str,
    source: str,
    voice_key: bytes,
    first_seen_at: datetime,
    observed_at: datetime,
    crawl: Crawl,
    keep_voice: bool = True,
    counts_now: bool = True,
    deleted_at: datetime | None = None,
) -> Post:
    """Builds the post that an observation amounts to; any text will do, none raises.

    `keep_voice` is False for internal channels: nothing about the writer is kept. `counts_now` is False for rows that
    lack an id or a time: they are charted and found, and never part of a spike. Nor is any post whose time is said and
    not understood.
    """
    published_at, precision = _published(observation)
    counts = counts_now and understood(observation)
    first_seen_at = _milliseconds(first_seen_at)
    title, whole = line(observation.title, MAX_TITLE), normalise(observation.text)
    text = cut(whole, MAX_TEXT)
    return Post(
        id=identify(site, observation.native_id),
        site=site,
        native_id=name_of(observation.native_id),
        source=source,
        kind=observation.kind,
        thread_id=identify(site, observation.thread),
        parent_id=identify(site, observation.parent) if observation.parent else None,
        board=line(observation.board or "", MAX_NAME) or None,
        floor=observation.floor,
        url=web_address(observation.url),
        title=title,
        text=text,
        truncated=observation.cut or text != whole,
        voice=_voice(observation, voice_key, site, published_at or first_seen_at) if keep_voice else None,
        published_at=published_at,
        published_precision=precision,
        first_seen_at=first_seen_at,
        observed_at=_milliseconds(observed_at),
        counted_at=counted_at(published_at, precision, first_seen_at) if counts else None,
        charted_at=_charted_at(published_at, first_seen_at),
        edited_at=_plausible(observation.edited_at),
        deleted_at=_plausible(deleted_at),
        counts=_counts(observation.counts),
        content_hash=content_hash(title, text),
        crawl=crawl,
    )


def understood(observation: Observation) -> bool:
    """Tells whether what a page says of when it was published, if it says anything, can be a time.

    A page of old posts in a form nobody knows is no burst of now, and neither is one of the year 1.
    """
    return not unread_time(observation)


def unread_time(observation: Observation) -> str:
    """Writes the time that was not understood for whoever looks: the page's words, or a day that can be none.

    Words without anything of a date are not repeated: where a name has come into the place of the time, it is kept
    nowhere.
    """
    told, moment = observation.unread_time, observation.published_at
    if told:
        return line(told, _LONGEST_TIME) if _OF_A_DATE.search(told) else "words without a date"
    return f"{moment:%Y-%m-%d}" if moment and not plausible(moment) else ""


def readable(observation: Observation) -> bool:
    """Tells whether its words are text: not if more than three in a hundred characters, and more than one, are U+FFFD.

    Those are bytes that were read in the wrong encoding, or of none; where the site itself did so, two are `锟斤拷`.
    """
    words = observation.title + observation.text
    lost = words.count("\ufffd") + words.count(_LOST_BEFORE)
    return lost <= 1 or lost <= _LOST * len(words)


@lru_cache(maxsize=1024)  # a page's posts share their thread
def identify(site: str, native_id: str) -> str:
    """Builds the id of the post that a site calls `native_id`, as `to_post` gives it."""
    return post_id(site, name_of(native_id))


def name_of(told: str) -> str:
    """Writes a site's id as it is kept: one line; a very long one is its beginning and a hash, so that two stay two."""
    if _PLAIN_NAME.fullmatch(told):
        return told
    name = " ".join(normalise(told).split())
    if len(name) <= MAX_NAME:
        return name
    return f"{name[: MAX_NAME - 33]}…{sha256(name.encode()).hexdigest()[:32]}"


def normalise(text: str) -> str:
    """Writes `text` as it is kept: valid UTF-8, NFC, `\\n` for every line break, nothing invisible.

    It is idempotent and total.
    """
    if _UNUSUAL.search(text) is None and is_normalized("NFC", text):
        return _trimmed(text)
    # Through UTF-16 the two halves of one emoji, as broken JSON has them, become that emoji again.
    paired = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    seen = _INVISIBLE.sub("", _SPACES.sub(" ", _BREAKS.sub("\n", paired)))
    composed = compose("NFC", _STRAY_JOINERS.sub("", seen))
    return _trimmed(_PILED_MARKS.sub(r"\1", composed))


def _trimmed(text: str) -> str:
    lines = "\n".join(part.rstrip() for part in text.split("\n"))
    return str(_EMPTY_LINES.sub("\n\n", lines)).strip()


@lru_cache(maxsize=64)  # a page's posts share their title and board
def line(text: str, most: int) -> str:
    """Normalises `text` into one line of at most `most` characters."""
    return cut(" ".join(normalise(text[: 8 * most]).split()), most)


def cut(text: str, most: int) -> str:
    """Finds the longest beginning of `text` within `most` characters that ends where a reader sees a character end."""
    if len(text) <= most:
        return text
    end = 0
    for grapheme in _GRAPHEME.finditer(text, endpos=most + 1):  # one more: shows whether the last one goes on
        if grapheme.end() > most:
            break
        end = grapheme.end()
    return text[: end or most].rstrip()


def web_address(url: str) -> str:
    """Returns `url` if it leads to a web page: http or https, no password in it, of bearable length; else empty."""
    if len(url) <= MAX_URL and _PLAIN_ADDRESS.fullmatch(url):
        return url
    try:
        address = safe_url_string(normalise(url))
        parts = urlsplit(address)
        well = parts.scheme in ("http", "https") and parts.hostname and parts.username is None
    except ValueError:
        return ""
    return address if well and len(address) <= MAX_URL else ""


def _voice(observation: Observation, key: bytes, site: str, month_of: datetime) -> str:
    """Hashes the writer; all anonymous writers of one thread are one voice.

    The NUL keeps it apart from every id a site can give.
    """
    author = name_of(observation.author or "") or f"\0{name_of(observation.thread)}"
    return author_hash(key, site, author, month_of)


def _published(observation: Observation) -> tuple[datetime | None, Precision]:
    published_at = _plausible(observation.published_at)
    return published_at, observation.published_precision if published_at else Precision.UNKNOWN


def _charted_at(published_at: datetime | None, first_seen_at: datetime) -> datetime:
    if published_at is None or published_at > first_seen_at + BELIEVED_FUTURE:
        return first_seen_at
    return published_at


def _plausible(moment: datetime | None) -> datetime | None:
    return _milliseconds(moment) if moment is not None and plausible(moment) else None


@lru_cache(maxsize=64)  # a page's posts share when they were seen
def _milliseconds(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)


def _counts(told: Counts) -> Counts:
    return Counts(
        views=_count(told.views), replies=_count(told.replies), likes=_count(told.likes), reposts=_count(told.reposts)
    )


def _count(told: int | None) -> int | None:
    return told if told is not None and 0 <= told <= MOST else None
