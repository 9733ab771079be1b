"""What a probe found, in words and as an entry of crawlers.yml. Pure."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from lxml.etree import ParserError  # type: ignore[import-untyped]
from lxml.html import HtmlElement, HTMLParser, document_fromstring  # type: ignore[import-untyped]
from protego import Protego

from crawlers.probing.software import SOFTWARE, UNKNOWN_ASKS, ProbedPage, Recognised, recognise
from crawlers.source import is_loopback

_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
_AS_FEED, _AS_SITE = "feed", "site"
_REST = "https://api.w.org/"  # the relation by which WordPress's pages name its interface
_REST_HEADER = re.compile(rf'<([^<>]+)>\s*;\s*rel="{re.escape(_REST)}"')
_REWRITTEN = "wp-json"
PLACEHOLDER = "write who owns it, and why we may read it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What is known of a site. `pages` are the answers in their order, the one at `url` first.

    `robots` is the text of robots.txt, None where it did not answer; `trouble` is why there are no pages.
    """

    url: str
    agent: str
    pages: tuple[ProbedPage, ...] = ()
    robots: str | None = None
    trouble: str = ""
    delay: float | None = None
    refused: tuple[str, ...] = ()  # addresses that robots.txt or the site kept from us

    @property
    def software(self) -> Recognised | None:
        """What the site runs, by its own page rather than by what it answers elsewhere.

        A feed or a sitemap elsewhere is one of its addresses, and says nothing of what `url` is.
        """
        known = [(place, found) for place, page in enumerate(self.pages) if (found := recognise(page)) is not None]
        return next((found for place, found in known if place == 0 or found.name not in (_AS_FEED, _AS_SITE)), None)

    @property
    def feeds(self) -> tuple[str, ...]:
        """Feeds that are there, and those that its pages name."""
        there = [page.url for page in self.pages if _is(page, _AS_FEED)]
        named = [link for page in self.pages for link in named_feeds(page)]
        return tuple(dict.fromkeys(link for link in there + named if _same_host(link, self.url)))

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """Sitemaps that robots.txt names or that are there."""
        named = list(Protego.parse(self.robots or "").sitemaps)
        return tuple(dict.fromkeys([*named, *(page.url for page in self.pages if _is(page, _AS_SITE))]))

    @property
    def api(self) -> str | None:
        """The address at which the software's JSON answers to everybody."""
        known = self.software
        if known is None or not (path := SOFTWARE[known.name].api):
            return None
        answers = (page for page in self.pages if page.url.endswith((path, _by_query(path))))
        return next((page.url for page in answers if page.status == 200 and _is_json(page)), None)

    def allowed(self, url: str) -> bool:
        """Tells whether robots.txt lets us read an address; nothing may be read where it did not answer."""
        return self.robots is not None and Protego.parse(self.robots).can_fetch(url, self.agent)


def further_questions(url: str, first: ProbedPage, robots: str | None, already: Collection[str]) -> list[str]:
    """Lists what else is asked for once the first page is known, most telling first."""
    known = recognise(first)
    if known is not None and known.name in (_AS_FEED, _AS_SITE):
        return []
    paths = UNKNOWN_ASKS if known is None else SOFTWARE[known.name].asks
    named = [link for link in named_feeds(first) if _same_host(link, url)][:2]
    asked = [*(_address(first, path) for path in paths), *named]
    sitemaps = [one for one in Protego.parse(robots or "").sitemaps if _same_host(one, url)][:1]
    return [one for one in dict.fromkeys([*asked, *sitemaps]) if one not in already]


def named_feeds(page: ProbedPage) -> list[str]:
    """Reads the feeds that a page's head names."""
    feeds = [one for one in _links(page) if (one.get("type") or "").lower() in _FEED_TYPES]
    return [urljoin(page.url, one.get("href")) for one in feeds if "alternate" in (one.get("rel") or "").split()]


def named_interface(page: ProbedPage) -> str:
    """Finds where a page says that WordPress's interface lies, if in a query; empty where it is below /wp-json.

    It is in a query where addresses are not rewritten; /wp-json is then any page's address, and shows the home page.
    """
    told = _REST_HEADER.search(page.headers.get("link", ""))
    link = told[1] if told else next((one.get("href") for one in _links(page) if one.get("rel") == _REST), "")
    return urljoin(page.url, link) if "rest_route=" in link else ""


def top(url: str) -> str:
    """Returns the folder in which an address lies."""
    return urljoin(url, ".")


