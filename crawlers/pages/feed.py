"""RSS 0.9x to 2.0, RDF, Atom and JSON Feed: what one document says of its entries.

A feed is a window that moves: an entry that is no longer in it is not deleted.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from html import escape
from io import BytesIO
from typing import Any

import feedparser  # type: ignore[import-untyped]

from crawlers.pages.decoding import decode
from crawlers.pages.entry import Entry, absolute, first_with_words, to_observation
from crawlers.pages.feeds.advertised import advertised
from crawlers.pages.feeds.identity import Likeness, one_post
from crawlers.pages.feeds.mending import captions_apart, mended_title, mended_xml
from crawlers.pages.feeds.packed import unpacked
from crawlers.pages.jsonfeed import read_json_feed
from crawlers.pages.markup import text_of, with_whole_characters
from crawlers.pages.observation import Observation
from crawlers.pages.times import read_time
from stream.errors import Rejected
from stream.messages import Kind
from stream.process.clock import SHANGHAI

PARSER, VERSION = "feed", 2  # for `Post.crawl`

_PROLOG = re.compile(r"\s*<\?xml[^>]*\?>")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # not XML: one of them would cost the strict parser
_REFERENCE = re.compile(r"&#(?:(\d{1,9})|[xX]([0-9a-fA-F]{1,8}));?", re.ASCII)
_CHARACTERS = ((9, 11), (13, 14), (32, 0xD800), (0xE000, 0xFFFE), (0x10000, 0x110000))  # of XML: from, to before
_END = re.compile(r"</(?:\w+:)?(?:rss|feed|rdf)\s*>", re.IGNORECASE)
_OLDER = ("next", "prev-archive")  # RFC 5005: paged and archived feeds
_UTC = re.compile(r"(?<=\d)\s*(?:z|gmt|utc|(?:gmt|utc)?\s*[+-]00:?00)\s*$", re.IGNORECASE)
_AHEAD = timedelta(minutes=5)  # of the server's clock: what clocks differ by
_ALTERED = 3  # of a hundred characters: U+FFFD in a text that is read in a wrong encoding
_COMPARED = 5  # entries of one id: with so many is another one compared


class NotAFeed(Rejected):
    """Raised for a document that is no feed; `feeds` are the addresses that it names as its feeds, if it is a page."""

    def __init__(self, told: str, feeds: tuple[str, ...] = ()) -> None:
        super().__init__("not_a_feed", told)
        self.feeds = feeds


@dataclass(frozen=True, slots=True)
class FeedPage:
    """One feed document: its entries in their order, and where older ones are, if the feed says so."""

    entries: tuple[Observation, ...]
    older: str | None = None


def parse(
    body: bytes,
    url: str,
    content_type: str,
    at: datetime,
    *,
    kind: Kind = Kind.ARTICLE,
    zone: tzinfo = SHANGHAI,
    encoding: str | None = None,
) -> FeedPage:
    """Reads a feed document answered by `url` at `at`. `zone` is for times written without one.

    `encoding` is the owner's word for a feed whose labels and bytes mislead. Raises `NotAFeed` for anything else, such
    as the page of a closed forum, and `Rejected("unreadable")` where the encoding is wrong. Broken XML is read as far
    as it goes; of a document that was cut off the last entry is left out, since it may be half. Two entries of one id
    stand both in the page where they are two posts.
    """
    document, _ = decode(unpacked(body), content_type, encoding)
    if document.count("\ufffd") * 100 > _ALTERED * max(len(document), 100):
        raise Rejected("unreadable", "the bytes are in no encoding that was named: say encoding:")
    if document.lstrip().startswith("{"):
        entries, older = read_json_feed(document, url)
    else:
        entries, older = _read_xml(document, url)
    named = [entry for entry in _in_true_zone(entries, at, zone) if not entry.is_empty()]
    return FeedPage(_each_once([to_observation(entry, kind, at, zone) for entry in named]), older)


def _in_true_zone(entries: Sequence[Entry], at: datetime, zone: tzinfo) -> Sequence[Entry]:
    """Takes off the mark of UTC where it is false: the site writes its local time with a `Z`.

    That shows in entries of a time to come which in the site's zone is none: MyBB's Atom is eight hours ahead.
    """
    told = [words for entry in entries for words in (entry.published, entry.updated) if _UTC.search(words)]
    times = [moment for moment, _ in (read_time(words, at, zone) for words in told) if moment is not None]
    offset = at.astimezone(zone).utcoffset() or timedelta(0)
    if not times or not at + _AHEAD < max(times) <= at + _AHEAD + offset:
        return entries
    return [
        replace(entry, published=_UTC.sub("", entry.published), updated=_UTC.sub("", entry.updated))
        for entry in entries
    ]


def _each_once(shown: Sequence[Observation]) -> tuple[Observation, ...]:
    """Drops what repeats an entry; of one post the first counts, which feeds show newest."""
    kept: list[Observation] = []
    exactly: set[tuple[str, Likeness]] = set()
    by_id: dict[str, list[Likeness]] = {}
    for entry in shown:
        likeness = Likeness(entry.url, entry.title, entry.text, entry.published_at)
        before = by_id.setdefault(entry.native_id, [])
        if (entry.native_id, likeness) in exactly:
            continue
        exactly.add((entry.native_id, likeness))
        if not any(one_post(one, likeness, together=True) for one in before[:_COMPARED]):
            before.append(likeness)
            kept.append(entry)
    return tuple(kept)


def _read_xml(document: str, url: str) -> tuple[list[Entry], str | None]:
    whole = with_whole_characters(_CONTROLS.sub("", _PROLOG.sub("", document, count=1)))
    clean = captions_apart(mended_xml(_REFERENCE.sub(_valid, whole)))
    read = _understand(clean)
    if not read.get("version"):
        raise NotAFeed(" ".join(text_of(document[:2000]).split())[:200], advertised(document, url))
    found = read["entries"] if _END.search(clean) else read["entries"][:-1]
    links = read["feed"].get("links", [])
    older = next((link["href"] for link in links if link.get("rel") in _OLDER and link.get("href")), "")
    board = str(read["feed"].get("title", ""))
    typed = str(read["version"]).startswith("atom")
    return [_entry(entry, board, url, typed) for entry in found], absolute(url, older) or None


def _understand(clean: str) -> Any:
    """Reads with feedparser. It is lenient with XML, but some nonsense raises what Python raises."""
    try:
        # A stream, because feedparser takes bytes for a file name first; no address, because it resolves ids by it.
        return feedparser.parse(
            BytesIO(clean.encode("utf-8", "replace")),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,  # it becomes text anyway
            resolve_relative_uris=False,
        )
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError) as error:
        raise Rejected("broken_feed", f"{type(error).__name__}: {error}") from error


def _valid(reference: re.Match[str]) -> str:
    """Keeps a character reference if there is such a character.

    One `&#xD800;` of a commenter would cost the whole feed.
    """
    number = int(reference[1]) if reference[1] else int(reference[2], 16)
    return reference[0] if any(low <= number < high for low, high in _CHARACTERS) else "\ufffd"


def _entry(entry: Any, board: str, url: str, typed: bool) -> Entry:
    """Reads one entry; only in `typed` formats, which is Atom, does it say what is text and what is markup."""
    guid, link = entry.get("id", ""), entry.get("link", "")
    if link == guid and not link.lower().startswith("http"):  # a guid that claims to be a link, and is none
        link = ""
    tags = [tag["term"] for tag in entry.get("tags", ()) if tag.get("term")]
    comments, reply = str(entry.get("slash_comments", "")), entry.get("thr_in-reply-to")
    return Entry(
        guid=guid,
        link=absolute(url, link),
        title=_title(entry, typed),
        markup=_markup(entry, typed),
        author=text_of(str(entry.get("author", ""))) or None,
        board=tags[0] if tags else text_of(board),
        published=entry.get("published") or entry.get("created") or "",
        updated=dict.get(entry, "updated") or "",  # feedparser's own `get` answers with `published` and warns
        in_reply_to=reply.get("ref") if isinstance(reply, dict) else None,
        replies=int(comments) if comments.isascii() and comments.isdigit() and len(comments) < 10 else None,
    )


def _title(entry: Any, typed: bool) -> str:
    title = str(entry.get("title", ""))
    plain = typed and entry.get("title_detail", {}).get("type") == "text/plain"
    return title if plain else text_of(mended_title(title))


def _markup(entry: Any, typed: bool) -> str:
    """Finds the fullest text the feed has, as HTML; the words of a picture or film if that is all there is."""
    details = [*entry.get("content", ()), entry.get("summary_detail", {})]
    own = (_as_html(str(detail.get("value", "")), typed and detail.get("type") == "text/plain") for detail in details)
    caption = entry.get("media_caption")  # no text where a feed has such an element itself, with attributes
    return first_with_words(*own, caption if isinstance(caption, str) else "")


def _as_html(value: str, plain: bool) -> str:
    return escape(value) if plain else value
