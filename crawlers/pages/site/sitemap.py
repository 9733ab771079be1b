"""Sitemaps (sitemaps.org): urlset, index, news, plain text, packed or not. A sitemap names pages; it deletes none."""

import re
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from lxml import etree  # type: ignore[import-untyped]

from crawlers.pages.decoding import decode
from stream.errors import Rejected

PARSER, VERSION = "site", 1  # for `Post.crawl`
MOST_BYTES = 50 * 1024 * 1024  # unpacked: what the protocol allows a sitemap
MOST_ENTRIES = 50_000  # the same
_GZIP = b"\x1f\x8b"
_PROLOG = re.compile(r"^\s*<\?xml[^>]*\?>")
_NAMED = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
_BARE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)")  # as addresses have it, unescaped
_END = re.compile(r"</(?:\w+:)?(?:urlset|sitemapindex)\s*>\s*$")
_TRACKING = re.compile(r"utm_\w+|spm|fbclid|gclid")
_FEW = 10  # entries: of fewer, all may well have changed at once
_SAME = 0.9  # share of entries with one and the same lastmod: it is when the sitemap was made, not when a page changed


@dataclass(frozen=True, slots=True, kw_only=True)
class SitemapEntry:
    """One page, or one further sitemap. `changed` is its lastmod as written, `title` and `published` of a news map."""

    url: str
    changed: str = ""
    title: str = ""
    published: str = ""


@dataclass(frozen=True, slots=True)
class Sitemap:
    """What one document names: pages, and further sitemaps where it is an index; `cut_off` where its end is missing."""

    entries: tuple[SitemapEntry, ...] = ()
    children: tuple[SitemapEntry, ...] = ()
    cut_off: bool = False


def named_sitemaps(robots: str, url: str) -> tuple[str, ...]:
    """Finds the addresses in the `Sitemap:` lines of a robots.txt answered by `url`."""
    return tuple(dict.fromkeys(found for told in _NAMED.findall(robots) if (found := _absolute(url, told))))


def page_id(url: str) -> str:
    """Identifies a page whatever scheme, fragment or marks of advertisers its address has."""
    parts = urlsplit(url)
    asked = [(name, value) for name, value in parse_qsl(parts.query, True) if not _TRACKING.fullmatch(name)]
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    return f"page:{parts.hostname or ''}{port}{parts.path or '/'}{f'?{urlencode(asked)}' if asked else ''}"


def read_sitemap(body: bytes, url: str, content_type: str) -> Sitemap:
    """Reads a sitemap answered by `url`.

    Broken XML is read as far as it goes; of a document that was cut off the last entry is left out. Where nearly all
    entries have one `lastmod`, it says nothing of them and is taken as not written. Raises `Rejected`: "not_a_sitemap",
    "sitemap_is_a_feed" (there is a kind of source for those), "too_large".
    """
    text, _ = decode(unpacked(body), content_type)
    if not text.lstrip().startswith("<"):
        return Sitemap(_listed(text, url))
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=False)
    whole = _BARE.sub("&amp;", _PROLOG.sub("", text).strip())
    root = etree.fromstring(whole.encode("utf-8", "replace"), parser)
    kind = _name(root) if root is not None else ""
    if kind in ("rss", "feed", "rdf"):
        raise Rejected("sitemap_is_a_feed", "write software: feed for it")
    if kind not in ("urlset", "sitemapindex"):
        raise Rejected("not_a_sitemap", " ".join(text[:200].split()))
    found = [_entry(one, url) for one in root if _name(one) in ("url", "sitemap")]
    cut_off = not _END.search(whole)
    kept = [one for one in (found[:-1] if cut_off else found) if one.url][:MOST_ENTRIES]
    return Sitemap((), tuple(kept), cut_off) if kind == "sitemapindex" else Sitemap(_believed(kept), (), cut_off)


def unpacked(body: bytes) -> bytes:
    """Unpacks a body that begins as gzip does, twice where a server packed a packed file; raises `Rejected`."""
    for _ in range(2):
        if not body.startswith(_GZIP):
            break
        worker = zlib.decompressobj(31)
        try:
            body = worker.decompress(body, MOST_BYTES)
        except zlib.error as error:
            raise Rejected("broken_gzip", str(error)) from error
        if worker.unconsumed_tail:
            raise Rejected("too_large", f"more than {MOST_BYTES} bytes unpacked")
    return body


def _listed(text: str, url: str) -> tuple[SitemapEntry, ...]:
    lines = [line.strip() for line in text.splitlines()]
    pages = [SitemapEntry(url=_absolute(url, line)) for line in lines if line.startswith(("http://", "https://"))]
    if not pages or len(pages) * 2 < sum(map(bool, lines)):
        raise Rejected("not_a_sitemap", " ".join(text[:200].split()))
    return tuple([one for one in pages if one.url][:MOST_ENTRIES])


def _entry(element: etree._Element, url: str) -> SitemapEntry:
    page = _told(element)  # an image or a video has a `loc` and a `title` of its own, one level deeper
    news = next((_told(one) for one in element if _name(one) == "news"), {})
    return SitemapEntry(
        url=_absolute(url, page.get("loc", "")),
        changed=page.get("lastmod", ""),
        title=news.get("title", ""),
        published=news.get("publication_date", ""),
    )


def _told(element: etree._Element) -> dict[str, str]:
    """Reads the texts that stand directly below an element, by their names."""
    return {_name(one): " ".join("".join(one.itertext()).split()) for one in element if len(one) == 0}


def _believed(entries: Sequence[SitemapEntry]) -> tuple[SitemapEntry, ...]:
    if len(entries) < _FEW:
        return tuple(entries)
    stamp, times = Counter(one.changed for one in entries).most_common(1)[0]
    if not stamp or times < _SAME * len(entries):
        return tuple(entries)
    return tuple(replace(one, changed="") for one in entries)


def _absolute(url: str, told: str) -> str:
    try:
        whole = urljoin(url, told) if told else ""
        _ = urlsplit(whole).port  # raises for one that is none
    except ValueError:  # such as http://[
        return ""
    return whole


def _name(element: etree._Element) -> str:
    """Reads the tag's name without its namespace: many maps declare a wrong one, or none."""
    return element.tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(element.tag, str) else ""
