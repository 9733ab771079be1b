"""OPML: the list of feeds that a reader of feeds hands out, as sources of crawlers.yml."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lxml.etree import XMLParser, XMLSyntaxError, _Element, fromstring  # type: ignore[import-untyped]

from crawlers.pages.decoding import decode
from crawlers.pages.feeds.mending import mended_xml
from stream.errors import Rejected

OWNER = "FILL IN who owns it, and why we may read it, then enable it"
_PROLOG = re.compile(r"\s*<\?xml[^>]*\?>")
_MOST = 8 * 1024 * 1024  # bytes
_NAME, _KEY = 40, 60  # characters


@dataclass(frozen=True, slots=True)
class OutlineFeed:
    """One feed of a list."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class FeedList:
    """The feeds of a list, each once; `passed_by` are addresses that lead to no web page."""

    feeds: tuple[OutlineFeed, ...]
    passed_by: tuple[str, ...] = ()


def read_opml(body: bytes) -> FeedList:
    """Reads the feeds of an OPML file, whatever folders they lie in.

    Entities are neither expanded nor fetched. Raises `Rejected("not_opml")`, in words, for anything else.
    """
    if len(body) > _MOST:
        raise Rejected("not_opml", f"it has {len(body)} bytes, a list of feeds has no more than {_MOST}")
    root = _parsed(_PROLOG.sub("", decode(body, "")[0], count=1).strip())
    if _plain(root.tag) != "opml":
        raise Rejected("not_opml", f"it is XML that begins with <{_plain(root.tag)}>, not with <opml>")
    feeds: dict[str, OutlineFeed] = {}
    passed_by = []
    for outline in root.iter():
        told = {_plain(name): str(value).strip() for name, value in outline.attrib.items()}
        if not (url := told.get("xmlurl", "")):
            continue
        if _leads_to_a_page(url := re.sub(r"^feed:(//)?(?=https?:)", "", url).replace("feed://", "http://", 1)):
            feeds.setdefault(url, OutlineFeed(told.get("title") or told.get("text") or "", url))
        else:
            passed_by.append(url)
    if not feeds:
        raise Rejected("not_opml", "it names no feed: no <outline> has an xmlUrl that is a web address")
    return FeedList(tuple(feeds.values()), tuple(passed_by))


def _parsed(document: str) -> _Element:
    failed: XMLSyntaxError | None = None
    for text in (document, mended_xml(document)):
        parser = XMLParser(
            resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True, remove_pis=True
        )
        try:
            root = fromstring(text.encode("utf-8", "replace"), parser)
        except (XMLSyntaxError, ValueError) as error:
            failed = failed or error
            continue
        if root.getroottree().docinfo.doctype:
            raise Rejected("not_opml", "it has a DOCTYPE, which a list of feeds needs for nothing: remove it")
        return root
    raise Rejected("not_opml", f"it is no XML: {failed}")


def _plain(name: object) -> str:
    return str(name).rpartition("}")[2].lower()


def _leads_to_a_page(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
    except ValueError:
        return False


def source_entries(feeds: FeedList) -> Mapping[str, Mapping[str, Any]]:
    """Writes the sources of crawlers.yml that the feeds amount to, by key: one a host, since a site is one source.

    They are switched off until a person writes down who owns them.
    """
    return dict(_entries(feeds))


def _entries(feeds: FeedList) -> Iterator[tuple[str, Mapping[str, Any]]]:
    by_host: dict[str, list[OutlineFeed]] = {}
    for feed in feeds.feeds:
        by_host.setdefault(urlsplit(feed.url).netloc.lower(), []).append(feed)
    used: set[str] = set()
    for host, (first, *others) in by_host.items():
        key = re.sub(r"[^\w-]+", "-", host).strip("-")[:_KEY] or "feed"
        key = next(name for name in (key, *(f"{key[:50]}-{number}" for number in range(2, 9999))) if name not in used)
        used.add(key)
        name = " ".join("".join(sign for sign in first.title if sign.isprintable()).split())[:_NAME].strip()
        yield (
            key,
            {
                "site": key,
                **({"name": name} if name else {}),
                "software": "feed",
                "url": first.url,
                **({"feeds": [other.url for other in others]} if others else {}),
                "basis": OWNER,
                "cron": "*/30 * * * *",
                "enabled": False,
            },
        )