def described(found: Findings, kinds: Collection[str]) -> list[str]:
    """Writes what was found, a line each."""
    if found.trouble:
        return [f"{found.url}: {found.trouble}"]
    known = found.software
    name = "unknown" if known is None else f"{SOFTWARE[known.name].title} {known.version}".strip()
    lines = [f"software: {name}" + (f" (by {known.by})" if known else "")]
    lines.append(f"robots.txt: {_robots_words(found)}")
    lines += [f"not for us: {url}" for url in found.refused]
    if found.api is not None:
        lines.append(f"API: {found.api}")
    lines += [f"feed: {feed}" for feed in found.feeds]
    lines += [f"sitemap: {sitemap}" for sitemap in found.sitemaps]
    if known is not None and known.name not in kinds:
        lines.append(f"{name} has no reader of its own here" + ("" if not found.feeds else "; its feed can be read"))
    return lines


def fields_of(found: Findings, kinds: Collection[str], *, private: bool) -> dict[str, str] | None:
    """Chooses the entry's `software`, `url` and what depends on the site; None where nothing here can read it."""
    chosen = _chosen(found, kinds)
    if chosen is None:
        return None
    software, url = chosen
    fields = {"software": software, "url": url, "cron": '"*/30 * * * *"'}
    if found.delay is not None and found.delay > 1:
        fields["delay"] = f"{found.delay:g}s"
    if is_loopback(url):
        fields["delay"] = "0s"
    if private:
        fields["private"] = "true"
    return fields


def entry_text(name: str, fields: dict[str, str], basis: str) -> str:
    """Writes an entry as it stands below `sources:`, without indentation."""
    lines = [f"{name}:", f"  site: {name}"]
    lines += [f"  {key}: {value}" for key, value in fields.items()]
    quoted = basis.replace("\\", "\\\\").replace('"', '\\"')
    return "\n".join([*lines, f'  basis: "{quoted}"']) + "\n"


def suggested_name(url: str) -> str:
    """Makes a source's key of a host: bbs.corp.cn is bbs-corp-cn."""
    return re.sub(r"[^\w-]+", "-", urlsplit(url).hostname or "").strip("-")[:60] or "source"


def _chosen(found: Findings, kinds: Collection[str]) -> tuple[str, str] | None:
    known = found.software
    if found.trouble or not found.pages:
        return None
    if known is not None and known.name in kinds:
        traits = SOFTWARE[known.name]
        if known.name == "wordpress" and _same_host(root := named_interface(found.pages[0]), found.url):
            return known.name, root
        return known.name, urljoin(top(found.pages[0].url), traits.home) if traits.home else found.url
    if _AS_FEED in kinds and (feeds := [one for one in found.feeds if found.allowed(one)]):
        return _AS_FEED, feeds[0]
    if _AS_SITE in kinds and found.sitemaps:
        return _AS_SITE, found.url
    return None


def _links(page: ProbedPage) -> list[HtmlElement]:
    try:
        tree = document_fromstring(page.text.encode(), parser=HTMLParser(encoding="utf-8"))
    except (ParserError, ValueError):
        return []
    return list(tree.xpath("//link[@href]"))


def _address(page: ProbedPage, path: str) -> str:
    """Builds the address of what is asked for below the site's top, or in a query where the site has it there."""
    root = named_interface(page)
    if root and path.startswith(_REWRITTEN) and _same_host(root, page.url):
        return root.rstrip("/") + _by_query(path)
    return urljoin(top(page.url), path)


def _by_query(path: str) -> str:
    return path.removeprefix(_REWRITTEN).replace("?", "&")


def _robots_words(found: Findings) -> str:
    if found.robots is None:
        return "did not answer, so nothing may be read"
    words = "there is none, all may be read" if not found.robots.strip() else "lets us read this address"
    if not found.allowed(found.url):
        words = "forbids this address"
    delay = Protego.parse(found.robots).crawl_delay(found.agent)
    return words if delay is None else f"{words}; Crawl-delay {delay:g} s"


def _is(page: ProbedPage, name: str) -> bool:
    known = recognise(page) if page.status == 200 else None
    return known is not None and known.name == name


def _is_json(page: ProbedPage) -> bool:
    return "json" in page.headers.get("content-type", "") or page.text.lstrip()[:1] in ("{", "[")


def _same_host(one: str, other: str) -> bool:
    return urlsplit(one).netloc == urlsplit(other).netloc


def refused_words(status: int) -> str:
    """Says what an answer that is no page means."""
    if status in (401, 403, 405, 418, 432, 451):
        return f"the site does not let programs in (HTTP {status}): ask its owner"
    return f"answers HTTP {status}: is the address right?"
