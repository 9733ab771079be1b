"""The feeds that a web page names in its head, for whoever was given the page's address instead of the feed's."""

from urllib.parse import urljoin

from lxml.etree import ParserError  # type: ignore[import-untyped]
from lxml.html import document_fromstring  # type: ignore[import-untyped]

from crawlers.pages.xpath import Elements

_LINKS = Elements("//link[@href and contains(concat(' ', translate(@rel, 'ALTERN', 'altern'), ' '), ' alternate ')]")
_TYPES = frozenset(["application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"])
_HEAD = 200_000  # characters: where a page names its feeds


def advertised(document: str, url: str) -> tuple[str, ...]:
    """Finds the addresses of feeds that the page at `url` names, in its order; none where it is no page."""
    try:
        root = document_fromstring(document[:_HEAD].encode("utf-8", "replace"))
        links = [link for link in _LINKS.all(root) if str(link.get("type", "")).strip().lower() in _TYPES]
    except (ParserError, ValueError):
        return ()
    found = (_absolute(url, str(link.get("href")).strip()) for link in links)
    return tuple(dict.fromkeys(address for address in found if address))


def _absolute(url: str, told: str) -> str:
    try:
        return urljoin(url, told)
    except ValueError:  # such as http://[
        return ""
